//! As many pixels as frames come in time with, and what drawing them costs.

use render::{Renderer, ResolutionScale};
use serde::Serialize;

use super::clock::page_millis;

/// A renderer's resolution, by what its frames take.
#[derive(Default)]
pub(super) struct Pace {
    scale: ResolutionScale,
}

impl Pace {
    /// A frame came so many milliseconds after the last one that was drawn, and nothing but drawing lies between.
    pub(super) fn frame_came_after(&mut self, renderer: &mut Renderer, millis: f64) {
        let told: f64 = renderer
            .pass_times()
            .filter_map(|time| time.gpu_millis)
            .sum();
        #[allow(clippy::cast_possible_truncation, reason = "milliseconds of a frame")]
        let scale = if told > 0.0 {
            self.scale.frame_took(told as f32)
        } else {
            self.scale.frame_came_after(millis as f32)
        };
        renderer.set_resolution_scale(scale);
    }

    /// All pixels from now on, until frames come late again.
    pub(super) fn draw_all_pixels(&mut self, renderer: &mut Renderer) {
        *self = Pace::default();
        renderer.set_resolution_scale(1.0);
    }
}

/// Starts or ends the measuring of passes; it costs nothing while it is off.
pub(super) fn time_passes(renderer: &mut Renderer, on: bool) {
    renderer.time_passes(on.then_some(page_millis), on);
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Times {
    resolution_scale: f64,
    passes: Vec<Pass>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Pass {
    name: &'static str,
    frames: u32,
    cpu_millis: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    gpu_millis: Option<f64>,
}

/// JSON: `{resolutionScale, passes: [{name, frames, cpuMillis, gpuMillis?}]}`, means over the frames since the last
/// call.
pub(super) fn pass_times(renderer: &mut Renderer) -> String {
    let times = Times {
        resolution_scale: f64::from(renderer.resolution_scale()),
        passes: renderer
            .take_mean_pass_times()
            .map(|(frames, time)| Pass {
                name: time.name,
                frames,
                cpu_millis: time.cpu_millis,
                gpu_millis: time.gpu_millis,
            })
            .collect(),
    };
    serde_json::to_string(&times).unwrap_or_default()
}

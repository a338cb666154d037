//! What a session says of itself on demand, as JSON: figures for people, places for tests.

use serde::Serialize;

use crate::{
    frame::{Frame, Hit},
    frame_times::FrameTimes,
    room::Client,
};
use crate::{placement::pins_in_device, web::session::anchors::Anchors};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Stats {
    frames: u64,
    fps: f64,
    frame_millis_median: f64,
    frame_millis_p95: f64,
    views: usize,
    anchors: usize,
    pins_in_world: usize,
    /// Of the cube map that was measured last.
    reflections: Option<MeasuredReflections>,
}

/// What was measured of the light that shiny things mirror.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MeasuredReflections {
    pub(super) face_px: usize,
    /// Over all texels, linear red, green and blue.
    pub(super) mean: [f32; 3],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Probe<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    viewer: Option<[f64; 3]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hit: Option<ProbedHit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    room_from_device: Option<ProbedAlignment>,
    pins: Vec<ProbedPin<'a>>,
}

#[derive(Serialize)]
struct ProbedHit {
    position: [f64; 3],
    normal: [f64; 3],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProbedAlignment {
    yaw_rad: f64,
    translation: [f64; 3],
    residual_m: f64,
}

#[derive(Serialize)]
struct ProbedPin<'a> {
    id: &'a str,
    position: [f64; 3],
    label: &'a str,
}

pub(super) fn stats(
    frame: &Frame,
    times: &FrameTimes,
    anchors: &Anchors,
    pins: usize,
    reflections: Option<MeasuredReflections>,
) -> String {
    let stats = Stats {
        frames: times.frames(),
        fps: times.per_second(),
        frame_millis_median: times.work_millis(0.5),
        frame_millis_p95: times.work_millis(0.95),
        views: frame.views.len(),
        anchors: anchors.len(),
        pins_in_world: pins,
        reflections,
    };
    serde_json::to_string(&stats).unwrap_or_default()
}

pub(super) fn probe(client: &Client, frame: &Frame, anchors: &Anchors) -> String {
    let view = client.device_view();
    let pins = pins_in_device(client.scene(), &view).map(|pin| ProbedPin {
        id: pin.id.as_str(),
        position: anchors
            .device_from_pin(pin.id)
            .unwrap_or(pin.frame_from_pin)
            .translation_m
            .to_array(),
        label: pin.label,
    });
    let probe = Probe {
        viewer: frame
            .device_from_viewer
            .map(|viewer| viewer.translation_m.to_array()),
        hit: frame.hit.as_ref().map(|hit: &Hit| ProbedHit {
            position: hit.point().to_array(),
            normal: hit.normal().to_array(),
        }),
        room_from_device: client.alignment().map(|alignment| ProbedAlignment {
            yaw_rad: alignment.yaw_rad,
            translation: alignment.translation_m.to_array(),
            residual_m: alignment.residual_m,
        }),
        pins: pins.collect(),
    };
    serde_json::to_string(&probe).unwrap_or_default()
}

//! What a session senses of the place: its light, planes and depth, each where the platform gives it.
//!
//! In: the session's frames. Out: the light to draw with and the real surfaces that hide marks. None of it is needed:
//! what is not granted is not there, and what throws an exception is said on the console once and left alone from then
//! on.

use js_sys::{Array, Error as JsError};
use render::{Light, LightSmoother, MeasuredDepth, SphericalHarmonics, Surface};
use wasm_bindgen::{JsCast, JsValue};

use super::{
    depth::Depth,
    light_probe::LightProbe,
    planes::Planes,
    xr::{XrFrame, XrReferenceSpace, XrSession, XrView},
};
use crate::{
    sensed::{CubeMap, EstimatedLight},
    web::js_error::reason,
};

/// See the module.
pub(super) struct Senses {
    light: Sense<LightProbe>,
    planes: Sense<Planes>,
    depth: Sense<Depth>,
    estimate: Option<EstimatedLight>,
    smoother: LightSmoother,
    shown: Light,
    last_millis: f64,
}

impl Senses {
    /// Begins with what the session has at once; its light probe comes later, see [`Senses::set_light_probe`].
    pub(super) fn open(session: &XrSession) -> Senses {
        Senses {
            light: Sense::new("light-estimation", Ok(None)),
            planes: Sense::new(
                "plane-detection",
                Ok(granted(session, "plane-detection").then(Planes::default)),
            ),
            depth: Sense::new(
                "depth-sensing",
                if granted(session, "depth-sensing") {
                    Depth::open(session)
                } else {
                    Ok(None)
                },
            ),
            estimate: None,
            smoother: LightSmoother::default(),
            shown: Light::default(),
            last_millis: 0.0,
        }
    }

    /// Takes what the session answered when it was asked for its probe.
    pub(super) fn set_light_probe(&mut self, probe: Result<Option<LightProbe>, JsValue>) {
        self.light = Sense::new("light-estimation", probe);
    }

    /// Reads a frame. `views`: those that are drawn, in their order.
    pub(super) fn read(
        &mut self,
        time_millis: f64,
        frame: &XrFrame,
        space: &XrReferenceSpace,
        views: &[XrView],
    ) {
        let estimate = &mut self.estimate;
        self.light.use_it(|probe| {
            let Some(light) = probe.read(frame, space)? else {
                return Ok(());
            };
            if estimate.replace(light).is_none() {
                // What was shown before the first one is where the smoother starts.
                self.smoother.follow(&Light::default(), 0.0);
            }
            Ok(())
        });
        #[allow(clippy::cast_possible_truncation, reason = "parts of a second")]
        let passed_secs = ((time_millis - self.last_millis) / 1000.0) as f32;
        self.last_millis = time_millis;
        if let Some(estimate) = &self.estimate {
            self.shown = self.smoother.follow(&light(estimate), passed_secs);
        }
        self.planes.use_it(|planes| planes.read(frame, space));
        self.depth.use_it(|depth| depth.read(frame, views));
    }

    /// The light to draw with: what is estimated, smoothed; the usual one until there is an estimate.
    pub(super) fn light(&self) -> &Light {
        &self.shown
    }

    /// What shiny things mirror from now on, once for each that the platform measured.
    pub(super) fn take_reflections(&mut self) -> Option<CubeMap> {
        self.light.source.as_mut()?.take_reflections()
    }

    /// Planes, in the device's frame.
    pub(super) fn surfaces(&self) -> Vec<Surface<'_>> {
        let planes = self.planes.source.iter();
        planes.flat_map(Planes::surfaces).collect()
    }

    /// Depth, one measurement a view or none at all.
    pub(super) fn measured_depth(&self) -> Vec<MeasuredDepth<'_>> {
        let depth = self.depth.source.iter();
        depth.flat_map(Depth::measured).collect()
    }
}

/// The renderer's light. Until reflections are measured the renderer's neutral room is mirrored, which it makes as bright as
/// the light from around.
fn light(estimate: &EstimatedLight) -> Light {
    Light {
        direction_to_light_in_world: estimate.direction_to_light_in_device,
        intensity: estimate.intensity,
        around: SphericalHarmonics(estimate.around),
        ..Light::default()
    }
}

/// One of them, until it fails.
struct Sense<T> {
    /// The feature's name in WebXR.
    feature: &'static str,
    source: Option<T>,
}

impl<T> Sense<T> {
    fn new(feature: &'static str, opened: Result<Option<T>, JsValue>) -> Sense<T> {
        let source = opened.unwrap_or_else(|thrown| {
            say(feature, &thrown);
            None
        });
        Sense { feature, source }
    }

    /// Runs `read` over what there is; after an exception there is nothing any more.
    fn use_it(&mut self, read: impl FnOnce(&mut T) -> Result<(), JsValue>) {
        if let Some(source) = &mut self.source
            && let Err(thrown) = read(source)
        {
            self.source = None;
            say(self.feature, &thrown);
        }
    }
}

/// Says why a feature is left alone, unless it is only that the session does not have it.
fn say(feature: &str, thrown: &JsValue) {
    let error = thrown.dyn_ref::<JsError>();
    if error.is_some_and(|error| error.name() == "NotSupportedError") {
        return;
    }
    let text = format!("{feature} is not used any more: {}", reason(thrown));
    web_sys::console::warn_1(&text.into());
}

/// Whether the session has an optional feature; a browser that does not tell is asked for the thing itself.
fn granted(session: &XrSession, feature: &str) -> bool {
    session
        .enabled_features()
        .is_none_or(|features: Array| features.includes(&feature.into(), 0))
}

//! The session's light estimate, frame by frame, and what it says of reflections.

use js_sys::Float32Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::WebGl2RenderingContext;

use super::{
    reflection_cube::ReflectionCube,
    xr::{DomPoint, XrFrame, XrReferenceSpace, XrSession, has, object, rigid},
    xr_sensed::XrLightProbe,
};
use crate::sensed::{CubeMap, EstimatedLight};

/// The probe of a session, and room for what it says.
pub(super) struct LightProbe {
    probe: XrLightProbe,
    coefficients: Vec<f32>,
    cube: Option<ReflectionCube>,
    /// Another one than the renderer has.
    new_reflections: Option<CubeMap>,
}

impl LightProbe {
    /// Asks the session for a probe; `None` where it has none to give.
    pub(super) async fn open(
        session: &XrSession,
        context: &WebGl2RenderingContext,
    ) -> Result<Option<LightProbe>, JsValue> {
        if !has(session, "requestLightProbe") {
            return Ok(None);
        }
        let format = session
            .preferred_reflection_format()
            .unwrap_or_else(|| "srgba8".into());
        let options = object([("reflectionFormat", format.as_str().into())]);
        let probe = JsFuture::from(session.request_light_probe(&options)?).await?;
        let probe: XrLightProbe = probe.unchecked_into();
        Ok(Some(LightProbe {
            cube: has(&probe, "addEventListener")
                .then(|| ReflectionCube::open(session, context, &probe, &format))
                .flatten(),
            probe,
            coefficients: Vec::new(),
            new_reflections: None,
        }))
    }

    /// The light in this frame; `None` while the platform does not know.
    pub(super) fn read(
        &mut self,
        frame: &XrFrame,
        space: &XrReferenceSpace,
    ) -> Result<Option<EstimatedLight>, JsValue> {
        let Some(estimate) = frame.light_estimate(&self.probe)? else {
            return Ok(None);
        };
        let Some(pose) = frame.pose(&self.probe.probe_space(), space)? else {
            return Ok(None);
        };
        let device_from_probe = rigid(&pose.transform());
        if let Some(cube) = &self.cube {
            // Reflections that cannot be read leave the rest of the estimate as it is.
            match cube.read(&self.probe, device_from_probe.rotation.as_quat()) {
                Ok(None) => {}
                Ok(read) => self.new_reflections = read,
                Err(_) => self.cube = None,
            }
        }
        let coefficients: Float32Array = estimate.coefficients();
        self.coefficients
            .resize(coefficients.length() as usize, 0.0);
        coefficients.copy_to(&mut self.coefficients);
        let numbers = |point: DomPoint| [point.x(), point.y(), point.z()];
        Ok(EstimatedLight::from_xr(
            &self.coefficients,
            numbers(estimate.direction()),
            numbers(estimate.intensity()),
            &device_from_probe,
        ))
    }

    /// What shiny things mirror from now on, once.
    pub(super) fn take_reflections(&mut self) -> Option<CubeMap> {
        self.new_reflections.take()
    }
}

//! The session's light estimate, frame by frame.

use js_sys::Float32Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::{
    xr::{DomPoint, XrFrame, XrReferenceSpace, XrSession, has, object, rigid},
    xr_sensed::XrLightProbe,
};
use crate::sensed::EstimatedLight;

/// The probe of a session, and room for what it says.
pub(super) struct LightProbe {
    probe: XrLightProbe,
    coefficients: Vec<f32>,
}

impl LightProbe {
    /// Asks the session for a probe; `None` where it has none to give.
    pub(super) async fn open(session: &XrSession) -> Result<Option<LightProbe>, JsValue> {
        if !has(session, "requestLightProbe") {
            return Ok(None);
        }
        let format = session
            .preferred_reflection_format()
            .unwrap_or_else(|| "srgba8".into());
        let options = object([("reflectionFormat", format.into())]);
        let probe = JsFuture::from(session.request_light_probe(&options)?).await?;
        Ok(Some(LightProbe {
            probe: probe.unchecked_into(),
            coefficients: Vec::new(),
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
        let coefficients: Float32Array = estimate.coefficients();
        self.coefficients
            .resize(coefficients.length() as usize, 0.0);
        coefficients.copy_to(&mut self.coefficients);
        let numbers = |point: DomPoint| [point.x(), point.y(), point.z()];
        Ok(EstimatedLight::from_xr(
            &self.coefficients,
            numbers(estimate.direction()),
            numbers(estimate.intensity()),
            &rigid(&pose.transform()),
        ))
    }
}

//! The modules of WebXR by which a device tells what it senses, as far as they are used here.
//! Sources: WebXR Lighting Estimation API, WebXR Plane Detection Module, WebXR Depth Sensing Module.

use js_sys::{Array, ArrayBuffer, Float32Array, Function, Object, Promise, Set};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::xr::{DomPoint, XrFrame, XrRigidTransform, XrSession, XrSpace, XrView};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(method, getter, js_name = enabledFeatures)]
    pub(super) fn enabled_features(this: &XrSession) -> Option<Array>;
    #[wasm_bindgen(method, getter, js_name = preferredReflectionFormat)]
    pub(super) fn preferred_reflection_format(this: &XrSession) -> Option<String>;
    #[wasm_bindgen(method, catch, js_name = requestLightProbe)]
    pub(super) fn request_light_probe(
        this: &XrSession,
        options: &Object,
    ) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, getter, catch, js_name = depthUsage)]
    pub(super) fn depth_usage(this: &XrSession) -> Result<Option<String>, JsValue>;
    #[wasm_bindgen(method, getter, catch, js_name = depthDataFormat)]
    pub(super) fn depth_data_format(this: &XrSession) -> Result<Option<String>, JsValue>;

    #[wasm_bindgen(method, catch, js_name = getLightEstimate)]
    pub(super) fn light_estimate(
        this: &XrFrame,
        probe: &XrLightProbe,
    ) -> Result<Option<XrLightEstimate>, JsValue>;
    #[wasm_bindgen(method, getter, catch, js_name = detectedPlanes)]
    pub(super) fn detected_planes(this: &XrFrame) -> Result<Option<Set>, JsValue>;
    #[wasm_bindgen(method, catch, js_name = getDepthInformation)]
    pub(super) fn depth_information(
        this: &XrFrame,
        view: &XrView,
    ) -> Result<Option<XrDepthInformation>, JsValue>;

    /// `XRLightProbe`
    pub(super) type XrLightProbe;
    #[wasm_bindgen(method, getter, js_name = probeSpace)]
    pub(super) fn probe_space(this: &XrLightProbe) -> XrSpace;
    #[wasm_bindgen(method, js_name = addEventListener)]
    pub(super) fn listen(this: &XrLightProbe, event: &str, callback: &Function);

    /// `XRLightEstimate`
    pub(super) type XrLightEstimate;
    #[wasm_bindgen(method, getter, js_name = sphericalHarmonicsCoefficients)]
    pub(super) fn coefficients(this: &XrLightEstimate) -> Float32Array;
    #[wasm_bindgen(method, getter, js_name = primaryLightDirection)]
    pub(super) fn direction(this: &XrLightEstimate) -> DomPoint;
    #[wasm_bindgen(method, getter, js_name = primaryLightIntensity)]
    pub(super) fn intensity(this: &XrLightEstimate) -> DomPoint;

    /// `XRPlane`
    #[derive(PartialEq)]
    pub(super) type XrPlane;
    #[wasm_bindgen(method, getter, js_name = planeSpace)]
    pub(super) fn plane_space(this: &XrPlane) -> XrSpace;
    #[wasm_bindgen(method, getter)]
    pub(super) fn polygon(this: &XrPlane) -> Array;
    #[wasm_bindgen(method, getter, js_name = lastChangedTime)]
    pub(super) fn last_changed_millis(this: &XrPlane) -> f64;

    /// `XRCPUDepthInformation`
    pub(super) type XrDepthInformation;
    #[wasm_bindgen(method, getter)]
    pub(super) fn width(this: &XrDepthInformation) -> u32;
    #[wasm_bindgen(method, getter)]
    pub(super) fn height(this: &XrDepthInformation) -> u32;
    #[wasm_bindgen(method, getter, catch)]
    pub(super) fn data(this: &XrDepthInformation) -> Result<ArrayBuffer, JsValue>;
    #[wasm_bindgen(method, getter, js_name = rawValueToMeters)]
    pub(super) fn raw_value_to_metres(this: &XrDepthInformation) -> f32;
    #[wasm_bindgen(method, getter, js_name = normDepthBufferFromNormView)]
    pub(super) fn measurement_from_view(this: &XrDepthInformation) -> XrRigidTransform;
}

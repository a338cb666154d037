//! The WebXR Device API with its hit test and anchor modules, as far as it is used here.
//! Sources: W3C WebXR Device API, WebXR Hit Test Module, WebXR Anchors Module.

use js_sys::{Array, Float32Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use web_sys::{WebGl2RenderingContext, WebGlFramebuffer};

use crate::{axes::rigid_from_xr, pose::Rigid};

#[wasm_bindgen]
extern "C" {
    /// `XRSession`
    #[wasm_bindgen(typescript_type = "XRSession")]
    pub type XrSession;
    #[wasm_bindgen(method, catch, js_name = requestReferenceSpace)]
    pub(super) fn request_reference_space(this: &XrSession, kind: &str)
    -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = updateRenderState)]
    pub(super) fn update_render_state(this: &XrSession, state: &Object) -> Result<(), JsValue>;
    #[wasm_bindgen(method, js_name = requestAnimationFrame)]
    pub(super) fn request_animation_frame(this: &XrSession, callback: &Function) -> u32;
    #[wasm_bindgen(method, catch)]
    pub(super) fn end(this: &XrSession) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, getter, js_name = visibilityState)]
    pub(super) fn visibility_state(this: &XrSession) -> String;
    #[wasm_bindgen(method, getter, js_name = environmentBlendMode)]
    pub(super) fn environment_blend_mode(this: &XrSession) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = inputSources)]
    pub(super) fn input_sources(this: &XrSession) -> JsValue;
    #[wasm_bindgen(method, catch, js_name = requestHitTestSource)]
    pub(super) fn request_hit_test_source(
        this: &XrSession,
        options: &Object,
    ) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = requestHitTestSourceForTransientInput)]
    pub(super) fn request_transient_hit_test_source(
        this: &XrSession,
        options: &Object,
    ) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, js_name = addEventListener)]
    pub(super) fn listen(this: &XrSession, event: &str, callback: &Function);

    /// `XRSpace`
    pub(super) type XrSpace;

    /// `XRReferenceSpace`
    #[wasm_bindgen(extends = XrSpace)]
    pub(super) type XrReferenceSpace;
    #[wasm_bindgen(method, js_name = addEventListener)]
    pub(super) fn listen(this: &XrReferenceSpace, event: &str, callback: &Function);

    /// `XRWebGLLayer`
    #[wasm_bindgen(extends = Object, js_name = XRWebGLLayer)]
    pub(super) type XrWebGlLayer;
    #[wasm_bindgen(constructor, catch, js_class = "XRWebGLLayer")]
    pub(super) fn new(
        session: &XrSession,
        context: &WebGl2RenderingContext,
        options: &Object,
    ) -> Result<XrWebGlLayer, JsValue>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn framebuffer(this: &XrWebGlLayer) -> Option<WebGlFramebuffer>;
    #[wasm_bindgen(method, getter, js_name = framebufferWidth)]
    pub(super) fn framebuffer_width(this: &XrWebGlLayer) -> u32;
    #[wasm_bindgen(method, getter, js_name = framebufferHeight)]
    pub(super) fn framebuffer_height(this: &XrWebGlLayer) -> u32;
    #[wasm_bindgen(method, js_name = getViewport)]
    pub(super) fn viewport(this: &XrWebGlLayer, view: &XrView) -> Option<XrViewport>;

    /// `XRViewport`
    pub(super) type XrViewport;
    #[wasm_bindgen(method, getter)]
    pub(super) fn x(this: &XrViewport) -> i32;
    #[wasm_bindgen(method, getter)]
    pub(super) fn y(this: &XrViewport) -> i32;
    #[wasm_bindgen(method, getter)]
    pub(super) fn width(this: &XrViewport) -> i32;
    #[wasm_bindgen(method, getter)]
    pub(super) fn height(this: &XrViewport) -> i32;

    /// `XRFrame`
    pub(super) type XrFrame;
    #[wasm_bindgen(method, catch, js_name = getViewerPose)]
    pub(super) fn viewer_pose(
        this: &XrFrame,
        space: &XrReferenceSpace,
    ) -> Result<Option<XrPose>, JsValue>;
    #[wasm_bindgen(method, catch, js_name = getPose)]
    pub(super) fn pose(
        this: &XrFrame,
        space: &XrSpace,
        base: &XrSpace,
    ) -> Result<Option<XrPose>, JsValue>;
    #[wasm_bindgen(method, catch, js_name = getHitTestResults)]
    pub(super) fn hit_test_results(this: &XrFrame, source: &JsValue) -> Result<Array, JsValue>;
    #[wasm_bindgen(method, catch, js_name = getHitTestResultsForTransientInput)]
    pub(super) fn transient_hit_test_results(
        this: &XrFrame,
        source: &JsValue,
    ) -> Result<Array, JsValue>;
    #[wasm_bindgen(method, catch, js_name = createAnchor)]
    pub(super) fn create_anchor(
        this: &XrFrame,
        pose: &XrRigidTransform,
        space: &XrSpace,
    ) -> Result<Promise, JsValue>;

    /// `XRPose` and `XRViewerPose`
    pub(super) type XrPose;
    #[wasm_bindgen(method, getter)]
    pub(super) fn transform(this: &XrPose) -> XrRigidTransform;
    #[wasm_bindgen(method, getter, js_name = emulatedPosition)]
    pub(super) fn emulated_position(this: &XrPose) -> bool;
    #[wasm_bindgen(method, getter)]
    pub(super) fn views(this: &XrPose) -> Array;

    /// `XRView`
    pub(super) type XrView;
    #[wasm_bindgen(method, getter, js_name = projectionMatrix)]
    pub(super) fn projection_matrix(this: &XrView) -> Float32Array;
    #[wasm_bindgen(method, getter)]
    pub(super) fn transform(this: &XrView) -> XrRigidTransform;

    /// `XRRigidTransform`
    #[wasm_bindgen(js_name = XRRigidTransform)]
    pub(super) type XrRigidTransform;
    #[wasm_bindgen(constructor, catch, js_class = "XRRigidTransform")]
    pub(super) fn new(position: &Object, orientation: &Object)
    -> Result<XrRigidTransform, JsValue>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn position(this: &XrRigidTransform) -> DomPoint;
    #[wasm_bindgen(method, getter)]
    pub(super) fn orientation(this: &XrRigidTransform) -> DomPoint;
    #[wasm_bindgen(method, getter)]
    pub(super) fn inverse(this: &XrRigidTransform) -> XrRigidTransform;
    #[wasm_bindgen(method, getter)]
    pub(super) fn matrix(this: &XrRigidTransform) -> Float32Array;

    /// `DOMPointReadOnly`
    pub(super) type DomPoint;
    #[wasm_bindgen(method, getter)]
    pub(super) fn x(this: &DomPoint) -> f64;
    #[wasm_bindgen(method, getter)]
    pub(super) fn y(this: &DomPoint) -> f64;
    #[wasm_bindgen(method, getter)]
    pub(super) fn z(this: &DomPoint) -> f64;
    #[wasm_bindgen(method, getter)]
    pub(super) fn w(this: &DomPoint) -> f64;

    /// `XRHitTestSource` and `XRTransientInputHitTestSource`
    #[derive(Clone)]
    pub(super) type XrHitTestSource;
    #[wasm_bindgen(method, catch)]
    pub(super) fn cancel(this: &XrHitTestSource) -> Result<(), JsValue>;

    /// `XRHitTestResult`
    pub(super) type XrHitTestResult;
    #[wasm_bindgen(method, catch, js_name = getPose)]
    pub(super) fn pose(this: &XrHitTestResult, base: &XrSpace) -> Result<Option<XrPose>, JsValue>;

    /// `XRTransientInputHitTestResult`
    pub(super) type XrTransientInputHitTestResult;
    #[wasm_bindgen(method, getter, js_name = inputSource)]
    pub(super) fn input_source(this: &XrTransientInputHitTestResult) -> XrInputSource;
    #[wasm_bindgen(method, getter)]
    pub(super) fn results(this: &XrTransientInputHitTestResult) -> Array;

    /// `XRInputSource`
    #[derive(Clone, PartialEq)]
    pub(super) type XrInputSource;
    #[wasm_bindgen(method, getter, js_name = targetRayMode)]
    pub(super) fn target_ray_mode(this: &XrInputSource) -> String;
    #[wasm_bindgen(method, getter, js_name = targetRaySpace)]
    pub(super) fn target_ray_space(this: &XrInputSource) -> XrSpace;

    /// `XRInputSourceEvent`
    pub(super) type XrInputSourceEvent;
    #[wasm_bindgen(method, getter, js_name = inputSource)]
    pub(super) fn input_source(this: &XrInputSourceEvent) -> XrInputSource;
    #[wasm_bindgen(method, getter)]
    pub(super) fn frame(this: &XrInputSourceEvent) -> XrFrame;

    /// `XRAnchor`
    pub(super) type XrAnchor;
    #[wasm_bindgen(method, getter, js_name = anchorSpace)]
    pub(super) fn anchor_space(this: &XrAnchor) -> XrSpace;
    #[wasm_bindgen(method, catch)]
    pub(super) fn delete(this: &XrAnchor) -> Result<(), JsValue>;
}

/// The transform in our types.
pub(super) fn rigid(transform: &XrRigidTransform) -> Rigid {
    let (p, q) = (transform.position(), transform.orientation());
    rigid_from_xr([p.x(), p.y(), p.z()], [q.x(), q.y(), q.z(), q.w()])
}

/// The transform in WebXR's.
pub(super) fn transform(rigid: &Rigid) -> Result<XrRigidTransform, JsValue> {
    let [x, y, z] = rigid.translation_m.to_array();
    let [qx, qy, qz, qw] = rigid.rotation.to_array();
    XrRigidTransform::new(
        &object([("x", x.into()), ("y", y.into()), ("z", z.into())]),
        &object([
            ("x", qx.into()),
            ("y", qy.into()),
            ("z", qz.into()),
            ("w", qw.into()),
        ]),
    )
}

/// An object with these properties.
pub(super) fn object<const N: usize>(properties: [(&str, JsValue); N]) -> Object {
    let object = Object::new();
    for (name, value) in properties {
        // Setting a property of a new plain object does not fail.
        let _set = Reflect::set(&object, &name.into(), &value);
    }
    object
}

/// Whether an object has a method of this name: the module that brings it is there.
pub(super) fn has(object: &JsValue, method: &str) -> bool {
    Reflect::get(object, &method.into()).is_ok_and(|value| value.is_function())
}

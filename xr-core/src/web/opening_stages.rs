//! How a page hears how far the opening of a canvas is.

use js_sys::Function;
use wasm_bindgen::JsValue;

/// Tells the page's callback, where there is one, which stage begins.
pub(crate) fn tell(on_stage: Option<&Function>, stage: &str) {
    if let Some(on_stage) = on_stage {
        // What the page's callback throws is the page's.
        let _thrown = on_stage.call1(&JsValue::NULL, &stage.into());
    }
}

//! Errors on their way to JavaScript and from it.

use js_sys::{Error as JsError, Reflect};
#[cfg(any(feature = "view-webgl2", feature = "model-view"))]
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;

use crate::error::Error;

impl From<Error> for JsValue {
    /// A JavaScript `Error` with the name `SightlineError`, a message for people, and a stable `code`.
    fn from(error: Error) -> JsValue {
        let js = JsError::new(&error.to_string());
        js.set_name("SightlineError");
        // Setting a property of an object made a line above does not fail.
        let _set = Reflect::set(&js, &"code".into(), &error.code().into());
        js.into()
    }
}

/// What a browser's exception says.
#[cfg(any(feature = "view-webgl2", feature = "model-view"))]
pub(crate) fn reason(thrown: &JsValue) -> String {
    thrown.dyn_ref::<JsError>().map_or_else(
        || {
            thrown
                .as_string()
                .unwrap_or_else(|| "unknown reason".into())
        },
        |error| String::from(error.message()),
    )
}

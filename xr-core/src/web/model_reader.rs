//! The artefact `models`: reads files of models for the views, in a worker, so that a large one stops no page and a page
//! without models does not download the reader. Bytes of a file flow in, those of `render::model::pack` out.

#![allow(unreachable_pub, reason = "wasm-bindgen exports public functions only")]

use js_sys::{Map, Uint8Array};
use render::model::{ModelLimits, pack, read_model, resource_uris};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

use crate::error::Error;

/// Reads a model (GLB or glTF) to bytes that `ModelView.addModel` takes. `resources`: a map from the addresses of
/// `resourceUris` to their bytes (`Uint8Array`); none for a file that holds all.
///
/// # Errors
/// `model` with the reason.
#[wasm_bindgen(js_name = readModel)]
#[allow(
    clippy::needless_pass_by_value,
    reason = "JavaScript hands over what is owned"
)]
pub fn read(bytes: Vec<u8>, resources: Option<Map>) -> Result<Vec<u8>, JsValue> {
    let mut resource = |uri: &str| {
        let found = resources.as_ref()?.get(&uri.into());
        Some(found.dyn_into::<Uint8Array>().ok()?.to_vec())
    };
    let model = read_model(&bytes, &mut resource, &ModelLimits::default()).map_err(refused)?;
    drop(bytes);
    Ok(pack(&model))
}

/// The other files that a model's file needs, percent-decoded: relative to its address, or whole addresses.
///
/// # Errors
/// `model` with the reason.
#[wasm_bindgen(js_name = resourceUris)]
#[allow(
    clippy::needless_pass_by_value,
    reason = "JavaScript hands over what is owned"
)]
pub fn uris(bytes: Vec<u8>) -> Result<Vec<String>, JsValue> {
    Ok(resource_uris(&bytes).map_err(refused)?)
}

fn refused(error: render::Error) -> Error {
    Error::Model {
        reason: error.to_string(),
    }
}

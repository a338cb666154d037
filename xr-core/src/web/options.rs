//! Options of the artefact `tracker`, read by the browser: a JSON reader of our own would be half of it.

use js_sys::{JSON, Reflect};
use wasm_bindgen::JsValue;

use crate::error::Error;

/// An object of options.
pub(super) struct Options(JsValue);

impl Options {
    /// Reads JSON text; nothing counts as no options.
    ///
    /// # Errors
    /// [`Error::BadJson`] when it is no JSON object.
    pub(super) fn read(json: Option<&str>) -> Result<Options, Error> {
        let options = JSON::parse(json.unwrap_or("{}")).map_err(|_| bad_options("not JSON"))?;
        if options.is_object() {
            Ok(Options(options))
        } else {
            Err(bad_options("not an object"))
        }
    }

    /// A whole number; `default` when it is left out.
    ///
    /// # Errors
    /// [`Error::BadJson`] when it is something else.
    pub(super) fn count(&self, name: &str, default: usize) -> Result<usize, Error> {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked in this line; slam checks the rest"
        )]
        match self.number(name)? {
            None => Ok(default),
            Some(number) if number.fract() == 0.0 && (0.0..4e9).contains(&number) => {
                Ok(number as usize)
            }
            Some(_) => Err(bad_options("a count is no whole number")),
        }
    }

    /// A number to single precision; `default` when it is left out.
    ///
    /// # Errors
    /// [`Error::BadJson`] when it is something else.
    #[cfg(feature = "measure")]
    pub(super) fn length(&self, name: &str, default: f32) -> Result<f32, Error> {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "slam checks what is left of it"
        )]
        let number = self.number(name)?.map(|number| number as f32);
        Ok(number.unwrap_or(default))
    }

    /// A number, if it is there.
    ///
    /// # Errors
    /// [`Error::BadJson`] when it is something else.
    pub(super) fn number(&self, name: &str) -> Result<Option<f64>, Error> {
        let value = Reflect::get(&self.0, &name.into()).unwrap_or(JsValue::UNDEFINED);
        if value.is_undefined() || value.is_null() {
            return Ok(None);
        }
        match value.as_f64() {
            Some(number) => Ok(Some(number)),
            None => Err(bad_options("what should be a number is none")),
        }
    }
}

fn bad_options(reason: &str) -> Error {
    Error::BadJson {
        what: "options",
        reason: reason.into(),
    }
}

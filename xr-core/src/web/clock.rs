//! The browser's clocks and its one timer.

use js_sys::Function;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::room::Moment;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;

    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, millis: f64) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

/// Milliseconds since the page started; the clock of `requestAnimationFrame`.
pub(crate) fn page_millis() -> f64 {
    performance_now()
}

/// Both clocks, now.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "milliseconds since the page's start and since 1970 fit"
)]
pub(crate) fn now() -> Moment {
    Moment {
        monotonic_millis: performance_now() as u64,
        unix_millis: js_sys::Date::now() as i64,
    }
}

/// A timer that is set anew or taken back.
#[derive(Default)]
pub(crate) struct Timer {
    set: Option<(u64, JsValue)>,
}

impl Timer {
    /// Calls `callback` at `due_millis` of the page's clock in place of what was set; takes it back for `None`.
    pub(crate) fn set(&mut self, due_millis: Option<u64>, callback: &Function) {
        if self.set.as_ref().map(|(due, _)| *due) == due_millis {
            return;
        }
        if let Some((_, timer)) = self.set.take() {
            clear_timeout(&timer);
        }
        self.set = due_millis.map(|due| {
            #[allow(clippy::cast_precision_loss, reason = "milliseconds of a page's life")]
            let wait = (due as f64 - performance_now()).max(0.0) + 1.0;
            (due, set_timeout(callback, wait))
        });
    }

    /// The timer has rung.
    pub(crate) fn rang(&mut self) {
        self.set = None;
    }
}

impl Drop for Timer {
    /// What it would call is gone with its owner.
    fn drop(&mut self) {
        if let Some((_, timer)) = self.set.take() {
            clear_timeout(&timer);
        }
    }
}

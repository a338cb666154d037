//! Giving way to the page: what waits here goes on in a task of its own, so that the browser handles input, draws and
//! runs timers in between. A promise alone would go on within the same task.

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageChannel, MessagePort};

/// Later tasks, one after the other. They are messages to oneself: timers wait for 4 ms and more, and for a second in
/// pages that nobody sees.
pub(super) struct LaterTasks {
    sends: MessagePort,
    receives: MessagePort,
}

impl LaterTasks {
    /// Nothing where the browser has no channels for messages.
    pub(super) fn open() -> Option<LaterTasks> {
        let channel = MessageChannel::new().ok()?;
        Some(LaterTasks {
            sends: channel.port1(),
            receives: channel.port2(),
        })
    }

    /// Is done in a later task. One at a time.
    pub(super) fn next(&self) -> JsFuture {
        JsFuture::from(Promise::new(&mut |resolve, _| {
            self.receives.set_onmessage(Some(&resolve));
            if self.sends.post_message(&JsValue::NULL).is_err() {
                // It does not come; going on at once is better than never.
                let _resolved = resolve.call0(&JsValue::NULL);
            }
        }))
    }
}

impl Drop for LaterTasks {
    fn drop(&mut self) {
        self.receives.close();
    }
}

//! What a device says while nobody calls it: that it is gone, and errors that no call gives back.

use std::{cell::Cell, rc::Rc};

#[cfg(feature = "model-view")]
use std::cell::RefCell;

#[cfg(feature = "model-view")]
use js_sys::Function;
#[cfg(feature = "model-view")]
use wasm_bindgen::JsValue;

/// Whether a device is gone, and who wants to hear of it.
#[derive(Default)]
pub(crate) struct Loss {
    happened: Cell<bool>,
    #[cfg(feature = "model-view")]
    on_lost: RefCell<Option<Function>>,
}

impl Loss {
    /// True from the moment that the device is gone.
    pub(crate) fn happened(&self) -> bool {
        self.happened.get()
    }

    /// Called once it is gone; by nobody for `None`.
    #[cfg(feature = "model-view")]
    pub(crate) fn on_lost(&self, callback: Option<Function>) {
        *self.on_lost.borrow_mut() = callback;
    }

    /// From now on the device counts as gone.
    pub(crate) fn happens(&self) {
        self.happened.set(true);
        #[cfg(feature = "model-view")]
        if let Some(callback) = self.on_lost.take() {
            // What the page's callback throws is the page's.
            let _thrown = callback.call0(&JsValue::NULL);
        }
    }
}

/// Errors that no call gives back go to the console; a lost device is remembered.
pub(crate) fn watch(device: &wgpu::Device) -> Rc<Loss> {
    let loss = Rc::<Loss>::default();
    device.on_uncaptured_error(std::sync::Arc::new(|error: wgpu::Error| {
        web_sys::console::error_1(&error.to_string().into());
    }));
    let told = SingleThread(Rc::clone(&loss));
    device.set_device_lost_callback(move |_, _| told.happens());
    loss
}

/// wgpu asks for `Send`; a module without threads has one thread.
struct SingleThread(Rc<Loss>);

impl SingleThread {
    fn happens(&self) {
        self.0.happens();
    }
}

#[allow(unsafe_code, reason = "this module is built without threads")]
unsafe impl Send for SingleThread {}

//! Opening a canvas: its device, a renderer on it, and whether the device was lost since.

use std::{cell::Cell, rc::Rc};

use js_sys::Function;
use render::Renderer;
use wasm_bindgen::JsValue;
use web_sys::HtmlCanvasElement;

use super::gpu::Gpu;
use crate::error::Error;

/// A canvas that can be drawn to.
pub(crate) struct Opened {
    pub(crate) gpu: Gpu,
    pub(crate) renderer: Renderer,
    /// True from the moment that the device is gone.
    pub(crate) lost: Rc<Cell<bool>>,
}

/// Opens a canvas; `on_stage` hears `adapter`, `device`, `pipelines`, `ready` as they come.
///
/// # Errors
/// `no-adapter`, `no-webgl2`, `device`, `surface`, `graphics`.
pub(crate) async fn open(
    canvas: &HtmlCanvasElement,
    on_stage: Option<&Function>,
) -> Result<Opened, Error> {
    let tell = |stage: &str| {
        if let Some(on_stage) = on_stage {
            // What the page's callback throws is the page's.
            let _thrown = on_stage.call1(&JsValue::NULL, &stage.into());
        }
    };
    let gpu = Gpu::open(canvas, &tell).await?;
    let lost = Rc::new(Cell::new(false));
    watch(&gpu.device, &lost);
    tell("pipelines");
    let renderer = Renderer::new(gpu.device.clone(), gpu.queue.clone(), gpu.renderer_config())
        .await
        .map_err(|error| Error::Graphics {
            reason: error.to_string(),
        })?;
    tell("ready");
    Ok(Opened {
        gpu,
        renderer,
        lost,
    })
}

/// Errors that no call gives back go to the console; a lost device is remembered.
fn watch(device: &wgpu::Device, lost: &Rc<Cell<bool>>) {
    device.on_uncaptured_error(std::sync::Arc::new(|error: wgpu::Error| {
        web_sys::console::error_1(&error.to_string().into());
    }));
    let flag = SingleThread(Rc::clone(lost));
    device.set_device_lost_callback(move |_, _| flag.set());
}

/// wgpu asks for `Send`; a module without threads has one thread.
struct SingleThread(Rc<Cell<bool>>);

impl SingleThread {
    fn set(&self) {
        self.0.set(true);
    }
}

#[allow(unsafe_code, reason = "this module is built without threads")]
unsafe impl Send for SingleThread {}

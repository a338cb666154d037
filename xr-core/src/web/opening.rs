//! Opening a canvas: its device, a renderer on it, and whether the device was lost since.
//!
//! Pipelines are made one a task: between them the page stays alive, and hears how far it is.

use std::{cell::RefCell, future::poll_fn, pin::pin, rc::Rc, task::Poll};

use js_sys::Function;
use render::{Pause, Progress, Renderer, RendererConfig};
use serde::Serialize;
use wasm_bindgen::JsValue;
use web_sys::HtmlCanvasElement;

use super::{
    clock::page_millis,
    device_loss::{self, Loss},
    gpu::Gpu,
    later::LaterTasks,
    opening_stages, pace,
};
use crate::error::Error;

/// A canvas that can be drawn to.
pub(crate) struct Opened {
    pub(crate) gpu: Gpu,
    pub(crate) renderer: Renderer,
    pub(crate) loss: Rc<Loss>,
    pub(crate) pipelines: PipelineTimes,
}

/// How long making the pipelines took.
#[derive(Clone, Copy, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PipelineTimes {
    made: u32,
    /// What the one draws that kept the page's thread longest, and how long it did.
    longest: &'static str,
    longest_millis: f64,
    /// From the first to the moment that the device has answered for all of them.
    total_millis: f64,
}

/// Opens a canvas; `on_stage` hears `adapter`, `device`, `pipelines` with how many are made and how many there will be,
/// and `ready`, as they come.
///
/// # Errors
/// `no-adapter`, `no-webgl2`, `device`, `surface`, `graphics`.
pub(crate) async fn open(
    canvas: &HtmlCanvasElement,
    on_stage: Option<&Function>,
) -> Result<Opened, Error> {
    let tell = |stage: &str| opening_stages::tell(on_stage, stage);
    let gpu = Gpu::open(canvas, &tell).await?;
    let loss = device_loss::watch(&gpu.device);
    let times = Rc::new(RefCell::new(PipelineTimes::default()));
    let started_millis = page_millis();
    let mut renderer = make(&gpu, &loss, pause(on_stage.cloned(), Rc::clone(&times))).await?;
    let pipelines = PipelineTimes {
        total_millis: page_millis() - started_millis,
        ..*times.borrow()
    };
    pace::time_passes(&mut renderer, false);
    tell("ready");
    Ok(Opened {
        gpu,
        renderer,
        loss,
        pipelines,
    })
}

/// Makes the renderer, unless the device is lost on the way.
async fn make(gpu: &Gpu, loss: &Loss, pause: Pause) -> Result<Renderer, Error> {
    let config = RendererConfig {
        clock: Some(page_millis),
        ..gpu.renderer_config()
    };
    let (device, queue) = (gpu.device.clone(), gpu.queue.clone());
    let mut making = pin!(Renderer::new_in_steps(device, queue, config, Some(pause)));
    poll_fn(|context| {
        // The next pipeline on a device that is gone would end in errors without number, or in none at all.
        if loss.happened() || gpu.is_lost() {
            return Poll::Ready(Err(Error::Device {
                reason: "it was lost while its pipelines were made".into(),
            }));
        }
        making
            .as_mut()
            .poll(context)
            .map_err(|error| Error::Graphics {
                reason: error.to_string(),
            })
    })
    .await
}

/// Tells the page of a pipeline, keeps its time, and gives way to the browser.
fn pause(on_stage: Option<Function>, times: Rc<RefCell<PipelineTimes>>) -> Pause {
    let later = LaterTasks::open().map(Rc::new);
    Box::new(move |progress: Progress| {
        let mut times = times.borrow_mut();
        times.made = progress.made;
        if progress.millis > times.longest_millis {
            times.longest = progress.name;
            times.longest_millis = progress.millis;
        }
        if let Some(on_stage) = &on_stage {
            let [made, of] = [progress.made, progress.of].map(JsValue::from);
            let _thrown = on_stage.call3(&JsValue::NULL, &"pipelines".into(), &made, &of);
        }
        let later = later.clone();
        Box::pin(async move {
            if let Some(later) = later {
                let _done = later.next().await;
            }
        })
    })
}

//! The renderer for its benchmark: the class-room of `render-scenes` on a canvas, timed by JavaScript's clock, and how
//! long its pipelines and passes take.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use js_sys::{Function, Promise};
use render::{ModelId, Pause, Renderer, RendererConfig};
use render_scenes::class_room::{ClassRoom, Content};
use serde::Serialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use web_sys::HtmlCanvasElement;

use super::{
    device_loss::{self, Loss},
    gpu::{BACKEND, Gpu},
    gpu_info, models,
};
use crate::error::Error;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

/// See the module.
#[wasm_bindgen]
pub struct RenderBench {
    gpu: Gpu,
    loss: Rc<Loss>,
    renderer: Renderer,
    made: Vec<Made>,
    models: Vec<ModelId>,
    room: Option<ClassRoom>,
}

/// A pipeline and what it took.
#[derive(Serialize)]
struct Made {
    name: &'static str,
    millis: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct About<'a> {
    backend: &'static str,
    adapter: &'a str,
    is_software: bool,
    has_timestamps: bool,
    simulates_particles: bool,
    pipelines: u32,
}

#[derive(Serialize)]
struct Pass {
    name: &'static str,
    cpu: f64,
    gpu: Option<f64>,
}

#[wasm_bindgen]
impl RenderBench {
    /// Opens the canvas. `one_by_one`: waits for the device after each pipeline, so that [`RenderBench::pipelines`]
    /// tells what each took; else they are made as fast as can be.
    ///
    /// # Errors
    /// As `View.open`.
    pub async fn open(canvas: HtmlCanvasElement, one_by_one: bool) -> Result<RenderBench, JsValue> {
        let gpu = Gpu::open(&canvas, &|_| ()).await?;
        let loss = device_loss::watch(&gpu.device);
        let made = Rc::default();
        let config = RendererConfig {
            clock: Some(now),
            ..gpu.renderer_config()
        };
        let pause = one_by_one.then(|| waiting(&gpu.device, &made));
        let mut renderer =
            Renderer::new_in_steps(gpu.device.clone(), gpu.queue.clone(), config, pause)
                .await
                .map_err(|error| Error::Graphics {
                    reason: error.to_string(),
                })?;
        renderer.time_passes(None, false);
        Ok(RenderBench {
            gpu,
            loss,
            renderer,
            made: made.take(),
            models: Vec::new(),
            room: None,
        })
    }

    /// Backend, adapter, and what it can do, as JSON.
    pub fn about(&self) -> String {
        let features = self.gpu.device.features();
        let about = About {
            backend: BACKEND,
            adapter: gpu_info::adapter_name(&self.gpu.info),
            is_software: gpu_info::is_software(&self.gpu.info),
            has_timestamps: features.contains(wgpu::Features::TIMESTAMP_QUERY),
            simulates_particles: self.renderer.simulates_particles(),
            pipelines: self.renderer.pipelines_made(),
        };
        serde_json::to_string(&about).unwrap_or_default()
    }

    /// Pipelines in their order with milliseconds, as JSON; empty unless they were made one by one.
    pub fn pipelines(&self) -> String {
        serde_json::to_string(&self.made).unwrap_or_default()
    }

    /// Passes in their order with milliseconds of the last frames, as JSON.
    #[wasm_bindgen(js_name = passTimes)]
    pub fn pass_times(&self) -> String {
        let times = self.renderer.pass_times();
        let passes: Vec<_> = times
            .filter(|time| time.ran)
            .map(|time| Pass {
                name: time.name,
                cpu: time.cpu_millis,
                gpu: time.gpu_millis,
            })
            .collect();
        serde_json::to_string(&passes).unwrap_or_default()
    }

    /// Whether passes are timed from now on. It costs, so that frames are measured without.
    #[wasm_bindgen(js_name = timePasses)]
    pub fn time_passes(&mut self, on: bool) {
        self.renderer.time_passes(on.then_some(now), on);
    }

    /// Puts a thing of the room on the device, as `readModel` packed it; all, in their order, before `furnish`.
    ///
    /// # Errors
    /// As `ModelView.addModel`.
    #[wasm_bindgen(js_name = addModel)]
    pub async fn add_model(&mut self, packed: Vec<u8>) -> Result<(), JsValue> {
        let model = models::unpacked(&packed)?;
        let bitmaps = models::decode(&model).await?;
        let id = models::add(&mut self.renderer, &self.gpu.queue, &model, bitmaps)?;
        self.models.push(id);
        Ok(())
    }

    /// Sets all up for [`RenderBench::draw`].
    ///
    /// # Errors
    /// `model`.
    pub fn furnish(&mut self) -> Result<(), JsValue> {
        let room = ClassRoom::new(&mut self.renderer, &self.models).map_err(models::refused)?;
        self.room = Some(room);
        Ok(())
    }

    /// Another number of feature points.
    #[wasm_bindgen(js_name = setPointCount)]
    pub fn set_point_count(&mut self, count: usize) {
        if let Some(room) = &mut self.room {
            room.set_point_count(count);
        }
    }

    /// Draws `content` (`whole`, `models-and-shadows`, `models`, `points`) at a time, moving or as at its begin. Gives
    /// the number of draw calls.
    ///
    /// # Errors
    /// `bad-argument`, `surface`, `device`.
    pub fn draw(&mut self, content: u8, time_secs: f32, moves: bool) -> Result<u32, JsValue> {
        let content = [
            Content::Whole,
            Content::ModelsAndShadows,
            Content::Models,
            Content::Points,
        ]
        .get(usize::from(content))
        .copied();
        let (Some(content), Some(room)) = (content, &mut self.room) else {
            return Err(Error::BadArgument {
                what: "content",
                reason: "0 to 3, after furnish".into(),
            }
            .into());
        };
        if self.loss.happened() {
            return Err(Error::Device {
                reason: "it is lost: nothing is measured".into(),
            }
            .into());
        }
        let size_px = self.gpu.size_px();
        let renderer = &mut self.renderer;
        let mut draw_calls = 0;
        self.gpu.draw(|target, origin| {
            let moment = (time_secs, moves);
            let report = room.draw(renderer, content, moment, size_px, (target, origin));
            draw_calls = report.draw_calls;
        })?;
        Ok(draw_calls)
    }

    /// Kept when the device has done all that it was given. Over WebGL2 nobody tells: the page asks the context.
    pub fn finished(&self) -> Promise {
        Promise::new(&mut |resolve, _| {
            let resolve = SingleThread(resolve);
            self.gpu
                .queue
                .on_submitted_work_done(move || resolve.call());
        })
    }
}

fn now() -> f64 {
    performance_now()
}

/// Waits until the device has made the pipelines that it was asked for, and notes what each took.
fn waiting(device: &wgpu::Device, made: &Rc<RefCell<Vec<Made>>>) -> Pause {
    let (device, made) = (device.clone(), Rc::clone(made));
    let started = Rc::new(Cell::new(performance_now()));
    Box::new(move |progress| {
        // It is answered once all that came before it is done.
        let done = device.push_error_scope(wgpu::ErrorFilter::Validation).pop();
        let (made, started) = (Rc::clone(&made), Rc::clone(&started));
        Box::pin(async move {
            done.await;
            let ended = performance_now();
            made.borrow_mut().push(Made {
                name: progress.name,
                millis: ended - started.replace(ended),
            });
        })
    })
}

/// wgpu asks for `Send`; a module without threads has one thread.
struct SingleThread(Function);

impl SingleThread {
    fn call(&self) {
        // What the page's callback throws is the page's.
        let _thrown = self.0.call0(&JsValue::NULL);
    }
}

#[allow(unsafe_code, reason = "this module is built without threads")]
unsafe impl Send for SingleThread {}

//! The front end on its own, for the benchmark and for tests: luma in, points that are followed out.

use js_sys::{Float32Array, Promise, Uint8Array};
use slam::{
    Frame,
    front_end::{FrontEnd, FrontEndConfig, Ticket},
    gpu::Signal,
};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::{
    luma::{Luma, view_f32},
    options::Options,
    tracker::{ID_LIMIT, refused},
    tracker_gpu::{TrackerGpu, promise_of},
};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn now_millis() -> f64;
}

/// Tracks feature points from picture to picture.
#[wasm_bindgen(js_name = FrontEnd)]
pub struct FrontEndBench {
    front_end: FrontEnd,
    config: FrontEndConfig,
    signal: Option<Signal>,
    ticket: Option<Ticket>,
    luma: Luma,
    points: Vec<f32>,
}

#[wasm_bindgen(js_class = FrontEnd)]
impl FrontEndBench {
    /// One that has seen nothing. `options_json`: `{"maxPoints", "gridCellPx", "minDistancePx",
    /// "windowPx", "levels", "fastThreshold", "minCornerScore", "minMissingPoints", "isPlain"}`.
    ///
    /// # Errors
    /// `bad-json`; `tracker-refused` when a value is out of its range.
    #[wasm_bindgen(constructor)]
    #[allow(
        clippy::needless_pass_by_value,
        reason = "what JavaScript hands over is owned"
    )]
    pub fn new(options_json: Option<String>) -> Result<FrontEndBench, JsValue> {
        let options = Options::read(options_json.as_deref())?;
        let default = FrontEndConfig::default();
        let config = FrontEndConfig {
            max_points: options.count("maxPoints", default.max_points)?,
            grid_cell_px: options.count("gridCellPx", default.grid_cell_px)?,
            window_px: options.count("windowPx", default.window_px)?,
            levels: options.count("levels", default.levels)?,
            min_missing_points: options.count("minMissingPoints", default.min_missing_points)?,
            fast_threshold: u8::try_from(
                options.count("fastThreshold", default.fast_threshold.into())?,
            )
            .unwrap_or(u8::MAX),
            min_distance_px: options.length("minDistancePx", default.min_distance_px)?,
            min_corner_score: options.length("minCornerScore", default.min_corner_score)?,
            is_plain: options.count("isPlain", 0)? > 0,
            ..default
        };
        let points = Vec::with_capacity(config.max_points * 4);
        let mut front_end = FrontEnd::new(config.clone()).map_err(refused)?;
        front_end.set_clock(now_millis);
        Ok(FrontEndBench {
            front_end,
            config,
            signal: None,
            ticket: None,
            luma: Luma::default(),
            points,
        })
    }

    /// A view into the module's memory of `stride * height` bytes, for the luma of the next picture. It holds until
    /// the next call.
    ///
    /// # Errors
    /// `picture-size`; `bad-argument` when the stride is less than the width.
    pub fn buffer(&mut self, width: u32, height: u32, stride: u32) -> Result<Uint8Array, JsValue> {
        Ok(self.luma.buffer(width, height, stride)?)
    }

    /// Follows points on a GPU from now on.
    ///
    /// # Errors
    /// `device` when it cannot do that work.
    #[wasm_bindgen(js_name = useGpu)]
    pub fn use_gpu(&mut self, gpu: &TrackerGpu) -> Result<(), JsValue> {
        let engine = gpu.engine(&self.config)?;
        self.signal = Some(engine.signal());
        self.front_end.use_engine(Some(Box::new(engine)));
        Ok(())
    }

    /// Tracks the picture in the buffer, at once unless a GPU does it.
    ///
    /// # Errors
    /// `tracker-refused` when there is no picture or one is on its way, `frame-out-of-order` when its time is not after
    /// the last one's.
    pub fn submit(&mut self, capture_time_nanos: i64) -> Result<(), JsValue> {
        let frame = Frame::new(self.luma.image().map_err(refused)?, capture_time_nanos);
        self.ticket = Some(self.front_end.submit(&frame).map_err(refused)?);
        Ok(())
    }

    /// The points of the picture submitted last, if they are there. Four numbers a point: x and y in pixels (x right, y
    /// down, pixel centres at integers), age in frames, id. A view into the module's memory that holds until the next
    /// call.
    pub fn poll(&mut self) -> Option<Float32Array> {
        let tracks = self.front_end.poll(self.ticket?)?;
        self.points.clear();
        for point in &tracks.points {
            #[allow(
                clippy::cast_precision_loss,
                reason = "an age of 2^24 frames is a week"
            )]
            let (age, id) = (point.age_frames as f32, (point.id % ID_LIMIT) as f32);
            let [x, y] = point.position_px;
            self.points.extend_from_slice(&[x, y, age, id]);
        }
        Some(view_f32(&self.points))
    }

    /// Settles when the GPU has answered, or will not.
    pub fn answered(&self) -> Promise {
        promise_of(self.signal.clone().unwrap_or_default())
    }

    /// Whether the GPU was used and is of no use any more.
    #[wasm_bindgen(js_name = gpuFailed)]
    pub fn gpu_failed(&self) -> bool {
        self.front_end.engine_failed()
    }

    /// The stages of the last answer, of which `stageMillis` has the milliseconds: by the GPU's clock where it did the
    /// work.
    pub fn stages(&self) -> Vec<String> {
        let times = self.front_end.stage_times().iter();
        times.map(|time| time.stage.to_owned()).collect()
    }

    /// The milliseconds of the `stages`, in their order.
    #[wasm_bindgen(js_name = stageMillis)]
    pub fn stage_millis(&self) -> Vec<f64> {
        let times = self.front_end.stage_times().iter();
        times.map(|time| time.millis).collect()
    }
}

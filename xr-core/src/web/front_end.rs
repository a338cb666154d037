//! The front end on its own, for the benchmark and for tests: luma in, points that are followed out.

use js_sys::{Float32Array, Uint8Array};
use slam::{
    Frame,
    front_end::{FrontEnd, FrontEndConfig},
};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::{
    luma::{Luma, view_f32},
    options::Options,
    tracker::{ID_LIMIT, refused},
};

/// Tracks feature points from picture to picture.
#[wasm_bindgen(js_name = FrontEnd)]
pub struct FrontEndBench {
    front_end: FrontEnd,
    luma: Luma,
    points: Vec<f32>,
}

#[wasm_bindgen(js_class = FrontEnd)]
impl FrontEndBench {
    /// One that has seen nothing. `options_json`: `{"maxPoints", "gridCellPx", "windowPx", "levels"}`.
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
            ..default
        };
        let points = Vec::with_capacity(config.max_points * 4);
        Ok(FrontEndBench {
            front_end: FrontEnd::new(config).map_err(refused)?,
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

    /// Tracks the picture in the buffer. Four numbers a point: x and y in pixels (x right, y down, pixel centres at
    /// integers), age in frames, id. A view into the module's memory that holds until the next call.
    ///
    /// # Errors
    /// `tracker-refused` when there is no picture, `frame-out-of-order` when its time is not after the last one's.
    pub fn track(&mut self, capture_time_nanos: i64) -> Result<Float32Array, JsValue> {
        let frame = Frame::new(self.luma.image().map_err(refused)?, capture_time_nanos);
        let ticket = self.front_end.submit(&frame).map_err(refused)?;
        self.points.clear();
        if let Some(tracks) = self.front_end.poll(ticket) {
            for point in &tracks.points {
                #[allow(
                    clippy::cast_precision_loss,
                    reason = "an age of 2^24 frames is a week"
                )]
                let (age, id) = (point.age_frames as f32, (point.id % ID_LIMIT) as f32);
                let [x, y] = point.position_px;
                self.points.extend_from_slice(&[x, y, age, id]);
            }
        }
        Ok(view_f32(&self.points))
    }
}

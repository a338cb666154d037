//! The feature tracker, for a worker: luma in, tracked points out.

use js_sys::{Float32Array, JSON, Reflect, Uint8Array, WebAssembly};
use slam::{
    Frame, ImageView,
    front_end::{FrontEnd, FrontEndConfig},
};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

use crate::error::Error;

/// The longest side of a picture, in pixels.
const MAX_SIDE_PX: u32 = 8192;

/// Ids go to JavaScript as `f32`, which is exact up to here; then they start over.
const ID_LIMIT: u32 = 1 << 24;

/// Tracks feature points from picture to picture.
#[wasm_bindgen(js_name = FrontEnd)]
pub struct Tracker {
    front_end: FrontEnd,
    luma: Vec<u8>,
    width: usize,
    height: usize,
    stride: usize,
    points: Vec<f32>,
}

#[wasm_bindgen(js_class = FrontEnd)]
impl Tracker {
    /// A tracker that has seen nothing. `options_json`: `{"maxPoints", "gridCellPx", "windowPx", "levels"}`.
    ///
    /// # Errors
    /// `bad-json`; `front-end` when a value is out of its range.
    #[wasm_bindgen(constructor)]
    #[allow(
        clippy::needless_pass_by_value,
        reason = "what JavaScript hands over is owned"
    )]
    pub fn new(options_json: Option<String>) -> Result<Tracker, JsValue> {
        let options = Options::read(options_json.as_deref().unwrap_or("{}"))?;
        let default = FrontEndConfig::default();
        let config = FrontEndConfig {
            max_points: options.count("maxPoints", default.max_points)?,
            grid_cell_px: options.count("gridCellPx", default.grid_cell_px)?,
            window_px: options.count("windowPx", default.window_px)?,
            levels: options.count("levels", default.levels)?,
            ..default
        };
        let points = Vec::with_capacity(config.max_points * 4);
        Ok(Tracker {
            front_end: FrontEnd::new(config).map_err(refused)?,
            luma: Vec::new(),
            width: 0,
            height: 0,
            stride: 0,
            points,
        })
    }

    /// A view into the module's memory of `stride * height` bytes, for the luma of the next picture. It holds until
    /// the next call.
    ///
    /// # Errors
    /// `picture-size`; `bad-argument` when the stride is less than the width.
    pub fn buffer(&mut self, width: u32, height: u32, stride: u32) -> Result<Uint8Array, JsValue> {
        self.resize(width, height, stride)?;
        Ok(view_u8(&self.luma))
    }

    /// Fills the buffer from RGBA pixels, `width * height * 4` bytes.
    ///
    /// # Errors
    /// `picture-size`; `bad-argument` when the bytes do not fit the size.
    #[wasm_bindgen(js_name = fromRgba)]
    pub fn take_rgba(&mut self, width: u32, height: u32, rgba: &[u8]) -> Result<(), JsValue> {
        self.resize(width, height, width)?;
        if rgba.len() != self.luma.len() * 4 {
            return Err(Error::BadArgument {
                what: "rgba",
                reason: format!("{} bytes instead of {}", rgba.len(), self.luma.len() * 4),
            }
            .into());
        }
        // BT.601 in 8-bit fixed point.
        for (luma, pixel) in self.luma.iter_mut().zip(rgba.chunks_exact(4)) {
            let weighed =
                77 * u32::from(pixel[0]) + 150 * u32::from(pixel[1]) + 29 * u32::from(pixel[2]);
            *luma = (weighed >> 8) as u8;
        }
        Ok(())
    }

    /// Tracks the picture in the buffer. Four numbers a point: x and y in pixels (x right, y down, pixel centres at
    /// integers), age in frames, id. A view into the module's memory that holds until the next call.
    ///
    /// # Errors
    /// `front-end` when there is no picture or its time is not after the last one's.
    pub fn track(&mut self, capture_time_nanos: i64) -> Result<Float32Array, JsValue> {
        let image =
            ImageView::new(&self.luma, self.width, self.height, self.stride).map_err(refused)?;
        let frame = Frame::new(image, capture_time_nanos);
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

    /// Forgets all points, as after a cut in the pictures.
    pub fn restart(&mut self) {
        self.front_end.restart();
    }
}

impl Tracker {
    fn resize(&mut self, width: u32, height: u32, stride: u32) -> Result<(), Error> {
        if !(1..=MAX_SIDE_PX).contains(&width) || !(1..=MAX_SIDE_PX).contains(&height) {
            return Err(Error::PictureSize {
                width,
                height,
                limit: MAX_SIDE_PX,
            });
        }
        if !(width..=4 * MAX_SIDE_PX).contains(&stride) {
            return Err(Error::BadArgument {
                what: "stride",
                reason: format!("{stride} bytes for rows of {width} pixels"),
            });
        }
        self.width = width as usize;
        self.height = height as usize;
        self.stride = stride as usize;
        self.luma.resize(self.stride * self.height, 0);
        Ok(())
    }
}

/// Options from JavaScript, read by the browser: a JSON reader of our own would be half of this artefact.
struct Options(JsValue);

impl Options {
    fn read(json: &str) -> Result<Options, Error> {
        let options = JSON::parse(json).map_err(|_| bad_options("not JSON"))?;
        if options.is_object() {
            Ok(Options(options))
        } else {
            Err(bad_options("not an object"))
        }
    }

    /// A whole number; `default` when it is left out.
    fn count(&self, name: &str, default: usize) -> Result<usize, Error> {
        let value = Reflect::get(&self.0, &name.into()).unwrap_or(JsValue::UNDEFINED);
        if value.is_undefined() || value.is_null() {
            return Ok(default);
        }
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked in this line; slam checks the rest"
        )]
        value
            .as_f64()
            .filter(|number| number.fract() == 0.0 && (0.0..4e9).contains(number))
            .map(|number| number as usize)
            .ok_or_else(|| bad_options("a count is no whole number"))
    }
}

fn bad_options(reason: &str) -> Error {
    Error::BadJson {
        what: "options",
        reason: reason.into(),
    }
}

fn memory() -> JsValue {
    wasm_bindgen::memory()
        .unchecked_into::<WebAssembly::Memory>()
        .buffer()
}

/// A view of `bytes` in the module's memory; wasm32 addresses are 32 bits.
pub(crate) fn view_u8(bytes: &[u8]) -> Uint8Array {
    Uint8Array::new_with_byte_offset_and_length(
        &memory(),
        bytes.as_ptr().addr() as u32,
        bytes.len() as u32,
    )
}

fn view_f32(numbers: &[f32]) -> Float32Array {
    Float32Array::new_with_byte_offset_and_length(
        &memory(),
        numbers.as_ptr().addr() as u32,
        numbers.len() as u32,
    )
}

#[allow(clippy::needless_pass_by_value, reason = "the shape map_err asks for")]
pub(crate) fn refused(error: slam::Error) -> Error {
    Error::FrontEnd {
        reason: error.to_string(),
    }
}

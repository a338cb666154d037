//! The JavaScript class `StreamView`: one canvas that shows a video post-processed. Pictures of a `<video>`, a canvas, an
//! `ImageBitmap` or a `VideoFrame` come in one at a time; it keeps none but the last, knows nothing of connections, and
//! draws when it is told to.

use std::{cell::RefCell, rc::Rc};

use js_sys::Function;
use render::streams::{StreamAdjustments, StreamChain, StreamFit, white_balance_from_gray};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use web_sys::HtmlCanvasElement;

use super::{
    device_loss::{self, Loss},
    gpu::Gpu,
    opening_stages, picture,
};
use crate::error::Error;

/// A canvas that shows a video.
#[wasm_bindgen]
pub struct StreamView {
    shared: RefCell<Shared>,
}

struct Shared {
    gpu: Gpu,
    chain: StreamChain,
    adjustments: StreamAdjustments,
    fit: StreamFit,
    /// Of the last picture.
    picture_px: Option<[u32; 2]>,
    loss: Rc<Loss>,
}

#[wasm_bindgen]
impl StreamView {
    /// Opens the canvas; `on_stage` hears `adapter`, `device`, `pipelines`, `ready` as they come.
    ///
    /// # Errors
    /// `no-adapter`, `no-webgl2`, `device`, `surface`, `graphics`.
    pub async fn open(
        canvas: HtmlCanvasElement,
        on_stage: Option<Function>,
    ) -> Result<StreamView, JsValue> {
        let tell = |stage: &str| opening_stages::tell(on_stage.as_ref(), stage);
        let gpu = Gpu::open(&canvas, &tell).await?;
        let loss = device_loss::watch(&gpu.device);
        tell("pipelines");
        let chain = StreamChain::new(gpu.device.clone(), gpu.queue.clone(), gpu.target_format())
            .await
            .map_err(|error| Error::Graphics {
                reason: error.to_string(),
            })?;
        tell("ready");
        let shared = Shared {
            gpu,
            chain,
            adjustments: StreamAdjustments::default(),
            fit: StreamFit::default(),
            picture_px: None,
            loss,
        };
        Ok(StreamView {
            shared: RefCell::new(shared),
        })
    }

    /// How pictures are changed from now on, ten numbers: deblocking, sharpness, exposure in stops, gains of red, green
    /// and blue, temperature, tint, saturation, split (not a number: all is processed). Values out of range are brought
    /// to the nearest end of it.
    ///
    /// # Errors
    /// `bad-argument` where there are not ten.
    pub fn adjust(&self, numbers: &[f32]) -> Result<(), JsValue> {
        let numbers: [f32; 10] = numbers.try_into().map_err(|_| Error::BadArgument {
            what: "adjustments",
            reason: "they are ten numbers".into(),
        })?;
        self.shared.borrow_mut().adjustments = from_numbers(numbers);
        Ok(())
    }

    /// What helps videos at a poor bit rate, in the order of `adjust`.
    #[wasm_bindgen(js_name = poorStream)]
    pub fn poor_stream() -> Vec<f32> {
        numbers_of(&StreamAdjustments::poor_stream()).to_vec()
    }

    /// Gains of red, green and blue that make this mean of a picture gray, for `adjust`; in linear light.
    #[wasm_bindgen(js_name = grayGains)]
    pub fn gray_gains(red: f32, green: f32, blue: f32) -> Vec<f32> {
        white_balance_from_gray([red, green, blue]).to_vec()
    }

    /// Whether pictures fill the canvas and are cut at two sides; else they are seen whole.
    #[wasm_bindgen(js_name = setCover)]
    pub fn set_cover(&self, covers: bool) {
        self.shared.borrow_mut().fit = if covers {
            StreamFit::Cover
        } else {
            StreamFit::Contain
        };
    }

    /// The canvas has this many device pixels from now on; the sides are kept within what the device takes. It is empty
    /// until the next draw.
    pub fn resize(&self, width_px: u32, height_px: u32) {
        let mut shared = self.shared.borrow_mut();
        let side = |pixels: u32| pixels.clamp(1, shared.gpu.max_side_px());
        let (width, height) = (side(width_px), side(height_px));
        if shared.gpu.size_px() != [width, height] {
            shared.gpu.resize(width, height);
        }
    }

    /// Takes a picture and draws it.
    ///
    /// # Errors
    /// `picture-size`, `bad-argument`, `surface`; `device` when the device is gone.
    pub fn draw(&self, image: JsValue) -> Result<(), JsValue> {
        let shared = &mut *self.shared.borrow_mut();
        shared.check()?;
        let (source, size) = picture::source(image)?;
        let texture = shared.chain.input(size[0], size[1]);
        picture::copy(&shared.gpu.queue, source, size, texture);
        shared.picture_px = Some(size);
        shared.draw()?;
        Ok(())
    }

    /// Draws the last picture again, with the adjustments of now.
    ///
    /// # Errors
    /// `surface`; `device` when the device is gone.
    pub fn redraw(&self) -> Result<(), JsValue> {
        let shared = &mut *self.shared.borrow_mut();
        shared.check()?;
        shared.draw()?;
        Ok(())
    }

    /// Which pixel of the last picture (column, row) is seen at a place of the canvas in device pixels; nothing beside
    /// it.
    #[wasm_bindgen(js_name = pixelUnder)]
    pub fn pixel_under(&self, x_px: f32, y_px: f32) -> Option<Vec<u32>> {
        let shared = self.shared.borrow();
        let canvas_px = shared.gpu.size_px();
        let pixel = shared
            .fit
            .pixel_under(shared.picture_px?, canvas_px, [x_px, y_px])?;
        Some(pixel.to_vec())
    }

    /// Ends the view: no more draws.
    pub fn dispose(&self) {
        let shared = self.shared.borrow();
        shared.loss.happens();
        shared.gpu.device.destroy();
    }
}

impl Shared {
    fn check(&self) -> Result<(), Error> {
        if self.loss.happened() {
            return Err(Error::Device {
                reason: "it is gone, open a new view".into(),
            });
        }
        Ok(())
    }

    fn draw(&mut self) -> Result<(), Error> {
        let size_px = self.gpu.size_px();
        let Shared {
            gpu,
            chain,
            adjustments,
            fit,
            ..
        } = self;
        gpu.draw(|target, origin| {
            chain.set_target_origin(origin);
            chain.draw(adjustments, target, size_px, *fit);
        })
    }
}

fn from_numbers(numbers: [f32; 10]) -> StreamAdjustments {
    let [
        deblocking,
        sharpness,
        exposure_stops,
        red,
        green,
        blue,
        temperature,
        tint,
        saturation,
        split,
    ] = numbers;
    StreamAdjustments {
        deblocking,
        sharpness,
        exposure_stops,
        white_gains: [red, green, blue],
        temperature,
        tint,
        saturation,
        split: (!split.is_nan()).then_some(split),
    }
}

fn numbers_of(adjustments: &StreamAdjustments) -> [f32; 10] {
    let [red, green, blue] = adjustments.white_gains;
    [
        adjustments.deblocking,
        adjustments.sharpness,
        adjustments.exposure_stops,
        red,
        green,
        blue,
        adjustments.temperature,
        adjustments.tint,
        adjustments.saturation,
        adjustments.split.unwrap_or(f32::NAN),
    ]
}

//! The luma of one picture in the module's memory, where JavaScript writes it, and the views of memory that go back.

use js_sys::{Float32Array, Float64Array, Uint8Array, WebAssembly};
use slam::ImageView;
use wasm_bindgen::{JsCast, JsValue};

use crate::error::Error;

/// The longest side of a picture, in pixels.
const MAX_SIDE_PX: u32 = 8192;

/// A buffer that holds one picture at a time.
#[derive(Default)]
pub(super) struct Luma {
    bytes: Vec<u8>,
    width: usize,
    height: usize,
    stride: usize,
}

impl Luma {
    /// A view into the module's memory of `stride * height` bytes. It holds until memory grows.
    ///
    /// # Errors
    /// [`Error::PictureSize`]; [`Error::BadArgument`] when the stride is less than the width.
    pub(super) fn buffer(
        &mut self,
        width: u32,
        height: u32,
        stride: u32,
    ) -> Result<Uint8Array, Error> {
        self.resize(width, height, stride)?;
        Ok(view_u8(&self.bytes))
    }

    /// Fills the buffer from RGBA pixels, `width * height * 4` bytes.
    ///
    /// # Errors
    /// [`Error::PictureSize`]; [`Error::BadArgument`] when the bytes do not fit the size.
    pub(super) fn take_rgba(&mut self, width: u32, height: u32, rgba: &[u8]) -> Result<(), Error> {
        self.resize(width, height, width)?;
        if rgba.len() != self.bytes.len() * 4 {
            return Err(Error::BadArgument {
                what: "rgba",
                reason: format!("{} bytes instead of {}", rgba.len(), self.bytes.len() * 4),
            });
        }
        // BT.601 in 8-bit fixed point.
        for (luma, pixel) in self.bytes.iter_mut().zip(rgba.chunks_exact(4)) {
            let weighed =
                77 * u32::from(pixel[0]) + 150 * u32::from(pixel[1]) + 29 * u32::from(pixel[2]);
            *luma = (weighed >> 8) as u8;
        }
        Ok(())
    }

    /// The picture.
    ///
    /// # Errors
    /// slam's, where there is no picture yet.
    pub(super) fn image(&self) -> Result<ImageView<'_>, slam::Error> {
        ImageView::new(&self.bytes, self.width, self.height, self.stride)
    }

    /// Width and height in pixels.
    pub(super) fn size_px(&self) -> [usize; 2] {
        [self.width, self.height]
    }

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
        self.bytes.resize(self.stride * self.height, 0);
        Ok(())
    }
}

fn memory() -> JsValue {
    wasm_bindgen::memory()
        .unchecked_into::<WebAssembly::Memory>()
        .buffer()
}

/// A view of `bytes` in the module's memory; wasm32 addresses are 32 bits.
pub(super) fn view_u8(bytes: &[u8]) -> Uint8Array {
    Uint8Array::new_with_byte_offset_and_length(
        &memory(),
        bytes.as_ptr().addr() as u32,
        bytes.len() as u32,
    )
}

/// A view of numbers in the module's memory.
pub(super) fn view_f32(numbers: &[f32]) -> Float32Array {
    Float32Array::new_with_byte_offset_and_length(
        &memory(),
        numbers.as_ptr().addr() as u32,
        numbers.len() as u32,
    )
}

/// A view of numbers in the module's memory.
pub(super) fn view_f64(numbers: &[f64]) -> Float64Array {
    Float64Array::new_with_byte_offset_and_length(
        &memory(),
        numbers.as_ptr().addr() as u32,
        numbers.len() as u32,
    )
}

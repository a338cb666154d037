//! Eight-bit luma images: a borrowed view that has been checked once, and an owned image.
//!
//! Pixel (0, 0) is the top left one, x grows to the right, y grows down, and integer coordinates are pixel centres.

use crate::Error;

/// The longest side of an image that is taken.
pub const MAX_SIDE_PX: usize = 16384;

/// A borrowed luma image whose size and stride fit its buffer.
#[derive(Debug, Clone, Copy)]
pub struct ImageView<'a> {
    data: &'a [u8],
    width: usize,
    height: usize,
    stride: usize,
}

impl<'a> ImageView<'a> {
    /// Looks at `data` as rows of `width` luma bytes that start `stride` bytes apart.
    ///
    /// The last row may end with its last pixel; what follows it is ignored.
    ///
    /// # Errors
    /// [`Error::ImageSize`], [`Error::Stride`] or [`Error::BufferTooSmall`].
    pub fn new(data: &'a [u8], width: usize, height: usize, stride: usize) -> Result<Self, Error> {
        if !(1..=MAX_SIDE_PX).contains(&width) || !(1..=MAX_SIDE_PX).contains(&height) {
            return Err(Error::ImageSize { width, height });
        }
        if stride < width {
            return Err(Error::Stride { stride, width });
        }
        let required = stride
            .checked_mul(height - 1)
            .and_then(|bytes| bytes.checked_add(width))
            .unwrap_or(usize::MAX);
        if data.len() < required {
            return Err(Error::BufferTooSmall {
                required,
                actual: data.len(),
            });
        }
        Ok(Self {
            data,
            width,
            height,
            stride,
        })
    }

    /// Pixels in a row.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// Row `y` from the top: `width` bytes.
    ///
    /// # Panics
    /// If `y` is not less than the height.
    #[must_use]
    pub fn row(&self, y: usize) -> &'a [u8] {
        assert!(
            y < self.height,
            "row {y} of an image of {} rows",
            self.height
        );
        &self.data[y * self.stride..][..self.width]
    }
}

/// An owned luma image without padding between its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrayImage {
    data: Vec<u8>,
    width: usize,
    height: usize,
}

impl GrayImage {
    /// A black image.
    ///
    /// # Errors
    /// [`Error::ImageSize`].
    pub fn new(width: usize, height: usize) -> Result<Self, Error> {
        if !(1..=MAX_SIDE_PX).contains(&width) || !(1..=MAX_SIDE_PX).contains(&height) {
            return Err(Error::ImageSize { width, height });
        }
        Ok(Self {
            data: vec![0; width * height],
            width,
            height,
        })
    }

    /// An image of the given bytes, row after row.
    ///
    /// # Errors
    /// [`Error::ImageSize`], or [`Error::Length`] unless there are exactly `width * height` bytes.
    pub fn from_vec(width: usize, height: usize, data: Vec<u8>) -> Result<Self, Error> {
        if !(1..=MAX_SIDE_PX).contains(&width) || !(1..=MAX_SIDE_PX).contains(&height) {
            return Err(Error::ImageSize { width, height });
        }
        if data.len() != width * height {
            return Err(Error::Length {
                required: width * height,
                actual: data.len(),
            });
        }
        Ok(Self {
            data,
            width,
            height,
        })
    }

    /// Pixels in a row.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// All pixels, row after row, from the top.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// All pixels, to be written.
    pub fn data_mut(&mut self) -> &mut [u8] {
        &mut self.data
    }

    /// A view of the whole image.
    #[must_use]
    pub fn view(&self) -> ImageView<'_> {
        ImageView {
            data: &self.data,
            width: self.width,
            height: self.height,
            stride: self.width,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_reads_rows_by_stride_and_needs_no_padding_after_the_last() {
        let data: Vec<u8> = (0..11).collect();
        let view = ImageView::new(&data, 3, 3, 4).unwrap();
        assert_eq!(view.row(2), &[8, 9, 10]);
    }

    #[test]
    fn sizes_that_do_not_fit_are_refused() {
        let data = [0; 10];
        assert!(matches!(
            ImageView::new(&data, 3, 3, 4),
            Err(Error::BufferTooSmall {
                required: 11,
                actual: 10
            })
        ));
        assert!(matches!(
            ImageView::new(&data, 4, 1, 3),
            Err(Error::Stride { .. })
        ));
        assert!(matches!(
            ImageView::new(&data, 0, 1, 3),
            Err(Error::ImageSize { .. })
        ));
        assert!(matches!(
            ImageView::new(&data, 2, 2, usize::MAX),
            Err(Error::BufferTooSmall { .. })
        ));
        assert!(GrayImage::from_vec(2, 2, vec![0; 3]).is_err());
        assert!(GrayImage::new(MAX_SIDE_PX + 1, 1).is_err());
    }
}

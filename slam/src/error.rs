//! What can be wrong with the input of this crate. What is expected (a point lost, an image without corners) is
//! data, not an error.

/// Why an input was refused. Nothing was changed by the refused call.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The image has no pixels, or a side is longer than [`crate::image::MAX_SIDE_PX`].
    #[error(
        "an image of {width} x {height} pixels cannot be tracked; each side must be 1 to 16384"
    )]
    ImageSize {
        /// Pixels in a row.
        width: usize,
        /// Rows.
        height: usize,
    },
    /// The distance between rows is less than a row.
    #[error("the stride of {stride} bytes is less than the width of {width} pixels")]
    Stride {
        /// Bytes from one row to the next.
        stride: usize,
        /// Pixels in a row.
        width: usize,
    },
    /// The buffer ends before the last pixel.
    #[error("the image needs {required} bytes, the buffer has {actual}")]
    BufferTooSmall {
        /// Bytes up to and including the last pixel.
        required: usize,
        /// Bytes given.
        actual: usize,
    },
    /// A value of a configuration is out of its range.
    #[error("{name} is {value}; it must be {range}")]
    Config {
        /// The field of the configuration.
        name: &'static str,
        /// The value given.
        value: f64,
        /// The values that are allowed, in words.
        range: &'static str,
    },
    /// Two slices that must go together differ in length.
    #[error("expected {required} elements, got {actual}")]
    Length {
        /// Elements needed.
        required: usize,
        /// Elements given.
        actual: usize,
    },
    /// Two pyramids that must be alike have different sizes.
    #[error("the pyramids differ in size")]
    PyramidMismatch,
    /// A frame is not newer than the one before it. The tracks stay as they were; a caller whose clock was set back
    /// restarts the front end.
    #[error("a frame of time {actual_nanos} ns came after one of {previous_nanos} ns")]
    TimeNotIncreasing {
        /// Capture time of the last frame taken.
        previous_nanos: i64,
        /// Capture time of the frame refused.
        actual_nanos: i64,
    },
    /// An earlier frame is still worked on, and none can wait behind it, or one does already.
    #[error("a frame is on its way already; its answer has to be taken before another can be")]
    FrameOnItsWay,
}

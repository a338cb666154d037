//! What can go wrong when a renderer is made or given a picture.

/// An error of this crate. Drawing itself never fails: what cannot be drawn is skipped and counted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The target format is not one that the last pass can write.
    #[error("cannot draw into {format:?}: use an 8-bit RGBA or BGRA format")]
    UnsupportedTargetFormat {
        /// The format that was asked for.
        format: wgpu::TextureFormat,
    },
    /// The number of samples a pixel is neither 1 nor 4.
    #[error("{requested} samples a pixel are not supported: use 1 or 4")]
    UnsupportedSampleCount {
        /// The number that was asked for.
        requested: u32,
    },
    /// The device refused a shader, a pipeline or a texture.
    #[error("the graphics device refused the renderer: {message}")]
    Device {
        /// What the device said.
        message: String,
    },
    /// A label's bitmap has no pixels, is larger than the device allows, or its bytes do not match
    /// its size.
    #[error("a label of {width} x {height} pixels needs {required} bytes, {actual} were given")]
    LabelSize {
        /// Pixels a row.
        width: u32,
        /// Rows.
        height: u32,
        /// Bytes that such a bitmap has; 0 where the size itself is refused.
        required: usize,
        /// Bytes given.
        actual: usize,
    },
}

//! What can go wrong when a renderer is made, given a picture, or a model is read.

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
    /// The bytes are neither a GLB nor glTF's JSON.
    #[error("this is not a glTF file: it starts neither as a GLB nor as JSON")]
    ModelNotGltf,
    /// A glTF file of another version than 2.0.
    #[error("this glTF file needs version \"{version}\", only 2.0 can be read")]
    ModelVersion {
        /// What the file says.
        version: String,
    },
    /// A glTF file that cannot be shown without an extension that is not understood.
    #[error("this glTF file cannot be shown without the extension {name}, which is not understood")]
    ModelExtension {
        /// As the file names it.
        name: String,
    },
    /// A glTF file that contradicts itself or the specification.
    #[error("this glTF file is broken: {at}: {reason}")]
    ModelBroken {
        /// Which part of the file.
        at: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A glTF file goes beyond a limit of [`ModelLimits`](crate::model::ModelLimits).
    #[error("this glTF file is too big: {actual} {what}, the limit is {limit}")]
    ModelTooBig {
        /// What there is too much of.
        what: &'static str,
        /// At least so many there are.
        actual: usize,
        /// So many may be.
        limit: usize,
    },
    /// A file that a glTF file needs is not there.
    #[error("this glTF file needs \"{uri}\", which is not there")]
    ModelResource {
        /// The name, percent-decoded.
        uri: String,
    },
    /// Bytes that are no model of [`pack`](crate::model::pack).
    #[error("this packed model cannot be used: {reason}")]
    PackedModel {
        /// What is wrong with it.
        reason: &'static str,
    },
}

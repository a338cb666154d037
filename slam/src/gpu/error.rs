//! Why a device cannot do the front end's work.

/// Why a device cannot do the front end's work.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GpuError {
    /// It allows less than every WebGPU device does.
    #[error("the device allows {actual} {name}; {required} are needed")]
    Limit {
        /// What there is too little of.
        name: &'static str,
        /// How much is needed.
        required: u32,
        /// How much there is.
        actual: u32,
    },
    /// More points than one dispatch has workgroups.
    #[error("{points} points; a device follows at most 65535")]
    Points {
        /// The points asked for.
        points: usize,
    },
}

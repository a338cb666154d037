//! The front end's work in compute passes, through wgpu: natively and in a browser's worker.
//!
//! [`GpuEngine`] is an [`Engine`] of the front end. A frame is one submission: its picture goes to the device, and from
//! there on nothing comes back before the answer does.
//!
//! ```text
//! upload or luma   the picture's finest level, from memory or from a texture
//! pyramid          the coarser ones
//! flow             pilots there, what they agree on, the others there, all back
//! compaction       who came back and is in nobody's way
//! corners          the best free one of each cell; the best of these, in two rounds
//! proof            flow again, from the new corners to the picture before and back; admission
//! read-back        counts and positions: 16 bytes a point
//! ```
//!
//! Every pass is a file here, with a shader beside it of the same name, and has a twin that runs on the CPU, named in
//! its head; `tests` compares them. How much work the later passes have is known to the device alone: it dispatches
//! them itself.
//!
//! No pass needs more than what every WebGPU device allows. It opens no device: the caller hands one in, which may be
//! that of the view; the points can then be drawn from where they are ([`GpuEngine::points_on_device`]).

mod admission;
mod agreement;
mod buffers;
mod compaction;
mod corners;
mod engine;
mod error;
mod flow;
mod layout;
mod luma;
mod points_on_device;
mod pyramid;
mod read_back;
mod records;
mod selection;
mod stage;
mod stages;
mod stopwatch;

pub use engine::{GpuEngine, required_limits};
pub use error::GpuError;
pub use points_on_device::{PointBuffers, PointsOnDevice};
pub use read_back::Signal;

#[cfg(test)]
mod tests;

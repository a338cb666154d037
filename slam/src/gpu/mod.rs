//! The front end's work in compute passes, through wgpu: natively and in a browser's worker.
//!
//! [`GpuEngine`] is an [`Engine`](crate::front_end::engine::Engine) of the front end. A frame is one submission: its
//! picture goes to the device, and from there on nothing comes back before the answer does.
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
//! ```no_run
//! use slam::gpu::{GpuEngine, required_limits};
//! use slam::{Frame, ImageView, Tracker, TrackerConfig};
//!
//! # async fn track(luma: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
//! let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
//! let adapter = instance.request_adapter(&wgpu::RequestAdapterOptions::default()).await?;
//! let descriptor = wgpu::DeviceDescriptor { required_limits: required_limits(), ..Default::default() };
//! let (device, queue) = adapter.request_device(&descriptor).await?;
//!
//! let config = TrackerConfig::default();
//! let engine = GpuEngine::new(device, queue, &config.front_end)?;
//! let mut tracker = Tracker::new(config)?;
//! tracker.use_engine(Some(Box::new(engine)));
//! tracker.submit(&Frame::new(ImageView::new(luma, 640, 480, 640)?, 0))?;
//! // Later, as often as one likes: it does not wait.
//! if let Some(tracking) = tracker.poll() {
//!     println!("{:?}, {} frames behind", tracking.state, tracking.frames_behind);
//! }
//! # Ok(())
//! # }
//! ```
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

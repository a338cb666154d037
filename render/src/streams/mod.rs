//! Post-processing of a video (a camera, a `<video>`, a remote stream) on its way to a canvas:
//! deblocking, contrast-adaptive sharpening, white balance, exposure, saturation, scaling, and a
//! before-and-after split. It stands beside the [`Renderer`](crate::Renderer) and does not use it.
//!
//! In flow the video's pictures, copied by the caller into [`StreamChain::input`], and
//! [`StreamAdjustments`]; out flows the picture in the caller's target. It knows nothing of where
//! the video comes from, keeps no earlier picture, and chooses no value by itself;
//! [`white_balance_from_gray`] helps a caller to.
//!
//! ```no_run
//! use render::streams::{StreamAdjustments, StreamChain, StreamFit};
//!
//! # async fn show(device: wgpu::Device, queue: wgpu::Queue, target: wgpu::TextureView) -> Result<(), render::Error> {
//! let mut chain = StreamChain::new(device, queue, wgpu::TextureFormat::Bgra8Unorm).await?;
//! let input = chain.input(640, 480);
//! // ... copy a picture of the video into `input`, then:
//! let adjustments = StreamAdjustments { sharpness: 0.5, exposure_stops: 0.5, ..Default::default() };
//! chain.draw(&adjustments, &target, [1280, 960], StreamFit::Contain);
//! # Ok(())
//! # }
//! ```
//!
//! # Passes
//! Deblock and sharpen work at the video's own resolution and are left out at strength 0; then
//! present scales, adjusts the colours and splits in one pass. Each file holds the CPU twin of the
//! WGSL beside it; [`cpu`] runs the twins.

pub mod cpu;

mod adjustments;
mod chain;
mod color;
mod deblock;
mod fit;
mod picture;
mod present;
mod scale;
mod sharpen;
mod stream_pass;
mod uniforms;
mod white_balance;

pub use adjustments::StreamAdjustments;
pub use chain::StreamChain;
pub use fit::StreamFit;
pub use white_balance::white_balance_from_gray;

/// Every pass's name and WGSL as it is compiled.
pub(crate) const SHADERS: [(&str, &str); 3] = [
    ("stream deblock", deblock::WGSL),
    ("stream sharpen", sharpen::WGSL),
    ("stream present", present::WGSL),
];

//! The renderer of Sightline: camera picture, feature points, planes, and lit, shadowed models and marks
//! in space, hidden by what is real, drawn through wgpu into any target (a canvas, an XR framebuffer, a texture).
//!
//! It works within the limits of WebGL2, on WebGPU and natively. It is given views
//! (`projection_from_view`, `view_from_world`) and plain values of what to draw, and knows nothing of
//! where they come from: no session, no tracker, no web type.
//!
//! ```no_run
//! use render::{Backdrop, FrameViews, Light, Pin, Renderer, RendererConfig, Scene, TargetOrigin, View};
//! use render::glam::camera::rh::{proj::opengl::perspective, view::look_at_mat4};
//! use render::glam::{Mat4, Vec3};
//!
//! # async fn frame(device: wgpu::Device, queue: wgpu::Queue, target: wgpu::TextureView) -> Result<(), render::Error> {
//! let mut renderer = Renderer::new(device, queue, RendererConfig::default()).await?;
//! let pins = [Pin {
//!     world_from_pin: Mat4::from_translation(Vec3::new(0.0, 0.0, -1.0)),
//!     color: render::palette::SIGNAL,
//!     label: None,
//!     drop: 0.0,
//! }];
//! let view = View {
//!     viewport_px: [0, 0, 1280, 800],
//!     projection_from_view: perspective(1.0, 1.6, 0.05, 100.0),
//!     view_from_world: look_at_mat4(Vec3::new(0.0, 0.6, 0.0), pins[0].world_from_pin.w_axis.truncate(), Vec3::Y),
//! };
//! let frame = FrameViews { views: &[view], target_size_px: [1280, 800], pixel_ratio: 1.0, time_secs: 0.0 };
//! renderer.draw(
//!     &frame,
//!     &Light::default(),
//!     &Scene { pins: &pins, ..Scene::default() },
//!     Backdrop::Transparent,
//!     &target,
//!     TargetOrigin::TopLeft,
//! );
//! # Ok(())
//! # }
//! ```
//!
//! # How a frame is drawn
//! Shadow maps (kept while what throws shadows and the light stay), the depth of real surfaces and of
//! content, how they darken each other, then all marks of all views in one pass over an own
//! multisampled picture, then one full-screen pass to the target, which encodes sRGB and turns the
//! picture over where the target asks for it. [`pass_order`] prints it all. Shaders and pipelines are
//! made in [`Renderer::new`] only.
//!
//! # Modules
//! - [`model`]: glTF 2.0 files as plain values, and how they are posed.
//! - [`palette`]: the colours of the visual language in linear light.
//! - `streams` (feature of that name): post-processing of a video, apart from the renderer.
//! - `view`, `light`, `scene`: what a frame is made of; `renderer`: how it is drawn; `passes`: one file a
//!   pass with its WGSL beside it; `gpu`: models and reflections on the device.
//!
//! # Features
//! All are on by default; a build that must be small turns them off. `gltf`: reading files. `lines`:
//! strokes, arrows, measurements, trajectories, the points of a map. `particles`: highlights and
//! celebrations. `streams`: the chain for videos. `timings`: GPU times of passes. What is left out draws
//! nothing.

/// The text of a shader by its place in `src`, as the build script shortened it.
macro_rules! wgsl {
    ($path:literal) => {
        include_str!(concat!(env!("OUT_DIR"), "/", $path))
    };
}

pub mod model;
pub mod palette;
#[cfg(feature = "streams")]
pub mod streams;

mod error;
mod frame_uniforms;
mod frustum;
mod gpu;
mod ground;
mod instances;
mod label_atlas;
mod label_bitmap;
mod label_layout;
mod label_placement;
mod light;
#[cfg(feature = "lines")]
mod line_points;
mod maker;
mod mesh;
mod model_draws;
#[cfg(feature = "particles")]
mod particle_effects;
mod pass_order;
mod passes;
mod picture_fit;
mod pins;
mod pipeline;
mod renderer;
mod resolution_scale;
mod scene;
mod screenshot;
mod shadow_fit;
mod targets;
mod timings;
mod view;
mod view_uniforms;

pub use error::Error;
pub use glam;
pub use label_layout::{LABEL_BITMAP_SCALE, label_size_px};
pub use light::{Light, LightSmoother, SphericalHarmonics};
pub use maker::{Pause, Progress};
pub use pass_order::{PassOrder, pass_order};
pub use picture_fit::{PictureFit, picture_fit};
pub use renderer::{Renderer, RendererConfig, draws_half_floats};
pub use resolution_scale::{ResolutionScale, ResolutionScaleConfig};
pub use scene::{
    Arrow, ColorBy, DevicePoints, DrawReport, Effects, FreeLabel, Grid, Head, ImagePoint, Keyframe,
    LabelId, MOST_PARTICLES, MeasuredDepth, Measurement, ModelId, ModelInstance, OLD_POINT_FRAMES,
    ParticleEffect, ParticleKind, Pin, Pointer, RealWorld, Scene, Spot, Stroke, Surface,
    Trajectory, WorldPoint, WorldPoints, measurement_text,
};
pub use screenshot::{Picture, Screenshot};
pub use timings::{Clock, PassTime};
pub use view::{Backdrop, FrameViews, TargetOrigin, View};

/// Every pass's name and its WGSL as it is compiled, for tools and tests that check shaders without
/// a device.
pub fn shaders() -> impl Iterator<Item = (&'static str, &'static str)> {
    let shaders = passes::SHADERS.iter().copied();
    #[cfg(feature = "streams")]
    let shaders = shaders.chain(streams::SHADERS);
    shaders
}

/// The same for the shaders that only devices with compute get: WebGL2 does not know them.
pub fn compute_shaders() -> impl Iterator<Item = (&'static str, &'static str)> {
    passes::COMPUTE_SHADERS.iter().copied()
}

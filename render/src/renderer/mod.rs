//! The renderer: makes every pass once, then turns frames into draw calls.
//!
//! `making.rs` makes it, `preparing.rs` sends a frame's values to the device, `recording.rs` writes its
//! commands in the order of `pass_order.rs`.

mod content;
mod making;
mod preparing;
mod recording;

use crate::{
    Backdrop, DrawReport, Error, FrameViews, Light, Scene, TargetOrigin, View,
    frame_uniforms::FrameGroup,
    frustum::Frustum,
    gpu::{materials::Materials, mips::Mips, reflections::Reflections},
    instances::Instances,
    mesh::Mesh,
    model_draws::{ModelDraws, ModelStore},
    passes::{
        composite::Composite,
        depth_only::DepthOnly,
        forward::Forward,
        grids::Grids,
        grounding::{Grounding, GroundingTargets},
        image_points::ImagePoints,
        labels::Labels,
        lines::Lines,
        models::Models,
        particles::Particles,
        picture_backdrop::PictureBackdrop,
        pin_shadow_map::PinShadowMap,
        pin_shadows::PinShadows,
        real_surfaces::RealSurfaces,
        shadow_map::ShadowMap,
        spots::Spots,
        world_points::WorldPointsPass,
    },
    pins::{PinInstance, ShadowCaster},
    screenshot::Screenshot,
    shadow_fit::Cascade,
    targets::OwnTargets,
    timings::{Clock, PassTime, Timings},
    view_uniforms::ViewBuffer,
};

pub use making::{RendererConfig, draws_half_floats};

/// Draws frames into targets of one format. See the crate's page for an example.
pub struct Renderer {
    device: wgpu::Device,
    queue: wgpu::Queue,
    /// Columns or rows that a texture of the device may have; asking a browser for that takes long.
    largest_texture_px: u32,
    sample_count: u32,
    target_format: wgpu::TextureFormat,
    /// Own pixels per target pixel, each way.
    resolution_scale: f32,
    views: ViewBuffer,
    frame_group: FrameGroup,
    pin_mesh: Mesh,
    pins: Instances<PinInstance>,
    casters: Vec<ShadowCaster>,
    /// Pins by distance, while there are more of them than tiles.
    nearest: Vec<(f32, usize)>,
    /// The views that are drawn in this frame, in pixels of the own picture.
    drawn_views: Vec<View>,
    frusta: Vec<Frustum>,
    cascades: [Option<Cascade>; 2],
    materials: Materials,
    mips: Mips,
    reflections: Reflections,
    model_store: ModelStore,
    next_model: u32,
    model_draws: ModelDraws,
    depth_only: DepthOnly,
    shadow_map: ShadowMap,
    real_surfaces: RealSurfaces,
    grounding: Grounding,
    grounding_targets: GroundingTargets,
    pin_shadow_map: PinShadowMap,
    picture: PictureBackdrop,
    image_points: ImagePoints,
    forward: Forward,
    models: Models,
    grids: Grids,
    pin_shadows: PinShadows,
    lines: Lines,
    world_points: WorldPointsPass,
    spots: Spots,
    particles: Particles,
    labels: Labels,
    composite: Composite,
    own: Option<(OwnTargets, wgpu::BindGroup)>,
    timings: Timings,
    pipelines_made: u32,
}

impl Renderer {
    /// Draws one frame and submits it; presenting a surface is the caller's.
    ///
    /// `target`: a view of a single-sampled texture of the configured format and of
    /// `frame.target_size_px`. It is overwritten, with premultiplied alpha in encoded values.
    pub fn draw(
        &mut self,
        frame: &FrameViews,
        light: &Light,
        scene: &Scene,
        backdrop: Backdrop,
        target: &wgpu::TextureView,
        origin: TargetOrigin,
    ) -> DrawReport {
        let mut report = DrawReport::default();
        let largest = self.largest_texture_px;
        if frame
            .target_size_px
            .iter()
            .any(|size| !(1..=largest).contains(size))
        {
            report.skipped_views = frame.views.len() as u32;
            return report;
        }
        let device_points = scene
            .device_points
            .filter(|points| self.image_points.can_draw(points));
        report.skipped_device_points = scene.device_points.is_some() && device_points.is_none();
        self.prepare(frame, light, scene, backdrop, &mut report);
        let device_points = device_points.filter(|_| self.picture.size_px().is_some());
        let commands = self.record(device_points, backdrop, target, origin, &mut report);
        self.queue.submit([commands]);
        self.timings.end_frame(&self.queue);
        report
    }

    /// How many pipelines were made for this renderer, all of them before its first frame.
    pub fn pipelines_made(&self) -> u32 {
        self.pipelines_made
    }

    /// How long the passes of the last frames took, in their order.
    pub fn pass_times(&self) -> impl Iterator<Item = PassTime> {
        self.timings.times()
    }

    /// What is timed from now on: by `clock` on the CPU, and whether the device is asked where it has
    /// timestamps. Neither costs anything while it is off. A new renderer has the clock of its
    /// configuration and asks.
    pub fn time_passes(&mut self, clock: Option<Clock>, asks_device: bool) {
        self.timings.set(clock, asks_device);
    }

    /// The same as [`Renderer::pass_times`], as means over the frames since the last call in which a pass ran,
    /// and how many those were: a frame alone may be shorter than the clock's step. Frames are counted
    /// while there is a clock.
    pub fn take_mean_pass_times(&mut self) -> impl Iterator<Item = (u32, PassTime)> {
        self.timings.take_means()
    }

    /// Own pixels per target pixel, each way.
    pub fn resolution_scale(&self) -> f32 {
        self.resolution_scale
    }

    /// Draws one frame into a target of its own, of `frame.target_size_px`, to be read back.
    ///
    /// # Errors
    /// [`Error::Device`] where the device has no target of this size.
    pub fn screenshot(
        &mut self,
        frame: &FrameViews,
        light: &Light,
        scene: &Scene,
        backdrop: Backdrop,
    ) -> Result<Screenshot, Error> {
        let [width, height] = frame.target_size_px;
        let sides = 1..=self.largest_texture_px;
        if !sides.contains(&width) || !sides.contains(&height) {
            return Err(Error::Device {
                message: format!("it has no picture of {width} x {height} pixels"),
            });
        }
        let target = self.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("screenshot"),
            size: wgpu::Extent3d {
                width,
                height,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: self.target_format,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        });
        let view = target.create_view(&Default::default());
        self.draw(frame, light, scene, backdrop, &view, TargetOrigin::TopLeft);
        Ok(Screenshot::of(&self.device, &self.queue, &target))
    }

    /// Draws with fewer pixels than the target has, and scales up at the end: 1 is the target's own
    /// size. Kept within 0.25 and 1.
    pub fn set_resolution_scale(&mut self, scale: f32) {
        self.resolution_scale = if scale.is_finite() {
            scale.clamp(0.25, 1.0)
        } else {
            1.0
        };
    }
}

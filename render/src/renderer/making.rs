//! Making a renderer: every shader and pipeline, once.

use crate::{
    Error,
    frame_uniforms::{FrameGroup, FrameTextures},
    gpu::{materials::Materials, mips::Mips, reflections::Reflections},
    instances::Instances,
    maker::{Maker, Pause},
    mesh::Mesh,
    model_draws::{ModelDraws, ModelStore},
    passes::{
        composite::Composite,
        depth_only::DepthOnly,
        forward::Forward,
        grids::Grids,
        grounding::Grounding,
        image_points::{ImagePoints, draws_indirectly},
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
    pipeline::MarkContext,
    renderer::Renderer,
    timings::{Clock, Timings},
    view_uniforms::ViewBuffer,
};

/// How a renderer is made.
#[derive(Clone, Debug)]
pub struct RendererConfig {
    /// Format of every target that [`Renderer::draw`] is given: 8-bit RGBA or BGRA, sRGB or not.
    pub target_format: wgpu::TextureFormat,
    /// Samples a pixel in the renderer's own picture: 4 (smooth edges) or 1.
    pub sample_count: u32,
    /// Times the making of pipelines, and the recording of passes for [`Renderer::pass_times`].
    pub clock: Option<Clock>,
    /// Whether the device can draw into `Rgba16Float` (see [`draws_half_floats`]): without it
    /// reflections are no brighter than white.
    pub half_float_targets: bool,
}

impl Default for RendererConfig {
    fn default() -> Self {
        RendererConfig {
            target_format: wgpu::TextureFormat::Rgba8Unorm,
            sample_count: 4,
            clock: None,
            half_float_targets: false,
        }
    }
}

/// Whether devices of this adapter can draw into `Rgba16Float`, blend and filter it.
pub fn draws_half_floats(adapter: &wgpu::Adapter) -> bool {
    let features = adapter.get_texture_format_features(wgpu::TextureFormat::Rgba16Float);
    features
        .allowed_usages
        .contains(wgpu::TextureUsages::RENDER_ATTACHMENT)
        && features
            .flags
            .contains(wgpu::TextureFormatFeatureFlags::FILTERABLE)
}

impl Renderer {
    /// Compiles every shader and makes every pipeline; later calls make none.
    ///
    /// The device needs no feature and no more than `Limits::downlevel_webgl2_defaults()`.
    ///
    /// # Errors
    /// [`Error::UnsupportedTargetFormat`], [`Error::UnsupportedSampleCount`], and
    /// [`Error::Device`] when the device refuses a shader or a pipeline.
    pub async fn new(
        device: wgpu::Device,
        queue: wgpu::Queue,
        config: RendererConfig,
    ) -> Result<Renderer, Error> {
        Renderer::new_in_steps(device, queue, config, None).await
    }

    /// The same, one pipeline after the other: `pause` is called after each, and waited for.
    ///
    /// # Errors
    /// As [`Renderer::new`].
    pub async fn new_in_steps(
        device: wgpu::Device,
        queue: wgpu::Queue,
        config: RendererConfig,
        pause: Option<Pause>,
    ) -> Result<Renderer, Error> {
        check(&config)?;
        let draws_indirectly = draws_indirectly(&device).await;
        let count = PIPELINES
            + u32::from(draws_indirectly)
            + Lines::PIPELINES
            + WorldPointsPass::PIPELINES
            + Particles::pipelines(&device.limits());
        let maker = Maker::new(&device, count, pause, config.clock);
        let scope = device.push_error_scope(wgpu::ErrorFilter::Validation);
        let renderer = make(&maker, queue, &config, draws_indirectly).await;
        match scope.pop().await {
            None => Ok(renderer),
            Some(error) => Err(Error::Device {
                message: error.to_string(),
            }),
        }
    }
}

async fn make(
    maker: &Maker,
    queue: wgpu::Queue,
    config: &RendererConfig,
    draws_indirectly: bool,
) -> Renderer {
    let device = maker.device.clone();
    let views = ViewBuffer::new(&device);
    let mut frame_group = FrameGroup::new(&device, &queue);
    let context = MarkContext {
        maker,
        view: &views.layout,
        frame: &frame_group.layout,
        samples: config.sample_count,
    };
    let pin_shadow_map = PinShadowMap::new(maker).await;
    let shadow_map = ShadowMap::new(&device);
    let materials = Materials::new(&device, &queue);
    let model_draws = ModelDraws::new(&device);
    let poses = &model_draws.poses;
    let reflections = Reflections::new(maker, &queue, config.half_float_targets).await;
    let grounding = Grounding::new(&context).await;
    let grounding_targets = grounding.targets(&device, [1, 1], &shadow_map.view);
    let models = Models::new(&context, &materials, poses).await;
    let depth_only = DepthOnly::new(maker, &views.layout, &materials, poses).await;
    let picture = PictureBackdrop::new(&context).await;
    let image_points = ImagePoints::new(&context, draws_indirectly).await;
    let forward = Forward::new(&context, &pin_shadow_map).await;
    let grids = Grids::new(&context).await;
    let pin_shadows = PinShadows::new(&context, &pin_shadow_map).await;
    let lines = Lines::new(&context).await;
    let world_points = WorldPointsPass::new(&context).await;
    let spots = Spots::new(&context).await;
    let particles = Particles::new(&context).await;
    let labels = Labels::new(&context).await;
    let [before, after] = reflections.views();
    frame_group.set_textures(
        &device,
        FrameTextures {
            shadow_map: &shadow_map.view,
            reflections_before: &before,
            reflections_after: &after,
            real_depth: &grounding_targets.real_depth,
            grounding: &grounding_targets.smooth,
        },
    );
    Renderer {
        largest_texture_px: device.limits().max_texture_dimension_2d,
        sample_count: config.sample_count,
        target_format: config.target_format,
        resolution_scale: 1.0,
        pin_mesh: Mesh::pin(&device),
        pins: Instances::new(&device, "pins", 64),
        casters: Vec::new(),
        nearest: Vec::new(),
        drawn_views: Vec::new(),
        frusta: Vec::new(),
        cascades: [None, None],
        mips: Mips::new(maker).await,
        model_store: ModelStore::new(),
        next_model: 0,
        real_surfaces: RealSurfaces::new(maker, &views.layout).await,
        composite: Composite::new(maker, config.target_format).await,
        own: None,
        timings: Timings::new(&device, config.clock),
        pipelines_made: maker.count(),
        materials,
        reflections,
        model_draws,
        depth_only,
        shadow_map,
        grounding,
        grounding_targets,
        pin_shadow_map,
        picture,
        image_points,
        forward,
        models,
        grids,
        pin_shadows,
        lines,
        world_points,
        spots,
        particles,
        labels,
        views,
        frame_group,
        device,
        queue,
    }
}

/// Pipelines of every renderer; passes that may be left out, and indirect draws, add theirs.
const PIPELINES: u32 = 32;

fn check(config: &RendererConfig) -> Result<(), Error> {
    use wgpu::TextureFormat::{Bgra8Unorm, Bgra8UnormSrgb, Rgba8Unorm, Rgba8UnormSrgb};
    let format = config.target_format;
    if ![Rgba8Unorm, Rgba8UnormSrgb, Bgra8Unorm, Bgra8UnormSrgb].contains(&format) {
        return Err(Error::UnsupportedTargetFormat { format });
    }
    if ![1, 4].contains(&config.sample_count) {
        return Err(Error::UnsupportedSampleCount {
            requested: config.sample_count,
        });
    }
    Ok(())
}

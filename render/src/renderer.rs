//! The renderer: makes every pass once, then turns frames into draw calls.

use crate::{
    Backdrop, DevicePoints, DrawReport, Error, FrameViews, LabelId, Light, Scene, TargetOrigin,
    View,
    instances::Instances,
    mesh::Mesh,
    passes::{
        composite::Composite,
        forward::Forward,
        grids::Grids,
        image_points::{ImagePoints, draws_indirectly},
        labels::Labels,
        picture_backdrop::PictureBackdrop,
        shadow_catcher::ShadowCatcher,
        shadow_map::{ShadowMap, TILE_COUNT, tile},
        spots::Spots,
    },
    pins::{PinInstance, ShadowCaster},
    targets::OwnTargets,
    view_uniforms::{ViewBuffer, ViewUniforms, pixel_ratio, px_per_metre},
};

/// How a renderer is made.
#[derive(Clone, Debug)]
pub struct RendererConfig {
    /// Format of every target that [`Renderer::draw`] is given: 8-bit RGBA or BGRA, sRGB or not.
    pub target_format: wgpu::TextureFormat,
    /// Samples a pixel in the renderer's own picture: 4 (smooth edges) or 1.
    pub sample_count: u32,
}

impl Default for RendererConfig {
    fn default() -> Self {
        RendererConfig {
            target_format: wgpu::TextureFormat::Rgba8Unorm,
            sample_count: 4,
        }
    }
}

/// Draws frames into targets of one format. See the crate's page for an example.
pub struct Renderer {
    device: wgpu::Device,
    queue: wgpu::Queue,
    sample_count: u32,
    views: ViewBuffer,
    pin_mesh: Mesh,
    pins: Instances<PinInstance>,
    casters: Vec<ShadowCaster>,
    /// Pins by distance, while there are more of them than tiles.
    nearest: Vec<(f32, usize)>,
    /// The views that are drawn in this frame.
    drawn_views: Vec<View>,
    shadow_map: ShadowMap,
    picture: PictureBackdrop,
    image_points: ImagePoints,
    forward: Forward,
    grids: Grids,
    shadow_catcher: ShadowCatcher,
    spots: Spots,
    labels: Labels,
    composite: Composite,
    own: Option<(OwnTargets, wgpu::BindGroup)>,
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
        check(&config)?;
        let draws_indirectly = draws_indirectly(&device).await;
        let scope = device.push_error_scope(wgpu::ErrorFilter::Validation);
        let renderer = Renderer::make(device, queue, &config, draws_indirectly);
        match scope.pop().await {
            None => Ok(renderer),
            Some(error) => Err(Error::Device {
                message: error.to_string(),
            }),
        }
    }

    fn make(
        device: wgpu::Device,
        queue: wgpu::Queue,
        config: &RendererConfig,
        draws_indirectly: bool,
    ) -> Renderer {
        let samples = config.sample_count;
        let views = ViewBuffer::new(&device);
        let shadow_map = ShadowMap::new(&device);
        let view = &views.layout;
        Renderer {
            sample_count: samples,
            pin_mesh: Mesh::pin(&device),
            pins: Instances::new(&device, "pins", 64),
            casters: Vec::new(),
            nearest: Vec::new(),
            drawn_views: Vec::new(),
            picture: PictureBackdrop::new(&device, view, samples),
            image_points: ImagePoints::new(&device, view, samples, draws_indirectly),
            forward: Forward::new(&device, view, &shadow_map, samples),
            grids: Grids::new(&device, view, samples),
            shadow_catcher: ShadowCatcher::new(&device, view, &shadow_map, samples),
            spots: Spots::new(&device, view, samples),
            labels: Labels::new(&device, view, samples),
            composite: Composite::new(&device, config.target_format),
            own: None,
            shadow_map,
            views,
            device,
            queue,
        }
    }

    /// Sets the card of a label: the whole card, drawn at [`crate::LABEL_BITMAP_SCALE`], rows from
    /// the top, 4 bytes a pixel, sRGB values times alpha.
    ///
    /// # Errors
    /// [`Error::LabelSize`] when size and bytes do not fit.
    pub fn set_label(
        &mut self,
        id: LabelId,
        width: u32,
        height: u32,
        premultiplied_srgb_rgba: &[u8],
    ) -> Result<(), Error> {
        self.labels.set(
            &self.device,
            &self.queue,
            id,
            [width, height],
            premultiplied_srgb_rgba,
        )
    }

    /// Forgets a label's card; a label that is not known is ignored.
    pub fn remove_label(&mut self, id: LabelId) {
        self.labels.remove(id);
    }

    /// The texture for the camera picture (`Rgba8UnormSrgb`, rows from the top): copy or write the
    /// picture into it before [`Renderer::draw`]. It stays the same while the size does; a new one
    /// is black. A size is kept within 1 and the device's largest texture.
    pub fn picture_texture(&mut self, width: u32, height: u32) -> &wgpu::Texture {
        let largest = self.device.limits().max_texture_dimension_2d;
        let size_px = [width.clamp(1, largest), height.clamp(1, largest)];
        self.picture.texture(&self.device, size_px)
    }

    /// Whether [`Scene::device_points`] are drawn: not on WebGL2, which has no indirect draws.
    pub fn draws_device_points(&self) -> bool {
        self.image_points.draws_device_points()
    }

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
        let largest = self.device.limits().max_texture_dimension_2d;
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

        let mut encoder = self.device.create_command_encoder(&Default::default());
        report.shadow_map_drawn = self.shadow_map.draw(
            &mut encoder,
            self.casters.iter().copied(),
            &self.pins,
            &self.pin_mesh,
        );
        if report.shadow_map_drawn {
            report.count(self.pins.len());
        }
        let size_px = frame.target_size_px;
        self.draw_views(&mut encoder, size_px, backdrop, device_points, &mut report);
        if let Some((_, drawn)) = &self.own {
            self.composite.draw(&mut encoder, drawn, target, origin);
            report.count(1);
        }
        self.queue.submit([encoder.finish()]);
        report
    }

    /// Sends all that the frame needs to the device.
    fn prepare(
        &mut self,
        frame: &FrameViews,
        light: &Light,
        scene: &Scene,
        backdrop: Backdrop,
        report: &mut DrawReport,
    ) {
        let (device, queue) = (&self.device, &self.queue);
        self.drawn_views.clear();
        self.drawn_views.extend(
            frame
                .views
                .iter()
                .filter(|view| is_drawable(view, frame.target_size_px)),
        );
        report.views = self.drawn_views.len() as u32;
        report.skipped_views = (frame.views.len() - self.drawn_views.len()) as u32;

        self.views.clear();
        self.labels.prepare(scene.pins, scene.heads);
        let picture_size_px = self.picture.size_px();
        for view in &self.drawn_views {
            let uniforms = ViewUniforms::new(
                view,
                frame,
                light,
                picture_size_px.unwrap_or([1, 1]),
                scene
                    .device_points
                    .map_or([1.0; 2], |points| points.picture_px_per_point_px),
                backdrop == Backdrop::Transparent,
            );
            self.labels
                .prepare_view(&uniforms, view, px_per_metre(view), pixel_ratio(frame));
            self.views.push(&uniforms);
        }
        self.views.upload(device, queue);
        self.labels.upload(device, queue);
        let points = if picture_size_px.is_some() {
            scene.image_points
        } else {
            &[]
        };
        self.image_points.prepare(device, queue, points);
        self.forward.prepare(device, queue, scene.heads);
        self.grids.prepare(device, queue, scene.grids);
        self.spots.prepare(device, queue, scene.spots);
        self.prepare_pins(light, scene);
    }

    /// Pins get a tile of the shadow map each; the nearest ones if there are too many.
    fn prepare_pins(&mut self, light: &Light, scene: &Scene) {
        self.pins.clear();
        self.casters.clear();
        self.nearest.clear();
        let mut push = |index: usize, slot: usize| {
            let tile = if slot < TILE_COUNT {
                tile(slot)
            } else {
                glam::Vec3::ZERO
            };
            let instance = PinInstance::new(&scene.pins[index], light, tile);
            if slot < TILE_COUNT {
                self.casters.push(instance.caster());
            }
            self.pins.push(instance);
        };
        if scene.pins.len() <= TILE_COUNT {
            (0..scene.pins.len()).for_each(|index| push(index, index));
        } else {
            let eye = self.drawn_views.first().map_or(glam::Vec3::ZERO, |view| {
                view.view_from_world.inverse().w_axis.truncate()
            });
            self.nearest
                .extend(scene.pins.iter().enumerate().map(|(index, pin)| {
                    (
                        pin.world_from_pin.w_axis.truncate().distance_squared(eye),
                        index,
                    )
                }));
            self.nearest
                .select_nth_unstable_by(TILE_COUNT - 1, |a, b| a.0.total_cmp(&b.0));
            // Among themselves in the scene's order, so that tiles change hands seldom.
            self.nearest[..TILE_COUNT].sort_unstable_by_key(|entry| entry.1);
            for (slot, (_, index)) in self.nearest.iter().enumerate() {
                push(*index, slot);
            }
        }
        self.pins.upload(&self.device, &self.queue);
    }

    /// Draws all marks of all views into the renderer's own picture.
    fn draw_views(
        &mut self,
        encoder: &mut wgpu::CommandEncoder,
        size_px: [u32; 2],
        backdrop: Backdrop,
        device_points: Option<DevicePoints>,
        report: &mut DrawReport,
    ) {
        // Like the others they wait for the picture.
        let device_points = device_points.filter(|_| self.picture.size_px().is_some());
        let kept = self.own.take().filter(|(own, _)| own.size_px() == size_px);
        let (own, _) = self.own.insert(kept.unwrap_or_else(|| {
            let own = OwnTargets::new(&self.device, size_px, self.sample_count);
            let group = self.composite.group(&self.device, own.finished());
            (own, group)
        }));
        let mut pass = own.begin(encoder, clear_color(backdrop));
        for (index, view) in self.drawn_views.iter().enumerate() {
            let [x, y, width, height] = view.viewport_px;
            pass.set_viewport(x as f32, y as f32, width as f32, height as f32, 0.0, 1.0);
            pass.set_scissor_rect(x, y, width, height);
            self.views.bind(&mut pass, index);
            if backdrop == Backdrop::Picture && self.picture.draw(&mut pass) {
                report.count(1);
            }
            report.count(self.image_points.draw(&mut pass));
            if let Some(points) = &device_points {
                report.draw_calls += self.image_points.draw_on_device(&mut pass, points);
            }
            if self.pins.len() > 0 {
                self.forward
                    .draw_pins(&mut pass, &self.shadow_map, &self.pins, &self.pin_mesh);
                report.count(self.pins.len());
            }
            report.count(self.forward.draw_heads(&mut pass, &self.shadow_map));
            report.count(self.grids.draw(&mut pass));
            if self.pins.len() > 0 {
                self.shadow_catcher
                    .draw(&mut pass, &self.shadow_map, &self.pins);
                report.count(self.pins.len());
            }
            report.count(self.spots.draw(&mut pass));
            let cards = self.labels.draw(&mut pass, index);
            report.draw_calls += cards;
            report.instances += cards;
        }
        // In OpenGL the scissor also cuts the resolve at the end of the pass.
        pass.set_scissor_rect(0, 0, size_px[0], size_px[1]);
    }
}

impl DrawReport {
    /// Adds one draw call, unless it had nothing to draw.
    fn count(&mut self, instances: u32) {
        self.draw_calls += u32::from(instances > 0);
        self.instances += instances;
    }
}

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

/// Whether the view has a size and lies within the target.
fn is_drawable(view: &View, target_size_px: [u32; 2]) -> bool {
    let [x, y, width, height] = view.viewport_px;
    let within = |start: u32, size: u32, target: u32| {
        size > 0 && start.checked_add(size).is_some_and(|end| end <= target)
    };
    within(x, width, target_size_px[0]) && within(y, height, target_size_px[1])
}

fn clear_color(backdrop: Backdrop) -> wgpu::Color {
    match backdrop {
        Backdrop::Transparent => wgpu::Color::TRANSPARENT,
        Backdrop::Color([red, green, blue]) => wgpu::Color {
            r: f64::from(red),
            g: f64::from(green),
            b: f64::from(blue),
            a: 1.0,
        },
        Backdrop::Picture => wgpu::Color::BLACK,
    }
}

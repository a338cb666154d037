//! Sending a frame's values to the device: views, light, instances, and the targets they need.

use glam::Vec3;

use crate::{
    Backdrop, DrawReport, FrameViews, Light, Scene, View,
    frame_uniforms::{FrameState, FrameUniforms},
    frustum::Frustum,
    gpu::reflections::Reflections,
    light::direction_to_light,
    passes::pin_shadow_map::{TILE_COUNT, tile},
    pins::PinInstance,
    renderer::Renderer,
    shadow_fit,
    targets::OwnTargets,
    view_uniforms::{ViewUniforms, pixel_ratio, px_per_metre},
};

impl Renderer {
    /// Sends all that the frame needs to the device.
    pub(super) fn prepare(
        &mut self,
        frame: &FrameViews,
        light: &Light,
        scene: &Scene,
        backdrop: Backdrop,
        report: &mut DrawReport,
    ) {
        let own_size_px = self.prepare_views(frame, scene, report);
        let (device, queue) = (&self.device, &self.queue);
        let points = if self.picture.size_px().is_some() {
            scene.image_points
        } else {
            &[]
        };
        self.image_points.prepare(device, queue, points);
        self.forward.prepare(device, queue, scene.heads);
        self.grids.prepare(device, queue, scene.grids);
        self.spots.prepare(device, queue, scene.spots);
        self.particles.prepare(queue, scene.particles);
        report.skipped_particles = self.particles.skipped();
        self.lines.prepare(device, queue, scene);
        self.world_points.prepare(device, queue, scene.world_points);
        self.prepare_pins(light, scene);
        self.prepare_models(light, scene, report);
        self.prepare_targets(own_size_px);
        self.views.upload(&self.device, &self.queue);
        let state = FrameState {
            time_secs: frame.time_secs,
            cascades: &self.cascades,
            reflections_part: self.reflections.faded(frame.time_secs),
            reflections: if self.reflections.measured {
                Vec3::ONE
            } else {
                light.around.mean_radiance().max(Vec3::ZERO)
            },
            highest_reflection_level: Reflections::highest_level(),
            occluded: self.real_surfaces.hides(),
            grounded: self.grounded(),
        };
        let uniforms = FrameUniforms::new(light, &scene.effects, backdrop, &state);
        self.frame_group.upload(&self.queue, uniforms);
    }

    /// Whether models and real surfaces darken each other in this frame.
    pub(super) fn grounded(&self) -> bool {
        !self.model_draws.draws.is_empty()
    }

    /// Takes the views in pixels of the own picture. Returns its size.
    fn prepare_views(
        &mut self,
        frame: &FrameViews,
        scene: &Scene,
        report: &mut DrawReport,
    ) -> [u32; 2] {
        let scale = self.resolution_scale;
        let scaled = |value: u32| ((value as f32 * scale).round() as u32).max(1);
        let own_size_px = frame.target_size_px.map(scaled);
        self.drawn_views.clear();
        let drawable = frame
            .views
            .iter()
            .filter(|view| is_drawable(view, frame.target_size_px));
        self.drawn_views.extend(drawable.map(|view| {
            let [left, top, width, height] = view.viewport_px;
            let place = |start: u32, size: u32, whole: u32| {
                let at = ((start as f32 * scale).round() as u32).min(whole - 1);
                let end = (((start + size) as f32 * scale).round() as u32).min(whole);
                [at, end.saturating_sub(at).max(1)]
            };
            let [left, width] = place(left, width, own_size_px[0]);
            let [top, height] = place(top, height, own_size_px[1]);
            View {
                viewport_px: [left, top, width, height],
                ..*view
            }
        }));
        report.views = self.drawn_views.len() as u32;
        report.skipped_views = (frame.views.len() - self.drawn_views.len()) as u32;

        self.views.clear();
        self.frusta.clear();
        self.labels.prepare(scene, frame.time_secs);
        let picture_size_px = self.picture.size_px();
        let pixel_ratio = pixel_ratio(frame) * scale;
        for view in &self.drawn_views {
            let uniforms = ViewUniforms::new(
                view,
                pixel_ratio,
                picture_size_px.unwrap_or([1, 1]),
                scene
                    .device_points
                    .map_or([1.0; 2], |points| points.picture_px_per_point_px),
            );
            self.labels
                .prepare_view(&uniforms, view, px_per_metre(view), pixel_ratio);
            self.frusta.push(Frustum::new(&uniforms.clip_from_world));
            self.views.push(&uniforms);
        }
        self.labels.upload(&self.device, &self.queue);
        own_size_px
    }

    /// Models, the ground they stand on, and where the shadow map looks.
    fn prepare_models(&mut self, light: &Light, scene: &Scene, report: &mut DrawReport) {
        let (device, queue) = (&self.device, &self.queue);
        let eye = self.eye_in_world();
        self.model_draws.prepare(
            device,
            queue,
            &mut self.model_store,
            scene.models,
            &self.frusta,
            eye,
        );
        if let Some(instances) = self.model_draws.upload_instances(device, queue) {
            self.views.set_instances(device, instances);
        }
        report.skipped_models = self.model_draws.skipped;
        self.real_surfaces
            .prepare(device, queue, &scene.real_world, self.drawn_views.len());
        let to_light = direction_to_light(light);
        for look in scene.models.iter().filter(|look| look.stands) {
            if let Some(model) = self.model_store.get(&look.model) {
                let bounds = model.bounds.transform(&look.world_from_model);
                if bounds.min.is_finite() && bounds.max.is_finite() {
                    self.real_surfaces.add_pad(
                        &scene.real_world,
                        &bounds,
                        &look.world_from_model,
                        to_light,
                    );
                }
            }
        }
        self.real_surfaces.upload(device, queue);
        let casters = self.model_draws.casters.iter().copied();
        self.cascades = shadow_fit::fit(casters, eye, to_light);
        for cascade in self.cascades.iter().flatten() {
            self.views
                .push(&ViewUniforms::of_light(cascade.clip_from_world));
        }
    }

    /// Pins get a tile of their shadow map each; the nearest ones if there are too many.
    fn prepare_pins(&mut self, light: &Light, scene: &Scene) {
        let eye = self.eye_in_world();
        self.pins.clear();
        self.casters.clear();
        self.nearest.clear();
        let mut push = |index: usize, slot: usize| {
            let tile = if slot < TILE_COUNT {
                tile(slot)
            } else {
                Vec3::ZERO
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

    /// Makes the own picture and the targets of the grounding where their size is another one.
    fn prepare_targets(&mut self, own_size_px: [u32; 2]) {
        let kept = self
            .own
            .take()
            .filter(|(own, _)| own.size_px() == own_size_px);
        self.own = Some(kept.unwrap_or_else(|| {
            let own = OwnTargets::new(&self.device, own_size_px, self.sample_count);
            let group = self.composite.group(&self.device, own.finished());
            (own, group)
        }));
        // Once they were needed they stay: content comes and goes.
        let needed = self.grounded() || self.real_surfaces.hides();
        let are_there = self.grounding_targets.size_px() != [1, 1];
        if (needed || are_there) && self.grounding_targets.size_px() != own_size_px {
            self.grounding_targets =
                self.grounding
                    .targets(&self.device, own_size_px, &self.shadow_map.view);
            self.use_textures();
        }
    }

    fn eye_in_world(&self) -> Vec3 {
        self.drawn_views.first().map_or(Vec3::ZERO, |view| {
            view.view_from_world.inverse().w_axis.truncate()
        })
    }
}

/// Whether the view has a size and lies within the target.
fn is_drawable(view: &View, target_size_px: [u32; 2]) -> bool {
    let [x, y, width, height] = view.viewport_px;
    let within = |start: u32, size: u32, target: u32| {
        size > 0 && start.checked_add(size).is_some_and(|end| end <= target)
    };
    within(x, width, target_size_px[0]) && within(y, height, target_size_px[1])
}

//! Writing a frame's commands, pass by pass in the order of `pass_order.rs`.

use crate::{
    Backdrop, DevicePoints, DrawReport, TargetOrigin,
    pass_order::{LAYERS, Layer, PASSES, Pass},
    passes::{grounding::set_half_viewport, shadow_map::LightViews},
    pipeline::begin_depth_pass,
    renderer::Renderer,
    timings::Recorder,
};

impl Renderer {
    /// All commands of the prepared frame.
    pub(super) fn record(
        &mut self,
        device_points: Option<DevicePoints>,
        backdrop: Backdrop,
        target: &wgpu::TextureView,
        origin: TargetOrigin,
        report: &mut DrawReport,
    ) -> wgpu::CommandBuffer {
        // The timings stand apart while the passes are recorded.
        let mut timings = std::mem::take(&mut self.timings);
        let encoder = self.device.create_command_encoder(&Default::default());
        let mut recorder = Recorder::new(encoder, &timings);
        for entry in &PASSES {
            recorder.begin(entry.pass);
            match entry.pass {
                Pass::PinShadowMap => self.record_pin_shadow_map(&mut recorder, report),
                Pass::ShadowMap => self.record_shadow_map(&mut recorder, report),
                Pass::RealDepth => self.record_real_depth(&mut recorder, false, report),
                Pass::GroundDepth => self.record_real_depth(&mut recorder, true, report),
                Pass::ContentDepth => self.record_content_depth(&mut recorder, report),
                Pass::Grounding => self.record_grounding(&mut recorder, report),
                Pass::ConfettiSimulation => self.particles.simulate(&mut recorder),
                Pass::Marks => self.record_marks(&mut recorder, backdrop, device_points, report),
                Pass::Composite => {
                    if let Some((_, drawn)) = &self.own {
                        self.composite
                            .draw(&mut recorder, drawn, target, origin, backdrop);
                        report.count(1);
                    }
                }
            }
            recorder.end();
        }
        let mut encoder = recorder.encoder;
        timings.resolve(&mut encoder);
        self.timings = timings;
        encoder.finish()
    }

    fn record_grounding(&self, recorder: &mut Recorder, report: &mut DrawReport) {
        if self.grounded() {
            let rects = self.drawn_views.iter().map(|view| view.viewport_px);
            report.draw_calls += self.grounding.draw(
                recorder,
                &self.grounding_targets,
                &self.frame_group,
                &self.views,
                rects,
            );
        }
    }

    fn record_pin_shadow_map(&mut self, recorder: &mut Recorder, report: &mut DrawReport) {
        report.shadow_map_drawn = self.pin_shadow_map.draw(
            recorder,
            self.casters.iter().copied(),
            &self.pins,
            &self.pin_mesh,
        );
        if report.shadow_map_drawn {
            report.count(self.pins.len());
        }
    }

    fn record_shadow_map(&mut self, recorder: &mut Recorder, report: &mut DrawReport) {
        let counted = self.shadow_map.draw(
            recorder,
            &self.depth_only,
            &self.model_store,
            &self.model_draws,
            &LightViews {
                cascades: &self.cascades,
                views: &self.views,
                first: self.drawn_views.len(),
            },
        );
        if let Some(counted) = counted {
            report.shadow_map_drawn = true;
            report.add(counted);
        }
    }

    fn record_real_depth(&self, recorder: &mut Recorder, with_pads: bool, report: &mut DrawReport) {
        let needed = if with_pads {
            self.grounded()
        } else {
            self.real_surfaces.hides()
        };
        if !needed {
            return;
        }
        let targets = &self.grounding_targets;
        let (label, target) = if with_pads {
            ("ground depth", &targets.ground_depth)
        } else {
            ("real depth", &targets.real_depth)
        };
        let mut pass = begin_depth_pass(recorder, label, target);
        for (index, view) in self.drawn_views.iter().enumerate() {
            set_half_viewport(&mut pass, view.viewport_px);
            self.views.bind(&mut pass, index);
            self.real_surfaces.draw(&mut pass, index, with_pads);
            report.count(1);
        }
    }

    fn record_content_depth(&self, recorder: &mut Recorder, report: &mut DrawReport) {
        if !self.grounded() {
            return;
        }
        let target = &self.grounding_targets.content_depth;
        let mut pass = begin_depth_pass(recorder, "content depth", target);
        for (index, view) in self.drawn_views.iter().enumerate() {
            set_half_viewport(&mut pass, view.viewport_px);
            self.views.bind(&mut pass, index);
            let opaque = self
                .model_draws
                .draws
                .iter()
                .filter(|draw| !draw.kind.blended);
            report.add(self.depth_only.draw(
                &mut pass,
                &self.model_store,
                &self.model_draws,
                opaque,
                |draw| draw.seen.clone(),
            ));
        }
    }

    fn record_marks(
        &self,
        recorder: &mut Recorder,
        backdrop: Backdrop,
        device_points: Option<DevicePoints>,
        report: &mut DrawReport,
    ) {
        let Some((own, _)) = &self.own else {
            return;
        };
        let mut pass = own.begin(recorder, clear_color(backdrop));
        for (index, view) in self.drawn_views.iter().enumerate() {
            let [x, y, width, height] = view.viewport_px;
            pass.set_viewport(x as f32, y as f32, width as f32, height as f32, 0.0, 1.0);
            pass.set_scissor_rect(x, y, width, height);
            self.views.bind(&mut pass, index);
            self.frame_group.bind(&mut pass);
            for (layer, _) in LAYERS {
                self.record_layer(&mut pass, layer, index, backdrop, device_points, report);
            }
        }
        // In OpenGL the scissor also cuts the resolve at the end of the pass.
        let [width, height] = own.size_px();
        pass.set_scissor_rect(0, 0, width, height);
    }

    fn record_layer(
        &self,
        pass: &mut wgpu::RenderPass,
        layer: Layer,
        view_index: usize,
        backdrop: Backdrop,
        device_points: Option<DevicePoints>,
        report: &mut DrawReport,
    ) {
        let shades = backdrop != Backdrop::Additive;
        match layer {
            Layer::Picture => {
                if backdrop == Backdrop::Picture && self.picture.draw(pass) {
                    report.count(1);
                }
            }
            Layer::GroundingCatcher => {
                if shades && self.grounded() {
                    self.grounding.draw_catcher(pass);
                    report.count(1);
                }
            }
            Layer::ImagePoints => {
                report.count(self.image_points.draw(pass));
                if let Some(points) = &device_points {
                    report.draw_calls += self.image_points.draw_on_device(pass, points);
                }
            }
            Layer::Pins => {
                if self.pins.len() > 0 {
                    self.forward
                        .draw_pins(pass, &self.pin_shadow_map, &self.pins, &self.pin_mesh);
                    report.count(self.pins.len());
                }
            }
            Layer::Heads => report.count(self.forward.draw_heads(pass, &self.pin_shadow_map)),
            Layer::Models | Layer::BlendedModels => {
                let blended = layer == Layer::BlendedModels;
                let (store, draws) = (&self.model_store, &self.model_draws);
                report.add(self.models.draw(pass, store, draws, blended));
            }
            Layer::Grids => report.count(self.grids.draw(pass)),
            Layer::PinShadows => {
                if shades && self.pins.len() > 0 {
                    self.pin_shadows
                        .draw(pass, &self.pin_shadow_map, &self.pins);
                    report.count(self.pins.len());
                }
            }
            Layer::Lines => report.add(self.lines.draw(pass)),
            Layer::WorldPoints => report.count(self.world_points.draw(pass)),
            Layer::Spots => report.count(self.spots.draw(pass)),
            Layer::Particles => report.add(self.particles.draw(pass)),
            Layer::Labels => report.count(self.labels.draw(pass, view_index)),
        }
    }
}

impl DrawReport {
    /// Adds one draw call, unless it had nothing to draw.
    fn count(&mut self, instances: u32) {
        self.add([u32::from(instances > 0), instances]);
    }

    /// Adds draw calls and instances.
    fn add(&mut self, [draw_calls, instances]: [u32; 2]) {
        self.draw_calls += draw_calls;
        self.instances += instances;
    }
}

fn clear_color(backdrop: Backdrop) -> wgpu::Color {
    match backdrop {
        Backdrop::Transparent | Backdrop::Additive => wgpu::Color::TRANSPARENT,
        Backdrop::Color([red, green, blue]) => wgpu::Color {
            r: f64::from(red),
            g: f64::from(green),
            b: f64::from(blue),
            a: 1.0,
        },
        Backdrop::Picture => wgpu::Color::BLACK,
    }
}

//! Composite: one full-screen pass from the renderer's own picture to the target. It scales, encodes
//! sRGB where the target's format does not, premultiplies by alpha in encoded values, and turns the
//! picture upside down for targets whose first row is the bottom one.

use crate::{
    Backdrop, TargetOrigin,
    maker::Maker,
    pipeline::{begin_color_pass, full_screen_pipeline, shader, texture_layout},
    timings::Recorder,
};

pub(crate) const WGSL: &str = wgsl!("passes/composite.wgsl");

pub(crate) struct Composite {
    pipeline: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
    sampler: wgpu::Sampler,
}

impl Composite {
    pub(crate) async fn new(maker: &Maker, target_format: wgpu::TextureFormat) -> Self {
        let device = &maker.device;
        let layout = texture_layout(device, "composite");
        let fragment = if target_format.is_srgb() {
            "fs_composite_srgb"
        } else {
            "fs_composite_plain"
        };
        Composite {
            pipeline: full_screen_pipeline(
                maker,
                "composite",
                &shader(device, "composite", WGSL),
                ["vs_composite", fragment],
                &[Some(&layout)],
                target_format,
            )
            .await,
            sampler: device.create_sampler(&wgpu::SamplerDescriptor {
                label: Some("composite"),
                mag_filter: wgpu::FilterMode::Linear,
                min_filter: wgpu::FilterMode::Linear,
                ..Default::default()
            }),
            layout,
        }
    }

    /// The group that [`Composite::draw`] reads from; made once for every own picture.
    pub(crate) fn group(
        &self,
        device: &wgpu::Device,
        drawn: &wgpu::TextureView,
    ) -> wgpu::BindGroup {
        device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("composite"),
            layout: &self.layout,
            entries: &[
                wgpu::BindGroupEntry {
                    binding: 0,
                    resource: wgpu::BindingResource::TextureView(drawn),
                },
                wgpu::BindGroupEntry {
                    binding: 1,
                    resource: wgpu::BindingResource::Sampler(&self.sampler),
                },
            ],
        })
    }

    pub(crate) fn draw(
        &self,
        recorder: &mut Recorder,
        drawn: &wgpu::BindGroup,
        target: &wgpu::TextureView,
        origin: TargetOrigin,
        backdrop: Backdrop,
    ) {
        let mut pass = begin_color_pass(recorder, "composite", target, wgpu::Color::TRANSPARENT);
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, drawn, &[]);
        let first = match origin {
            TargetOrigin::TopLeft => 0,
            TargetOrigin::BottomLeft => 3,
        } + if backdrop == Backdrop::Additive { 6 } else { 0 };
        pass.draw(first..first + 3, 0..1);
    }
}

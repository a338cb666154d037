//! Composite: one full-screen pass from the renderer's own picture to the target. It encodes sRGB
//! where the target's format does not, premultiplies by alpha in encoded values, and turns the
//! picture upside down for targets whose first row is the bottom one.

use crate::{
    TargetOrigin,
    pipeline::{pipeline_layout, shader},
};

pub(crate) const WGSL: &str = include_str!("composite.wgsl");

pub(crate) struct Composite {
    pipeline: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
}

impl Composite {
    pub(crate) fn new(device: &wgpu::Device, target_format: wgpu::TextureFormat) -> Self {
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("composite"),
            entries: &[wgpu::BindGroupLayoutEntry {
                binding: 0,
                visibility: wgpu::ShaderStages::FRAGMENT,
                ty: wgpu::BindingType::Texture {
                    sample_type: wgpu::TextureSampleType::Float { filterable: true },
                    view_dimension: wgpu::TextureViewDimension::D2,
                    multisampled: false,
                },
                count: None,
            }],
        });
        let module = shader(device, "composite", WGSL);
        let fragment = if target_format.is_srgb() {
            "fs_composite_srgb"
        } else {
            "fs_composite_plain"
        };
        let pipeline = device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some("composite"),
            layout: Some(&pipeline_layout(device, "composite", &[&layout])),
            vertex: wgpu::VertexState {
                module: &module,
                entry_point: Some("vs_composite"),
                compilation_options: Default::default(),
                buffers: &[],
            },
            primitive: Default::default(),
            depth_stencil: None,
            multisample: Default::default(),
            fragment: Some(wgpu::FragmentState {
                module: &module,
                entry_point: Some(fragment),
                compilation_options: Default::default(),
                targets: &[Some(target_format.into())],
            }),
            multiview_mask: None,
            cache: None,
        });
        Composite { pipeline, layout }
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
            entries: &[wgpu::BindGroupEntry {
                binding: 0,
                resource: wgpu::BindingResource::TextureView(drawn),
            }],
        })
    }

    pub(crate) fn draw(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        drawn: &wgpu::BindGroup,
        target: &wgpu::TextureView,
        origin: TargetOrigin,
    ) {
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("composite"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: target,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations {
                    load: wgpu::LoadOp::Clear(wgpu::Color::TRANSPARENT),
                    store: wgpu::StoreOp::Store,
                },
            })],
            depth_stencil_attachment: None,
            timestamp_writes: None,
            occlusion_query_set: None,
            multiview_mask: None,
        });
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, drawn, &[]);
        pass.draw(
            match origin {
                TargetOrigin::TopLeft => 0..3,
                TargetOrigin::BottomLeft => 3..6,
            },
            0..1,
        );
    }
}

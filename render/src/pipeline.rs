//! What the render pipelines of the passes have in common.

use crate::{maker::Maker, timings::Recorder};

/// Format of the renderer's own picture: every device can draw, blend, resolve and sample it.
pub(crate) const COLOR_FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8UnormSrgb;
/// Format of the renderer's own depth and of the shadow map.
pub(crate) const DEPTH_FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Depth32Float;

/// How a pass treats the depth of the view.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Depth {
    /// Neither tests nor writes.
    Ignore,
    /// Hidden by what is nearer.
    Test,
    /// Hidden by what is nearer, and hides.
    TestAndWrite,
}

/// What all passes that draw marks are made with.
#[derive(Clone, Copy)]
pub(crate) struct MarkContext<'a> {
    pub(crate) maker: &'a Maker,
    /// Layout of group 0.
    pub(crate) view: &'a wgpu::BindGroupLayout,
    /// Layout of group 1.
    pub(crate) frame: &'a wgpu::BindGroupLayout,
    /// Samples a pixel of the own picture.
    pub(crate) samples: u32,
}

/// A pipeline that draws into the renderer's own picture. All of them blend over, premultiplied: what
/// is opaque fades too where the real world hides it.
pub(crate) struct MarkPipeline<'a> {
    pub(crate) label: &'static str,
    pub(crate) module: &'a wgpu::ShaderModule,
    pub(crate) vertex: &'a str,
    pub(crate) fragment: &'a str,
    /// Groups 2 and on.
    pub(crate) groups: &'a [&'a wgpu::BindGroupLayout],
    pub(crate) buffers: &'a [wgpu::VertexBufferLayout<'a>],
    pub(crate) topology: wgpu::PrimitiveTopology,
    /// Which faces are left out.
    pub(crate) cull: Option<wgpu::Face>,
    pub(crate) depth: Depth,
}

impl MarkPipeline<'_> {
    pub(crate) async fn make(&self, context: &MarkContext<'_>) -> wgpu::RenderPipeline {
        let device = &context.maker.device;
        let mut groups = vec![context.view, context.frame];
        groups.extend_from_slice(self.groups);
        let buffers: Vec<_> = self.buffers.iter().cloned().map(Some).collect();
        let pipeline = device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some(self.label),
            layout: Some(&pipeline_layout(device, self.label, &groups)),
            vertex: wgpu::VertexState {
                module: self.module,
                entry_point: Some(self.vertex),
                compilation_options: Default::default(),
                buffers: &buffers,
            },
            primitive: wgpu::PrimitiveState {
                topology: self.topology,
                cull_mode: self.cull,
                ..Default::default()
            },
            depth_stencil: Some(depth_state(
                self.depth == Depth::TestAndWrite,
                if self.depth == Depth::Ignore {
                    wgpu::CompareFunction::Always
                } else {
                    wgpu::CompareFunction::LessEqual
                },
            )),
            multisample: wgpu::MultisampleState {
                count: context.samples,
                ..Default::default()
            },
            fragment: Some(wgpu::FragmentState {
                module: self.module,
                entry_point: Some(self.fragment),
                compilation_options: Default::default(),
                targets: &[Some(wgpu::ColorTargetState {
                    format: COLOR_FORMAT,
                    blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
                    write_mask: wgpu::ColorWrites::ALL,
                })],
            }),
            multiview_mask: None,
            cache: None,
        });
        context.maker.made(self.label).await;
        pipeline
    }
}

/// A pipeline that draws depth alone: of the shadow map, of content and of real surfaces. Both sides
/// of every face count.
pub(crate) struct DepthPipeline<'a> {
    pub(crate) label: &'static str,
    pub(crate) module: &'a wgpu::ShaderModule,
    pub(crate) vertex: &'a str,
    pub(crate) fragment: Option<&'a str>,
    /// A missing group keeps its number free.
    pub(crate) groups: &'a [Option<&'a wgpu::BindGroupLayout>],
    pub(crate) buffers: &'a [wgpu::VertexBufferLayout<'a>],
}

impl DepthPipeline<'_> {
    pub(crate) async fn make(&self, maker: &Maker) -> wgpu::RenderPipeline {
        let device = &maker.device;
        let buffers: Vec<_> = self.buffers.iter().cloned().map(Some).collect();
        let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(self.label),
            bind_group_layouts: self.groups,
            immediate_size: 0,
        });
        let pipeline = device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some(self.label),
            layout: Some(&layout),
            vertex: wgpu::VertexState {
                module: self.module,
                entry_point: Some(self.vertex),
                compilation_options: Default::default(),
                buffers: &buffers,
            },
            primitive: Default::default(),
            depth_stencil: Some(depth_state(true, wgpu::CompareFunction::Less)),
            multisample: Default::default(),
            fragment: self.fragment.map(|fragment| wgpu::FragmentState {
                module: self.module,
                entry_point: Some(fragment),
                compilation_options: Default::default(),
                targets: &[],
            }),
            multiview_mask: None,
            cache: None,
        });
        maker.made(self.label).await;
        pipeline
    }
}

fn depth_state(writes: bool, compare: wgpu::CompareFunction) -> wgpu::DepthStencilState {
    wgpu::DepthStencilState {
        format: DEPTH_FORMAT,
        depth_write_enabled: Some(writes),
        depth_compare: Some(compare),
        stencil: Default::default(),
        bias: Default::default(),
    }
}

/// A full-screen pipeline over a whole colour target of its own.
pub(crate) async fn full_screen_pipeline(
    maker: &Maker,
    label: &'static str,
    module: &wgpu::ShaderModule,
    [vertex, fragment]: [&str; 2],
    groups: &[Option<&wgpu::BindGroupLayout>],
    format: wgpu::TextureFormat,
) -> wgpu::RenderPipeline {
    let device = &maker.device;
    let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some(label),
        bind_group_layouts: groups,
        immediate_size: 0,
    });
    let pipeline = device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some(label),
        layout: Some(&layout),
        vertex: wgpu::VertexState {
            module,
            entry_point: Some(vertex),
            compilation_options: Default::default(),
            buffers: &[],
        },
        primitive: Default::default(),
        depth_stencil: None,
        multisample: Default::default(),
        fragment: Some(wgpu::FragmentState {
            module,
            entry_point: Some(fragment),
            compilation_options: Default::default(),
            targets: &[Some(format.into())],
        }),
        multiview_mask: None,
        cache: None,
    });
    maker.made(label).await;
    pipeline
}

/// Begins a pass that draws depth alone, from far away.
pub(crate) fn begin_depth_pass<'a>(
    recorder: &'a mut Recorder,
    label: &str,
    view: &wgpu::TextureView,
) -> wgpu::RenderPass<'a> {
    recorder.render_pass(&wgpu::RenderPassDescriptor {
        label: Some(label),
        color_attachments: &[],
        depth_stencil_attachment: Some(wgpu::RenderPassDepthStencilAttachment {
            view,
            depth_ops: Some(wgpu::Operations {
                load: wgpu::LoadOp::Clear(1.0),
                store: wgpu::StoreOp::Store,
            }),
            stencil_ops: None,
        }),
        timestamp_writes: None,
        occlusion_query_set: None,
        multiview_mask: None,
    })
}

/// Begins a pass that overwrites a colour target.
pub(crate) fn begin_color_pass<'a>(
    recorder: &'a mut Recorder,
    label: &str,
    view: &wgpu::TextureView,
    clear: wgpu::Color,
) -> wgpu::RenderPass<'a> {
    recorder.render_pass(&color_pass(label, &[Some(color_attachment(view, clear))]))
}

/// A colour attachment that is overwritten.
pub(crate) fn color_attachment(
    view: &wgpu::TextureView,
    clear: wgpu::Color,
) -> wgpu::RenderPassColorAttachment<'_> {
    wgpu::RenderPassColorAttachment {
        view,
        depth_slice: None,
        resolve_target: None,
        ops: wgpu::Operations {
            load: wgpu::LoadOp::Clear(clear),
            store: wgpu::StoreOp::Store,
        },
    }
}

/// A pass over colour alone.
pub(crate) fn color_pass<'a>(
    label: &'a str,
    attachments: &'a [Option<wgpu::RenderPassColorAttachment<'a>>],
) -> wgpu::RenderPassDescriptor<'a> {
    wgpu::RenderPassDescriptor {
        label: Some(label),
        color_attachments: attachments,
        depth_stencil_attachment: None,
        timestamp_writes: None,
        occlusion_query_set: None,
        multiview_mask: None,
    }
}

pub(crate) fn shader(device: &wgpu::Device, label: &str, wgsl: &str) -> wgpu::ShaderModule {
    device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(label),
        source: wgpu::ShaderSource::Wgsl(wgsl.into()),
    })
}

pub(crate) fn pipeline_layout(
    device: &wgpu::Device,
    label: &str,
    groups: &[&wgpu::BindGroupLayout],
) -> wgpu::PipelineLayout {
    let groups: Vec<_> = groups.iter().copied().map(Some).collect();
    device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some(label),
        bind_group_layouts: &groups,
        immediate_size: 0,
    })
}

/// Layout of a filtered colour texture and its sampler, for fragments.
pub(crate) fn texture_layout(device: &wgpu::Device, label: &str) -> wgpu::BindGroupLayout {
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some(label),
        entries: &[
            wgpu::BindGroupLayoutEntry {
                binding: 0,
                visibility: wgpu::ShaderStages::FRAGMENT,
                ty: wgpu::BindingType::Texture {
                    sample_type: wgpu::TextureSampleType::Float { filterable: true },
                    view_dimension: wgpu::TextureViewDimension::D2,
                    multisampled: false,
                },
                count: None,
            },
            wgpu::BindGroupLayoutEntry {
                binding: 1,
                visibility: wgpu::ShaderStages::FRAGMENT,
                ty: wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering),
                count: None,
            },
        ],
    })
}

/// A texture and a sampler in a layout of [`texture_layout`].
pub(crate) fn texture_group(
    device: &wgpu::Device,
    layout: &wgpu::BindGroupLayout,
    texture: &wgpu::Texture,
    sampler: &wgpu::Sampler,
) -> wgpu::BindGroup {
    let view = texture.create_view(&Default::default());
    device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: None,
        layout,
        entries: &[
            wgpu::BindGroupEntry {
                binding: 0,
                resource: wgpu::BindingResource::TextureView(&view),
            },
            wgpu::BindGroupEntry {
                binding: 1,
                resource: wgpu::BindingResource::Sampler(sampler),
            },
        ],
    })
}

//! The renderer's own picture: multisampled colour and depth of the target's size, and the resolved
//! picture that the last pass reads.

use crate::{
    pipeline::{COLOR_FORMAT, DEPTH_FORMAT},
    timings::Recorder,
};

pub(crate) struct OwnTargets {
    size_px: [u32; 2],
    color: wgpu::TextureView,
    depth: wgpu::TextureView,
    /// Where `color` is resolved to; absent with one sample a pixel.
    resolved: Option<wgpu::TextureView>,
}

impl OwnTargets {
    pub(crate) fn new(device: &wgpu::Device, size_px: [u32; 2], samples: u32) -> Self {
        let texture = |label, format, sample_count, usage| {
            device
                .create_texture(&wgpu::TextureDescriptor {
                    label: Some(label),
                    size: wgpu::Extent3d {
                        width: size_px[0],
                        height: size_px[1],
                        depth_or_array_layers: 1,
                    },
                    mip_level_count: 1,
                    sample_count,
                    dimension: wgpu::TextureDimension::D2,
                    format,
                    usage,
                    view_formats: &[],
                })
                .create_view(&Default::default())
        };
        let drawn = wgpu::TextureUsages::RENDER_ATTACHMENT;
        let read = drawn | wgpu::TextureUsages::TEXTURE_BINDING;
        let color_usage = if samples > 1 { drawn } else { read };
        OwnTargets {
            size_px,
            color: texture("own color", COLOR_FORMAT, samples, color_usage),
            depth: texture("own depth", DEPTH_FORMAT, samples, drawn),
            resolved: (samples > 1).then(|| texture("own resolved", COLOR_FORMAT, 1, read)),
        }
    }

    pub(crate) fn size_px(&self) -> [u32; 2] {
        self.size_px
    }

    /// The finished picture.
    pub(crate) fn finished(&self) -> &wgpu::TextureView {
        self.resolved.as_ref().unwrap_or(&self.color)
    }

    /// Begins the pass that all marks are drawn in.
    pub(crate) fn begin<'a>(
        &self,
        recorder: &'a mut Recorder,
        clear: wgpu::Color,
    ) -> wgpu::RenderPass<'a> {
        recorder.render_pass(&wgpu::RenderPassDescriptor {
            label: Some("marks"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: &self.color,
                depth_slice: None,
                resolve_target: self.resolved.as_ref(),
                ops: wgpu::Operations {
                    load: wgpu::LoadOp::Clear(clear),
                    store: if self.resolved.is_some() {
                        wgpu::StoreOp::Discard
                    } else {
                        wgpu::StoreOp::Store
                    },
                },
            })],
            depth_stencil_attachment: Some(wgpu::RenderPassDepthStencilAttachment {
                view: &self.depth,
                depth_ops: Some(wgpu::Operations {
                    load: wgpu::LoadOp::Clear(1.0),
                    store: wgpu::StoreOp::Discard,
                }),
                stencil_ops: None,
            }),
            timestamp_writes: None,
            occlusion_query_set: None,
            multiview_mask: None,
        })
    }
}

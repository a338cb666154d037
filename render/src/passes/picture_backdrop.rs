//! Picture backdrop: the camera picture, fitted by cover into a view.

use crate::pipeline::{Depth, MarkContext, MarkPipeline, shader, texture_group, texture_layout};

pub(crate) const WGSL: &str = concat!(
    wgsl!("passes/view.wgsl"),
    wgsl!("passes/picture_backdrop.wgsl")
);

pub(crate) struct PictureBackdrop {
    pipeline: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
    sampler: wgpu::Sampler,
    picture: Option<(wgpu::Texture, wgpu::BindGroup)>,
}

impl PictureBackdrop {
    pub(crate) async fn new(context: &MarkContext<'_>) -> Self {
        let device = &context.maker.device;
        let layout = texture_layout(device, "picture");
        let pipeline = MarkPipeline {
            label: "picture backdrop",
            module: &shader(device, "picture backdrop", WGSL),
            vertex: "vs_picture",
            fragment: "fs_picture",
            groups: &[&layout],
            buffers: &[],
            topology: wgpu::PrimitiveTopology::TriangleStrip,
            cull: None,
            depth: Depth::Ignore,
        }
        .make(context)
        .await;
        let sampler = device.create_sampler(&wgpu::SamplerDescriptor {
            label: Some("picture"),
            mag_filter: wgpu::FilterMode::Linear,
            min_filter: wgpu::FilterMode::Linear,
            ..Default::default()
        });
        PictureBackdrop {
            pipeline,
            layout,
            sampler,
            picture: None,
        }
    }

    /// The texture for pictures of this size; made anew, black, when the size changes.
    pub(crate) fn texture(&mut self, device: &wgpu::Device, size_px: [u32; 2]) -> &wgpu::Texture {
        let kept = self
            .picture
            .take()
            .filter(|(texture, _)| [texture.width(), texture.height()] == size_px);
        let (texture, _) = self.picture.insert(kept.unwrap_or_else(|| {
            let texture = picture_texture(device, size_px);
            let group = texture_group(device, &self.layout, &texture, &self.sampler);
            (texture, group)
        }));
        texture
    }

    /// Width and height of the picture, `None` before there is one.
    pub(crate) fn size_px(&self) -> Option<[u32; 2]> {
        let (texture, _) = self.picture.as_ref()?;
        Some([texture.width(), texture.height()])
    }

    /// Draws into the current view. Returns whether there was a picture.
    pub(crate) fn draw(&self, pass: &mut wgpu::RenderPass) -> bool {
        let Some((_, group)) = &self.picture else {
            return false;
        };
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(2, group, &[]);
        pass.draw(0..4, 0..1);
        true
    }
}

fn picture_texture(device: &wgpu::Device, size_px: [u32; 2]) -> wgpu::Texture {
    device.create_texture(&wgpu::TextureDescriptor {
        label: Some("picture"),
        size: wgpu::Extent3d {
            width: size_px[0],
            height: size_px[1],
            depth_or_array_layers: 1,
        },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: wgpu::TextureFormat::Rgba8UnormSrgb,
        // RENDER_ATTACHMENT: WebGPU asks for it where an external image is copied in.
        usage: wgpu::TextureUsages::TEXTURE_BINDING
            | wgpu::TextureUsages::COPY_DST
            | wgpu::TextureUsages::RENDER_ATTACHMENT,
        view_formats: &[],
    })
}

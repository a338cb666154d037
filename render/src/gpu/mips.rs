//! Makes the smaller levels of a texture on the device, each from the next larger one: means of two
//! by two pixels in linear light.

use crate::{
    maker::Maker,
    pipeline::{color_attachment, color_pass, full_screen_pipeline, shader, texture_layout},
};

pub(crate) const WGSL: &str = wgsl!("gpu/mips.wgsl");

const COLOR: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8UnormSrgb;
const VALUES: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

pub(crate) struct Mips {
    color: wgpu::RenderPipeline,
    values: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
    sampler: wgpu::Sampler,
}

impl Mips {
    pub(crate) async fn new(maker: &Maker) -> Self {
        let device = &maker.device;
        let layout = texture_layout(device, "mips");
        let module = shader(device, "mips", WGSL);
        let pipeline = async |format| {
            let entries = ["vs_mips", "fs_mips"];
            full_screen_pipeline(maker, "mips", &module, entries, &[Some(&layout)], format).await
        };
        Mips {
            color: pipeline(COLOR).await,
            values: pipeline(VALUES).await,
            sampler: device.create_sampler(&wgpu::SamplerDescriptor {
                label: Some("mips"),
                mag_filter: wgpu::FilterMode::Linear,
                min_filter: wgpu::FilterMode::Linear,
                ..Default::default()
            }),
            layout,
        }
    }

    /// An empty texture with all its levels: sRGB colours, or plain values.
    pub(crate) fn texture(
        device: &wgpu::Device,
        color: bool,
        [width, height]: [u32; 2],
    ) -> wgpu::Texture {
        device.create_texture(&wgpu::TextureDescriptor {
            label: Some("image"),
            size: wgpu::Extent3d {
                width,
                height,
                depth_or_array_layers: 1,
            },
            mip_level_count: width.max(height).ilog2() + 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: if color { COLOR } else { VALUES },
            usage: wgpu::TextureUsages::TEXTURE_BINDING
                | wgpu::TextureUsages::COPY_DST
                | wgpu::TextureUsages::RENDER_ATTACHMENT,
            view_formats: &[],
        })
    }

    /// Fills all levels but the first from it.
    pub(crate) fn fill(
        &self,
        device: &wgpu::Device,
        encoder: &mut wgpu::CommandEncoder,
        texture: &wgpu::Texture,
    ) {
        let level = |level| {
            texture.create_view(&wgpu::TextureViewDescriptor {
                base_mip_level: level,
                mip_level_count: Some(1),
                ..Default::default()
            })
        };
        for smaller in 1..texture.mip_level_count() {
            let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("mips"),
                layout: &self.layout,
                entries: &[
                    wgpu::BindGroupEntry {
                        binding: 0,
                        resource: wgpu::BindingResource::TextureView(&level(smaller - 1)),
                    },
                    wgpu::BindGroupEntry {
                        binding: 1,
                        resource: wgpu::BindingResource::Sampler(&self.sampler),
                    },
                ],
            });
            let view = level(smaller);
            let target = [Some(color_attachment(&view, wgpu::Color::TRANSPARENT))];
            let mut pass = encoder.begin_render_pass(&color_pass("mips", &target));
            pass.set_pipeline(if texture.format() == COLOR {
                &self.color
            } else {
                &self.values
            });
            pass.set_bind_group(0, &group, &[]);
            pass.draw(0..3, 0..1);
        }
    }
}

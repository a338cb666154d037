//! Reflections: the cube that surfaces mirror, blurred level by level for growing roughness, on the
//! device. Until one is measured it is a neutral room; a new one fades in.

use crate::{
    maker::Maker,
    pipeline::{color_attachment, color_pass, full_screen_pipeline, shader},
};

pub(crate) const WGSL: &str = wgsl!("gpu/reflections.wgsl");

/// Side of the blurred cube; its levels stand for roughness 0 to 1.
const SIDE_PX: u32 = 256;
const LEVELS: u32 = 7;
/// A new cube takes this long to replace the last one.
const FADE_SECS: f32 = 0.6;

pub(crate) struct Reflections {
    copy: wgpu::RenderPipeline,
    blur: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
    sampler: wgpu::Sampler,
    /// All levels of the cube that is blurred next.
    sharp: wgpu::Texture,
    /// The last one and the newest.
    blurred: [wgpu::Texture; 2],
    newest: usize,
    /// When the newest began to fade in; `None`: with the next frame.
    fading_since_secs: Option<f32>,
    faded: f32,
    /// Whether the newest was measured.
    pub(crate) measured: bool,
}

impl Reflections {
    /// Starts with the neutral room. `float`: whether the device can draw into half floats.
    pub(crate) async fn new(maker: &Maker, queue: &wgpu::Queue, float: bool) -> Self {
        let device = &maker.device;
        let format = if float {
            wgpu::TextureFormat::Rgba16Float
        } else {
            wgpu::TextureFormat::Rgba8UnormSrgb
        };
        let layout = layout(device);
        let module = shader(device, "reflections", WGSL);
        let pipeline = async |fragment, groups: &[Option<&wgpu::BindGroupLayout>]| {
            let entries = ["vs_reflections", fragment];
            full_screen_pipeline(maker, "reflections", &module, entries, groups, format).await
        };
        let levels = SIDE_PX.ilog2() + 1;
        let reflections = Reflections {
            copy: pipeline("fs_copy", &[Some(&layout)]).await,
            blur: pipeline("fs_blur", &[Some(&layout)]).await,
            sampler: device.create_sampler(&wgpu::SamplerDescriptor {
                label: Some("reflections"),
                mag_filter: wgpu::FilterMode::Linear,
                min_filter: wgpu::FilterMode::Linear,
                mipmap_filter: wgpu::MipmapFilterMode::Linear,
                ..Default::default()
            }),
            layout,
            sharp: cube(device, "reflections", format, levels),
            blurred: [0, 1].map(|_| cube(device, "reflections, blurred", format, LEVELS)),
            newest: 0,
            fading_since_secs: None,
            faded: 1.0,
            measured: false,
        };
        let room = pipeline("fs_neutral_room", &[]).await;
        let mut encoder = device.create_command_encoder(&Default::default());
        for face in 0..6 {
            let view = face_view(&reflections.sharp, face, 0);
            let target = [Some(color_attachment(&view, wgpu::Color::BLACK))];
            let mut pass = encoder.begin_render_pass(&color_pass("neutral room", &target));
            pass.set_pipeline(&room);
            pass.draw(3 * face..3 * face + 3, 0..1);
        }
        reflections.blur_into(device, &mut encoder, 0);
        queue.submit([encoder.finish()]);
        reflections
    }

    /// Takes a cube in linear light; it fades in from the next frame on.
    pub(crate) fn set(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        cube: &wgpu::TextureView,
    ) {
        let mut encoder = device.create_command_encoder(&Default::default());
        self.draw_level(device, &mut encoder, &self.copy, cube, &self.sharp, 0, 0);
        let other = 1 - self.newest;
        self.blur_into(device, &mut encoder, other);
        queue.submit([encoder.finish()]);
        self.newest = other;
        self.fading_since_secs = None;
        self.faded = 0.0;
        self.measured = true;
    }

    /// Goes on with the fade. Returns how far the newest has come, 0 to 1.
    pub(crate) fn faded(&mut self, time_secs: f32) -> f32 {
        if self.faded < 1.0 {
            let since = *self.fading_since_secs.get_or_insert(time_secs);
            self.faded = ((time_secs - since) / FADE_SECS).clamp(0.0, 1.0);
        }
        self.faded
    }

    /// The last cube and the newest.
    pub(crate) fn views(&self) -> [wgpu::TextureView; 2] {
        [1 - self.newest, self.newest].map(|index| {
            self.blurred[index].create_view(&wgpu::TextureViewDescriptor {
                dimension: Some(wgpu::TextureViewDimension::Cube),
                ..Default::default()
            })
        })
    }

    pub(crate) fn highest_level() -> f32 {
        (LEVELS - 1) as f32
    }

    fn blur_into(&self, device: &wgpu::Device, encoder: &mut wgpu::CommandEncoder, index: usize) {
        let view_of = |base: u32, count: Option<u32>| {
            self.sharp.create_view(&wgpu::TextureViewDescriptor {
                dimension: Some(wgpu::TextureViewDimension::Cube),
                base_mip_level: base,
                mip_level_count: count,
                ..Default::default()
            })
        };
        for level in 1..self.sharp.mip_level_count() {
            let larger = view_of(level - 1, Some(1));
            self.draw_level(device, encoder, &self.copy, &larger, &self.sharp, level, 0);
        }
        let all = view_of(0, None);
        for level in 0..LEVELS {
            self.draw_level(
                device,
                encoder,
                &self.blur,
                &all,
                &self.blurred[index],
                level,
                level,
            );
        }
    }

    /// Draws the six faces of a level; `as_level` is what the shader is told.
    #[allow(
        clippy::too_many_arguments,
        reason = "what is read, what is written, and by which pipeline: none belongs to another"
    )]
    fn draw_level(
        &self,
        device: &wgpu::Device,
        encoder: &mut wgpu::CommandEncoder,
        pipeline: &wgpu::RenderPipeline,
        source: &wgpu::TextureView,
        target: &wgpu::Texture,
        level: u32,
        as_level: u32,
    ) {
        let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("reflections"),
            layout: &self.layout,
            entries: &[
                wgpu::BindGroupEntry {
                    binding: 0,
                    resource: wgpu::BindingResource::TextureView(source),
                },
                wgpu::BindGroupEntry {
                    binding: 1,
                    resource: wgpu::BindingResource::Sampler(&self.sampler),
                },
            ],
        });
        for face in 0..6 {
            let view = face_view(target, face, level);
            let target = [Some(color_attachment(&view, wgpu::Color::BLACK))];
            let mut pass = encoder.begin_render_pass(&color_pass("reflections", &target));
            pass.set_pipeline(pipeline);
            pass.set_bind_group(0, &group, &[]);
            let first = 3 * (face + 6 * as_level);
            pass.draw(first..first + 3, 0..1);
        }
    }
}

fn cube(
    device: &wgpu::Device,
    label: &str,
    format: wgpu::TextureFormat,
    levels: u32,
) -> wgpu::Texture {
    device.create_texture(&wgpu::TextureDescriptor {
        label: Some(label),
        size: wgpu::Extent3d {
            width: SIDE_PX,
            height: SIDE_PX,
            depth_or_array_layers: 6,
        },
        mip_level_count: levels,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::TEXTURE_BINDING,
        view_formats: &[],
    })
}

fn face_view(texture: &wgpu::Texture, face: u32, level: u32) -> wgpu::TextureView {
    texture.create_view(&wgpu::TextureViewDescriptor {
        dimension: Some(wgpu::TextureViewDimension::D2),
        base_array_layer: face,
        array_layer_count: Some(1),
        base_mip_level: level,
        mip_level_count: Some(1),
        ..Default::default()
    })
}

fn layout(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("reflections"),
        entries: &[
            wgpu::BindGroupLayoutEntry {
                binding: 0,
                visibility: wgpu::ShaderStages::FRAGMENT,
                ty: wgpu::BindingType::Texture {
                    sample_type: wgpu::TextureSampleType::Float { filterable: true },
                    view_dimension: wgpu::TextureViewDimension::Cube,
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

//! What all views of a frame share: the mirror of `FrameUniforms` in `frame.wgsl`, and the bind group
//! that gives it to the passes together with shadow map, reflections and the real surfaces.

use bytemuck::{Pod, Zeroable};
use glam::{Mat4, Vec3, Vec4};

use crate::{
    Backdrop, Effects, Light, gpu::split_sum::split_sum_texture, light::direction_to_light,
    shadow_fit::Cascade,
};

/// The tangent of the sun's angular radius is 0.0047; a room's lights are larger: a lamp of 30 cm in
/// two metres.
const LIGHT_RADIUS_TANGENT: f32 = 0.075;

#[derive(Clone, Copy, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct FrameUniforms {
    sh: [Vec4; 9],
    direction_to_light: Vec4,
    light_intensity: Vec4,
    reflections: Vec4,
    cascade_from_world: [Mat4; 2],
    cascades: [Vec4; 2],
    settings: Vec4,
    world: Vec4,
}

/// What a frame has that its light and effects do not tell.
pub(crate) struct FrameState<'a> {
    pub(crate) time_secs: f32,
    pub(crate) cascades: &'a [Option<Cascade>; 2],
    /// How far the newer of the two reflection cubes has faded in, 0 to 1.
    pub(crate) reflections_part: f32,
    /// Factor on the cubes: 1 for one that was measured.
    pub(crate) reflections: Vec3,
    pub(crate) highest_reflection_level: f32,
    pub(crate) occluded: bool,
    pub(crate) grounded: bool,
}

impl FrameUniforms {
    pub(crate) fn new(
        light: &Light,
        effects: &Effects,
        backdrop: Backdrop,
        state: &FrameState,
    ) -> Self {
        let shadows = if backdrop == Backdrop::Additive {
            0.0
        } else {
            effects.shadows
        };
        let flag = |on: bool| if on { 1.0 } else { 0.0 };
        let cascade = |index: usize| state.cascades[index].unwrap_or_default();
        FrameUniforms {
            sh: light
                .around
                .shader_polynomial()
                .map(|value| value.extend(light.reflections.max_element().clamp(0.0, 1.0))),
            direction_to_light: direction_to_light(light).extend(state.time_secs),
            light_intensity: light
                .intensity
                .max(Vec3::ZERO)
                .extend(usable(shadows).clamp(0.0, 1.0)),
            reflections: (light.reflections * state.reflections).extend(state.reflections_part),
            cascade_from_world: [0, 1].map(|index| cascade(index).map_from_world(index)),
            cascades: [0, 1].map(|index| {
                let cascade = cascade(index);
                Vec4::new(
                    cascade.metres_per_texel,
                    cascade.depth_m,
                    index as f32 * 0.5,
                    flag(state.cascades[index].is_some()),
                )
            }),
            settings: Vec4::new(
                usable(effects.ambient_occlusion).clamp(0.0, 4.0),
                flag(effects.rolls_off_highlights),
                state.highest_reflection_level,
                LIGHT_RADIUS_TANGENT,
            ),
            world: Vec4::new(
                flag(state.occluded),
                flag(backdrop == Backdrop::Additive),
                flag(backdrop == Backdrop::Transparent),
                flag(state.grounded),
            ),
        }
    }
}

fn usable(value: f32) -> f32 {
    if value.is_finite() { value } else { 0.0 }
}

/// Everything of group 1 that is not made with it.
#[derive(Clone, Copy)]
pub(crate) struct FrameTextures<'a> {
    pub(crate) shadow_map: &'a wgpu::TextureView,
    pub(crate) reflections_before: &'a wgpu::TextureView,
    pub(crate) reflections_after: &'a wgpu::TextureView,
    pub(crate) real_depth: &'a wgpu::TextureView,
    pub(crate) grounding: &'a wgpu::TextureView,
}

/// Group 1 of the passes that draw marks.
pub(crate) struct FrameGroup {
    pub(crate) layout: wgpu::BindGroupLayout,
    buffer: wgpu::Buffer,
    shadow_sampler: wgpu::Sampler,
    reflections_sampler: wgpu::Sampler,
    split_sum: wgpu::TextureView,
    group: Option<wgpu::BindGroup>,
    sent: Option<FrameUniforms>,
}

impl FrameGroup {
    pub(crate) fn new(device: &wgpu::Device, queue: &wgpu::Queue) -> Self {
        FrameGroup {
            split_sum: split_sum_texture(device, queue),
            layout: layout(device),
            buffer: device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("frame"),
                size: size_of::<FrameUniforms>() as u64,
                usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            }),
            shadow_sampler: device.create_sampler(&wgpu::SamplerDescriptor {
                label: Some("shadow map"),
                mag_filter: wgpu::FilterMode::Linear,
                min_filter: wgpu::FilterMode::Linear,
                compare: Some(wgpu::CompareFunction::LessEqual),
                ..Default::default()
            }),
            reflections_sampler: device.create_sampler(&wgpu::SamplerDescriptor {
                label: Some("reflections"),
                mag_filter: wgpu::FilterMode::Linear,
                min_filter: wgpu::FilterMode::Linear,
                mipmap_filter: wgpu::MipmapFilterMode::Linear,
                ..Default::default()
            }),
            group: None,
            sent: None,
        }
    }

    /// To be called when one of the textures is another one.
    pub(crate) fn set_textures(&mut self, device: &wgpu::Device, textures: FrameTextures) {
        let view = |binding, view| wgpu::BindGroupEntry {
            binding,
            resource: wgpu::BindingResource::TextureView(view),
        };
        let sampler = |binding, sampler| wgpu::BindGroupEntry {
            binding,
            resource: wgpu::BindingResource::Sampler(sampler),
        };
        self.group = Some(device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("frame"),
            layout: &self.layout,
            entries: &[
                wgpu::BindGroupEntry {
                    binding: 0,
                    resource: self.buffer.as_entire_binding(),
                },
                view(1, textures.shadow_map),
                sampler(2, &self.shadow_sampler),
                view(3, textures.reflections_before),
                view(4, textures.reflections_after),
                sampler(5, &self.reflections_sampler),
                view(6, textures.real_depth),
                view(7, textures.grounding),
                view(8, &self.split_sum),
            ],
        }));
    }

    /// Sends the values, unless they are those of the last frame.
    pub(crate) fn upload(&mut self, queue: &wgpu::Queue, uniforms: FrameUniforms) {
        if self.sent != Some(uniforms) {
            queue.write_buffer(&self.buffer, 0, bytemuck::bytes_of(&uniforms));
            self.sent = Some(uniforms);
        }
    }

    pub(crate) fn bind(&self, pass: &mut wgpu::RenderPass) {
        if let Some(group) = &self.group {
            pass.set_bind_group(1, group, &[]);
        }
    }
}

fn layout(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    use wgpu::{BindingType, SamplerBindingType, TextureSampleType, TextureViewDimension};
    let entry = |binding, ty| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: if binding == 0 {
            wgpu::ShaderStages::VERTEX_FRAGMENT
        } else {
            wgpu::ShaderStages::FRAGMENT
        },
        ty,
        count: None,
    };
    let texture = |sample_type, view_dimension| BindingType::Texture {
        sample_type,
        view_dimension,
        multisampled: false,
    };
    let filtered = TextureSampleType::Float { filterable: true };
    let by_texel = TextureSampleType::Float { filterable: false };
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("frame"),
        entries: &[
            entry(
                0,
                BindingType::Buffer {
                    ty: wgpu::BufferBindingType::Uniform,
                    has_dynamic_offset: false,
                    min_binding_size: wgpu::BufferSize::new(size_of::<FrameUniforms>() as u64),
                },
            ),
            entry(
                1,
                texture(TextureSampleType::Depth, TextureViewDimension::D2),
            ),
            entry(2, BindingType::Sampler(SamplerBindingType::Comparison)),
            entry(3, texture(filtered, TextureViewDimension::Cube)),
            entry(4, texture(filtered, TextureViewDimension::Cube)),
            entry(5, BindingType::Sampler(SamplerBindingType::Filtering)),
            entry(6, texture(by_texel, TextureViewDimension::D2)),
            entry(7, texture(by_texel, TextureViewDimension::D2)),
            entry(8, texture(filtered, TextureViewDimension::D2)),
        ],
    })
}

//! Materials on the device: the mirror of `MaterialUniforms` in `material.wgsl`, and the bind group of
//! each material, group 2 of the passes that draw models.

use std::collections::HashMap;

use bytemuck::{Pod, Zeroable};
use glam::Vec4;

use crate::model::{Alpha, Material, Mips, Sampler, TextureUse, Wrap};

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct MaterialUniforms {
    base_color: Vec4,
    emissive: Vec4,
    factors: Vec4,
    flags: Vec4,
    uses: [[Vec4; 2]; 5],
}

impl MaterialUniforms {
    fn new(material: &Material) -> Self {
        let flag = |on: bool| if on { 1.0 } else { 0.0 };
        let cutoff = match material.alpha {
            Alpha::Mask { cutoff } => cutoff,
            // Nothing is seen of what has no alpha at all.
            Alpha::Blend => f32::MIN_POSITIVE,
            Alpha::Opaque => -1.0,
        };
        let [red, green, blue] = material.emissive;
        MaterialUniforms {
            base_color: Vec4::from_array(material.base_color),
            emissive: Vec4::new(red, green, blue, material.normal_scale),
            factors: Vec4::new(
                material.metallic,
                material.roughness,
                material.occlusion_strength,
                cutoff,
            ),
            flags: Vec4::new(
                flag(material.unlit),
                flag(material.alpha == Alpha::Blend),
                flag(material.normal_map.is_some()),
                flag(material.double_sided),
            ),
            uses: maps(material).map(|texture_use| {
                let Some(texture_use) = texture_use else {
                    return [Vec4::X, Vec4::Y];
                };
                let [[a, b, c], [d, e, f]] = texture_use.transform;
                [
                    Vec4::new(a, b, c, 0.0),
                    Vec4::new(d, e, f, f32::from(texture_use.coordinates)),
                ]
            }),
        }
    }
}

/// In the order of the shader's `uses` and bindings.
fn maps(material: &Material) -> [Option<&TextureUse>; 5] {
    [
        material.base_color_map.as_ref(),
        material.metallic_roughness_map.as_ref(),
        material.normal_map.as_ref(),
        material.occlusion_map.as_ref(),
        material.emissive_map.as_ref(),
    ]
}

/// What all materials share.
pub(crate) struct Materials {
    pub(crate) layout: wgpu::BindGroupLayout,
    white: wgpu::TextureView,
    samplers: HashMap<Sampler, wgpu::Sampler>,
}

impl Materials {
    pub(crate) fn new(device: &wgpu::Device, queue: &wgpu::Queue) -> Self {
        Materials {
            layout: layout(device),
            white: white(device, queue),
            samplers: HashMap::new(),
        }
    }

    /// The bind group of a material. `images`: views of the model's images, in its order.
    pub(crate) fn group(
        &mut self,
        device: &wgpu::Device,
        material: &Material,
        images: &[wgpu::TextureView],
    ) -> wgpu::BindGroup {
        let buffer = wgpu::util::DeviceExt::create_buffer_init(
            device,
            &wgpu::util::BufferInitDescriptor {
                label: Some("material"),
                contents: bytemuck::bytes_of(&MaterialUniforms::new(material)),
                usage: wgpu::BufferUsages::UNIFORM,
            },
        );
        let samplers = maps(material).map(|texture_use| {
            let sampler = texture_use
                .map(|texture_use| texture_use.sampler)
                .unwrap_or_default();
            self.samplers
                .entry(sampler)
                .or_insert_with(|| make_sampler(device, &sampler))
                .clone()
        });
        let views = maps(material).map(|texture_use| {
            texture_use
                .and_then(|texture_use| images.get(texture_use.image))
                .unwrap_or(&self.white)
        });
        let mut entries = vec![wgpu::BindGroupEntry {
            binding: 0,
            resource: buffer.as_entire_binding(),
        }];
        for index in 0..5 {
            entries.push(wgpu::BindGroupEntry {
                binding: 2 * index as u32 + 1,
                resource: wgpu::BindingResource::TextureView(views[index]),
            });
            entries.push(wgpu::BindGroupEntry {
                binding: 2 * index as u32 + 2,
                resource: wgpu::BindingResource::Sampler(&samplers[index]),
            });
        }
        device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("material"),
            layout: &self.layout,
            entries: &entries,
        })
    }
}

fn layout(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    let entry = |binding, ty| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::FRAGMENT,
        ty,
        count: None,
    };
    let mut entries = vec![entry(
        0,
        wgpu::BindingType::Buffer {
            ty: wgpu::BufferBindingType::Uniform,
            has_dynamic_offset: false,
            min_binding_size: wgpu::BufferSize::new(size_of::<MaterialUniforms>() as u64),
        },
    )];
    for index in 0..5 {
        entries.push(entry(
            2 * index + 1,
            wgpu::BindingType::Texture {
                sample_type: wgpu::TextureSampleType::Float { filterable: true },
                view_dimension: wgpu::TextureViewDimension::D2,
                multisampled: false,
            },
        ));
        entries.push(entry(
            2 * index + 2,
            wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering),
        ));
    }
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("material"),
        entries: &entries,
    })
}

fn make_sampler(device: &wgpu::Device, sampler: &Sampler) -> wgpu::Sampler {
    let wrap = |wrap| match wrap {
        Wrap::Repeat => wgpu::AddressMode::Repeat,
        Wrap::MirroredRepeat => wgpu::AddressMode::MirrorRepeat,
        Wrap::ClampToEdge => wgpu::AddressMode::ClampToEdge,
    };
    let filter = |linear| {
        if linear {
            wgpu::FilterMode::Linear
        } else {
            wgpu::FilterMode::Nearest
        }
    };
    device.create_sampler(&wgpu::SamplerDescriptor {
        label: Some("material"),
        address_mode_u: wrap(sampler.wrap_u),
        address_mode_v: wrap(sampler.wrap_v),
        mag_filter: filter(sampler.mag_linear),
        min_filter: filter(sampler.min_linear),
        mipmap_filter: match sampler.mips {
            Mips::Linear => wgpu::MipmapFilterMode::Linear,
            Mips::None | Mips::Nearest => wgpu::MipmapFilterMode::Nearest,
        },
        lod_max_clamp: if sampler.mips == Mips::None {
            0.0
        } else {
            32.0
        },
        ..Default::default()
    })
}

/// One pixel, for materials without a map.
fn white(device: &wgpu::Device, queue: &wgpu::Queue) -> wgpu::TextureView {
    let texture = device.create_texture(&wgpu::TextureDescriptor {
        label: Some("no map"),
        size: wgpu::Extent3d::default(),
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: wgpu::TextureFormat::Rgba8Unorm,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    });
    queue.write_texture(
        texture.as_image_copy(),
        &[255; 4],
        wgpu::TexelCopyBufferLayout {
            offset: 0,
            bytes_per_row: Some(4),
            rows_per_image: None,
        },
        wgpu::Extent3d::default(),
    );
    texture.create_view(&Default::default())
}

//! Joint matrices and morph weights of all posed instances of a frame in one texture, which the vertex
//! stage reads by texel: WebGL2 has no storage buffers.

/// Texels a row.
const WIDTH: u32 = 1024;

pub(crate) struct Poses {
    staged: Vec<[f32; 4]>,
    sent: Vec<[f32; 4]>,
    texture: wgpu::Texture,
    /// Changes when the texture is another one.
    generation: u32,
    /// Group 3 of the posed pipelines.
    pub(crate) layout: wgpu::BindGroupLayout,
    /// For parts without morph targets.
    no_morphs: wgpu::TextureView,
}

impl Poses {
    pub(crate) fn new(device: &wgpu::Device) -> Self {
        Poses {
            staged: vec![[0.0; 4]],
            sent: Vec::new(),
            texture: texture(device, "poses", 1),
            generation: 0,
            layout: layout(device),
            no_morphs: texture(device, "no morph targets", 1).create_view(&Default::default()),
        }
    }

    /// Forgets the last frame's. The first texel stays unused, so that 0 can say "no joints".
    pub(crate) fn clear(&mut self) {
        self.staged.truncate(1);
    }

    /// Room for `joints` matrices: the index of its first texel, and the texels, three rows a joint.
    pub(crate) fn push_joints(&mut self, joints: usize) -> (u32, &mut [[f32; 4]]) {
        self.push(3 * joints)
    }

    /// Puts morph weights, four a texel. Returns the index of the first texel.
    pub(crate) fn push_weights(&mut self, weights: &[f32]) -> u32 {
        let (first, texels) = self.push(weights.len().div_ceil(4));
        for (texel, chunk) in texels.iter_mut().zip(weights.chunks(4)) {
            texel[..chunk.len()].copy_from_slice(chunk);
        }
        first
    }

    fn push(&mut self, texels: usize) -> (u32, &mut [[f32; 4]]) {
        let first = self.staged.len();
        self.staged.resize(first + texels, [0.0; 4]);
        (first as u32, &mut self.staged[first..])
    }

    /// Sends the texels, unless they are those of the last frame. Returns whether it did.
    pub(crate) fn upload(&mut self, device: &wgpu::Device, queue: &wgpu::Queue) -> bool {
        if self.staged == self.sent {
            return false;
        }
        let used = self.staged.len();
        self.sent.clear();
        self.sent.extend_from_slice(&self.staged);
        let rows = (used as u32).div_ceil(WIDTH);
        if rows > device.limits().max_texture_dimension_2d {
            return false;
        }
        if rows > self.texture.height() {
            self.texture = texture(device, "poses", rows.next_power_of_two());
            self.generation += 1;
        }
        // Whole rows, from memory that keeps its size.
        self.staged.resize((rows * WIDTH) as usize, [0.0; 4]);
        write_rows(queue, &self.texture, &self.staged);
        self.staged.truncate(used);
        true
    }

    pub(crate) fn generation(&self) -> u32 {
        self.generation
    }

    /// Group 3 for a part with these morph targets.
    pub(crate) fn group(
        &self,
        device: &wgpu::Device,
        morphs: Option<&wgpu::Texture>,
    ) -> wgpu::BindGroup {
        let poses = self.texture.create_view(&Default::default());
        let morphs = morphs.map(|morphs| morphs.create_view(&Default::default()));
        device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("pose"),
            layout: &self.layout,
            entries: &[
                wgpu::BindGroupEntry {
                    binding: 0,
                    resource: wgpu::BindingResource::TextureView(&poses),
                },
                wgpu::BindGroupEntry {
                    binding: 1,
                    resource: wgpu::BindingResource::TextureView(
                        morphs.as_ref().unwrap_or(&self.no_morphs),
                    ),
                },
            ],
        })
    }
}

fn layout(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    let entry = |binding| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::VERTEX,
        ty: wgpu::BindingType::Texture {
            sample_type: wgpu::TextureSampleType::Float { filterable: false },
            view_dimension: wgpu::TextureViewDimension::D2,
            multisampled: false,
        },
        count: None,
    };
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("pose"),
        entries: &[entry(0), entry(1)],
    })
}

/// A texture that holds `texels`, row after row; `None` where the device allows no such one.
pub(crate) fn texel_texture(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    label: &str,
    mut texels: Vec<[f32; 4]>,
) -> Option<wgpu::Texture> {
    let rows = u32::try_from(texels.len()).ok()?.div_ceil(WIDTH).max(1);
    if rows > device.limits().max_texture_dimension_2d {
        return None;
    }
    texels.resize((rows * WIDTH) as usize, [0.0; 4]);
    let texture = texture(device, label, rows);
    write_rows(queue, &texture, &texels);
    Some(texture)
}

fn texture(device: &wgpu::Device, label: &str, rows: u32) -> wgpu::Texture {
    device.create_texture(&wgpu::TextureDescriptor {
        label: Some(label),
        size: wgpu::Extent3d {
            width: WIDTH,
            height: rows,
            depth_or_array_layers: 1,
        },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: wgpu::TextureFormat::Rgba32Float,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    })
}

fn write_rows(queue: &wgpu::Queue, texture: &wgpu::Texture, texels: &[[f32; 4]]) {
    queue.write_texture(
        texture.as_image_copy(),
        bytemuck::cast_slice(texels),
        wgpu::TexelCopyBufferLayout {
            offset: 0,
            bytes_per_row: Some(WIDTH * 16),
            rows_per_image: None,
        },
        wgpu::Extent3d {
            width: WIDTH,
            height: texels.len() as u32 / WIDTH,
            depth_or_array_layers: 1,
        },
    );
}

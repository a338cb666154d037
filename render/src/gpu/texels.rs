//! Values for the vertex stage in a texture that it reads by texel, row after row: WebGL2 has no storage buffers.
//! Filled anew in every frame, sent as far as something changed, larger when it must.

/// Texels a row, as `texel_place` in `texels.wgsl` has it.
const WIDTH: u32 = 1024;

/// The texels of a frame, and those on the device.
pub(crate) struct Texels {
    staged: Vec<[f32; 4]>,
    sent: Vec<[f32; 4]>,
    texture: wgpu::Texture,
    label: &'static str,
    /// Changes when the texture is another one.
    generation: u32,
}

impl Texels {
    pub(crate) fn new(device: &wgpu::Device, label: &'static str) -> Self {
        Texels {
            staged: Vec::new(),
            sent: Vec::new(),
            texture: texture(device, label, 1),
            label,
            generation: 0,
        }
    }

    /// Forgets those of the last frame.
    pub(crate) fn clear(&mut self) {
        self.staged.clear();
    }

    pub(crate) fn len(&self) -> u32 {
        self.staged.len() as u32
    }

    /// Room for so many: the index of the first, and the texels.
    pub(crate) fn push(&mut self, texels: usize) -> (u32, &mut [[f32; 4]]) {
        let first = self.staged.len();
        self.staged.resize(first + texels, [0.0; 4]);
        (first as u32, &mut self.staged[first..])
    }

    pub(crate) fn extend(&mut self, texels: &[[f32; 4]]) {
        self.staged.extend_from_slice(texels);
    }

    /// Sends the rows that differ from those of the last frame. Returns whether there were any.
    pub(crate) fn upload(&mut self, device: &wgpu::Device, queue: &wgpu::Queue) -> bool {
        let used = self.staged.len();
        let rows = (used as u32).div_ceil(WIDTH);
        if rows > self.texture.height() {
            if rows > device.limits().max_texture_dimension_2d {
                return false;
            }
            self.texture = texture(device, self.label, rows.next_power_of_two());
            self.generation += 1;
            self.sent.clear();
        }
        // Whole rows, from memory that keeps its size.
        self.staged.resize((rows * WIDTH) as usize, [0.0; 4]);
        let width = WIDTH as usize;
        let differs = |row: &usize| {
            let now = &self.staged[row * width..][..width];
            let known = self.sent.get(row * width..(row + 1) * width);
            known != Some(now)
        };
        let first = (0..rows as usize).find(differs);
        let last = (0..rows as usize).rev().find(differs);
        if let (Some(first), Some(last)) = (first, last) {
            let changed = &self.staged[first * width..(last + 1) * width];
            write_rows(queue, &self.texture, first as u32, changed);
            // What lies behind the rows of this frame stays there.
            let kept = self.sent.len().max(self.staged.len());
            self.sent.resize(kept, [0.0; 4]);
            self.sent[..self.staged.len()].copy_from_slice(&self.staged);
        }
        self.staged.truncate(used);
        first.is_some()
    }

    pub(crate) fn generation(&self) -> u32 {
        self.generation
    }

    pub(crate) fn view(&self) -> wgpu::TextureView {
        self.texture.create_view(&Default::default())
    }
}

/// How such a texture is bound.
pub(crate) fn layout_entry(binding: u32) -> wgpu::BindGroupLayoutEntry {
    wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::VERTEX,
        ty: wgpu::BindingType::Texture {
            sample_type: wgpu::TextureSampleType::Float { filterable: false },
            view_dimension: wgpu::TextureViewDimension::D2,
            multisampled: false,
        },
        count: None,
    }
}

/// A texture that holds `texels` for good; `None` where the device allows no such one.
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
    write_rows(queue, &texture, 0, &texels);
    Some(texture)
}

/// An empty one.
pub(crate) fn texture(device: &wgpu::Device, label: &str, rows: u32) -> wgpu::Texture {
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

fn write_rows(queue: &wgpu::Queue, texture: &wgpu::Texture, first: u32, texels: &[[f32; 4]]) {
    queue.write_texture(
        wgpu::TexelCopyTextureInfo {
            origin: wgpu::Origin3d {
                x: 0,
                y: first,
                z: 0,
            },
            ..texture.as_image_copy()
        },
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

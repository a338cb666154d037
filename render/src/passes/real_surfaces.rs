//! Depth of the real world at half size, twice: what hides marks (measured depth, or planes), and what
//! takes shadows (the same and the ground under what stands).

use bytemuck::{Pod, Zeroable};
use glam::Vec4;

use crate::{
    MeasuredDepth, RealWorld,
    ground::{lies_under, pad_triangles, surface_triangles},
    instances::Instances,
    maker::Maker,
    model::Bounds,
    pipeline::{DepthPipeline, shader},
};

pub(crate) const SURFACES_WGSL: &str = concat!(
    wgsl!("passes/view.wgsl"),
    wgsl!("passes/real_surfaces.wgsl")
);
pub(crate) const MEASURED_WGSL: &str = concat!(
    wgsl!("passes/view.wgsl"),
    wgsl!("passes/measured_depth.wgsl")
);

#[derive(Clone, Copy, PartialEq, Pod, Zeroable)]
#[repr(C)]
struct MeasuredUniforms {
    row_u: Vec4,
    row_v: Vec4,
}

/// The measurement of one view on the device.
struct Measured {
    texture: wgpu::Texture,
    buffer: wgpu::Buffer,
    group: wgpu::BindGroup,
    revision: u64,
    uniforms: MeasuredUniforms,
}

pub(crate) struct RealSurfaces {
    surfaces: wgpu::RenderPipeline,
    measured_depth: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
    /// Corners of triangles: first those of planes, then those of pads.
    corners: Instances<Vec4>,
    plane_corners: u32,
    measured: Vec<Measured>,
    /// How many of them count in this frame.
    measured_views: usize,
}

impl RealSurfaces {
    pub(crate) async fn new(maker: &Maker, view: &wgpu::BindGroupLayout) -> Self {
        let device = &maker.device;
        let layout = layout(device);
        let surfaces = DepthPipeline {
            label: "real surfaces",
            module: &shader(device, "real surfaces", SURFACES_WGSL),
            vertex: "vs_real_surface",
            fragment: None,
            groups: &[Some(view)],
            buffers: &[wgpu::VertexBufferLayout {
                array_stride: size_of::<Vec4>() as u64,
                step_mode: wgpu::VertexStepMode::Vertex,
                attributes: &wgpu::vertex_attr_array![0 => Float32x4],
            }],
        }
        .make(maker)
        .await;
        let measured_depth = DepthPipeline {
            label: "measured depth",
            module: &shader(device, "measured depth", MEASURED_WGSL),
            vertex: "vs_measured_depth",
            fragment: Some("fs_measured_depth"),
            groups: &[Some(view), None, Some(&layout)],
            buffers: &[],
        }
        .make(maker)
        .await;
        RealSurfaces {
            surfaces,
            measured_depth,
            layout,
            corners: Instances::new(device, "real surfaces", 256),
            plane_corners: 0,
            measured: Vec::new(),
            measured_views: 0,
        }
    }

    /// Takes what is known of the real world in a frame of `views` views; then
    /// [`RealSurfaces::add_pad`] for what stands, then [`RealSurfaces::upload`].
    pub(crate) fn prepare(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        world: &RealWorld,
        views: usize,
    ) {
        self.corners.clear();
        let usable = views > 0 && world.depth.len() >= views && world.depth.iter().all(is_usable);
        self.measured_views = if usable { views } else { 0 };
        if self.measured_views > 0 {
            for (index, depth) in world.depth[..views].iter().enumerate() {
                self.send(device, queue, index, depth);
            }
        } else {
            self.corners
                .extend(world.surfaces.iter().flat_map(surface_triangles));
        }
        self.plane_corners = self.corners.len();
    }

    /// Ground under content, where no depth is measured and no surface is known under it.
    pub(crate) fn add_pad(
        &mut self,
        world: &RealWorld,
        content: &Bounds,
        world_from_model: &glam::Mat4,
        direction_to_light: glam::Vec3,
    ) {
        let normal = world_from_model.y_axis.truncate().try_normalize();
        let foot = world_from_model.w_axis.truncate();
        let known = self.measured_views > 0
            || world
                .surfaces
                .iter()
                .any(|surface| lies_under(surface, foot));
        if let Some(normal) = normal.filter(|_| !known) {
            let pad = pad_triangles(content, foot, normal, direction_to_light);
            self.corners.extend(pad.into_iter());
        }
    }

    pub(crate) fn upload(&mut self, device: &wgpu::Device, queue: &wgpu::Queue) {
        self.corners.upload(device, queue);
    }

    /// Whether anything real may hide marks.
    pub(crate) fn hides(&self) -> bool {
        self.measured_views > 0 || self.plane_corners > 0
    }

    /// Draws into the `index`-th view, which is bound. `with_pads`: also the ground under what stands.
    pub(crate) fn draw(&self, pass: &mut wgpu::RenderPass, index: usize, with_pads: bool) {
        if index < self.measured_views {
            pass.set_pipeline(&self.measured_depth);
            pass.set_bind_group(2, &self.measured[index].group, &[]);
            pass.draw(0..3, 0..1);
        }
        let corners = if with_pads {
            self.corners.len()
        } else {
            self.plane_corners
        };
        if corners > 0 {
            pass.set_pipeline(&self.surfaces);
            pass.set_vertex_buffer(0, self.corners.all());
            pass.draw(0..corners, 0..1);
        }
    }

    fn send(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        index: usize,
        depth: &MeasuredDepth,
    ) {
        let [width, height] = depth.size;
        let rows = depth.measurement_from_view.transpose();
        // z of a place in the view is 0.
        let row = |row: Vec4| Vec4::new(row.x, row.y, row.w, 0.0);
        let uniforms = MeasuredUniforms {
            row_u: row(rows.x_axis),
            row_v: row(rows.y_axis),
        };
        let known = self.measured.get(index);
        let same_size = known
            .is_some_and(|known| [known.texture.width(), known.texture.height()] == depth.size);
        if !same_size {
            let made = measured(device, &self.layout, depth.size);
            self.measured.truncate(index);
            self.measured.push(made);
        }
        let known = &mut self.measured[index];
        if !same_size || known.uniforms != uniforms {
            known.uniforms = uniforms;
            queue.write_buffer(&known.buffer, 0, bytemuck::bytes_of(&uniforms));
        }
        if !same_size || known.revision != depth.revision {
            known.revision = depth.revision;
            queue.write_texture(
                known.texture.as_image_copy(),
                bytemuck::cast_slice(&depth.metres[..(width * height) as usize]),
                wgpu::TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: Some(width * 4),
                    rows_per_image: None,
                },
                known.texture.size(),
            );
        }
    }
}

fn is_usable(depth: &MeasuredDepth) -> bool {
    let [width, height] = depth.size;
    (1..=2048).contains(&width)
        && (1..=2048).contains(&height)
        && depth.metres.len() >= (width * height) as usize
        && depth.measurement_from_view.is_finite()
}

fn measured(
    device: &wgpu::Device,
    layout: &wgpu::BindGroupLayout,
    [width, height]: [u32; 2],
) -> Measured {
    let texture = device.create_texture(&wgpu::TextureDescriptor {
        label: Some("measured depth"),
        size: wgpu::Extent3d {
            width,
            height,
            depth_or_array_layers: 1,
        },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: wgpu::TextureFormat::R32Float,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    });
    let buffer = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("measured depth"),
        size: size_of::<MeasuredUniforms>() as u64,
        usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some("measured depth"),
        layout,
        entries: &[
            wgpu::BindGroupEntry {
                binding: 0,
                resource: buffer.as_entire_binding(),
            },
            wgpu::BindGroupEntry {
                binding: 1,
                resource: wgpu::BindingResource::TextureView(
                    &texture.create_view(&Default::default()),
                ),
            },
        ],
    });
    Measured {
        texture,
        buffer,
        group,
        revision: 0,
        uniforms: MeasuredUniforms::zeroed(),
    }
}

fn layout(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("measured depth"),
        entries: &[
            wgpu::BindGroupLayoutEntry {
                binding: 0,
                visibility: wgpu::ShaderStages::FRAGMENT,
                ty: wgpu::BindingType::Buffer {
                    ty: wgpu::BufferBindingType::Uniform,
                    has_dynamic_offset: false,
                    min_binding_size: wgpu::BufferSize::new(size_of::<MeasuredUniforms>() as u64),
                },
                count: None,
            },
            wgpu::BindGroupLayoutEntry {
                binding: 1,
                visibility: wgpu::ShaderStages::FRAGMENT,
                ty: wgpu::BindingType::Texture {
                    sample_type: wgpu::TextureSampleType::Float { filterable: false },
                    view_dimension: wgpu::TextureViewDimension::D2,
                    multisampled: false,
                },
                count: None,
            },
        ],
    })
}

//! World points: the feature points of the map in one draw. They stay on the device until the caller
//! says that they are others.

use bytemuck::{Pod, Zeroable};

use crate::{
    ColorBy, WorldPoint, WorldPoints,
    pipeline::{Depth, MarkContext, MarkPipeline, shader},
};

pub(crate) const WGSL: &str = concat!(
    wgsl!("passes/view.wgsl"),
    wgsl!("passes/frame.wgsl"),
    wgsl!("passes/real_visibility.wgsl"),
    wgsl!("passes/world_points.wgsl")
);

const ATTRIBUTES: [wgpu::VertexAttribute; 2] =
    wgpu::vertex_attr_array![0 => Float32x3, 1 => Unorm8x4];

/// The mirror of `PointLook` in `world_points.wgsl`.
#[derive(Clone, Copy, PartialEq, Pod, Zeroable)]
#[repr(C)]
struct PointLook {
    settings: [f32; 4],
}

impl PointLook {
    fn new(points: &WorldPoints) -> Self {
        let (kind, nearest_m, farthest_m) = match points.color_by {
            ColorBy::Age => (0.0, 0.0, 1.0),
            ColorBy::Depth {
                nearest_m,
                farthest_m,
            } => (1.0, nearest_m, farthest_m),
            ColorBy::Uncertainty => (2.0, 0.0, 1.0),
        };
        PointLook {
            settings: [points.opacity.clamp(0.0, 1.0), kind, nearest_m, farthest_m],
        }
    }
}

pub(crate) struct WorldPointsPass {
    pipeline: wgpu::RenderPipeline,
    group: wgpu::BindGroup,
    look: wgpu::Buffer,
    sent_look: Option<PointLook>,
    points: wgpu::Buffer,
    /// Revision and number of the points on the device.
    sent: Option<(u64, usize)>,
    /// Points to be drawn in this frame.
    drawn: u32,
}

impl WorldPointsPass {
    pub(crate) const PIPELINES: u32 = 1;

    pub(crate) async fn new(context: &MarkContext<'_>) -> Self {
        let device = &context.maker.device;
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("world points"),
            entries: &[wgpu::BindGroupLayoutEntry {
                binding: 0,
                visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
                ty: wgpu::BindingType::Buffer {
                    ty: wgpu::BufferBindingType::Uniform,
                    has_dynamic_offset: false,
                    min_binding_size: wgpu::BufferSize::new(size_of::<PointLook>() as u64),
                },
                count: None,
            }],
        });
        let pipeline = MarkPipeline {
            label: "world points",
            module: &shader(device, "world points", WGSL),
            vertex: "vs_world_point",
            fragment: "fs_world_point",
            groups: &[&layout],
            buffers: &[wgpu::VertexBufferLayout {
                array_stride: size_of::<WorldPoint>() as u64,
                step_mode: wgpu::VertexStepMode::Instance,
                attributes: &ATTRIBUTES,
            }],
            topology: wgpu::PrimitiveTopology::TriangleStrip,
            cull: None,
            depth: Depth::Test,
        }
        .make(context)
        .await;
        let look = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("look of world points"),
            size: size_of::<PointLook>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("world points"),
            layout: &layout,
            entries: &[wgpu::BindGroupEntry {
                binding: 0,
                resource: look.as_entire_binding(),
            }],
        });
        WorldPointsPass {
            pipeline,
            group,
            look,
            sent_look: None,
            points: buffer_of(device, 1024),
            sent: None,
            drawn: 0,
        }
    }

    pub(crate) fn prepare(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        points: Option<WorldPoints>,
    ) {
        self.drawn = 0;
        let Some(points) = points.filter(|points| points.opacity > 0.0) else {
            return;
        };
        let look = PointLook::new(&points);
        if self.sent_look != Some(look) {
            queue.write_buffer(&self.look, 0, bytemuck::bytes_of(&look));
            self.sent_look = Some(look);
        }
        let bytes: &[u8] = bytemuck::cast_slice(points.points);
        let told = (points.revision, points.points.len());
        if self.sent != Some(told) && !bytes.is_empty() {
            if bytes.len() as u64 > self.points.size() {
                self.points = buffer_of(device, points.points.len().next_power_of_two());
            }
            queue.write_buffer(&self.points, 0, bytes);
        }
        self.sent = Some(told);
        self.drawn = points.points.len() as u32;
    }

    /// Draws into the current view. Returns the number of points.
    pub(crate) fn draw(&self, pass: &mut wgpu::RenderPass) -> u32 {
        if self.drawn > 0 {
            pass.set_pipeline(&self.pipeline);
            pass.set_bind_group(2, &self.group, &[]);
            pass.set_vertex_buffer(0, self.points.slice(..));
            pass.draw(0..4, 0..self.drawn);
        }
        self.drawn
    }
}

fn buffer_of(device: &wgpu::Device, capacity: usize) -> wgpu::Buffer {
    device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("world points"),
        size: (capacity * size_of::<WorldPoint>()) as u64,
        usage: wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

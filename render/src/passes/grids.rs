//! Grids: planes and floors as fine dots that fade at the edge.

use bytemuck::{Pod, Zeroable};
use glam::Vec4;

use crate::{
    Grid,
    instances::Instances,
    pipeline::{Depth, MarkContext, MarkPipeline, shader},
};

pub(crate) const WGSL: &str = concat!(
    wgsl!("passes/view.wgsl"),
    wgsl!("passes/frame.wgsl"),
    wgsl!("passes/real_visibility.wgsl"),
    wgsl!("passes/pose.wgsl"),
    wgsl!("passes/grids.wgsl")
);

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct GridInstance {
    rows: [Vec4; 3],
    color_opacity: Vec4,
    extent: Vec4,
}

const ATTRIBUTES: [wgpu::VertexAttribute; 5] = wgpu::vertex_attr_array![
    0 => Float32x4, 1 => Float32x4, 2 => Float32x4, 3 => Float32x4, 4 => Float32x4
];

pub(crate) struct Grids {
    pipeline: wgpu::RenderPipeline,
    instances: Instances<GridInstance>,
}

impl Grids {
    pub(crate) async fn new(context: &MarkContext<'_>) -> Self {
        let pipeline = MarkPipeline {
            label: "grids",
            module: &shader(&context.maker.device, "grids", WGSL),
            vertex: "vs_grid",
            fragment: "fs_grid",
            groups: &[],
            buffers: &[wgpu::VertexBufferLayout {
                array_stride: size_of::<GridInstance>() as u64,
                step_mode: wgpu::VertexStepMode::Instance,
                attributes: &ATTRIBUTES,
            }],
            topology: wgpu::PrimitiveTopology::TriangleStrip,
            cull: None,
            depth: Depth::Test,
        }
        .make(context)
        .await;
        Grids {
            pipeline,
            instances: Instances::new(&context.maker.device, "grids", 16),
        }
    }

    pub(crate) fn prepare(&mut self, device: &wgpu::Device, queue: &wgpu::Queue, grids: &[Grid]) {
        self.instances.clear();
        let seen = grids.iter().filter(|grid| {
            grid.opacity > 0.0 && grid.spacing_m > 0.0 && grid.half_size_m.min_element() > 0.0
        });
        self.instances.extend(seen.map(|grid| {
            let rows = grid.world_from_grid.transpose();
            let [red, green, blue] = grid.color;
            GridInstance {
                rows: [rows.x_axis, rows.y_axis, rows.z_axis],
                color_opacity: Vec4::new(red, green, blue, grid.opacity.min(1.0)),
                extent: Vec4::new(grid.half_size_m.x, grid.half_size_m.y, grid.spacing_m, 0.0),
            }
        }));
        self.instances.upload(device, queue);
    }

    /// Draws into the current view. Returns the number of grids.
    pub(crate) fn draw(&self, pass: &mut wgpu::RenderPass) -> u32 {
        if self.instances.len() > 0 {
            pass.set_pipeline(&self.pipeline);
            pass.set_vertex_buffer(0, self.instances.all());
            pass.draw(0..4, 0..self.instances.len());
        }
        self.instances.len()
    }
}

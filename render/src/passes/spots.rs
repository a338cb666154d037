//! Spots: rings on surfaces, for taps of the alignment and for the reticle.

use bytemuck::{Pod, Zeroable};
use glam::Vec4;

use crate::{
    Spot,
    instances::Instances,
    pipeline::{Depth, MarkContext, MarkPipeline, shader},
};

pub(crate) const WGSL: &str = concat!(
    wgsl!("passes/view.wgsl"),
    wgsl!("passes/frame.wgsl"),
    wgsl!("passes/real_visibility.wgsl"),
    wgsl!("passes/pose.wgsl"),
    wgsl!("passes/spots.wgsl")
);

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct SpotInstance {
    rows: [Vec4; 3],
    color_opacity: Vec4,
    shape: Vec4,
}

const ATTRIBUTES: [wgpu::VertexAttribute; 5] = wgpu::vertex_attr_array![
    0 => Float32x4, 1 => Float32x4, 2 => Float32x4, 3 => Float32x4, 4 => Float32x4
];

pub(crate) struct Spots {
    pipeline: wgpu::RenderPipeline,
    instances: Instances<SpotInstance>,
}

impl Spots {
    pub(crate) async fn new(context: &MarkContext<'_>) -> Self {
        let pipeline = MarkPipeline {
            label: "spots",
            module: &shader(&context.maker.device, "spots", WGSL),
            vertex: "vs_spot",
            fragment: "fs_spot",
            groups: &[],
            buffers: &[wgpu::VertexBufferLayout {
                array_stride: size_of::<SpotInstance>() as u64,
                step_mode: wgpu::VertexStepMode::Instance,
                attributes: &ATTRIBUTES,
            }],
            topology: wgpu::PrimitiveTopology::TriangleStrip,
            cull: None,
            depth: Depth::Test,
        }
        .make(context)
        .await;
        Spots {
            pipeline,
            instances: Instances::new(&context.maker.device, "spots", 16),
        }
    }

    pub(crate) fn prepare(&mut self, device: &wgpu::Device, queue: &wgpu::Queue, spots: &[Spot]) {
        self.instances.clear();
        let seen = spots
            .iter()
            .filter(|spot| spot.opacity > 0.0 && spot.radius_m > 0.0);
        self.instances.extend(seen.map(|spot| {
            let rows = spot.world_from_spot.transpose();
            let [red, green, blue] = spot.color;
            SpotInstance {
                rows: [rows.x_axis, rows.y_axis, rows.z_axis],
                color_opacity: Vec4::new(red, green, blue, spot.opacity.min(1.0)),
                shape: Vec4::new(
                    spot.radius_m,
                    spot.dot.clamp(0.0, 1.0),
                    spot.breathing.clamp(0.0, 1.0),
                    0.0,
                ),
            }
        }));
        self.instances.upload(device, queue);
    }

    /// Draws into the current view. Returns the number of spots.
    pub(crate) fn draw(&self, pass: &mut wgpu::RenderPass) -> u32 {
        if self.instances.len() > 0 {
            pass.set_pipeline(&self.pipeline);
            pass.set_vertex_buffer(0, self.instances.all());
            pass.draw(0..4, 0..self.instances.len());
        }
        self.instances.len()
    }
}

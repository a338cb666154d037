//! Image points: tracked feature points as discs on the picture, placed by the cover fit.

use crate::{
    ImagePoint,
    instances::Instances,
    pipeline::{Depth, MarkPipeline},
};

pub(crate) const WGSL: &str = concat!(include_str!("view.wgsl"), include_str!("image_points.wgsl"));

const ATTRIBUTES: [wgpu::VertexAttribute; 2] =
    wgpu::vertex_attr_array![0 => Float32x2, 1 => Float32x2];

pub(crate) struct ImagePoints {
    pipeline: wgpu::RenderPipeline,
    instances: Instances<[f32; 4]>,
}

impl ImagePoints {
    pub(crate) fn new(device: &wgpu::Device, view: &wgpu::BindGroupLayout, samples: u32) -> Self {
        let pipeline = MarkPipeline {
            label: "image points",
            wgsl: WGSL,
            vertex: "vs_image_point",
            fragment: "fs_image_point",
            groups: &[view],
            buffers: &[wgpu::VertexBufferLayout {
                array_stride: size_of::<[f32; 4]>() as u64,
                step_mode: wgpu::VertexStepMode::Instance,
                attributes: &ATTRIBUTES,
            }],
            topology: wgpu::PrimitiveTopology::TriangleStrip,
            depth: Depth::Ignore,
            samples,
        }
        .make(device);
        ImagePoints {
            pipeline,
            instances: Instances::new(device, "image points", 2048),
        }
    }

    pub(crate) fn prepare(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        points: &[ImagePoint],
    ) {
        self.instances.clear();
        self.instances.extend(points.iter().map(|point| {
            [
                point.position_px[0],
                point.position_px[1],
                point.age,
                point.certain,
            ]
        }));
        self.instances.upload(device, queue);
    }

    /// Draws into the current view. Returns the number of points.
    pub(crate) fn draw(&self, pass: &mut wgpu::RenderPass) -> u32 {
        if self.instances.len() > 0 {
            pass.set_pipeline(&self.pipeline);
            pass.set_vertex_buffer(0, self.instances.all());
            pass.draw(0..4, 0..self.instances.len());
        }
        self.instances.len()
    }
}

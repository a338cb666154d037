//! Shadow catcher: the soft shadow of every pin on its own surface, black with alpha, so that it
//! darkens a camera picture, the real world behind a transparent backdrop, or the room's floor.

use crate::{
    instances::Instances,
    passes::shadow_map::ShadowMap,
    pins::PinInstance,
    pipeline::{Depth, MarkPipeline},
};

pub(crate) const WGSL: &str = concat!(
    include_str!("view.wgsl"),
    include_str!("pose.wgsl"),
    include_str!("pin.wgsl"),
    include_str!("shadow_sampling.wgsl"),
    include_str!("shadow_catcher.wgsl")
);

pub(crate) struct ShadowCatcher {
    pipeline: wgpu::RenderPipeline,
}

impl ShadowCatcher {
    pub(crate) fn new(
        device: &wgpu::Device,
        view: &wgpu::BindGroupLayout,
        shadow_map: &ShadowMap,
        samples: u32,
    ) -> Self {
        let pipeline = MarkPipeline {
            label: "shadow catcher",
            wgsl: WGSL,
            vertex: "vs_shadow_catcher",
            fragment: "fs_shadow_catcher",
            groups: &[view, &shadow_map.layout],
            buffers: &[PinInstance::LAYOUT],
            topology: wgpu::PrimitiveTopology::TriangleStrip,
            depth: Depth::Test,
            samples,
        }
        .make(device);
        ShadowCatcher { pipeline }
    }

    /// Draws the shadows of `pins` into the current view.
    pub(crate) fn draw(
        &self,
        pass: &mut wgpu::RenderPass,
        shadow_map: &ShadowMap,
        pins: &Instances<PinInstance>,
    ) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(1, &shadow_map.group, &[]);
        pass.set_vertex_buffer(0, pins.all());
        pass.draw(0..4, 0..pins.len());
    }
}

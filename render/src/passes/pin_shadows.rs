//! Pin shadows: the soft shadow of every pin on its own surface, black with alpha, so that it
//! darkens a camera picture, the real world behind a transparent backdrop, or the room's floor.

use crate::{
    instances::Instances,
    passes::pin_shadow_map::PinShadowMap,
    pins::PinInstance,
    pipeline::{Depth, MarkContext, MarkPipeline, shader},
};

pub(crate) const WGSL: &str = concat!(
    wgsl!("passes/view.wgsl"),
    wgsl!("passes/frame.wgsl"),
    wgsl!("passes/real_visibility.wgsl"),
    wgsl!("passes/pose.wgsl"),
    wgsl!("passes/pin.wgsl"),
    wgsl!("passes/pin_shadow_sampling.wgsl"),
    wgsl!("passes/pin_shadows.wgsl")
);

pub(crate) struct PinShadows {
    pipeline: wgpu::RenderPipeline,
}

impl PinShadows {
    pub(crate) async fn new(context: &MarkContext<'_>, shadow_map: &PinShadowMap) -> Self {
        let pipeline = MarkPipeline {
            label: "pin shadows",
            module: &shader(&context.maker.device, "pin shadows", WGSL),
            vertex: "vs_pin_shadow",
            fragment: "fs_pin_shadow",
            groups: &[&shadow_map.layout],
            buffers: &[PinInstance::LAYOUT],
            topology: wgpu::PrimitiveTopology::TriangleStrip,
            cull: None,
            depth: Depth::Test,
        }
        .make(context)
        .await;
        PinShadows { pipeline }
    }

    /// Draws the shadows of `pins` into the current view.
    pub(crate) fn draw(
        &self,
        pass: &mut wgpu::RenderPass,
        shadow_map: &PinShadowMap,
        pins: &Instances<PinInstance>,
    ) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(2, &shadow_map.group, &[]);
        pass.set_vertex_buffer(0, pins.all());
        pass.draw(0..4, 0..pins.len());
    }
}

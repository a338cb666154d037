//! Forward: what is opaque and lit, pins and heads; pins receive the shadow of their own sphere.

use bytemuck::{Pod, Zeroable};
use glam::Vec4;

use crate::{
    Head,
    instances::Instances,
    mesh::{Mesh, MeshVertex},
    passes::pin_shadow_map::PinShadowMap,
    pins::PinInstance,
    pipeline::{Depth, MarkContext, MarkPipeline, shader},
};

pub(crate) const WGSL: &str = concat!(
    wgsl!("passes/view.wgsl"),
    wgsl!("passes/frame.wgsl"),
    wgsl!("passes/real_visibility.wgsl"),
    wgsl!("passes/shadow_sampling.wgsl"),
    wgsl!("passes/pbr.wgsl"),
    wgsl!("passes/pose.wgsl"),
    wgsl!("passes/pin.wgsl"),
    wgsl!("passes/pin_shadow_sampling.wgsl"),
    wgsl!("passes/forward.wgsl")
);

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct HeadInstance {
    rows: [Vec4; 3],
    color: Vec4,
}

const HEAD_ATTRIBUTES: [wgpu::VertexAttribute; 4] = wgpu::vertex_attr_array![
    2 => Float32x4, 3 => Float32x4, 4 => Float32x4, 5 => Float32x4
];

pub(crate) struct Forward {
    pins: wgpu::RenderPipeline,
    heads: wgpu::RenderPipeline,
    head_mesh: Mesh,
    head_instances: Instances<HeadInstance>,
}

impl Forward {
    pub(crate) async fn new(context: &MarkContext<'_>, shadow_map: &PinShadowMap) -> Self {
        let device = &context.maker.device;
        let module = shader(device, "forward", WGSL);
        let pipeline = async |label, vertex, fragment, instance| {
            MarkPipeline {
                label,
                module: &module,
                vertex,
                fragment,
                groups: &[&shadow_map.layout],
                buffers: &[MeshVertex::LAYOUT, instance],
                topology: wgpu::PrimitiveTopology::TriangleList,
                cull: Some(wgpu::Face::Back),
                depth: Depth::TestAndWrite,
            }
            .make(context)
            .await
        };
        let head_layout = wgpu::VertexBufferLayout {
            array_stride: size_of::<HeadInstance>() as u64,
            step_mode: wgpu::VertexStepMode::Instance,
            attributes: &HEAD_ATTRIBUTES,
        };
        Forward {
            pins: pipeline("pins", "vs_pin", "fs_pin", PinInstance::LAYOUT).await,
            heads: pipeline("heads", "vs_head", "fs_head", head_layout).await,
            head_mesh: Mesh::head(device),
            head_instances: Instances::new(device, "heads", 32),
        }
    }

    pub(crate) fn prepare(&mut self, device: &wgpu::Device, queue: &wgpu::Queue, heads: &[Head]) {
        self.head_instances.clear();
        self.head_instances.extend(heads.iter().map(|head| {
            let rows = head.world_from_head.transpose();
            let [red, green, blue] = head.color;
            HeadInstance {
                rows: [rows.x_axis, rows.y_axis, rows.z_axis],
                color: Vec4::new(red, green, blue, 1.0),
            }
        }));
        self.head_instances.upload(device, queue);
    }

    /// Draws the pins into the current view.
    pub(crate) fn draw_pins(
        &self,
        pass: &mut wgpu::RenderPass,
        shadow_map: &PinShadowMap,
        pins: &Instances<PinInstance>,
        mesh: &Mesh,
    ) {
        pass.set_pipeline(&self.pins);
        pass.set_bind_group(2, &shadow_map.group, &[]);
        pass.set_vertex_buffer(1, pins.all());
        mesh.draw(pass, pins.len());
    }

    /// Draws the heads into the current view. Returns their number.
    pub(crate) fn draw_heads(&self, pass: &mut wgpu::RenderPass, shadow_map: &PinShadowMap) -> u32 {
        if self.head_instances.len() > 0 {
            pass.set_pipeline(&self.heads);
            pass.set_bind_group(2, &shadow_map.group, &[]);
            pass.set_vertex_buffer(1, self.head_instances.all());
            self.head_mesh.draw(pass, self.head_instances.len());
        }
        self.head_instances.len()
    }
}

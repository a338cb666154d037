//! What the shaders know of an instance of a mesh: the mirror of `MeshInstance` in `mesh.wgsl`.

use bytemuck::{Pod, Zeroable};
use glam::{Mat4, Vec4};

use crate::ModelInstance;

#[derive(Clone, Copy, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct MeshInstance {
    rows: [Vec4; 3],
    tint_mirrored: Vec4,
    highlight: Vec4,
    pose: [u32; 4],
}

/// Where a posed instance's values lie.
#[derive(Clone, Copy, Default)]
pub(crate) struct PoseTexels {
    /// First texel of the joints; 0: none.
    pub(crate) joints: u32,
    pub(crate) weights: u32,
    pub(crate) morph_targets: u32,
}

const ATTRIBUTES: [wgpu::VertexAttribute; 6] = wgpu::vertex_attr_array![
    6 => Float32x4, 7 => Float32x4, 8 => Float32x4,
    9 => Float32x4, 10 => Float32x4, 11 => Uint32x4
];

impl MeshInstance {
    pub(crate) const LAYOUT: wgpu::VertexBufferLayout<'static> = wgpu::VertexBufferLayout {
        array_stride: size_of::<MeshInstance>() as u64,
        step_mode: wgpu::VertexStepMode::Instance,
        attributes: &ATTRIBUTES,
    };

    pub(crate) fn new(world_from_mesh: &Mat4, look: &ModelInstance, pose: PoseTexels) -> Self {
        let rows = world_from_mesh.transpose();
        let [red, green, blue] = look.tint;
        let mirrored = if world_from_mesh.determinant() < 0.0 {
            1.0
        } else {
            0.0
        };
        let [rim_red, rim_green, rim_blue] = look.highlight_color;
        MeshInstance {
            rows: [rows.x_axis, rows.y_axis, rows.z_axis],
            tint_mirrored: Vec4::new(red, green, blue, mirrored),
            highlight: Vec4::new(rim_red, rim_green, rim_blue, look.highlight.clamp(0.0, 1.0)),
            pose: [pose.joints, pose.weights, pose.morph_targets, 0],
        }
    }

    pub(crate) fn is_mirrored(&self) -> bool {
        self.tint_mirrored.w > 0.5
    }
}

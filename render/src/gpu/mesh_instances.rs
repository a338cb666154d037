//! What the shaders know of an instance of a mesh: the mirror of `MeshInstance` in `mesh.wgsl`. As texels rather than
//! as vertex attributes, because OpenGL binds every attribute anew for every draw.

use bytemuck::{Pod, Zeroable};
use glam::{Mat4, Vec4};

use super::texels::Texels;
use crate::ModelInstance;

#[derive(Clone, Copy, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct MeshInstance {
    rows: [Vec4; 3],
    tint_mirrored: Vec4,
    highlight: Vec4,
    /// Whole numbers, exact up to 2^24.
    pose: [f32; 4],
}

/// Texels that an instance takes.
const TEXELS: usize = 6;

/// The instances of a frame, as texels.
pub(crate) struct MeshInstances {
    texels: Texels,
}

impl MeshInstances {
    pub(crate) fn new(device: &wgpu::Device) -> Self {
        MeshInstances {
            texels: Texels::new(device, "mesh instances"),
        }
    }

    pub(crate) fn clear(&mut self) {
        self.texels.clear();
    }

    pub(crate) fn len(&self) -> u32 {
        self.texels.len() / TEXELS as u32
    }

    pub(crate) fn push(&mut self, instance: &MeshInstance) {
        let texels: &[[f32; 4]; TEXELS] = bytemuck::cast_ref(instance);
        self.texels.extend(texels);
    }

    /// Sends what changed. Returns the texture's view where it is another one than `known`.
    pub(crate) fn upload(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        known: &mut Option<u32>,
    ) -> Option<wgpu::TextureView> {
        self.texels.upload(device, queue);
        let generation = self.texels.generation();
        (known.replace(generation) != Some(generation)).then(|| self.texels.view())
    }
}

/// Where a posed instance's values lie.
#[derive(Clone, Copy, Default)]
pub(crate) struct PoseTexels {
    /// First texel of the joints; 0: none.
    pub(crate) joints: u32,
    pub(crate) weights: u32,
    pub(crate) morph_targets: u32,
}

impl MeshInstance {
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
            pose: [
                pose.joints as f32,
                pose.weights as f32,
                pose.morph_targets as f32,
                0.0,
            ],
        }
    }

    pub(crate) fn is_mirrored(&self) -> bool {
        self.tint_mirrored.w > 0.5
    }
}

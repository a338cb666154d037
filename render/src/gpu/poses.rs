//! Joint matrices and morph weights of all posed instances of a frame, as texels.

use super::texels::{Texels, layout_entry, texture};

pub(crate) struct Poses {
    texels: Texels,
    /// Group 3 of the posed pipelines.
    pub(crate) layout: wgpu::BindGroupLayout,
    /// For parts without morph targets.
    no_morphs: wgpu::TextureView,
}

impl Poses {
    pub(crate) fn new(device: &wgpu::Device) -> Self {
        Poses {
            texels: Texels::new(device, "poses"),
            layout: layout(device),
            no_morphs: texture(device, "no morph targets", 1).create_view(&Default::default()),
        }
    }

    /// Forgets the last frame's. The first texel stays unused, so that 0 can say "no joints".
    pub(crate) fn clear(&mut self) {
        self.texels.clear();
        self.texels.push(1);
    }

    /// Room for `joints` matrices: the index of its first texel, and the texels, three rows a joint.
    pub(crate) fn push_joints(&mut self, joints: usize) -> (u32, &mut [[f32; 4]]) {
        self.texels.push(3 * joints)
    }

    /// Puts morph weights, four a texel. Returns the index of the first texel.
    pub(crate) fn push_weights(&mut self, weights: &[f32]) -> u32 {
        let (first, texels) = self.texels.push(weights.len().div_ceil(4));
        for (texel, chunk) in texels.iter_mut().zip(weights.chunks(4)) {
            texel[..chunk.len()].copy_from_slice(chunk);
        }
        first
    }

    /// Sends the texels that changed. Returns whether there were any.
    pub(crate) fn upload(&mut self, device: &wgpu::Device, queue: &wgpu::Queue) -> bool {
        self.texels.upload(device, queue)
    }

    pub(crate) fn generation(&self) -> u32 {
        self.texels.generation()
    }

    /// Group 3 for a part with these morph targets.
    pub(crate) fn group(
        &self,
        device: &wgpu::Device,
        morphs: Option<&wgpu::Texture>,
    ) -> wgpu::BindGroup {
        let poses = self.texels.view();
        let morphs = morphs.map(|morphs| morphs.create_view(&Default::default()));
        device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("pose"),
            layout: &self.layout,
            entries: &[
                wgpu::BindGroupEntry {
                    binding: 0,
                    resource: wgpu::BindingResource::TextureView(&poses),
                },
                wgpu::BindGroupEntry {
                    binding: 1,
                    resource: wgpu::BindingResource::TextureView(
                        morphs.as_ref().unwrap_or(&self.no_morphs),
                    ),
                },
            ],
        })
    }
}

fn layout(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("pose"),
        entries: &[layout_entry(0), layout_entry(1)],
    })
}

//! The pass that takes the luma of a picture that is on the device in colour, as a browser copies a video frame there.
//! Its twin, by which pictures that come through memory are read, is (77 red + 150 green + 29 blue) / 256.

use bytemuck::{Pod, Zeroable};

use super::buffers::{Buffers, settings};
use super::layout::{Layout, LevelPlace};
use super::pyramid::workgroups;
use super::stage::{FRAME_WGSL, MIRROR_WGSL, Stage};

pub(super) const WGSL: [&str; 3] = [FRAME_WGSL, MIRROR_WGSL, include_str!("luma.wgsl")];

/// `Reading`.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Reading {
    level: LevelPlace,
    picture_words: u32,
    unused: [u32; 3],
}

/// The pipeline.
pub(super) fn stage(device: &wgpu::Device) -> Stage {
    Stage::new(device, "luma", &WGSL, "read_luma")
}

/// Fills the finest level of a picture from a texture of the same size.
pub(super) fn run(
    stage: &Stage,
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    pass: &mut wgpu::ComputePass<'_>,
    (layout, buffers, picture): (&Layout, &Buffers, usize),
    texture: &wgpu::TextureView,
) {
    let reading = Reading {
        level: layout.levels[0],
        picture_words: picture as u32 * layout.words,
        unused: [0; 3],
    };
    let reading = settings(device, queue, "reading", &reading);
    let bound = stage.bind(
        device,
        &[
            reading.as_entire_binding(),
            buffers.pyramids.as_entire_binding(),
            wgpu::BindingResource::TextureView(texture),
        ],
    );
    bound.dispatch(pass, workgroups(&layout.levels[0]));
}

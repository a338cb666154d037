//! The pass that picks the best of the cells' offers. Its twin is [`crate::corners`], which takes one after the other;
//! both pick the same.

use bytemuck::{Pod, Zeroable};

use super::buffers::Buffers;
use super::stage::{Bound, FRAME_WGSL, GRID_WGSL, Stage};

pub(super) const WGSL: [&str; 3] = [FRAME_WGSL, GRID_WGSL, include_str!("selection.wgsl")];

/// `Round`, of the corners and of their selection.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Round {
    /// The most points that a cell may have to be looked at.
    pub(super) points: u32,
    pub(super) is_last: u32,
    pub(super) unused: [u32; 2],
}

/// The pipeline.
pub(super) fn stage(device: &wgpu::Device) -> Stage {
    Stage::new(device, "selection", &WGSL, "pick")
}

/// With the settings of a round.
pub(super) fn bind(
    stage: &Stage,
    device: &wgpu::Device,
    buffers: &Buffers,
    round: &wgpu::Buffer,
) -> Bound {
    stage.bind(
        device,
        &[
            buffers.frame.as_entire_binding(),
            round.as_entire_binding(),
            buffers.cells.as_entire_binding(),
            buffers.members.as_entire_binding(),
            buffers.offers.as_entire_binding(),
            buffers.corners.as_entire_binding(),
            buffers.work.as_entire_binding(),
        ],
    )
}

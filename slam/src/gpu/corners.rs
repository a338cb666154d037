//! The pass in which every cell of the grid offers its best free corner. Its twin is [`crate::corners`].

use super::buffers::Buffers;
use super::stage::{Bound, FRAME_WGSL, GRID_WGSL, Stage};

pub(super) const WGSL: [&str; 3] = [FRAME_WGSL, GRID_WGSL, include_str!("corners.wgsl")];

/// The pipeline.
pub(super) fn stage(device: &wgpu::Device) -> Stage {
    Stage::new(device, "corners", &WGSL, "offer")
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
            buffers.pyramids.as_entire_binding(),
            buffers.cells.as_entire_binding(),
            buffers.members.as_entire_binding(),
            buffers.offers.as_entire_binding(),
        ],
    )
}

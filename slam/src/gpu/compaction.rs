//! The pass that keeps the points which came back and are not in each other's way. Its twin is the front end's choice
//! on the CPU, one point after the other; both keep the same.

use super::buffers::Buffers;
use super::stage::{Bound, FRAME_WGSL, GRID_WGSL, SCAN_WGSL, Stage};

pub(super) const WGSL: [&str; 4] = [
    FRAME_WGSL,
    GRID_WGSL,
    SCAN_WGSL,
    include_str!("compaction.wgsl"),
];

/// The pipeline.
pub(super) fn stage(device: &wgpu::Device) -> Stage {
    Stage::new(device, "compaction", &WGSL, "compact")
}

pub(super) fn bind(stage: &Stage, device: &wgpu::Device, buffers: &Buffers) -> Bound {
    stage.bind(
        device,
        &[
            buffers.frame.as_entire_binding(),
            buffers.starts.as_entire_binding(),
            buffers.flows.as_entire_binding(),
            buffers.cells.as_entire_binding(),
            buffers.members.as_entire_binding(),
            buffers.tracks.as_entire_binding(),
            buffers.work.as_entire_binding(),
        ],
    )
}

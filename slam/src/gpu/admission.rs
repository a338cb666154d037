//! The pass that starts the corners which proved to be in both pictures. Its twin is the last step of the front end on
//! the CPU.

use super::buffers::Buffers;
use super::stage::{Bound, FRAME_WGSL, SCAN_WGSL, Stage};

pub(super) const WGSL: [&str; 3] = [FRAME_WGSL, SCAN_WGSL, include_str!("admission.wgsl")];

/// The pipeline.
pub(super) fn stage(device: &wgpu::Device) -> Stage {
    Stage::new(device, "admission", &WGSL, "admit")
}

pub(super) fn bind(stage: &Stage, device: &wgpu::Device, buffers: &Buffers) -> Bound {
    stage.bind(
        device,
        &[
            buffers.frame.as_entire_binding(),
            buffers.corners.as_entire_binding(),
            buffers.proofs.as_entire_binding(),
            buffers.tracks.as_entire_binding(),
            buffers.work.as_entire_binding(),
        ],
    )
}

//! The pass that finds what pilots agree on. Its twin is in the front end's way there and back on the CPU.

use super::buffers::Buffers;
use super::stage::{Bound, FRAME_WGSL, Stage};

pub(super) const WGSL: [&str; 2] = [FRAME_WGSL, include_str!("agreement.wgsl")];

/// The pipeline.
pub(super) fn stage(device: &wgpu::Device) -> Stage {
    Stage::new(device, "agreement", &WGSL, "agree")
}

/// Of the frame's points, or of the corners.
pub(super) fn bind(
    stage: &Stage,
    device: &wgpu::Device,
    buffers: &Buffers,
    are_corners: bool,
) -> Bound {
    let (starts, flows) = if are_corners {
        (&buffers.corners, &buffers.proofs)
    } else {
        (&buffers.starts, &buffers.flows)
    };
    stage.bind(
        device,
        &[
            buffers.frame.as_entire_binding(),
            starts.as_entire_binding(),
            flows.as_entire_binding(),
            buffers.agreement.as_entire_binding(),
        ],
    )
}

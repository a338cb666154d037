//! The pass that follows points from one picture to the other. Its twin is [`crate::lucas_kanade`]; both compute the
//! same but for the rounding of 32 bits.

use bytemuck::{Pod, Zeroable};

use super::buffers::{Buffers, settings};
use super::stage::{Bound, FRAME_WGSL, Stage};

pub(super) const WGSL: [&str; 2] = [FRAME_WGSL, include_str!("flow.wgsl")];

/// `Leg`: a part of the way there and back.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Leg {
    kind: u32,
    starts_later: u32,
    unused: [u32; 2],
}

const PILOTS_GO: u32 = 0;
const OTHERS_GO: u32 = 1;
const ALL_RETURN: u32 = 2;

/// The pipeline.
pub(super) fn stage(device: &wgpu::Device) -> Stage {
    Stage::new(device, "flow", &WGSL, "follow")
}

/// The legs of one way: that of the frame's points, or that of new corners back to the picture before.
#[derive(Debug)]
pub(super) struct Legs {
    pub(super) pilots: Bound,
    pub(super) others: Bound,
    pub(super) back: Bound,
}

impl Legs {
    /// The points go from the earlier picture to the later one and back.
    pub(super) fn of_points(
        stage: &Stage,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        buffers: &Buffers,
    ) -> Self {
        Self::new(stage, device, queue, buffers, false)
    }

    /// The corners go from the later picture to the earlier one and back.
    pub(super) fn of_corners(
        stage: &Stage,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        buffers: &Buffers,
    ) -> Self {
        Self::new(stage, device, queue, buffers, true)
    }

    fn new(
        stage: &Stage,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        buffers: &Buffers,
        are_corners: bool,
    ) -> Self {
        let (starts, flows) = if are_corners {
            (&buffers.corners, &buffers.proofs)
        } else {
            (&buffers.starts, &buffers.flows)
        };
        let bind = |kind| {
            let leg = Leg {
                kind,
                starts_later: u32::from(are_corners != (kind == ALL_RETURN)),
                unused: [0; 2],
            };
            let leg = settings(device, queue, "leg", &leg);
            stage.bind(
                device,
                &[
                    buffers.frame.as_entire_binding(),
                    leg.as_entire_binding(),
                    buffers.pyramids.as_entire_binding(),
                    starts.as_entire_binding(),
                    flows.as_entire_binding(),
                    buffers.agreement.as_entire_binding(),
                ],
            )
        };
        Self {
            pilots: bind(PILOTS_GO),
            others: bind(OTHERS_GO),
            back: bind(ALL_RETURN),
        }
    }
}

/// Every so manieth point is a pilot.
pub(super) fn pilots_of(points: u32) -> u32 {
    if points < 120 {
        points
    } else {
        points.div_ceil(points.div_ceil(40))
    }
}

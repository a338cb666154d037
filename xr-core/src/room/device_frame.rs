//! The frame of an AR session: its two spots, its place in the room, and the anchor that holds what was put down
//! before that place was known. Data only; `aligning` has the steps.

use std::collections::VecDeque;

use chat_relay_protocol::AnnotationId;
use glam::DVec3;

use crate::{
    alignment::{Alignment, AlignmentError},
    pose::Rigid,
};

/// What happened to the alignment, for the session to show.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum AlignmentEvent {
    /// A spot was touched.
    Spot {
        /// 0 for the first, 1 for the second.
        index: u8,
        /// Where, in the device's frame, metres.
        point_in_device: DVec3,
    },
    /// The device stands in the room.
    Aligned {
        /// Root mean square of the spots' distances, metres.
        residual_m: f64,
        /// Whether this device defined the room's frame.
        defined: bool,
    },
    /// The two spots give no alignment; both are to be touched again.
    Refused(AlignmentError),
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct DeviceFrame {
    pub(super) first_spot: Option<DVec3>,
    pub(super) spots: Option<[DVec3; 2]>,
    pub(super) alignment: Option<Alignment>,
    pub(super) origin_anchor: Option<AnnotationId>,
    /// What this device last said about the anchor's place in the room.
    pub(super) anchor_said: Option<Rigid>,
    pub(super) events: VecDeque<AlignmentEvent>,
}

//! What the host writes for the shaders and reads from them, laid out as `frame.wgsl` says.

use bytemuck::{Pod, Zeroable};

use super::layout::LevelPlace;
use crate::pyramid::MAX_LEVELS;

/// `Frame`: a frame's settings.
#[derive(Debug, Clone, Copy, Default, Pod, Zeroable)]
#[repr(C)]
pub(super) struct FrameSettings {
    pub(super) levels: [LevelPlace; MAX_LEVELS],
    pub(super) earlier_words: u32,
    pub(super) later_words: u32,
    pub(super) level_count: u32,
    pub(super) has_earlier: u32,

    pub(super) max_points: u32,
    pub(super) min_missing: u32,
    pub(super) window_px: u32,
    pub(super) max_iterations: u32,

    pub(super) epsilon_px: f32,
    pub(super) enough_gradient: f32,
    pub(super) max_back_error_px: f32,
    pub(super) proof_error_px: f32,

    pub(super) columns: u32,
    pub(super) rows: u32,
    pub(super) cell_px: u32,
    pub(super) margin_px: u32,

    pub(super) min_distance_px: f32,
    pub(super) min_score: f32,
    pub(super) fast_threshold: u32,
    pub(super) rest_images: u32,

    pub(super) number: u32,
    pub(super) unused: [u32; 3],
}

/// `Start`: a point before it is followed.
#[derive(Debug, Clone, Copy, Default, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Start {
    pub(super) point: [f32; 2],
    pub(super) guess: [f32; 2],
    pub(super) age: u32,
    pub(super) is_checked_later: u32,
}

/// What precedes the points in a `Starts`.
#[derive(Debug, Clone, Copy, Default, Pod, Zeroable)]
#[repr(C)]
pub(super) struct StartsHead {
    pub(super) count: u32,
    pub(super) unused: u32,
}

/// `Flow`: where a point went.
#[derive(Debug, Clone, Copy, Default, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Flow {
    pub(super) position: [f32; 2],
    pub(super) error_px: f32,
    pub(super) status: u32,
}

/// `Agreement`: what pilots found.
#[derive(Debug, Clone, Copy, Default, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Agreement {
    pub(super) shift: [f32; 2],
    pub(super) levels: u32,
    pub(super) unused: u32,
}

/// `Track`: a point of the frame.
#[derive(Debug, Clone, Copy, Default, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Track {
    pub(super) position: [f32; 2],
    pub(super) age: u32,
    pub(super) source: u32,
}

/// `Work`: counts, and the arguments of dispatches and of the draw.
#[derive(Debug, Clone, Copy, Default, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Work {
    pub(super) draw: [u32; 4],
    pub(super) first_round: [u32; 4],
    pub(super) second_round: [u32; 4],
    pub(super) pilots: [u32; 4],
    pub(super) others: [u32; 4],
    pub(super) kept: u32,
    pub(super) wanted: u32,
    pub(super) picked: u32,
    pub(super) started: u32,
    pub(super) number: u32,
    pub(super) unused: [u32; 3],
}

/// Bytes of a `Cell`, a `Member` and an `Offer`, which only shaders read.
pub(super) const CELL_BYTES: u64 = 16;
pub(super) const MEMBER_BYTES: u64 = 16;
pub(super) const OFFER_BYTES: u64 = 24;

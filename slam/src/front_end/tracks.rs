//! Tracks: points with ids and ages, and what an answer makes of them.
//!
//! Here ids are given, wherever the work is done, and new points are left alone for a while where a picture has none.

use super::PAUSE_FRAMES;
use super::engine::Answer;

/// A point of the scene, as it is seen in one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C)]
pub struct TrackedPoint {
    /// The same in every frame, never used again.
    pub id: u32,
    /// Frames since it was first seen; 0 in that frame.
    pub age_frames: u32,
    /// x to the right, y down, in pixels; integers are pixel centres.
    pub position_px: [f32; 2],
}

/// The points of one frame.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tracks {
    /// When the frame was taken.
    pub capture_time_nanos: i64,
    /// All points, the oldest first.
    pub points: Vec<TrackedPoint>,
    /// Points of the frame before that are not in this one.
    pub lost: usize,
    /// Points that start in this frame.
    pub started: usize,
}

/// What the last search for corners left missing. A picture that has no more corners has none in the next frame
/// either.
#[derive(Debug, Clone, Copy, Default)]
struct Unmet {
    points: usize,
    /// Frames for which those are not looked for again.
    frames: u32,
}

/// The tracks of the last finished frame, and how they go on.
#[derive(Debug)]
pub(super) struct TrackList {
    pub(super) tracks: Tracks,
    next_id: u32,
    unmet: Unmet,
}

impl TrackList {
    pub(super) fn with_capacity(points: usize) -> Self {
        Self {
            tracks: Tracks {
                points: Vec::with_capacity(points),
                ..Tracks::default()
            },
            next_id: 0,
            unmet: Unmet::default(),
        }
    }

    /// Forgets all points. Ids go on.
    pub(super) fn clear(&mut self) {
        self.tracks.points.clear();
        self.unmet = Unmet::default();
    }

    /// A frame begins, and all points anew with it unless it `continues` the last one: how many points more than usual
    /// must be missing before new ones are looked for.
    pub(super) fn begin(&mut self, continues: bool) -> usize {
        match self.unmet.frames.checked_sub(1) {
            Some(left) if continues => self.unmet.frames = left,
            _ => self.unmet = Unmet::default(),
        }
        self.unmet.points
    }

    /// Starts a point and gives its id.
    pub(super) fn start(&mut self, position_px: [f32; 2]) -> u32 {
        let id = self.next_id;
        self.next_id = self.next_id.wrapping_add(1);
        self.tracks.points.push(TrackedPoint {
            id,
            age_frames: 0,
            position_px,
        });
        id
    }

    /// Takes the points to the next frame. The answer has been checked.
    pub(super) fn accept(&mut self, answer: &Answer) {
        let Tracks {
            points,
            lost,
            started,
            ..
        } = &mut self.tracks;
        // Sources increase, so that no point is overwritten before it was read.
        for (to, followed) in answer.followed.iter().enumerate() {
            let source = points[followed.source];
            points[to] = TrackedPoint {
                age_frames: source.age_frames.saturating_add(1),
                position_px: followed.position_px,
                ..source
            };
        }
        *lost = points.len() - answer.followed.len();
        points.truncate(answer.followed.len());
        *started = answer.started.len();
        if answer.started.len() * 2 < answer.wanted {
            self.unmet = Unmet {
                points: answer.wanted - answer.started.len(),
                frames: PAUSE_FRAMES,
            };
        }
        for position_px in &answer.started {
            self.start(*position_px);
        }
    }
}

/// Whether an answer can be one to a job with so many points, that may have so many.
pub(super) fn is_sound(answer: &Answer, points: usize, max_points: usize) -> bool {
    let Answer {
        followed,
        started,
        wanted,
    } = answer;
    let in_order = followed
        .windows(2)
        .all(|pair| pair[0].source < pair[1].source);
    let in_range = followed.last().is_none_or(|last| last.source < points);
    let positions = followed.iter().map(|point| &point.position_px);
    let finite = positions
        .chain(started)
        .all(|position_px| position_px.iter().all(|c| c.is_finite()));
    in_order
        && in_range
        && finite
        && started.len() <= *wanted
        && followed.len() <= max_points
        && *wanted <= max_points - followed.len()
}

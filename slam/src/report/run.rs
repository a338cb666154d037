//! The record of a replay, and its figures.

use nalgebra::Isometry3;
use serde::Serialize;

use crate::tracker::{Position, Quality, State, Tracking};

/// One frame of a replay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrameRecord {
    /// Its place in the sequence.
    pub index: usize,
    /// When it was captured on the sequence's clock, nanoseconds.
    pub time_nanos: i64,
    /// Where the tracker stood.
    pub state: State,
    /// What the position means.
    pub position: Position,
    /// How good the pose was.
    pub quality: Quality,
    /// Landmarks that made the pose.
    pub landmarks_seen: u32,
    /// Points that were followed in the picture.
    pub points: usize,
    /// The pose as it was returned.
    pub world_from_camera: Isometry3<f64>,
    /// Time that `track` took, milliseconds.
    pub track_millis: f64,
    /// Time that the steps of mapping after it took together, milliseconds.
    pub map_millis: f64,
    /// Units of work of those steps.
    pub work_units: u32,
    /// The map afterwards.
    pub map: MapSize,
    /// Frames that were dropped since the one before, because the tracker was busy.
    pub dropped_before: usize,
}

/// How large the map is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct MapSize {
    /// Keyframes.
    pub keyframes: usize,
    /// Landmarks.
    pub landmarks: usize,
}

impl FrameRecord {
    /// The record of what `track` returned; points, times and the map are filled in by the caller.
    #[must_use]
    pub fn of(index: usize, time_nanos: i64, tracking: &Tracking) -> Self {
        Self {
            index,
            time_nanos,
            state: tracking.state,
            position: tracking.position,
            quality: tracking.quality,
            landmarks_seen: tracking.landmarks_seen,
            points: 0,
            world_from_camera: tracking.world_from_camera,
            track_millis: 0.0,
            map_millis: 0.0,
            work_units: 0,
            map: MapSize::default(),
            dropped_before: 0,
        }
    }

    /// Whether its position stands in the map: such poses make the trajectory.
    #[must_use]
    pub fn is_tracked(&self) -> bool {
        matches!(self.position, Position::UpToScale | Position::Metric)
    }
}

/// Figures of times, milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Millis {
    /// Mean.
    pub mean: f64,
    /// Median.
    pub median: f64,
    /// The time within which 95 of 100 are.
    pub p95: f64,
    /// The longest.
    pub max: f64,
}

impl Millis {
    /// All 0 for no values.
    #[must_use]
    pub fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = values.collect();
        sorted.sort_by(f64::total_cmp);
        let Some(&max) = sorted.last() else {
            return Self::default();
        };
        let rank =
            |share: f64| sorted[((sorted.len() as f64 * share) as usize).min(sorted.len() - 1)];
        Self {
            mean: sorted.iter().sum::<f64>() / sorted.len() as f64,
            median: rank(0.5),
            p95: rank(0.95),
            max,
        }
    }
}

/// The figures of a replay.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Summary {
    /// Frames that the tracker took.
    pub frames: usize,
    /// Frames that were dropped because it was busy.
    pub dropped_frames: usize,
    /// Frames whose position stands in the map.
    pub tracked_frames: usize,
    /// The first of those: how many frames the tracker had taken before it.
    pub start_frame: Option<usize>,
    /// Share of the frames after the start that are tracked, 0 to 1; 0 without a start.
    pub tracked_share: f64,
    /// How often the map was lost.
    pub times_lost: usize,
    /// The most frames from a loss until the position stood in the map again; to the end where it did not.
    pub longest_loss_frames: usize,
    /// Time of `track` a frame.
    pub track: Millis,
    /// Time of mapping a frame.
    pub mapping: Millis,
    /// Both together.
    pub together: Millis,
    /// The map at the end.
    pub map: MapSize,
}

impl Summary {
    /// Makes the figures.
    #[must_use]
    pub fn of(frames: &[FrameRecord]) -> Self {
        let start = frames.iter().position(FrameRecord::is_tracked);
        let after = start.map_or(&[][..], |start| &frames[start..]);
        let tracked = after.iter().filter(|frame| frame.is_tracked()).count();
        let mut times_lost = 0;
        let mut longest_loss_frames = 0;
        let mut loss_frames = 0;
        for (k, frame) in after.iter().enumerate() {
            if frame.is_tracked() {
                loss_frames = 0;
            } else {
                loss_frames += 1;
                longest_loss_frames = longest_loss_frames.max(loss_frames);
            }
            let was_lost = k > 0 && after[k - 1].state == State::Lost;
            times_lost += usize::from(frame.state == State::Lost && !was_lost);
        }
        Self {
            frames: frames.len(),
            dropped_frames: frames.iter().map(|frame| frame.dropped_before).sum(),
            tracked_frames: tracked,
            start_frame: start,
            tracked_share: tracked as f64 / after.len().max(1) as f64,
            times_lost,
            longest_loss_frames,
            track: Millis::of(frames.iter().map(|frame| frame.track_millis)),
            mapping: Millis::of(frames.iter().map(|frame| frame.map_millis)),
            together: Millis::of(frames.iter().map(|f| f.track_millis + f.map_millis)),
            map: frames
                .last()
                .map_or_else(MapSize::default, |frame| frame.map),
        }
    }
}

//! Plays frames to a tracker and writes down what it said.

use std::time::Instant;

use nalgebra::Isometry3;
use slam::evaluation::TimedPose;
use slam::report::FrameRecord;
use slam::tracker::{CameraConfig, MapBudget, Tracking};
use slam::{Frame, ImageView, Tracker, TrackerConfig};

use crate::allocation;
use crate::clip::Clip;

/// A step of mapping when everything is done anyway: large, so that the steps cost nothing.
const WORK_UNITS: u32 = 1_000;
/// A tracker that always asks for more would keep the run for ever.
const MOST_STEPS: usize = 10_000;
/// Frames after the start until buffers are as large as they will be.
const WARM_FRAMES: usize = 60;

/// What is measured: the tracker, and in tests one whose answers are known.
pub(crate) trait Subject {
    fn track(&mut self, frame: &Frame<'_>) -> Result<Tracking, slam::Error>;
    /// Does all work on the map that there is.
    fn work(&mut self);
    /// How many keyframes there are, and when the oldest was taken.
    fn keyframes(&self) -> (usize, Option<i64>);
    /// The poses after all optimisation, on the clock of the playback.
    fn final_trajectory(&self) -> Vec<(i64, Isometry3<f64>)>;
}

impl Subject for Tracker {
    fn track(&mut self, frame: &Frame<'_>) -> Result<Tracking, slam::Error> {
        self.submit(frame)?;
        // On the processor the answer is there already.
        loop {
            match self.poll() {
                Some(tracking) => return Ok(tracking),
                None => std::thread::yield_now(),
            }
        }
    }

    fn work(&mut self) {
        let budget = MapBudget {
            work_units: WORK_UNITS,
        };
        for _ in 0..MOST_STEPS {
            if !self.map_step(budget).pending {
                break;
            }
        }
    }

    fn keyframes(&self) -> (usize, Option<i64>) {
        let keyframes = self.map().keyframes();
        let times = keyframes.iter().map(|keyframe| keyframe.capture_time_nanos);
        (keyframes.len(), times.min())
    }

    fn final_trajectory(&self) -> Vec<(i64, Isometry3<f64>)> {
        Tracker::final_trajectory(self)
    }
}

/// The tracker of all rows.
pub(crate) fn tracker(camera: CameraConfig, seed: u64) -> anyhow::Result<Tracker> {
    Ok(Tracker::new(TrackerConfig {
        camera,
        seed,
        keep_trajectory: true,
        ..TrackerConfig::default()
    })?)
}

/// A frame of the clip that is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) index: usize,
    /// Increases from turn to turn.
    pub(crate) play_nanos: i64,
    /// Whether the lens is covered.
    pub(crate) black: bool,
}

/// All frames in their order.
pub(crate) fn forward(clip: &Clip) -> Vec<Turn> {
    let turn = |(index, &play_nanos)| Turn {
        index,
        play_nanos,
        black: false,
    };
    clip.about
        .times_nanos
        .iter()
        .enumerate()
        .map(turn)
        .collect()
}

/// All frames from the last to the first, as long after one another.
pub(crate) fn backward(clip: &Clip) -> Vec<Turn> {
    let mut turns = forward(clip);
    let ends = turns
        .first()
        .zip(turns.last())
        .map(|(first, last)| first.play_nanos + last.play_nanos);
    for turn in &mut turns {
        turn.play_nanos = ends.unwrap_or_default() - turn.play_nanos;
    }
    turns.reverse();
    turns
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Played {
    pub(crate) records: Vec<FrameRecord>,
    pub(crate) final_poses: Vec<TimedPose>,
    /// Whether every return from a loss was into the map of before.
    pub(crate) same_map: bool,
    /// Requests for memory by `track` in frames that made no keyframe, once warm; none without such frames.
    pub(crate) steady_allocations: Option<usize>,
    turns: Vec<Turn>,
}

impl Played {
    /// The poses as they were returned, where their position stands in the map.
    pub(crate) fn returned(&self) -> Vec<TimedPose> {
        let tracked = self.records.iter().filter(|record| record.is_tracked());
        tracked
            .map(|record| TimedPose {
                time_nanos: record.time_nanos,
                world_from_camera: record.world_from_camera,
            })
            .collect()
    }

    /// The first tracked frame: how many were played before it.
    pub(crate) fn start(&self) -> Option<usize> {
        self.records.iter().position(FrameRecord::is_tracked)
    }

    /// Percentage of the frames after the start that are tracked; covered ones are not counted.
    pub(crate) fn tracked_percent(&self) -> Option<f64> {
        let start = self.start()?;
        let after = self.records[start..]
            .iter()
            .zip(&self.turns[start..])
            .filter(|(_, turn)| !turn.black);
        let count = after.clone().count();
        let tracked = after.filter(|(record, _)| record.is_tracked()).count();
        Some(100.0 * tracked as f64 / count.max(1) as f64)
    }

    /// Frames from the end of the covered ones until the first that is tracked; none where there is none.
    pub(crate) fn back_after_black(&self) -> Option<usize> {
        let after = self.turns.iter().rposition(|turn| turn.black)? + 1;
        self.records[after..]
            .iter()
            .position(FrameRecord::is_tracked)
    }

    /// The most frames in a row after the start that are not tracked; none without a start.
    pub(crate) fn longest_loss(&self) -> Option<usize> {
        let after = &self.records[self.start()?..];
        let runs = after.split(FrameRecord::is_tracked);
        runs.map(<[FrameRecord]>::len).max()
    }

    /// Poses of the reference that had a picture.
    pub(crate) fn expected(&self, reference: &[TimedPose], nanos: i64) -> usize {
        let seen = |pose: &&TimedPose| {
            self.records.iter().zip(&self.turns).any(|(r, turn)| {
                !turn.black && r.time_nanos.abs_diff(pose.time_nanos) <= nanos as u64
            })
        };
        reference.iter().filter(seen).count()
    }
}

/// Plays the turns; `after` is called after each frame and the work on the map that follows it.
pub(crate) fn play<S: Subject>(
    subject: &mut S,
    clip: &Clip,
    turns: &[Turn],
    mut after: impl FnMut(&S, &Turn, &Tracking) -> anyhow::Result<()>,
) -> anyhow::Result<Played> {
    let black = vec![0; clip.about.width * clip.about.height];
    let mut played = Played {
        same_map: true,
        records: Vec::with_capacity(turns.len()),
        turns: turns.to_vec(),
        ..Played::default()
    };
    let mut lost_since = None;
    for turn in turns {
        let image = if turn.black {
            ImageView::new(
                &black,
                clip.about.width,
                clip.about.height,
                clip.about.width,
            )?
        } else {
            clip.image(turn.index)?
        };
        let frame = Frame::new(image, turn.play_nanos);
        let (keyframes, _) = subject.keyframes();
        let allocations = allocation::count();
        let started = Instant::now();
        let tracking = subject.track(&frame)?;
        let track_millis = started.elapsed().as_secs_f64() * 1e3;
        let allocations = allocation::count() - allocations;
        let started = Instant::now();
        let made_keyframe = subject.keyframes().0 != keyframes;
        subject.work();
        let mut record = FrameRecord::of(turn.index, clip.time_nanos(turn.index), &tracking);
        record.track_millis = track_millis;
        record.map_millis = started.elapsed().as_secs_f64() * 1e3;
        if record.is_tracked() {
            // A map that is younger than the loss is another map.
            if let Some(since) = lost_since.take() {
                played.same_map &= subject.keyframes().1.is_some_and(|oldest| oldest <= since);
            }
        } else if played.records.last().is_some_and(FrameRecord::is_tracked) {
            lost_since = Some(turn.play_nanos);
        }
        let warm = played
            .start()
            .is_some_and(|start| played.records.len() > start + WARM_FRAMES);
        if warm && record.is_tracked() && !made_keyframe {
            *played.steady_allocations.get_or_insert(0) += allocations;
        }
        played.records.push(record);
        after(subject, turn, &tracking)?;
    }
    played.final_poses = subject
        .final_trajectory()
        .into_iter()
        .filter_map(|(time, world_from_camera)| {
            let turn = turns.iter().find(|turn| turn.play_nanos == time)?;
            Some(TimedPose {
                time_nanos: clip.time_nanos(turn.index),
                world_from_camera,
            })
        })
        .collect();
    Ok(played)
}

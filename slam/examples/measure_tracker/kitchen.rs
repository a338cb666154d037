//! The kitchen sequence of 7-Scenes against its structure-from-motion reference: rows 1 to 3.

use std::ops::Range;
use std::path::Path;

use anyhow::{Context, ensure};
use slam::camera::Camera;
use slam::dataset::{CameraModel, Dataset, Playback};
use slam::evaluation::TimedPose;
use slam::tracker::CameraConfig;
use slam::{Tracker, TrackerConfig};

use crate::clip::Clip;
use crate::figures::{MOST_DIFFERENCE_NANOS, Run, error_of, quantile};
use crate::gpu;
use crate::play::{Played, Turn, backward, forward, play, tracker};

/// The colour camera by structure from motion on 72 of the images.
const CAMERA: &str = "SIMPLE_RADIAL 640 480 527.70 320 240 -0.0244";

/// What is done to the sequence or to what the tracker is told of the camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Variant {
    /// Nothing.
    Known,
    /// The focal length is told 5% too long.
    FocalLong,
    /// The focal length is told 5% too short.
    FocalShort,
    /// Nothing is told: the default's guess of the field of view.
    Unknown,
    /// 30 frames in the middle are black.
    Black,
    /// Every third frame is missing.
    Thirds,
    /// From the end to the start.
    Backward,
}

impl Variant {
    fn name(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::FocalLong => "focal-long",
            Self::FocalShort => "focal-short",
            Self::Unknown => "unknown",
            Self::Black => "black",
            Self::Thirds => "thirds",
            Self::Backward => "backward",
        }
    }

    fn camera(self, known: Camera) -> CameraConfig {
        let scaled = |factor: f64| {
            CameraConfig::Known(Camera {
                focal_px: known.focal_px.map(|focal| focal * factor),
                ..known
            })
        };
        match self {
            Self::FocalLong => scaled(1.05),
            Self::FocalShort => scaled(0.95),
            Self::Unknown => TrackerConfig::default().camera,
            Self::Known | Self::Black | Self::Thirds | Self::Backward => CameraConfig::Known(known),
        }
    }

    fn turns(self, clip: &Clip) -> Vec<Turn> {
        let mut turns = forward(clip);
        match self {
            Self::Black => {
                for index in middle(turns.len()) {
                    turns[index].black = true;
                }
            }
            Self::Thirds => turns.retain(|turn| turn.index % 3 != 2),
            Self::Backward => turns = backward(clip),
            _ => {}
        }
        turns
    }
}

/// The 30 frames in the middle.
fn middle(count: usize) -> Range<usize> {
    let first = (count / 2).saturating_sub(15);
    first..(first + 30).min(count)
}

/// One run a seed.
pub(crate) fn measure(
    data: &Path,
    variant: Variant,
    on_gpu: bool,
    seeds: Range<u64>,
    cache: &Path,
) -> anyhow::Result<Vec<Run>> {
    let dataset = Dataset::open(data)?;
    let reference = dataset.truth();
    ensure!(
        reference.len() > 100,
        "{} has {} poses of reference",
        data.display(),
        reference.len()
    );
    let clip = Clip::load_or(cache, "kitchen", || decode(&dataset))?;
    let turns = variant.turns(&clip);
    seeds
        .map(|seed| {
            let mut tracker = tracker(variant.camera(clip.camera()), seed)?;
            if on_gpu {
                gpu::use_it(&mut tracker)?;
            }
            let played = play(&mut tracker, &clip, &turns, |_, _, _| Ok(()))?;
            let mut run = Run::new(variant.name(), seed);
            judge(&played, reference, &mut run);
            of_the_camera(&tracker, &clip, &mut run);
            ensure!(
                !on_gpu || tracker.is_on_engine(),
                "the graphics adapter failed on the way"
            );
            Ok(run)
        })
        .collect()
}

fn decode(dataset: &Dataset) -> anyhow::Result<Clip> {
    let mut clip = Clip::new(&Camera::from(CameraModel::from_line(CAMERA)?))?;
    for frame in dataset.play(&Playback::default())? {
        let frame = frame?;
        clip.push(frame.capture_time_nanos, frame.image.data())
            .with_context(|| format!("frame {}", frame.index))?;
    }
    Ok(clip)
}

/// The figures of a playback.
pub(crate) fn judge(played: &Played, reference: &[TimedPose], run: &mut Run) {
    let expected = played.expected(reference, MOST_DIFFERENCE_NANOS);
    let centimetres = |poses: &[TimedPose]| {
        error_of(poses, reference, expected).map(|error| 100.0 * error.rmse_m)
    };
    run.add("as_returned_cm", centimetres(&played.returned()));
    run.add("final_cm", centimetres(&played.final_poses));
    run.add("tracked_percent", played.tracked_percent());
    run.add("start_frame", played.start().map(|frame| frame as f64));
    run.add("same_map", Some(f64::from(u8::from(played.same_map))));
    run.add(
        "longest_loss_frames",
        played.longest_loss().map(|frames| frames as f64),
    );
    run.add(
        "back_after_black_frames",
        played.back_after_black().map(|frames| frames as f64),
    );
    run.add(
        "steady_allocations",
        played.steady_allocations.map(|count| count as f64),
    );
    let mut track: Vec<f64> = played.records.iter().map(|r| r.track_millis).collect();
    run.add("track_median_ms", quantile(&mut track, 0.5));
    run.add("track_p95_ms", quantile(&mut track, 0.95));
    let together: f64 = played
        .records
        .iter()
        .map(|r| r.track_millis + r.map_millis)
        .sum();
    run.add(
        "together_mean_ms",
        Some(together / played.records.len() as f64),
    );
}

/// How far the camera is from the known one at the end.
fn of_the_camera(tracker: &Tracker, clip: &Clip, run: &mut Run) {
    let focal = tracker.camera().map(|camera| camera.focal_px[0]);
    run.add("focal_px", focal);
    run.add(
        "focal_error_percent",
        focal.map(|focal| 100.0 * (focal / clip.about.focal_px[0] - 1.0)),
    );
}

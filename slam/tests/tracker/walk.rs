//! A rendered walk that tests of the tracker share, and what they ask of a run.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::sync::OnceLock;

use nalgebra::Isometry3;
use slam::camera::{Camera, Distortion};
use slam::evaluation::{AbsoluteError, Alignment, TimedPose, associate};
use slam::simulator::{Simulator, SimulatorConfig, benchmark};
use slam::tracker::{CameraConfig, MapBudget, Position, Tracking};
use slam::{Frame, GrayImage, Tracker, TrackerConfig};

/// A simulated sequence with as many of its frames as are asked for.
pub(crate) struct Walk {
    pub(crate) simulator: Simulator,
    pub(crate) frames: Vec<GrayImage>,
}

impl Walk {
    /// Renders the first frames of a sequence.
    pub(crate) fn render(config: SimulatorConfig, count: usize) -> Self {
        let mut image = GrayImage::new(config.width, config.height).unwrap();
        let simulator = Simulator::new(config);
        let frames = (0..count)
            .map(|index| {
                simulator.render(index, &mut image);
                image.clone()
            })
            .collect();
        Self { simulator, frames }
    }

    /// Seven seconds around a living room, once for all tests of a binary. Half as wide as a phone's pictures: rendering
    /// is most of what the tests cost.
    pub(crate) fn shared() -> &'static Self {
        static WALK: OnceLock<Walk> = OnceLock::new();
        WALK.get_or_init(|| Self::render(small(benchmark::sequences()[0].config.clone()), 210))
    }

    pub(crate) fn camera(&self) -> Camera {
        let pinhole = self.simulator.camera();
        Camera {
            size_px: [pinhole.width, pinhole.height],
            focal_px: [pinhole.focal_px; 2],
            center_px: pinhole.center_px,
            distortion: Distortion::None,
        }
    }

    pub(crate) fn tracker(&self) -> Tracker {
        tracker(CameraConfig::Known(self.camera()))
    }

    pub(crate) fn frame(&self, index: usize) -> Frame<'_> {
        Frame::new(
            self.frames[index].view(),
            self.simulator.capture_time_nanos(index),
        )
    }

    /// Tracks these frames and does all work on the map after each.
    pub(crate) fn track(
        &self,
        tracker: &mut Tracker,
        frames: impl IntoIterator<Item = usize>,
    ) -> Vec<Tracking> {
        frames
            .into_iter()
            .map(|index| step(tracker, &self.frame(index)))
            .collect()
    }

    pub(crate) fn truth(&self) -> Vec<TimedPose> {
        (0..self.frames.len())
            .map(|index| TimedPose {
                time_nanos: self.simulator.capture_time_nanos(index),
                world_from_camera: self.simulator.world_from_camera(index),
            })
            .collect()
    }

    /// The length of the way from the first to the last frame, metres.
    pub(crate) fn path_m(&self) -> f64 {
        let poses = self.truth();
        let position = |pose: &TimedPose| pose.world_from_camera.translation.vector;
        let steps = poses.windows(2);
        steps
            .map(|two| (position(&two[1]) - position(&two[0])).norm())
            .sum()
    }

    /// The lengths of the steps between frames whose positions stand, as said and as they are, in metres.
    pub(crate) fn steps(&self, answers: &[Tracking]) -> Vec<(f64, f64)> {
        let truth = self.truth();
        let length = |a: &Isometry3<f64>, b: &Isometry3<f64>| {
            (b.translation.vector - a.translation.vector).norm()
        };
        let mut steps: Vec<(f64, f64)> = (1..answers.len())
            .filter(|k| stands(&answers[k - 1]) && stands(&answers[*k]))
            .map(|k| {
                let [before, after] = [k - 1, k];
                (
                    length(
                        &answers[before].world_from_camera,
                        &answers[after].world_from_camera,
                    ),
                    length(
                        &truth[before].world_from_camera,
                        &truth[after].world_from_camera,
                    ),
                )
            })
            .collect();
        let (said, is) = steps
            .iter()
            .fold((0.0, 0.0), |sum, step| (sum.0 + step.0, sum.1 + step.1));
        for step in &mut steps {
            step.0 *= is / said;
        }
        steps
    }

    /// The error of poses as they were returned after similarity alignment, in percent of the way.
    pub(crate) fn error_percent(&self, answers: &[Tracking]) -> f64 {
        let tracked = answers.iter().filter(|answer| stands(answer));
        let poses: Vec<TimedPose> = tracked
            .map(|answer| TimedPose {
                time_nanos: answer.capture_time_nanos,
                world_from_camera: answer.world_from_camera,
            })
            .collect();
        let pairs = associate(&poses, &self.truth(), 1_000_000);
        let error =
            AbsoluteError::of(&pairs, Alignment::Similarity).expect("poses that span a plane");
        100.0 * error.translation_m.rmse / self.path_m()
    }
}

/// The same in pictures of 320 x 240.
pub(crate) fn small(config: SimulatorConfig) -> SimulatorConfig {
    SimulatorConfig {
        width: 320,
        height: 240,
        ..config
    }
}

/// A tracker in the default configuration.
pub(crate) fn tracker(camera: CameraConfig) -> Tracker {
    Tracker::new(TrackerConfig {
        camera,
        ..TrackerConfig::default()
    })
    .unwrap()
}

/// Tracks a frame and does all work on the map.
pub(crate) fn step(tracker: &mut Tracker, frame: &Frame<'_>) -> Tracking {
    let answer = tracker.track(frame).unwrap();
    work(tracker);
    answer
}

/// Does all work on the map.
pub(crate) fn work(tracker: &mut Tracker) {
    for _ in 0..1_000 {
        if !tracker.map_step(MapBudget { work_units: 1_000 }).pending {
            return;
        }
    }
    panic!("the map asks for more for ever");
}

/// Whether the position of a pose stands in the map.
pub(crate) fn stands(answer: &Tracking) -> bool {
    matches!(answer.position, Position::UpToScale | Position::Metric)
}

/// How many answers there are before the first whose position stands in the map.
pub(crate) fn start(answers: &[Tracking]) -> usize {
    answers.iter().position(stands).expect("it starts")
}

/// The share of the answers whose position stands in the map.
pub(crate) fn tracked_share(answers: &[Tracking]) -> f64 {
    answers.iter().filter(|answer| stands(answer)).count() as f64 / answers.len() as f64
}

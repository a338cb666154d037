//! The tracker with an engine whose answers come later, on a rendered walk with exact truth.

use std::sync::OnceLock;

use nalgebra::{Isometry3, Vector3};

use crate::camera::{Camera, Distortion};
use crate::evaluation::{AbsoluteError, Alignment, TimedPose, associate};
use crate::front_end::choice::{ChoiceConfig, FrameTimes};
use crate::front_end::late_engine::{Fault, LateEngine};
use crate::simulator::{Simulator, SimulatorConfig, benchmark};
use crate::tracker::{CameraConfig, MapBudget, State, Tracker, TrackerConfig, Tracking};
use crate::{Error, Frame, GrayImage, ImuSample};

/// Four seconds around a living room.
struct Walk {
    simulator: Simulator,
    frames: Vec<GrayImage>,
}

impl Walk {
    fn shared() -> &'static Self {
        static WALK: OnceLock<Walk> = OnceLock::new();
        WALK.get_or_init(|| {
            let config = SimulatorConfig {
                width: 320,
                height: 240,
                ..benchmark::sequences()[0].config.clone()
            };
            let mut image = GrayImage::new(320, 240).unwrap();
            let simulator = Simulator::new(config);
            let frames = (0..120)
                .map(|index| {
                    simulator.render(index, &mut image);
                    image.clone()
                })
                .collect();
            Self { simulator, frames }
        })
    }

    fn config(&self) -> TrackerConfig {
        let pinhole = self.simulator.camera();
        TrackerConfig {
            camera: CameraConfig::Known(Camera {
                size_px: [pinhole.width, pinhole.height],
                focal_px: [pinhole.focal_px; 2],
                center_px: pinhole.center_px,
                distortion: Distortion::None,
            }),
            ..TrackerConfig::default()
        }
    }

    fn tracker(&self, engine: Option<LateEngine>) -> Tracker {
        let mut tracker = Tracker::new(self.config()).unwrap();
        if let Some(engine) = engine {
            tracker.use_engine(Some(Box::new(engine)));
        }
        tracker
    }

    fn engine(&self, delay: u32) -> LateEngine {
        LateEngine::new(&self.config().front_end, delay)
    }

    fn frame(&self, index: usize) -> Frame<'_> {
        let time_nanos = self.simulator.capture_time_nanos(index);
        Frame::new(self.frames[index].view(), time_nanos)
    }

    /// Submits each frame before the one before it is answered, and works on the map while both are there.
    fn track_a_frame_late(&self, tracker: &mut Tracker) -> Vec<Tracking> {
        let mut answers = Vec::new();
        for index in 0..self.frames.len() {
            tracker.submit(&self.frame(index)).unwrap();
            work(tracker);
            if index > 0 {
                answers.push(tracker.poll().unwrap());
            }
        }
        answers.push(tracker.poll().unwrap());
        assert!(tracker.poll().is_none() && !tracker.is_busy());
        answers
    }

    /// The error of poses after alignment, in percent of the way, and the share of frames tracked from the start on.
    fn error_percent(&self, answers: &[Tracking]) -> (f64, f64) {
        let truth: Vec<TimedPose> = (0..self.frames.len())
            .map(|index| TimedPose {
                time_nanos: self.simulator.capture_time_nanos(index),
                world_from_camera: self.simulator.world_from_camera(index),
            })
            .collect();
        let tracked: Vec<TimedPose> = answers
            .iter()
            .filter(|answer| answer.state == State::Tracking)
            .map(|answer| TimedPose {
                time_nanos: answer.capture_time_nanos,
                world_from_camera: answer.world_from_camera,
            })
            .collect();
        let start = answers.iter().position(|a| a.state == State::Tracking);
        let share = tracked.len() as f64 / (answers.len() - start.unwrap()) as f64;
        let pairs = associate(&tracked, &truth, 1_000_000);
        let error = AbsoluteError::of(&pairs, Alignment::Similarity).unwrap();
        let at = |pose: &Isometry3<f64>| pose.translation.vector;
        let way: f64 = truth
            .windows(2)
            .map(|two| (at(&two[1].world_from_camera) - at(&two[0].world_from_camera)).norm())
            .sum();
        (100.0 * error.translation_m.rmse / way, share)
    }
}

fn work(tracker: &mut Tracker) {
    while tracker.map_step(MapBudget { work_units: 1_000 }).pending {}
}

fn submit_and_wait(tracker: &mut Tracker, frame: &Frame<'_>) -> Tracking {
    tracker.submit(frame).unwrap();
    for _ in 0..100 {
        if let Some(tracking) = tracker.poll() {
            return tracking;
        }
    }
    panic!("no answer");
}

/// A tracker in the state of tracking, and the next frame.
fn tracking(walk: &Walk, engine: LateEngine) -> (Tracker, usize) {
    let mut tracker = walk.tracker(Some(engine));
    for index in 0..80 {
        let answer = submit_and_wait(&mut tracker, &walk.frame(index));
        work(&mut tracker);
        if index > 60 && answer.state == State::Tracking {
            return (tracker, index + 1);
        }
    }
    panic!("it does not start");
}

#[test]
fn poses_of_a_late_engine_are_those_of_the_cpu() {
    let walk = Walk::shared();
    let (mut on_cpu, mut late) = (walk.tracker(None), walk.tracker(Some(walk.engine(2))));
    for index in 0..walk.frames.len() {
        let exact = on_cpu.track(&walk.frame(index)).unwrap();
        let found = submit_and_wait(&mut late, &walk.frame(index));
        assert!(found.on_engine && !exact.on_engine);
        let on_engine = exact.on_engine;
        assert_eq!(Tracking { on_engine, ..found }, exact, "frame {index}");
        assert_eq!(late.points(), on_cpu.points());
        work(&mut on_cpu);
        work(&mut late);
    }
}

#[test]
fn a_tracker_that_is_a_frame_behind_is_as_accurate() {
    let walk = Walk::shared();
    let mut on_cpu = walk.tracker(None);
    let exact: Vec<Tracking> = (0..walk.frames.len())
        .map(|index| {
            let answer = on_cpu.track(&walk.frame(index)).unwrap();
            work(&mut on_cpu);
            answer
        })
        .collect();
    let (exact_error, exact_share) = walk.error_percent(&exact);
    // With an engine, and with a CPU whose caller is late.
    for engine in [Some(walk.engine(0)), None] {
        let on_engine = engine.is_some();
        let mut tracker = walk.tracker(engine);
        let answers = walk.track_a_frame_late(&mut tracker);
        for (index, answer) in answers.iter().enumerate() {
            let last = index + 1 == answers.len();
            assert_eq!(answer.frames_behind, u32::from(!last), "frame {index}");
            assert_eq!(answer.on_engine, on_engine);
            let time_nanos = walk.simulator.capture_time_nanos(index);
            assert_eq!(answer.capture_time_nanos, time_nanos);
        }
        let (error, share) = walk.error_percent(&answers);
        println!("{error:.3}% and {share:.3} against {exact_error:.3}% and {exact_share:.3}");
        // The limits of the walk on the CPU; runs scatter by about a factor of two.
        assert!(
            error < 1.0 && error < 2.0 * exact_error.max(0.2),
            "{error}%"
        );
        assert!(share >= 0.97, "{share}");
    }
}

#[test]
fn a_third_frame_is_refused_and_changes_nothing() {
    let walk = Walk::shared();
    let (mut tracker, next) = tracking(walk, walk.engine(1));
    let points = tracker.points().to_vec();
    let ray = tracker.ray([100.0, 80.0].into());
    tracker.submit(&walk.frame(next)).unwrap();
    assert_eq!(
        tracker.track(&walk.frame(next + 1)),
        Err(Error::FrameOnItsWay)
    );
    // Not newer than the one on its way, though newer than the one answered.
    assert!(matches!(
        tracker.submit(&walk.frame(next)),
        Err(Error::TimeNotIncreasing { .. })
    ));
    tracker.submit(&walk.frame(next + 1)).unwrap();
    assert_eq!(
        tracker.submit(&walk.frame(next + 2)),
        Err(Error::FrameOnItsWay)
    );
    assert_eq!(tracker.points(), points);
    assert_eq!(tracker.ray([100.0, 80.0].into()), ray);
    assert!(tracker.poll().is_none());
    for (index, behind) in [(next, 1), (next + 1, 0)] {
        let answer = (0..3).find_map(|_| tracker.poll()).unwrap();
        let time_nanos = walk.simulator.capture_time_nanos(index);
        assert_eq!(answer.capture_time_nanos, time_nanos);
        assert_eq!(answer.frames_behind, behind);
        assert_eq!(answer.state, State::Tracking);
    }
    // Where an engine is used, this is still the CPU.
    let answer = tracker.track(&walk.frame(next + 2)).unwrap();
    assert!(!answer.on_engine && tracker.is_on_engine());
    assert_eq!(answer.state, State::Tracking);
}

#[test]
fn an_engine_that_fails_costs_no_frame() {
    let walk = Walk::shared();
    for fault in [Fault::Failed, Fault::Refused] {
        let mut tracker = walk.tracker(Some(walk.engine(0).with_fault(60, fault)));
        let answers = walk.track_a_frame_late(&mut tracker);
        assert!(tracker.engine_failed() && !tracker.is_on_engine());
        let started = answers.iter().position(|a| a.state == State::Tracking);
        let after = &answers[started.unwrap()..];
        assert!(after.iter().all(|a| a.state == State::Tracking));
        let on_engine = answers.iter().filter(|a| a.on_engine).count();
        assert_eq!(on_engine, 60);
    }
}

#[test]
fn a_restart_gives_up_both_frames() {
    let walk = Walk::shared();
    let engine = walk.engine(1);
    let asked = engine.asked();
    let (mut tracker, next) = tracking(walk, engine);
    tracker.submit(&walk.frame(next)).unwrap();
    tracker.submit(&walk.frame(next + 1)).unwrap();
    tracker.restart();
    assert_eq!(asked.lock().unwrap().cancelled, 1);
    assert!(!tracker.is_busy() && tracker.poll().is_none());
    // Any time is new.
    let answer = submit_and_wait(&mut tracker, &walk.frame(0));
    assert_eq!(answer.state, State::Initializing);
}

#[test]
fn a_point_whose_landmark_went_meanwhile_is_not_believed() {
    let walk = Walk::shared();
    let (mut tracker, next) = tracking(walk, walk.engine(0));
    tracker.submit(&walk.frame(next)).unwrap();
    let checked_later = |tracker: &Tracker| {
        let hints = tracker.previous.iter().zip(&tracker.hints);
        hints
            .filter(|(_, hint)| hint.is_checked_later)
            .map(|(point, _)| point.id)
            .collect::<Vec<_>>()
    };
    let unchecked = checked_later(&tracker);
    assert!(unchecked.len() > 40);
    // As the map does it: the landmark goes, and the link with it.
    let mut gone = Vec::new();
    for track in unchecked.iter().step_by(4) {
        let landmark = tracker.links.get(*track).unwrap();
        tracker.map.remove_landmark(landmark);
        tracker.links.remove(*track);
        gone.push(*track);
    }
    let answer = tracker.poll().unwrap();
    assert_eq!(answer.state, State::Tracking);
    let is_there = |track: &u32| tracker.front_end.points().iter().any(|p| p.id == *track);
    assert!(!gone.iter().any(is_there));
    let others = unchecked.iter().filter(|track| !gone.contains(*track));
    let there = others.clone().filter(|track| is_there(track)).count();
    assert!(3 * there > 2 * others.count(), "{there} of the others");
}

#[test]
fn the_axes_are_those_of_the_moment_when_the_frame_came() {
    let walk = Walk::shared();
    let reading = |k: i64, up: Vector3<f64>| ImuSample {
        capture_time_nanos: (k - 30) * 5_000_000,
        angular_velocity_rad_s: Vector3::zeros(),
        specific_force_m_s2: 9.81 * up,
    };
    let mut tracker = walk.tracker(Some(walk.engine(0)));
    for k in 0..30 {
        tracker.imu(&reading(k, -Vector3::y()));
    }
    tracker.submit(&walk.frame(0)).unwrap();
    for k in 30..60 {
        tracker.imu(&reading(k, Vector3::x()));
    }
    let rotation = tracker.poll().unwrap().world_from_camera.rotation;
    assert!(rotation.angle() < 1e-6, "{rotation}");
}

#[test]
fn a_new_map_of_given_poses_begins_when_its_frame_is_answered() {
    let walk = Walk::shared();
    let (mut tracker, next) = tracking(walk, walk.engine(1));
    let (landmarks, points) = (tracker.map().landmarks().len(), tracker.points().len());
    let posed = Frame {
        world_from_camera: Some(Isometry3::identity()),
        ..walk.frame(next)
    };
    tracker.submit(&posed).unwrap();
    tracker.submit(&walk.frame(next + 1)).unwrap();
    assert!(tracker.poll().is_none());
    assert_eq!(tracker.map().landmarks().len(), landmarks);
    assert_eq!(tracker.points().len(), points);
    let answer = tracker.poll().unwrap();
    assert_eq!(answer.world_from_camera, Isometry3::identity());
    assert_eq!(tracker.map().landmarks().len(), 0);
    // And back again, with the frame that waited.
    let answer = (0..3).find_map(|_| tracker.poll()).unwrap();
    assert_eq!(answer.state, State::Initializing);
}

/// What a clock would say of a frame: the engine is slower or faster than the CPU by a factor.
fn measure(tracker: &mut Tracker, answer: &Tracking, engine_to_cpu: f64) {
    let front_end_millis = if answer.on_engine {
        4.0 * engine_to_cpu
    } else {
        4.0
    };
    tracker.measured(FrameTimes {
        front_end_millis,
        pose_millis: 2.0,
    });
}

#[test]
fn measured_times_choose_who_follows_the_points() {
    let walk = Walk::shared();
    for (engine_to_cpu, expected) in [(0.4, true), (3.0, false)] {
        let mut tracker = walk.tracker(Some(walk.engine(0)));
        tracker.choose_by_times(ChoiceConfig::default()).unwrap();
        assert!(!tracker.is_on_engine(), "nothing was measured yet");
        let mut was_tried = false;
        for index in 0..walk.frames.len() {
            tracker.submit(&walk.frame(index)).unwrap();
            let answer = tracker.poll().unwrap();
            was_tried |= answer.on_engine;
            measure(&mut tracker, &answer, engine_to_cpu);
        }
        assert!(was_tried);
        assert_eq!(tracker.is_on_engine(), expected);
    }
}

#[test]
fn an_engine_that_fails_is_not_tried_again() {
    let walk = Walk::shared();
    let engine = walk.engine(0).with_fault(3, Fault::Failed);
    let mut tracker = walk.tracker(Some(engine));
    tracker.choose_by_times(ChoiceConfig::default()).unwrap();
    let mut on_engine = 0;
    for index in 0..walk.frames.len() {
        tracker.submit(&walk.frame(index)).unwrap();
        let answer = tracker.poll().unwrap();
        on_engine += usize::from(answer.on_engine);
        measure(&mut tracker, &answer, 0.4);
    }
    assert_eq!(on_engine, 3);
    assert!(tracker.engine_failed() && !tracker.is_on_engine());
}

#[test]
fn frames_that_take_too_long_are_given_fewer_points() {
    let walk = Walk::shared();
    let mut tracker = walk.tracker(None);
    tracker.choose_by_times(ChoiceConfig::default()).unwrap();
    let most = walk.config().front_end.max_points;
    assert_eq!(tracker.front_end.max_points(), most);
    let mut points = 0;
    for index in 0..walk.frames.len() {
        tracker.submit(&walk.frame(index)).unwrap();
        tracker.poll().unwrap();
        points = tracker.points().len();
        // A tenth of a millisecond a point, for a budget of 16.
        tracker.measured(FrameTimes {
            front_end_millis: 0.1 * points as f64,
            pose_millis: 1.0,
        });
    }
    assert!(tracker.front_end.max_points() < most, "{points} points");
    assert!(points < most);
}

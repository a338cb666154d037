//! The measures on a tracker whose answers are known: the truth in another frame and unit, with noise.

use nalgebra::{Isometry3, Translation3, UnitQuaternion, Vector2, Vector3};
use slam::Frame;
use slam::camera::Camera;
use slam::evaluation::{Similarity, TimedPose};
use slam::simulator::{RoomPlane, Simulator, SimulatorConfig};
use slam::tracker::{Position, Quality, Reason, State, Tracking};
use slam::world::{Plane, PlaneId, PlaneKind};

use crate::clip::Clip;
use crate::figures::{Run, error_of};
use crate::play::{Subject, Turn, backward, forward, play};
use crate::surfaces::{Claim, compare, hull_area};
use crate::{kitchen, room, still};

/// Metres of a unit of the oracle's map.
const METRES: f64 = 2.5;

/// Answers with the truth in its own frame and unit, with noise that alternates along one axis.
struct Oracle {
    truth: Vec<TimedPose>,
    noise_m: f64,
    /// Played frames that it gives no position for.
    blind: std::ops::Range<usize>,
    /// Whether it begins a new map after that.
    forgets: bool,
    played: Vec<(i64, Isometry3<f64>)>,
}

impl Oracle {
    fn new(truth: Vec<TimedPose>, noise_m: f64) -> Self {
        Self {
            truth,
            noise_m,
            blind: 0..10,
            forgets: false,
            played: Vec::new(),
        }
    }

    fn pose(&self, place: usize) -> Isometry3<f64> {
        let mut pose = self.truth[place].world_from_camera;
        let sign = if place.is_multiple_of(2) { 1.0 } else { -1.0 };
        pose.translation.vector += Vector3::new(0.0, 0.0, sign * self.noise_m);
        pose.translation.vector /= METRES;
        public_from_truth() * pose
    }
}

fn public_from_truth() -> Isometry3<f64> {
    Isometry3::new(Vector3::new(0.3, -2.0, 1.0), Vector3::new(0.4, 1.1, -0.2))
}

impl Subject for Oracle {
    fn track(&mut self, frame: &Frame<'_>) -> Result<Tracking, slam::Error> {
        let place = self.played.len();
        let world_from_camera = self.pose(place);
        self.played
            .push((frame.capture_time_nanos, world_from_camera));
        let blind = self.blind.contains(&place);
        Ok(Tracking {
            capture_time_nanos: frame.capture_time_nanos,
            state: if blind { State::Lost } else { State::Tracking },
            world_from_camera,
            position: if blind {
                Position::Predicted
            } else {
                Position::UpToScale
            },
            quality: Quality {
                score: 1.0,
                reason: Reason::Good,
            },
            landmarks_seen: 100,
            on_engine: false,
            frames_behind: 0,
        })
    }

    fn work(&mut self) {}

    fn keyframes(&self) -> (usize, Option<i64>) {
        let again = self.forgets && self.played.len() > self.blind.end;
        let oldest = if again { self.blind.end } else { 0 };
        (1, self.played.get(oldest).map(|(time, _)| *time))
    }

    fn final_trajectory(&self) -> Vec<(i64, Isometry3<f64>)> {
        self.played.clone()
    }
}

fn simulator(frame_count: usize) -> Simulator {
    Simulator::new(SimulatorConfig {
        width: 64,
        height: 48,
        frame_count,
        ..SimulatorConfig::default()
    })
}

/// A clip of the simulator's length whose frames are of no matter.
fn clip(simulator: &Simulator) -> Clip {
    let mut clip = Clip::new(&Camera::from_horizontal_fov([4, 4], 1.0)).unwrap();
    for index in 0..simulator.frame_count() {
        clip.push(simulator.capture_time_nanos(index), &[7; 16])
            .unwrap();
    }
    clip
}

fn figure(run: &Run, name: &str) -> Option<f64> {
    let values = &run.figures[name];
    assert_eq!(values.len(), 1, "{name}");
    values[0]
}

fn kitchen_run(oracle: &mut Oracle, clip: &Clip, turns: &[Turn], reference: &[TimedPose]) -> Run {
    let played = play(oracle, clip, turns, |_, _, _| Ok(())).unwrap();
    let mut run = Run::new("oracle", 0);
    kitchen::judge(&played, reference, &mut run);
    run
}

#[test]
fn the_error_of_an_oracle_is_its_noise() {
    let simulator = simulator(120);
    let (clip, truth) = (clip(&simulator), room::truth(&simulator));
    let mut oracle = Oracle::new(truth.clone(), 0.02);
    // As the reference of the kitchen: every fourth pose, a little beside the frames' times.
    let reference: Vec<TimedPose> = truth
        .iter()
        .step_by(3)
        .map(|pose| TimedPose {
            time_nanos: pose.time_nanos + 2_000_000,
            ..*pose
        })
        .collect();
    let run = kitchen_run(&mut oracle, &clip, &forward(&clip), &reference);
    let error = figure(&run, "as_returned_cm").unwrap();
    assert!((1.8..2.05).contains(&error), "{error} cm for a noise of 2");
    assert_eq!(figure(&run, "start_frame"), Some(10.0));
    assert_eq!(figure(&run, "tracked_percent"), Some(100.0));
    assert_eq!(figure(&run, "same_map"), Some(1.0));
    assert_eq!(figure(&run, "longest_loss_frames"), Some(0.0));

    let mut exact = Oracle::new(truth.clone(), 0.0);
    let played = play(&mut exact, &clip, &forward(&clip), |_, _, _| Ok(())).unwrap();
    let mut run = Run::new("oracle", 0);
    let moved = room::judge(&played, &truth, &mut run).unwrap();
    assert!(figure(&run, "as_returned_percent").unwrap() < 1e-6);
    assert!((moved.scale - METRES).abs() < 1e-6);
}

#[test]
fn who_hardly_tracks_has_no_error() {
    let simulator = simulator(120);
    let (clip, truth) = (clip(&simulator), room::truth(&simulator));
    let mut oracle = Oracle::new(truth.clone(), 0.0);
    oracle.blind = 30..120;
    let run = kitchen_run(&mut oracle, &clip, &forward(&clip), &truth);
    assert_eq!(figure(&run, "as_returned_cm"), None);
    assert_eq!(figure(&run, "tracked_percent"), Some(25.0));
    assert_eq!(figure(&run, "longest_loss_frames"), Some(90.0));
    assert!(error_of(&[], &truth, 0).is_none());
}

#[test]
fn the_return_after_black_is_counted_and_a_new_map_is_found_out() {
    let simulator = simulator(120);
    let (clip, truth) = (clip(&simulator), room::truth(&simulator));
    let mut turns = forward(&clip);
    turns[50..60].iter_mut().for_each(|turn| turn.black = true);
    for forgets in [false, true] {
        let mut oracle = Oracle::new(truth.clone(), 0.0);
        oracle.blind = 50..67;
        oracle.forgets = forgets;
        let run = kitchen_run(&mut oracle, &clip, &turns, &truth);
        assert_eq!(figure(&run, "back_after_black_frames"), Some(7.0));
        assert_eq!(
            figure(&run, "same_map"),
            Some(f64::from(u8::from(!forgets)))
        );
        // 7 of the 110 that were not black.
        assert!((figure(&run, "tracked_percent").unwrap() - 100.0 * 103.0 / 110.0).abs() < 1e-9);
    }
}

#[test]
fn backwards_the_poses_are_compared_with_the_same_frames() {
    let simulator = simulator(90);
    let (clip, mut truth) = (clip(&simulator), room::truth(&simulator));
    let turns = backward(&clip);
    assert!(
        turns
            .windows(2)
            .all(|two| two[0].play_nanos < two[1].play_nanos)
    );
    assert_eq!((turns[0].index, turns[0].play_nanos), (89, 0));
    let forwards = truth.clone();
    truth.reverse();
    let mut oracle = Oracle::new(truth, 0.0);
    let run = kitchen_run(&mut oracle, &clip, &turns, &forwards);
    assert!(figure(&run, "as_returned_cm").unwrap() < 1e-6);
    assert!(figure(&run, "final_cm").unwrap() < 1e-6);
}

/// A claimed plane in the map of the oracle, of a rectangle in the truth.
fn claimed(world_from_rectangle: &Isometry3<f64>, half_m: [f64; 2]) -> Plane {
    // The rectangle's normal is its Z; a claimed plane's is its Y.
    let y_is_normal =
        UnitQuaternion::from_axis_angle(&Vector3::x_axis(), std::f64::consts::FRAC_PI_2);
    let mut pose =
        world_from_rectangle * Isometry3::from_parts(Translation3::identity(), y_is_normal);
    pose.translation.vector /= METRES;
    let world_from_plane = public_from_truth() * pose;
    let [x, z] = half_m.map(|half| half / METRES);
    Plane {
        id: PlaneId(0),
        world_from_plane,
        normal: world_from_plane.rotation * Vector3::y(),
        kind: PlaneKind::Unknown,
        polygon: [[x, z], [x, -z], [-x, -z], [-x, z]]
            .map(Vector2::from)
            .to_vec(),
        area: 4.0 * x * z,
        rms: 0.0,
        sigma_normal_rad: 0.0,
        sigma_offset: 0.0,
        points: Vec::new(),
        confidence: 0.9,
    }
}

fn truth_from_map() -> Similarity {
    let mut back = public_from_truth().inverse();
    back.translation.vector *= METRES;
    Similarity {
        scale: METRES,
        isometry: back,
    }
}

#[test]
fn true_planes_are_found_tilted_ones_measured_and_floating_ones_false() {
    let simulator = simulator(150);
    let large = |plane: &&RoomPlane| 4.0 * plane.half_size_m[0] * plane.half_size_m[1] > 1.0;
    let planes: Vec<RoomPlane> = simulator.planes().iter().filter(large).cloned().collect();
    assert!(planes.len() > 3);
    let claim = |pose: &Isometry3<f64>, half| Claim::of(&claimed(pose, half), &truth_from_map());

    let exact: Vec<Claim> = planes
        .iter()
        .map(|plane| claim(&plane.world_from_plane, plane.half_size_m))
        .collect();
    let findings = compare(&exact, &planes, &simulator);
    assert_eq!(findings.missed, Vec::<&str>::new());
    assert!(
        findings.angles_rad.iter().all(|angle| *angle < 1e-6),
        "{findings:?}"
    );
    assert_eq!(findings.false_claims, 0);

    let tilt = Isometry3::rotation(Vector3::x() * 3.0_f64.to_radians());
    let tilted = claim(&(planes[0].world_from_plane * tilt), [0.5, 0.5]);
    let angle = tilted.angle_on(&planes[0]).unwrap();
    assert!((angle.to_degrees() - 3.0).abs() < 1e-6);
    assert_eq!(compare(&[], &planes, &simulator).missed.len(), planes.len());

    // Half way between the camera and what it looks at, as large as the picture there.
    let depth = simulator.depth_at(60, [31.5, 23.5]).unwrap();
    let before = simulator.world_from_camera(60) * Isometry3::translation(0.0, 0.0, 0.5 * depth);
    let floating = claim(&before, [0.4, 0.4]);
    assert!(floating.area_m2 > 0.5);
    assert_eq!(compare(&[floating], &planes, &simulator).false_claims, 1);
}

#[test]
fn hulls_have_the_areas_of_their_outlines() {
    let points: Vec<_> = (0..100)
        .map(|k| Vector2::new(f64::from(k % 10), f64::from(k / 10)))
        .collect();
    assert!((hull_area(&points) - 81.0).abs() < 1e-9);
    assert_eq!(hull_area(&points[..10]), 0.0);
    assert_eq!(hull_area(&points[..2]), 0.0);
}

#[test]
fn rays_that_stop_too_far_count_by_how_much() {
    let hits = [(Some(1.02), 2.5), (None, 3.0), (Some(2.0), 5.0)];
    let mut run = Run::new("oracle", 0);
    room::of_the_hits(&hits, Some(METRES), &mut run);
    assert_eq!(figure(&run, "hit_rays"), Some(3.0));
    let errors: Vec<f64> = run.figures["hit_error_percent"]
        .iter()
        .flatten()
        .copied()
        .collect();
    assert!((errors[0] - 2.0).abs() < 1e-9 && errors[1].abs() < 1e-9);
    let mut run = Run::new("oracle", 0);
    room::of_the_hits(&hits, None, &mut run);
    assert!(run.figures["hit_error_percent"].is_empty());
}

#[test]
fn noise_and_drift_of_standing_still_are_at_the_depth_of_the_issue() {
    let simulator = simulator(600);
    let clip = clip(&simulator);
    let still = |drift_m: f64| {
        let pose = |k: usize| TimedPose {
            time_nanos: simulator.capture_time_nanos(k),
            world_from_camera: Isometry3::translation(drift_m * k as f64 / 600.0, 1.0, 0.0),
        };
        let mut oracle = Oracle::new((0..600).map(pose).collect(), 0.002);
        let played = play(&mut oracle, &clip, &forward(&clip), |_, _, _| Ok(())).unwrap();
        let mut run = Run::new("oracle", 0);
        still::judge(&played, Some((METRES, 3.0)), &mut run);
        run
    };
    // 2 mm at 3 m are 1 mm at 1.5 m.
    let run = still(0.0);
    assert!((figure(&run, "noise_mm").unwrap() - 1.0).abs() < 1e-3);
    assert!(figure(&run, "drift_mm").unwrap() < 1e-3);
    // 10 mm over 20 s; between the middles of the first and the last 5 s of 16.5 lie 11.5 s.
    let drift = figure(&still(0.010), "drift_mm").unwrap();
    assert!((drift - 0.5 * 10.0 * 11.5 / 20.0).abs() < 0.02, "{drift}");
}

//! The parts of the tracker that stand alone, against exact truth.

#[cfg(feature = "simulator")]
mod late;

use nalgebra::{Isometry3, Point3, UnitQuaternion, Vector2, Vector3};

use super::links::Links;
use super::localizer::{Localizer, Seen, Support, wide};
use super::mapper::Mapper;
use super::motion::Motion;
use super::public_pose::PublicPose;
use super::rotation::turn_between;
use super::starter::{KeptFrame, Started};
use super::{MapBudget, Tracker, TrackerConfig};
use crate::camera::Camera;
use crate::front_end::TrackedPoint;
use crate::imu::ImuSample;
use crate::map::{Keyframe, KeyframeId, LandmarkId, Map, Observation};
use crate::pyramid::Pyramid;
use crate::ransac::Rng;
use crate::test_texture::picture;
use crate::two_view::{Model, TwoViewStart};

fn pose(x: f64, turn: f64) -> Isometry3<f64> {
    Isometry3::new(Vector3::new(x, 0.2 * x, -x), Vector3::new(0.1, turn, 0.3))
}

fn distance(a: &Isometry3<f64>, b: &Isometry3<f64>) -> f64 {
    (a.translation.vector - b.translation.vector).norm() + a.rotation.angle_to(&b.rotation)
}

#[test]
fn a_steady_motion_is_predicted_over_uneven_intervals() {
    let step = Isometry3::new(Vector3::new(0.01, 0.0, 0.02), Vector3::new(0.0, 0.03, 0.01));
    let mut motion = Motion::new();
    motion.found(0, pose(0.0, 0.2));
    motion.found(33_000_000, pose(0.0, 0.2) * step);
    let predicted = motion.predict(99_000_000).unwrap();
    // Twice the step; its translation is carried on in the camera's axes, not along the screw.
    let exact = pose(0.0, 0.2) * step * step * step;
    assert!(
        distance(&predicted, &exact) < 2e-3,
        "{}",
        distance(&predicted, &exact)
    );
}

#[test]
fn the_gyroscope_gives_the_turn_between_two_frames() {
    let rate = Vector3::new(0.5, -1.0, 0.25);
    let mut motion = Motion::new();
    for k in 0..60_i64 {
        motion.imu(&ImuSample {
            capture_time_nanos: k * 5_000_000,
            angular_velocity_rad_s: rate,
            specific_force_m_s2: Vector3::new(0.0, -9.81, 0.0),
        });
    }
    let turn = motion.turn(12_000_000, 112_000_000).unwrap();
    assert!((turn.scaled_axis() - rate * 0.1).norm() < 1e-9);
    assert!(
        motion.turn(200_000_000, 600_000_000).is_none(),
        "no readings, no turn"
    );
    let up = motion.up_in_camera().unwrap();
    assert!((up + Vector3::y()).norm() < 1e-9);
}

#[test]
fn readings_out_of_order_or_not_finite_are_left_out() {
    let mut motion = Motion::new();
    let sample = |time, rate| ImuSample {
        capture_time_nanos: time,
        angular_velocity_rad_s: Vector3::new(0.0, rate, 0.0),
        specific_force_m_s2: Vector3::new(0.0, -9.81, 0.0),
    };
    motion.imu(&sample(0, 1.0));
    motion.imu(&sample(50_000_000, f64::NAN));
    motion.imu(&sample(40_000_000, 1.0));
    motion.imu(&sample(10_000_000, 77.0));
    motion.imu(&sample(80_000_000, 1.0));
    let turn = motion.turn(0, 80_000_000).unwrap();
    assert!((turn.angle() - 0.08).abs() < 1e-9);
}

#[test]
fn the_public_pose_does_not_jump_and_ends_at_the_maps() {
    let mut public = PublicPose::default();
    let before = pose(1.0, 0.4);
    let after = pose(1.05, 0.41);
    public.map_corrected(&before, &after);
    assert!(distance(&(public.public_from_map() * after), &before) < 1e-12);
    let mut last = public.public_from_map() * after;
    let whole = distance(&before, &after);
    for _ in 0..60 {
        public.fade(1.0 / 30.0);
        let now = public.public_from_map() * after;
        assert!(
            distance(&last, &now) < 0.2 * whole,
            "a step of a fifth is a jump"
        );
        last = now;
    }
    assert!(distance(&last, &after) < 1e-3 * whole);
}

#[test]
fn the_turn_between_frames_ignores_tracks_that_went_astray() {
    let mut rng = Rng::new(3);
    let turn = UnitQuaternion::from_euler_angles(0.02, -0.05, 0.03);
    let pairs: Vec<_> = (0..120)
        .map(|k| {
            let later = Vector3::new(rng.range(-0.5, 0.5), rng.range(-0.4, 0.4), 1.0).normalize();
            let earlier = if k % 5 == 0 { later } else { turn * later };
            (earlier, later)
        })
        .collect();
    let found = turn_between(&pairs, UnitQuaternion::identity()).unwrap();
    assert!(found.angle_to(&turn) < 2e-3, "{}", found.angle_to(&turn));
    assert!(turn_between(&pairs[..7], UnitQuaternion::identity()).is_none());
}

#[test]
fn links_follow_the_tracks_that_live() {
    let point = |id| TrackedPoint {
        id,
        age_frames: 1,
        position_px: [0.0; 2],
    };
    let mut links = Links::with_capacity(8);
    for id in [9, 2, 5, 7] {
        links.insert(id, LandmarkId(id * 10));
    }
    links.follow(&[point(1), point(5), point(6), point(9)]);
    let left: Vec<_> = (0..12).filter_map(|id| links.get(id)).collect();
    assert_eq!(left, [LandmarkId(50), LandmarkId(90)]);
    links.remove(5);
    assert_eq!(links.len(), 1);
}

#[test]
fn a_look_that_finds_nothing_is_not_held_against_landmarks() {
    let camera = Camera::from_horizontal_fov([160, 120], 1.0);
    let mut pyramid = Pyramid::new(3).unwrap();
    pyramid.build(&picture(160, 120, |at| at).view());
    let mut map = Map::default();
    let keyframe = map.add_keyframe(Keyframe {
        id: KeyframeId(0),
        capture_time_nanos: 0,
        world_from_camera: Isometry3::identity(),
        camera,
        shares_camera: true,
        pyramid: pyramid.clone(),
        observations: Vec::new(),
        tracks: Vec::new(),
    });
    for k in 0..48_u32 {
        let position_px = [20.0 + 17.0 * (k % 8) as f32, 20.0 + 16.0 * (k / 8) as f32];
        // Depths that differ fix a pose.
        let depth = 1.0 + 0.1 * f64::from(k % 5);
        let ray = camera.unproject(wide(position_px)).unwrap();
        let landmark = map.add_landmark(ray * (depth / ray.z));
        let observation = Observation {
            keyframe,
            position_px,
            sigma_px: 1.0,
        };
        map.observe(landmark, observation);
    }
    let mut elsewhere = Pyramid::new(3).unwrap();
    elsewhere.build(&picture(160, 120, |[x, y]| [x + 3000.0, y - 900.0]).view());
    let links = Links::default();
    let mut localizer = Localizer::with_capacity(16);
    let identity = Isometry3::identity();
    for (pyramid, is_there) in [(&elsewhere, false), (&pyramid, true)] {
        let seen = Seen {
            camera: &camera,
            pyramid,
            points: &[],
            links: &links,
        };
        let found = localizer.pose_by_landmarks(&mut map, &seen, &identity, 2.0);
        let inliers = found.map_or(0, |found| found.inliers);
        assert_eq!(inliers > 25, is_there, "{inliers}");
        assert!(map.landmarks().iter().all(|l| l.expected == 0));
    }
    localizer.count_sightings(&mut map);
    assert!(map.landmarks().iter().all(|l| l.expected == 1));
    let found = map.landmarks().iter().filter(|l| l.found == 1).count();
    assert!(found > 25, "{found}");
}

#[test]
fn a_place_is_recognised_by_a_share_of_what_is_there() {
    let support = |patches_agreeing, patches, expected| Support {
        measured: patches,
        inliers: patches_agreeing,
        patches,
        patches_agreeing,
        expected,
    };
    assert!(support(77, 110, 160).is_recognised());
    assert!(support(26, 30, 60).is_recognised());
    assert!(!support(24, 30, 60).is_recognised(), "too few");
    assert!(!support(26, 40, 160).is_recognised(), "most are not there");
    assert!(!support(40, 120, 160).is_recognised(), "most do not agree");
}

#[test]
fn a_few_of_many_tracks_make_no_pose() {
    let camera = Camera::from_horizontal_fov([640, 480], 1.0);
    let mut rng = Rng::new(5);
    let mut map = Map::default();
    let mut links = Links::default();
    let mut points = Vec::new();
    // A fifth agrees on a pose that is not the predicted one; the rest went wherever it likes.
    let other = pose(0.3, 0.2).inverse();
    for id in 0..160_u32 {
        let ray = Vector3::new(rng.range(-0.4, 0.4), rng.range(-0.3, 0.3), 1.0);
        let point_in_world = ray * rng.range(1.0, 3.0);
        let landmark = map.add_landmark(point_in_world);
        links.insert(id, landmark);
        let at = camera.project(&(other * Point3::from(point_in_world)).coords);
        let at = match at {
            Some(at) if id % 5 == 0 => at,
            _ => Vector2::new(rng.range(0.0, 639.0), rng.range(0.0, 479.0)),
        };
        points.push(TrackedPoint {
            id,
            age_frames: 9,
            position_px: [at.x as f32, at.y as f32],
        });
    }
    let seen = Seen {
        camera: &camera,
        pyramid: &Pyramid::new(1).unwrap(),
        points: &points,
        links: &links,
    };
    let mut localizer = Localizer::with_capacity(160);
    let identity = Isometry3::identity();
    let found = localizer.pose_by_tracks(&map, &seen, &identity, &mut rng);
    assert_eq!(found, None);
}

#[test]
fn a_pose_is_followed_by_a_share_of_what_was_found() {
    let support = |inliers, measured| Support {
        inliers,
        measured,
        ..Support::default()
    };
    assert!(support(40, 90).is_followed() && support(40, 90).is_strong());
    assert!(!support(11, 20).is_followed(), "too few");
    assert!(!support(20, 90).is_followed(), "most do not agree");
    assert!(support(25, 90).is_followed() && !support(25, 90).is_strong());
}

#[test]
fn a_track_whose_landmark_is_gone_can_become_another() {
    let mut tracker = Tracker::new(TrackerConfig::default()).unwrap();
    let camera = Camera::from_horizontal_fov([160, 120], 1.0);
    let mut pyramid = Pyramid::new(3).unwrap();
    pyramid.build(&picture(160, 120, |at| at).view());
    let keyframe = tracker.map.add_keyframe(Keyframe {
        id: KeyframeId(0),
        capture_time_nanos: 0,
        world_from_camera: Isometry3::identity(),
        camera,
        shares_camera: true,
        pyramid,
        observations: Vec::new(),
        tracks: vec![(7, [80.0, 60.0])],
    });
    // Seen by no keyframe, it is dropped without an adjustment.
    let landmark = tracker.map.add_landmark(Vector3::z());
    tracker.links.insert(7, landmark);
    let mut mapper = Mapper::new(camera, 0.05, 10);
    mapper.add(keyframe);
    tracker.mapper = Some(mapper);
    tracker.camera = Some(camera);
    while tracker.map_step(MapBudget { work_units: 1 }).pending {}
    assert!(tracker.map.landmark(landmark).is_none());
    assert_eq!(tracker.links.get(7), None);
}

#[test]
fn times_at_both_ends_of_the_clock_are_put_between() {
    let frame = |capture_time_nanos| KeptFrame {
        capture_time_nanos,
        pyramid: Pyramid::new(1).unwrap(),
        tracks: Vec::new(),
        camera: Camera::from_horizontal_fov([64, 48], 1.0),
        shares_camera: true,
        world_from_camera: UnitQuaternion::identity(),
    };
    let started = Started {
        frames: [i64::MIN, 0, i64::MAX].map(frame).to_vec(),
        pairs: Vec::new(),
        start: TwoViewStart {
            second_from_first: Isometry3::identity(),
            points_in_first: Vec::new(),
            inliers: Vec::new(),
            model: Model::Essential,
            median_parallax_rad: 0.0,
            rotation_excess: 0.0,
            rmse_px: 0.0,
        },
    };
    let last = Isometry3::translation(1.0, 0.0, 0.0);
    for pose in started.interpolated(&Isometry3::identity(), &last) {
        assert!((0.0..=1.0).contains(&pose.translation.x));
    }
}

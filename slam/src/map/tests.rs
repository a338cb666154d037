//! The two directions of an observation stay in step, whatever is removed.

use super::*;
use crate::camera::Camera;
use crate::pyramid::Pyramid;
use nalgebra::UnitQuaternion;
use proptest::prelude::*;

fn keyframe() -> Keyframe {
    Keyframe {
        id: KeyframeId(0),
        capture_time_nanos: 0,
        world_from_camera: Isometry3::identity(),
        camera: Camera::from_horizontal_fov([64, 48], 1.0),
        pyramid: Pyramid::new(1).unwrap(),
        observations: Vec::new(),
        tracks: Vec::new(),
    }
}

fn is_consistent(map: &Map) {
    for keyframe in map.keyframes() {
        for (id, position_px) in &keyframe.observations {
            let landmark = map.landmark(*id).unwrap();
            let back = landmark
                .observations
                .iter()
                .find(|o| o.keyframe == keyframe.id);
            assert_eq!(back.unwrap().position_px, *position_px);
        }
    }
    for landmark in map.landmarks() {
        assert_eq!(map.landmark(landmark.id).unwrap().id, landmark.id);
        for observation in &landmark.observations {
            let keyframe = map.keyframe(observation.keyframe).unwrap();
            let count = keyframe
                .observations
                .iter()
                .filter(|(id, _)| *id == landmark.id)
                .count();
            assert_eq!(count, 1);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, rng_seed: proptest::test_runner::RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn both_directions_of_an_observation_stay_in_step(steps in prop::collection::vec((0_u8..6, 0_u32..12, 0_u32..6), 1..120)) {
        let mut map = Map::default();
        for (what, landmark, frame) in steps {
            let (landmark, frame) = (LandmarkId(landmark), KeyframeId(frame));
            match what {
                0 => { map.add_keyframe(keyframe()); }
                1 => { map.add_landmark(Vector3::new(0.0, 0.0, 2.0)); }
                2 | 3 => map.observe(landmark, Observation { keyframe: frame, position_px: [1.0, f32::from(what)], sigma_px: 1.0 }),
                4 => map.unobserve(landmark, frame),
                _ if landmark.0 % 2 == 0 => map.remove_landmark(landmark),
                _ => map.remove_keyframe(frame, &mut Vec::new()),
            }
            is_consistent(&map);
        }
    }
}

#[test]
fn a_moved_map_looks_the_same_from_its_keyframes() {
    let mut map = Map::default();
    let frame = map.add_keyframe(keyframe());
    let id = map.add_landmark(Vector3::new(0.2, -0.1, 2.0));
    map.observe(
        id,
        Observation {
            keyframe: frame,
            position_px: [3.0, 4.0],
            sigma_px: 1.0,
        },
    );
    let seen = |map: &Map| {
        let pose = map.keyframe(frame).unwrap().world_from_camera;
        let point = nalgebra::Point3::from(map.landmark(id).unwrap().point_in_world);
        pose.inverse_transform_point(&point).coords
    };
    let before = seen(&map);
    let motion = Isometry3::from_parts(
        Vector3::new(1.0, 2.0, 3.0).into(),
        UnitQuaternion::from_euler_angles(0.1, 0.7, -2.0),
    );
    map.transform(&motion, 3.0);
    assert!((seen(&map) - before * 3.0).norm() < 1e-12);
}

//! The two directions of an observation stay in step, whatever is removed.

use super::*;
use crate::camera::Camera;
use crate::pyramid::Pyramid;
use nalgebra::Isometry3;
use proptest::prelude::*;

fn keyframe() -> Keyframe {
    Keyframe {
        id: KeyframeId(0),
        capture_time_nanos: 0,
        world_from_camera: Isometry3::identity(),
        camera: Camera::from_horizontal_fov([64, 48], 1.0),
        shares_camera: true,
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
fn a_landmark_faces_those_who_still_see_it() {
    let mut map = Map::default();
    let landmark = map.add_landmark(Vector3::new(0.0, 0.0, 2.0));
    let ids = [-2.0, 0.0, 2.0].map(|x| {
        let id = map.add_keyframe(Keyframe {
            world_from_camera: Isometry3::translation(x, 0.0, 0.0),
            ..keyframe()
        });
        let observation = Observation {
            keyframe: id,
            position_px: [1.0, 1.0],
            sigma_px: 1.0,
        };
        map.observe(landmark, observation);
        id
    });
    let faces = |map: &Map, x: f64, z: f64| {
        let toward = map.landmark(landmark).unwrap().toward_cameras;
        assert!((toward - Vector3::new(x, 0.0, z).normalize()).norm() < 1e-9);
    };
    map.remove_keyframe(ids[2], &mut Vec::new());
    faces(&map, -0.5_f64.sqrt(), -1.0 - 0.5_f64.sqrt());
    map.unobserve(landmark, ids[0]);
    faces(&map, 0.0, -1.0);
    map.keyframe_mut(ids[1]).unwrap().world_from_camera = Isometry3::translation(-2.0, 0.0, 0.0);
    map.turn_toward_cameras(landmark);
    faces(&map, -1.0, -1.0);
}

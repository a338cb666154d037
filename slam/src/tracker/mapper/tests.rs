//! What the mapper keeps in step with the map.

use nalgebra::{Isometry3, Vector3};

use super::*;
use crate::map::{Keyframe, Observation};
use crate::pyramid::Pyramid;
use crate::test_texture::picture;
use crate::world::WorldConfig;

#[test]
fn what_is_forgotten_with_a_keyframe_is_not_recognised_any_more() {
    let mut camera = Camera::from_horizontal_fov([160, 120], 1.0);
    let mut pyramid = Pyramid::new(3).unwrap();
    pyramid.build(&picture(160, 120, |at| at).view());
    let mut map = Map::default();
    let ids: Vec<KeyframeId> = (0..12)
        .map(|k| {
            map.add_keyframe(Keyframe {
                id: KeyframeId(0),
                capture_time_nanos: k,
                world_from_camera: Isometry3::identity(),
                camera,
                shares_camera: true,
                pyramid: pyramid.clone(),
                observations: Vec::new(),
                tracks: Vec::new(),
            })
        })
        .collect();
    for k in 0..20_u32 {
        let landmark = map.add_landmark(Vector3::new(0.0, 0.0, 2.0));
        for keyframe in [ids[1], ids[5]] {
            let position_px = [40.0 + 4.0 * k as f32, 60.0];
            map.observe(
                landmark,
                Observation {
                    keyframe,
                    position_px,
                    sigma_px: 1.0,
                },
            );
        }
    }
    let mut mapper = Mapper::new(camera, 0.05, 11);
    let mut shared = Shared {
        map: &mut map,
        links: &mut Links::default(),
        camera: &mut camera,
        world: &mut World::new(WorldConfig::default()),
        down_in_world: None,
        limits: Limits {
            keyframes: 11,
            landmarks: 100,
        },
        posed: false,
    };
    for id in [ids[1], ids[5]] {
        mapper.describe(&mut shared, id);
    }
    assert!(mapper.index.descriptor_count() > 20);
    let mut removed = Vec::new();
    mapper.forget(&mut shared, ids[11], &mut removed);
    let removed: Vec<KeyframeId> = removed.iter().map(|r| r.id).collect();
    assert_eq!(removed, [ids[5]]);
    assert!(shared.map.landmarks().is_empty());
    assert_eq!(mapper.index.descriptor_count(), 0);
}

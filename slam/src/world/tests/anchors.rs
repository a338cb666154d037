//! Anchors on a map that moves, changes its scale, and forgets.

use nalgebra::{Isometry3, Point3, Similarity3, Translation3, UnitQuaternion, Vector3};

use super::room::{Gauss, PointNoise, Room, moved};
use crate::map::KeyframeId;
use crate::world::{AnchorState, Anchors, World, WorldConfig, WorldInput};

const NOISE: PointNoise = PointNoise {
    sigma_px: 0.5,
    claim: 1.0,
    outliers: 0.02,
};

/// On the coffee table.
fn pose() -> Isometry3<f64> {
    Isometry3::from_parts(
        Translation3::new(-1.2, 0.6, 0.42),
        UnitQuaternion::from_euler_angles(0.1, -0.2, 0.7),
    )
}

fn correction() -> Similarity3<f64> {
    Similarity3::from_parts(
        Translation3::new(0.4, -1.0, 2.0),
        UnitQuaternion::from_euler_angles(0.5, 0.8, -0.3),
        1.3,
    )
}

/// How far an anchor is from where a similarity puts it (in units before it), and how far it is turned off, radians.
fn error(found: &Isometry3<f64>, by: &Similarity3<f64>) -> (f64, f64) {
    let wanted = by * Point3::from(pose().translation.vector);
    let turned = by.isometry.rotation * pose().rotation;
    let off = (found.translation.vector - wanted.coords).norm() / by.scaling();
    (off, found.rotation.angle_to(&turned))
}

#[test]
fn an_anchor_follows_a_rotation_and_scale_of_the_map() {
    let room = Room::shared();
    let map = room.map(18, NOISE, 1);
    let mut anchors = Anchors::default();
    let id = anchors.add(pose(), &map, &room.keyframes);
    let (points, keyframes) = moved(&map, &room.keyframes, &correction());
    anchors.update(&points, &keyframes, false);
    let anchor = anchors.get(id).unwrap();
    let (off, turned) = error(&anchor.world_from_anchor, &correction());
    // Nothing but rounding: the correction is exact.
    assert!(off < 1e-9 && turned < 1e-9, "{off} {turned}");
    assert!((anchor.scale - 1.3).abs() < 1e-9);
    assert_eq!(anchor.state, AnchorState::Followed);
}

#[test]
fn an_anchor_stays_while_the_landmarks_are_refined() {
    let room = Room::shared();
    let mut anchors = Anchors::default();
    let mut worst: (f64, f64) = (0.0, 0.0);
    let id = anchors.add(pose(), &room.map(18, NOISE, 1), &room.keyframes);
    for round in 2..30 {
        anchors.update(&room.map(18, NOISE, round), &room.keyframes, false);
        let found = anchors.get(id).unwrap().world_from_anchor;
        let (off, turned) = error(&found, &Similarity3::identity());
        worst = (worst.0.max(off), worst.1.max(turned));
    }
    eprintln!("worst {:.4} m {:.3} degrees", worst.0, worst.1.to_degrees());
    // All landmarks are drawn anew in each round with errors of about 1% of 2 m, ties are 32.
    assert!(worst.0 < 0.015, "{worst:?}");
    assert!(worst.1 < 0.02, "{worst:?}");
}

#[test]
fn an_anchor_outlives_its_landmarks_and_keyframes() {
    let room = Room::shared();
    let map = room.map(18, NOISE, 1);
    let mut anchors = Anchors::default();
    let id = anchors.add(pose(), &map, &room.keyframes);
    let mut random = Gauss(4);
    // All landmarks are replaced by others over 20 updates, the keyframes one by one.
    let mut worst: f64 = 0.0;
    for round in 0..20 {
        let kept: Vec<_> = map
            .iter()
            .filter(|point| (point.id.0 + round) % 20 > 9)
            .filter(|_| random.unit() < 0.9)
            .copied()
            .collect();
        let keyframes = &room.keyframes[(round as usize % 15)..];
        anchors.update(&kept, keyframes, false);
        let found = anchors.get(id).unwrap();
        assert_eq!(found.state, AnchorState::Followed);
        worst = worst.max(error(&found.world_from_anchor, &Similarity3::identity()).0);
    }
    assert!(worst < 1e-6, "{worst}");

    // Keyframes alone carry it.
    let (_, keyframes) = moved(&[], &room.keyframes, &correction());
    anchors.update(&[], &keyframes, false);
    let found = anchors.get(id).unwrap();
    assert_eq!(found.state, AnchorState::Followed);
    let (off, turned) = error(&found.world_from_anchor, &correction());
    assert!(off < 1e-6 && turned < 1e-6, "{off} {turned}");

    // Nothing: the pose stays, and the anchor says so.
    anchors.update(&[], &[], false);
    let held = anchors.get(id).unwrap();
    assert_eq!(held.state, AnchorState::Held);
    assert_eq!(held.world_from_anchor, found.world_from_anchor);

    // A map again, with nobody in it that it knows: tied anew.
    let others: Vec<_> = keyframes
        .iter()
        .map(|(id, pose)| (KeyframeId(id.0 + 1000), *pose))
        .collect();
    anchors.update(&[], &others, false);
    anchors.update(&[], &others, false);
    assert_eq!(anchors.get(id).unwrap().state, AnchorState::Followed);
    assert!(anchors.remove(id) && !anchors.remove(id));
    assert_eq!(anchors.get(id), None);
}

#[test]
fn a_metric_map_keeps_its_scale() {
    let room = Room::shared();
    let map = room.map(18, NOISE, 1);
    let mut world = World::new(WorldConfig::default());
    let input = WorldInput {
        points: &map,
        keyframes: &room.keyframes,
        is_metric: true,
        ..WorldInput::default()
    };
    world.update(&input);
    let id = world.add_anchor(pose());
    let refined = room.map(18, NOISE, 2);
    world.update(&WorldInput {
        points: &refined,
        ..input
    });
    let anchor = world.anchor(id).unwrap();
    assert_eq!(anchor.scale, 1.0);
    let (off, _) = error(&anchor.world_from_anchor, &Similarity3::identity());
    assert!(off < 0.02, "{off}");
}

#[test]
fn few_landmarks_in_a_line_do_not_turn_an_anchor() {
    let room = Room::shared();
    let map = room.map(18, NOISE, 1);
    let mut in_line: Vec<_> = map[..5].to_vec();
    for (k, point) in (0_u32..).zip(&mut in_line) {
        point.point_in_world = Vector3::new(f64::from(k) * 0.1 - 1.4, 0.6, 0.42);
    }
    let mut anchors = Anchors::default();
    let id = anchors.add(pose(), &in_line, &room.keyframes);
    let (points, keyframes) = moved(&in_line, &room.keyframes, &correction());
    anchors.update(&points, &keyframes, false);
    let (off, turned) = error(&anchors.pose(id).unwrap(), &correction());
    assert!(off < 1e-6 && turned < 1e-6, "{off} {turned}");
}

//! Rays from keyframes into the room.

use nalgebra::{Isometry3, Matrix3, Point3, Vector3};

use super::room::{PointNoise, Room};
use crate::map::{KeyframeId, LandmarkId};
use crate::ransac::Rng;
use crate::world::{Hit, HitKind, World, WorldConfig, WorldInput, WorldPoint, best_hit};

/// A ray whose best hit is compared with the truth.
struct Tried {
    relative_error: f64,
    confidence: f64,
    on_plane: bool,
}

fn try_rays(room: &Room, world: &World, seed: u64, count: usize) -> (Vec<Tried>, usize) {
    let mut random = Rng::new(seed);
    let camera = room.simulator.camera();
    let mut tried = Vec::new();
    let mut missed = 0;
    for _ in 0..count {
        let frame = (random.unit() * room.simulator.frame_count() as f64) as usize;
        let pixel = [40.0 + 560.0 * random.unit(), 40.0 + 400.0 * random.unit()];
        let Some(depth) = room.simulator.depth_at(frame, pixel) else {
            continue;
        };
        let pose = room.simulator.world_from_camera(frame);
        let ray = camera.ray(pixel);
        let truth = depth * ray.norm();
        let origin = (pose * Point3::origin()).coords;
        let hits = world.hit_test(&origin, &(pose * ray));
        match best_hit(&hits) {
            None => missed += 1,
            Some(hit) => tried.push(Tried {
                relative_error: (hit.distance / truth - 1.0).abs(),
                confidence: hit.confidence,
                on_plane: matches!(hit.kind, HitKind::Plane(_)),
            }),
        }
    }
    (tried, missed)
}

fn quantile(values: impl Iterator<Item = f64>, at: f64) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1) as f64;
    values
        .get((at * last) as usize)
        .copied()
        .unwrap_or(f64::NAN)
}

#[test]
fn hits_are_where_the_room_is() {
    let room = Room::shared();
    let mut all = Vec::new();
    for seed in 1..4 {
        let map = room.map(usize::MAX, PointNoise::default(), seed);
        let world = super::planes::settled(room, &map, Some(-Vector3::z()));
        let (tried, missed) = try_rays(room, &world, seed, 1000);
        assert!(missed < 10, "{missed}");
        all.extend(tried);
    }
    let error = |at: f64, pick: &dyn Fn(&Tried) -> bool| {
        let picked = all.iter().filter(|tried| pick(tried));
        quantile(picked.map(|tried| tried.relative_error), at)
    };
    // Rays anywhere into the room, also past the legs of chairs, where no points are. Seen: 1.0% and 0.4%.
    assert!(error(0.5, &|_| true) < 0.013);
    assert!(error(0.5, &|tried| tried.on_plane) < 0.006);
    assert!(error(0.5, &|tried| tried.confidence > 0.6) < 0.006);
    // A confidence is the chance to be within 2%.
    for low in [0.0, 0.2, 0.4, 0.6, 0.8] {
        let bin = all
            .iter()
            .filter(|tried| (low..low + 0.2).contains(&tried.confidence));
        let count = bin.clone().count() as f64;
        let claimed = bin.clone().map(|tried| tried.confidence).sum::<f64>() / count;
        let right = bin.filter(|tried| tried.relative_error < 0.02).count() as f64 / count;
        assert!(
            (claimed - right).abs() < 0.15,
            "{claimed} claimed, {right} right of {count}"
        );
    }
}

#[test]
fn a_thing_before_a_wall_is_hit_before_it() {
    let mut points = Vec::new();
    let mut add = |x: f64, y: f64, z: f64| {
        points.push(WorldPoint {
            id: LandmarkId(points.len() as u32),
            point_in_world: Vector3::new(x, y, z),
            covariance: Matrix3::from_diagonal(&Vector3::new(1e-6, 1e-6, 1e-4)),
            toward_cameras: -Vector3::new(x, y, z).normalize(),
            observations: 4,
        });
    };
    for k in 0..400 {
        let (x, y) = (
            f64::from(k % 20) * 0.1 - 0.95,
            f64::from(k / 20) * 0.1 - 0.95,
        );
        // The wall, and a box as large as a book; what it hides is not seen.
        if x.abs() > 0.3 || y.abs() > 0.3 {
            add(x, y, 2.0);
        }
        if k % 20 < 9 && k / 20 < 9 {
            add(
                f64::from(k % 20) * 0.03 - 0.12,
                f64::from(k / 20) * 0.03 - 0.12,
                1.2,
            );
        }
    }
    let mut world = World::new(WorldConfig::default());
    for _ in 0..5 {
        world.update(&WorldInput {
            points: &points,
            keyframes: &[(KeyframeId(0), Isometry3::identity())],
            ..WorldInput::default()
        });
    }
    let book = best_of(&world, Vector3::new(0.02, 0.03, 1.0));
    assert!(
        (book.world_from_hit.translation.vector.z - 1.2).abs() < 0.006,
        "{book:?}"
    );
    let wall = best_of(&world, Vector3::new(0.35, 0.3, 1.0));
    assert!(
        (wall.world_from_hit.translation.vector.z - 2.0).abs() < 0.01,
        "{wall:?}"
    );
    // +Y is the normal, and looks back.
    let normal = wall.world_from_hit.rotation * Vector3::y();
    assert!(normal.z < -0.999, "{normal}");
    let everything = world.hit_test(&Vector3::zeros(), &Vector3::new(0.02, 0.03, 1.0));
    assert!(
        everything
            .windows(2)
            .all(|two| two[0].distance <= two[1].distance)
    );
}

fn best_of(world: &World, direction: Vector3<f64>) -> Hit {
    *best_hit(&world.hit_test(&Vector3::zeros(), &direction)).unwrap()
}

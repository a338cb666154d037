//! Surfaces that hide each other and surfaces with gaps: a grid of points on each, seen from one side.

use nalgebra::{Isometry3, Matrix3, UnitQuaternion, Vector3};

use crate::map::{KeyframeId, LandmarkId};
use crate::world::{HitKind, World, WorldConfig, WorldInput, WorldPoint, best_hit};

/// Metres: what a point of these grids is known to.
const SIGMA_M: f64 = 0.002;

/// Points every `step` along both sides of a rectangle from a corner, seen from `eye`.
fn grid(
    points: &mut Vec<WorldPoint>,
    corner: [f64; 3],
    sides: [[f64; 3]; 2],
    step: f64,
    eye: Vector3<f64>,
) {
    let [corner, first, second] = [corner, sides[0], sides[1]].map(Vector3::from);
    let count = |side: Vector3<f64>| (side.norm() / step) as usize;
    for i in 0..=count(first) {
        for j in 0..=count(second) {
            let point_in_world = corner
                + first.normalize() * (i as f64 * step)
                + second.normalize() * (j as f64 * step);
            points.push(WorldPoint {
                id: LandmarkId(points.len() as u32),
                point_in_world,
                covariance: Matrix3::identity() * SIGMA_M * SIGMA_M,
                toward_cameras: (eye - point_in_world).normalize(),
                observations: 6,
            });
        }
    }
}

fn world_of(points: &[WorldPoint]) -> World {
    let mut world = World::new(WorldConfig::default());
    let keyframes = [(
        KeyframeId(0),
        Isometry3::from_parts(EYE.into(), UnitQuaternion::identity()),
    )];
    for _ in 0..8 {
        world.update(&WorldInput {
            points,
            keyframes: &keyframes,
            work_units: 400,
            ..WorldInput::default()
        });
    }
    world
}

/// Y is up; the camera stands at the height of the eyes and looks along Z.
const EYE: Vector3<f64> = Vector3::new(0.0, 1.5, 0.0);

/// A floor with points all around what a table hides of it, and a table with points along its rim alone.
fn floor_and_table() -> Vec<WorldPoint> {
    let mut points = Vec::new();
    grid(
        &mut points,
        [-2.0, 0.0, 0.8],
        [[4.0, 0.0, 0.0], [0.0, 0.0, 3.2]],
        0.1,
        EYE,
    );
    // The table, halfway up to the eye, hides what lies behind it.
    points.retain(|p| {
        let crossing = (p.point_in_world + EYE) * 0.5;
        crossing.x.abs() > 0.65 || !(0.95..1.85).contains(&crossing.z)
    });
    let mut top = Vec::new();
    grid(
        &mut top,
        [-0.6, 0.75, 1.0],
        [[1.2, 0.0, 0.0], [0.0, 0.0, 0.8]],
        0.05,
        EYE,
    );
    top.retain(|p| p.point_in_world.x.abs() > 0.42 || !(1.2..1.6).contains(&p.point_in_world.z));
    for point in top {
        points.push(WorldPoint {
            id: LandmarkId(points.len() as u32),
            ..point
        });
    }
    for (id, point) in points.iter_mut().enumerate() {
        point.id = LandmarkId(id as u32);
    }
    points
}

fn toward(target: [f64; 3]) -> Vector3<f64> {
    Vector3::from(target) - EYE
}

#[test]
fn a_table_hides_the_floor_also_where_its_top_is_bare() {
    let world = world_of(&floor_and_table());
    let middle_of_the_top = toward([0.0, 0.75, 1.4]);
    let hits = world.hit_test(&EYE, &middle_of_the_top);
    let best = best_hit(&hits).expect("something is met");
    assert!(matches!(best.kind, HitKind::Plane(_)), "{:?}", best.kind);
    let error = best.distance / middle_of_the_top.norm() - 1.0;
    assert!(error.abs() < 0.01, "{error}");
}

#[test]
fn a_floor_is_not_met_for_certain_where_it_was_never_seen() {
    let world = world_of(&floor_and_table());
    // Within the floor's outline, far from its points, beside the table.
    let never_seen = toward([0.0, 0.0, 2.6]);
    let seen = toward([1.4, 0.0, 2.0]);
    let confidence = |direction: &Vector3<f64>| {
        let hits = world.hit_test(&EYE, direction);
        let floor = hits
            .iter()
            .find(|hit| (hit.distance / direction.norm() - 1.0).abs() < 0.01);
        floor.map_or(0.0, |hit| hit.confidence)
    };
    assert!(confidence(&never_seen) < 0.5, "{}", confidence(&never_seen));
    assert!(confidence(&seen) > 0.8, "{}", confidence(&seen));
}

/// Planes that lie at a height along an axis.
fn planes_at(world: &World, axis: usize, value: f64) -> usize {
    let at = |plane: &&crate::world::Plane| {
        plane.normal[axis].abs() > 0.99
            && (plane.world_from_plane.translation.vector[axis] - value).abs() < 0.05
    };
    world.planes().iter().filter(at).count()
}

#[test]
fn a_wall_with_a_gap_is_one_plane() {
    let mut points = Vec::new();
    for x in [-1.5, 0.7] {
        grid(
            &mut points,
            [x, 0.5, 3.0],
            [[0.8, 0.0, 0.0], [0.0, 1.2, 0.0]],
            0.08,
            EYE,
        );
    }
    assert_eq!(planes_at(&world_of(&points), 2, 3.0), 1);
}

#[test]
fn two_tables_with_floor_seen_between_them_are_two() {
    let mut points = Vec::new();
    for x in [-1.5, 0.7] {
        grid(
            &mut points,
            [x, 0.75, 1.5],
            [[0.8, 0.0, 0.0], [0.0, 0.0, 1.2]],
            0.08,
            EYE,
        );
    }
    // What is seen through the gap lies behind it, by their lines of sight.
    grid(
        &mut points,
        [-1.0, 0.0, 2.8],
        [[2.0, 0.0, 0.0], [0.0, 0.0, 2.4]],
        0.08,
        EYE,
    );
    assert_eq!(planes_at(&world_of(&points), 1, 0.75), 2);
}

#[test]
fn of_two_planes_that_cut_through_each_other_one_goes() {
    let mut points = Vec::new();
    grid(
        &mut points,
        [-0.6, 0.75, 1.0],
        [[1.2, 0.0, 0.0], [0.0, 0.0, 0.8]],
        0.04,
        EYE,
    );
    let table = points.len();
    // Things up to four centimetres high on one half of it, which make a slanted plane with the other half's edge.
    for k in 0..table {
        let point = points[k];
        if point.point_in_world.z > 1.5 && k % 3 == 0 {
            let lifted = Vector3::new(0.0, 0.04 * ((k * 7) % 10) as f64 / 10.0, 0.0);
            points.push(WorldPoint {
                id: LandmarkId(points.len() as u32),
                point_in_world: point.point_in_world + lifted,
                ..point
            });
        }
    }
    let world = world_of(&points);
    let near: Vec<_> = world
        .planes()
        .iter()
        .filter(|plane| plane.normal.y > 0.9 && plane.area > 0.1)
        .collect();
    assert_eq!(near.len(), 1, "{near:?}");
    let angle = near[0].normal.angle(&Vector3::y()).to_degrees();
    assert!(angle < 1.0, "{angle} degrees");
}

#[test]
fn a_point_before_a_floor_is_met_where_the_ray_goes_through_it() {
    let mut points = Vec::new();
    grid(
        &mut points,
        [-1.5, 0.0, 1.0],
        [[3.0, 0.0, 0.0], [0.0, 0.0, 3.0]],
        0.08,
        EYE,
    );
    let leg = Vector3::new(0.2, 0.3, 1.6);
    points.push(WorldPoint {
        id: LandmarkId(points.len() as u32),
        point_in_world: leg,
        covariance: Matrix3::identity() * SIGMA_M * SIGMA_M,
        toward_cameras: (EYE - leg).normalize(),
        observations: 6,
    });
    let world = world_of(&points);
    let ray = leg - EYE;
    let met = |direction: &Vector3<f64>| best_hit(&world.hit_test(&EYE, direction)).copied();
    let at = met(&ray).expect("the leg is met");
    assert!((at.distance / ray.norm() - 1.0).abs() < 0.01, "{at:?}");
    // Some degrees beside it there is the floor.
    let beside = ray + Vector3::new(0.15, 0.0, 0.0);
    let floor = met(&beside).expect("the floor is met");
    let there = EYE.y / -beside.normalize().y;
    assert!((floor.distance / there - 1.0).abs() < 0.01, "{floor:?}");
}

/// The angle between a table of 40 cm over a large floor and the floor, when it is tilted by an angle, in degrees.
fn found_tilt_deg(tilt_deg: f64) -> f64 {
    let mut points = Vec::new();
    let floor = [[4.0, 0.0, 0.0], [0.0, 0.0, 4.0]];
    grid(&mut points, [-2.0, 0.0, 1.0], floor, 0.1, EYE);
    // What the table hides: it is at 7/15 of the way.
    points.retain(|p| {
        let crossing = EYE + (p.point_in_world - EYE) * (0.7 / 1.5);
        crossing.x.abs() > 0.25 || !(1.1..1.7).contains(&crossing.z)
    });
    let (sin, cos) = tilt_deg.to_radians().sin_cos();
    let table = [[0.4 * cos, 0.4 * sin, 0.0], [0.0, 0.0, 0.4]];
    grid(&mut points, [-0.2, 0.8, 1.2], table, 0.05, EYE);
    for (id, point) in points.iter_mut().enumerate() {
        point.id = LandmarkId(id as u32);
    }
    let world = world_of(&points);
    let top = world
        .planes()
        .iter()
        .find(|plane| (plane.world_from_plane.translation.vector.y - 0.8).abs() < 0.05)
        .expect("the table is found");
    top.normal.angle(&Vector3::y()).to_degrees()
}

#[test]
fn small_planes_lie_across_the_directions_of_large_ones_unless_they_say_otherwise() {
    assert!(found_tilt_deg(0.7) < 0.05, "{}", found_tilt_deg(0.7));
    let slanted = found_tilt_deg(5.0);
    assert!((slanted - 5.0).abs() < 0.3, "{slanted}");
}

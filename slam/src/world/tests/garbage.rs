//! What no map should hold, and may: nothing of it panics, and no answer holds numbers that are none.

use nalgebra::{Isometry3, Matrix3, Translation3, UnitQuaternion, Vector3};
use proptest::prelude::*;

use crate::map::{KeyframeId, LandmarkId};
use crate::world::{World, WorldConfig, WorldInput, WorldPoint};

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => -3.0..3.0,
        1 => Just(0.0),
        1 => prop::sample::select(vec![
            f64::NAN, f64::INFINITY, -f64::INFINITY, 1e300, -1e300, 1e-300, f64::MAX, 1e9,
        ]),
    ]
}

fn vector() -> impl Strategy<Value = Vector3<f64>> {
    prop_oneof![
        3 => prop::array::uniform3(-2.0..2.0).prop_map(Vector3::from),
        1 => prop::array::uniform3(number()).prop_map(Vector3::from),
        // On a plane, on a line, on one another.
        3 => (-2.0..2.0, -2.0..2.0).prop_map(|(x, y)| Vector3::new(x, y, 2.0)),
        1 => (-2.0..2.0).prop_map(|x| Vector3::new(x, x, 2.0)),
        1 => Just(Vector3::new(1.0, 1.0, 2.0)),
    ]
}

fn point() -> impl Strategy<Value = WorldPoint> {
    let covariance = prop_oneof![
        4 => (1e-8..1e-2).prop_map(|v: f64| Matrix3::identity() * v),
        1 => Just(Matrix3::zeros()),
        1 => prop::array::uniform3(number()).prop_map(|v| {
            let v = Vector3::from(v);
            v * v.transpose()
        }),
        1 => prop::array::uniform9(number()).prop_map(|m| Matrix3::from_row_slice(&m)),
    ];
    let toward = prop_oneof![4 => Just(-Vector3::z()), 1 => vector()];
    (0..200_u32, vector(), covariance, toward, 0..9_u32).prop_map(
        |(id, point_in_world, covariance, toward_cameras, observations)| WorldPoint {
            id: LandmarkId(id),
            point_in_world,
            covariance,
            toward_cameras,
            observations,
        },
    )
}

fn pose() -> impl Strategy<Value = Isometry3<f64>> {
    (vector(), prop::array::uniform3(-3.0..3.0)).prop_map(|(at, turn)| {
        let rotation = UnitQuaternion::from_scaled_axis(Vector3::from(turn));
        Isometry3::from_parts(Translation3::from(at), rotation)
    })
}

fn keyframes() -> impl Strategy<Value = Vec<(KeyframeId, Isometry3<f64>)>> {
    prop::collection::vec(((0..20_u32).prop_map(KeyframeId), pose()), 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, rng_seed: prop::test_runner::RngSeed::Fixed(6), ..ProptestConfig::default() })]

    #[test]
    fn garbage_is_survived(
        maps in prop::collection::vec((prop::collection::vec(point(), 0..150), keyframes()), 1..5),
        down in prop::option::of(vector()),
        anchor in pose(),
        origin in vector(),
        direction in vector(),
        is_metric: bool,
        work_units in 0..200_u32,
    ) {
        let mut world = World::new(WorldConfig::default());
        for (points, keyframes) in &maps {
            world.update(&WorldInput {
                points,
                keyframes,
                down_in_world: down,
                is_metric,
                work_units,
            });
            world.add_anchor(anchor);
            for hit in world.hit_test(&origin, &direction) {
                prop_assert!(hit.distance >= 0.0 && (0.0..=1.0).contains(&hit.confidence), "{hit:?}");
            }
            for plane in world.planes() {
                prop_assert!((plane.normal.norm() - 1.0).abs() < 1e-6, "{plane:?}");
                prop_assert!(plane.points.is_sorted() && plane.area >= 0.0, "{plane:?}");
            }
        }
    }
}

#[test]
fn an_empty_world_answers_nothing() {
    let mut world = World::new(WorldConfig::default());
    world.update(&WorldInput::default());
    assert!(world.planes().is_empty());
    assert!(world.hit_test(&Vector3::zeros(), &Vector3::z()).is_empty());
    assert!(
        world
            .hit_test(&Vector3::zeros(), &Vector3::zeros())
            .is_empty()
    );
}

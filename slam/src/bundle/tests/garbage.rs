//! Random garbage: a refusal or finite numbers, never a panic.

use nalgebra::{Isometry3, Matrix6, UnitQuaternion, Vector3};
use proptest::prelude::*;

use crate::bundle::{
    Adjuster, Config, Intrinsics, Observation, Point, PosePrior, Problem, RobustKernel, View,
};
use crate::camera::{Camera, Distortion};

/// Mostly reasonable numbers, some that are not.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        90 => -5.0..5.0,
        1 => prop_oneof![Just(f64::MAX), Just(1e300)],
        8 => prop_oneof![Just(0.0), Just(1e-300), Just(1e14), Just(-1e9), Just(1e-12)],
    ]
}

fn position() -> impl Strategy<Value = [f32; 2]> {
    prop_oneof![
        8 => [0f32..640.0, 0f32..480.0],
        1 => Just([1e30, -1e30]),
        1 => Just([f32::MAX, 0.0]),
    ]
}

fn pose() -> impl Strategy<Value = Isometry3<f64>> {
    (
        [number(), number(), number()],
        [-3.0..3.0, -3.0..3.0, -3.0..3.0],
    )
        .prop_map(|(shift, turn)| {
            let turn = UnitQuaternion::from_scaled_axis(Vector3::from(turn));
            Isometry3::from_parts(Vector3::from(shift).into(), turn)
        })
}

prop_compose! {
    fn problem()(
        views in prop::collection::vec((pose(), prop::bool::weighted(0.3)), 1..6),
        points in prop::collection::vec(([number(), number(), number()], prop::bool::weighted(0.1)), 1..20),
        seen in prop::collection::vec(
            (any::<u32>(), any::<u32>(), position(), prop_oneof![8 => 0.1f32..3.0, 1 => 1e-30f32..1e30]),
            1..120,
        ),
        k1 in number(),
        refine in any::<bool>(),
        sigma in prop_oneof![Just(0.05), Just(f64::INFINITY), Just(1e-14)],
        priors in prop::collection::vec((any::<u32>(), pose(), number()), 0..3),
    ) -> Problem {
        let camera = Camera {
            distortion: Distortion::Radial([k1, 0.0]),
            ..Camera::from_horizontal_fov([640, 480], 1.1)
        };
        let [view_count, point_count] = [views.len() as u32, points.len() as u32];
        Problem {
            cameras: vec![camera],
            views: (views.into_iter())
                .map(|(camera_from_world, fixed)| View { camera: 0, camera_from_world, fixed })
                .collect(),
            points: (points.into_iter())
                .map(|(point, fixed)| Point { point_in_world: Vector3::from(point), fixed })
                .collect(),
            observations: (seen.into_iter())
                .map(|(view, point, position_px, sigma_px)| Observation {
                    view: view % view_count,
                    point: point % point_count,
                    position_px,
                    sigma_px,
                })
                .collect(),
            intrinsics: if refine {
                Intrinsics::Refine { log_focal_sigma: sigma, k1_sigma: sigma, prior_camera: camera }
            } else {
                Intrinsics::Fixed
            },
            pose_priors: (priors.into_iter())
                .map(|(view, camera_from_world, scale)| PosePrior {
                    view: view % view_count,
                    camera_from_world,
                    information: Matrix6::identity() * scale,
                })
                .collect(),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1500,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(5),
        ..ProptestConfig::default()
    })]

    #[test]
    fn garbage_stays_finite(problem in problem(), robust in 0..3) {
        let kernel = [RobustKernel::None, RobustKernel::Huber(2.0), RobustKernel::Cauchy(2.0)]
            [robust as usize];
        let mut adjuster = Adjuster::new(Config { kernel, ..Config::default() });
        let mut problem = problem;
        if adjuster.load(&problem).is_err() {
            return Ok(());
        }
        let mut iterations = 0;
        while adjuster.is_busy() && iterations < 40 {
            let report = adjuster.step();
            prop_assert!(!report.cost_before.is_nan() && !report.cost_after.is_nan());
            prop_assert!(report.cost_after <= report.cost_before);
            iterations += 1;
        }
        adjuster.evaluate();
        adjuster.write_back(&mut problem);
        for view in &problem.views {
            let pose = view.camera_from_world;
            prop_assert!(pose.translation.vector.iter().all(|entry| entry.is_finite()));
            prop_assert!((pose.rotation.norm() - 1.0).abs() < 1e-9);
        }
        for point in &problem.points {
            prop_assert!(point.point_in_world.iter().all(|entry| entry.is_finite()));
        }
        prop_assert!(problem.cameras[0].check().is_ok());
        for covariance in adjuster.point_covariances().iter().flatten() {
            prop_assert!(covariance.iter().all(|entry| entry.is_finite()));
        }
        for outcome in adjuster.outcomes() {
            prop_assert!(!outcome.squared_sigmas.is_nan());
        }
    }
}

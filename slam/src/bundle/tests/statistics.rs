//! Covariances of points against the scatter of many adjustments.

use nalgebra::Matrix3;

use super::scenes::adjust;
use crate::bundle::scene::SceneConfig;
use crate::bundle::{Config, RobustKernel};
use crate::ransac::Rng;

/// With all poses fixed the covariance given the poses is the whole one.
#[test]
fn covariances_are_those_of_repeated_trials() {
    const TRIALS: usize = 600;
    let mut scene = SceneConfig {
        views: 8,
        fixed_views: 8,
        points: 12,
        sightings: 6,
        noise_px: 0.0,
        ..SceneConfig::default()
    };
    let mut truth = scene.build();
    scene.noise_px = 0.5;
    for observation in &mut truth.observations {
        observation.sigma_px = 0.5;
    }
    let config = Config {
        kernel: RobustKernel::None,
        ..Config::default()
    };
    let mut random = Rng::new(77);
    let mut scatter = vec![Matrix3::zeros(); scene.points];
    let (adjuster, _) = adjust(&mut truth.clone(), config);
    let expected = adjuster.point_covariances().to_vec();
    for _ in 0..TRIALS {
        let mut problem = truth.clone();
        for observation in &mut problem.observations {
            for position in &mut observation.position_px {
                *position += (0.5 * random.normal()) as f32;
            }
        }
        adjust(&mut problem, config);
        for ((scatter, ours), truth) in scatter.iter_mut().zip(&problem.points).zip(&truth.points) {
            let error = ours.point_in_world - truth.point_in_world;
            *scatter += error * error.transpose() / TRIALS as f64;
        }
    }
    for (scatter, expected) in scatter.iter().zip(&expected) {
        // In units of the expected covariance the scatter is the identity, each entry within root of (2 / trials) times
        // five; depth errors are not quite linear, hence a little more.
        let root = expected
            .expect("six views hold a point")
            .cholesky()
            .expect("a covariance is positive definite")
            .l();
        let inverse = root.try_inverse().expect("so is its factor");
        let relative = inverse * scatter * inverse.transpose();
        let off = (relative - Matrix3::identity()).abs().max();
        assert!(
            off < 5.0 * (2.0 / TRIALS as f64).sqrt() + 0.05,
            "{relative}"
        );
    }
}

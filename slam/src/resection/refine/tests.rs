//! Poses of known truth: how near, how sure, how robust, how fast to come there.

use nalgebra::{Vector2, Vector3};

use super::*;
use crate::camera::Distortion;
use crate::check::assert_jacobian;
use crate::lie::rotation_exp;
use crate::ransac::Rng;

fn camera() -> Camera {
    Camera {
        size_px: [640, 480],
        focal_px: [527.7, 527.7],
        center_px: [319.5, 239.5],
        distortion: Distortion::Radial([-0.0244, 0.0]),
    }
}

fn scene(rng: &mut Rng, points: usize, sigma_px: f64) -> (Isometry3<f64>, Vec<Correspondence>) {
    let truth = Isometry3::from_parts(
        (rng.direction() * 2.0).into(),
        rotation_exp(&(rng.direction() * 1.2)),
    );
    let inverse = truth.inverse();
    let correspondences = (0..points)
        .map(|_| {
            let pixel = Vector2::new(rng.range(5.0, 635.0), rng.range(5.0, 475.0));
            let direction = camera().unproject(pixel).unwrap();
            let point = direction * rng.range(0.8, 5.0);
            Correspondence {
                point_in_world: (inverse * nalgebra::Point3::from(point)).coords,
                position_px: pixel + Vector2::new(rng.normal(), rng.normal()) * sigma_px,
                sigma_px: sigma_px.max(0.1),
            }
        })
        .collect();
    (truth, correspondences)
}

fn nearby(rng: &mut Rng, pose: &Isometry3<f64>, distance: f64, angle: f64) -> Isometry3<f64> {
    let mut change = Vector6::zeros();
    change
        .fixed_rows_mut::<3>(0)
        .copy_from(&(rng.direction() * distance));
    change
        .fixed_rows_mut::<3>(3)
        .copy_from(&(rng.direction() * angle));
    update_left(pose, &change)
}

#[test]
fn gradient_is_that_of_the_cost() {
    let mut rng = Rng::new(1);
    let (truth, correspondences) = scene(&mut rng, 40, 2.0);
    let pose = nearby(&mut rng, &truth, 0.02, 0.01);
    let prior = PosePrior {
        camera_from_world: truth,
        information: Matrix6::from_fn(|i, j| if i == j { 300.0 + i as f64 } else { 5.0 }),
    };
    for loss in [Loss::Huber(1.5), Loss::Tukey(25.0), Loss::Cut(1e9)] {
        let cost = |pose: &Isometry3<f64>| {
            let mut sums = Sums::of(&camera(), pose, &correspondences, loss);
            sums.add_prior(pose, &prior);
            sums
        };
        let gradient = nalgebra::RowVector6::from_row_slice(&cost(&pose).gradient);
        assert_jacobian(
            &format!("{loss:?}"),
            &gradient,
            |d| nalgebra::Vector1::new(cost(&update_left(&pose, d)).cost),
            1e-6,
            1e-6,
        );
    }
}

#[test]
fn exact_observations_give_the_exact_pose() {
    let mut rng = Rng::new(2);
    for _ in 0..100 {
        let (truth, correspondences) = scene(&mut rng, 30, 0.0);
        let start = nearby(&mut rng, &truth, 0.1, 0.05);
        let mut flags = Vec::new();
        let config = RefineConfig::default();
        let found = refine_pose(&camera(), &start, &correspondences, &config, &mut flags).unwrap();
        assert!(change_left(&found.camera_from_world, &truth).norm() < 1e-8);
        assert_eq!(found.inliers, 30);
        assert!(flags.iter().all(|f| *f));
        assert!(found.rmse_px < 1e-6);
    }
}

/// With normal noise the squared error over the covariance is 6 on average; with a fifth of the points wrong the
/// covariance must still tell the error.
#[test]
fn covariance_tells_the_error() {
    let mut rng = Rng::new(3);
    for (loss, outliers) in [
        (FinalLoss::Cut, 0.0),
        (FinalLoss::Cut, 0.2),
        (FinalLoss::Tukey(4.7), 0.2),
        (FinalLoss::Huber, 0.0),
    ] {
        let mut sum = 0.0;
        let runs = 400;
        for _ in 0..runs {
            let (truth, mut correspondences) = scene(&mut rng, 100, 0.8);
            for seen in &mut correspondences {
                if rng.unit() < outliers {
                    seen.position_px += Vector2::new(rng.normal(), rng.normal()) * 40.0;
                }
            }
            let start = nearby(&mut rng, &truth, 0.05, 0.02);
            let config = RefineConfig {
                final_loss: loss,
                ..RefineConfig::default()
            };
            let mut flags = Vec::new();
            let found =
                refine_pose(&camera(), &start, &correspondences, &config, &mut flags).unwrap();
            let error = change_left(&found.camera_from_world, &truth);
            sum += error.dot(&(found.covariance.try_inverse().unwrap() * error));
        }
        let mean = sum / f64::from(runs);
        // The cut takes part of the noise with it and Huber's slope part of the information.
        assert!(
            (5.0..9.0).contains(&mean),
            "{loss:?} with {outliers} outliers: {mean}"
        );
    }
}

#[test]
fn wrong_points_are_flagged_and_do_not_pull() {
    let mut rng = Rng::new(4);
    for _ in 0..50 {
        let (truth, mut correspondences) = scene(&mut rng, 300, 0.5);
        for seen in &mut correspondences[..90] {
            seen.position_px += Vector2::new(rng.range(10.0, 60.0), rng.range(10.0, 60.0));
        }
        let start = nearby(&mut rng, &truth, 0.05, 0.02);
        let mut flags = Vec::new();
        let config = RefineConfig::default();
        let found = refine_pose(&camera(), &start, &correspondences, &config, &mut flags).unwrap();
        assert!(change_left(&found.camera_from_world, &truth).norm() < 0.01);
        assert!(flags[..90].iter().all(|f| !f));
        assert!(flags[90..].iter().filter(|f| **f).count() > 185);
        assert_eq!(found.inliers, flags.iter().filter(|f| **f).count());
    }
}

#[test]
fn a_prior_fixes_what_points_do_not() {
    let mut rng = Rng::new(5);
    let (truth, correspondences) = scene(&mut rng, 2, 0.0);
    let config = RefineConfig {
        min_inliers: 1,
        ..RefineConfig::default()
    };
    let mut flags = Vec::new();
    let mut information = Matrix6::zeros();
    for i in 3..6 {
        information[(i, i)] = 1e8;
    }
    let with = RefineConfig {
        prior: Some(PosePrior {
            camera_from_world: truth,
            information,
        }),
        ..config
    };
    let start = nearby(&mut rng, &truth, 0.02, 0.0);
    let found = refine_pose(&camera(), &start, &correspondences, &with, &mut flags).unwrap();
    assert!(change_left(&found.camera_from_world, &truth).norm() < 1e-6);
    let sure = found.covariance.diagonal().map(f64::sqrt);
    let alone = refine_pose(&camera(), &start, &correspondences, &config, &mut flags);
    assert!(
        alone.is_none_or(|alone| alone.covariance.diagonal().amax().sqrt() > 100.0 * sure.amax())
    );
}

#[test]
fn too_little_and_nonsense_are_refused() {
    let mut rng = Rng::new(6);
    let (truth, mut correspondences) = scene(&mut rng, 20, 0.5);
    let config = RefineConfig::default();
    let mut flags = vec![true; 7];
    assert_eq!(
        refine_pose(&camera(), &truth, &[], &config, &mut flags),
        None
    );
    assert!(flags.is_empty());
    assert_eq!(
        refine_pose(
            &camera(),
            &truth,
            &correspondences[..2],
            &config,
            &mut flags
        ),
        None
    );
    let behind = rotation_exp(&Vector3::new(3.1, 0.0, 0.0)) * truth;
    assert_eq!(
        refine_pose(&camera(), &behind, &correspondences, &config, &mut flags),
        None
    );
    correspondences[3].position_px.x = f64::NAN;
    correspondences[4].point_in_world.y = f64::NAN;
    correspondences[5].sigma_px = 0.0;
    if let Some(found) = refine_pose(&camera(), &truth, &correspondences, &config, &mut flags) {
        assert!(
            found
                .camera_from_world
                .to_homogeneous()
                .iter()
                .all(|c| c.is_finite())
        );
        assert!(!flags[3] && !flags[4] && !flags[5]);
    }
}

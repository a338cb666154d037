//! The eliminated solution against a dense one with nothing eliminated.

use nalgebra::{DMatrix, DVector, Isometry3, Matrix6, Vector3};

use crate::bundle::Adjuster;
use crate::bundle::cholesky::{Block, Skyline};
use crate::bundle::linearize::{
    Measurement, UnfoldedPose, linearize, stepped_camera, stepped_pose,
};
use crate::bundle::problem::{Config, Intrinsics, PosePrior, Problem, RobustKernel};
use crate::bundle::scene::{SceneConfig, perturb};
use crate::ransac::Rng;

/// Gauss-Newton on all unknowns at once, without damping: an independent way to the same minimum.
fn solve_densely(problem: &mut Problem, kernel: RobustKernel) {
    let views: Vec<usize> = (0..problem.views.len())
        .filter(|&view| !problem.views[view].fixed)
        .collect();
    let (points_at, camera_at) = (6 * views.len(), 6 * views.len() + 3 * problem.points.len());
    let refine = problem.intrinsics != Intrinsics::Fixed;
    let size = camera_at + if refine { 2 } else { 0 };
    problem.cameras[0] = stepped_camera(&problem.cameras[0], [0.0; 2]);
    for _ in 0..30 {
        let mut normal = DMatrix::zeros(size, size);
        let mut side = DVector::zeros(size);
        for observation in &problem.observations {
            let (view, point) = (observation.view as usize, observation.point as usize);
            let linear = linearize(
                &problem.cameras[0],
                &UnfoldedPose::new(&problem.views[view].camera_from_world, 0),
                &problem.points[point].point_in_world,
                &Measurement {
                    position_px: observation.position_px,
                    inverse_sigma: 1.0 / observation.sigma_px,
                },
                kernel,
            )
            .expect("the point is in front of the camera");
            for k in 0..2 {
                let mut row = DVector::zeros(size);
                if let Some(block) = views.iter().position(|&free| free == view) {
                    row.rows_mut(6 * block, 6)
                        .copy_from_slice(&linear.by_pose[k]);
                }
                row.rows_mut(points_at + 3 * point, 3)
                    .copy_from_slice(&linear.by_point[k]);
                if refine {
                    row.rows_mut(camera_at, 2)
                        .copy_from_slice(&linear.by_intrinsics[k]);
                }
                side -= &row * linear.residual[k];
                normal += &row * row.transpose();
            }
        }
        if let Intrinsics::Refine {
            log_focal_sigma,
            k1_sigma,
            prior_camera,
        } = problem.intrinsics
        {
            let camera = &problem.cameras[0];
            let log_focal = (camera.focal_px[0] / prior_camera.focal_px[0]).ln();
            let k1 = camera.first_distortion();
            for (index, (value, sigma)) in [(log_focal, log_focal_sigma), (k1, k1_sigma)]
                .iter()
                .enumerate()
            {
                normal[(camera_at + index, camera_at + index)] += 1.0 / (sigma * sigma);
                side[camera_at + index] -= value / (sigma * sigma);
            }
        }
        let step = normal
            .cholesky()
            .expect("two fixed views hold the frame")
            .solve(&side);
        for (block, &view) in views.iter().enumerate() {
            let part = std::array::from_fn(|k| step[6 * block + k]);
            let pose = &mut problem.views[view].camera_from_world;
            *pose = stepped_pose(pose, &part);
        }
        for (index, point) in problem.points.iter_mut().enumerate() {
            let at = points_at + 3 * index;
            point.point_in_world += Vector3::new(step[at], step[at + 1], step[at + 2]);
        }
        if refine {
            let part = [step[camera_at], step[camera_at + 1]];
            problem.cameras[0] = stepped_camera(&problem.cameras[0], part);
        }
    }
}

#[test]
fn elimination_finds_the_minimum_of_the_dense_solver() {
    let scene = SceneConfig {
        views: 6,
        points: 40,
        sightings: 5,
        ..SceneConfig::default()
    };
    let refine = Intrinsics::Refine {
        log_focal_sigma: 0.05,
        k1_sigma: 0.05,
        prior_camera: scene.camera,
    };
    for (intrinsics, kernel) in [
        (Intrinsics::Fixed, RobustKernel::None),
        (refine, RobustKernel::None),
        (refine, RobustKernel::Huber(1.5)),
    ] {
        let mut problem = scene.build();
        problem.intrinsics = intrinsics;
        perturb(&mut problem, 5, 0.01, 0.003, 0.02);
        let mut dense = problem.clone();
        solve_densely(&mut dense, kernel);
        let mut adjuster = Adjuster::new(Config {
            kernel,
            relative_decrease: 0.0,
            ..Config::default()
        });
        adjuster.load(&problem).expect("the problem is sound");
        adjuster.run(200);
        adjuster.write_back(&mut problem);
        // Both minima are known up to where costs differ by rounding: the root of 1e-16, times the lengths at hand.
        for (ours, theirs) in problem.views.iter().zip(&dense.views) {
            let between = ours.camera_from_world * theirs.camera_from_world.inverse();
            assert!(between.translation.vector.norm() < 1e-6);
            assert!(between.rotation.angle() < 1e-6);
        }
        for (ours, theirs) in problem.points.iter().zip(&dense.points) {
            let apart = (ours.point_in_world - theirs.point_in_world).norm();
            assert!(apart < 1e-5, "{apart}");
        }
        let [ours, theirs] = [&problem, &dense].map(|problem| problem.cameras[0]);
        assert!((ours.focal_px[0] / theirs.focal_px[0] - 1.0).abs() < 1e-6);
    }
}

#[test]
fn a_stiff_prior_holds_its_pose() {
    let scene = SceneConfig {
        fixed_views: 1,
        ..SceneConfig::default()
    };
    let mut problem = scene.build();
    let held = Isometry3::translation(0.02, 0.0, 0.01) * problem.views[9].camera_from_world;
    problem.pose_priors.push(PosePrior {
        view: 9,
        camera_from_world: held,
        information: Matrix6::identity() * 1e12,
    });
    let mut adjuster = Adjuster::new(Config::default());
    adjuster.load(&problem).expect("the problem is sound");
    adjuster.run(50);
    let between = adjuster.poses()[9] * held.inverse();
    assert!(between.translation.vector.norm() < 1e-5);
    assert!(between.rotation.angle() < 1e-5);
}

/// A random positive definite matrix with a skyline, as blocks and densely.
fn random_system(first: &[u32]) -> (Skyline, DMatrix<f64>) {
    let mut random = Rng::new(8);
    let rows = first.len();
    let mut dense = DMatrix::zeros(6 * rows, 6 * rows);
    for (row, &start) in first.iter().enumerate() {
        for column in start as usize..=row {
            for (r, c) in (0..36).map(|k| (6 * row + k / 6, 6 * column + k % 6)) {
                let entry = random.normal();
                dense[(r, c)] = entry;
                dense[(c, r)] = entry;
            }
        }
    }
    // Positive definite by a dominant diagonal.
    for k in 0..6 * rows {
        dense[(k, k)] = 60.0 * rows as f64;
    }
    let mut skyline = Skyline::default();
    skyline.reset(first);
    for (row, &start) in first.iter().enumerate() {
        for column in start as usize..=row {
            let block: &mut Block = skyline.block_mut(row, column);
            for (c, entries) in block.iter_mut().enumerate() {
                for (r, entry) in entries.iter_mut().enumerate() {
                    *entry = dense[(6 * row + r, 6 * column + c)];
                }
            }
        }
    }
    (skyline, dense)
}

#[test]
fn the_block_factorisation_solves() {
    let (mut skyline, dense) = random_system(&[0, 0, 1, 3, 2, 0, 5, 0]);
    let side = DVector::from_fn(48, |row, _| (row as f64).sin());
    let expected = dense
        .cholesky()
        .expect("its diagonal dominates")
        .solve(&side);
    assert!((0..8).all(|row| skyline.factor_row(row)));
    let mut solved: Vec<[f64; 6]> = (0..8)
        .map(|block| std::array::from_fn(|k| side[6 * block + k]))
        .collect();
    skyline.solve(&mut solved);
    for (ours, theirs) in solved.as_flattened().iter().zip(expected.iter()) {
        assert!((ours - theirs).abs() < 1e-13);
    }
}

#[test]
fn an_indefinite_matrix_is_refused() {
    let (mut skyline, _) = random_system(&[0, 0, 0]);
    skyline.block_mut(2, 2)[3][3] = -1.0;
    assert_eq!(
        [0, 1, 2].map(|row| skyline.factor_row(row)),
        [true, true, false]
    );
}

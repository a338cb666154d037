//! Scenes with truth: what is found, and what stays as it was.

use crate::bundle::scene::{SceneConfig, perturb};
use crate::bundle::{
    Adjuster, BundleRefusal, Config, Intrinsics, Problem, RobustKernel, StepReport,
};
use crate::camera::{Camera, Distortion};

pub(super) fn adjust(problem: &mut Problem, config: Config) -> (Adjuster, StepReport) {
    let mut adjuster = Adjuster::new(config);
    adjuster.load(problem).expect("the problem is sound");
    let report = adjuster.run(100);
    adjuster.evaluate();
    adjuster.write_back(problem);
    (adjuster, report)
}

/// Root mean square distance of the free views' centres, and of the points.
fn errors(problem: &Problem, truth: &Problem) -> [f64; 2] {
    let centers = problem
        .views
        .iter()
        .zip(&truth.views)
        .map(|(ours, theirs)| {
            let [a, b] =
                [ours, theirs].map(|view| view.camera_from_world.inverse().translation.vector);
            (a - b).norm_squared()
        });
    let points = (problem.points.iter().zip(&truth.points))
        .map(|(ours, theirs)| (ours.point_in_world - theirs.point_in_world).norm_squared());
    let free = problem.views.iter().filter(|view| !view.fixed).count();
    [
        (centers.sum::<f64>() / free as f64).sqrt(),
        (points.sum::<f64>() / truth.points.len() as f64).sqrt(),
    ]
}

#[test]
fn without_noise_it_finds_the_truth() {
    let truth = SceneConfig {
        noise_px: 0.0,
        ..SceneConfig::default()
    }
    .build();
    let mut problem = truth.clone();
    perturb(&mut problem, 2, 0.05, 0.02, 0.1);
    let before = errors(&problem, &truth);
    let (_, report) = adjust(&mut problem, Config::default());
    let [views, points] = errors(&problem, &truth);
    assert!(before[0] > 0.05 && before[1] > 0.1);
    // What is left is the rounding of pixels to f32, about 1e-5 px of 520 px focal length at 3 m.
    assert!(
        report.converged && views < 1e-5 && points < 1e-4,
        "{views} {points}"
    );
}

#[test]
fn with_noise_the_cost_is_that_of_the_noise() {
    let config = SceneConfig {
        seed: 11,
        points: 400,
        ..SceneConfig::default()
    };
    let truth = config.build();
    let mut problem = truth.clone();
    perturb(&mut problem, 2, 0.05, 0.02, 0.1);
    let without_kernel = Config {
        kernel: RobustKernel::None,
        ..Config::default()
    };
    let (_, report) = adjust(&mut problem, without_kernel);
    // Chi-squared: mean of residuals less unknowns, standard deviation of root of twice that; five of those.
    let residuals = 2 * problem.observations.len();
    let unknowns = 6 * (config.views - config.fixed_views) + 3 * config.points;
    let expected = (residuals - unknowns) as f64;
    let spread = (2.0 * expected).sqrt();
    assert!(
        (report.cost_after - expected).abs() < 5.0 * spread,
        "cost {} of {expected} +- {spread}",
        report.cost_after
    );
    // The error of all unknowns, measured by what it does to the pixels (their inverse covariance): chi-squared with as
    // many degrees of freedom as there are unknowns.
    let pixel = |problem: &Problem, observation: &crate::bundle::Observation| {
        let pose = problem.views[observation.view as usize].camera_from_world;
        let point = problem.points[observation.point as usize].point_in_world;
        let in_camera = pose * nalgebra::Point3::from(point);
        (problem.cameras[0].project(&in_camera.coords)).expect("the point is in front")
    };
    let error: f64 = (problem.observations.iter())
        .map(|seen| (pixel(&problem, seen) - pixel(&truth, seen)).norm_squared() / 0.25)
        .sum();
    let (expected, spread) = (unknowns as f64, (2.0 * unknowns as f64).sqrt());
    assert!(
        (error - expected).abs() < 5.0 * spread,
        "error {error} of {expected} +- {spread}"
    );
    // And in metres: the two fixed views are 0.17 m apart on a path of 1.5 m, which magnifies their error of scale.
    let [views, points] = errors(&problem, &truth);
    assert!(views < 5e-3 && points < 3e-2, "{views} {points}");
}

#[test]
fn focal_length_and_distortion_are_recovered() {
    let camera = Camera {
        distortion: Distortion::Radial([-0.08, 0.0]),
        ..Camera::from_horizontal_fov([640, 480], 1.1)
    };
    let truth = SceneConfig {
        seed: 21,
        camera,
        views: 20,
        fixed_views: 1,
        points: 600,
        path_m: 2.0,
        ..SceneConfig::default()
    }
    .build();
    let wrong = Camera {
        focal_px: camera.focal_px.map(|focal| 1.05 * focal),
        distortion: Distortion::None,
        ..camera
    };
    let mut problem = truth.clone();
    problem.cameras[0] = wrong;
    problem.intrinsics = Intrinsics::Refine {
        log_focal_sigma: 0.1,
        k1_sigma: 0.2,
        prior_camera: wrong,
    };
    perturb(&mut problem, 2, 0.02, 0.01, 0.1);
    let (_, report) = adjust(&mut problem, Config::default());
    let found = problem.cameras[0];
    let Distortion::Radial([k1, _]) = found.distortion else {
        panic!("{found:?}");
    };
    let ratio = found.focal_px[0] / camera.focal_px[0];
    assert!(report.converged);
    assert!((ratio - 1.0).abs() < 0.003, "focal length off by {ratio}");
    assert!((k1 + 0.08).abs() < 0.005, "k1 {k1}");
    assert_eq!(found.focal_px[0], found.focal_px[1]);
}

#[test]
fn gross_outliers_do_not_matter() {
    let scene = SceneConfig {
        seed: 31,
        outliers: 0.1,
        points: 400,
        ..SceneConfig::default()
    };
    let truth = scene.build();
    let mut problem = truth.clone();
    perturb(&mut problem, 2, 0.02, 0.01, 0.05);
    let cauchy = Config {
        kernel: RobustKernel::Cauchy(2.0),
        ..Config::default()
    };
    let (adjuster, _) = adjust(&mut problem, cauchy);
    let [views, _] = errors(&problem, &truth);
    assert!(views < 3e-3, "{views}");
    // The caller tells outliers by their residuals: truth is known by projecting true points into true views.
    let (mut wrong, mut outliers) = (0, 0);
    for (observation, outcome) in problem.observations.iter().zip(adjuster.outcomes()) {
        let pose = truth.views[observation.view as usize].camera_from_world;
        let point = truth.points[observation.point as usize].point_in_world;
        let seen = truth.cameras[0]
            .project(&(pose * nalgebra::Point3::from(point)).coords)
            .expect("truth is in front");
        let [x, y] = observation.position_px.map(f64::from);
        let is_outlier = (seen.x - x).hypot(seen.y - y) > 20.0;
        outliers += usize::from(is_outlier);
        wrong += usize::from(is_outlier != (outcome.squared_sigmas > 20.0));
    }
    assert!(outliers > 250);
    // Points with as many outliers as sightings of few views cannot be told.
    assert!(wrong < outliers / 10, "{wrong} of {outliers}");
}

#[test]
fn what_is_fixed_stays_to_the_bit() {
    let mut problem = SceneConfig::default().build();
    perturb(&mut problem, 2, 0.05, 0.02, 0.1);
    for index in [3, 50, 120] {
        problem.points[index].fixed = true;
    }
    let before = problem.clone();
    let (adjuster, report) = adjust(&mut problem, Config::default());
    assert!(report.accepted && report.cost_after < report.cost_before);
    for (now, before) in problem.views.iter().zip(&before.views) {
        assert_eq!(
            before.fixed,
            now.camera_from_world == before.camera_from_world
        );
    }
    for (now, before) in problem.points.iter().zip(&before.points) {
        assert_eq!(before.fixed, now.point_in_world == before.point_in_world);
    }
    assert_eq!(problem.cameras, before.cameras);
    assert_eq!(adjuster.outcomes().len(), problem.observations.len());
}

#[test]
fn one_fixed_view_holds_the_frame_and_the_scale() {
    let scene = SceneConfig {
        fixed_views: 1,
        ..SceneConfig::default()
    };
    let mut problem = scene.build();
    perturb(&mut problem, 2, 0.05, 0.02, 0.1);
    let spread = |problem: &Problem| {
        let centers = problem
            .views
            .iter()
            .map(|view| view.camera_from_world.inverse());
        let anchor = problem.views[0]
            .camera_from_world
            .inverse()
            .translation
            .vector;
        centers
            .map(|center| (center.translation.vector - anchor).norm_squared())
            .sum::<f64>()
    };
    let before = problem.clone();
    let (_, report) = adjust(&mut problem, Config::default());
    assert!((spread(&problem) / spread(&before) - 1.0).abs() < 1e-9);
    assert_eq!(problem.views[0], before.views[0]);
    // The scale is moved without moving the cost.
    let mut again = Adjuster::new(Config::default());
    again.load(&problem).expect("the problem is sound");
    let cost = again.step().cost_before;
    assert!((cost / report.cost_after - 1.0).abs() < 1e-9);
}

#[test]
fn pieces_of_work_add_up_to_the_same_result() {
    let mut problem = SceneConfig::default().build();
    perturb(&mut problem, 2, 0.05, 0.02, 0.1);
    let mut at_once = Adjuster::new(Config::default());
    at_once.load(&problem).expect("the problem is sound");
    at_once.run(100);
    let mut in_pieces = Adjuster::new(Config::default());
    in_pieces.load(&problem).expect("the problem is sound");
    let (mut pieces, mut iterations) = (0, 0);
    while in_pieces.is_busy() {
        iterations += usize::from(in_pieces.advance(50).is_some());
        pieces += 1;
    }
    assert!(pieces > 10 * iterations);
    assert_eq!(at_once.poses(), in_pieces.poses());
    assert_eq!(at_once.points(), in_pieces.points());
    // Abandoned half-way, it shows the iterations that ended, and takes the next problem.
    in_pieces.load(&problem).expect("the problem is sound");
    assert_eq!(in_pieces.advance(50), None);
    in_pieces.abandon();
    assert!(!in_pieces.is_busy());
    assert_eq!(in_pieces.step().work, 0);
    assert_eq!(in_pieces.points()[0], problem.points[0].point_in_world);
}

#[test]
fn points_without_support_do_no_harm() {
    let mut problem = SceneConfig::default().build();
    let clean = problem.clone();
    // Never seen; seen once; behind every camera; seen twice from one place.
    for (z, views) in [
        (3.0, vec![]),
        (3.0, vec![4]),
        (-3.0, vec![4, 5]),
        (3.0, vec![6, 6]),
    ] {
        let point = problem.points.len() as u32;
        let mut added = clean.points[0];
        added.point_in_world = nalgebra::Vector3::new(0.1, 0.0, z);
        problem.points.push(added);
        for view in views {
            let observation = crate::bundle::Observation {
                view,
                point,
                ..clean.observations[0]
            };
            problem.observations.push(observation);
        }
    }
    let (adjuster, report) = adjust(&mut problem, Config::default());
    assert!(report.converged);
    let first = clean.points.len();
    let covariances = &adjuster.point_covariances()[first..];
    assert_eq!(covariances, [None; 4]);
    let behind: Vec<bool> = adjuster.outcomes()[clean.observations.len()..]
        .iter()
        .map(|outcome| outcome.is_behind)
        .collect();
    assert_eq!(behind, [false, true, true, false, false]);
    let mut alone = clean.clone();
    adjust(&mut alone, Config::default());
    let [views, _] = errors(
        &alone,
        &Problem {
            points: problem.points[..first].to_vec(),
            ..problem
        },
    );
    assert!(views < 1e-3, "{views}");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let sound = SceneConfig::default().build();
    let refusal = |change: &dyn Fn(&mut Problem)| {
        let mut problem = sound.clone();
        change(&mut problem);
        let mut adjuster = Adjuster::default();
        let refusal = adjuster.load(&problem).expect_err("it makes no sense");
        assert!(!adjuster.is_busy());
        refusal
    };
    let free = |problem: &mut Problem| problem.views.iter_mut().for_each(|view| view.fixed = false);
    let fix = |problem: &mut Problem| {
        problem.views.iter_mut().for_each(|view| view.fixed = true);
        problem
            .points
            .iter_mut()
            .for_each(|point| point.fixed = true);
    };
    assert_eq!(refusal(&free), BundleRefusal::FreeGauge);
    assert_eq!(refusal(&fix), BundleRefusal::NothingFree);
    assert_eq!(
        refusal(&|problem| problem.observations.clear()),
        BundleRefusal::NoObservations
    );
    assert!(matches!(
        refusal(&|problem| problem.observations[7].view = 99),
        BundleRefusal::BadIndex { index: 7, .. }
    ));
    for sigma in [0.0, -1.0, f32::NAN, f32::INFINITY, 1e-45] {
        assert_eq!(
            refusal(&|problem| problem.observations[7].sigma_px = sigma),
            BundleRefusal::BadNumber {
                what: "observation",
                index: 7
            }
        );
    }
    assert_eq!(
        refusal(&|problem| problem.points[5].point_in_world.y = f64::NAN),
        BundleRefusal::BadNumber {
            what: "point",
            index: 5
        }
    );
    assert_eq!(
        refusal(&|problem| {
            problem.cameras.push(problem.cameras[0]);
            problem.intrinsics = Intrinsics::Refine {
                log_focal_sigma: 1.0,
                k1_sigma: 1.0,
                prior_camera: problem.cameras[0],
            };
        }),
        BundleRefusal::ManyCameras { cameras: 2 }
    );
}

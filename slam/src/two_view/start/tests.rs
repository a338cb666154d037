//! Starts on scenes with depth, on planes and from a turn alone, among wrong pairs and noise.

use nalgebra::Point3;

use super::*;
use crate::camera::Distortion;
use crate::lie::rotation_exp;

fn camera() -> Camera {
    Camera {
        size_px: [640, 480],
        focal_px: [527.7, 527.7],
        center_px: [319.5, 239.5],
        distortion: Distortion::Radial([-0.0244, 0.0]),
    }
}

#[derive(Debug, Clone, Copy)]
enum Shape {
    /// Depths from 1 to 4.
    Depth,
    /// A wall about 2 away, inclined by up to so many radians.
    Plane(f64),
}

struct Scene {
    truth: Isometry3<f64>,
    pairs: Vec<(Vector2<f64>, Vector2<f64>)>,
    points: Vec<Option<Vector3<f64>>>,
}

/// Pairs of a camera that moved by `baseline`, a share of them wrong.
fn scene(rng: &mut Rng, shape: Shape, baseline: Vector3<f64>, sigma_px: f64, wrong: f64) -> Scene {
    let camera = camera();
    let truth = Isometry3::from_parts(
        baseline.into(),
        rotation_exp(&(rng.direction() * rng.range(0.0, 0.15))),
    );
    let normal = match shape {
        Shape::Depth => Vector3::z(),
        Shape::Plane(tilt) => {
            rotation_exp(&(rng.direction() * rng.range(0.0, tilt))) * Vector3::z()
        }
    };
    let mut scene = Scene {
        truth,
        pairs: Vec::new(),
        points: Vec::new(),
    };
    while scene.pairs.len() < 300 {
        let pixel = Vector2::new(rng.range(5.0, 635.0), rng.range(5.0, 475.0));
        let direction = camera.unproject(pixel).unwrap();
        let depth = match shape {
            Shape::Depth => rng.range(1.0, 4.0),
            Shape::Plane(_) => 2.0 / normal.dot(&direction),
        };
        let point = direction * depth;
        let Some(second) = camera.project(&(truth * Point3::from(point)).coords) else {
            continue;
        };
        if depth < 0.3 || !camera.sees(&second, 5.0) {
            continue;
        }
        let mut noisy = |at: Vector2<f64>| at + Vector2::new(rng.normal(), rng.normal()) * sigma_px;
        let pair = (noisy(pixel), noisy(second));
        if rng.unit() < wrong {
            let anywhere = Vector2::new(rng.range(0.0, 640.0), rng.range(0.0, 480.0));
            scene.pairs.push((pixel, anywhere));
            scene.points.push(None);
        } else {
            scene.pairs.push(pair);
            scene.points.push(Some(point));
        }
    }
    scene
}

/// Sideways with a little of the rest, as a hand moves.
fn sideways(rng: &mut Rng, length: f64) -> Vector3<f64> {
    let angle = rng.range(0.0, core::f64::consts::TAU);
    Vector3::new(angle.cos(), angle.sin(), rng.range(-0.3, 0.3)).normalize() * length
}

/// Errors in radians of the baseline's direction and of the rotation.
fn errors(found: &TwoViewStart, truth: &Isometry3<f64>) -> (f64, f64) {
    let baseline = truth.translation.vector.normalize();
    (
        parallax_rad(&found.second_from_first.translation.vector, &baseline),
        found.second_from_first.rotation.angle_to(&truth.rotation),
    )
}

struct Outcome {
    started: usize,
    baseline_rad: Vec<f64>,
    rotation_rad: Vec<f64>,
    refusals: Vec<StartRefusal>,
}

fn run(
    rng: &mut Rng,
    runs: usize,
    mut scene: impl FnMut(&mut Rng) -> Scene,
    config: &StartConfig,
) -> Outcome {
    let mut outcome = Outcome {
        started: 0,
        baseline_rad: Vec::new(),
        rotation_rad: Vec::new(),
        refusals: Vec::new(),
    };
    for _ in 0..runs {
        let scene = scene(rng);
        match start(&camera(), &scene.pairs, config, rng) {
            Ok(found) => {
                outcome.started += 1;
                let (baseline, rotation) = errors(&found, &scene.truth);
                outcome.baseline_rad.push(baseline);
                outcome.rotation_rad.push(rotation);
                check_points(&found, &scene);
            }
            Err(refusal) => outcome.refusals.push(refusal),
        }
    }
    outcome.baseline_rad.sort_by(f64::total_cmp);
    outcome.rotation_rad.sort_by(f64::total_cmp);
    outcome
}

/// Points stand where they are, up to the baseline's length, and wrong pairs are few among the inliers.
fn check_points(found: &TwoViewStart, scene: &Scene) {
    assert!((found.second_from_first.translation.vector.norm() - 1.0).abs() < 1e-9);
    assert_eq!(found.points_in_first.len(), scene.pairs.len());
    assert!(found.inliers.windows(2).all(|pair| pair[0] < pair[1]));
    let wrong = found
        .inliers
        .iter()
        .filter(|&&k| scene.points[k as usize].is_none())
        .count();
    assert!(
        wrong * 20 < found.inliers.len(),
        "{wrong} of {} are wrong",
        found.inliers.len()
    );
    let ratios = median(
        found
            .points_in_first
            .iter()
            .zip(&scene.points)
            .filter_map(|(found, truth)| Some((found.as_ref()?, truth.as_ref()?)))
            .map(|(found, truth)| found.norm() / truth.norm()),
    );
    let scale = 1.0 / scene.truth.translation.vector.norm();
    assert!(
        (ratios / scale - 1.0).abs() < 0.5,
        "points {} times too far",
        ratios / scale
    );
}

/// What the least squares over the right pairs alone, started at the truth, are off by: no start can do better.
fn best_possible(scene: &Scene) -> f64 {
    let pairs: Vec<Pair> = scene
        .pairs
        .iter()
        .enumerate()
        .filter(|(k, _)| scene.points[*k].is_some())
        .filter_map(|(k, pair)| Pair::new(&camera(), k, pair))
        .collect();
    let mut truth = scene.truth;
    truth.translation.vector.normalize_mut();
    let pose = essential::refine(pairs.iter(), &truth, 1e9, 20);
    parallax_rad(&pose.translation.vector, &truth.translation.vector)
}

#[test]
fn starts_on_a_scene_with_depth() {
    let mut rng = Rng::new(1);
    for (sigma_px, baseline, wrong, started) in [
        (0.5, 0.10, 0.0, 40),
        (0.5, 0.10, 0.3, 40),
        (1.0, 0.10, 0.3, 39),
        (1.0, 0.07, 0.3, 34),
    ] {
        let config = StartConfig {
            sigma_px,
            ..StartConfig::default()
        };
        let mut best = Vec::new();
        let outcome = run(
            &mut rng,
            40,
            |rng| {
                let baseline = sideways(rng, baseline);
                let scene = scene(rng, Shape::Depth, baseline, sigma_px, wrong);
                best.push(best_possible(&scene));
                scene
            },
            &config,
        );
        best.sort_by(f64::total_cmp);
        let (found, best) = (outcome.baseline_rad[outcome.started / 2], best[20]);
        let said = format!(
            "{sigma_px} px, baseline {baseline}, {wrong} wrong: {} of 40, {:.2} deg where {:.2} is possible, worst {:.2}; {:?}",
            outcome.started,
            found.to_degrees(),
            best.to_degrees(),
            outcome.baseline_rad[outcome.started - 1].to_degrees(),
            outcome.refusals,
        );
        eprintln!("{said}");
        assert!(outcome.started >= started, "{said}");
        assert!(found <= 1.3 * best, "{said}");
    }
}

#[test]
fn starts_on_a_plane() {
    let mut rng = Rng::new(2);
    for (sigma_px, wrong, started) in [(0.5, 0.0, 36), (0.5, 0.3, 34), (1.0, 0.3, 30)] {
        let config = StartConfig {
            sigma_px,
            ..StartConfig::default()
        };
        let outcome = run(
            &mut rng,
            40,
            |rng| {
                let baseline = sideways(rng, 0.12);
                scene(rng, Shape::Plane(0.8), baseline, sigma_px, wrong)
            },
            &config,
        );
        let (b, r) = (&outcome.baseline_rad, &outcome.rotation_rad);
        let ambiguous = outcome
            .refusals
            .iter()
            .filter(|r| **r == StartRefusal::Ambiguous)
            .count();
        let said = format!(
            "plane, {sigma_px} px, {wrong} wrong: {} of 40, {ambiguous} ambiguous; {:.2} / {:.2} deg, rotation {:.3} / {:.3} deg; {:?}",
            outcome.started,
            b[b.len() / 2].to_degrees(),
            b[b.len() - 1].to_degrees(),
            r[r.len() / 2].to_degrees(),
            r[r.len() - 1].to_degrees(),
            outcome.refusals,
        );
        eprintln!("{said}");
        // A wall that the camera moves towards at a slant has two explanations, and at twice the noise a turn explains
        // one that is seen squarely nearly as well; both may be refused, not mistaken.
        assert!(outcome.started >= started, "{said}");
        assert!(b[b.len() / 2] < 0.044 && r[r.len() - 1] < 0.035, "{said}");
    }
}

#[test]
fn a_short_step_never_starts() {
    let mut rng = Rng::new(4);
    let outcome = run(
        &mut rng,
        60,
        |rng| {
            // 0.25 degrees.
            let baseline = sideways(rng, 0.01);
            scene(rng, Shape::Depth, baseline, 1.0, 0.3)
        },
        &StartConfig::default(),
    );
    assert_eq!(outcome.started, 0);
}

#[test]
fn few_or_senseless_pairs_are_refused() {
    let mut rng = Rng::new(5);
    let scene = scene(&mut rng, Shape::Depth, Vector3::x() * 0.1, 0.5, 0.0);
    let config = StartConfig::default();
    let few = start(&camera(), &scene.pairs[..39], &config, &mut rng);
    assert_eq!(
        few,
        Err(StartRefusal::TooFewPoints {
            required: 40,
            actual: 39
        })
    );
    let nan = vec![(Vector2::repeat(f64::NAN), Vector2::zeros()); 100];
    assert!(start(&camera(), &nan, &config, &mut rng).is_err());
    let same = vec![(Vector2::new(100.0, 80.0), Vector2::new(120.0, 90.0)); 100];
    assert!(start(&camera(), &same, &config, &mut rng).is_err());
    let any: Vec<_> = (0..200)
        .map(|_| {
            let mut at = || Vector2::new(rng.range(0.0, 640.0), rng.range(0.0, 480.0));
            (at(), at())
        })
        .collect();
    assert!(start(&camera(), &any, &config, &mut rng).is_err());
    let again = |seed| start(&camera(), &scene.pairs, &config, &mut Rng::new(seed));
    assert_eq!(again(1), again(1));
    assert!(again(1).is_ok());
}

#[test]
fn a_turn_alone_never_starts() {
    let mut rng = Rng::new(3);
    let mut refusals = [0; 2];
    for sigma_px in [0.1, 0.5, 1.0, 2.0] {
        for wrong in [0.0, 0.3] {
            let outcome = run(
                &mut rng,
                60,
                |rng| {
                    let shape = if rng.unit() < 0.5 {
                        Shape::Depth
                    } else {
                        Shape::Plane(0.8)
                    };
                    scene(rng, shape, Vector3::zeros(), sigma_px, wrong)
                },
                &StartConfig::default(),
            );
            assert_eq!(outcome.started, 0);
            for refusal in outcome.refusals {
                let kind = usize::from(matches!(refusal, StartRefusal::NoParallax { .. }));
                refusals[kind] += 1;
            }
        }
    }
    // Nearly always the reason is the right one.
    assert!(refusals[1] >= 470, "{refusals:?}");
}

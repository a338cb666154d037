//! Homographies of planes that are known, their decomposition, the refinement's derivative.

use nalgebra::{Point3, Vector2};

use super::*;
use crate::camera::{Camera, Distortion};
use crate::check::assert_jacobian;
use crate::lie::rotation_exp;

type Directions = Vec<(Vector3<f64>, Vector3<f64>)>;

/// A pose, a plane at distance 1 and directions in which both cameras see its points.
fn plane(rng: &mut Rng, points: usize) -> (PlaneAndPose, Directions) {
    let truth = PlaneAndPose {
        second_from_first: Isometry3::from_parts(
            Translation3::from(rng.direction() * rng.range(0.05, 0.4)),
            rotation_exp(&(rng.direction() * rng.range(0.0, 0.5))),
        ),
        normal_in_first: (Vector3::z() + rng.direction() * 0.6).normalize(),
    };
    let mut pairs = Vec::new();
    while pairs.len() < points {
        let direction = Vector3::new(rng.range(-0.6, 0.6), rng.range(-0.45, 0.45), 1.0);
        let depth = 1.0 / truth.normal_in_first.dot(&direction);
        let second = (truth.second_from_first * Point3::from(direction * depth)).coords;
        if depth > 0.0 && second.z > 0.0 {
            pairs.push((direction.normalize(), second.normalize()));
        }
    }
    (truth, pairs)
}

fn matrix(plane: &PlaneAndPose) -> Matrix3<f64> {
    plane
        .second_from_first
        .rotation
        .to_rotation_matrix()
        .matrix()
        + plane.second_from_first.translation.vector * plane.normal_in_first.transpose()
}

#[test]
fn exact_pairs_give_the_homography_and_the_plane() {
    let mut rng = Rng::new(1);
    for points in [4, 4, 4, 5, 20] {
        for _ in 0..100 {
            let (truth, pairs) = plane(&mut rng, points);
            // Four points nearly on a line with one another fix little.
            let Some(found) = from_pairs(&pairs) else {
                continue;
            };
            let expected = normalized(&matrix(&truth)).unwrap();
            assert!((found - expected).norm() < 1e-4, "{found} {expected}");
            let toward = pairs.iter().map(|pair| pair.0).sum();
            let error = decompose(&matrix(&truth), &toward)
                .unwrap()
                .iter()
                .map(|p| {
                    (p.second_from_first.to_homogeneous()
                        - truth.second_from_first.to_homogeneous())
                    .norm()
                        + (p.normal_in_first - truth.normal_in_first).norm()
                })
                .fold(f64::INFINITY, f64::min);
            assert!(error < 1e-6, "{error}");
        }
    }
}

#[test]
fn both_solutions_have_the_homography() {
    let mut rng = Rng::new(2);
    for _ in 0..100 {
        let (truth, pairs) = plane(&mut rng, 6);
        let expected = normalized(&matrix(&truth)).unwrap();
        let toward = pairs.iter().map(|pair| pair.0).sum();
        for solution in decompose(&(expected * -2.5), &toward).unwrap() {
            assert!((matrix(&solution) - expected).norm() < 1e-9);
            assert!(solution.normal_in_first.dot(&toward) > 0.0);
        }
    }
}

#[test]
fn four_pairs_are_the_direct_linear_transform_of_four() {
    let mut rng = Rng::new(3);
    let mut compared = 0;
    for _ in 0..100 {
        let (_, pairs) = plane(&mut rng, 4);
        let four: [_; 4] = core::array::from_fn(|k| pairs[k]);
        if let (Some(a), Some(b)) = (from_four(&four), from_pairs(&pairs)) {
            assert!((normalized(&a).unwrap() - b).norm() < 1e-4);
            compared += 1;
        }
    }
    assert!(compared > 80, "{compared}");
}

#[test]
fn what_fixes_no_homography_gives_none() {
    let on_line: Vec<_> = (0..6)
        .map(|k| Vector3::new(0.1 * f64::from(k), 0.05, 1.0).normalize())
        .map(|d| (d, d))
        .collect();
    assert_eq!(from_pairs(&on_line), None);
    assert_eq!(from_pairs(&on_line[..3]), None);
    assert_eq!(
        from_pairs(&[(Vector3::repeat(f64::NAN), Vector3::z()); 4]),
        None
    );
    assert_eq!(decompose(&Matrix3::identity(), &Vector3::z()), None);
    assert_eq!(decompose(&Matrix3::zeros(), &Vector3::z()), None);
    assert_eq!(decompose(&Matrix3::repeat(f64::NAN), &Vector3::z()), None);
}

#[test]
fn derivative_is_that_of_the_distance() {
    let mut rng = Rng::new(4);
    let camera = Camera {
        size_px: [640, 480],
        focal_px: [527.7, 520.0],
        center_px: [319.5, 239.5],
        distortion: Distortion::Radial([-0.1, 0.01]),
    };
    for _ in 0..100 {
        let first = Vector2::new(rng.range(50.0, 590.0), rng.range(50.0, 430.0));
        let pair = Pair::new(&camera, 0, &(first, first + Vector2::new(20.0, -9.0))).unwrap();
        let direction = pair.second + rng.direction() * 0.02;
        let (_, by_direction) = off_with_derivative(&pair, &direction);
        assert_jacobian(
            "transfer",
            &by_direction.transpose(),
            |d| off_with_derivative(&pair, &(direction + d)).0,
            1e-6,
            1e-6,
        );
    }
}

//! The five-point solver against exact pairs, the decomposition, the refinement's derivative.

use nalgebra::{Point3, Vector2};

use super::*;
use crate::camera::{Camera, Distortion};
use crate::check::assert_jacobian;

fn random_pose(rng: &mut Rng) -> Isometry3<f64> {
    Isometry3::from_parts(
        Translation3::from(rng.direction()),
        rotation_exp(&(rng.direction() * rng.range(0.0, 0.8))),
    )
}

/// A point that both cameras see.
fn point(rng: &mut Rng, second_from_first: &Isometry3<f64>) -> Vector3<f64> {
    loop {
        let point =
            Vector3::new(rng.range(-0.7, 0.7), rng.range(-0.6, 0.6), 1.0) * rng.range(1.0, 10.0);
        if (second_from_first * Point3::from(point)).z > 0.3 {
            return point;
        }
    }
}

/// Between matrices up to scale and sign.
fn distance(a: &Matrix3<f64>, b: &Matrix3<f64>) -> f64 {
    let (a, b) = (a / a.norm(), b / b.norm());
    (a - b).norm().min((a + b).norm())
}

#[test]
fn five_exact_pairs_give_the_matrix() {
    let mut rng = Rng::new(1);
    let problems = 10_000;
    let (mut to_1e6, mut to_1e3, mut solutions) = (0, 0, 0);
    for _ in 0..problems {
        let pose = random_pose(&mut rng);
        let points: [Vector3<f64>; 5] = core::array::from_fn(|_| point(&mut rng, &pose));
        let first = points.map(|p| p.normalize());
        let second = points.map(|p| (pose * Point3::from(p)).coords.normalize());
        let (count, found) = five_point(&first, &second);
        solutions += count;
        let truth = from_pose(&pose);
        let error = found[..count]
            .iter()
            .map(|matrix| distance(matrix, &truth))
            .fold(f64::INFINITY, f64::min);
        to_1e6 += usize::from(error < 1e-6);
        to_1e3 += usize::from(error < 1e-3);
    }
    assert!(
        to_1e6 * 1000 >= problems * 995,
        "{to_1e6} of {problems} to 1e-6, {to_1e3} to 1e-3"
    );
    // Nistér, figure 4: about four and a half real solutions on average.
    assert!(
        (3 * problems..6 * problems).contains(&solutions),
        "{solutions}"
    );
}

#[test]
fn pairs_that_fix_nothing_do_not_panic() {
    let same = [Vector3::z(); 5];
    assert_eq!(five_point(&same, &same).0, 0);
    let nan = [Vector3::repeat(f64::NAN); 5];
    assert_eq!(five_point(&nan, &same).0, 0);
    assert_eq!(decompose(&Matrix3::repeat(f64::NAN)), None);
}

#[test]
fn one_of_the_four_poses_is_the_pose() {
    let mut rng = Rng::new(2);
    for _ in 0..200 {
        let pose = random_pose(&mut rng);
        let essential = from_pose(&pose) * rng.range(-3.0, 3.0);
        let four = decompose(&essential).unwrap();
        let error = four
            .iter()
            .map(|p| {
                p.rotation.angle_to(&pose.rotation)
                    + (p.translation.vector - pose.translation.vector).norm()
            })
            .fold(f64::INFINITY, f64::min);
        assert!(error < 1e-7, "{error}");
        for p in &four {
            assert!(distance(&from_pose(p), &essential) < 1e-9);
        }
    }
}

#[test]
fn derivative_is_that_of_the_distance() {
    let mut rng = Rng::new(3);
    let camera = Camera {
        size_px: [640, 480],
        focal_px: [527.7, 520.0],
        center_px: [319.5, 239.5],
        distortion: Distortion::Radial([-0.1, 0.01]),
    };
    for _ in 0..100 {
        let pose = random_pose(&mut rng);
        let pixel = |rng: &mut Rng| Vector2::new(rng.range(0.0, 640.0), rng.range(0.0, 480.0));
        let pair = Pair::new(&camera, 0, &(pixel(&mut rng), pixel(&mut rng))).unwrap();
        let (essential, changes) = with_changes(&pose);
        let (_, by) = residual(&pair, &essential, &changes);
        assert_jacobian(
            "sampson",
            &by.transpose(),
            |step| {
                let (essential, changes) = with_changes(&moved(&pose, step));
                nalgebra::Vector1::new(residual(&pair, &essential, &changes).0)
            },
            1e-6,
            1e-5,
        );
        let squared = pair.sampson_squared(&essential);
        assert!(
            (residual(&pair, &essential, &changes).0.powi(2) - squared).abs() <= 1e-9 * squared
        );
    }
}

//! Two views that differ by a rotation alone.

use nalgebra::{Matrix3, Matrix3x2, Rotation3, SVector, UnitQuaternion, Vector2, Vector3};

use super::least_squares::{Sums, minimize};
use super::pair::Pair;
use crate::lie::{hat, rotation_exp};
use crate::ransac::{Rng, samples_needed};

/// The rotation that takes two directions to two others, as far as their angle allows.
fn from_two(first: [&Vector3<f64>; 2], second: [&Vector3<f64>; 2]) -> Option<UnitQuaternion<f64>> {
    let frame = |[a, b]: [&Vector3<f64>; 2]| {
        let middle = (a + b).try_normalize(1e-9)?;
        let normal = a.cross(b).try_normalize(1e-9)?;
        Some(Matrix3::from_columns(&[
            middle,
            normal,
            middle.cross(&normal),
        ]))
    };
    let matrix = frame(second)? * frame(first)?.transpose();
    Some(UnitQuaternion::from_rotation_matrix(
        &Rotation3::from_matrix_unchecked(matrix),
    ))
}

/// The squared distance in pixels of the second picture.
pub(super) fn squared(pair: &Pair, second_from_first: &Matrix3<f64>) -> f64 {
    pair.off_second(&(second_from_first * pair.first))
        .norm_squared()
}

/// The rotation on which most pairs agree within the squared limit in pixels.
pub(super) fn ransac(
    pairs: &[Pair],
    limit: f64,
    iterations: usize,
    rng: &mut Rng,
) -> Option<UnitQuaternion<f64>> {
    let mut best = None;
    let mut best_cost = f64::INFINITY;
    let (mut drawn, mut needed) = (0, iterations);
    while drawn < needed {
        drawn += 1;
        let [a, b] = rng.sample::<2>(pairs.len())?.map(|k| &pairs[k]);
        let Some(rotation) = from_two([&a.first, &b.first], [&a.second, &b.second]) else {
            continue;
        };
        let matrix = *rotation.to_rotation_matrix().matrix();
        let (mut cost, mut inliers) = (0.0, 0);
        for pair in pairs {
            let squared = squared(pair, &matrix);
            inliers += usize::from(squared <= limit);
            cost += squared.min(limit);
        }
        if cost < best_cost {
            (best, best_cost) = (Some(rotation), cost);
            let share = inliers as f64 / pairs.len() as f64;
            needed = samples_needed(share, 2, 0.999, iterations);
        }
    }
    best.map(|rotation| refine(pairs.iter(), &rotation, limit, 10))
}

/// The rotation of the least robust squares.
pub(super) fn refine<'a>(
    pairs: impl Iterator<Item = &'a Pair> + Clone,
    start: &UnitQuaternion<f64>,
    limit: f64,
    iterations: usize,
) -> UnitQuaternion<f64> {
    minimize(
        start,
        iterations,
        |rotation| {
            let matrix = *rotation.to_rotation_matrix().matrix();
            let mut sums = Sums::<3>::zero();
            for pair in pairs.clone() {
                let turned = matrix * pair.first;
                let (off, by_turned) = off_with_derivative(pair, &turned);
                let squared = off.norm_squared();
                sums.charge(squared, limit);
                // `-hat(turned)` is the direction's derivative.
                let by = hat(&turned) * by_turned;
                for row in 0..2 {
                    sums.add(off[row], &by.column(row).into_owned(), squared, limit);
                }
            }
            sums
        },
        |rotation, step: &SVector<f64, 3>| rotation_exp(step) * rotation,
    )
}

/// The distance in the second picture and its transposed derivative by the direction.
pub(super) fn off_with_derivative(
    pair: &Pair,
    direction: &Vector3<f64>,
) -> (Vector2<f64>, Matrix3x2<f64>) {
    let off = pair.off_second(direction);
    let along = pair.second.dot(direction);
    let by = (pair.px_by_second - off * pair.second.transpose()) / along;
    (off, by.transpose())
}

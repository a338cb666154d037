//! The essential matrix: what any two views of a scene that is no plane have in common.
//!
//! `second' E first = 0` for the directions in which both see a point, `E = hat(t) R` for `second_from_first = (R, t)`.

mod five_point;

use nalgebra::{
    Isometry3, Matrix3, Rotation3, SVector, Translation3, UnitQuaternion, Vector3, Vector5,
};

use super::least_squares::{Sums, minimize};
use super::pair::Pair;
use crate::lie::{hat, rotation_exp};
use crate::ransac::{Rng, samples_needed};

pub use five_point::five_point;

/// The essential matrix of a pose.
#[must_use]
pub fn from_pose(second_from_first: &Isometry3<f64>) -> Matrix3<f64> {
    hat(&second_from_first.translation.vector)
        * second_from_first.rotation.to_rotation_matrix().matrix()
}

/// The four poses `second_from_first` of an essential matrix, with baselines of length 1 (Hartley and Zisserman,
/// "Multiple View Geometry", result 9.19). None for a matrix that is not finite.
#[must_use]
pub fn decompose(essential: &Matrix3<f64>) -> Option<[Isometry3<f64>; 4]> {
    if !essential.iter().all(|e| e.is_finite()) {
        return None;
    }
    let svd = essential.try_svd(true, true, f64::EPSILON, 100)?;
    let (mut u, mut v_t) = (svd.u?, svd.v_t?);
    if u.determinant() < 0.0 {
        u = -u;
    }
    if v_t.determinant() < 0.0 {
        v_t = -v_t;
    }
    let quarter = Matrix3::new(0.0, -1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0);
    let rotation = |matrix: Matrix3<f64>| {
        UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(matrix))
    };
    let one = rotation(u * quarter * v_t);
    let other = rotation(u * quarter.transpose() * v_t);
    // nalgebra orders the singular values, the largest first.
    let along: Vector3<f64> = u.column(2).into_owned();
    let pose =
        |rotation, translation| Isometry3::from_parts(Translation3::from(translation), rotation);
    Some([
        pose(one, along),
        pose(one, -along),
        pose(other, along),
        pose(other, -along),
    ])
}

/// One of the four poses on whose essential matrix most pairs agree within the squared limit in pixels.
pub(super) fn ransac(
    pairs: &[Pair],
    limit: f64,
    iterations: usize,
    confidence: f64,
    rng: &mut Rng,
) -> Option<Isometry3<f64>> {
    let mut best: Option<Isometry3<f64>> = None;
    let mut best_cost = f64::INFINITY;
    let (mut drawn, mut needed) = (0, iterations);
    while drawn < needed {
        drawn += 1;
        let sample = rng.sample::<5>(pairs.len())?;
        let (count, matrices) = five_point(
            &sample.map(|k| pairs[k].first),
            &sample.map(|k| pairs[k].second),
        );
        for matrix in &matrices[..count] {
            let Some((cost, _)) = score(pairs, matrix, limit, best_cost) else {
                continue;
            };
            let Some([pose, ..]) = decompose(matrix) else {
                continue;
            };
            // A wider limit first, so that inliers of a rough model come in.
            let wide = refine(pairs.iter(), &pose, 6.0 * limit, 5);
            let narrow = refine(pairs.iter(), &wide, 2.0 * limit, 5);
            let better = score(pairs, &from_pose(&narrow), limit, cost);
            let (cost, inliers, pose) = match better {
                Some((cost, inliers)) => (cost, inliers, narrow),
                None => {
                    let (cost, inliers) = score(pairs, matrix, limit, f64::INFINITY)?;
                    (cost, inliers, pose)
                }
            };
            (best, best_cost) = (Some(pose), cost);
            let share = inliers as f64 / pairs.len() as f64;
            needed = samples_needed(share, 5, confidence, iterations).max(20.min(iterations));
        }
    }
    best
}

/// The truncated cost and the inliers; none as soon as the cost is not under the bound.
fn score(pairs: &[Pair], essential: &Matrix3<f64>, limit: f64, bound: f64) -> Option<(f64, usize)> {
    let (mut cost, mut inliers) = (0.0, 0);
    for pair in pairs {
        let squared = pair.sampson_squared(essential);
        if squared <= limit {
            inliers += 1;
            cost += squared;
        } else {
            // NaN too.
            cost += limit;
        }
        if !(cost < bound) {
            return None;
        }
    }
    Some((cost, inliers))
}

/// The pose of the least robust squares of the distances to the epipolar constraint, with a baseline of length 1.
pub(super) fn refine<'a>(
    pairs: impl Iterator<Item = &'a Pair> + Clone,
    start: &Isometry3<f64>,
    limit: f64,
    iterations: usize,
) -> Isometry3<f64> {
    minimize(
        start,
        iterations,
        |pose| {
            let (essential, changes) = with_changes(pose);
            let mut sums = Sums::<5>::zero();
            for pair in pairs.clone() {
                let (residual, by) = residual(pair, &essential, &changes);
                sums.charge(residual * residual, limit);
                sums.add(residual, &by, residual * residual, limit);
            }
            sums
        },
        moved,
    )
}

/// Moves a pose: a rotation on the left, then the baseline on the unit sphere.
fn moved(pose: &Isometry3<f64>, step: &SVector<f64, 5>) -> Isometry3<f64> {
    let baseline = pose.translation.vector;
    let [a, b] = tangents(&baseline);
    Isometry3::from_parts(
        Translation3::from((baseline + a * step[3] + b * step[4]).normalize()),
        rotation_exp(&Vector3::new(step[0], step[1], step[2])) * pose.rotation,
    )
}

/// Two directions at right angles to a third of length 1 and to each other.
fn tangents(direction: &Vector3<f64>) -> [Vector3<f64>; 2] {
    let smallest = direction.iamin();
    let mut axis = Vector3::zeros();
    axis[smallest] = 1.0;
    let first = direction.cross(&axis).normalize();
    [first, direction.cross(&first)]
}

/// The essential matrix and its derivatives by the five numbers of [`moved`].
fn with_changes(pose: &Isometry3<f64>) -> (Matrix3<f64>, [Matrix3<f64>; 5]) {
    let rotation = *pose.rotation.to_rotation_matrix().matrix();
    let baseline = pose.translation.vector;
    let across = hat(&baseline);
    let [a, b] = tangents(&baseline);
    let turned = |axis: Vector3<f64>| across * hat(&axis) * rotation;
    (
        across * rotation,
        [
            turned(Vector3::x()),
            turned(Vector3::y()),
            turned(Vector3::z()),
            hat(&a) * rotation,
            hat(&b) * rotation,
        ],
    )
}

/// The signed distance in pixels, and its derivative.
fn residual(
    pair: &Pair,
    essential: &Matrix3<f64>,
    changes: &[Matrix3<f64>; 5],
) -> (f64, Vector5<f64>) {
    let (value, first, second) = pair.epipolar(essential);
    let length = (first.norm_squared() + second.norm_squared()).sqrt();
    let inverse = 1.0 / length;
    let residual = value * inverse;
    let by = changes.each_ref().map(|change| {
        let (value, by_first, by_second) = pair.epipolar(change);
        (value - residual * inverse * (first.dot(&by_first) + second.dot(&by_second))) * inverse
    });
    (residual, Vector5::from(by))
}

#[cfg(test)]
mod tests;

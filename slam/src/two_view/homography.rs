//! The homography: what two views of a plane have in common, or of any scene from the same place.
//!
//! `second ~ H first` for directions, `H = R + t n' / d` for `second_from_first = (R, t)` and the plane
//! `n' point = d` in the first camera's frame.

use nalgebra::{
    Isometry3, Matrix3, Rotation3, SMatrix, SVector, Translation3, UnitQuaternion, Vector3,
};

use super::least_squares::{Sums, minimize};
use super::pair::Pair;
use super::rotation::off_with_derivative;
use crate::ransac::{Rng, samples_needed};

/// A pose and a plane that a homography allows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlaneAndPose {
    /// The pose with the baseline in units of the plane's distance from the first camera.
    pub second_from_first: Isometry3<f64>,
    /// The plane's normal in the first camera's frame, of length 1, away from the first camera.
    pub normal_in_first: Vector3<f64>,
}

/// The homography of four or more pairs of directions, with middle singular value 1 and positive determinant: the
/// direct linear transform (Hartley and Zisserman, "Multiple View Geometry", section 4.1). Directions of length 1 need
/// none of the normalisation that pixels do. None where three of four lie on a line.
#[must_use]
pub fn from_pairs(pairs: &[(Vector3<f64>, Vector3<f64>)]) -> Option<Matrix3<f64>> {
    if pairs.len() < 4 {
        return None;
    }
    let mut normal = SMatrix::<f64, 9, 9>::zeros();
    for (first, second) in pairs {
        // Two directions across the second one: both vanish on H first.
        let across = second.cross(&unit_axis(second)).try_normalize(0.0)?;
        for across in [across, second.cross(&across)] {
            let row = SVector::<f64, 9>::from_fn(|i, _| across[i / 3] * first[i % 3]);
            normal.ger(1.0, &row, &row, 1.0);
        }
    }
    if !normal.iter().all(|e| e.is_finite()) {
        return None;
    }
    let eigen = normal.try_symmetric_eigen(f64::EPSILON, 200)?;
    let mut order: [usize; 9] = core::array::from_fn(|k| k);
    order.sort_by(|&i, &j| eigen.eigenvalues[i].total_cmp(&eigen.eigenvalues[j]));
    // A second direction without an equation: the pairs do not fix a homography.
    if !(eigen.eigenvalues[order[1]] > 1e-13 * eigen.eigenvalues[order[8]]) {
        return None;
    }
    let elements = eigen.eigenvectors.column(order[0]);
    normalized(&Matrix3::from_fn(|i, j| elements[3 * i + j]))
}

/// The poses and planes of a homography that may be scaled in any way: none where it is a rotation, else two that have
/// the plane in front of the first camera's axis side given by `toward`, a direction in which the plane is seen (Ma,
/// Soatto, Košecká and Sastry, "An Invitation to 3-D Vision", section 5.3.3, table 5.1).
#[must_use]
pub fn decompose(homography: &Matrix3<f64>, toward: &Vector3<f64>) -> Option<[PlaneAndPose; 2]> {
    let h = normalized(homography)?;
    let eigen = (h.transpose() * h).try_symmetric_eigen(f64::EPSILON, 100)?;
    let mut order = [0, 1, 2];
    order.sort_by(|&i, &j| eigen.eigenvalues[j].total_cmp(&eigen.eigenvalues[i]));
    let [largest, _, smallest] = order.map(|k| eigen.eigenvalues[k]);
    if !(largest - smallest > 1e-9) {
        return None;
    }
    let [v1, v2, v3] = order.map(|k| eigen.eigenvectors.column(k).into_owned());
    let (below, above) = (
        (1.0 - smallest).max(0.0).sqrt(),
        (largest - 1.0).max(0.0).sqrt(),
    );
    let solution = |sign: f64| {
        // A direction in the plane whose length the homography keeps; v2 is the other.
        let u = (v1 * below + v3 * (sign * above)) / (largest - smallest).sqrt();
        let before = Matrix3::from_columns(&[v2, u, v2.cross(&u)]);
        let (hv, hu) = (h * v2, h * u);
        let after = Matrix3::from_columns(&[hv, hu, hv.cross(&hu)]);
        let rotation = after * before.transpose();
        let mut normal: Vector3<f64> = v2.cross(&u);
        if normal.dot(toward) < 0.0 {
            normal = -normal;
        }
        let baseline = (h - rotation) * normal;
        PlaneAndPose {
            second_from_first: Isometry3::from_parts(
                Translation3::from(baseline),
                UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(rotation)),
            ),
            normal_in_first: normal,
        }
    };
    Some([solution(1.0), solution(-1.0)])
}

/// With middle singular value 1 and positive determinant; none for a singular matrix.
fn normalized(homography: &Matrix3<f64>) -> Option<Matrix3<f64>> {
    if !homography.iter().all(|e| e.is_finite()) {
        return None;
    }
    let svd = homography.try_svd(false, false, f64::EPSILON, 100)?;
    let [large, middle, small] = svd.singular_values.into();
    let determinant = homography.determinant();
    (small > 1e-6 * large).then(|| homography * (determinant.signum() / middle))
}

fn unit_axis(direction: &Vector3<f64>) -> Vector3<f64> {
    let mut axis = Vector3::zeros();
    axis[direction.iamin()] = 1.0;
    axis
}

/// The squared distances in pixels in the first and in the second picture.
pub(super) fn squared(pair: &Pair, homography: &Matrix3<f64>, inverse: &Matrix3<f64>) -> [f64; 2] {
    [
        pair.off_first(&(inverse * pair.second)).norm_squared(),
        pair.off_second(&(homography * pair.first)).norm_squared(),
    ]
}

/// The homography on which most pairs agree within the squared limit in pixels, in the second picture.
pub(super) fn ransac(
    pairs: &[Pair],
    limit: f64,
    iterations: usize,
    confidence: f64,
    rng: &mut Rng,
) -> Option<Matrix3<f64>> {
    let mut best = None;
    let mut best_cost = f64::INFINITY;
    let (mut drawn, mut needed) = (0, iterations);
    while drawn < needed {
        drawn += 1;
        let sample = rng.sample::<4>(pairs.len())?;
        let sample = sample.map(|k| (pairs[k].first, pairs[k].second));
        let Some(sampled) = from_four(&sample) else {
            continue;
        };
        let Some((cost, _)) = score(pairs, &sampled, limit, best_cost) else {
            continue;
        };
        let wide = refine(pairs.iter(), &sampled, 6.0 * limit, 5);
        let narrow = refine(pairs.iter(), &wide, 2.0 * limit, 5);
        let (homography, cost, inliers) = match score(pairs, &narrow, limit, cost) {
            Some((cost, inliers)) => (narrow, cost, inliers),
            None => {
                let (cost, inliers) = score(pairs, &sampled, limit, f64::INFINITY)?;
                (sampled, cost, inliers)
            }
        };
        (best, best_cost) = (Some(homography), cost);
        let share = inliers as f64 / pairs.len() as f64;
        needed = samples_needed(share, 4, confidence, iterations).max(20.min(iterations));
    }
    best
}

/// Exactly four pairs: the matrix between the two projective frames that they are.
fn from_four(pairs: &[(Vector3<f64>, Vector3<f64>); 4]) -> Option<Matrix3<f64>> {
    let frame = |points: [Vector3<f64>; 4]| {
        let columns = Matrix3::from_columns(&[points[0], points[1], points[2]]);
        let weights = columns.try_inverse()? * points[3];
        // A weight of nearly nothing: the fourth is on a line with two others.
        (weights.abs().min() > 1e-3 * weights.abs().max())
            .then(|| columns * Matrix3::from_diagonal(&weights))
    };
    let first = frame(pairs.map(|p| p.0))?;
    let second = frame(pairs.map(|p| p.1))?;
    let homography = second * first.try_inverse()?;
    // Seen from behind a sample's point would agree too.
    let positive = pairs
        .iter()
        .filter(|(first, second)| second.dot(&(homography * first)) > 0.0)
        .count();
    match positive {
        4 => Some(homography / homography.norm()),
        0 => Some(-homography / homography.norm()),
        _ => None,
    }
}

fn score(
    pairs: &[Pair],
    homography: &Matrix3<f64>,
    limit: f64,
    bound: f64,
) -> Option<(f64, usize)> {
    let (mut cost, mut inliers) = (0.0, 0);
    for pair in pairs {
        let squared = pair.off_second(&(homography * pair.first)).norm_squared();
        if squared <= limit {
            inliers += 1;
            cost += squared;
        } else {
            cost += limit;
        }
        if !(cost < bound) {
            return None;
        }
    }
    Some((cost, inliers))
}

/// The homography, of norm 1, of the least robust squares of the distances in the second picture.
pub(super) fn refine<'a>(
    pairs: impl Iterator<Item = &'a Pair> + Clone,
    start: &Matrix3<f64>,
    limit: f64,
    iterations: usize,
) -> Matrix3<f64> {
    minimize(
        start,
        iterations,
        |homography| {
            let mut sums = Sums::<9>::zero();
            for pair in pairs.clone() {
                let (off, by_direction) = off_with_derivative(pair, &(homography * pair.first));
                let squared = off.norm_squared();
                sums.charge(squared, limit);
                for row in 0..2 {
                    let by = SVector::<f64, 9>::from_fn(|k, _| {
                        by_direction[(k / 3, row)] * pair.first[k % 3]
                    });
                    sums.add(off[row], &by, squared, limit);
                }
            }
            sums
        },
        |homography, step: &SVector<f64, 9>| {
            let moved = homography + Matrix3::from_fn(|i, j| step[3 * i + j]);
            moved / moved.norm()
        },
    )
}

#[cfg(test)]
mod tests;

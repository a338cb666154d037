//! A camera from three points: at most four poses see them in three given directions.
//!
//! In: directions of length 1 and points. Out: poses `camera_from_world`. The method is Lambda Twist: Persson and
//! Nordberg, "Lambda Twist: An accurate fast robust perspective three point (P3P) solver", ECCV 2018; equation numbers
//! are theirs.

use nalgebra::{Isometry3, Matrix3, Rotation3, Translation3, UnitQuaternion, Vector3};

/// The poses that see `points_in_world` in `directions_in_camera` (length 1), in no order; how many, and they. Points
/// on a line, or directions that are alike, give none.
#[must_use]
pub fn solve(
    directions_in_camera: &[Vector3<f64>; 3],
    points_in_world: &[Vector3<f64>; 3],
) -> (usize, [Isometry3<f64>; 4]) {
    let mut poses = [Isometry3::identity(); 4];
    let mut count = 0;
    let [y1, y2, y3] = directions_in_camera;
    let [x1, x2, x3] = points_in_world;
    let (x12, x13, x23) = (x1 - x2, x1 - x3, x2 - x3);
    let squared = [x12.norm_squared(), x13.norm_squared(), x23.norm_squared()];
    let cosines = [y1.dot(y2), y1.dot(y3), y2.dot(y3)];
    let scene = Matrix3::from_columns(&[x12, x13, x12.cross(&x13)]);
    let Some(scene_inverse) = scene.try_inverse() else {
        return (0, poses);
    };
    let mut push = |depths: Vector3<f64>| {
        let depths = polish(depths, &squared, &cosines);
        if count == 4 || !depths.iter().all(|&d| d > 0.0 && d.is_finite()) {
            return;
        }
        let (p1, p2, p3) = (y1 * depths.x, y2 * depths.y, y3 * depths.z);
        let (p12, p13) = (p1 - p2, p1 - p3);
        let turn = Matrix3::from_columns(&[p12, p13, p12.cross(&p13)]) * scene_inverse;
        // A rotation up to what the depths are off by.
        if !((turn.transpose() * turn - Matrix3::identity()).norm() < 1e-3) {
            return;
        }
        let rotation =
            UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(turn));
        let translation = p1 - rotation * x1;
        poses[count] = Isometry3::from_parts(Translation3::from(translation), rotation);
        count += 1;
    };
    for_depths(&squared, &cosines, &mut push);
    (count, poses)
}

/// Calls `found` with each triple of depths, from the intersection of two quadrics (section 3.2).
fn for_depths(
    &[a12, a13, a23]: &[f64; 3],
    &[b12, b13, b23]: &[f64; 3],
    found: &mut impl FnMut(Vector3<f64>),
) {
    // Depths satisfy depths' M depths = a for each pair (equation 4); these two are free of the scale (equation 6).
    let m12 = Matrix3::new(1.0, -b12, 0.0, -b12, 1.0, 0.0, 0.0, 0.0, 0.0);
    let m13 = Matrix3::new(1.0, 0.0, -b13, 0.0, 0.0, 0.0, -b13, 0.0, 1.0);
    let m23 = Matrix3::new(0.0, 0.0, 0.0, 0.0, 1.0, -b23, 0.0, -b23, 1.0);
    let d1 = m12 * a23 - m23 * a12;
    let d2 = m13 * a23 - m23 * a13;
    let Some(root) = degenerate_member(&d1, &d2) else {
        return;
    };
    let pair = d1 + d2 * root;
    let Some(planes) = split_in_planes(&pair) else {
        return;
    };
    for normal in planes {
        // On this plane the first depth follows from the others (equation 13).
        let (w0, w1) = (-normal.y / normal.x, -normal.z / normal.x);
        if !(w0.is_finite() && w1.is_finite()) {
            continue;
        }
        let a = (a13 - a12) * w1 * w1 + 2.0 * a12 * b13 * w1 - a12;
        let b = 2.0 * (a12 * b13 * w0 - a13 * b12 * w1 - w0 * w1 * (a12 - a13));
        let c = a13 + (a13 - a12) * w0 * w0 - 2.0 * a13 * b12 * w0;
        let inside = b * b - 4.0 * a * c;
        // A double root may come out as a pair slightly off the real line.
        if inside < -1e-9 * b * b {
            continue;
        }
        let q = -0.5 * (b + inside.max(0.0).sqrt().copysign(b));
        for ratio in [q / a, c / q] {
            if !(ratio > 0.0 && ratio.is_finite()) {
                continue;
            }
            let second = (a23 / (ratio * (ratio - 2.0 * b23) + 1.0)).sqrt();
            let third = ratio * second;
            let first = w0 * second + w1 * third;
            if first > 0.0 {
                found(Vector3::new(first, second, third));
            }
        }
    }
}

/// A real `g` that makes `d1 + g d2` singular (equation 9): of up to three, one where the determinant is steep.
fn degenerate_member(d1: &Matrix3<f64>, d2: &Matrix3<f64>) -> Option<f64> {
    let column = |m: &Matrix3<f64>, k: usize| m.column(k).into_owned();
    let volume = |a: Vector3<f64>, b: Vector3<f64>, c: Vector3<f64>| a.dot(&b.cross(&c));
    let [u0, u1, u2] = [0, 1, 2].map(|k| column(d1, k));
    let [v0, v1, v2] = [0, 1, 2].map(|k| column(d2, k));
    let coefficients = [
        volume(u0, u1, u2),
        volume(v0, u1, u2) + volume(u0, v1, u2) + volume(u0, u1, v2),
        volume(u0, v1, v2) + volume(v0, u1, v2) + volume(v0, v1, u2),
        volume(v0, v1, v2),
    ];
    cubic_root(coefficients)
}

/// A real root of `c0 + c1 x + c2 x^2 + c3 x^3`, with the steepest slope among the roots.
fn cubic_root([c0, c1, c2, c3]: [f64; 4]) -> Option<f64> {
    if c3.abs() <= 1e-14 * (c0.abs() + c1.abs() + c2.abs()) {
        let inside = c1 * c1 - 4.0 * c2 * c0;
        let q = -0.5 * (c1 + inside.max(0.0).sqrt().copysign(c1));
        let root = if inside >= 0.0 && q != 0.0 {
            c0 / q
        } else {
            -c0 / c1
        };
        return root.is_finite().then_some(root);
    }
    let (a, b, c) = (c2 / c3, c1 / c3, c0 / c3);
    // Viète's formulas, as in Press et al., "Numerical Recipes", section 5.6.
    let q = (a * a - 3.0 * b) / 9.0;
    let r = (2.0 * a * a * a - 9.0 * a * b + 27.0 * c) / 54.0;
    let mut root = if r * r < q * q * q {
        let angle = (r / q.powi(3).sqrt()).clamp(-1.0, 1.0).acos();
        let at =
            |k: f64| -2.0 * q.sqrt() * ((angle + k * core::f64::consts::TAU) / 3.0).cos() - a / 3.0;
        let slope = |x: f64| (b + x * (2.0 * a + 3.0 * x)).abs();
        [0.0, 1.0, -1.0]
            .map(at)
            .into_iter()
            .max_by(|x, y| slope(*x).total_cmp(&slope(*y)))?
    } else {
        let large = -(r.abs() + (r * r - q * q * q).sqrt()).cbrt().copysign(r);
        let small = if large == 0.0 { 0.0 } else { q / large };
        large + small - a / 3.0
    };
    for _ in 0..3 {
        let value = c + root * (b + root * (a + root));
        let slope = b + root * (2.0 * a + 3.0 * root);
        let step = value / slope;
        if step.is_finite() {
            root -= step;
        }
    }
    root.is_finite().then_some(root)
}

/// The normals of the two planes that a singular quadric of mixed sign consists of (equations 10 to 12).
fn split_in_planes(quadric: &Matrix3<f64>) -> Option<[Vector3<f64>; 2]> {
    let m = quadric;
    let trace = m.trace();
    let minors = m[(0, 0)] * m[(1, 1)] - m[(0, 1)] * m[(0, 1)] + m[(0, 0)] * m[(2, 2)]
        - m[(0, 2)] * m[(0, 2)]
        + m[(1, 1)] * m[(2, 2)]
        - m[(1, 2)] * m[(1, 2)];
    // One eigenvalue is 0, the others have this sum and product.
    let q = 0.5
        * (trace
            + (trace * trace - 4.0 * minors)
                .max(0.0)
                .sqrt()
                .copysign(trace));
    let (first, second) = (q, minors / q);
    if !(first * second < 0.0) {
        return None;
    }
    let e1 = eigenvector(m, first)?;
    let e2 = eigenvector(m, second)?;
    let ratio = (-second / first).sqrt();
    Some([e1 - e2 * ratio, e1 + e2 * ratio])
}

/// Of length 1, for a simple eigenvalue of a symmetric matrix.
fn eigenvector(matrix: &Matrix3<f64>, eigenvalue: f64) -> Option<Vector3<f64>> {
    let shifted = matrix - Matrix3::identity() * eigenvalue;
    let [a, b, c] = [0, 1, 2].map(|k| shifted.column(k).into_owned());
    [a.cross(&b), a.cross(&c), b.cross(&c)]
        .into_iter()
        .max_by(|u, v| u.norm_squared().total_cmp(&v.norm_squared()))?
        .try_normalize(0.0)
}

/// Newton's method on the three distances (section 3.5).
fn polish(
    mut depths: Vector3<f64>,
    &[a12, a13, a23]: &[f64; 3],
    &[b12, b13, b23]: &[f64; 3],
) -> Vector3<f64> {
    for _ in 0..5 {
        let Vector3 { data, .. } = depths;
        let [[d1, d2, d3]] = data.0;
        let off = Vector3::new(
            d1 * d1 + d2 * d2 - 2.0 * b12 * d1 * d2 - a12,
            d1 * d1 + d3 * d3 - 2.0 * b13 * d1 * d3 - a13,
            d2 * d2 + d3 * d3 - 2.0 * b23 * d2 * d3 - a23,
        );
        if off.abs().sum() < 1e-15 * (a12 + a13 + a23) {
            break;
        }
        let by_depths = Matrix3::new(
            2.0 * (d1 - b12 * d2),
            2.0 * (d2 - b12 * d1),
            0.0,
            2.0 * (d1 - b13 * d3),
            0.0,
            2.0 * (d3 - b13 * d1),
            0.0,
            2.0 * (d2 - b23 * d3),
            2.0 * (d3 - b23 * d2),
        );
        let Some(inverse) = by_depths.try_inverse() else {
            break;
        };
        depths -= inverse * off;
    }
    depths
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lie::rotation_exp;
    use crate::ransac::Rng;

    /// Cameras anywhere, points in front of them, directions without noise.
    #[test]
    fn finds_the_pose_of_random_triples() {
        let mut rng = Rng::new(1);
        let (mut found, mut within, mut solutions) = (0, 0, 0);
        let problems = 10_000;
        for _ in 0..problems {
            let truth = Isometry3::from_parts(
                Translation3::from(rng.direction() * rng.range(0.0, 5.0)),
                rotation_exp(&(rng.direction() * rng.range(0.0, 3.1))),
            );
            let in_camera: [Vector3<f64>; 3] = core::array::from_fn(|_| {
                Vector3::new(rng.range(-0.7, 0.7), rng.range(-0.5, 0.5), 1.0) * rng.range(0.5, 8.0)
            });
            let inverse = truth.inverse();
            let points = in_camera.map(|p| (inverse * nalgebra::Point3::from(p)).coords);
            let (count, poses) = solve(&in_camera.map(|p| p.normalize()), &points);
            solutions += count;
            let error = poses[..count]
                .iter()
                .map(|p| {
                    p.rotation.angle_to(&truth.rotation)
                        + (p.translation.vector - truth.translation.vector).norm()
                })
                .fold(f64::INFINITY, f64::min);
            found += usize::from(error < 1e-6);
            within += usize::from(error < 1e-3);
            for pose in &poses[..count] {
                for (point, direction) in points.iter().zip(&in_camera) {
                    let seen = (pose * nalgebra::Point3::from(*point)).coords;
                    assert!(seen.normalize().dot(&direction.normalize()) > 1.0 - 1e-6);
                }
            }
        }
        assert!(
            found >= 9990,
            "{found} of {problems} to 1e-6, {within} to 1e-3"
        );
        assert!((15_000..20_000).contains(&solutions), "{solutions}");
    }

    #[test]
    fn points_on_a_line_or_alike_give_nothing() {
        let directions = [
            Vector3::new(0.1, 0.0, 1.0).normalize(),
            Vector3::new(-0.1, 0.0, 1.0).normalize(),
            Vector3::new(0.0, 0.1, 1.0).normalize(),
        ];
        let point = Vector3::new(0.3, 0.2, 2.0);
        assert_eq!(solve(&directions, &[point; 3]).0, 0);
        assert_eq!(solve(&directions, &[point, point * 2.0, point * 3.0]).0, 0);
        let nan = Vector3::new(f64::NAN, 0.0, 1.0);
        assert_eq!(solve(&[nan; 3], &[point, nan, point]).0, 0);
    }
}

//! Points in the camera's frame to pixels.

use nalgebra::{Matrix2, Matrix2x3, Vector2, Vector3};

use super::profile::Profile;
use super::{Camera, Distortion, Projection};

/// Points nearer to the camera's plane than this are seen by no lens but a fisheye.
const NEAREST_Z: f64 = 1e-9;

/// A point on the plane `z = 1` as the lens bends it, with the derivatives of `bent` by `x`, `y` and the first
/// coefficient.
struct Bent {
    at: [f64; 2],
    by_x: [f64; 2],
    by_y: [f64; 2],
    by_first: [f64; 2],
}

impl Camera {
    /// Where a point in the camera's frame is seen; none behind the camera or where the model does not reach. It may
    /// lie outside the picture.
    #[must_use]
    #[inline]
    pub fn project(&self, point: &Vector3<f64>) -> Option<Vector2<f64>> {
        self.project_with_jacobian(point).map(|p| p.position_px)
    }

    /// [`Camera::project`] with its derivatives.
    #[must_use]
    #[inline]
    pub fn project_with_jacobian(&self, point: &Vector3<f64>) -> Option<Projection> {
        let bent = match self.distortion {
            Distortion::Fisheye(coefficients) => return self.project_fisheye(point, coefficients),
            _ if !(point.z > NEAREST_Z) => return None,
            Distortion::None => none(point),
            Distortion::Radial([k1, k2]) => radial(point, k1, k2)?,
            Distortion::RadialTangential(coefficients) => radial_tangential(point, coefficients)?,
        };
        let [fx, fy] = self.focal_px;
        let inverse_z = 1.0 / point.z;
        let (x, y) = (point.x * inverse_z, point.y * inverse_z);
        let (sx, sy) = (fx * inverse_z, fy * inverse_z);
        let from_center = [fx * bent.at[0], fy * bent.at[1]];
        Some(Projection {
            position_px: Vector2::new(
                from_center[0] + self.center_px[0],
                from_center[1] + self.center_px[1],
            ),
            by_point: Matrix2x3::new(
                sx * bent.by_x[0],
                sx * bent.by_y[0],
                -sx * (bent.by_x[0] * x + bent.by_y[0] * y),
                sy * bent.by_x[1],
                sy * bent.by_y[1],
                -sy * (bent.by_x[1] * x + bent.by_y[1] * y),
            ),
            by_intrinsics: Matrix2::new(
                from_center[0],
                fx * bent.by_first[0],
                from_center[1],
                fy * bent.by_first[1],
            ),
        })
    }

    /// Kannala and Brandt 2006, equation 6, with the first coefficient 1.
    fn project_fisheye(&self, point: &Vector3<f64>, coefficients: [f64; 4]) -> Option<Projection> {
        let profile = Profile(coefficients);
        let [fx, fy] = self.focal_px;
        let radius_squared = point.x * point.x + point.y * point.y;
        let squared = radius_squared + point.z * point.z;
        if !(squared > NEAREST_Z * NEAREST_Z) || !squared.is_finite() {
            return None;
        }
        let radius = radius_squared.sqrt();
        let angle = radius.atan2(point.z);
        let angle_squared = angle * angle;
        // Straight behind, the direction of the pixel is anything.
        if angle > core::f64::consts::PI - 1e-6 || !profile.rises_to(angle_squared) {
            return None;
        }
        let bent = angle * profile.factor(angle_squared);
        // At the centre all but the pinhole's part vanishes.
        let central = radius <= 1e-9 * point.z;
        let (over_radius, unit) = if central {
            (1.0 / point.z, [0.0, 0.0])
        } else {
            (bent / radius, [point.x / radius, point.y / radius])
        };
        let slope = profile.slope(angle_squared);
        let along = slope * point.z / squared;
        let by_z = -slope * radius / squared;
        let difference = along - over_radius;
        let from_center = [fx * over_radius * point.x, fy * over_radius * point.y];
        let by_first = angle * angle_squared;
        Some(Projection {
            position_px: Vector2::new(
                from_center[0] + self.center_px[0],
                from_center[1] + self.center_px[1],
            ),
            by_point: Matrix2x3::new(
                fx * (over_radius + difference * unit[0] * unit[0]),
                fx * difference * unit[0] * unit[1],
                fx * by_z * unit[0],
                fy * difference * unit[0] * unit[1],
                fy * (over_radius + difference * unit[1] * unit[1]),
                fy * by_z * unit[1],
            ),
            by_intrinsics: Matrix2::new(
                from_center[0],
                fx * by_first * unit[0],
                from_center[1],
                fy * by_first * unit[1],
            ),
        })
    }
}

#[inline]
fn none(point: &Vector3<f64>) -> Bent {
    let (x, y) = (point.x / point.z, point.y / point.z);
    let squared = x * x + y * y;
    Bent {
        at: [x, y],
        by_x: [1.0, 0.0],
        by_y: [0.0, 1.0],
        by_first: [x * squared, y * squared],
    }
}

#[inline]
fn radial(point: &Vector3<f64>, k1: f64, k2: f64) -> Option<Bent> {
    let (x, y) = (point.x / point.z, point.y / point.z);
    let squared = x * x + y * y;
    radial_rises_to(k1, k2, squared).then_some(())?;
    let factor = 1.0 + squared * (k1 + squared * k2);
    let double_slope = 2.0 * k1 + 4.0 * k2 * squared;
    let mixed = double_slope * x * y;
    Some(Bent {
        at: [x * factor, y * factor],
        by_x: [factor + double_slope * x * x, mixed],
        by_y: [mixed, factor + double_slope * y * y],
        by_first: [x * squared, y * squared],
    })
}

/// OpenCV's documentation of `calib3d`, "Detailed description", with `k3` and later ones 0.
#[inline]
fn radial_tangential(point: &Vector3<f64>, [k1, k2, p1, p2]: [f64; 4]) -> Option<Bent> {
    let mut bent = radial(point, k1, k2)?;
    let (x, y) = (point.x / point.z, point.y / point.z);
    let squared = x * x + y * y;
    bent.at[0] += 2.0 * p1 * x * y + p2 * (squared + 2.0 * x * x);
    bent.at[1] += p1 * (squared + 2.0 * y * y) + 2.0 * p2 * x * y;
    let mixed = 2.0 * (p1 * x + p2 * y);
    bent.by_x[0] += 2.0 * p1 * y + 6.0 * p2 * x;
    bent.by_x[1] += mixed;
    bent.by_y[0] += mixed;
    bent.by_y[1] += 6.0 * p1 * y + 2.0 * p2 * x;
    let determinant = bent.by_x[0] * bent.by_y[1] - bent.by_x[1] * bent.by_y[0];
    // Where the determinant vanishes the model folds over.
    (determinant > 0.0).then_some(bent)
}

/// [`Profile::rises_to`] for two coefficients, in closed form: the slope `1 + 3 k1 s + 5 k2 s^2` has no root from 0 to
/// `s`.
#[inline]
pub(super) fn radial_rises_to(k1: f64, k2: f64, squared: f64) -> bool {
    let slope = 1.0 + squared * (3.0 * k1 + 5.0 * k2 * squared);
    // Beyond its vertex a parabola that opens upwards may have come back from below.
    let past_two_roots = k1 < 0.0 && 10.0 * k2 * squared > -3.0 * k1 && 9.0 * k1 * k1 > 20.0 * k2;
    slope > 0.0 && !past_two_roots
}

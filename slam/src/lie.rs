//! Rotations and rigid motions as exponentials, and how an optimiser moves a pose.
//!
//! In: rotation vectors in radians, translations in the unit of the map, in that order: `[translation; rotation]`.
//! Out: nalgebra's quaternions and isometries. Formulas: Solà, Deray, Atchuthan, "A micro Lie theory for state
//! estimation in robotics" (2018), appendices B and D.
//!
//! Every optimiser of this crate moves a pose `camera_from_world` on the left by [`update_left`]; a point in the
//! camera's frame then has the derivative `[I, -hat(point_in_camera)]` by the six numbers.

use nalgebra::{
    Isometry3, Matrix3, Matrix6, Quaternion, Translation3, UnitQuaternion, Vector3, Vector6,
};

/// Under this squared angle series replace the closed forms, whose differences would cancel.
const SMALL_SQUARED: f64 = 1e-6;

/// The matrix of the cross product: `hat(a) * b == a.cross(&b)`.
#[must_use]
pub fn hat(v: &Vector3<f64>) -> Matrix3<f64> {
    Matrix3::new(0.0, -v.z, v.y, v.z, 0.0, -v.x, -v.y, v.x, 0.0)
}

/// The rotation about the vector's direction by its length in radians.
#[must_use]
pub fn rotation_exp(rotation: &Vector3<f64>) -> UnitQuaternion<f64> {
    let squared = rotation.norm_squared();
    let (real, factor) = if squared < SMALL_SQUARED {
        (
            1.0 - squared / 8.0 + squared * squared / 384.0,
            0.5 - squared / 48.0 + squared * squared / 3840.0,
        )
    } else {
        let angle = squared.sqrt();
        let (sin, cos) = (0.5 * angle).sin_cos();
        (cos, sin / angle)
    };
    UnitQuaternion::new_normalize(Quaternion::from_parts(real, rotation * factor))
}

/// The shortest rotation vector of a rotation; its length is at most pi.
#[must_use]
pub fn rotation_log(rotation: &UnitQuaternion<f64>) -> Vector3<f64> {
    let (real, imaginary) = (rotation.scalar(), rotation.vector());
    // A quaternion and its negative are the same rotation; the one with the positive real part is the short way.
    let sign = if real < 0.0 { -1.0 } else { 1.0 };
    let sin = imaginary.norm();
    let factor = if sin < 1e-9 {
        2.0
    } else {
        2.0 * sin.atan2(real.abs()) / sin
    };
    imaginary * (sign * factor)
}

/// How the rotation vector's change turns into a rotation on the left:
/// `exp(w + d) = exp(left_jacobian(w) d) exp(w)` to first order in `d`.
#[must_use]
pub fn left_jacobian(rotation: &Vector3<f64>) -> Matrix3<f64> {
    let squared = rotation.norm_squared();
    let (first, second) = if squared < SMALL_SQUARED {
        (0.5 - squared / 24.0, 1.0 / 6.0 - squared / 120.0)
    } else {
        let angle = squared.sqrt();
        (
            (1.0 - angle.cos()) / squared,
            (angle - angle.sin()) / (squared * angle),
        )
    };
    let cross = hat(rotation);
    Matrix3::identity() + cross * first + cross * cross * second
}

/// The inverse of [`left_jacobian`]: `log(exp(d) exp(w)) = w + left_jacobian_inverse(w) d` to first order in `d`. Valid
/// for angles under 2 pi.
#[must_use]
pub fn left_jacobian_inverse(rotation: &Vector3<f64>) -> Matrix3<f64> {
    let squared = rotation.norm_squared();
    let second = if squared < SMALL_SQUARED {
        1.0 / 12.0 + squared / 720.0
    } else {
        let half = 0.5 * squared.sqrt();
        (1.0 - half * half.cos() / half.sin()) / squared
    };
    let cross = hat(rotation);
    Matrix3::identity() - cross * 0.5 + cross * cross * second
}

/// The rigid motion of a twist `[translation; rotation]`: a screw motion, unlike [`update_left`].
#[must_use]
pub fn motion_exp(twist: &Vector6<f64>) -> Isometry3<f64> {
    let (translation, rotation) = split(twist);
    Isometry3::from_parts(
        Translation3::from(left_jacobian(&rotation) * translation),
        rotation_exp(&rotation),
    )
}

/// The inverse of [`motion_exp`], with the rotation's length at most pi.
#[must_use]
pub fn motion_log(motion: &Isometry3<f64>) -> Vector6<f64> {
    let rotation = rotation_log(&motion.rotation);
    let translation = left_jacobian_inverse(&rotation) * motion.translation.vector;
    join(&translation, &rotation)
}

/// Moves a pose by `[translation; rotation]` on the left: `Isometry(translation, exp(rotation)) * pose`.
///
/// For `pose = camera_from_world` a point goes from `p` to `exp(rotation) p + translation` in the camera's frame.
#[must_use]
pub fn update_left(pose: &Isometry3<f64>, change: &Vector6<f64>) -> Isometry3<f64> {
    let (translation, rotation) = split(change);
    let turn = rotation_exp(&rotation);
    // Normalised again, so that many small updates do not let the quaternion drift off length 1.
    let turned = UnitQuaternion::new_normalize(turn.into_inner() * pose.rotation.into_inner());
    Isometry3::from_parts(
        Translation3::from(turn * pose.translation.vector + translation),
        turned,
    )
}

/// The change that [`update_left`] needs to come from `start` to `end`.
#[must_use]
pub fn change_left(end: &Isometry3<f64>, start: &Isometry3<f64>) -> Vector6<f64> {
    let rotation = end.rotation * start.rotation.inverse();
    let translation = end.translation.vector - rotation * start.translation.vector;
    join(&translation, &rotation_log(&rotation))
}

/// The derivative of [`change_left`] by an [`update_left`] of `end`, from the change itself.
#[must_use]
pub fn change_left_jacobian(change: &Vector6<f64>) -> Matrix6<f64> {
    let (translation, rotation) = split(change);
    let mut jacobian = Matrix6::identity();
    jacobian
        .fixed_view_mut::<3, 3>(0, 3)
        .copy_from(&-hat(&translation));
    jacobian
        .fixed_view_mut::<3, 3>(3, 3)
        .copy_from(&left_jacobian_inverse(&rotation));
    jacobian
}

fn split(six: &Vector6<f64>) -> (Vector3<f64>, Vector3<f64>) {
    (
        Vector3::new(six[0], six[1], six[2]),
        Vector3::new(six[3], six[4], six[5]),
    )
}

fn join(translation: &Vector3<f64>, rotation: &Vector3<f64>) -> Vector6<f64> {
    Vector6::new(
        translation.x,
        translation.y,
        translation.z,
        rotation.x,
        rotation.y,
        rotation.z,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::assert_jacobian;
    use crate::ransac::Rng;

    fn vector(rng: &mut Rng, length: f64) -> Vector3<f64> {
        rng.direction() * length
    }

    /// Angles on both sides of where the series take over, and near a half turn.
    const ANGLES: [f64; 8] = [0.0, 1e-9, 1e-5, 0.9e-3, 1.1e-3, 0.1, 2.0, 3.13];

    #[test]
    fn logarithms_undo_exponentials() {
        let mut rng = Rng::new(1);
        for angle in ANGLES {
            let rotation = vector(&mut rng, angle);
            assert!((rotation_log(&rotation_exp(&rotation)) - rotation).norm() < 1e-12);
            let other_sign = UnitQuaternion::new_unchecked(-rotation_exp(&rotation).into_inner());
            assert!((rotation_log(&other_sign) - rotation).norm() < 1e-12);
            let twist = join(&vector(&mut rng, 2.0), &rotation);
            assert!((motion_log(&motion_exp(&twist)) - twist).norm() < 1e-11);
        }
    }

    #[test]
    fn exponential_of_a_motion_is_its_power_series() {
        let mut rng = Rng::new(2);
        let twist = join(&vector(&mut rng, 1.5), &vector(&mut rng, 0.9));
        let mut generator = nalgebra::Matrix4::zeros();
        generator
            .fixed_view_mut::<3, 3>(0, 0)
            .copy_from(&hat(&Vector3::new(twist[3], twist[4], twist[5])));
        generator
            .fixed_view_mut::<3, 1>(0, 3)
            .copy_from(&Vector3::new(twist[0], twist[1], twist[2]));
        let (mut sum, mut term) = (nalgebra::Matrix4::identity(), nalgebra::Matrix4::identity());
        for k in 1..30 {
            term = term * generator / f64::from(k);
            sum += term;
        }
        assert!((motion_exp(&twist).to_homogeneous() - sum).norm() < 1e-12);
    }

    #[test]
    fn jacobians_are_those_of_the_exponential() {
        let mut rng = Rng::new(3);
        for angle in [0.0, 1e-5, 0.9e-3, 1.1e-3, 0.3, 2.5] {
            let rotation = vector(&mut rng, angle);
            let inverse = rotation_exp(&rotation).inverse();
            assert_jacobian(
                "left_jacobian",
                &left_jacobian(&rotation),
                |d| rotation_log(&(rotation_exp(&(rotation + d)) * inverse)),
                1e-6,
                1e-8,
            );
            let product = left_jacobian(&rotation) * left_jacobian_inverse(&rotation);
            assert!((product - Matrix3::identity()).norm() < 1e-12);
        }
    }

    #[test]
    fn an_update_is_found_again_and_moves_points_as_said() {
        let mut rng = Rng::new(4);
        let start = motion_exp(&join(&vector(&mut rng, 3.0), &vector(&mut rng, 1.0)));
        let change = join(&vector(&mut rng, 0.4), &vector(&mut rng, 0.7));
        let end = update_left(&start, &change);
        assert!((change_left(&end, &start) - change).norm() < 1e-12);
        assert_jacobian(
            "change_left",
            &change_left_jacobian(&change),
            |d| change_left(&update_left(&end, d), &start),
            1e-6,
            1e-8,
        );

        let point = vector(&mut rng, 4.0);
        let moved = start * nalgebra::Point3::from(point);
        let mut by_change = nalgebra::Matrix3x6::zeros();
        by_change
            .fixed_view_mut::<3, 3>(0, 0)
            .copy_from(&Matrix3::identity());
        by_change
            .fixed_view_mut::<3, 3>(0, 3)
            .copy_from(&-hat(&moved.coords));
        assert_jacobian(
            "update_left",
            &by_change,
            |d| (update_left(&start, d) * nalgebra::Point3::from(point)).coords,
            1e-6,
            1e-8,
        );
    }
}

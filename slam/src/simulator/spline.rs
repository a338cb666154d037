//! A uniform cubic B-spline of camera poses with exact derivatives.
//!
//! In: control poses at equal steps of time. Out: at any time the pose, velocity, acceleration and angular
//! velocity. Positions use the ordinary B-spline, rotations its cumulative form; both are twice continuously
//! differentiable. Source: Sommer, Usenko, Schubert, Demmel, Cremers, "Efficient Derivative Computation for
//! Cumulative B-Splines on Lie Groups", CVPR 2020, sections 3 and 4.

use nalgebra::{Isometry3, Quaternion, Translation3, UnitQuaternion, Vector3};

/// Where the camera is at one moment, and how it moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MotionState {
    /// The pose: maps points of the camera (X right, Y down, Z forward, metres) into the world (Z up).
    pub world_from_camera: Isometry3<f64>,
    /// Velocity of the camera's centre in the world, m/s.
    pub velocity_in_world: Vector3<f64>,
    /// Acceleration of the camera's centre in the world, without gravity, m/s^2.
    pub acceleration_in_world: Vector3<f64>,
    /// Angular velocity of the camera against the world, in the camera's axes, rad/s.
    pub angular_velocity_in_camera: Vector3<f64>,
}

/// The spline: control pose `k` acts around `(k - 1) * step_secs`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PoseSpline {
    step_secs: f64,
    controls: Vec<Isometry3<f64>>,
    /// `rotation_steps[k]` turns control `k` into control `k + 1`, as a rotation vector in its axes.
    rotation_steps: Vec<Vector3<f64>>,
}

impl PoseSpline {
    /// Builds the spline through the neighbourhood of at least four control poses.
    pub(crate) fn new(step_secs: f64, controls: Vec<Isometry3<f64>>) -> Self {
        assert!(controls.len() >= 4, "a cubic spline needs four controls");
        let rotation_steps = controls
            .windows(2)
            .map(|pair| rotation_log(&(pair[0].rotation.inverse() * pair[1].rotation)))
            .collect();
        Self {
            step_secs,
            controls,
            rotation_steps,
        }
    }

    /// From the first moment to the last.
    pub(crate) fn duration_secs(&self) -> f64 {
        (self.controls.len() - 3) as f64 * self.step_secs
    }

    /// The motion at a time; times outside the spline take its first or last moment.
    pub(crate) fn at(&self, time_secs: f64) -> MotionState {
        let segments = self.controls.len() - 3;
        let position = (time_secs / self.step_secs).clamp(0.0, segments as f64);
        let k = (position as usize).min(segments - 1);
        let u = position - k as f64;

        let basis = [
            (5.0 + u * (3.0 + u * (-3.0 + u))) / 6.0,
            (1.0 + u * (3.0 + u * (3.0 - 2.0 * u))) / 6.0,
            u * u * u / 6.0,
        ];
        let first = [
            (3.0 + u * (-6.0 + 3.0 * u)) / 6.0,
            (3.0 + u * (6.0 - 6.0 * u)) / 6.0,
            u * u / 2.0,
        ];
        let second = [u - 1.0, 1.0 - 2.0 * u, u];

        let mut point = self.controls[k].translation.vector;
        let mut velocity = Vector3::zeros();
        let mut acceleration = Vector3::zeros();
        let mut rotation = self.controls[k].rotation;
        let mut angular = Vector3::zeros();
        for j in 0..3 {
            let move_m = self.controls[k + j + 1].translation.vector
                - self.controls[k + j].translation.vector;
            point += move_m * basis[j];
            velocity += move_m * (first[j] / self.step_secs);
            acceleration += move_m * (second[j] / (self.step_secs * self.step_secs));
            let turn = self.rotation_steps[k + j];
            let part = rotation_exp(&(turn * basis[j]));
            rotation *= part;
            angular = part.inverse() * angular + turn * (first[j] / self.step_secs);
        }
        MotionState {
            world_from_camera: Isometry3::from_parts(Translation3::from(point), rotation),
            velocity_in_world: velocity,
            acceleration_in_world: acceleration,
            angular_velocity_in_camera: angular,
        }
    }
}

/// The rotation of a rotation vector (axis times angle in radians).
pub(crate) fn rotation_exp(vector: &Vector3<f64>) -> UnitQuaternion<f64> {
    let angle = vector.norm();
    // sin(a/2)/a, by its series where the quotient loses digits.
    let scale = if angle < 1e-6 {
        0.5 - angle * angle / 48.0
    } else {
        libm::sin(angle / 2.0) / angle
    };
    let imaginary = vector * scale;
    UnitQuaternion::new_normalize(Quaternion::new(
        libm::cos(angle / 2.0),
        imaginary.x,
        imaginary.y,
        imaginary.z,
    ))
}

/// The rotation vector of a rotation, at most pi long.
pub(crate) fn rotation_log(rotation: &UnitQuaternion<f64>) -> Vector3<f64> {
    let sign = if rotation.w < 0.0 { -1.0 } else { 1.0 };
    let imaginary = rotation.imag() * sign;
    let sine = imaginary.norm();
    if sine < 1e-9 {
        return imaginary * 2.0;
    }
    imaginary * (2.0 * libm::atan2(sine, rotation.w * sign) / sine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponential_and_logarithm_are_inverse() {
        for v in [
            Vector3::new(0.3, -0.2, 0.9),
            Vector3::new(1e-8, 2e-8, -1e-8),
            Vector3::new(-2.0, 1.5, 0.5),
        ] {
            let back = rotation_log(&rotation_exp(&v));
            assert!((back - v).norm() < 1e-14 + 1e-12 * v.norm(), "{v} {back}");
        }
    }

    #[test]
    fn constant_turn_gives_constant_angular_velocity() {
        let step = Vector3::new(0.0, 0.05, 0.0);
        let controls = (0..8)
            .map(|k| {
                Isometry3::from_parts(
                    Translation3::new(0.1 * f64::from(k), 0.0, 0.0),
                    rotation_exp(&(step * f64::from(k))),
                )
            })
            .collect();
        let spline = PoseSpline::new(0.1, controls);
        for k in 0..40 {
            let state = spline.at(f64::from(k) * 0.012);
            assert!((state.angular_velocity_in_camera - step / 0.1).norm() < 1e-12);
            assert!((state.velocity_in_world - Vector3::new(1.0, 0.0, 0.0)).norm() < 1e-12);
            assert!(state.acceleration_in_world.norm() < 1e-10);
        }
    }
}

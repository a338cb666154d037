//! Residuals and their derivatives: of observations, of priors of poses, and the steps that poses and cameras take.
//!
//! A pose moves on its left: `camera_from_world <- Isometry(v, exp(w)) * camera_from_world`, a step being (v, w). The
//! camera moves by (change of the logarithm of the focal length, change of the first distortion coefficient).

use nalgebra::{Isometry3, Matrix3, Matrix6, Vector3, Vector6};

use super::problem::{PosePrior, RobustKernel};
use crate::camera::{Camera, Distortion};
use crate::lie::{hat, left_jacobian_inverse, rotation_log, update_left};

/// A pose unfolded for transforming points.
#[derive(Debug, Clone, Copy)]
pub(super) struct UnfoldedPose {
    pub(super) rotation: Matrix3<f64>,
    pub(super) translation: Vector3<f64>,
    pub(super) camera: u32,
}

impl UnfoldedPose {
    pub(super) fn new(camera_from_world: &Isometry3<f64>, camera: u32) -> Self {
        Self {
            rotation: camera_from_world.rotation.to_rotation_matrix().into_inner(),
            translation: camera_from_world.translation.vector,
            camera,
        }
    }
}

/// A measured position, ready for use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measurement {
    pub(super) position_px: [f32; 2],
    pub(super) inverse_sigma: f32,
}

/// A residual and its derivatives, in standard deviations times the root of the robust weight.
#[derive(Debug, Clone, Copy)]
pub(super) struct Linear {
    pub(super) residual: [f64; 2],
    pub(super) by_pose: [[f64; 6]; 2],
    pub(super) by_point: [[f64; 3]; 2],
    pub(super) by_intrinsics: [[f64; 2]; 2],
    /// The squared residual in standard deviations.
    pub(super) squared: f64,
    /// Room that the point has before the camera stops seeing it: its depth, for a fisheye its distance.
    pub(super) reach: f64,
    /// After the robust kernel.
    pub(super) cost: f64,
}

/// Squared residual in standard deviations; none where the point is not seen.
#[inline(always)]
pub(super) fn squared_residual(
    camera: &Camera,
    pose: &UnfoldedPose,
    point_in_world: &Vector3<f64>,
    measurement: &Measurement,
) -> Option<f64> {
    let point = pose.rotation * point_in_world + pose.translation;
    let seen = camera.project(&point)?;
    let inverse_sigma = f64::from(measurement.inverse_sigma);
    let x = (seen.x - f64::from(measurement.position_px[0])) * inverse_sigma;
    let y = (seen.y - f64::from(measurement.position_px[1])) * inverse_sigma;
    let squared = x * x + y * y;
    squared.is_finite().then_some(squared)
}

/// The residual with its derivatives; none where the point is not seen.
#[inline(always)]
pub(super) fn linearize(
    camera: &Camera,
    pose: &UnfoldedPose,
    point_in_world: &Vector3<f64>,
    measurement: &Measurement,
    kernel: RobustKernel,
) -> Option<Linear> {
    let p = pose.rotation * point_in_world + pose.translation;
    let projection = camera.project_with_jacobian(&p)?;
    let inverse_sigma = f64::from(measurement.inverse_sigma);
    let x = (projection.position_px.x - f64::from(measurement.position_px[0])) * inverse_sigma;
    let y = (projection.position_px.y - f64::from(measurement.position_px[1])) * inverse_sigma;
    let squared = x * x + y * y;
    if !squared.is_finite() {
        return None;
    }
    let (cost, weight) = kernel.cost_and_weight(squared);
    let root = weight.sqrt();
    let scale = root * inverse_sigma;
    let mut by_pose = [[0.0; 6]; 2];
    let mut by_point = [[0.0; 3]; 2];
    let mut by_intrinsics = [[0.0; 2]; 2];
    for row in 0..2 {
        let d: [f64; 3] = [0, 1, 2].map(|column| projection.by_point[(row, column)] * scale);
        // d . (v + w x p) = d . v + (p x d) . w
        by_pose[row] = [
            d[0],
            d[1],
            d[2],
            p.y * d[2] - p.z * d[1],
            p.z * d[0] - p.x * d[2],
            p.x * d[1] - p.y * d[0],
        ];
        for (column, entry) in by_point[row].iter_mut().enumerate() {
            *entry = d[0] * pose.rotation[(0, column)]
                + d[1] * pose.rotation[(1, column)]
                + d[2] * pose.rotation[(2, column)];
        }
        by_intrinsics[row] = [0, 1].map(|column| projection.by_intrinsics[(row, column)] * scale);
    }
    // One sum tells whether anything overflowed.
    let sum: f64 = by_pose.iter().flatten().map(|entry| entry.abs()).sum();
    sum.is_finite().then_some(Linear {
        residual: [x * root, y * root],
        by_pose,
        by_point,
        by_intrinsics,
        squared,
        reach: if matches!(camera.distortion, Distortion::Fisheye(_)) {
            p.norm()
        } else {
            p.z
        },
        cost,
    })
}

/// A pose after a step (translation, rotation vector) on its left.
pub(super) fn stepped_pose(camera_from_world: &Isometry3<f64>, step: &[f64; 6]) -> Isometry3<f64> {
    update_left(camera_from_world, &Vector6::from(*step))
}

/// A camera after a step (logarithm of the focal length, first distortion coefficient).
pub(super) fn stepped_camera(camera: &Camera, step: [f64; 2]) -> Camera {
    camera
        .with_focal_factor(step[0].exp())
        .with_first_distortion(camera.first_distortion() + step[1])
}

/// (Translation, rotation vector) of the pose seen from its prior.
pub(super) fn prior_residual(
    prior: &PosePrior,
    camera_from_world: &Isometry3<f64>,
) -> Vector6<f64> {
    let error = camera_from_world * prior.camera_from_world.inverse();
    let turn = rotation_log(&error.rotation);
    let shift = error.translation.vector;
    Vector6::new(shift.x, shift.y, shift.z, turn.x, turn.y, turn.z)
}

/// Derivative of [`prior_residual`] by the pose's step.
pub(super) fn prior_jacobian(residual: &Vector6<f64>) -> Matrix6<f64> {
    let shift = residual.fixed_rows::<3>(0).into_owned();
    let turn = residual.fixed_rows::<3>(3).into_owned();
    let mut jacobian = Matrix6::identity();
    jacobian
        .fixed_view_mut::<3, 3>(0, 3)
        .copy_from(&-hat(&shift));
    jacobian
        .fixed_view_mut::<3, 3>(3, 3)
        .copy_from(&left_jacobian_inverse(&turn));
    jacobian
}

//! The one place where axes and precision change.
//!
//! | frame | X | Y | Z |
//! |---|---|---|---|
//! | slam camera | right | down | forward |
//! | slam world | horizontal | horizontal | up, against gravity |
//! | WebXR view, world and room | right | up | backward, towards the viewer |
//!
//! slam and the room compute in `f64`; WebXR and the GPU take `f32`. Matrices are column-major, as in WebXR.

use glam::{DMat4, DQuat, DVec3, Mat4, Quat, Vec3};

use crate::pose::Rigid;

/// Takes a WebXR view's axes to a slam camera's: half a turn about X. It is its own inverse.
const CAMERA_FROM_VIEW: DQuat = DQuat::from_xyzw(1.0, 0.0, 0.0, 0.0);

/// Takes slam's world (Z up) to a WebXR world (Y up): a quarter turn about X.
const XR_WORLD_FROM_SLAM_WORLD: DQuat = DQuat::from_xyzw(
    -std::f64::consts::FRAC_1_SQRT_2,
    0.0,
    0.0,
    std::f64::consts::FRAC_1_SQRT_2,
);

/// `world_from_view` in WebXR's axes, from `world_from_camera` in slam's.
pub fn view_from_slam_camera(slam_world_from_camera: &Rigid) -> Rigid {
    Rigid {
        rotation: (XR_WORLD_FROM_SLAM_WORLD * slam_world_from_camera.rotation * CAMERA_FROM_VIEW)
            .normalize(),
        translation_m: XR_WORLD_FROM_SLAM_WORLD * slam_world_from_camera.translation_m,
    }
}

/// `world_from_camera` in slam's axes, from `world_from_view` in WebXR's.
pub fn slam_camera_from_view(xr_world_from_view: &Rigid) -> Rigid {
    let slam_from_xr = XR_WORLD_FROM_SLAM_WORLD.inverse();
    Rigid {
        rotation: (slam_from_xr * xr_world_from_view.rotation * CAMERA_FROM_VIEW).normalize(),
        translation_m: slam_from_xr * xr_world_from_view.translation_m,
    }
}

/// A point of slam's world in WebXR's axes, metres.
pub fn point_from_slam(point_in_slam_world_m: DVec3) -> DVec3 {
    XR_WORLD_FROM_SLAM_WORLD * point_in_slam_world_m
}

/// A rigid transform from WebXR's `XRRigidTransform`: position x y z in metres, orientation x y z w.
pub fn rigid_from_xr(position_m: [f64; 3], orientation_xyzw: [f64; 4]) -> Rigid {
    Rigid {
        rotation: DQuat::from_array(orientation_xyzw).normalize(),
        translation_m: DVec3::from_array(position_m),
    }
}

/// A rigid transform as the GPU's matrix.
pub fn gpu_matrix(parent_from_object: &Rigid) -> Mat4 {
    DMat4::from_rotation_translation(
        parent_from_object.rotation,
        parent_from_object.translation_m,
    )
    .as_mat4()
}

/// A WebXR matrix (16 numbers, column-major) as the GPU's; `None` when there are not 16 or one is not finite.
pub fn gpu_matrix_from_xr(column_major: &[f32]) -> Option<Mat4> {
    let columns: &[f32; 16] = column_major.try_into().ok()?;
    let matrix = Mat4::from_cols_array(columns);
    matrix.is_finite().then_some(matrix)
}

/// A point of the GPU or of JavaScript in the room's precision.
pub fn point_from_gpu(point_m: [f32; 3]) -> DVec3 {
    Vec3::from_array(point_m).as_dvec3()
}

/// A point for JavaScript's `Float32Array`.
pub fn point_for_gpu(point_m: DVec3) -> [f32; 3] {
    point_m.as_vec3().to_array()
}

/// A rotation of the GPU in the room's precision.
pub fn rotation_from_gpu(rotation: Quat) -> DQuat {
    rotation.as_dquat().normalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slam_axes_go_round() {
        let camera = Rigid {
            rotation: DQuat::from_euler(glam::EulerRot::XYZ, 0.4, -0.9, 2.0),
            translation_m: DVec3::new(1.0, 2.0, 3.0),
        };
        let back = slam_camera_from_view(&view_from_slam_camera(&camera));
        assert!((back.translation_m - camera.translation_m).length() < 1e-12);
        assert!(back.rotation.dot(camera.rotation).abs() > 1.0 - 1e-12);
    }

    #[test]
    fn up_forward_and_right_agree() {
        // A slam camera at the origin that looks along world Y with gravity along -Z: right = X, down = -Z.
        let rotation = DQuat::from_mat3(&glam::DMat3::from_cols(DVec3::X, DVec3::NEG_Z, DVec3::Y));
        let view = view_from_slam_camera(&Rigid {
            rotation,
            translation_m: DVec3::ZERO,
        });
        // In WebXR that is the identity: forward is -Z, up is Y.
        assert!(view.rotation.dot(DQuat::IDENTITY).abs() > 1.0 - 1e-12);
        assert!((point_from_slam(DVec3::Z) - DVec3::Y).length() < 1e-12);
        assert!((point_from_slam(DVec3::Y) - DVec3::NEG_Z).length() < 1e-12);
    }

    #[test]
    fn the_gpu_matrix_moves_points_as_the_transform_does() {
        let rigid = Rigid::from_yaw(0.3, DVec3::new(4.0, 5.0, 6.0));
        let point = DVec3::new(-1.0, 2.0, 0.5);
        let on_gpu = gpu_matrix(&rigid).transform_point3(point.as_vec3());
        assert!((on_gpu.as_dvec3() - rigid.transform_point(point)).length() < 1e-5);
    }

    #[test]
    fn xr_matrices_are_checked() {
        assert_eq!(gpu_matrix_from_xr(&[0.0; 15]), None);
        let mut numbers = Mat4::IDENTITY.to_cols_array();
        assert_eq!(gpu_matrix_from_xr(&numbers), Some(Mat4::IDENTITY));
        numbers[3] = f32::NAN;
        assert_eq!(gpu_matrix_from_xr(&numbers), None);
    }

    #[test]
    fn precision_goes_round_within_f32() {
        let point = DVec3::new(0.1, -20.3, 3.7);
        assert!((point_from_gpu(point_for_gpu(point)) - point).length() < 1e-5);
    }
}

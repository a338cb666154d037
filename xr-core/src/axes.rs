//! The one place where axes and precision change.
//!
//! | frame | X | Y | Z |
//! |---|---|---|---|
//! | slam camera | right | down | forward |
//! | slam map | right | down | forward, of the first keyframe |
//! | WebXR view, world and room | right | up | backward, towards the viewer |
//!
//! slam and the room compute in `f64`; WebXR and the GPU take `f32`. Matrices are column-major, as in WebXR.

use glam::{DMat4, DQuat, DVec3, Mat4, Quat, Vec3};

use crate::pose::Rigid;

/// Takes slam's axes to WebXR's, a camera's to a view's and a map's to a world's: half a turn about X. It is its own
/// inverse.
const XR_FROM_SLAM: DQuat = DQuat::from_xyzw(1.0, 0.0, 0.0, 0.0);

/// `world_from_view` in WebXR's axes, from `world_from_camera` in slam's: position in the map's unit, orientation x y
/// z w.
pub fn view_from_slam_camera(position: [f64; 3], orientation_xyzw: [f64; 4]) -> Rigid {
    let rotation = DQuat::from_array(orientation_xyzw);
    Rigid {
        rotation: (XR_FROM_SLAM * rotation * XR_FROM_SLAM).normalize(),
        translation_m: from_slam(position),
    }
}

/// `world_from_object` in WebXR's axes from `map_from_object` in slam's, for an object whose own axes have a meaning of
/// their own and stay: a surface with +Y as its normal.
pub fn object_from_slam(position: [f64; 3], orientation_xyzw: [f64; 4]) -> Rigid {
    Rigid {
        rotation: (XR_FROM_SLAM * DQuat::from_array(orientation_xyzw)).normalize(),
        translation_m: from_slam(position),
    }
}

/// `world_from_camera` in slam's axes as position and orientation x y z w, from `world_from_view` in WebXR's.
pub fn slam_camera_from_view(xr_world_from_view: &Rigid) -> ([f64; 3], [f64; 4]) {
    let rotation = (XR_FROM_SLAM * xr_world_from_view.rotation * XR_FROM_SLAM).normalize();
    (
        to_slam(xr_world_from_view.translation_m),
        rotation.to_array(),
    )
}

/// A point or a direction of slam's map or camera in WebXR's axes.
pub fn from_slam([x, y, z]: [f64; 3]) -> DVec3 {
    DVec3::new(x, -y, -z)
}

/// A point or a direction in slam's axes, from WebXR's.
pub fn to_slam(in_xr: DVec3) -> [f64; 3] {
    [in_xr.x, -in_xr.y, -in_xr.z]
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
        let view = Rigid {
            rotation: DQuat::from_euler(glam::EulerRot::XYZ, 0.4, -0.9, 2.0),
            translation_m: DVec3::new(1.0, 2.0, 3.0),
        };
        let (position, orientation) = slam_camera_from_view(&view);
        let back = view_from_slam_camera(position, orientation);
        assert!((back.translation_m - view.translation_m).length() < 1e-12);
        assert!(back.rotation.dot(view.rotation).abs() > 1.0 - 1e-12);
    }

    #[test]
    fn what_a_camera_sees_its_view_sees() {
        // A camera that has turned to the right about Y (down) and gone right and up.
        let turned = DQuat::from_rotation_y(0.3);
        let position = [0.5, -0.2, 0.1];
        let view = view_from_slam_camera(position, turned.to_array());
        let in_camera = DVec3::new(0.2, 0.1, 2.0);
        let in_map = turned * in_camera + DVec3::from_array(position);
        let in_view = view.inverse().transform_point(from_slam(in_map.to_array()));
        // The same place, right of the middle, below it, in front.
        assert!((in_view - DVec3::new(0.2, -0.1, -2.0)).length() < 1e-12);
        assert_eq!(view.translation_m, DVec3::new(0.5, 0.2, -0.1));
    }

    #[test]
    fn a_surface_keeps_its_normal() {
        // In slam's axes, a floor below the camera: its normal is up, -Y.
        let floor = object_from_slam(
            [0.0, 1.2, 2.0],
            DQuat::from_rotation_x(std::f64::consts::PI).to_array(),
        );
        assert!((floor.rotation * DVec3::Y - DVec3::Y).length() < 1e-12);
        assert_eq!(floor.translation_m, DVec3::new(0.0, -1.2, -2.0));
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

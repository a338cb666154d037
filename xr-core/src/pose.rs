//! Rigid transforms in double precision: a rotation, then a translation in metres.
//!
//! A value named `a_from_b` takes points of frame `b` to frame `a`. Frames here are those of WebXR and of the
//! wire: X right, Y up, Z towards the viewer. Other axes are changed in [`crate::axes`] only.

use std::ops::Mul;

use chat_relay_protocol::Pose;
use glam::{DQuat, DVec3};

/// A rigid transform `parent_from_object`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rigid {
    /// Unit quaternion.
    pub rotation: DQuat,
    /// Where the object's origin is in the parent, in metres.
    pub translation_m: DVec3,
}

impl Rigid {
    /// No rotation, no translation.
    pub const IDENTITY: Rigid = Rigid {
        rotation: DQuat::IDENTITY,
        translation_m: DVec3::ZERO,
    };

    /// The rotation about Y (up) by `yaw_rad`, then the translation.
    pub fn from_yaw(yaw_rad: f64, translation_m: DVec3) -> Rigid {
        Rigid {
            rotation: DQuat::from_rotation_y(yaw_rad),
            translation_m,
        }
    }

    /// Takes a point of the object's frame to the parent's.
    pub fn transform_point(&self, point_in_object: DVec3) -> DVec3 {
        self.rotation * point_in_object + self.translation_m
    }

    /// `object_from_parent`.
    pub fn inverse(&self) -> Rigid {
        let rotation = self.rotation.inverse();
        Rigid {
            rotation,
            translation_m: -(rotation * self.translation_m),
        }
    }

    /// Stands something on a surface: the origin at `point`, +Y along `normal`, and +Z turned towards `towards`
    /// as far as the normal allows, so that a thing's front faces the person who put it there. A normal of
    /// length zero counts as straight up.
    pub fn on_surface(point: DVec3, normal: DVec3, towards: DVec3) -> Rigid {
        let up = normal.try_normalize().unwrap_or(DVec3::Y);
        let front = (towards - point).reject_from_normalized(up);
        let front = front
            .try_normalize()
            .unwrap_or_else(|| up.any_orthonormal_vector());
        let right = up.cross(front);
        Rigid {
            rotation: DQuat::from_mat3(&glam::DMat3::from_cols(right, up, front)).normalize(),
            translation_m: point,
        }
    }
}

impl Mul for Rigid {
    type Output = Rigid;

    /// `a_from_c = a_from_b * b_from_c`.
    fn mul(self, b_from_c: Rigid) -> Rigid {
        Rigid {
            rotation: (self.rotation * b_from_c.rotation).normalize(),
            translation_m: self.transform_point(b_from_c.translation_m),
        }
    }
}

impl From<Pose> for Rigid {
    fn from(pose: Pose) -> Rigid {
        Rigid {
            rotation: DQuat::from_array(pose.orientation_xyzw),
            translation_m: DVec3::from_array(pose.position_m),
        }
    }
}

impl From<Rigid> for Pose {
    fn from(rigid: Rigid) -> Pose {
        Pose {
            position_m: rigid.translation_m.to_array(),
            orientation_xyzw: rigid.rotation.to_array(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverse_undoes_and_product_chains() {
        let a = Rigid {
            rotation: DQuat::from_euler(glam::EulerRot::YXZ, 0.7, -0.3, 0.2),
            translation_m: DVec3::new(1.0, -2.0, 0.5),
        };
        let b = Rigid::from_yaw(2.0, DVec3::new(0.0, 3.0, 1.0));
        let point = DVec3::new(0.3, 0.4, -0.5);
        let there = (a * b).transform_point(point);
        assert!((there - a.transform_point(b.transform_point(point))).length() < 1e-12);
        assert!(((a * b).inverse().transform_point(there) - point).length() < 1e-12);
    }

    #[test]
    fn on_surface_points_up_along_the_normal_and_faces_the_viewer() {
        let normal = DVec3::new(0.3, 1.0, -0.2).normalize();
        let point = DVec3::new(1.0, 0.0, 2.0);
        let pin = Rigid::on_surface(point, normal, DVec3::new(1.0, 1.6, 5.0));
        assert!((pin.rotation * DVec3::Y - normal).length() < 1e-12);
        assert!((pin.rotation * DVec3::Z).dot(DVec3::new(0.0, 1.6, 3.0)) > 0.0);
        assert!((pin.transform_point(DVec3::ZERO) - point).length() < 1e-12);
    }

    #[test]
    fn on_surface_copes_with_a_viewer_straight_above() {
        let pin = Rigid::on_surface(DVec3::ZERO, DVec3::ZERO, DVec3::Y);
        assert!((pin.rotation * DVec3::Y - DVec3::Y).length() < 1e-12);
        assert!((pin.rotation.length() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn wire_poses_keep_their_values() {
        let rigid = Rigid::from_yaw(-1.1, DVec3::new(0.1, 0.2, 0.3));
        let back = Rigid::from(Pose::from_value(&Pose::from(rigid).to_value()).unwrap());
        assert!((back.translation_m - rigid.translation_m).length() < 1e-15);
        assert!(back.rotation.angle_between(rigid.rotation) < 1e-7);
    }
}

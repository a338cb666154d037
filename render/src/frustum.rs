//! Whether a box may be seen in a view: culling of what certainly is not.

use glam::{Mat4, Vec4};

use crate::model::Bounds;

/// The six planes of a view, as rows whose product with a point is positive inside (Gribb and Hartmann
/// 2001).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frustum([Vec4; 6]);

impl Frustum {
    /// For clip z in 0..1.
    pub(crate) fn new(clip_from_world: &Mat4) -> Frustum {
        let rows = clip_from_world.transpose();
        let (x, y, z, w) = (rows.x_axis, rows.y_axis, rows.z_axis, rows.w_axis);
        Frustum([w + x, w - x, w + y, w - y, z, w - z])
    }

    /// False only where the whole box lies outside of one plane.
    pub(crate) fn may_see(&self, in_world: &Bounds) -> bool {
        !in_world.is_empty()
            && self.0.iter().all(|plane| {
                let farthest_in = glam::Vec3::select(
                    plane.truncate().cmpge(glam::Vec3::ZERO),
                    in_world.max,
                    in_world.min,
                );
                plane.dot(farthest_in.extend(1.0)) >= 0.0
            })
    }
}

#[cfg(test)]
mod tests {
    use glam::Vec3;
    use glam::camera::rh::{proj::opengl::perspective, view::look_at_mat4};

    use super::*;
    use crate::view_uniforms::WGPU_FROM_OPENGL_CLIP;

    #[test]
    fn boxes_are_seen_where_a_corner_or_their_middle_is() {
        let view = look_at_mat4(Vec3::new(1.0, 2.0, 3.0), Vec3::new(0.0, 0.5, -1.0), Vec3::Y);
        let clip_from_world = WGPU_FROM_OPENGL_CLIP * perspective(1.0, 1.5, 0.1, 20.0) * view;
        let frustum = Frustum::new(&clip_from_world);
        let mut seen = 0;
        for index in 0..4000u32 {
            let part = |step: f32| (index as f32 * step).fract();
            let middle = Vec3::new(part(0.618_034), part(0.414_214), part(0.732_051)) * 24.0 - 12.0;
            let half = 0.05 + part(0.236_068);
            let bounds = Bounds {
                min: middle - half,
                max: middle + half,
            };
            let inside = |point: Vec3| {
                let clip = clip_from_world * point.extend(1.0);
                clip.x.abs() <= clip.w
                    && clip.y.abs() <= clip.w
                    && clip.z >= 0.0
                    && clip.z <= clip.w
            };
            if inside(middle) {
                seen += 1;
                assert!(frustum.may_see(&bounds), "{middle}");
            }
            // A ball around the box that lies outside of a plane: the box must be culled.
            let clip = clip_from_world * middle.extend(1.0);
            if clip.w < -2.0 * (half * 1.8 + 0.2) {
                assert!(!frustum.may_see(&bounds), "{middle}");
            }
        }
        assert!(seen > 100, "{seen}");
        assert!(!frustum.may_see(&Bounds::EMPTY));
    }
}

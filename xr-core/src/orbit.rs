//! The camera of the 3D view: it orbits a target point of the room, and takes pixels back to rays.

use glam::{
    Mat4, Vec2, Vec3, Vec4,
    camera::rh::{proj::opengl::perspective, view::look_at_mat4},
};

/// Vertical opening of the view, in radians.
const FIELD_OF_VIEW_RAD: f32 = 0.9;
const NEAR_M: f32 = 0.05;
const FAR_M: f32 = 100.0;

/// Where the 3D view is seen from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Orbit {
    /// Turn about Y; at 0 the eye is on the target's +Z side.
    pub yaw_rad: f32,
    /// Above 0 the eye looks down; kept short of straight up and down.
    pub pitch_rad: f32,
    /// From the eye to the target, metres; kept between 0.1 and 60.
    pub distance_m: f32,
    /// What the eye looks at, in the room, metres.
    pub target_in_room: Vec3,
}

/// A half line in the room.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ray {
    /// Where it starts, in the room, metres.
    pub origin: Vec3,
    /// Where it goes; length 1.
    pub direction: Vec3,
}

impl Orbit {
    /// From six numbers: yaw, pitch, distance, and the target's x, y, z. `None` when there are not six finite ones.
    pub fn from_array(numbers: &[f32]) -> Option<Orbit> {
        let [yaw_rad, pitch_rad, distance_m, x, y, z] = *numbers else {
            return None;
        };
        numbers.iter().all(|n| n.is_finite()).then(|| Orbit {
            yaw_rad,
            pitch_rad: pitch_rad.clamp(-1.55, 1.55),
            distance_m: distance_m.clamp(0.1, 60.0),
            target_in_room: Vec3::new(x, y, z),
        })
    }

    /// The eye, in the room, metres.
    pub fn eye_in_room(&self) -> Vec3 {
        let (sin_yaw, cos_yaw) = self.yaw_rad.sin_cos();
        let (sin_pitch, cos_pitch) = self.pitch_rad.sin_cos();
        let back = Vec3::new(sin_yaw * cos_pitch, sin_pitch, cos_yaw * cos_pitch);
        self.target_in_room + back * self.distance_m
    }

    /// Takes points of the room to the view: X right, Y up, -Z forward.
    pub fn view_from_room(&self) -> Mat4 {
        look_at_mat4(self.eye_in_room(), self.target_in_room, Vec3::Y)
    }

    /// The projection for a canvas, clip z from -1 to 1 as in WebXR. A tall canvas opens as wide as a square one, so
    /// that a phone held upright still shows the room.
    pub fn projection_from_view(size_px: Vec2) -> Mat4 {
        let aspect = (size_px.x / size_px.y.max(1.0)).max(0.01);
        let vertical = if aspect < 1.0 {
            2.0 * ((FIELD_OF_VIEW_RAD / 2.0).tan() / aspect.sqrt()).atan()
        } else {
            FIELD_OF_VIEW_RAD
        };
        perspective(vertical, aspect, NEAR_M, FAR_M)
    }

    /// The ray under a pixel; x right and y down from the canvas's top left corner.
    pub fn ray(&self, size_px: Vec2, pixel: Vec2) -> Ray {
        let clip = Vec2::new(2.0, -2.0) * pixel / size_px.max(Vec2::ONE) + Vec2::new(-1.0, 1.0);
        let room_from_clip =
            (Self::projection_from_view(size_px) * self.view_from_room()).inverse();
        let far = room_from_clip * Vec4::new(clip.x, clip.y, 1.0, 1.0);
        let origin = self.eye_in_room();
        Ray {
            origin,
            direction: (far.truncate() / far.w - origin).normalize_or(Vec3::NEG_Y),
        }
    }
}

impl Ray {
    /// Where the ray meets the floor, the plane y = 0 of the room; `None` when it does not within 50 m.
    pub fn floor_point(&self) -> Option<Vec3> {
        let distance = -self.origin.y / self.direction.y;
        (distance.is_finite() && (0.0..50.0).contains(&distance)).then(|| {
            let point = self.origin + self.direction * distance;
            Vec3::new(point.x, 0.0, point.z)
        })
    }

    /// How far along the ray and how far from it a point is, metres; `None` behind the eye.
    fn distances(&self, point: Vec3) -> Option<(f32, f32)> {
        let along = (point - self.origin).dot(self.direction);
        (along > 0.0).then(|| (along, point.distance(self.origin + self.direction * along)))
    }
}

/// The nearest of the pins under a ray: those whose head or stem is within a finger's width, seen from the eye.
///
/// Each pin is given by its tip and its unit stem direction, in the room, metres. Returns its index.
pub fn pick_pin(ray: &Ray, pins: impl Iterator<Item = (Vec3, Vec3)>) -> Option<usize> {
    /// Points along the stem that are tried, from the tip to the sphere, metres.
    const TRIED_M: [f32; 3] = [0.02, 0.07, 0.12];
    /// Half the angle that a finger covers.
    const FINGER_RAD: f32 = 0.025;
    pins.enumerate()
        .filter_map(|(index, (tip, stem))| {
            TRIED_M
                .iter()
                .filter_map(|along_stem| ray.distances(tip + stem * *along_stem))
                .filter(|(along, off)| *off < 0.03 + along * FINGER_RAD)
                .map(|(along, _)| (index, along))
                .min_by(|a, b| a.1.total_cmp(&b.1))
        })
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Vec2 = Vec2::new(400.0, 800.0);

    fn orbit() -> Orbit {
        Orbit::from_array(&[0.7, 0.5, 3.0, 0.2, 0.4, -0.1]).unwrap()
    }

    #[test]
    fn the_middle_of_the_canvas_is_the_target() {
        let ray = orbit().ray(SIZE, SIZE / 2.0);
        let (along, off) = ray.distances(orbit().target_in_room).unwrap();
        assert!((along - 3.0).abs() < 1e-4 && off < 1e-4, "{along} {off}");
    }

    #[test]
    fn a_pixel_and_its_floor_point_project_onto_each_other() {
        let pixel = Vec2::new(120.0, 610.0);
        let point = orbit().ray(SIZE, pixel).floor_point().unwrap();
        assert_eq!(point.y, 0.0);
        let clip = Orbit::projection_from_view(SIZE) * orbit().view_from_room() * point.extend(1.0);
        let back = (clip.truncate().truncate() / clip.w * Vec2::new(0.5, -0.5) + 0.5) * SIZE;
        assert!(back.distance(pixel) < 0.05, "{back}");
    }

    #[test]
    fn above_the_horizon_there_is_no_floor() {
        let level = Orbit::from_array(&[0.0, 0.0, 2.0, 0.0, 1.0, 0.0]).unwrap();
        assert_eq!(level.ray(SIZE, Vec2::new(200.0, 10.0)).floor_point(), None);
    }

    #[test]
    fn at_yaw_zero_the_eye_is_in_front() {
        let orbit = Orbit::from_array(&[0.0, 0.0, 2.0, 0.0, 0.0, 0.0]).unwrap();
        assert!(orbit.eye_in_room().distance(Vec3::new(0.0, 0.0, 2.0)) < 1e-6);
        assert_eq!(Orbit::from_array(&[0.0; 5]), None);
        assert_eq!(Orbit::from_array(&[f32::NAN; 6]), None);
    }

    #[test]
    fn the_nearer_pin_under_the_finger_is_picked() {
        let orbit = Orbit::from_array(&[0.0, 0.3, 3.0, 0.0, 0.1, 0.0]).unwrap();
        let ray = orbit.ray(SIZE, SIZE / 2.0);
        let behind = (ray.origin + ray.direction * 4.0, Vec3::Y);
        let near = (ray.origin + ray.direction * 2.0 - Vec3::Y * 0.1, Vec3::Y);
        let aside = (near.0 + Vec3::X, Vec3::Y);
        assert_eq!(pick_pin(&ray, [behind, aside, near].into_iter()), Some(2));
        assert_eq!(pick_pin(&ray, [aside].into_iter()), None);
    }
}

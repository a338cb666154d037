//! The camera of a picture that fills a view: how points of the world are drawn so that they lie on the picture's own
//! pixels, and which picture pixel lies under a place of the view.
//!
//! In: the camera's focal lengths and principal point in pixels of the picture, and how the picture is fitted into the
//! view. Out: a projection in WebXR's style. Lenses are not known here: whoever places a point in front of a bent lens
//! moves it to where a pinhole sees it at the same pixel.

use glam::{Mat4, Vec2, Vec3, Vec4};

/// Nearer and farther than this nothing is drawn, in the world's unit.
const NEAR: f32 = 0.01;
const FAR: f32 = 1000.0;

/// How a picture lies in a view: view pixels from the top left corner (edges at integers) are
/// `(picture pixel + 0.5) * scale + offset`, with picture pixels' centres at integers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// View pixels a picture pixel.
    pub scale: f32,
    /// Where the picture's top left edge lies in the view.
    pub offset_px: Vec2,
    /// Width and height of the view.
    pub view_size_px: Vec2,
}

/// A camera's pinhole: lengths in pixels of its picture, pixel centres at integers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pinhole {
    /// Focal lengths along x and y.
    pub focal_px: Vec2,
    /// The principal point.
    pub center_px: Vec2,
}

/// What a view of the world over a picture needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PictureView {
    /// Clip z from -1 to 1, as WebXR has it.
    pub projection_from_view: Mat4,
    /// The inverse of the pose in WebXR's axes.
    pub view_from_world: Mat4,
    /// Width and height of the view.
    pub view_size_px: Vec2,
}

impl Pinhole {
    /// The projection that draws a point in front of the camera where the picture shows it.
    pub fn projection(&self, fit: &Fit) -> Mat4 {
        let size = fit.view_size_px.max(Vec2::ONE);
        let focal = 2.0 * fit.scale * self.focal_px / size;
        let middle = 2.0 * ((self.center_px + 0.5) * fit.scale + fit.offset_px) / size - Vec2::ONE;
        let depth = NEAR - FAR;
        Mat4::from_cols(
            Vec4::new(focal.x, 0.0, 0.0, 0.0),
            Vec4::new(0.0, focal.y, 0.0, 0.0),
            // In a view y goes up, in a picture down.
            Vec4::new(-middle.x, middle.y, (FAR + NEAR) / depth, -1.0),
            Vec4::new(0.0, 0.0, 2.0 * FAR * NEAR / depth, 0.0),
        )
    }
}

impl PictureView {
    /// Where a point of the world is drawn, in pixels from the view's top left corner; `None` behind the camera.
    pub fn place(&self, point_in_world: Vec3) -> Option<Vec2> {
        let clip = self.projection_from_view * self.view_from_world * point_in_world.extend(1.0);
        (clip.w > NEAR).then(|| {
            let ndc = Vec2::new(clip.x, clip.y) / clip.w;
            (ndc * Vec2::new(0.5, -0.5) + 0.5) * self.view_size_px
        })
    }

    /// Which of some pins lies under a place of the view: each is given by its tip and its head in the world. The
    /// nearest within `reach_px` of its stem counts.
    pub fn pick(
        &self,
        place_px: Vec2,
        reach_px: f32,
        pins: impl Iterator<Item = (Vec3, Vec3)>,
    ) -> Option<usize> {
        pins.enumerate()
            .filter_map(|(index, (tip, head))| {
                let (tip, head) = (self.place(tip)?, self.place(head)?);
                let stem = head - tip;
                let along = (place_px - tip).dot(stem) / stem.length_squared().max(1e-6);
                let off = place_px.distance(tip + stem * along.clamp(0.0, 1.0));
                (off <= reach_px).then_some((index, off))
            })
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(index, _)| index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PINHOLE: Pinhole = Pinhole {
        focal_px: Vec2::new(527.7, 520.0),
        center_px: Vec2::new(319.5, 230.0),
    };

    fn upright_phone() -> PictureView {
        // A picture of 640 x 480 that covers a phone held upright.
        let fit = Fit {
            scale: 844.0 / 480.0,
            offset_px: Vec2::new((390.0 - 640.0 * 844.0 / 480.0) / 2.0, 0.0),
            view_size_px: Vec2::new(390.0, 844.0),
        };
        PictureView {
            projection_from_view: PINHOLE.projection(&fit),
            view_from_world: Mat4::IDENTITY,
            view_size_px: fit.view_size_px,
        }
    }

    #[test]
    fn a_point_is_drawn_on_its_own_pixel_of_the_picture() {
        let view = upright_phone();
        let scale = 844.0 / 480.0;
        // Right of the middle, below it, in front.
        let point = Vec3::new(0.1, -0.3, -1.7);
        let pixel = Vec2::new(527.7 * 0.1 / 1.7 + 319.5, 520.0 * 0.3 / 1.7 + 230.0);
        let expected = (pixel + 0.5) * scale + Vec2::new((390.0 - 640.0 * scale) / 2.0, 0.0);
        let drawn = view.place(point).unwrap();
        assert!(drawn.distance(expected) < 0.01, "{drawn} is not {expected}");
        assert_eq!(view.place(Vec3::new(0.0, 0.0, 1.0)), None);
    }

    #[test]
    fn depth_lies_within_the_clip_volume() {
        let view = upright_phone();
        for depth in [0.011, 1.0, 999.0_f32] {
            let clip = view.projection_from_view * Vec4::new(0.0, 0.0, -depth, 1.0);
            assert!(clip.z.abs() <= clip.w * 1.0001, "{clip} at {depth}");
        }
    }

    #[test]
    fn the_pin_under_the_finger_is_picked() {
        let view = upright_phone();
        let pin = |x: f32| (Vec3::new(x, -0.1, -1.0), Vec3::new(x, 0.02, -1.0));
        let pins = [pin(-0.1), pin(0.0), pin(0.05)];
        let middle = view.place(Vec3::new(0.01, -0.04, -1.0)).unwrap();
        assert_eq!(view.pick(middle, 24.0, pins.into_iter()), Some(1));
        let beside = view.place(Vec3::new(0.0, 0.25, -1.0)).unwrap();
        assert_eq!(view.pick(beside, 24.0, pins.into_iter()), None);
    }
}

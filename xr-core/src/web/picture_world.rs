//! What stands in the world over a camera picture: the pins that the page holds there, seen by the camera that took
//! the picture. One picture, one pose: both come in one call and are drawn together, also when the canvas changes its
//! size.

use glam::{Mat4, Quat, Vec2, Vec3};
use render::{ImagePoint, OLD_POINT_FRAMES, Pin, Renderer, palette, picture_fit};

use super::labels::Labels;
use crate::{
    drops::remaining_after,
    error::Error,
    picture_camera::{Fit, PictureView, Pinhole},
};

/// Numbers a point: x, y, age, id, depth, whether it is a landmark.
const NUMBERS_A_POINT: usize = 6;

/// Numbers a pin: position, orientation, scale, milliseconds since it was placed.
const NUMBERS_A_PIN: usize = 9;

/// The dot on the cards of the page's own pins: the hue next to the colour of own marks.
const OWN_HUE: u8 = 0;

/// From a pin's tip to the middle of its head, for a scale of 1.
const HEAD_M: f32 = 0.1;

/// A finger is so wide to each side, in CSS pixels.
const FINGER_PX: f32 = 24.0;

/// See the module.
pub(super) struct PictureWorld {
    pins: Vec<Pin>,
    camera: Option<(Pinhole, Mat4)>,
    picture_size_px: Vec2,
    still: bool,
}

impl PictureWorld {
    /// `still`: the person asked for less motion.
    pub(super) fn new(still: bool) -> PictureWorld {
        PictureWorld {
            pins: Vec::new(),
            camera: None,
            picture_size_px: Vec2::ONE,
            still,
        }
    }

    /// Takes the camera and the pins of one picture; see `View.drawCamera` for the numbers.
    ///
    /// # Errors
    /// [`Error::BadArgument`]; then nothing of the world is shown over this picture.
    pub(super) fn set(
        &mut self,
        picture_size_px: Vec2,
        camera: &[f32],
        pins: &[f32],
        labels: &[String],
        renderer: &mut Renderer,
        cards: &mut Labels,
    ) -> Result<(), Error> {
        self.picture_size_px = picture_size_px;
        self.pins.clear();
        self.camera = camera_of(camera)?;
        if !pins.len().is_multiple_of(NUMBERS_A_PIN) || pins.len() / NUMBERS_A_PIN != labels.len() {
            return Err(bad("pins", "nine numbers and one label each"));
        }
        let (pins, _) = pins.as_chunks::<NUMBERS_A_PIN>();
        for (pin, label) in pins.iter().zip(labels) {
            if !pin.iter().all(|number| number.is_finite()) {
                return Err(bad("pins", "finite numbers"));
            }
            let [x, y, z, qx, qy, qz, qw, scale, age_millis] = *pin;
            let drop = if self.still {
                0.0
            } else {
                remaining_after(f64::from(age_millis))
            };
            self.pins.push(Pin {
                world_from_pin: Mat4::from_scale_rotation_translation(
                    Vec3::splat(scale),
                    Quat::from_xyzw(qx, qy, qz, qw).normalize(),
                    Vec3::new(x, y, z),
                ),
                color: palette::SIGNAL,
                label: cards.card(renderer, label, OWN_HUE),
                drop,
            });
        }
        Ok(())
    }

    /// The pins of the picture.
    pub(super) fn pins(&self) -> &[Pin] {
        &self.pins
    }

    /// The camera as the view of a canvas of this size; `None` while it is not known where the camera is.
    pub(super) fn view(&self, canvas_px: [u32; 2]) -> Option<PictureView> {
        let (pinhole, view_from_world) = self.camera?;
        let fit = self.fit(canvas_px);
        Some(PictureView {
            projection_from_view: pinhole.projection(&fit),
            view_from_world,
            view_size_px: fit.view_size_px,
        })
    }

    /// The picture's pixel under a place of the canvas.
    pub(super) fn pixel_under(&self, canvas_px: [u32; 2], place_px: Vec2) -> Vec2 {
        let fit = self.fit(canvas_px);
        (place_px - fit.offset_px) / fit.scale - 0.5
    }

    /// Where the tips of the pins are drawn, in pixels of the picture, x and y in turn.
    pub(super) fn drawn(&self, canvas_px: [u32; 2]) -> Vec<f32> {
        let view = self.view(canvas_px);
        let places = self.pins.iter().map(|pin| {
            let place = view?.place(pin.world_from_pin.transform_point3(Vec3::ZERO))?;
            Some(self.pixel_under(canvas_px, place))
        });
        places
            .flat_map(|place| place.unwrap_or(Vec2::NAN).to_array())
            .collect()
    }

    /// The pin under a place of the canvas.
    pub(super) fn pick(
        &self,
        canvas_px: [u32; 2],
        place_px: Vec2,
        pixel_ratio: f32,
    ) -> Option<usize> {
        let ends = self.pins.iter().map(|pin| {
            let end = |up_m: f32| pin.world_from_pin.transform_point3(Vec3::Y * up_m);
            (end(0.0), end(HEAD_M))
        });
        self.view(canvas_px)?
            .pick(place_px, FINGER_PX * pixel_ratio, ends)
    }

    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "sizes of pictures and canvases"
    )]
    fn fit(&self, canvas_px: [u32; 2]) -> Fit {
        let picture = self.picture_size_px.to_array().map(|side| side as u32);
        let fit = picture_fit(picture, canvas_px);
        Fit {
            scale: fit.scale,
            offset_px: Vec2::from_array(fit.offset_px),
            view_size_px: Vec2::new(canvas_px[0] as f32, canvas_px[1] as f32),
        }
    }
}

/// A point may be this old before it must be a landmark to be certain.
const YOUNG_FRAMES: f32 = 10.0;

/// The points of a picture as the renderer takes them; `scale` from the pixels given to those of the texture. Once
/// there are landmarks, an old point that is none is an uncertain one.
pub(super) fn image_points(out: &mut Vec<ImagePoint>, points: &[f32], scale: Vec2) {
    let (points, _) = points.as_chunks::<NUMBERS_A_POINT>();
    let mapped = points.iter().any(|&[.., landmark]| landmark > 0.0);
    out.clear();
    out.extend(points.iter().map(|&[x, y, age_frames, _, _, landmark]| {
        // Pixel centres are at integers, corners at halves: the scale is about the corner.
        let centre = (Vec2::new(x, y) + 0.5) * scale - 0.5;
        let age = (age_frames / OLD_POINT_FRAMES).clamp(0.0, 1.0);
        ImagePoint {
            position_px: centre.to_array(),
            age: if landmark > 0.0 { age.max(0.5) } else { age },
            certain: if mapped && landmark == 0.0 && age_frames > YOUNG_FRAMES {
                0.0
            } else {
                1.0
            },
        }
    }));
}

fn camera_of(numbers: &[f32]) -> Result<Option<(Pinhole, Mat4)>, Error> {
    if numbers.is_empty() {
        return Ok(None);
    }
    let [fx, fy, cx, cy, x, y, z, qx, qy, qz, qw] = *numbers else {
        return Err(bad("camera", "eleven numbers or none"));
    };
    let rotation = Quat::from_xyzw(qx, qy, qz, qw);
    let usable = numbers.iter().all(|number| number.is_finite())
        && fx > 0.0
        && fy > 0.0
        && rotation.length() > 1e-3;
    if !usable {
        return Err(bad("camera", "finite numbers with lengths and a rotation"));
    }
    let pinhole = Pinhole {
        focal_px: Vec2::new(fx, fy),
        center_px: Vec2::new(cx, cy),
    };
    let world_from_view = Mat4::from_rotation_translation(rotation.normalize(), Vec3::new(x, y, z));
    Ok(Some((pinhole, world_from_view.inverse())))
}

fn bad(what: &'static str, expected: &str) -> Error {
    Error::BadArgument {
        what,
        reason: format!("{expected} expected"),
    }
}

//! Lines in space: strokes, arrows, measurements, pointers, trajectories and keyframes.
//!
//! All have round ends and joins, are lit softly, and never get thinner on the screen than can be
//! seen. Points that are not finite are left out.

use glam::{Mat4, Vec3};

use super::LabelId;

/// A free-hand line of even width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke<'a> {
    /// In the order they were drawn. A single point is a dot.
    pub points_in_world: &'a [Vec3],
    /// Never drawn thinner than 2 CSS pixels.
    pub width_m: f32,
    /// Linear.
    pub color: [f32; 3],
    /// 0 unseen, 1 full. It stays even where pieces of the line meet.
    pub opacity: f32,
}

/// A shaft with a solid head.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrow {
    /// Where it begins.
    pub from_in_world: Vec3,
    /// Where it points, the tip of its head.
    pub to_in_world: Vec3,
    /// Of the shaft; the head is three times as wide. Never drawn thinner than 2.5 CSS pixels.
    pub width_m: f32,
    /// Linear.
    pub color: [f32; 3],
    /// 0 unseen, 1 full.
    pub opacity: f32,
    /// The card over its beginning.
    pub label: Option<LabelId>,
}

/// A distance between two places: a thin line with a dot at each end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measurement {
    /// One end.
    pub from_in_world: Vec3,
    /// The other end.
    pub to_in_world: Vec3,
    /// Linear.
    pub color: [f32; 3],
    /// The card over its middle; [`measurement_text`] says what may stand on it.
    pub label: Option<LabelId>,
}

/// What another member points at: a ray that fades out, with a dot where it ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pointer {
    /// The hand, or the phone.
    pub origin_in_world: Vec3,
    /// Need not have length 1.
    pub direction_in_world: Vec3,
    /// How far it goes until it hits something. `None`: it hits nothing, and fades out in the air.
    pub hit_m: Option<f32>,
    /// Linear.
    pub color: [f32; 3],
    /// The card over the dot; none without one.
    pub label: Option<LabelId>,
}

impl Pointer {
    /// Where it hits something.
    pub(crate) fn hit_in_world(&self) -> Option<Vec3> {
        let direction = self.direction_in_world.try_normalize()?;
        Some(self.origin_in_world + direction * self.hit_m?.max(0.0))
    }
}

/// A thin path: of the camera, or of a feature point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trajectory<'a> {
    /// From the oldest to the newest.
    pub positions_in_world: &'a [Vec3],
    /// CSS pixels: 2.5 suits a camera, 1.25 a feature point.
    pub width_px: f32,
    /// Linear.
    pub color: [f32; 3],
    /// Of the newest position: 0 unseen, 1 full.
    pub opacity: f32,
    /// Over so many of the newest positions it fades to a quarter and stays so; 0: it does not fade.
    pub fading_positions: u32,
}

/// A place of the camera that the map keeps: the outline of a small pyramid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Keyframe {
    /// The camera looks along -Z, X right, Y up. Rigid.
    pub world_from_camera: Mat4,
    /// Width over height of its picture.
    pub aspect: f32,
    /// Width of the outline; 0.06 suits a room.
    pub width_m: f32,
    /// Linear.
    pub color: [f32; 3],
    /// 0 unseen, 1 full.
    pub opacity: f32,
}

/// A length as people say it: "8 mm", "34.5 cm", "2.47 m", "31.2 m".
pub fn measurement_text(metres: f32) -> String {
    if !metres.is_finite() {
        return String::from("?");
    }
    let micrometres = (f64::from(metres.abs()) * 1e6).round().min(1e15) as u64;
    // Half a unit less than each limit, so that nothing is said as "1000 mm" or "100.0 cm".
    match micrometres {
        0..99_500 => format!("{} mm", (micrometres + 500) / 1000),
        99_500..999_500 => with_decimals((micrometres + 500) / 1000, 10, "cm"),
        999_500..9_995_000 => with_decimals((micrometres + 5000) / 10_000, 100, "m"),
        _ => with_decimals((micrometres + 50_000) / 100_000, 10, "m"),
    }
}

/// `parts` of `whole` in decimals; `whole` is 10 or 100.
fn with_decimals(parts: u64, whole: u64, unit: &str) -> String {
    let (ones, rest) = (parts / whole, parts % whole);
    if whole == 10 {
        format!("{ones}.{rest} {unit}")
    } else {
        format!("{ones}.{}{} {unit}", rest / 10, rest % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_said_in_the_unit_that_suits_them() {
        for (metres, said) in [
            (0.0, "0 mm"),
            (0.0004, "0 mm"),
            (0.0077, "8 mm"),
            (0.0994, "99 mm"),
            (0.0996, "10.0 cm"),
            (0.3449, "34.5 cm"),
            (-0.3449, "34.5 cm"),
            (0.99949, "99.9 cm"),
            (0.9996, "1.00 m"),
            (2.468, "2.47 m"),
            (2.005, "2.01 m"),
            (9.9949, "9.99 m"),
            (9.996, "10.0 m"),
            (31.17, "31.2 m"),
            (1234.56, "1234.6 m"),
            (f32::NAN, "?"),
            (f32::INFINITY, "?"),
        ] {
            assert_eq!(measurement_text(metres), said, "{metres}");
        }
    }
}

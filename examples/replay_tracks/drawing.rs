//! Smooth dots and lines over a picture.

use image::RgbImage;

/// New points, and old ones.
const SKY: [f32; 3] = [47.0, 125.0, 246.0];
const LEAF: [f32; 3] = [31.0, 157.0, 107.0];

/// The colour of an age from 0 (new) to 1 (old), 8-bit sRGB values.
pub(crate) fn color_of_age(age: f32) -> [f32; 3] {
    let age = age.clamp(0.0, 1.0);
    std::array::from_fn(|channel| SKY[channel] + (LEAF[channel] - SKY[channel]) * age)
}

/// A picture that is drawn on.
pub(crate) struct Canvas {
    picture: RgbImage,
}

impl Canvas {
    pub(crate) fn over(picture: &RgbImage) -> Self {
        Self {
            picture: picture.clone(),
        }
    }

    pub(crate) fn into_picture(self) -> RgbImage {
        self.picture
    }

    /// A disc around a place, pixel centres at integers.
    pub(crate) fn dot(&mut self, center: [f32; 2], radius: f32, color: [f32; 3], opacity: f32) {
        self.line(center, center, radius, color, opacity);
    }

    /// A line with round ends, `radius` to each side.
    pub(crate) fn line(
        &mut self,
        a: [f32; 2],
        b: [f32; 2],
        radius: f32,
        color: [f32; 3],
        opacity: f32,
    ) {
        let reach = radius + 1.0;
        let range = |a: f32, b: f32, size: u32| {
            let low = (a.min(b) - reach).floor().max(0.0) as u32;
            let high = (a.max(b) + reach).ceil().max(0.0) as u32;
            low..(high + 1).min(size)
        };
        for y in range(a[1], b[1], self.picture.height()) {
            for x in range(a[0], b[0], self.picture.width()) {
                let distance = distance_to_segment([x as f32, y as f32], a, b);
                // One pixel wide from full to none: the share of the pixel that is covered.
                let cover = opacity * (radius + 0.5 - distance).clamp(0.0, 1.0);
                let pixel = self.picture.get_pixel_mut(x, y);
                for (value, ink) in pixel.0.iter_mut().zip(color) {
                    let under = f32::from(*value);
                    *value = (under + (ink - under) * cover).round() as u8;
                }
            }
        }
    }
}

fn distance_to_segment(p: [f32; 2], a: [f32; 2], b: [f32; 2]) -> f32 {
    let along = [b[0] - a[0], b[1] - a[1]];
    let from = [p[0] - a[0], p[1] - a[1]];
    let length_squared = along[0] * along[0] + along[1] * along[1];
    let t = if length_squared > 0.0 {
        ((from[0] * along[0] + from[1] * along[1]) / length_squared).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (from[0] - t * along[0]).hypot(from[1] - t * along[1])
}

//! A texture for tests that can be sampled anywhere: smooth random noise of several sizes, as natural images have it.

use crate::image::GrayImage;

/// The grey level of the texture at a place, from 0 to 255.
pub(crate) fn texture([x, y]: [f64; 2]) -> f64 {
    let octaves = [(5.0, 12.0), (11.0, 20.0), (24.0, 28.0), (53.0, 36.0)];
    let sum: f64 = octaves
        .iter()
        .map(|(size, amplitude)| amplitude * smooth_noise(x / size, y / size))
        .sum();
    (128.0 + sum).clamp(0.0, 255.0)
}

/// An image of the texture, seen through `texture_from_image`.
pub(crate) fn picture(
    width: usize,
    height: usize,
    texture_from_image: impl Fn([f64; 2]) -> [f64; 2],
) -> GrayImage {
    let pixel = |i: usize| {
        let at = [(i % width) as f64, (i / width) as f64];
        texture(texture_from_image(at)).round() as u8
    };
    GrayImage::from_vec(width, height, (0..width * height).map(pixel).collect())
        .expect("tests ask for images that are allowed")
}

/// Random values from -1 to 1 on the integer lattice, with a smooth surface between them.
fn smooth_noise(x: f64, y: f64) -> f64 {
    let (column, row) = (x.floor(), y.floor());
    let smooth = |t: f64| t * t * t * (t * (t * 6.0 - 15.0) + 10.0);
    let (u, v) = (smooth(x - column), smooth(y - row));
    let at = |dx: f64, dy: f64| lattice((column + dx) as i64, (row + dy) as i64);
    let top = at(0.0, 0.0) * (1.0 - u) + at(1.0, 0.0) * u;
    let bottom = at(0.0, 1.0) * (1.0 - u) + at(1.0, 1.0) * u;
    top * (1.0 - v) + bottom * v
}

fn lattice(x: i64, y: i64) -> f64 {
    let mut state = (x.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15))
        ^ (y.cast_unsigned().wrapping_mul(0xC2B2_AE3D_27D4_EB4F));
    state = (state ^ (state >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    state ^= state >> 32;
    (state & 0xFFFF) as f64 / 32767.5 - 1.0
}

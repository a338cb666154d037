//! A label's bitmap made ready for the device: linear-light premultiplied values, encoded, with
//! smaller levels so that a card seen small stays smooth. Done once a label, on the CPU.

use crate::palette::{byte_from_linear, linear_from_byte};

/// Levels from the full size down to one pixel, each width, height and RGBA bytes.
///
/// `premultiplied_srgb_rgba`: encoded values times alpha, as a canvas holds them; the bytes that come
/// out are encoded values of linear light times alpha, as an sRGB texture filters them rightly.
pub(crate) fn levels(
    width: u32,
    height: u32,
    premultiplied_srgb_rgba: &[u8],
) -> Vec<(u32, u32, Vec<u8>)> {
    let mut linear: Vec<[f32; 4]> = premultiplied_srgb_rgba
        .chunks_exact(4)
        .map(linear_premultiplied)
        .collect();
    let mut size = (width as usize, height as usize);
    let mut levels = vec![(width, height, encoded(&linear))];
    while size.0 > 1 || size.1 > 1 {
        (size, linear) = halved(size, &linear);
        levels.push((size.0 as u32, size.1 as u32, encoded(&linear)));
    }
    levels
}

fn linear_premultiplied(pixel: &[u8]) -> [f32; 4] {
    let alpha = f32::from(pixel[3]) / 255.0;
    let channel = |byte: u8| {
        if pixel[3] == 255 {
            return linear_from_byte(byte);
        }
        if pixel[3] == 0 {
            return 0.0;
        }
        let straight = (f32::from(byte) / alpha).round().min(255.0) as u8;
        linear_from_byte(straight) * alpha
    };
    [
        channel(pixel[0]),
        channel(pixel[1]),
        channel(pixel[2]),
        alpha,
    ]
}

fn encoded(linear: &[[f32; 4]]) -> Vec<u8> {
    let pixel = |[red, green, blue, alpha]: &[f32; 4]| {
        [
            byte_from_linear(*red),
            byte_from_linear(*green),
            byte_from_linear(*blue),
            (alpha * 255.0 + 0.5) as u8,
        ]
    };
    linear.iter().flat_map(pixel).collect()
}

/// The next level: means of two by two pixels; at an odd edge the last one counts twice.
fn halved((width, height): (usize, usize), pixels: &[[f32; 4]]) -> ((usize, usize), Vec<[f32; 4]>) {
    let half = ((width / 2).max(1), (height / 2).max(1));
    let at = |x: usize, y: usize| pixels[y.min(height - 1) * width + x.min(width - 1)];
    let mean = |x: usize, y: usize| {
        let four = [
            at(2 * x, 2 * y),
            at(2 * x + 1, 2 * y),
            at(2 * x, 2 * y + 1),
            at(2 * x + 1, 2 * y + 1),
        ];
        std::array::from_fn(|channel| four.iter().map(|pixel| pixel[channel]).sum::<f32>() / 4.0)
    };
    let pixels = (0..half.1)
        .flat_map(|y| (0..half.0).map(move |x| (x, y)))
        .map(|(x, y)| mean(x, y));
    (half, pixels.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opaque_bytes_stay_and_levels_go_to_one_pixel() {
        let bytes: Vec<u8> = (0..5 * 3)
            .flat_map(|i| [i * 16, 255 - i * 16, 7, 255])
            .collect();
        let levels = levels(5, 3, &bytes);
        assert_eq!(levels[0].2, bytes);
        let sizes: Vec<_> = levels.iter().map(|level| (level.0, level.1)).collect();
        assert_eq!(sizes, [(5, 3), (2, 1), (1, 1)]);
    }

    #[test]
    fn means_are_taken_in_linear_light() {
        let bytes = [255, 255, 255, 255, 0, 0, 0, 255];
        let levels = levels(2, 1, &bytes);
        assert_eq!(levels[1].2, [188, 188, 188, 255]);
    }

    #[test]
    fn half_covered_white_is_half_the_light() {
        let levels = levels(1, 1, &[128, 128, 128, 128]);
        assert_eq!(levels[0].2, [188, 188, 188, 128]);
    }
}

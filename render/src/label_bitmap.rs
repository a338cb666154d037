//! A label's bitmap made ready for the device: linear-light premultiplied values, encoded, with
//! smaller levels so that a card seen small stays smooth. Done once a label, on the CPU.

use crate::palette::{byte_from_linear, linear_from_byte};

/// One size of a bitmap.
pub(crate) struct Level {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Encoded values of linear light times alpha, as an sRGB texture filters them rightly.
    pub(crate) rgba: Vec<u8>,
}

/// The bitmap with a border, and `count - 1` smaller levels of it.
///
/// `premultiplied_srgb_rgba`: encoded values times alpha, as a canvas holds them. The border repeats the
/// bitmap's edge: `block_px` to the left and above, as much and up to a whole number of blocks to the
/// right and below. `block_px`: what becomes one pixel of the last level.
pub(crate) fn bordered_levels(
    [width, height]: [u32; 2],
    block_px: u32,
    count: u32,
    premultiplied_srgb_rgba: &[u8],
) -> Vec<Level> {
    let bare: Vec<[f32; 4]> = premultiplied_srgb_rgba
        .chunks_exact(4)
        .map(linear_premultiplied)
        .collect();
    let bordered = |size: u32| (size + 2 * block_px).next_multiple_of(block_px) as usize;
    let inner = |at: usize, size: u32| at.saturating_sub(block_px as usize).min(size as usize - 1);
    let mut size = (bordered(width), bordered(height));
    let mut linear: Vec<[f32; 4]> = (0..size.1)
        .flat_map(|y| (0..size.0).map(move |x| (x, y)))
        .map(|(x, y)| bare[inner(y, height) * width as usize + inner(x, width)])
        .collect();
    let mut levels = Vec::new();
    for index in 0..count {
        if index > 0 {
            (size, linear) = halved(size, &linear);
        }
        levels.push(Level {
            width: size.0 as u32,
            height: size.1 as u32,
            rgba: encoded(&linear),
        });
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
    fn opaque_bytes_stay_with_a_border_of_their_edge() {
        let bytes: Vec<u8> = (0..5 * 3)
            .flat_map(|i| [i * 16, 255 - i * 16, 7, 255])
            .collect();
        let levels = bordered_levels([5, 3], 4, 3, &bytes);
        let sizes: Vec<_> = levels
            .iter()
            .map(|level| (level.width, level.height))
            .collect();
        assert_eq!(sizes, [(16, 12), (8, 6), (4, 3)]);
        let at = |x: usize, y: usize| &levels[0].rgba[(y * 16 + x) * 4..][..4];
        for (x, y) in [(0, 0), (4, 2), (2, 1)] {
            assert_eq!(at(x + 4, y + 4), &bytes[(y * 5 + x) * 4..][..4]);
        }
        assert_eq!(at(0, 0), &bytes[..4]);
        assert_eq!(at(15, 11), &bytes[14 * 4..]);
        assert_eq!(at(1, 5), &bytes[5 * 4..][..4]);
    }

    #[test]
    fn means_are_taken_in_linear_light() {
        let bytes = [255, 255, 255, 255, 0, 0, 0, 255];
        let levels = bordered_levels([2, 1], 1, 2, &bytes);
        assert_eq!((levels[1].width, levels[1].height), (2, 1));
        // White and its border, black and its border.
        assert_eq!(levels[1].rgba, [255, 255, 255, 255, 0, 0, 0, 255]);
        // A block of one white and three black columns: a quarter of the light.
        let levels = bordered_levels([2, 1], 4, 3, &bytes);
        assert_eq!(levels[2].rgba[4..8], [137, 137, 137, 255]);
    }

    #[test]
    fn half_covered_white_is_half_the_light() {
        let levels = bordered_levels([1, 1], 1, 1, &[128, 128, 128, 128]);
        assert_eq!(levels[0].rgba[..4], [188, 188, 188, 128]);
    }
}

//! FAST-9: a pixel is a corner if nine consecutive ones of the sixteen on the circle of radius 3 around it are all
//! brighter, or all darker, than it by more than a threshold.
//!
//! Rosten & Drummond, "Machine learning for high-speed corner detection" (2006). Sixteen pixels are tested at a time.

use crate::pyramid::Level;
use crate::simd::load_u8;
use wide::u8x16;

/// The circle, clockwise from the top.
const CIRCLE: [(i32, i32); 16] = [
    (0, -3),
    (1, -3),
    (2, -2),
    (3, -1),
    (3, 0),
    (3, 1),
    (2, 2),
    (1, 3),
    (0, 3),
    (-1, 3),
    (-2, 2),
    (-3, 1),
    (-3, 0),
    (-3, -1),
    (-2, -2),
    (-1, -3),
];
/// Consecutive pixels of the circle that must differ.
const ARC: u8 = 9;

/// Tests the sixteen pixels from (x, y) to the right; bit `i` of the answer is set where (x + i, y) is a corner.
#[inline]
pub(super) fn corners_of_16(level: &Level, x: i32, y: i32, threshold: u8) -> u32 {
    let at = |(dx, dy): (i32, i32)| load_u8(level.pixels(x + dx, y + dy, 16));
    let centre = at((0, 0));
    let margin = u8x16::splat(threshold);
    let high = centre.saturating_add(margin);
    let low = centre.saturating_sub(margin);

    // Nine of sixteen hold the top or the bottom, and the left or the right.
    let [top, right, bottom, left] = [0, 4, 8, 12].map(|k| at(CIRCLE[k]));
    let brightest = top.max(bottom).min(right.max(left));
    let darkest = top.min(bottom).max(right.min(left));
    let beyond = brightest.saturating_sub(high) | low.saturating_sub(darkest);
    if beyond == u8x16::ZERO {
        return 0;
    }

    let circle = CIRCLE.map(at);
    let brighter = longest_arc(&circle, |pixel| pixel.saturating_sub(high));
    let darker = longest_arc(&circle, |pixel| low.saturating_sub(pixel));
    let longest = brighter.max(darker);
    // Unsigned "at least ARC", as a mask.
    longest.max(u8x16::splat(ARC)).simd_eq(longest).to_bitmask()
}

/// The most consecutive pixels of the circle, in each lane, for which `excess` is not 0; more than 16 count as well.
#[inline(always)]
fn longest_arc(circle: &[u8x16; 16], excess: impl Fn(u8x16) -> u8x16) -> u8x16 {
    let one = u8x16::splat(1);
    let mut run = u8x16::ZERO;
    let mut longest = u8x16::ZERO;
    let once_around = circle.iter().chain(&circle[..usize::from(ARC) - 1]);
    for pixel in once_around {
        let none = excess(*pixel).simd_eq(u8x16::ZERO);
        run = (run + one) & !none;
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::GrayImage;
    use crate::pyramid::Pyramid;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    /// The definition.
    fn is_corner(level: &Level, x: i32, y: i32, threshold: i32) -> bool {
        let pixel = |x, y| i32::from(level.pixels(x, y, 1)[0]);
        let centre = pixel(x, y);
        let differences = CIRCLE.map(|(dx, dy)| pixel(x + dx, y + dy) - centre);
        (0..16).any(|start| {
            let arc = || (0..9).map(|k| differences[(start + k) % 16]);
            arc().all(|d| d > threshold) || arc().all(|d| d < -threshold)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, rng_seed: RngSeed::Fixed(3), failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn sixteen_at_a_time_are_the_definition(
            // Few grey levels and many ties, so that arcs of every length appear.
            levels in prop::collection::vec(prop::sample::select(vec![0_u8, 5, 100, 120, 121, 140, 250, 255]), 40 * 9),
            threshold in prop::sample::select(vec![1_u8, 19, 20, 21, 120, 255]),
            smooth in 1_usize..5,
        ) {
            let data = (0..40 * 9).map(|i| levels[i / smooth * smooth]).collect();
            let image = GrayImage::from_vec(40, 9, data).unwrap();
            let pyramid = Pyramid::of(&image.view(), 1).unwrap();
            let level = &pyramid.levels()[0];
            for y in 0..9 {
                for x in [0, 7, 24] {
                    let mask = corners_of_16(level, x, y, threshold);
                    for i in 0..16 {
                        prop_assert_eq!(mask >> i & 1 == 1, is_corner(level, x + i, y, i32::from(threshold)));
                    }
                }
            }
        }
    }
}

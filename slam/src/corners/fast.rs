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
/// Rows of the circle.
const ROWS: usize = 7;
/// Pixels of a row that sixteen circles reach: from 3 before the first centre to 3 after the last.
const REACH: usize = 22;

/// Tests the sixteen pixels from (x, y) to the right; bit `i` of the answer is set where (x + i, y) is a corner.
#[inline]
pub(super) fn corners_of_16(level: &Level, x: i32, y: i32, threshold: u8) -> u32 {
    let mut rows = [&[0; REACH]; ROWS];
    for (row, pixels) in rows.iter_mut().zip(level.rows(x - 3, y - 3)) {
        let Some(reached) = pixels.first_chunk() else {
            return 0;
        };
        *row = reached;
    }
    let at = |dx: i32, dy: i32| load_u8(&rows[(dy + 3) as usize][(dx + 3) as usize..]);
    let centre = at(0, 0);
    let margin = u8x16::splat(threshold);
    let high = centre.saturating_add(margin);
    let low = centre.saturating_sub(margin);

    // Nine of sixteen hold the top or the bottom, and the left or the right.
    let (top, right, bottom, left) = (at(0, -3), at(3, 0), at(0, 3), at(-3, 0));
    let brightest = top.max(bottom).min(right.max(left));
    let darkest = top.min(bottom).max(right.min(left));
    let bright = brightest.saturating_sub(high);
    let dark = low.saturating_sub(darkest);
    if is_zero(bright | dark) {
        return 0;
    }

    let mut circle = [u8x16::ZERO; 16];
    for (pixels, (dx, dy)) in circle.iter_mut().zip(CIRCLE) {
        *pixels = at(dx, dy);
    }
    let mut beyond = u8x16::ZERO;
    if !is_zero(bright) {
        beyond |= darkest_of_brightest_arc(&circle).saturating_sub(high);
    }
    if !is_zero(dark) {
        // Turned over, the darkest arc is the brightest one.
        for pixels in &mut circle {
            *pixels = !*pixels;
        }
        beyond |= darkest_of_brightest_arc(&circle).saturating_sub(!low);
    }
    !beyond.simd_eq(u8x16::ZERO).to_bitmask() & 0xffff
}

#[inline(always)]
fn is_zero(lanes: u8x16) -> bool {
    lanes.simd_eq(u8x16::ZERO).to_bitmask() == 0xffff
}

/// In each lane, the least of nine consecutive pixels of the circle, of those nine where it is greatest.
#[inline(always)]
fn darkest_of_brightest_arc(circle: &[u8x16; 16]) -> u8x16 {
    let mut greatest = u8x16::ZERO;
    // Of the arcs from an even pixel and from the next one, eight pixels are the same: those from the odd one on.
    let mut pairs = [u8x16::ZERO; 8];
    for (k, pair) in pairs.iter_mut().enumerate() {
        *pair = circle[2 * k + 1].min(circle[(2 * k + 2) % 16]);
    }
    let mut fours = [u8x16::ZERO; 8];
    for (k, four) in fours.iter_mut().enumerate() {
        *four = pairs[k].min(pairs[(k + 1) % 8]);
    }
    for k in 0..8 {
        let eight = fours[k].min(fours[(k + 2) % 8]);
        let ends = circle[2 * k].max(circle[(2 * k + 9) % 16]);
        greatest = greatest.max(eight.min(ends));
    }
    greatest
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

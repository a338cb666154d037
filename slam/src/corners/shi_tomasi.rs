//! Shi and Tomasi's measure of how well a window can be tracked: the least mean squared gradient over all directions
//! ("Good features to track", 1994).

use crate::pyramid::Level;
use crate::simd::{load_u8, sum, widen};
use wide::{i16x8, i32x4};

/// Half of the window, whose side is `2 * HALF + 1`.
const HALF: i32 = 3;
const SIDE: usize = 7;

/// The smaller eigenvalue of the mean gradient product over 7 x 7 pixels around (x, y), in squared grey levels a
/// squared pixel. Gradients are central differences.
#[inline]
pub(super) fn score(level: &Level, x: i32, y: i32) -> f32 {
    let mask = i16x8::new([-1, -1, -1, -1, -1, -1, -1, 0]);
    let mut sums = [i32x4::ZERO; 3];
    let mut rows = level
        .rows(x - HALF - 1, y - HALF - 1)
        .map(|row| &row[..SIDE + 11]);
    let centre = |row: &[u8]| widen(load_u8(&row[1..]))[0];
    let (Some(above), Some(here)) = (rows.next(), rows.next()) else {
        return 0.0;
    };
    let (mut above, mut here) = (centre(above), here);
    for below in rows.take(SIDE) {
        let gx = (widen(load_u8(&here[2..]))[0] - widen(load_u8(here))[0]) & mask;
        let gy = (centre(below) - above) & mask;
        sums[0] += gx.dot(gx);
        sums[1] += gx.dot(gy);
        sums[2] += gy.dot(gy);
        (above, here) = (centre(here), below);
    }
    // Central differences are over two pixels: a quarter when squared.
    let [xx, xy, yy] = sums.map(|s| sum(s) as f32 / (4.0 * (SIDE * SIDE) as f32));
    (xx + yy - ((xx - yy) * (xx - yy) + 4.0 * xy * xy).sqrt()) * 0.5
}

/// The local maximum of the score next to (x, y), to a fraction of a pixel, by a parabola in each direction. The
/// climb ends after two steps.
pub(super) fn peak(level: &Level, mut x: i32, mut y: i32) -> [f32; 2] {
    let mut around = [[0.0; 3]; 3];
    for _ in 0..=2 {
        for (dy, row) in around.iter_mut().enumerate() {
            for (dx, cell) in row.iter_mut().enumerate() {
                *cell = score(level, x + dx as i32 - 1, y + dy as i32 - 1);
            }
        }
        let mut best = (1, 1);
        for dy in 0..3 {
            for dx in 0..3 {
                if around[dy][dx] > around[best.1][best.0] {
                    best = (dx, dy);
                }
            }
        }
        if best == (1, 1) {
            break;
        }
        (x, y) = (x + best.0 as i32 - 1, y + best.1 as i32 - 1);
    }
    [
        x as f32 + vertex(around[1]),
        y as f32 + vertex([around[0][1], around[1][1], around[2][1]]),
    ]
}

/// Where the parabola through three values at -1, 0, 1 is highest; 0 unless the middle one is the largest.
fn vertex([left, middle, right]: [f32; 3]) -> f32 {
    let bend = left + right - 2.0 * middle;
    if middle < left || middle < right || bend >= 0.0 {
        return 0.0;
    }
    (left - right) / (2.0 * bend)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::GrayImage;
    use crate::pyramid::Pyramid;

    fn picture(pixel: impl Fn(f64, f64) -> f64) -> Pyramid {
        let data = (0..48 * 48)
            .map(|i| {
                pixel(f64::from(i % 48), f64::from(i / 48))
                    .round()
                    .clamp(0.0, 255.0) as u8
            })
            .collect();
        let image = GrayImage::from_vec(48, 48, data).unwrap();
        Pyramid::of(&image.view(), 1).unwrap()
    }

    #[test]
    fn a_ramp_scores_nothing_and_a_saddle_its_lesser_gradient() {
        let ramp = picture(|x, _| 5.0 * x);
        assert_eq!(score(&ramp.levels()[0], 24, 24), 0.0);
        // The gradient of 2 |x| + 3 |y| is (2, 3) in size off the axes, 0 on them.
        let tent = picture(|x, y| 2.0 * (x - 24.0).abs() + 3.0 * (y - 24.0).abs());
        let expected = 4.0 * 42.0 / 49.0;
        assert!((score(&tent.levels()[0], 24, 24) - expected).abs() < 1e-4);
    }

    #[test]
    fn the_peak_follows_a_blob_through_fractions_of_a_pixel() {
        for shift in [0.0, 0.2, 0.4, 0.6, 0.8] {
            let blob = picture(|x, y| {
                let (x, y) = (x - 24.0 - shift, y - 23.0 + shift);
                230.0 * (-(x * x + y * y) / 18.0).exp()
            });
            // A climb from beside it.
            let [x, y] = peak(&blob.levels()[0], 23, 24);
            assert!(
                (f64::from(x) - 24.0 - shift).abs() < 0.15
                    && (f64::from(y) - 23.0 + shift).abs() < 0.15,
                "({x}, {y}) at {shift}"
            );
        }
    }
}

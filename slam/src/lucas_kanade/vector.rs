//! The kernel on 128-bit vectors: SSE2, NEON or WASM's simd128, whichever `wide` was compiled for.

use super::template::{Corner, Correlations, Kernel, LANES, Sums, Template};
use crate::pyramid::Level;
use crate::simd::{load_i16, load_u8, sum, wide_sum, widen};
use wide::{i16x8, i32x4};

pub(super) struct Vector;

impl Kernel for Vector {
    #[inline]
    fn take(template: &mut Template, level: &Level, corner: Corner, window: usize) -> Sums {
        sample(template, level, corner, window);
        let mask = LANE_MASKS[window].map(i16x8::new);
        let mut gradients = [i32x4::ZERO; 3];
        let mut pixels = [i32x4::ZERO; 2];
        let mut rows = [
            filter_row(&template.sampled[0]),
            filter_row(&template.sampled[1]),
        ];
        for y in 0..window {
            let below = filter_row(&template.sampled[y + 2]);
            for half in 0..2 {
                let [top, middle, bottom] = [&rows[0][half], &rows[1][half], &below[half]];
                let gx =
                    ((top.difference + middle.difference + middle.difference + bottom.difference)
                        >> 3_i32)
                        & mask[half];
                let gy = ((bottom.smoothed - top.smoothed) >> 3_i32) & mask[half];
                gradients[0] += gx.dot(gx);
                gradients[1] += gx.dot(gy);
                gradients[2] += gy.dot(gy);
                pixels[0] += middle.pixels.dot(gx);
                pixels[1] += middle.pixels.dot(gy);
                template.gradient_x[y][8 * half..][..8].copy_from_slice(&gx.to_array());
                template.gradient_y[y][8 * half..][..8].copy_from_slice(&gy.to_array());
            }
            let [_, middle] = rows;
            rows = [middle, below];
        }
        Sums {
            gradients: gradients.map(wide_sum),
            pixels: pixels.map(wide_sum),
        }
    }

    #[inline]
    fn correlate(
        template: &Template,
        level: &Level,
        x: i32,
        y: i32,
        window: usize,
    ) -> Correlations {
        let mut lanes = [[i32x4::ZERO; 2]; 4];
        let mut rows = level.rows(x, y).map(|row| {
            let pixels = &row[..LANES + 1];
            [widen(load_u8(pixels)), widen(load_u8(&pixels[1..]))]
        });
        let Some(mut top) = rows.next() else {
            return [[0; 2]; 4];
        };
        let gradients = template
            .gradient_x
            .iter()
            .zip(&template.gradient_y)
            .take(window);
        for ((gx, gy), bottom) in gradients.zip(rows) {
            for half in 0..2 {
                let gx = load_i16(&gx[8 * half..]);
                let gy = load_i16(&gy[8 * half..]);
                for (sums, pixels) in lanes.iter_mut().zip([top[0], top[1], bottom[0], bottom[1]]) {
                    sums[0] += pixels[half].dot(gx);
                    sums[1] += pixels[half].dot(gy);
                }
            }
            top = bottom;
        }
        lanes.map(|sums| sums.map(sum))
    }
}

/// All ones in the lanes of a window of each width, 0 past it.
const LANE_MASKS: [[[i16; 8]; 2]; LANES] = {
    let mut masks = [[[0; 8]; 2]; LANES];
    let mut window = 0;
    while window < LANES {
        let mut lane = 0;
        while lane < window {
            masks[window][lane / 8][lane % 8] = -1;
            lane += 1;
        }
        window += 1;
    }
    masks
};

/// Fills `template.sampled`, two rows and columns more than the window, by separable bilinear sampling.
#[inline(always)]
fn sample(template: &mut Template, level: &Level, corner: Corner, window: usize) {
    let ([x0, y0], [fx, fy]) = corner.split();
    let (right, left) = (i16x8::splat(fx), i16x8::splat(8 - fx));
    let (below, above) = (i16x8::splat(fy), i16x8::splat(8 - fy));
    let mut rows = level.rows(x0 - 1, y0 - 1).map(|row| {
        let pixels = &row[..25];
        let [a, b] = widen(load_u8(pixels));
        let [_, c] = widen(load_u8(&pixels[8..]));
        let [d, e] = widen(load_u8(&pixels[1..]));
        let [_, f] = widen(load_u8(&pixels[9..]));
        [
            a * left + d * right,
            b * left + e * right,
            c * left + f * right,
        ]
    });
    let Some(mut top) = rows.next() else {
        return;
    };
    for (out, bottom) in template.sampled.iter_mut().take(window + 2).zip(rows) {
        for block in 0..3 {
            let sampled = (top[block] * above + bottom[block] * below + i16x8::splat(1)) >> 1_i32;
            out[8 * block..][..8].copy_from_slice(&sampled.to_array());
        }
        top = bottom;
    }
}

/// Eight columns of a sampled row: the pixels themselves, their horizontal difference, and their horizontal smoothing.
struct Filtered {
    pixels: i16x8,
    difference: i16x8,
    smoothed: i16x8,
}

#[inline(always)]
fn filter_row(sampled: &[i16; 24]) -> [Filtered; 2] {
    [0, 8].map(|column| {
        let left = load_i16(&sampled[column..]);
        let pixels = load_i16(&sampled[column + 1..]);
        let right = load_i16(&sampled[column + 2..]);
        Filtered {
            pixels,
            difference: right - left,
            smoothed: left + pixels + pixels + right,
        }
    })
}

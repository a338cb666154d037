//! The kernel on 128-bit vectors: SSE2, NEON or WASM's simd128, whichever `wide` was compiled for.

use super::moments::Sums;
use super::template::{Correlations, Kernel, LANES, Sampled, Squares, Template};
use crate::pyramid::Level;
use crate::simd::{load_i16, load_u8, sum, wide_sum, widen};
use wide::{i16x8, i32x4};

pub(super) struct Vector;

/// Calls the function with one or two vectors a row, as the patch is wide.
macro_rules! by_width {
    ($side:expr, $function:ident($($argument:expr),*)) => {
        if $side <= 8 {
            $function::<1>($($argument),*)
        } else {
            $function::<2>($($argument),*)
        }
    };
}

impl Kernel for Vector {
    #[inline]
    fn differentiate(template: &mut Template, sampled: &Sampled, side: usize) -> Sums {
        by_width!(side, differentiate(template, sampled, side))
    }

    #[inline]
    fn correlate(template: &Template, level: &Level, x: i32, y: i32, side: usize) -> Correlations {
        by_width!(side, correlate(template, level, x, y, side))
    }

    #[inline]
    fn squares(level: &Level, x: i32, y: i32, side: usize) -> Squares {
        by_width!(side, squares(level, x, y, side))
    }

    #[inline]
    fn compare(template: &Template, level: &Level, x: i32, y: i32, side: usize) -> [i32; 3] {
        by_width!(side, compare(template, level, x, y, side))
    }
}

/// Lanes of a patch of `side`, of the first and the second eight: `value` inside, 0 past it.
fn lanes(side: usize, value: i16) -> [i16x8; 2] {
    let lane = |i: usize| if i < side { value } else { 0 };
    [
        i16x8::new(std::array::from_fn(lane)),
        i16x8::new(std::array::from_fn(|i| lane(8 + i))),
    ]
}

#[inline(always)]
fn differentiate<const HALVES: usize>(
    template: &mut Template,
    sampled: &Sampled,
    side: usize,
) -> Sums {
    let mask = lanes(side, -1);
    let one = i16x8::splat(1);
    let mut first = [i32x4::ZERO; 3];
    let mut second = [i32x4::ZERO; 6];
    for y in 0..side {
        for half in 0..HALVES {
            let at = |row: usize, column: usize| load_i16(&sampled[row][8 * half + column..]);
            let t = at(y + 1, 1) & mask[half];
            let gx = ((at(y + 1, 2) - at(y + 1, 0)) >> 1_i32) & mask[half];
            let gy = ((at(y + 2, 1) - at(y, 1)) >> 1_i32) & mask[half];
            for (sum, value) in first.iter_mut().zip([t, gx, gy]) {
                *sum += value.dot(one);
            }
            let pairs = [(t, t), (t, gx), (t, gy), (gx, gx), (gx, gy), (gy, gy)];
            for (sum, (a, b)) in second.iter_mut().zip(pairs) {
                *sum += a.dot(b);
            }
            let columns = 8 * half..8 * half + 8;
            template.pixels[y][columns.clone()].copy_from_slice(&t.to_array());
            template.gradient_x[y][columns.clone()].copy_from_slice(&gx.to_array());
            template.gradient_y[y][columns].copy_from_slice(&gy.to_array());
        }
    }
    Sums {
        first: first.map(wide_sum),
        second: second.map(wide_sum),
    }
}

#[inline(always)]
fn correlate<const HALVES: usize>(
    template: &Template,
    level: &Level,
    x: i32,
    y: i32,
    side: usize,
) -> Correlations {
    let ones = lanes(side, 1);
    let mut lanes = [[i32x4::ZERO; 4]; 4];
    let mut rows = level.rows(x, y).map(pixels_and_next);
    let Some(mut top) = rows.next() else {
        return [[0; 4]; 4];
    };
    let patch = template
        .pixels
        .iter()
        .zip(&template.gradient_x)
        .zip(&template.gradient_y)
        .take(side);
    for (((t, gx), gy), bottom) in patch.zip(rows) {
        for half in 0..HALVES {
            let [t, gx, gy] = [t, gx, gy].map(|row| load_i16(&row[8 * half..]));
            for (sums, pixels) in lanes.iter_mut().zip([top[0], top[1], bottom[0], bottom[1]]) {
                sums[0] += pixels[half].dot(ones[half]);
                sums[1] += pixels[half].dot(t);
                sums[2] += pixels[half].dot(gx);
                sums[3] += pixels[half].dot(gy);
            }
        }
        top = bottom;
    }
    lanes.map(|sums| sums.map(sum))
}

#[inline(always)]
fn squares<const HALVES: usize>(level: &Level, x: i32, y: i32, side: usize) -> Squares {
    let mask = lanes(side, -1);
    let mut lanes = [i32x4::ZERO; 10];
    let mut rows = level
        .rows(x, y)
        .map(|row| pixels_and_next(row).map(|pixels| [pixels[0] & mask[0], pixels[1] & mask[1]]));
    let Some(mut top) = rows.next() else {
        return [0; 10];
    };
    for bottom in rows.take(side) {
        for half in 0..HALVES {
            let [a, b] = top.map(|pixels| pixels[half]);
            let [c, d] = bottom.map(|pixels| pixels[half]);
            let pairs = [
                (a, a),
                (b, b),
                (c, c),
                (d, d),
                (a, b),
                (c, d),
                (a, c),
                (b, d),
                (a, d),
                (b, c),
            ];
            for (sum, (a, b)) in lanes.iter_mut().zip(pairs) {
                *sum += a.dot(b);
            }
        }
        top = bottom;
    }
    lanes.map(sum)
}

#[inline(always)]
fn compare<const HALVES: usize>(
    template: &Template,
    level: &Level,
    x: i32,
    y: i32,
    side: usize,
) -> [i32; 3] {
    let ones = lanes(side, 1);
    let mask = lanes(side, -1);
    let mut lanes = [i32x4::ZERO; 3];
    for (t, row) in template.pixels.iter().take(side).zip(level.rows(x, y)) {
        let pixels = widen(load_u8(row));
        for half in 0..HALVES {
            let masked = pixels[half] & mask[half];
            lanes[0] += pixels[half].dot(ones[half]);
            lanes[1] += pixels[half].dot(load_i16(&t[8 * half..]));
            lanes[2] += masked.dot(masked);
        }
    }
    lanes.map(sum)
}

/// Sixteen pixels of a row, and the sixteen that start one later.
#[inline(always)]
fn pixels_and_next(row: &[u8]) -> [[i16x8; 2]; 2] {
    let pixels = &row[..LANES + 1];
    [widen(load_u8(pixels)), widen(load_u8(&pixels[1..]))]
}

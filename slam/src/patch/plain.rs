//! The kernel pixel by pixel: what the vector kernel must equal, and the yardstick of what vectors gain.

use super::moments::Sums;
use super::template::{Correlations, Kernel, PAIRS, Sampled, Squares, Template};
use crate::pyramid::Level;

pub(super) struct Plain;

impl Kernel for Plain {
    fn differentiate(template: &mut Template, sampled: &Sampled, side: usize) -> Sums {
        let mut sums = Sums::default();
        for y in 0..side {
            for x in 0..side {
                let pixel = sampled[y + 1][x + 1];
                let gx = (sampled[y + 1][x + 2] - sampled[y + 1][x]) >> 1;
                let gy = (sampled[y + 2][x + 1] - sampled[y][x + 1]) >> 1;
                template.pixels[y][x] = pixel;
                template.gradient_x[y][x] = gx;
                template.gradient_y[y][x] = gy;
                let [t, gx, gy] = [pixel, gx, gy].map(i64::from);
                for (sum, value) in sums.first.iter_mut().zip([t, gx, gy]) {
                    *sum += value;
                }
                let products = [t * t, t * gx, t * gy, gx * gx, gx * gy, gy * gy];
                for (sum, value) in sums.second.iter_mut().zip(products) {
                    *sum += value;
                }
            }
        }
        sums
    }

    fn correlate(template: &Template, level: &Level, x: i32, y: i32, side: usize) -> Correlations {
        let mut correlations = [[0; 4]; 4];
        for row in 0..side {
            for column in 0..side {
                let factors = [
                    1,
                    i32::from(template.pixels[row][column]),
                    i32::from(template.gradient_x[row][column]),
                    i32::from(template.gradient_y[row][column]),
                ];
                let pixels = corners(level, x + column as i32, y + row as i32);
                for (sums, pixel) in correlations.iter_mut().zip(pixels) {
                    for (sum, factor) in sums.iter_mut().zip(factors) {
                        *sum += pixel * factor;
                    }
                }
            }
        }
        correlations
    }

    fn squares(level: &Level, x: i32, y: i32, side: usize) -> Squares {
        let mut squares = [0; PAIRS.len()];
        for row in 0..side as i32 {
            for column in 0..side as i32 {
                let pixels = corners(level, x + column, y + row);
                for (sum, (a, b)) in squares.iter_mut().zip(PAIRS) {
                    *sum += pixels[a] * pixels[b];
                }
            }
        }
        squares
    }

    fn compare(template: &Template, level: &Level, x: i32, y: i32, side: usize) -> [i32; 3] {
        let mut sums = [0; 3];
        for row in 0..side {
            let pixels = level.pixels(x, y + row as i32, side);
            for (pixel, t) in pixels.iter().zip(template.pixels[row]) {
                let pixel = i32::from(*pixel);
                sums[0] += pixel;
                sums[1] += pixel * i32::from(t);
                sums[2] += pixel * pixel;
            }
        }
        sums
    }
}

/// The pixel, the one to the right, the one below, and the one below that to the right.
fn corners(level: &Level, x: i32, y: i32) -> [i32; 4] {
    let (top, bottom) = (level.pixels(x, y, 2), level.pixels(x, y + 1, 2));
    [top[0], top[1], bottom[0], bottom[1]].map(i32::from)
}

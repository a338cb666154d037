//! The kernel pixel by pixel: what the vector kernel must equal, and the yardstick of what vectors gain.

use super::template::{Corner, Correlations, Kernel, Sums, Template};
use crate::pyramid::Level;

pub(super) struct Plain;

impl Kernel for Plain {
    fn take(template: &mut Template, level: &Level, corner: Corner, window: usize) -> Sums {
        let ([x0, y0], [fx, fy]) = corner.split();
        for row in 0..window + 2 {
            let top = level.pixels(x0 - 1, y0 - 1 + row as i32, 25);
            let bottom = level.pixels(x0 - 1, y0 + row as i32, 25);
            for column in 0..window + 2 {
                let along = |pixels: &[u8]| {
                    i16::from(pixels[column]) * (8 - fx) + i16::from(pixels[column + 1]) * fx
                };
                template.sampled[row][column] =
                    (along(top) * (8 - fy) + along(bottom) * fy + 1) >> 1;
            }
        }
        let mut sums = Sums::default();
        let sampled = &template.sampled;
        for y in 0..window {
            for x in 0..window {
                let smoothed_column =
                    |x: usize| sampled[y][x] + 2 * sampled[y + 1][x] + sampled[y + 2][x];
                let smoothed_row =
                    |y: usize| sampled[y][x] + 2 * sampled[y][x + 1] + sampled[y][x + 2];
                let gx = (smoothed_column(x + 2) - smoothed_column(x)) >> 3;
                let gy = (smoothed_row(y + 2) - smoothed_row(y)) >> 3;
                template.gradient_x[y][x] = gx;
                template.gradient_y[y][x] = gy;
                let (gx, gy) = (i64::from(gx), i64::from(gy));
                let pixel = i64::from(sampled[y + 1][x + 1]);
                sums.gradients[0] += gx * gx;
                sums.gradients[1] += gx * gy;
                sums.gradients[2] += gy * gy;
                sums.pixels[0] += pixel * gx;
                sums.pixels[1] += pixel * gy;
            }
        }
        sums
    }

    fn correlate(
        template: &Template,
        level: &Level,
        x: i32,
        y: i32,
        window: usize,
    ) -> Correlations {
        let mut correlations = [[0; 2]; 4];
        for row in 0..window {
            let top = level.pixels(x, y + row as i32, 17);
            let bottom = level.pixels(x, y + 1 + row as i32, 17);
            for column in 0..window {
                let gx = i32::from(template.gradient_x[row][column]);
                let gy = i32::from(template.gradient_y[row][column]);
                let corners = [
                    top[column],
                    top[column + 1],
                    bottom[column],
                    bottom[column + 1],
                ];
                for (sums, pixel) in correlations.iter_mut().zip(corners) {
                    sums[0] += i32::from(pixel) * gx;
                    sums[1] += i32::from(pixel) * gy;
                }
            }
        }
        correlations
    }
}

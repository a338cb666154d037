//! The search in one level and from level to level: the linear algebra of an iteration.
//!
//! The image at the patch is modelled as `I(x + p) = a (T(x) + g(x) d) + b`. With everything centred on its mean and
//! T's share taken out of g, the least-squares move is `d = H^-1 sum(g I) / a` with `a = sum(T I) / sum(T T)`, and
//! the patch is found at `p - d`.

use super::template::{Correlations, Kernel, PAIRS, PatchTemplate, SCALE, Squares, Sums};
use super::{Alignment, AlignmentFailure, PatchConfig};
use crate::pyramid::{Level, Pyramid};

/// Sums over a template, centred, with gain and offset taken out of the gradients.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Moments {
    /// Mean of T, per pixel.
    mean: f64,
    /// Sum of T T, centred.
    pub(super) variance: f64,
    /// For either direction: what to take of T and of 1 out of the gradient.
    gain_share: [f64; 2],
    offset_share: [f64; 2],
    /// The inverse of the sums of g g: x x, x y, y y.
    inverse: [f64; 3],
    pixels: f64,
}

impl Moments {
    /// None where the patch does not fix both directions.
    pub(super) fn new(sums: &Sums, config: &PatchConfig) -> Option<Self> {
        let pixels = (config.side_px * config.side_px) as f64;
        let [t, x, y] = sums.first.map(|s| s as f64);
        let [tt, tx, ty, xx, xy, yy] = sums.second.map(|s| s as f64);
        let variance = tt - t * t / pixels;
        if variance <= 0.0 {
            return None;
        }
        let mean = t / pixels;
        let gain_share = [tx - mean * x, ty - mean * y].map(|c| c / variance);
        let offset_share = [
            x / pixels - gain_share[0] * mean,
            y / pixels - gain_share[1] * mean,
        ];
        let explained = |a: usize, b: usize| gain_share[a] * gain_share[b] * variance;
        let xx = xx - x * x / pixels - explained(0, 0);
        let xy = xy - x * y / pixels - explained(0, 1);
        let yy = yy - y * y / pixels - explained(1, 1);
        let determinant = xx * yy - xy * xy;
        let least = (xx + yy - ((xx - yy) * (xx - yy) + 4.0 * xy * xy).sqrt()) / 2.0;
        if !(least >= config.min_squared_gradient * SCALE * SCALE * pixels && determinant >= 1.0) {
            return None;
        }
        Some(Self {
            mean,
            variance,
            gain_share,
            offset_share,
            inverse: [yy, -xy, xx].map(|v| v / determinant),
            pixels,
        })
    }

    /// Where the patch is from here, in pixels, by the image's sums with (1, T, g x, g y).
    #[inline(always)]
    fn step(&self, [one, t, x, y]: [f64; 4]) -> [f64; 2] {
        let image_by_template = (t - self.mean * one) / self.variance;
        let gain = image_by_template.clamp(MIN_GAIN / SCALE, MAX_GAIN / SCALE);
        let bx = x - self.gain_share[0] * t - self.offset_share[0] * one;
        let by = y - self.gain_share[1] * t - self.offset_share[1] * one;
        [
            -(self.inverse[0] * bx + self.inverse[1] * by) / gain,
            -(self.inverse[1] * bx + self.inverse[2] * by) / gain,
        ]
    }

    /// The correlation with the template of an image with these sums of I, I T and I^2.
    #[inline(always)]
    pub(super) fn zncc(&self, [one, t, square]: [f64; 3]) -> f64 {
        let variance = square - one * one / self.pixels;
        if variance <= 0.0 {
            return 0.0;
        }
        (t - self.mean * one) / (self.variance * variance).sqrt()
    }

    /// The correlation, and the standard deviation of a coordinate in pixels.
    fn quality(&self, [one, t, square]: [f64; 3]) -> (f64, f64) {
        let zncc = self.zncc([one, t, square]);
        let variance = square - one * one / self.pixels;
        let residual = variance * (1.0 - zncc * zncc).max(0.0) / (self.pixels - 4.0);
        let gain = ((t - self.mean * one) / self.variance).max(MIN_GAIN / SCALE);
        let trace = self.inverse[0] + self.inverse[2];
        let sigma = ((residual + ROUNDING) * trace * 0.5).sqrt() / gain;
        (zncc, sigma)
    }
}

/// The gain with which a step is computed stays in this range; far from the place it is not known yet.
const MIN_GAIN: f64 = 0.5;
const MAX_GAIN: f64 = 2.0;
/// Variance, in squared grey levels, of the difference of two numbers that were rounded.
const ROUNDING: f64 = 1.0 / 6.0;

/// A patch, an image, and where it is expected there.
pub(super) struct Search<'a> {
    pub(super) config: &'a PatchConfig,
    pub(super) current: &'a Pyramid,
    pub(super) template: &'a PatchTemplate,
    /// In pixels of the full image.
    pub(super) predicted: [f64; 2],
    /// How far from there the patch may be found, in pixels of the full image.
    pub(super) reach_px: f64,
}

/// Where the search in a level ended.
struct Rest {
    /// In pixels of the level.
    position: [f64; 2],
    /// Sums of I and I T.
    sums: [f64; 2],
    cell: [i32; 2],
    weights: [f64; 4],
    iterations: u32,
    settled: bool,
}

impl Search<'_> {
    /// From `coarsest` levels above the finest down to that, starting at `start` (pixels of the full image).
    #[inline(always)]
    pub(super) fn descend<K: Kernel>(
        &self,
        coarsest: usize,
        start: [f64; 2],
    ) -> Result<Alignment, AlignmentFailure> {
        let mut position = start;
        let mut iterations = 0;
        for coarser in (0..=coarsest).rev() {
            let (_, moments, level) = self.template.at(coarser);
            let scale = self.template.pixels_of(coarser);
            let Some(level) = self.current.levels().get(level) else {
                continue;
            };
            let rest = match self.settle::<K>(level, coarser, position.map(|c| c / scale)) {
                Ok(rest) => rest,
                // The finer levels start as if it had not been.
                Err(_) if coarser > 0 => continue,
                Err(failure) => return Err(failure),
            };
            iterations += rest.iterations;
            let found = rest.position.map(|c| c * scale);
            let [dx, dy] = [found[0] - self.predicted[0], found[1] - self.predicted[1]];
            let near = dx * dx + dy * dy <= self.reach_px * self.reach_px;
            if coarser > 0 {
                if near {
                    position = found;
                }
                continue;
            }
            if !(near && rest.settled) {
                return Err(AlignmentFailure::Diverged);
            }
            let [x, y] = rest.cell;
            let squares = K::squares(level, x, y, self.template.side());
            let square = weigh_squares(&squares, &rest.weights);
            let (zncc, sigma) = moments.quality([rest.sums[0], rest.sums[1], square]);
            if zncc < f64::from(self.config.min_zncc) {
                return Err(AlignmentFailure::Dissimilar);
            }
            return Ok(Alignment {
                position_px: found.map(|c| c as f32),
                zncc: zncc as f32,
                sigma_px: (sigma * scale) as f32,
                iterations,
            });
        }
        Err(AlignmentFailure::Outside)
    }

    /// Gauss-Newton in one level from `position` on, in its pixels.
    #[inline(always)]
    fn settle<K: Kernel>(
        &self,
        level: &Level,
        coarser: usize,
        mut position: [f64; 2],
    ) -> Result<Rest, AlignmentFailure> {
        let (template, moments, _) = self.template.at(coarser);
        let side = self.template.side();
        let half = (side as f64 - 1.0) * 0.5;
        let mut cell = [i32::MIN; 2];
        let mut correlations = [[0; 4]; 4];
        let mut last = [0.0_f64; 2];
        let mut iterations = 0;
        let mut settled = false;
        loop {
            if !inside(level, position, [half; 2]) {
                return Err(AlignmentFailure::Outside);
            }
            let corner = position.map(|c| c - half);
            // Not negative, so that cutting is rounding down.
            let here = corner.map(|c| c as i32);
            if here != cell {
                cell = here;
                correlations = K::correlate(template, level, here[0], here[1], side);
            }
            let weights = weights([0, 1].map(|axis| corner[axis] - f64::from(here[axis])));
            let sums = weigh(&correlations, &weights);
            if settled || iterations as usize >= self.config.max_iterations {
                return Ok(Rest {
                    position,
                    sums: [sums[0], sums[1]],
                    cell,
                    weights,
                    iterations,
                    settled,
                });
            }
            let mut delta = moments.step(sums);
            // No step leaves the neighbourhood in which the gradients say anything.
            let length = (delta[0] * delta[0] + delta[1] * delta[1]).sqrt();
            if length > MAX_STEP_PX {
                delta = delta.map(|c| c * MAX_STEP_PX / length);
            }
            let epsilon = self.config.epsilon_px;
            settled = length <= epsilon;
            // To and fro over the minimum: the middle is it.
            if !settled
                && (delta[0] + last[0]).abs() < epsilon
                && (delta[1] + last[1]).abs() < epsilon
            {
                settled = true;
                delta = delta.map(|c| c * 0.5);
            }
            position = [position[0] + delta[0], position[1] + delta[1]];
            last = delta;
            iterations += 1;
        }
    }
}

/// The longest step of an iteration, in pixels of its level.
const MAX_STEP_PX: f64 = 2.0;

/// Whether all within `reach` of a position lies between the outermost pixels' centres. False for what is not a
/// number.
pub(super) fn inside(level: &Level, position: [f64; 2], reach: [f64; 2]) -> bool {
    let last = [level.width, level.height].map(|side| side as f64 - 1.0);
    (0..2).all(|axis| position[axis] >= reach[axis] && position[axis] + reach[axis] <= last[axis])
}

/// Bilinear weights of a cell's corners at a fraction (x, y).
#[inline(always)]
fn weights([fx, fy]: [f64; 2]) -> [f64; 4] {
    let (gx, gy) = (1.0 - fx, 1.0 - fy);
    [gx * gy, fx * gy, gx * fy, fx * fy]
}

#[inline(always)]
fn weigh(correlations: &Correlations, weights: &[f64; 4]) -> [f64; 4] {
    let [a, b, c, d] = correlations.map(|sums| sums.map(f64::from));
    let [wa, wb, wc, wd] = *weights;
    std::array::from_fn(|i| a[i] * wa + b[i] * wb + c[i] * wc + d[i] * wd)
}

fn weigh_squares(squares: &Squares, weights: &[f64; 4]) -> f64 {
    let weighted = squares.iter().zip(PAIRS).map(|(sum, (a, b))| {
        let times = if a == b { 1.0 } else { 2.0 };
        times * weights[a] * weights[b] * f64::from(*sum)
    });
    weighted.sum()
}

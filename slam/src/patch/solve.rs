//! The search in one level and from level to level: the linear algebra of an iteration.
//!
//! The image at the patch is modelled as `I(x + p) = a (T(x) + g(x) d) + b`. With everything centred on its mean and
//! T's share taken out of g, the least-squares move is `d = H^-1 sum(g I) / a` with `a = sum(T I) / sum(T T)`, and
//! the patch is found at `p - d`.

use super::template::{Correlations, Kernel, PAIRS, PatchTemplate, Squares, inside};
use super::{Alignment, AlignmentFailure, PatchConfig};
use crate::pyramid::{Level, Pyramid};

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

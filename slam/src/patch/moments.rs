//! A template's sums, and what of them an alignment needs: how a step follows from the image's sums, and how alike and
//! how sure a place is.

use super::PatchConfig;

/// Samples and gradients are in units of 1 / `SCALE` grey levels (a pixel).
pub(super) const SCALE: f64 = 32.0;

/// Sums over a template, in its units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sums {
    /// Of T, g x, g y.
    pub(super) first: [i64; 3],
    /// Of T T, T g x, T g y, g x g x, g x g y, g y g y.
    pub(super) second: [i64; 6],
}

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
    pub(super) fn step(&self, [one, t, x, y]: [f64; 4]) -> [f64; 2] {
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
    pub(super) fn quality(&self, [one, t, square]: [f64; 3]) -> (f64, f64) {
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

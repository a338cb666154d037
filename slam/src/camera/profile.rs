//! How far from the centre a lens puts a point: an odd polynomial, how far it rises, and its inverse.
//!
//! In and out: distances from the optical axis, `r` at `z = 1` for radial models, the angle for a fisheye.

/// `x (1 + c0 x^2 + c1 x^4 + c2 x^6 + c3 x^8)`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Profile(pub(super) [f64; 4]);

impl Profile {
    /// The polynomial over `x`, from `x^2`.
    pub(super) fn factor(&self, squared: f64) -> f64 {
        let [c0, c1, c2, c3] = self.0;
        1.0 + squared * (c0 + squared * (c1 + squared * (c2 + squared * c3)))
    }

    /// The polynomial's derivative, from `x^2`.
    pub(super) fn slope(&self, squared: f64) -> f64 {
        let [c0, c1, c2, c3] = self.0;
        1.0 + squared
            * (3.0 * c0 + squared * (5.0 * c1 + squared * (7.0 * c2 + squared * 9.0 * c3)))
    }

    /// Whether the polynomial rises everywhere from 0 to `x`, from `x^2`: beyond its first maximum two directions
    /// would share a pixel.
    pub(super) fn rises_to(&self, squared: f64) -> bool {
        // The slope in Bernstein form over 0..=squared: it lies in the hull of these coefficients, so positive ones
        // decide without a root being found (Farouki 2012, "The Bernstein polynomial basis", section 3).
        let [c0, c1, c2, c3] = self.0;
        let s = squared;
        let (a1, a2, a3, a4) = (
            3.0 * c0 * s,
            5.0 * c1 * s * s,
            7.0 * c2 * s * s * s,
            9.0 * c3 * s * s * s * s,
        );
        positive(
            [
                1.0,
                1.0 + a1 / 4.0,
                1.0 + a1 / 2.0 + a2 / 6.0,
                1.0 + 0.75 * a1 + a2 / 2.0 + a3 / 4.0,
                1.0 + a1 + a2 + a3 + a4,
            ],
            24,
        )
    }

    /// The `x` in `0..=limit` that the polynomial takes to `value`, on the branch that rises from 0.
    pub(super) fn inverse(&self, value: f64, limit: f64) -> Option<f64> {
        if self.0 == [0.0; 4] {
            return (value <= limit).then_some(value);
        }
        let (mut low, mut high) = (0.0, limit);
        let mut x = value.min(0.5 * limit);
        for _ in 0..80 {
            let squared = x * x;
            let (at, slope) = (x * self.factor(squared), self.slope(squared));
            let rises = slope > 0.0 && self.rises_to(squared);
            if rises && at <= value {
                low = x;
            } else {
                high = x;
            }
            let newton = x - (at - value) / slope;
            let next = if rises && newton >= low && newton <= high {
                newton
            } else if high.is_finite() {
                0.5 * (low + high)
            } else {
                2.0 * low.max(value)
            };
            if (next - x).abs() <= 1e-15 * (1.0 + x) {
                x = next;
                break;
            }
            x = next;
        }
        let squared = x * x;
        let off = (x * self.factor(squared) - value).abs();
        (off <= 1e-9 * (1.0 + value) && x <= limit && self.rises_to(squared)).then_some(x)
    }
}

/// Whether the quartic with these Bernstein coefficients is positive over its interval; in doubt, no.
fn positive(b: [f64; 5], splits_left: u32) -> bool {
    // Not `b <= 0`: a NaN is not positive either.
    if !(b[0] > 0.0 && b[4] > 0.0) {
        return false;
    }
    if b[1] > 0.0 && b[2] > 0.0 && b[3] > 0.0 {
        return true;
    }
    if splits_left == 0 {
        return false;
    }
    // De Casteljau's division in the middle.
    let mut left = [b[0]; 5];
    let mut row = b;
    for depth in 1..5 {
        for k in 0..5 - depth {
            row[k] = 0.5 * (row[k] + row[k + 1]);
        }
        left[depth] = row[0];
    }
    positive(left, splits_left - 1) && positive(row, splits_left - 1)
}

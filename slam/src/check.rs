//! Derivatives checked against differences, by a comparison that fails.

use nalgebra::{SMatrix, SVector};

/// Panics unless `analytic` is the derivative at zero of `function`, by central differences of `step`.
///
/// An element may be off by `tolerance`, taken relative to the largest element where that is over 1.
pub(crate) fn assert_jacobian<const ROWS: usize, const COLUMNS: usize>(
    name: &str,
    analytic: &SMatrix<f64, ROWS, COLUMNS>,
    function: impl Fn(&SVector<f64, COLUMNS>) -> SVector<f64, ROWS>,
    step: f64,
    tolerance: f64,
) {
    let mut numeric = SMatrix::<f64, ROWS, COLUMNS>::zeros();
    for column in 0..COLUMNS {
        let mut change = SVector::<f64, COLUMNS>::zeros();
        change[column] = step;
        let difference = function(&change) - function(&-change);
        numeric.set_column(column, &(difference / (2.0 * step)));
    }
    let allowed = tolerance * numeric.amax().max(1.0);
    for row in 0..ROWS {
        for column in 0..COLUMNS {
            let off = (analytic[(row, column)] - numeric[(row, column)]).abs();
            // Not `off > allowed`: a NaN must fail too.
            assert!(
                off <= allowed,
                "{name}: element ({row}, {column}) is {}, by differences {} (off by {off:e}, allowed {allowed:e})",
                analytic[(row, column)],
                numeric[(row, column)],
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::{Matrix2, Vector2};

    fn product_and_sine(d: &Vector2<f64>) -> Vector2<f64> {
        Vector2::new((2.0 + d.x) * (3.0 + d.y), (1.0 + d.x).sin())
    }

    #[test]
    fn accepts_the_derivative() {
        let right = Matrix2::new(3.0, 2.0, 1.0_f64.cos(), 0.0);
        assert_jacobian("right", &right, product_and_sine, 1e-5, 1e-8);
    }

    #[test]
    #[should_panic(expected = "element (1, 0)")]
    fn refuses_one_wrong_element() {
        let wrong = Matrix2::new(3.0, 2.0, -(1.0_f64.cos()), 0.0);
        assert_jacobian("wrong", &wrong, product_and_sine, 1e-5, 1e-8);
    }

    #[test]
    #[should_panic(expected = "element (0, 1)")]
    fn refuses_nan() {
        let wrong = Matrix2::new(3.0, f64::NAN, 1.0_f64.cos(), 0.0);
        assert_jacobian("nan", &wrong, product_and_sine, 1e-5, 1e-8);
    }
}

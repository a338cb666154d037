//! The method of Levenberg and Marquardt for a handful of unknowns.

use nalgebra::{SMatrix, SVector};

/// Normal equations at some estimate.
#[derive(Debug, Clone)]
pub(super) struct Sums<const N: usize> {
    pub(super) hessian: SMatrix<f64, N, N>,
    pub(super) gradient: SVector<f64, N>,
    pub(super) cost: f64,
}

impl<const N: usize> Sums<N> {
    pub(super) fn zero() -> Self {
        Self {
            hessian: SMatrix::zeros(),
            gradient: SVector::zeros(),
            cost: 0.0,
        }
    }

    /// One residual in standard deviations, its derivative, and from where on it counts nothing (both squared).
    pub(super) fn add(&mut self, residual: f64, by: &SVector<f64, N>, squared: f64, limit: f64) {
        if !(squared <= limit) {
            return;
        }
        // Tukey's biweight: no pull from beyond the limit, and no step there that would stop the descent.
        let rest = 1.0 - squared / limit;
        let weight = rest * rest;
        let weighted = by * weight;
        self.hessian.ger(1.0, &weighted, by, 1.0);
        self.gradient.axpy(residual, &weighted, 1.0);
    }

    /// The robust cost of one whole error, of one or more residuals.
    pub(super) fn charge(&mut self, squared: f64, limit: f64) {
        let rest = if squared <= limit {
            1.0 - squared / limit
        } else {
            0.0
        };
        self.cost += limit / 6.0 * (1.0 - rest * rest * rest);
    }
}

/// The estimate of least cost that `iterations` steps from `start` lead to.
pub(super) fn minimize<const N: usize, T: Clone>(
    start: &T,
    iterations: usize,
    evaluate: impl Fn(&T) -> Sums<N>,
    moved: impl Fn(&T, &SVector<f64, N>) -> T,
) -> T {
    let mut estimate = start.clone();
    let mut sums = evaluate(&estimate);
    let mut damping = 1e-6;
    for _ in 0..iterations {
        let mut hessian = sums.hessian;
        // The second term holds what no residual depends on, as the scale of a homography.
        let floor = 1e-12 * hessian.trace();
        for k in 0..N {
            hessian[(k, k)] += damping * hessian[(k, k)] + floor;
        }
        let Some(step) = hessian.cholesky().map(|c| -c.solve(&sums.gradient)) else {
            break;
        };
        let next = moved(&estimate, &step);
        let next_sums = evaluate(&next);
        if next_sums.cost < sums.cost {
            let gain = sums.cost - next_sums.cost;
            (estimate, sums) = (next, next_sums);
            damping = (damping * 0.1).max(1e-10);
            if gain < 1e-9 * sums.cost {
                break;
            }
        } else {
            damping = (damping * 20.0).max(1e-4);
            if damping > 1e6 {
                break;
            }
        }
    }
    estimate
}

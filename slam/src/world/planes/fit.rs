//! A plane through points of unequal and elongated uncertainty.
//!
//! Least squares over the distances, each divided by its standard deviation along the normal, reweighted by Cauchy's
//! kernel (Huber and Ronchetti, Robust Statistics, 2009, section 7.8). For fixed weights the plane goes through the
//! weighted mean and its normal is the direction in which the weighted scatter is least.

use nalgebra::{Matrix3, SymmetricEigen, Vector3};

use super::sample::Sample;

/// Where Cauchy's kernel halves a weight, in standard deviations.
const CAUCHY: f64 = 2.0;

/// An oriented plane: `normal` of length 1, `normal . x = offset` for its points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Flat {
    pub(crate) normal: Vector3<f64>,
    pub(crate) offset: f64,
}

impl Flat {
    /// Through a point.
    pub(crate) fn through(point: &Vector3<f64>, normal: Vector3<f64>) -> Self {
        Self {
            normal,
            offset: normal.dot(point),
        }
    }

    /// Through three points; none if they are nearly on a line.
    pub(crate) fn through_three(a: &Sample, b: &Sample, c: &Sample) -> Option<Self> {
        let (u, v) = (b.point - a.point, c.point - a.point);
        let across = u.cross(&v);
        let length = across.norm();
        let enough = 0.2 * u.norm() * v.norm();
        if !(length > enough && length.is_finite() && length > 0.0) {
            return None;
        }
        let normal = across / length;
        let normal = if a.toward_cameras.dot(&normal) < 0.0 {
            -normal
        } else {
            normal
        };
        Some(Self::through(&a.point, normal))
    }

    /// Signed distance of a point, positive on the side of the normal.
    pub(crate) fn distance(&self, point: &Vector3<f64>) -> f64 {
        self.normal.dot(point) - self.offset
    }

    /// Whether a sample is within so many standard deviations.
    pub(crate) fn holds(&self, sample: &Sample, deviations: f64) -> bool {
        let distance = self.distance(&sample.point);
        let squared = distance * distance;
        let gate = deviations * deviations;
        squared <= gate * sample.reach * sample.reach
            && squared <= gate * sample.variance_along(&self.normal)
    }

    /// The distance of a sample in its standard deviations.
    pub(crate) fn deviations(&self, sample: &Sample) -> f64 {
        self.distance(&sample.point) / sample.variance_along(&self.normal).sqrt()
    }
}

/// A fitted plane and how sure it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fit {
    pub(crate) flat: Flat,
    /// The weighted middle of the points.
    pub(crate) middle: Vector3<f64>,
    /// Root of the mean squared distance from the middle along the shorter axis of the points within the plane.
    pub(crate) breadth: f64,
    /// Root of the mean squared distance.
    pub(crate) rms: f64,
    /// Root of the mean squared distance in standard deviations.
    pub(crate) spread: f64,
    /// Standard deviation of the normal in its least sure direction, radians.
    pub(crate) sigma_normal_rad: f64,
    /// Standard deviation of the plane along its normal at `middle`.
    pub(crate) sigma_offset: f64,
}

/// Fits a plane to samples, starting from one if there is a good guess. None for fewer than three points, points on a
/// line and numbers that are none.
pub(crate) fn fit<'a>(
    samples: impl Iterator<Item = &'a Sample> + Clone,
    start: Option<Flat>,
    iterations: usize,
) -> Option<Fit> {
    let mut flat = start;
    let mut result = None;
    for _ in 0..iterations.max(1) {
        let moments = Moments::of(samples.clone(), flat.as_ref())?;
        let fit = moments.solve(flat.as_ref().map(|flat| flat.normal))?;
        flat = Some(fit.flat);
        result = Some(fit);
    }
    let Solution {
        flat,
        middle,
        breadth,
        sigma_normal_rad,
        sigma_offset,
    } = result?;
    let (mut count, mut squares, mut normalized, mut facing) = (0.0, 0.0, 0.0, 0.0);
    for sample in samples {
        let distance = flat.distance(&sample.point);
        count += 1.0;
        squares += distance * distance;
        normalized += (distance * distance / sample.variance_along(&flat.normal)).min(16.0);
        facing += sample.toward_cameras.dot(&flat.normal);
    }
    let spread = (normalized / count).sqrt();
    let flat = if facing < 0.0 {
        Flat {
            normal: -flat.normal,
            offset: -flat.offset,
        }
    } else {
        flat
    };
    let fit = Fit {
        flat,
        middle,
        breadth,
        rms: (squares / count).sqrt(),
        spread,
        // Points that scatter more than they claim make the plane less sure.
        sigma_normal_rad: sigma_normal_rad * spread.max(1.0),
        sigma_offset: sigma_offset * spread.max(1.0),
    };
    (fit.rms.is_finite() && fit.sigma_normal_rad.is_finite()).then_some(fit)
}

/// Weighted sums of the points.
struct Moments {
    weight: f64,
    mean: Vector3<f64>,
    scatter: Matrix3<f64>,
}

/// A fit for one set of weights.
struct Solution {
    flat: Flat,
    middle: Vector3<f64>,
    breadth: f64,
    sigma_normal_rad: f64,
    sigma_offset: f64,
}

impl Moments {
    fn of<'a>(
        samples: impl Iterator<Item = &'a Sample> + Clone,
        flat: Option<&Flat>,
    ) -> Option<Self> {
        let weight_of = |sample: &Sample| match flat {
            None => 1.0 / (sample.covariance.trace() + 1e-6 * sample.depth * sample.depth),
            Some(flat) => {
                let variance = sample.variance_along(&flat.normal);
                let distance = flat.distance(&sample.point);
                1.0 / (variance + distance * distance / (CAUCHY * CAUCHY))
            }
        };
        // Around the first point, so that maps far from the origin lose no digits.
        let origin = samples.clone().next()?.point;
        let (mut weight, mut sum, mut count) = (0.0, Vector3::zeros(), 0);
        for sample in samples.clone() {
            let w = weight_of(sample);
            weight += w;
            sum += w * (sample.point - origin);
            count += 1;
        }
        if count < 3 || !(weight > 0.0 && weight.is_finite()) {
            return None;
        }
        let mean = origin + sum / weight;
        let mut scatter = Matrix3::zeros();
        for sample in samples {
            let arm = sample.point - mean;
            scatter += weight_of(sample) * arm * arm.transpose();
        }
        scatter.iter().all(|x| x.is_finite()).then_some(Self {
            weight,
            mean,
            scatter,
        })
    }

    fn solve(&self, toward: Option<Vector3<f64>>) -> Option<Solution> {
        let eigen = SymmetricEigen::try_new(self.scatter, 1e-12, 64)?;
        let mut order = [0, 1, 2];
        order.sort_by(|&a, &b| eigen.eigenvalues[a].total_cmp(&eigen.eigenvalues[b]));
        let [least, middle, most] = order.map(|k| eigen.eigenvalues[k]);
        // On a line, or on a point.
        if !(middle > 1e-9 * most && most > 0.0) {
            return None;
        }
        let mut normal: Vector3<f64> = eigen.eigenvectors.column(order[0]).into_owned();
        if toward.is_some_and(|toward| toward.dot(&normal) < 0.0) {
            normal = -normal;
        }
        // Turning by a small angle about the longer axis lifts the points by their arms along the shorter one: the
        // information is the scatter along it less what lies across the plane anyway.
        let sigma_normal_rad = 1.0 / (middle - least).max(f64::MIN_POSITIVE).sqrt();
        Some(Solution {
            flat: Flat::through(&self.mean, normal),
            middle: self.mean,
            breadth: (middle / self.weight).sqrt(),
            sigma_normal_rad,
            sigma_offset: 1.0 / self.weight.sqrt(),
        })
    }
}

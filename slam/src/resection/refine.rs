//! A pose made better by the method of Levenberg and Marquardt, robustly.
//!
//! In: a pose that is nearly right. Out: the pose of the least robust squares of the reprojection errors, its
//! covariance, and a flag a point. Nothing is allocated once the caller's flags have grown.

use nalgebra::{Isometry3, Matrix6, Vector6};

use super::Correspondence;
use crate::camera::Camera;
use crate::lie::{change_left, change_left_jacobian, update_left};

/// How the last iterations weigh a point.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum FinalLoss {
    /// Points beyond [`RefineConfig::inlier_chi2`] count nothing, the others as in least squares.
    Cut,
    /// Tukey's biweight, which falls to nothing at this many standard deviations.
    Tukey(f64),
    /// Huber's, as the first iterations.
    Huber,
}

/// What is known about a pose before points are seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PosePrior {
    /// The pose expected.
    pub camera_from_world: Isometry3<f64>,
    /// Inverse of the covariance of `[translation; rotation]` on the left of that pose; zeros where nothing is known.
    pub information: Matrix6<f64>,
}

/// Settings of [`refine_pose`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RefineConfig {
    /// The most passes over the points.
    pub max_iterations: usize,
    /// From how many standard deviations on the first iterations count an error linearly.
    pub huber_sigmas: f64,
    /// The weights of the last iterations.
    pub final_loss: FinalLoss,
    /// The largest squared error, in variances, of an inlier: 5.99 keeps 95% of points with normal errors.
    pub inlier_chi2: f64,
    /// The fewest inliers with which a pose is returned.
    pub min_inliers: usize,
    /// What is known beforehand.
    pub prior: Option<PosePrior>,
}

impl Default for RefineConfig {
    fn default() -> Self {
        Self {
            max_iterations: 10,
            huber_sigmas: 1.5,
            final_loss: FinalLoss::Cut,
            inlier_chi2: 5.99,
            min_inliers: 4,
            prior: None,
        }
    }
}

/// A refined pose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Refined {
    /// The pose.
    pub camera_from_world: Isometry3<f64>,
    /// Of `[translation; rotation]` on the left of the pose, in map units and radians, if `sigma_px` is right.
    pub covariance: Matrix6<f64>,
    /// How many points are inliers.
    pub inliers: usize,
    /// Root of the mean squared distance in pixels, over the inliers.
    pub rmse_px: f64,
    /// Half the robust sum of squared errors in variances, prior included.
    pub cost: f64,
}

/// Finds the pose near `start` from which the points are seen where they are seen.
///
/// `inlier` is set to one flag a correspondence. None if too few points agree or the points do not fix the pose.
#[must_use]
pub fn refine_pose(
    camera: &Camera,
    start: &Isometry3<f64>,
    correspondences: &[Correspondence],
    config: &RefineConfig,
    inlier: &mut Vec<bool>,
) -> Option<Refined> {
    inlier.clear();
    inlier.resize(correspondences.len(), false);
    let huber = Loss::Huber(config.huber_sigmas);
    let last_loss = match config.final_loss {
        FinalLoss::Cut => Loss::Cut(config.inlier_chi2),
        FinalLoss::Tukey(sigmas) => Loss::Tukey(sigmas * sigmas),
        FinalLoss::Huber => huber,
    };
    let evaluate = |pose: &Isometry3<f64>, loss: Loss| {
        let mut sums = Sums::of(camera, pose, correspondences, loss);
        if let Some(prior) = &config.prior {
            sums.add_prior(pose, prior);
        }
        sums
    };

    let mut pose = *start;
    let mut loss = huber;
    let mut sums = evaluate(&pose, loss);
    let mut damping = 1e-7;
    // Half of the passes, at least, are kept for the last loss, whose minimum is the result.
    let first_passes = config.max_iterations.div_ceil(2);
    for pass in 1..config.max_iterations {
        let step = sums.step(damping);
        let small = step.is_none_or(|s| s.norm_squared() < 1e-18);
        if loss == huber && loss != last_loss && (pass >= first_passes || small) {
            loss = last_loss;
            damping = 1e-7;
            sums = evaluate(&pose, loss);
            continue;
        }
        let Some(step) = step.filter(|_| !small) else {
            break;
        };
        let next_pose = update_left(&pose, &step);
        let next = evaluate(&next_pose, loss);
        if next.cost < sums.cost {
            let gain = sums.cost - next.cost;
            (pose, sums) = (next_pose, next);
            damping = (damping * 0.1).max(1e-9);
            if gain < 1e-10 * sums.cost && loss == last_loss {
                break;
            }
        } else {
            damping = (damping * 30.0).max(1e-4);
        }
    }
    if loss != last_loss {
        sums = evaluate(&pose, last_loss);
    }

    let (inliers, squared_px) = flag(camera, &pose, correspondences, config.inlier_chi2, inlier);
    let covariance = sums.hessian().cholesky()?.inverse();
    let usable = inliers >= config.min_inliers.max(1)
        && covariance.iter().all(|c| c.is_finite())
        && pose.translation.vector.iter().all(|c| c.is_finite());
    usable.then(|| Refined {
        camera_from_world: pose,
        covariance,
        inliers,
        rmse_px: (squared_px / inliers as f64).sqrt(),
        cost: sums.cost,
    })
}

/// Sets a flag for each point within the limit; the number of them and their summed squared distances in pixels.
fn flag(
    camera: &Camera,
    pose: &Isometry3<f64>,
    correspondences: &[Correspondence],
    inlier_chi2: f64,
    inlier: &mut [bool],
) -> (usize, f64) {
    let rotation = pose.rotation.to_rotation_matrix();
    let (mut count, mut sum) = (0, 0.0);
    for (seen, flag) in correspondences.iter().zip(inlier) {
        let point = rotation * seen.point_in_world + pose.translation.vector;
        let squared = camera
            .project(&point)
            .map_or(f64::INFINITY, |at| (seen.position_px - at).norm_squared());
        *flag = squared <= inlier_chi2 * seen.sigma_px * seen.sigma_px;
        if *flag {
            count += 1;
            sum += squared;
        }
    }
    (count, sum)
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Loss {
    /// Linear beyond so many standard deviations.
    Huber(f64),
    /// Constant beyond this squared error.
    Cut(f64),
    /// Biweight with this squared width.
    Tukey(f64),
}

impl Loss {
    /// The cost of a squared error and its derivative by half the squared error.
    fn of(self, squared: f64) -> (f64, f64) {
        match self {
            Self::Huber(width) if squared <= width * width => (0.5 * squared, 1.0),
            Self::Huber(width) => {
                let length = squared.sqrt();
                (width * (length - 0.5 * width), width / length)
            }
            Self::Cut(limit) if squared <= limit => (0.5 * squared, 1.0),
            Self::Cut(limit) => (0.5 * limit, 0.0),
            Self::Tukey(width) if squared <= width => {
                let rest = 1.0 - squared / width;
                (width / 6.0 * (1.0 - rest * rest * rest), rest * rest)
            }
            Self::Tukey(width) => (width / 6.0, 0.0),
        }
    }
}

/// A point that the camera cannot see costs as one this many variances off, so that a step that loses points does not
/// look like an improvement.
const UNSEEN_CHI2: f64 = 1e6;

/// The normal equations; the symmetric matrix as its upper triangle, row by row.
#[derive(Debug, Clone)]
struct Sums {
    triangle: [f64; 21],
    gradient: [f64; 6],
    cost: f64,
}

impl Sums {
    fn of(
        camera: &Camera,
        pose: &Isometry3<f64>,
        correspondences: &[Correspondence],
        loss: Loss,
    ) -> Self {
        let rotation = pose.rotation.to_rotation_matrix();
        let mut sums = Self {
            triangle: [0.0; 21],
            gradient: [0.0; 6],
            cost: 0.0,
        };
        for seen in correspondences {
            let point = rotation * seen.point_in_world + pose.translation.vector;
            let Some(here) = camera.project_with_jacobian(&point) else {
                sums.cost += loss.of(UNSEEN_CHI2).0;
                continue;
            };
            let information = 1.0 / (seen.sigma_px * seen.sigma_px);
            let off = here.position_px - seen.position_px;
            let (cost, weight) = loss.of(off.norm_squared() * information);
            sums.cost += cost;
            let weight = weight * information;
            if weight == 0.0 {
                continue;
            }
            for row in 0..2 {
                let (a, b, c) = (
                    here.by_point[(row, 0)],
                    here.by_point[(row, 1)],
                    here.by_point[(row, 2)],
                );
                // `by_point * [I, -hat(point)]`; the second half is `point x by_point`.
                let by_pose = [
                    a,
                    b,
                    c,
                    c * point.y - b * point.z,
                    a * point.z - c * point.x,
                    b * point.x - a * point.y,
                ];
                let mut k = 0;
                for i in 0..6 {
                    let weighted = weight * by_pose[i];
                    sums.gradient[i] += weighted * off[row];
                    for &other in &by_pose[i..] {
                        sums.triangle[k] += weighted * other;
                        k += 1;
                    }
                }
            }
        }
        sums
    }

    fn add_prior(&mut self, pose: &Isometry3<f64>, prior: &PosePrior) {
        let change = change_left(pose, &prior.camera_from_world);
        let jacobian = change_left_jacobian(&change);
        let weighted = jacobian.transpose() * prior.information;
        let hessian = weighted * jacobian;
        let gradient = weighted * change;
        let mut k = 0;
        for i in 0..6 {
            self.gradient[i] += gradient[i];
            for j in i..6 {
                self.triangle[k] += hessian[(i, j)];
                k += 1;
            }
        }
        self.cost += 0.5 * change.dot(&(prior.information * change));
    }

    fn hessian(&self) -> Matrix6<f64> {
        let mut hessian = Matrix6::zeros();
        let mut k = 0;
        for i in 0..6 {
            for j in i..6 {
                hessian[(i, j)] = self.triangle[k];
                hessian[(j, i)] = self.triangle[k];
                k += 1;
            }
        }
        hessian
    }

    /// Marquardt's step: the diagonal grows by a share of itself.
    fn step(&self, damping: f64) -> Option<Vector6<f64>> {
        let mut hessian = self.hessian();
        for i in 0..6 {
            hessian[(i, i)] *= 1.0 + damping;
        }
        let step = -hessian.cholesky()?.solve(&Vector6::from(self.gradient));
        step.iter().all(|c| c.is_finite()).then_some(step)
    }
}

#[cfg(test)]
mod tests;

//! What is to be adjusted, how, what comes out for each observation, and why a problem is refused.

use nalgebra::{Isometry3, Matrix6, Vector3};

use crate::camera::Camera;

/// Most views that may move in one problem. It bounds the memory: the reduced system of that many takes 23 MB.
pub const MAX_FREE_VIEWS: usize = 400;

/// Views, points and where which is seen in which.
#[derive(Debug, Clone, Default)]
pub struct Problem {
    /// The cameras; usually one.
    pub cameras: Vec<Camera>,
    /// The pictures taken.
    pub views: Vec<View>,
    /// The points of the scene.
    pub points: Vec<Point>,
    /// Which point was seen where, in any order.
    pub observations: Vec<Observation>,
    /// What to do about the camera.
    pub intrinsics: Intrinsics,
    /// What is known of poses from elsewhere. Those of fixed views are ignored.
    pub pose_priors: Vec<PosePrior>,
}

impl Problem {
    /// Empties it, keeping its memory.
    pub fn clear(&mut self) {
        self.cameras.clear();
        self.views.clear();
        self.points.clear();
        self.observations.clear();
        self.intrinsics = Intrinsics::Fixed;
        self.pose_priors.clear();
    }
}

/// A picture's pose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// Index of its camera.
    pub camera: u32,
    /// Its pose.
    pub camera_from_world: Isometry3<f64>,
    /// Whether the pose stays as it is.
    pub fixed: bool,
}

/// A point of the scene.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Where it is.
    pub point_in_world: Vector3<f64>,
    /// Whether it stays there.
    pub fixed: bool,
}

/// A point seen in a view.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    /// Index of the view.
    pub view: u32,
    /// Index of the point.
    pub point: u32,
    /// Where it was seen, pixel centres at integers.
    pub position_px: [f32; 2],
    /// Standard deviation of each coordinate.
    pub sigma_px: f32,
}

/// A pose known from elsewhere.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PosePrior {
    /// Index of the view.
    pub view: u32,
    /// The pose.
    pub camera_from_world: Isometry3<f64>,
    /// Inverse of the covariance of (translation, rotation vector) of `camera_from_world * prior.inverse()`; only its
    /// symmetric part counts.
    pub information: Matrix6<f64>,
}

/// What to do about the camera.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Intrinsics {
    /// Leave it.
    #[default]
    Fixed,
    /// Refine a factor common to both focal lengths, and the first coefficient of the distortion (a camera without
    /// distortion becomes a radial one). Needs that there is one camera.
    Refine {
        /// Standard deviation of the logarithm of the focal length about that of `prior_camera`; may be infinite.
        log_focal_sigma: f64,
        /// Standard deviation of the first distortion coefficient about that of `prior_camera`; may be infinite.
        k1_sigma: f64,
        /// What was believed before any observation.
        prior_camera: Camera,
    },
}

/// How residuals far from the rest count, thresholds in standard deviations of a coordinate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RobustKernel {
    /// All in full.
    None,
    /// Quadratic up to the threshold, then linear.
    Huber(f64),
    /// `t^2 ln(1 + s / t^2)` of the squared residual `s`.
    Cauchy(f64),
}

impl RobustKernel {
    /// Cost and weight (its derivative) of a squared residual in standard deviations.
    #[must_use]
    #[inline]
    pub fn cost_and_weight(self, squared: f64) -> (f64, f64) {
        match self {
            Self::None => (squared, 1.0),
            Self::Huber(threshold) => {
                let square = threshold * threshold;
                if squared <= square {
                    (squared, 1.0)
                } else {
                    let root = squared.sqrt();
                    (2.0 * threshold * root - square, threshold / root)
                }
            }
            Self::Cauchy(threshold) => {
                let square = threshold * threshold;
                let ratio = squared / square;
                (square * ratio.ln_1p(), 1.0 / (1.0 + ratio))
            }
        }
    }
}

/// How to adjust.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Config {
    /// How far residuals count.
    pub kernel: RobustKernel,
    /// Damping to begin with, as a fraction of the diagonal of the normal equations.
    pub initial_damping: f64,
    /// Converged when an iteration takes off less than this fraction of the cost.
    pub relative_decrease: f64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            // 95% of residuals without outliers lie within (chi-squared, two degrees of freedom).
            kernel: RobustKernel::Huber(2.45),
            initial_damping: 1e-4,
            relative_decrease: 1e-5,
        }
    }
}

/// How an observation fits after the adjustment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// Squared distance from where the point should be seen, over `sigma_px` squared; infinite where `is_behind`.
    /// Without outliers it follows a chi-squared distribution with two degrees of freedom.
    pub squared_sigmas: f32,
    /// Whether the point cannot be seen at all: it is behind the camera or where its model does not reach.
    pub is_behind: bool,
}

/// Why a problem cannot be adjusted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BundleRefusal {
    /// Nothing was seen.
    #[error("there are no observations")]
    NoObservations,
    /// Nothing may move.
    #[error("every view and every point is fixed, and so is the camera")]
    NothingFree,
    /// An index leads nowhere.
    #[error("{what} {index} names {refers_to}, which does not exist")]
    BadIndex {
        /// What holds the index.
        what: &'static str,
        /// Which of them.
        index: usize,
        /// What it names.
        refers_to: &'static str,
    },
    /// A number is not finite, a length beyond 1e15, or not positive where it must be.
    #[error("{what} {index} has a number that cannot be used")]
    BadNumber {
        /// What holds the number.
        what: &'static str,
        /// Which of them.
        index: usize,
    },
    /// Nothing holds the frame: no fixed view, no three fixed points, no pose prior.
    #[error("nothing holds the frame: fix a view, or three points, or give a prior of a pose")]
    FreeGauge,
    /// Intrinsics are refined for one camera only.
    #[error("intrinsics can be refined of one camera, not of {cameras}")]
    ManyCameras {
        /// How many there are.
        cameras: usize,
    },
    /// More than [`MAX_FREE_VIEWS`].
    #[error("{free} views are free, at most {limit} may be")]
    TooManyViews {
        /// How many there are.
        free: usize,
        /// How many may be.
        limit: usize,
    },
}

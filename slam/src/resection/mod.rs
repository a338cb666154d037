//! Where a camera is that sees known points.
//!
//! In: points of the map with the pixels where they are seen. Out: `camera_from_world` with its covariance, and which
//! points agree with it. [`refine_pose`] starts from a pose that is nearly right, [`locate`] from nothing.

mod locate;
pub mod p3p;
mod refine;

use nalgebra::{Vector2, Vector3};

pub use locate::{Located, RansacConfig, locate};
pub use refine::{FinalLoss, PosePrior, RefineConfig, Refined, refine_pose};

/// A known point and where it is seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correspondence {
    /// The point.
    pub point_in_world: Vector3<f64>,
    /// Where it is seen.
    pub position_px: Vector2<f64>,
    /// The standard deviation of `position_px` in x and in y.
    pub sigma_px: f64,
}

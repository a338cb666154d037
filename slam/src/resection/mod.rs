//! Where a camera is that sees known points.
//!
//! In: points of the map with the pixels where they are seen. Out: `camera_from_world` with its covariance, and which
//! points agree with it. [`refine_pose`] starts from a pose that is nearly right, [`locate`] from nothing.

#![allow(
    clippy::neg_cmp_op_on_partial_ord,
    reason = "a NaN has to fail each of these comparisons"
)]
#![allow(
    clippy::needless_range_loop,
    reason = "an index runs through several arrays and matrices at once"
)]

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

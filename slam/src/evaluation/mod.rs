//! How far a trajectory is from another: association by time, alignment, absolute and relative errors.
//!
//! In: two trajectories as lists of [`TimedPose`]. Out: errors with their statistics. It reads no files.
//!
//! Definitions: Sturm et al., *A benchmark for the evaluation of RGB-D SLAM systems*, IROS 2012 (absolute and relative
//! error); Umeyama, *Least-squares estimation of transformation parameters between two point patterns*, PAMI 1991
//! (alignment). The conventions are those of the tool `evo`, whose numbers the tests compare with.
//!
//! ```
//! use nalgebra::{Isometry3, Vector3};
//! use slam::evaluation::{AbsoluteError, Alignment, TimedPose, associate};
//!
//! let trajectory = |unit: f64| -> Vec<TimedPose> {
//!     (0..20)
//!         .map(|k| {
//!             let angle = 0.3 * f64::from(k);
//!             let position = unit * Vector3::new(angle.cos(), angle.sin(), 0.1 * angle);
//!             TimedPose {
//!                 time_nanos: i64::from(k) * 33_333_333,
//!                 world_from_camera: Isometry3::new(position, Vector3::zeros()),
//!             }
//!         })
//!         .collect()
//! };
//! let pairs = associate(&trajectory(0.5), &trajectory(1.0), 10_000_000);
//! let error = AbsoluteError::of(&pairs, Alignment::Similarity).expect("enough poses");
//! assert!(error.translation_m.rmse < 1e-12 && (error.reference_from_estimate.scale - 2.0).abs() < 1e-12);
//! ```

mod absolute;
mod align;
mod associate;
mod pose;
mod relative;
mod statistics;
#[cfg(test)]
mod tests;

pub use absolute::{AbsoluteError, PoseError};
pub use align::{Alignment, Similarity};
pub use associate::{PosePair, associate};
pub use pose::{TimedPose, pose_at};
pub use relative::{Delta, RelativeError};
pub use statistics::Statistics;

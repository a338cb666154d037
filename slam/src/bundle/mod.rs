//! Bundle adjustment: poses, points and, if wanted, focal length and `k1` that fit the observations best.
//!
//! A [`Problem`] goes into an [`Adjuster`], which improves it by Levenberg-Marquardt iterations; points are eliminated
//! one at a time (Schur complement), what is left is solved by a Cholesky factorisation of 6x6 blocks. The work can be
//! cut into pieces of any size ([`Adjuster::advance`]), dropped half-way ([`Adjuster::abandon`]), and takes no memory
//! once an adjuster has seen the size. Which views and points to adjust, and which observations to drop after, is up to
//! the caller.
//!
//! Sources: Triggs, McLauchlan, Hartley, Fitzgibbon, "Bundle adjustment - a modern synthesis" (sections 4.3, 6.1, 9);
//! Usenko, Demmel, Schubert, Stueckler, Cremers, "Visual-inertial mapping with non-linear factor recovery" (section V)
//! for the split of the passes; Nielsen, "Damping parameter in Marquardt's method" (1999) for the damping.
//!
//! # Gauge
//! The caller fixes what holds the frame: views, three points, or pose priors; a problem without is refused. With one
//! fixed view and nothing else the scale is free, and the adjuster keeps the root mean square distance of the views
//! from that view as it was.
//!
//! ```
//! use nalgebra::{Isometry3, Vector3};
//! use slam::bundle::{Adjuster, Config, Intrinsics, MAX_FREE_VIEWS, Observation, Point, Problem, View};
//! use slam::camera::Camera;
//!
//! # fn main() -> Result<(), slam::bundle::BundleRefusal> {
//! let camera = Camera::from_horizontal_fov([640, 480], 1.1);
//! let mut problem = Problem::default();
//! problem.cameras.push(camera);
//! for x in [0.0, 0.3] {
//!     let camera_from_world = Isometry3::translation(-x, 0.0, 0.0);
//!     problem.views.push(View { camera: 0, camera_from_world, fixed: true });
//! }
//! let truth = Vector3::new(0.1, 0.2, 3.0);
//! problem.points.push(Point { point_in_world: truth * 1.2, fixed: false });
//! for (view, x) in [(0, 0.0), (1, 0.3)] {
//!     let seen = camera.project(&(truth - Vector3::x() * x)).expect("in front of both");
//!     let position_px = [seen.x as f32, seen.y as f32];
//!     problem.observations.push(Observation { view, point: 0, position_px, sigma_px: 1.0 });
//! }
//! let mut adjuster = Adjuster::new(Config::default());
//! adjuster.load(&problem)?;
//! adjuster.run(10);
//! adjuster.write_back(&mut problem);
//! assert!((problem.points[0].point_in_world - truth).norm() < 1e-4);
//! # Ok(())
//! # }
//! ```

mod adjuster;
mod cholesky;
mod layout;
mod linearize;
mod problem;
#[cfg(any(test, feature = "simulator"))]
pub mod scene;
mod schur;
#[cfg(test)]
mod tests;

pub use adjuster::{Adjuster, StepReport};
pub use problem::{
    BundleRefusal, Config, Intrinsics, MAX_FREE_VIEWS, Observation, Outcome, Point, PosePrior,
    Problem, RobustKernel, View,
};

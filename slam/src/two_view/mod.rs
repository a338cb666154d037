//! Two views of an unknown scene: how the cameras stand to each other, and where the points are.
//!
//! In: pairs of pixels, many of which may be wrong. Out: the second camera's pose in the first one's frame up to the
//! length of the baseline, and points; or the reason why there are none. [`start()`] does all of it; the solvers under
//! it can be used alone.

#![allow(
    clippy::neg_cmp_op_on_partial_ord,
    reason = "a NaN has to fail each of these comparisons"
)]
#![allow(
    clippy::needless_range_loop,
    reason = "an index runs through several arrays and matrices at once"
)]

pub mod essential;
pub mod homography;
mod least_squares;
mod pair;
mod rotation;
mod start;
mod triangulate;

pub use start::{Model, StartConfig, StartRefusal, TwoViewStart, start};
pub use triangulate::{Triangulated, View, parallax_rad, triangulate, triangulate_two};

//! Visual tracking and mapping for Sightline: pure Rust, no I/O, no clock, native and WASM.
//!
//! A camera's luma images go in, points of the scene that are followed from image to image come out:
//!
//! ```
//! use slam::{Frame, FrontEnd, FrontEndConfig, ImageView};
//!
//! # fn main() -> Result<(), slam::Error> {
//! # let luma = vec![0; 640 * 480];
//! let mut front_end = FrontEnd::new(FrontEndConfig::default())?;
//! let frame = Frame::new(ImageView::new(&luma, 640, 480, 640)?, 0);
//! let ticket = front_end.submit(&frame)?;
//! for point in front_end.poll(ticket).iter().flat_map(|tracks| &tracks.points) {
//!     println!("{} is {} frames old at {:?}", point.id, point.age_frames, point.position_px);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Modules
//! - [`image`]: luma images, borrowed and owned
//! - [`pyramid`]: an image at several sizes
//! - [`corners`]: where to start points
//! - [`lucas_kanade`]: where points went
//! - [`patch`]: where a landmark's patch is, seen from elsewhere
//! - [`camera`]: lenses, from directions to pixels and back
//! - [`lie`]: rotations and rigid motions as exponentials
//! - [`two_view`]: two views of an unknown scene put together
//! - [`resection`]: where a camera is that sees known points
//! - [`ransac`]: seeded randomness, and when a sampling estimator may stop
//! - [`relocalization`]: places of the map, recognised
//! - [`front_end`]: the three together, frame by frame
//! - `gpu` (feature of that name): the same in compute passes
//! - [`bundle`]: poses and points that fit all observations best
//! - `simulator` (feature of that name): a furnished room seen by a hand-held camera, with exact truth
//! - `dataset` (feature of that name): sequences in folders, written and read
//! - [`evaluation`]: how far a trajectory is from another
//! - `report` (feature `cli`): the record of a replay and its figures
//! - `opencv` (feature of that name, native): the same by OpenCV, to compare with
//! - [`workload`]: Lucas-Kanade alone, for measuring it
//! - [`world`]: planes, hit tests and anchors over the map
//!
//! Everywhere x is to the right and y down in images, the camera's axes are X right, Y down, Z forward, and times are
//! `i64` nanoseconds of any steady clock of the caller.

pub mod bundle;
pub mod camera;
#[cfg(test)]
mod check;
pub mod corners;
#[cfg(feature = "dataset")]
pub mod dataset;
pub mod error;
pub mod evaluation;
pub mod frame;
pub mod front_end;
#[cfg(feature = "gpu")]
pub mod gpu;
pub mod image;
pub mod imu;
pub mod lie;
pub mod lucas_kanade;
pub mod map;
#[cfg(feature = "opencv")]
pub mod opencv;
pub mod patch;
pub mod pyramid;
pub mod ransac;
pub mod relocalization;
#[cfg(feature = "cli")]
pub mod report;
pub mod resection;
mod simd;
#[cfg(feature = "simulator")]
pub mod simulator;
#[cfg(test)]
mod test_texture;
pub mod tracker;
pub mod two_view;
pub mod workload;
pub mod world;

pub use error::Error;
pub use frame::Frame;
pub use front_end::{FrontEnd, FrontEndConfig, PointHint, Ticket, TrackedPoint, Tracks};
pub use image::{GrayImage, ImageView};
pub use imu::ImuSample;
pub use tracker::{Tracker, TrackerConfig};

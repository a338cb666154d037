//! Sequences in folders: camera frames with their times, the truth, and the sensors.
//!
//! [`Dataset::open`] recognises the layouts of several benchmarks and plays their frames one by one;
//! [`SequenceWriter`] writes the project's own, [`Sequence`] reads it. This is the only part of the crate that touches
//! files; nothing inside depends on it.
//!
//! The project's own layout:
//!
//! | file | holds |
//! |---|---|
//! | `list.txt` | a line `time_secs path` for every frame, in order |
//! | `frames/000000.jpg` ... | the frames |
//! | `sequence.mjpeg` | the same JPEG files one after the other |
//! | `camera.txt` | one line in COLMAP's notation, see [`CameraModel`] |
//! | `truth.tum` | `t x y z qx qy qz qw` a line: `world_from_camera`, seconds and metres |
//! | `imu.csv` | `t_nanos`, gyroscope rad/s `x y z`, specific force m/s^2 `x y z`, in the camera's frame |
//!
//! Lines that begin with `#` and empty lines are comments. A folder without `camera.txt`, `truth.tum` or `imu.csv` is
//! read without them.

mod camera;
mod error;
mod euroc;
mod imu;
mod play;
mod sequence;
mod seven_scenes;
#[cfg(test)]
mod tests;
mod text;
mod trajectory;
mod tum_rgbd;
#[cfg(feature = "opencv")]
mod video;
mod writer;

pub use crate::evaluation::TimedPose;
pub use camera::CameraModel;
pub use error::DatasetError;
pub use play::{Dataset, DatasetFrame, Format, Frames, Playback};
pub use sequence::{FrameEntry, Sequence};
pub use trajectory::{read_tum, write_tum_line};
pub use writer::SequenceWriter;

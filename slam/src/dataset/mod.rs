//! Sequences in folders: camera frames with their times, the truth, and the sensors.
//!
//! [`SequenceWriter`] writes one, [`Sequence`] reads one. This is the only part of the crate that touches files;
//! nothing inside depends on it.
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
//! Lines that begin with `#` and empty lines are comments. A folder without `camera.txt` or `truth.tum` is read
//! without them.

mod camera;
mod error;
mod sequence;
mod text;
mod writer;

pub use camera::CameraModel;
pub use error::DatasetError;
pub use sequence::{FrameEntry, Sequence, TimedPose};
pub use writer::SequenceWriter;

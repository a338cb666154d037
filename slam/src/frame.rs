//! One frame of the camera, with what its caller knows about it.

use nalgebra::Isometry3;

use crate::camera::Camera;
use crate::image::ImageView;

/// One frame of the camera. Only the picture and its time are needed; [`Frame::new`] leaves the rest out.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// The picture's luma.
    pub image: ImageView<'a>,
    /// When the middle of the exposure was, in nanoseconds of any steady clock.
    pub capture_time_nanos: i64,
    /// The camera of this frame where the platform tells it; else the tracker's.
    pub intrinsics: Option<Camera>,
    /// The camera's pose where the platform tracks it, in metres: the tracker then only maps.
    pub world_from_camera: Option<Isometry3<f64>>,
    /// How long the picture was exposed, in seconds.
    pub exposure_secs: Option<f64>,
}

impl<'a> Frame<'a> {
    /// A frame of which nothing is known but its picture and its time.
    #[must_use]
    pub fn new(image: ImageView<'a>, capture_time_nanos: i64) -> Self {
        Self {
            image,
            capture_time_nanos,
            intrinsics: None,
            world_from_camera: None,
            exposure_secs: None,
        }
    }
}

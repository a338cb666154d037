//! What is taken for a frame, and the camera it was taken with.

use super::Tracker;
use super::config::CameraConfig;
use crate::Error;
use crate::camera::Camera;
use crate::frame::Frame;

impl Tracker {
    /// Refuses what is no frame; the time since the last one.
    pub(super) fn check(&self, frame: &Frame<'_>) -> Result<i64, Error> {
        let actual_nanos = frame.capture_time_nanos;
        let elapsed = match self.now.time_nanos {
            Some(previous_nanos) if actual_nanos <= previous_nanos => {
                return Err(Error::TimeNotIncreasing {
                    previous_nanos,
                    actual_nanos,
                });
            }
            Some(previous_nanos) => actual_nanos.saturating_sub(previous_nanos),
            None => 0,
        };
        if let Some(camera) = frame.intrinsics {
            camera.check()?;
        }
        if let Some(pose) = frame.world_from_camera {
            let numbers = pose
                .translation
                .vector
                .iter()
                .chain(pose.rotation.coords.iter());
            for value in numbers {
                if value.is_nan() || value.abs() >= 1e9 {
                    return Err(Error::Config {
                        name: "world_from_camera",
                        value: *value,
                        range: "finite",
                    });
                }
            }
            let length = pose.rotation.coords.norm();
            if length.is_nan() || (length - 1.0).abs() >= 1e-3 {
                return Err(Error::Config {
                    name: "length of the quaternion of world_from_camera",
                    value: length,
                    range: "1",
                });
            }
        }
        Ok(elapsed)
    }

    /// The camera of a frame: its own, or the shared one.
    pub(super) fn camera_of(&mut self, frame: &Frame<'_>) -> Camera {
        let size = [frame.image.width(), frame.image.height()];
        let shared = self.camera.get_or_insert_with(|| match self.config.camera {
            CameraConfig::Known(camera) => camera.at_size(size),
            CameraConfig::Guess { horizontal_fov_rad } => {
                Camera::from_horizontal_fov(size, horizontal_fov_rad)
            }
        });
        // A map is of the size that it began with.
        if self.mapper.is_none() {
            *shared = shared.at_size(size);
        }
        frame.intrinsics.unwrap_or(*shared).at_size(size)
    }
}

//! What is taken for a frame, what is kept of it without its picture, and the camera it was taken with.

use nalgebra::{Isometry3, Vector3};

use super::Tracker;
use super::config::CameraConfig;
use crate::Error;
use crate::camera::Camera;
use crate::frame::Frame;

/// A frame without its picture, which the front end has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shot {
    pub(super) capture_time_nanos: i64,
    pub(super) size_px: [usize; 2],
    pub(super) intrinsics: Option<Camera>,
    pub(super) world_from_camera: Option<Isometry3<f64>>,
    /// The direction of "up" in the camera's frame when the frame came: later readings are of later turns.
    pub(super) up_in_camera: Option<Vector3<f64>>,
}

impl Tracker {
    /// Refuses what is no frame, or not newer than the newest one; what is kept of it.
    pub(super) fn check(&self, frame: &Frame<'_>) -> Result<Shot, Error> {
        let actual_nanos = frame.capture_time_nanos;
        let waiting = self.waiting.map(|shot| shot.capture_time_nanos);
        let sent = self.sent.map(|sent| sent.shot.capture_time_nanos);
        if let Some(previous_nanos) = waiting.or(sent).or(self.now.time_nanos)
            && actual_nanos <= previous_nanos
        {
            return Err(Error::TimeNotIncreasing {
                previous_nanos,
                actual_nanos,
            });
        }
        if let Some(camera) = frame.intrinsics {
            camera.check()?;
        }
        if let Some(pose) = &frame.world_from_camera {
            check_pose(pose)?;
        }
        Ok(Shot {
            capture_time_nanos: frame.capture_time_nanos,
            size_px: [frame.image.width(), frame.image.height()],
            intrinsics: frame.intrinsics,
            world_from_camera: frame.world_from_camera,
            up_in_camera: self.motion.up_in_camera(),
        })
    }

    /// The camera of a frame: its own, or the shared one.
    pub(super) fn camera_of(&self, shot: &Shot) -> Camera {
        let own = shot.intrinsics;
        own.unwrap_or_else(|| self.shared_camera(shot.size_px))
            .at_size(shot.size_px)
    }

    /// The shared camera as it is once there are pictures of a size. A map is of the size that it began with.
    pub(super) fn shared_camera(&self, size_px: [usize; 2]) -> Camera {
        match (self.camera, self.config.camera) {
            (Some(shared), _) if self.mapper.is_some() => shared,
            (Some(shared), _) => shared.at_size(size_px),
            (None, CameraConfig::Known(camera)) => camera.at_size(size_px),
            (None, CameraConfig::Guess { horizontal_fov_rad }) => {
                Camera::from_horizontal_fov(size_px, horizontal_fov_rad)
            }
        }
    }
}

fn check_pose(pose: &Isometry3<f64>) -> Result<(), Error> {
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
    Ok(())
}

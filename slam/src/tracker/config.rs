//! The tracker's settings.

use crate::Error;
use crate::camera::Camera;
use crate::front_end::FrontEndConfig;

/// What is known about the camera before the first frame. A frame's own intrinsics win over it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum CameraConfig {
    /// A camera from a calibration or a data sheet; an error of its focal length of some per cent and of its first
    /// distortion term is found and mended.
    Known(Camera),
    /// Nothing but a guess of the horizontal field of view; focal length and one distortion term are estimated.
    Guess {
        /// Full angle from the left to the right edge.
        horizontal_fov_rad: f64,
    },
}

/// The tracker's settings.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackerConfig {
    /// The front end's.
    pub front_end: FrontEndConfig,
    /// The camera.
    pub camera: CameraConfig,
    /// Of all random choices: the same seed and frames give the same poses.
    pub seed: u64,
    /// The most keyframes kept: 10 to 1000. Each takes about 0.6 MB at 640 x 480.
    pub max_keyframes: usize,
    /// The most landmarks kept: 100 to 1,000,000.
    pub max_landmarks: usize,
    /// Whether the pose of every frame is kept relative to its keyframe, for
    /// [`crate::Tracker::final_trajectory`]. It grows with time.
    pub keep_trajectory: bool,
}

impl Default for TrackerConfig {
    fn default() -> Self {
        Self {
            front_end: FrontEndConfig {
                max_points: 450,
                grid_cell_px: 20,
                min_missing_points: 50,
                ..FrontEndConfig::default()
            },
            camera: CameraConfig::Guess {
                horizontal_fov_rad: 60.0_f64.to_radians(),
            },
            seed: 0,
            max_keyframes: 90,
            max_landmarks: 10_000,
            keep_trajectory: false,
        }
    }
}

impl TrackerConfig {
    pub(super) fn check(&self) -> Result<(), Error> {
        let refuse = |name, value, range| Err(Error::Config { name, value, range });
        match self.camera {
            CameraConfig::Known(camera) => camera.check()?,
            CameraConfig::Guess { horizontal_fov_rad } => {
                if !(0.1..=3.0).contains(&horizontal_fov_rad) {
                    return refuse("horizontal_fov_rad", horizontal_fov_rad, "0.1 to 3");
                }
            }
        }
        if !(10..=1000).contains(&self.max_keyframes) {
            return refuse("max_keyframes", self.max_keyframes as f64, "10 to 1000");
        }
        if !(100..=1_000_000).contains(&self.max_landmarks) {
            return refuse("max_landmarks", self.max_landmarks as f64, "100 to 1000000");
        }
        Ok(())
    }
}

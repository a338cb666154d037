//! The tracker: frames in, poses out, and a map that grows beside.

mod tracking;

use nalgebra::{Isometry3, Vector2, Vector3};

use crate::Error;
use crate::camera::Camera;
use crate::frame::Frame;
use crate::front_end::FrontEndConfig;
use crate::imu::ImuSample;
use crate::map::{LandmarkId, Map};

pub use tracking::{Position, Quality, Reason, State, Tracking};

/// What is known about the camera before the first frame. A frame's own intrinsics win over it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum CameraConfig {
    /// A calibrated camera; small errors of its focal length and first distortion term are still estimated.
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
    /// The most keyframes kept.
    pub max_keyframes: usize,
    /// The most landmarks kept.
    pub max_landmarks: usize,
    /// Whether the pose of every frame is kept relative to its keyframe, for [`Tracker::final_trajectory`]. It grows
    /// with time.
    pub keep_trajectory: bool,
}

impl Default for TrackerConfig {
    fn default() -> Self {
        Self {
            front_end: FrontEndConfig::default(),
            camera: CameraConfig::Guess {
                horizontal_fov_rad: 1.1,
            },
            seed: 0,
            max_keyframes: 100,
            max_landmarks: 10_000,
            keep_trajectory: false,
        }
    }
}

/// How much one [`Tracker::map_step`] may do. Slam has no clock: a unit is about the work of a thousand residuals
/// linearised once, some tenths of a millisecond; the caller measures and adapts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MapBudget {
    /// Units of work after which the step stops at the next good place.
    pub work_units: u32,
}

/// What a [`Tracker::map_step`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MapProgress {
    /// Units of work done.
    pub work_units: u32,
    /// Whether work is left that another step would do.
    pub pending: bool,
}

/// A point of the last frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeenPoint {
    /// The track's id.
    pub track: u32,
    /// The landmark it is, if it is one already.
    pub landmark: Option<LandmarkId>,
    /// Where it is in the picture, in pixels.
    pub position_px: [f32; 2],
    /// Frames since it was first seen.
    pub age_frames: u32,
    /// Its depth in the frame's camera in map units, where it is known.
    pub depth: Option<f32>,
}

/// Tracks a camera and maps what it sees.
#[derive(Debug)]
pub struct Tracker {
    config: TrackerConfig,
    map: Map,
    points: Vec<SeenPoint>,
}

impl Tracker {
    /// A tracker that has seen nothing.
    ///
    /// # Errors
    /// [`Error::Config`] where a setting is out of its range.
    pub fn new(config: TrackerConfig) -> Result<Self, Error> {
        if let CameraConfig::Known(camera) = config.camera {
            camera.check()?;
        }
        Ok(Self {
            config,
            map: Map::default(),
            points: Vec::new(),
        })
    }

    /// Takes a reading of the motion sensors; readings come in the order of their times, before the frames they lead
    /// up to. One that is not newer than the last is left out.
    pub fn imu(&mut self, _sample: &ImuSample) {}

    /// Takes a frame and tells where its camera was.
    ///
    /// # Errors
    /// [`Error::TimeNotIncreasing`] for a frame that is not newer than the last, [`Error::Config`] for intrinsics that
    /// are no camera; such a frame changes nothing.
    pub fn track(&mut self, frame: &Frame<'_>) -> Result<Tracking, Error> {
        Ok(Tracking {
            capture_time_nanos: frame.capture_time_nanos,
            state: State::Initializing,
            world_from_camera: Isometry3::identity(),
            position: Position::Unknown,
            quality: Quality {
                score: 0.0,
                reason: Reason::NoParallax,
            },
            landmarks_seen: 0,
        })
    }

    /// Works on the map, off the tracking path: call it between frames, as often as time allows.
    pub fn map_step(&mut self, _budget: MapBudget) -> MapProgress {
        MapProgress::default()
    }

    /// The map as it stands.
    #[must_use]
    pub fn map(&self) -> &Map {
        &self.map
    }

    /// The points of the last frame.
    #[must_use]
    pub fn points(&self) -> &[SeenPoint] {
        &self.points
    }

    /// The camera as it is known now; none before the first frame.
    #[must_use]
    pub fn camera(&self) -> Option<Camera> {
        match self.config.camera {
            CameraConfig::Known(camera) => Some(camera),
            CameraConfig::Guess { .. } => None,
        }
    }

    /// The ray through a pixel of the last frame in the public world: origin and direction of length 1.
    #[must_use]
    pub fn ray(&self, _pixel: Vector2<f64>) -> Option<(Vector3<f64>, Vector3<f64>)> {
        None
    }

    /// The pose of every tracked frame after all optimisation so far; empty unless the configuration asks to keep it.
    #[must_use]
    pub fn final_trajectory(&self) -> Vec<(i64, Isometry3<f64>)> {
        Vec::new()
    }

    /// Forgets everything but the configuration.
    pub fn restart(&mut self) {
        self.map = Map::default();
        self.points.clear();
    }
}

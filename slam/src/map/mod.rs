//! What the tracker knows of the scene: keyframes, landmarks, and who sees whom.
//!
//! The map's frame is that of the first keyframe unless the platform's poses give another; its unit is arbitrary for a
//! monocular map and metres for a posed one.

use nalgebra::{Isometry3, Matrix3, Vector3};

use crate::camera::Camera;
use crate::pyramid::Pyramid;

/// The same for a keyframe's life, never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyframeId(pub u32);

/// The same for a landmark's life, never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LandmarkId(pub u32);

/// A frame that the map keeps.
#[derive(Debug, Clone)]
pub struct Keyframe {
    /// Who it is.
    pub id: KeyframeId,
    /// When it was taken.
    pub capture_time_nanos: i64,
    /// Its pose in the map.
    pub world_from_camera: Isometry3<f64>,
    /// Its camera.
    pub camera: Camera,
    /// Its picture.
    pub pyramid: Pyramid,
    /// The landmarks that it sees, and where, in pixels.
    pub observations: Vec<(LandmarkId, [f32; 2])>,
}

/// A point of the scene.
#[derive(Debug, Clone, PartialEq)]
pub struct Landmark {
    /// Who it is.
    pub id: LandmarkId,
    /// Where it is.
    pub point_in_world: Vector3<f64>,
    /// How sure that is, in squared map units.
    pub covariance: Matrix3<f64>,
    /// The mean direction from the landmark towards the cameras that saw it, of length 1.
    pub toward_cameras: Vector3<f64>,
    /// The keyframes that see it, the oldest first.
    pub keyframes: Vec<KeyframeId>,
}

/// Keyframes and landmarks.
#[derive(Debug, Clone, Default)]
pub struct Map {
    keyframes: Vec<Keyframe>,
    landmarks: Vec<Landmark>,
}

impl Map {
    /// All keyframes, the oldest first.
    pub fn keyframes(&self) -> impl Iterator<Item = &Keyframe> {
        self.keyframes.iter()
    }

    /// All landmarks, the oldest first.
    pub fn landmarks(&self) -> impl Iterator<Item = &Landmark> {
        self.landmarks.iter()
    }
}

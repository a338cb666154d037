//! A point of the scene.

use nalgebra::{Matrix3, Vector3};

use super::KeyframeId;

/// The same for a landmark's life, never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LandmarkId(pub u32);

/// Where a keyframe sees a landmark.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    /// Who sees it.
    pub keyframe: KeyframeId,
    /// Where, in pixels.
    pub position_px: [f32; 2],
    /// One standard deviation of that, in pixels.
    pub sigma_px: f32,
}

/// A point of the scene.
#[derive(Debug, Clone)]
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
    pub observations: Vec<Observation>,
    /// Frames in which it should have been seen, and in which it was.
    pub(crate) expected: u32,
    pub(crate) found: u32,
    /// Looks in a row, and frames between them, in which it was not.
    pub(crate) missed: u32,
    /// The track that follows it now.
    pub(crate) track: Option<u32>,
}

impl Landmark {
    pub(super) fn new(id: LandmarkId, point_in_world: Vector3<f64>) -> Self {
        Self {
            id,
            point_in_world,
            covariance: Matrix3::identity(),
            toward_cameras: Vector3::zeros(),
            observations: Vec::new(),
            expected: 0,
            found: 0,
            missed: 0,
            track: None,
        }
    }

    /// Adds an observation, or replaces the one of the same keyframe and tells so.
    pub(super) fn observe(
        &mut self,
        observation: Observation,
        camera_in_world: Vector3<f64>,
    ) -> bool {
        let toward = (camera_in_world - self.point_in_world)
            .try_normalize(f64::EPSILON)
            .unwrap_or_default();
        let seen = self
            .observations
            .iter_mut()
            .find(|o| o.keyframe == observation.keyframe);
        if let Some(seen) = seen {
            *seen = observation;
            return true;
        }
        let count = self.observations.len() as f64;
        let mean = self.toward_cameras * count + toward;
        self.toward_cameras = mean.try_normalize(f64::EPSILON).unwrap_or(toward);
        self.observations.push(observation);
        false
    }

    pub(super) fn forget(&mut self, keyframe: KeyframeId) {
        self.observations.retain(|o| o.keyframe != keyframe);
    }
}

//! Planes of the scene from its sparse points.

use nalgebra::{Isometry3, Vector2, Vector3};

use super::WorldPoint;
use crate::map::{KeyframeId, LandmarkId};

/// The same while it is the same surface, never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlaneId(pub u32);

/// How a plane lies to gravity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaneKind {
    /// Gravity is not known.
    Unknown,
    /// Floors and table tops.
    HorizontalUp,
    /// Ceilings.
    HorizontalDown,
    /// Walls.
    Vertical,
    /// None of these.
    Other,
}

/// A flat part of the scene.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    /// Who it is.
    pub id: PlaneId,
    /// Maps the plane's frame into the world: its origin in the middle of the polygon, +Y along the normal, X and Z
    /// within the plane, as WebXR has it.
    pub world_from_plane: Isometry3<f64>,
    /// The plane's +Y in the world: of length 1, towards the side that the cameras saw.
    pub normal: Vector3<f64>,
    /// How it lies to gravity.
    pub kind: PlaneKind,
    /// Its convex outline: corners `(x, z)` in the plane's frame, map units, in the order that is counterclockwise for
    /// who looks at the plane from the side of its normal.
    pub polygon: Vec<Vector2<f64>>,
    /// Of the polygon, squared map units.
    pub area: f64,
    /// Root of the mean squared distance of its points, map units.
    pub rms: f64,
    /// Standard deviation of the normal in the direction in which it is least sure, radians.
    pub sigma_normal_rad: f64,
    /// Standard deviation along the normal of the plane at the middle of its points, map units.
    pub sigma_offset: f64,
    /// The landmarks on it, sorted; no landmark is on two planes.
    pub points: Vec<LandmarkId>,
    /// The chance that there is such a surface, in `0.0..=1.0`.
    pub confidence: f64,
}

/// The settings of the search for planes.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaneFinderConfig {
    /// Of all random choices.
    pub seed: u64,
    /// The fewest points of a plane.
    pub min_points: usize,
    /// The most planes kept.
    pub max_planes: usize,
}

impl Default for PlaneFinderConfig {
    fn default() -> Self {
        Self {
            seed: 0,
            min_points: 12,
            max_planes: 64,
        }
    }
}

/// Finds planes and follows them.
#[derive(Debug, Clone)]
pub struct PlaneFinder {
    config: PlaneFinderConfig,
    planes: Vec<Plane>,
}

impl PlaneFinder {
    /// One that has found nothing.
    #[must_use]
    pub fn new(config: PlaneFinderConfig) -> Self {
        Self {
            config,
            planes: Vec::new(),
        }
    }

    /// Follows the known planes and looks for new ones; answers the units of work done.
    pub fn update(
        &mut self,
        _points: &[WorldPoint],
        _keyframes: &[(KeyframeId, Isometry3<f64>)],
        _down_in_world: Option<Vector3<f64>>,
        _work_units: u32,
    ) -> u32 {
        let _ = self.config.seed;
        0
    }

    /// The planes known now, the oldest first.
    #[must_use]
    pub fn planes(&self) -> &[Plane] {
        &self.planes
    }

    /// Forgets all planes; their identities are not used again.
    pub fn restart(&mut self) {
        self.planes.clear();
    }
}

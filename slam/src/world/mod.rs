//! What an application asks about the scene: planes, where a ray meets it, and places that stay with it.
//!
//! In: the map's landmarks as plain [`WorldPoint`]s, the poses of its keyframes, the direction of gravity where an
//! accelerometer gave it. Out: [`Plane`]s with identities that last, [`Hit`]s of rays, poses of [`Anchors`] that follow
//! the map's corrections. Nothing here knows of images, tracks or the tracker; nothing here changes the map.
//!
//! A monocular map has no unit of length, so no threshold here is one: everything is measured against the covariances
//! of the points, their distances to the cameras and the spacing between them.
//!
//! ```
//! use nalgebra::{Matrix3, Vector3};
//! use slam::map::LandmarkId;
//! use slam::world::{World, WorldConfig, WorldInput, WorldPoint};
//!
//! // A wall of texture two units before the camera.
//! let points: Vec<WorldPoint> = (0..100_u32)
//!     .map(|k| WorldPoint {
//!         id: LandmarkId(k),
//!         point_in_world: Vector3::new(f64::from(k % 10) * 0.1, f64::from(k / 10) * 0.1, 2.0),
//!         covariance: Matrix3::identity() * 1e-6,
//!         toward_cameras: -Vector3::z(),
//!         observations: 5,
//!     })
//!     .collect();
//! let mut world = World::new(WorldConfig::default());
//! world.update(&WorldInput { points: &points, ..WorldInput::default() });
//! let hits = world.hit_test(&Vector3::new(0.5, 0.5, 0.0), &Vector3::z());
//! assert!(hits.windows(2).all(|two| two[0].distance <= two[1].distance));
//! ```

mod anchors;
mod hit_test;
mod kd_tree;
mod planes;

use nalgebra::{Isometry3, Matrix3, Vector3};

use crate::map::{KeyframeId, Landmark, LandmarkId};

pub use anchors::{Anchor, AnchorId, AnchorState, Anchors};
pub use hit_test::{Hit, HitKind, best_hit, hit_test};
pub use planes::{Plane, PlaneFinder, PlaneFinderConfig, PlaneId, PlaneKind};

/// A landmark as the world queries see it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WorldPoint {
    /// Who it is.
    pub id: LandmarkId,
    /// Where it is.
    pub point_in_world: Vector3<f64>,
    /// How sure that is, in squared map units; mostly long along the viewing ray.
    pub covariance: Matrix3<f64>,
    /// The mean direction from it towards the cameras that saw it, of length 1.
    pub toward_cameras: Vector3<f64>,
    /// How many keyframes see it.
    pub observations: u32,
}

impl From<&Landmark> for WorldPoint {
    fn from(landmark: &Landmark) -> Self {
        Self {
            id: landmark.id,
            point_in_world: landmark.point_in_world,
            covariance: landmark.covariance,
            toward_cameras: landmark.toward_cameras,
            observations: u32::try_from(landmark.observations.len()).unwrap_or(u32::MAX),
        }
    }
}

impl WorldPoint {
    /// Whether all its numbers are numbers.
    pub(crate) fn is_finite(&self) -> bool {
        self.point_in_world.iter().all(|x| x.is_finite())
            && self.covariance.iter().all(|x| x.is_finite())
            && self.toward_cameras.iter().all(|x| x.is_finite())
    }
}

/// The map at one moment, and how much may be done with it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WorldInput<'a> {
    /// All landmarks worth trusting, in any order.
    pub points: &'a [WorldPoint],
    /// `world_from_camera` of all keyframes, in any order.
    pub keyframes: &'a [(KeyframeId, Isometry3<f64>)],
    /// The direction in which things fall, of length 1, where it is known.
    pub down_in_world: Option<Vector3<f64>>,
    /// Whether the map's unit is fixed (metres, by the platform's poses); else its scale may be corrected.
    pub is_metric: bool,
    /// Units of work for finding planes, each about a thousand residuals; following the known ones is always done.
    pub work_units: u32,
}

impl Default for WorldInput<'_> {
    /// An empty map of unknown scale, with work for a few milliseconds.
    fn default() -> Self {
        Self {
            points: &[],
            keyframes: &[],
            down_in_world: None,
            is_metric: false,
            work_units: 100,
        }
    }
}

/// The settings.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WorldConfig {
    /// Of the planes, the seed among them.
    pub planes: PlaneFinderConfig,
}

/// Planes, hit tests and anchors over one map.
#[derive(Debug, Clone)]
pub struct World {
    planes: PlaneFinder,
    anchors: Anchors,
    points: Vec<WorldPoint>,
    keyframes: Vec<(KeyframeId, Isometry3<f64>)>,
}

impl World {
    /// A world that knows nothing.
    #[must_use]
    pub fn new(config: WorldConfig) -> Self {
        Self {
            planes: PlaneFinder::new(config.planes),
            anchors: Anchors::default(),
            points: Vec::new(),
            keyframes: Vec::new(),
        }
    }

    /// Takes the map as it stands: anchors and known planes follow it, and new planes are looked for as far as the work
    /// allows. Answers the units of work done. Call it after the map has changed; between calls the world answers from
    /// what it was last given.
    pub fn update(&mut self, input: &WorldInput<'_>) -> u32 {
        self.take(input);
        self.planes.update(
            &self.points,
            &self.keyframes,
            input.down_in_world,
            input.work_units,
        )
    }

    /// Takes a map that was corrected: anchors and known planes follow it, whatever work that takes, and nothing else is
    /// done. Answers the units of work.
    pub fn follow(&mut self, input: &WorldInput<'_>) -> u32 {
        self.take(input);
        self.planes
            .follow_map(&self.points, &self.keyframes, input.down_in_world)
    }

    fn take(&mut self, input: &WorldInput<'_>) {
        self.points.clear();
        self.points
            .extend(input.points.iter().filter(|point| point.is_finite()));
        self.keyframes.clear();
        self.keyframes.extend_from_slice(input.keyframes);
        self.anchors
            .update(&self.points, &self.keyframes, input.is_metric);
    }

    /// The planes known now, the oldest first.
    #[must_use]
    pub fn planes(&self) -> &[Plane] {
        self.planes.planes()
    }

    /// Where a ray of the world meets the scene, the nearest first; empty where nothing is known there. The direction
    /// need not be of length 1. [`best_hit`] chooses one.
    #[must_use]
    pub fn hit_test(&self, origin: &Vector3<f64>, direction: &Vector3<f64>) -> Vec<Hit> {
        hit_test(origin, direction, self.planes.planes(), &self.points)
    }

    /// Makes an anchor at a pose of the world.
    pub fn add_anchor(&mut self, world_from_anchor: Isometry3<f64>) -> AnchorId {
        self.anchors
            .add(world_from_anchor, &self.points, &self.keyframes)
    }

    /// An anchor as it is now; none if it was removed.
    #[must_use]
    pub fn anchor(&self, id: AnchorId) -> Option<Anchor> {
        self.anchors.get(id)
    }

    /// Whether there are anchors.
    pub(crate) fn has_anchors(&self) -> bool {
        self.anchors.iter().next().is_some()
    }

    /// Forgets an anchor; whether there was one.
    pub fn remove_anchor(&mut self, id: AnchorId) -> bool {
        self.anchors.remove(id)
    }

    /// Forgets all planes, points and anchors, for a new map; identities are not used again.
    pub fn restart(&mut self) {
        self.planes.restart();
        self.anchors.restart();
        self.points.clear();
        self.keyframes.clear();
    }
}

#[cfg(test)]
mod tests;

//! Where a ray meets the scene.

use nalgebra::{Isometry3, Vector3};

use super::{Plane, PlaneId, WorldPoint};
use crate::map::KeyframeId;

/// What a ray has met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HitKind {
    /// A plane, within its polygon and a small margin.
    Plane(PlaneId),
    /// The extension of a plane beyond its polygon.
    PlaneExtension(PlaneId),
    /// A surface through this many landmarks around the ray.
    Points(u32),
}

/// Where a ray has met the scene.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// The origin where the ray meets the surface, +Y the surface's normal towards the ray's origin, -Z as far as that
    /// allows along the ray.
    pub world_from_hit: Isometry3<f64>,
    /// From the ray's origin, in map units.
    pub distance: f64,
    /// What was met.
    pub kind: HitKind,
    /// The chance that the true distance is within 2% of this one, in `0.0..=1.0`.
    pub confidence: f64,
    /// Standard deviation of the distance if it is this surface that is there, in map units.
    pub sigma_distance: f64,
}

/// The hit to take if one is wanted: the nearest that is more likely right than not, else the likeliest.
#[must_use]
pub fn best_hit(hits: &[Hit]) -> Option<&Hit> {
    hits.iter().find(|hit| hit.confidence > 0.5).or_else(|| {
        hits.iter()
            .max_by(|a, b| a.confidence.total_cmp(&b.confidence))
    })
}

/// Where a ray meets the scene, the nearest first.
#[must_use]
pub fn hit_test(
    _origin: &Vector3<f64>,
    _direction: &Vector3<f64>,
    _planes: &[Plane],
    _points: &[WorldPoint],
    _keyframes: &[(KeyframeId, Isometry3<f64>)],
) -> Vec<Hit> {
    Vec::new()
}

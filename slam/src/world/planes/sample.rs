//! The points as the plane finder works with them: a position, how far off a plane it may be, who looks at it.

use nalgebra::{Isometry3, Matrix3, Vector3};

use crate::map::{KeyframeId, LandmarkId};
use crate::world::WorldPoint;

/// How rough and bent a surface may be that counts as a plane, as a share of the distance it is seen from. It also
/// keeps points with a covariance of nothing from ruling over a fit.
const ROUGHNESS: f64 = 0.004;

/// A point whose place is less sure than this share of its depth says nothing about planes.
const MAX_RELATIVE_SIGMA: f64 = 0.15;

/// Depths are taken from this many keyframes at most.
const MAX_KEYFRAMES: usize = 24;

/// A point.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) id: LandmarkId,
    pub(crate) point: Vector3<f64>,
    pub(crate) covariance: Matrix3<f64>,
    pub(crate) toward_cameras: Vector3<f64>,
    /// Distance to the nearest keyframe on its seen side.
    pub(crate) depth: f64,
    /// No plane sees a larger standard deviation.
    pub(crate) reach: f64,
}

impl Sample {
    /// Variance of the point's distance to a plane of a normal.
    pub(crate) fn variance_along(&self, normal: &Vector3<f64>) -> f64 {
        let rough = ROUGHNESS * self.depth;
        normal.dot(&(self.covariance * normal)).max(0.0) + rough * rough
    }

    /// Whether the cameras saw the side of a surface to which `normal` points; edge-on does not count.
    pub(crate) fn faces(&self, normal: &Vector3<f64>) -> bool {
        self.toward_cameras.dot(normal) > 0.05
    }
}

/// What a search works on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Search<'a> {
    pub(crate) samples: &'a [Sample],
    /// Whether a sample is on no plane.
    pub(crate) free: &'a [bool],
    /// What a standard deviation of the samples is worth.
    pub(crate) noise: f64,
    pub(crate) min_points: usize,
    /// Directions that surfaces probably lie across or along: against gravity, the normals of large planes.
    pub(crate) directions: &'a [Vector3<f64>],
}

/// Turns the points of a map into samples, sorted by their ids and each id once; leaves out what is not finite or not
/// sure enough.
pub(crate) fn samples_of(
    points: &[WorldPoint],
    keyframes: &[(KeyframeId, Isometry3<f64>)],
    samples: &mut Vec<Sample>,
) {
    let step = keyframes.len().div_ceil(MAX_KEYFRAMES).max(1);
    let centers: Vec<Vector3<f64>> = keyframes
        .iter()
        .step_by(step)
        .map(|(_, world_from_camera)| world_from_camera.translation.vector)
        .filter(|center| center.iter().all(|x| x.is_finite()))
        .collect();
    let fallback = spread(points);
    samples.clear();
    for point in points.iter().filter(|point| point.is_finite()) {
        let depth = depth_of(point, &centers).unwrap_or(fallback);
        let variance = point.covariance.trace();
        let limit = MAX_RELATIVE_SIGMA * depth;
        if !(depth > 0.0 && depth.is_finite() && (0.0..=limit * limit).contains(&variance)) {
            continue;
        }
        samples.push(Sample {
            id: point.id,
            point: point.point_in_world,
            covariance: point.covariance,
            toward_cameras: point.toward_cameras,
            depth,
            reach: variance.sqrt() + ROUGHNESS * depth,
        });
    }
    if !samples.is_sorted_by_key(|sample| sample.id) {
        samples.sort_by_key(|sample| sample.id);
    }
    samples.dedup_by_key(|sample| sample.id);
}

fn depth_of(point: &WorldPoint, centers: &[Vector3<f64>]) -> Option<f64> {
    let (mut seen, mut any) = (f64::INFINITY, f64::INFINITY);
    for center in centers {
        let away = center - point.point_in_world;
        let squared = away.norm_squared();
        any = any.min(squared);
        let along = away.dot(&point.toward_cameras);
        // Within 60 degrees of where it was seen from.
        if along > 0.0 && along * along > 0.25 * squared {
            seen = seen.min(squared);
        }
    }
    let nearest = if seen.is_finite() { seen } else { any };
    nearest.is_finite().then(|| nearest.sqrt())
}

/// The size of the cloud, for maps without keyframes.
fn spread(points: &[WorldPoint]) -> f64 {
    let mut count = 0.0;
    let mut mean = Vector3::zeros();
    for point in points.iter().filter(|point| point.is_finite()) {
        count += 1.0;
        mean += (point.point_in_world - mean) / count;
    }
    let mut squares = 0.0;
    for point in points.iter().filter(|point| point.is_finite()) {
        squares += (point.point_in_world - mean).norm_squared() / count;
    }
    squares.sqrt()
}

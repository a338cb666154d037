//! Where a ray meets the scene.
//!
//! Planes are met exactly; between and beside them the landmarks around the ray make a local surface ([`patch`]). What
//! the one knows of the other goes into the confidences: points on a plane's polygon are the plane, points before it
//! hide it, and points that are seen through a polygon or its extension speak against it.

mod on_point;
mod patch;

use nalgebra::{Isometry3, Vector3};

use super::planes::{any_across, frame};
use super::{Plane, PlaneId, WorldPoint};
use on_point::OnPoint;
use patch::Patch;

/// Surfaces seen flatter than this (the cosine to the normal) are not met.
const MIN_COSINE: f64 = 0.03;

/// Hits are counted right when they are within this share of the distance.
const RIGHT: f64 = 0.02;

/// A plane is supported where it is met by this many of its points, ...
const SUPPORTERS: usize = 3;

/// ... which are within so many of its mean spacings, ...
const SUPPORTED_SPACINGS: f64 = 2.0;

/// ... of which one is at least this share of the distance.
const LEAST_SPACING: f64 = 0.03;

/// How much of the confidence in a plane holds far from all of its points.
const UNSUPPORTED: f64 = 0.35;

/// How much of the confidence in a plane holds for its extension, at the polygon's edge.
const EXTENSION: f64 = 0.4;

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
    /// The chance that the scene's surface is within 2% of this distance, in `0.0..=1.0`.
    pub confidence: f64,
    /// Standard deviation of the distance if it is this surface that is there, in map units.
    pub sigma_distance: f64,
}

/// The hit to take if one is wanted: the nearest that is as likely right as not, else the likeliest.
#[must_use]
pub fn best_hit(hits: &[Hit]) -> Option<&Hit> {
    hits.iter().find(|hit| hit.confidence >= 0.5).or_else(|| {
        hits.iter()
            .max_by(|a, b| a.confidence.total_cmp(&b.confidence))
    })
}

/// Where a ray meets the scene, the nearest first; empty where nothing is known there, and for a direction or origin
/// that is none. The direction need not be of length 1; the origin is best a camera's, because what is hidden is judged
/// from there. Surfaces are met on the side that the cameras saw.
#[must_use]
pub fn hit_test(
    origin: &Vector3<f64>,
    direction: &Vector3<f64>,
    planes: &[Plane],
    points: &[WorldPoint],
) -> Vec<Hit> {
    let finite = origin.iter().chain(direction).all(|x| x.is_finite());
    let Some(direction) = direction
        .try_normalize(f64::MIN_POSITIVE)
        .filter(|_| finite)
    else {
        return Vec::new();
    };
    let ray = Ray {
        origin: *origin,
        direction,
    };
    let mut hits: Vec<Hit> = planes
        .iter()
        .filter_map(|plane| meet(&ray, plane))
        .collect();
    for hit in &mut hits {
        if let HitKind::Plane(_) = hit.kind
            && let Some(plane) = find(planes, hit.kind)
        {
            hit.confidence *= local_support(&ray, hit, plane, points);
        }
    }
    let patch = Patch::around(&ray, points, planes);
    if let Some(patch) = patch {
        weigh(&patch, planes, &mut hits);
        let agrees = |hit: &Hit| {
            matches!(hit.kind, HitKind::Plane(_)) && hit.confidence >= 0.3 && same(&patch, hit)
        };
        // The plane knows better.
        if !hits.iter().any(agrees) {
            hits.push(Hit {
                world_from_hit: ray.pose_at(patch.distance, &patch.normal),
                distance: patch.distance,
                kind: HitKind::Points(patch.points),
                confidence: patch.confidence * within_right(patch.distance, patch.sigma_distance),
                sigma_distance: patch.sigma_distance,
            });
        }
    }
    if let Some(point) = OnPoint::of(&ray, points, planes) {
        point.weigh(&ray, &mut hits);
    }
    hits.retain(|hit| hit.distance.is_finite() && hit.confidence.is_finite());
    hits.sort_by(|a, b| a.distance.total_cmp(&b.distance));
    hits
}

/// A ray with a direction of length 1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ray {
    pub(crate) origin: Vector3<f64>,
    pub(crate) direction: Vector3<f64>,
}

impl Ray {
    fn pose_at(&self, distance: f64, normal: &Vector3<f64>) -> Isometry3<f64> {
        let at = self.origin + self.direction * distance;
        // X is across both, so that -Z lies along the ray.
        let x = self.direction.cross(normal);
        match x.norm() > 1e-9 {
            true => frame(&at, normal, &x),
            false => frame(&at, normal, &any_across(normal)),
        }
    }
}

fn meet(ray: &Ray, plane: &Plane) -> Option<Hit> {
    let cosine = -plane.normal.dot(&ray.direction);
    let middle = plane.world_from_plane.translation.vector;
    let height = plane.normal.dot(&(ray.origin - middle));
    let distance = height / cosine;
    if cosine < MIN_COSINE || !(distance > 0.0 && distance.is_finite()) {
        return None;
    }
    let at = ray.origin + ray.direction * distance;
    let outside = plane.distance_outside(&at);
    let spacing = plane.spacing();
    let extent = plane.area.sqrt();
    let arm = (at - middle).norm();
    // Sure along the normal; along the ray that is stretched where the plane is seen flat.
    let sigma_height = plane
        .sigma_offset
        .hypot(plane.sigma_normal_rad * arm)
        .hypot(0.2 * plane.rms);
    let sigma_distance = sigma_height / cosine;
    let (kind, share) = if outside <= spacing {
        let share = 1.0 - 0.2 * (outside / spacing).clamp(0.0, 1.0);
        (HitKind::Plane(plane.id), share)
    } else {
        let far = (outside - spacing) / extent.max(f64::MIN_POSITIVE);
        (
            HitKind::PlaneExtension(plane.id),
            EXTENSION * (-2.0 * far).exp(),
        )
    };
    Some(Hit {
        world_from_hit: ray.pose_at(distance, &plane.normal),
        distance,
        kind,
        confidence: plane.confidence * share * within_right(distance, sigma_distance),
        sigma_distance,
    })
}

/// Whether a plane is met where the points are.
fn same(patch: &Patch, hit: &Hit) -> bool {
    let sigma = patch.sigma_distance.hypot(hit.sigma_distance);
    (hit.distance - patch.distance).abs() < (3.0 * sigma).max(RIGHT * hit.distance)
}

/// The plane that was met.
fn find(planes: &[Plane], kind: HitKind) -> Option<&Plane> {
    let (HitKind::Plane(id) | HitKind::PlaneExtension(id)) = kind else {
        return None;
    };
    planes.iter().find(|plane| plane.id == id)
}

/// How much of the confidence in a plane holds where it is met: outlines are convex, and a floor's goes on under the
/// table, where none of its points are.
fn local_support(ray: &Ray, hit: &Hit, plane: &Plane, points: &[WorldPoint]) -> f64 {
    let at = ray.origin + ray.direction * hit.distance;
    let mut nearest = [f64::INFINITY; SUPPORTERS];
    for point in points {
        let squared = (point.point_in_world - at).norm_squared();
        // The cheap test first.
        if squared < nearest[SUPPORTERS - 1] && plane.points.binary_search(&point.id).is_ok() {
            let rank = nearest.partition_point(|other| *other <= squared);
            nearest[rank..].rotate_right(1);
            nearest[rank] = squared;
        }
    }
    let spacing = plane.spacing().max(LEAST_SPACING * hit.distance);
    let beyond = nearest[SUPPORTERS - 1].sqrt() / spacing - SUPPORTED_SPACINGS;
    UNSUPPORTED + (1.0 - UNSUPPORTED) * (-(beyond.max(0.0) / SUPPORTED_SPACINGS).powi(2)).exp()
}

/// What the points around the ray say about the planes. What lies behind a plane speaks against it only where it was
/// seen through it; else the plane hides it.
fn weigh(patch: &Patch, planes: &[Plane], hits: &mut [Hit]) {
    for hit in hits {
        if same(patch, hit) {
            // Points on an extension make it likelier.
            let agreed = 0.5 * patch.confidence;
            hit.confidence +=
                agreed * (1.0 - hit.confidence) * within_right(hit.distance, hit.sigma_distance);
        } else if hit.distance < patch.distance {
            let through = find(planes, hit.kind).map_or(1.0, |plane| patch.seen_through(plane));
            hit.confidence *= 1.0 - 0.8 * patch.confidence * through;
        } else {
            hit.confidence *= 1.0 - 0.7 * patch.confidence;
        }
    }
}

/// The chance that a normally distributed distance is within [`RIGHT`].
fn within_right(distance: f64, sigma: f64) -> f64 {
    let x = RIGHT * distance / (sigma.max(f64::MIN_POSITIVE) * std::f64::consts::SQRT_2);
    // The error function (Winitzki 2008, to 0.04%).
    let square = x.min(6.0).powi(2);
    let a = 0.147;
    let exponent = square * (4.0 / std::f64::consts::PI + a * square) / (1.0 + a * square);
    (1.0 - (-exponent).exp()).max(0.0).sqrt()
}

//! The surface through the landmarks around a ray.
//!
//! Around a ray a plane is linear in inverse depth: for a point at `z (x, y, 1)`, with z along the ray,
//! `1 / z = a x + b y + c`, and the ray meets it at `1 / c`. Inverse depth is also what triangulation knows with nearly
//! normal errors (Civera, Davison and Montiel 2008), so the fit is a linear one.
//!
//! Where several surfaces are near the ray, the one that holds most of the points is taken, points nearer to the ray
//! counting more, and the nearer surface where two are about even: small things in front are what a finger points at.

use nalgebra::{Matrix3, Vector3};

use super::Ray;
use crate::world::planes::any_across;
use crate::world::{Plane, WorldPoint};

/// Points farther from the ray do not count: the tangent of 12 degrees.
const MAX_TANGENT: f64 = 0.21;

/// The most points of a patch.
const MAX_POINTS: usize = 24;

/// Surfaces are proposed by triples of so many points nearest to the ray.
const PROPOSERS: usize = 8;

/// A surface that holds this share of the best one's weight is taken if it is nearer.
const FRONT_SHARE: f64 = 0.7;

/// Deviation of the slopes of surfaces, in relative inverse depth a radian: 45 degrees.
const SIGMA_SLOPE: f64 = 1.0;

/// A plane at least this certain hides what lies behind it, ...
const HIDING_CONFIDENCE: f64 = 0.7;

/// ... where it is met before this share of the way.
const HIDDEN_FROM: f64 = 0.95;

/// How uneven surfaces are between landmarks, as a share of the distance.
const UNEVEN: f64 = 0.004;

/// A local surface.
#[derive(Debug, Clone)]
pub(crate) struct Patch {
    pub(crate) distance: f64,
    pub(crate) sigma_distance: f64,
    /// Of length 1, towards the ray's origin.
    pub(crate) normal: Vector3<f64>,
    pub(crate) points: u32,
    /// That this is the surface the ray meets, without regard to how well its distance is known.
    pub(crate) confidence: f64,
    held: Vec<Around>,
}

/// A landmark as seen along the ray.
#[derive(Debug, Clone, Copy)]
struct Around {
    /// `(x, y, 1)`.
    at: Vector3<f64>,
    inverse_depth: f64,
    sigma: f64,
    /// Tangent of the angle to the ray.
    tangent: f64,
    weight: f64,
    /// In the world.
    point: Vector3<f64>,
    toward_cameras: Vector3<f64>,
}

impl Patch {
    /// The surface around a ray; none where there are no points.
    pub(crate) fn around(ray: &Ray, points: &[WorldPoint], planes: &[Plane]) -> Option<Self> {
        let x = any_across(&ray.direction);
        let ray_from_world =
            Matrix3::from_columns(&[x, ray.direction.cross(&x), ray.direction]).transpose();
        let around = gather(ray, &ray_from_world, points, planes);
        let best = propose(&around)?;
        let held: Vec<Around> = around
            .iter()
            .copied()
            .filter(|point| residual(&best, point).abs() < 3.0)
            .collect();
        let (surface, sigma) = refine(&held, best)?;
        let distance = 1.0 / surface.z;
        let normal = -(ray_from_world.transpose() * surface).normalize();
        let total: f64 = around.iter().map(|point| point.weight).sum();
        let weight: f64 = held.iter().map(|point| point.weight).sum();
        let share = weight / total;
        let support = 1.0 - (-(held.len() as f64) / 2.5).exp();
        let near = held
            .iter()
            .map(|point| point.tangent)
            .fold(f64::INFINITY, f64::min);
        let close = (-(near / 0.12).powi(2)).exp();
        let round = if is_surrounded(&held) { 1.0 } else { 0.75 };
        let patch = Self {
            distance,
            sigma_distance: sigma * distance * distance,
            normal,
            points: held.len() as u32,
            confidence: (share * support * close * round).clamp(0.0, 1.0),
            held,
        };
        (distance > 0.0 && distance.is_finite() && patch.sigma_distance.is_finite())
            .then_some(patch)
    }
}

impl Patch {
    /// The share of its points that the cameras saw through a plane's polygon.
    pub(crate) fn seen_through(&self, plane: &Plane) -> f64 {
        let total: f64 = self.held.iter().map(|point| point.weight).sum();
        let through = self.held.iter().filter(|around| {
            let middle = plane.world_from_plane.translation.vector;
            let behind = plane.normal.dot(&(middle - around.point));
            let along = behind / plane.normal.dot(&around.toward_cameras);
            behind > 0.0
                && along > 0.0
                && plane.distance_outside(&(around.point + around.toward_cameras * along)) < 0.0
        });
        through.map(|point| point.weight).sum::<f64>() / total.max(f64::MIN_POSITIVE)
    }
}

/// Whether a plane that is certain stands before a point.
pub(crate) fn is_hidden(ray: &Ray, point: &WorldPoint, planes: &[Plane]) -> bool {
    let away = point.point_in_world - ray.origin;
    planes.iter().any(|plane| {
        let middle = plane.world_from_plane.translation.vector;
        let height = plane.normal.dot(&(ray.origin - middle));
        let fall = -plane.normal.dot(&away);
        // The share of the way to the point at which the plane is crossed.
        let share = height / fall;
        plane.confidence > HIDING_CONFIDENCE
            && height > 0.0
            && fall > 0.0
            && share < HIDDEN_FROM
            && plane.distance_outside(&(ray.origin + away * share)) < 0.0
    })
}

/// The points nearest to the ray, the nearest first.
fn gather(
    ray: &Ray,
    ray_from_world: &Matrix3<f64>,
    points: &[WorldPoint],
    planes: &[Plane],
) -> Vec<Around> {
    let mut around: Vec<Around> = Vec::with_capacity(MAX_POINTS + 1);
    let mut limit = MAX_TANGENT;
    for point in points {
        let away = point.point_in_world - ray.origin;
        let depth = away.dot(&ray.direction);
        let squared = away.norm_squared();
        // The cheap test first: most points are somewhere else.
        let inside = depth > 0.0 && squared <= depth * depth * (1.0 + limit * limit);
        if !inside || point.toward_cameras.dot(&away) >= 0.0 || !point.is_finite() {
            continue;
        }
        let local = ray_from_world * away;
        let at = Vector3::new(local.x / depth, local.y / depth, 1.0);
        let tangent = at.xy().norm();
        let inverse_depth = 1.0 / depth;
        let variance = away.dot(&(point.covariance * away)).max(0.0) / squared;
        let sigma = (variance.sqrt() * inverse_depth).hypot(UNEVEN) * inverse_depth;
        if !(tangent <= limit && sigma.is_finite() && sigma < 0.3 * inverse_depth)
            || is_hidden(ray, point, planes)
        {
            continue;
        }
        let rank = around.partition_point(|other| other.tangent <= tangent);
        around.insert(
            rank,
            Around {
                at,
                inverse_depth,
                sigma,
                tangent,
                weight: 0.0,
                point: point.point_in_world,
                toward_cameras: point.toward_cameras,
            },
        );
        if around.len() > MAX_POINTS {
            around.truncate(MAX_POINTS);
            limit = around[MAX_POINTS - 1].tangent;
        }
    }
    // As wide as the sixth point is far.
    let width = around
        .get(5)
        .or(around.last())
        .map_or(MAX_TANGENT, |point| point.tangent)
        .max(0.005);
    for point in &mut around {
        point.weight = (-0.5 * (point.tangent / width).powi(2)).exp();
    }
    around
}

/// In standard deviations.
fn residual(surface: &Vector3<f64>, point: &Around) -> f64 {
    (surface.dot(&point.at) - point.inverse_depth) / point.sigma
}

/// `(a, b, c)` of the surface to refine.
fn propose(around: &[Around]) -> Option<Vector3<f64>> {
    let proposers = &around[..around.len().min(PROPOSERS)];
    let mut proposals: Vec<(f64, Vector3<f64>)> = Vec::with_capacity(64);
    let mut offer = |surface: Vector3<f64>| {
        let slope = surface.xy().norm() / surface.z;
        // Seen flatter than 11 degrees is no surface but an accident.
        if !(surface.z > 0.0 && slope < 5.0) {
            return;
        }
        let score: f64 = around
            .iter()
            .map(|point| {
                let r = residual(&surface, point) / 2.5;
                point.weight * (1.0 - r * r).max(0.0)
            })
            .sum();
        proposals.push((score / (1.0 + 0.02 * slope * slope), surface));
    };
    for (k, a) in proposers.iter().enumerate() {
        offer(Vector3::new(0.0, 0.0, a.inverse_depth));
        for (l, b) in proposers.iter().enumerate().skip(k + 1) {
            for c in &proposers[l + 1..] {
                let rows =
                    Matrix3::from_rows(&[a.at.transpose(), b.at.transpose(), c.at.transpose()]);
                let inverse_depths =
                    Vector3::new(a.inverse_depth, b.inverse_depth, c.inverse_depth);
                if let Some(inverse) = rows.try_inverse() {
                    offer(inverse * inverse_depths);
                }
            }
        }
    }
    let best = proposals
        .iter()
        .map(|proposal| proposal.0)
        .fold(0.0, f64::max);
    proposals
        .iter()
        .filter(|proposal| proposal.0 >= best)
        .chain(
            proposals
                .iter()
                .filter(|p| p.0 >= FRONT_SHARE * best && p.0 > 0.0),
        )
        .copied()
        .reduce(|chosen, other| {
            // Clearly nearer, else it is the same surface less well proposed.
            if other.1.z > 1.05 * chosen.1.z {
                other
            } else {
                chosen
            }
        })
        .map(|proposal| proposal.1)
}

/// The surface by weighted least squares, level surfaces being likelier than steep ones, and the deviation of its
/// inverse depth.
fn refine(held: &[Around], start: Vector3<f64>) -> Option<(Vector3<f64>, f64)> {
    let slope = 1.0 / (SIGMA_SLOPE * start.z).powi(2);
    let mut information = Matrix3::from_diagonal(&Vector3::new(slope, slope, 0.0));
    let mut right = Vector3::zeros();
    for point in held {
        let weight = point.weight / (point.sigma * point.sigma);
        information += weight * point.at * point.at.transpose();
        right += weight * point.inverse_depth * point.at;
    }
    let covariance = information.try_inverse()?;
    let surface = covariance * right;
    let (mut squares, mut weights) = (0.0, 0.0);
    for point in held {
        squares += point.weight * residual(&surface, point).powi(2);
        weights += point.weight;
    }
    let spread = (squares / weights).sqrt().max(1.0);
    (surface.z > 0.0).then_some((surface, covariance.m33.max(0.0).sqrt() * spread))
}

/// Whether the ray passes between the points: no half of the circle around it is empty.
fn is_surrounded(held: &[Around]) -> bool {
    let mut angles: Vec<f64> = held.iter().map(|p| p.at.y.atan2(p.at.x)).collect();
    angles.sort_by(f64::total_cmp);
    let (Some(first), Some(last)) = (angles.first(), angles.last()) else {
        return false;
    };
    let closing = first + std::f64::consts::TAU - last;
    angles
        .windows(2)
        .map(|two| two[1] - two[0])
        .fold(closing, f64::max)
        < std::f64::consts::PI
}

//! A ray that goes straight through a landmark meets what the landmark is on.
//!
//! Surfaces are where many points agree; the leg of a chair has a few points before a whole floor's. Who points at one of
//! them means it, as long as nothing that is certain hides it.

use super::patch::is_hidden;
use super::{Hit, HitKind, RIGHT, Ray, within_right};
use crate::world::{Plane, WorldPoint};

/// A ray is at a point within about this angle, radians: some pixels.
const AT_POINT_RAD: f64 = 0.008;

/// What the cameras saw from a direction farther off than this (its cosine) may look away from the ray's origin.
const SEEN_WITHIN_COS: f64 = 0.77;

/// Points less sure than this share of the distance say nothing.
const MOST_SIGMA: f64 = 0.1;

/// How far the scene is off a surface that was made of many points, as a share of the distance.
const UNEVEN: f64 = 0.006;

/// That a point which the ray goes through is what it meets, at best.
const CONFIDENCE: f64 = 0.8;

/// The landmark that a ray goes through.
pub(super) struct OnPoint {
    distance: f64,
    sigma_distance: f64,
    /// How near the ray passes, 1 at the point.
    nearness: f64,
}

impl OnPoint {
    /// None where the ray passes all landmarks that can be seen from its origin.
    pub(super) fn of(ray: &Ray, points: &[WorldPoint], planes: &[Plane]) -> Option<Self> {
        let mut best: Option<Self> = None;
        for point in points {
            let away = point.point_in_world - ray.origin;
            let along = away.dot(&ray.direction);
            let beside = (away.norm_squared() - along * along).max(0.0).sqrt();
            // The cheap test first.
            if !(along > 0.0 && beside < 2.0 * AT_POINT_RAD * along)
                || point.toward_cameras.dot(&ray.direction) > -SEEN_WITHIN_COS
            {
                continue;
            }
            let variance = ray.direction.dot(&(point.covariance * ray.direction));
            let found = Self {
                distance: along,
                sigma_distance: variance.max(0.0).sqrt(),
                nearness: (-(beside / (AT_POINT_RAD * along)).powi(2)).exp(),
            };
            let better = best.as_ref().is_none_or(|b| found.nearness > b.nearness);
            if better && found.sigma_distance < MOST_SIGMA * along && !is_hidden(ray, point, planes)
            {
                best = Some(found);
            }
        }
        best
    }

    /// Adds the hit unless there is one at the same place, which it makes likelier and moves to where the point is, as
    /// far as that is surer; what lies behind it is less likely.
    pub(super) fn weigh(&self, ray: &Ray, hits: &mut Vec<Hit>) {
        let right = within_right(self.distance, self.sigma_distance);
        let confidence = CONFIDENCE * self.nearness;
        let mut agreed = false;
        for hit in hits.iter_mut() {
            let apart = hit.distance - self.distance;
            if apart.abs() < RIGHT * self.distance {
                agreed |= hit.confidence > 0.3;
                hit.confidence += confidence * (1.0 - hit.confidence) * right;
                let [surface, point] = [
                    hit.sigma_distance.hypot(UNEVEN * hit.distance),
                    self.sigma_distance,
                ]
                .map(|sigma| sigma * sigma);
                let moved = apart * self.nearness * surface / (surface + point);
                hit.distance -= moved;
                hit.world_from_hit.translation.vector -= ray.direction * moved;
            } else if apart > 0.0 {
                hit.confidence *= 1.0 - confidence;
            }
        }
        if !agreed {
            hits.push(Hit {
                world_from_hit: ray.pose_at(self.distance, &-ray.direction),
                distance: self.distance,
                kind: HitKind::Points(1),
                confidence: confidence * right,
                sigma_distance: self.sigma_distance,
            });
        }
    }
}

//! Two planes that turn out to be one.

use nalgebra::{Isometry3, Vector2, Vector3};

use super::fit::{Fit, fit};
use super::polygon;
use super::sample::Sample;
use super::surface::{Surface, TAKE_DEVIATIONS, within};

/// Normals that differ more never merge, radians.
const MAX_ANGLE_RAD: f64 = 0.2;

/// Normals that differ less may merge however sure they are, radians.
const FREE_ANGLE_RAD: f64 = 0.04;

/// A surface is part of a larger one that holds this share of its points.
const ABSORBED_SHARE: f64 = 0.6;

/// Planes with a gap of less than this share of the depth between them may be one.
const MAX_GAP: f64 = 0.5;

/// Two surfaces are at the same place when this share of the smaller's points is within so many standard deviations of
/// the larger, inside of it.
const SAME_PLACE: f64 = 0.5;
const SAME_PLACE_DEVIATIONS: f64 = 5.0;

/// Normals that differ more belong to two sides of an edge, radians.
const CROSSING_ANGLE_RAD: f64 = 0.35;

/// The smaller and the larger by their points; of equal ones the second is the smaller.
fn by_size<'a>(a: &'a Surface, b: &'a Surface) -> (&'a Surface, &'a Surface) {
    match a.members.len() < b.members.len() {
        true => (a, b),
        false => (b, a),
    }
}

/// The larger of two surfaces, if it holds most of the smaller: a flat thing that lies on it, or a slanted cut through
/// both.
pub(crate) fn absorbing(a: &Surface, b: &Surface, samples: &[Sample], noise: f64) -> Option<Fit> {
    let (small, large) = by_size(a, b);
    let flat = large.fit.flat;
    if small.fit.flat.normal.dot(&flat.normal) < MAX_ANGLE_RAD.cos() {
        return None;
    }
    let held = small
        .members
        .iter()
        .map(|member| &samples[member.index])
        .filter(|sample| {
            flat.holds(sample, TAKE_DEVIATIONS * noise) && large.outside(&sample.point) < large.link
        })
        .count();
    (held as f64 > ABSORBED_SHARE * small.members.len() as f64).then_some(large.fit)
}

/// Which of two surfaces has to go if they cut through each other, which surfaces do not: the one with fewer points,
/// those that are seen through it counting against it. True for the first.
pub(crate) fn weaker_of_two(a: &Surface, b: &Surface, samples: &[Sample]) -> Option<bool> {
    if a.fit.flat.normal.dot(&b.fit.flat.normal) < CROSSING_ANGLE_RAD.cos() {
        return None;
    }
    let (small, large) = by_size(a, b);
    let flat = large.fit.flat;
    let inside = small
        .members
        .iter()
        .map(|member| &samples[member.index])
        .filter(|sample| {
            flat.holds(sample, SAME_PLACE_DEVIATIONS) && large.outside(&sample.point) < 0.0
        })
        .count();
    if (inside as f64) < SAME_PLACE * small.members.len() as f64 {
        return None;
    }
    let worth = |s: &Surface| s.members.len() as f64 * (1.0 - 3.0 * s.seen_through);
    Some(worth(a) < worth(b))
}

/// Whether two surfaces touch or overlap.
pub(crate) fn touches(a: &Surface, b: &Surface, samples: &[Sample]) -> bool {
    let (small, large) = by_size(a, b);
    let near = small
        .members
        .iter()
        .filter(|member| large.outside(&samples[member.index].point) < large.link);
    near.take(3).count() == 3
}

/// The outline that two surfaces would have as one.
pub(crate) struct Bridge {
    world_from_plane: Isometry3<f64>,
    outline: Vec<Vector2<f64>>,
    /// Outlines are not sharp: so far inside it is certain.
    margin: f64,
}

impl Bridge {
    /// None where they are too far apart.
    pub(crate) fn over(a: &Surface, b: &Surface, samples: &[Sample]) -> Option<Self> {
        let (small, large) = by_size(a, b);
        let places = |surface: &Surface| -> Vec<Vector2<f64>> {
            let members = surface.members.iter();
            members
                .map(|m| within(&large.world_from_plane, &samples[m.index].point))
                .collect()
        };
        let mut feet = places(small);
        let gap = feet
            .iter()
            .map(|foot| polygon::distance_outside(&large.outline, foot))
            .fold(f64::INFINITY, f64::min);
        let depths = small.members.iter().map(|m| samples[m.index].depth);
        let depth = depths.sum::<f64>() / small.members.len().max(1) as f64;
        if gap > MAX_GAP * depth {
            return None;
        }
        feet.extend(places(large));
        let mut outline = Vec::new();
        polygon::convex_hull(&mut feet, &mut outline);
        Some(Self {
            world_from_plane: large.world_from_plane,
            outline,
            margin: 0.5 * small.link.max(large.link),
        })
    }

    pub(crate) fn contains(&self, point: &Vector3<f64>) -> bool {
        let foot = within(&self.world_from_plane, point);
        polygon::distance_outside(&self.outline, &foot) < -self.margin
    }
}

/// The common plane of two surfaces if their normals agree within what they are sure of, and it is hardly worse than
/// their own. Adds the residuals it took to `spent`.
pub(crate) fn common_fit(
    a: &Surface,
    b: &Surface,
    samples: &[Sample],
    noise: f64,
    spent: &mut u64,
) -> Option<Fit> {
    let cosine = a.fit.flat.normal.dot(&b.fit.flat.normal);
    let angle = cosine.clamp(-1.0, 1.0).acos();
    let unsure = a.fit.sigma_normal_rad.hypot(b.fit.sigma_normal_rad);
    if angle > (3.0 * unsure).clamp(FREE_ANGLE_RAD, MAX_ANGLE_RAD) {
        return None;
    }
    let (small, large) = by_size(a, b);
    *spent += 6 * (a.members.len() + b.members.len()) as u64;
    let of = |surface: &'_ Surface| surface.members.len() as f64;
    let start = large.fit.flat;
    let all = a.members.iter().chain(&b.members);
    let fitted = fit(all.map(|member| &samples[member.index]), Some(start), 4)?;
    let cost = |surface: &Surface| {
        let mean = surface.members.iter().map(|member| {
            let r = fitted.flat.deviations(&samples[member.index]) / noise;
            (r * r).min(16.0)
        });
        mean.sum::<f64>() / of(surface)
    };
    let own = |surface: &Surface| (surface.fit.spread / noise).powi(2);
    let agrees = cost(small) < own(small) + 1.0 && cost(large) < own(large) + 0.3;
    agrees.then_some(fitted)
}

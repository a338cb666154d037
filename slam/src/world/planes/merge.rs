//! Two planes that turn out to be one.

use super::fit::{Fit, fit};
use super::sample::Sample;
use super::surface::Surface;

/// Normals that differ more never merge, radians.
const MAX_ANGLE_RAD: f64 = 0.2;

/// Normals that differ less may merge however sure they are, radians.
const FREE_ANGLE_RAD: f64 = 0.04;

/// The common plane of two surfaces if they are one: their normals agree within what they are sure of, they touch or
/// overlap, and the common fit is hardly worse than their own. Adds the residuals it took to `spent`.
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
    let (small, large) = match a.members.len() < b.members.len() {
        true => (a, b),
        false => (b, a),
    };
    *spent += small.members.len() as u64;
    let touching = small
        .members
        .iter()
        .map(|member| &samples[member.index])
        .filter(|sample| large.outside(&sample.point) < large.link)
        .take(3)
        .count();
    if touching < 3 {
        return None;
    }
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

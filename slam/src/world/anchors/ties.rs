//! What an anchor is tied to, and where that says it is.
//!
//! A weighted similarity between the landmarks as remembered in the anchor's frame and as they are now (Umeyama 1991;
//! the scale in Horn's symmetric form, 1987), reweighted by Cauchy's kernel. The keyframes' poses enter as a guess with
//! its own weight: of the rotation, added to the correlation matrix, and of the position, as one more point.

use nalgebra::{Isometry3, Matrix3, Rotation3, Translation3, UnitQuaternion, Vector3};

use super::Anchor;
use crate::map::{KeyframeId, LandmarkId};
use crate::world::WorldPoint;

/// Landmarks that an anchor is tied to.
const LANDMARKS: usize = 32;

/// Keyframes that an anchor is tied to.
const KEYFRAMES: usize = 3;

/// Others are looked for when fewer of the landmarks than this are left.
const FEW_LANDMARKS: usize = 16;

/// How stiff the map is: deviation of what is between a landmark and the anchor, as a share of their distance.
const SIGMA_STIFF: f64 = 0.01;

/// Deviation of the rotation that keyframes tell, radians.
const SIGMA_ROTATION_RAD: f64 = 0.01;

/// Deviation of the position that keyframes tell, as a share of the distance.
const SIGMA_POSITION: f64 = 0.02;

/// In standard deviations, where Cauchy's kernel halves a weight.
const CAUCHY: f64 = 2.0;

/// A landmark, remembered.
#[derive(Debug, Clone, Copy)]
struct LandmarkTie {
    id: LandmarkId,
    /// In units of when the anchor was made.
    point_in_anchor: Vector3<f64>,
    /// Of the landmark then, along its worst direction, in the same units.
    sigma: f64,
}

/// A keyframe, remembered.
#[derive(Debug, Clone, Copy)]
struct KeyframeTie {
    id: KeyframeId,
    /// Lengths in units of when the anchor was made.
    camera_from_anchor: Isometry3<f64>,
}

/// What an anchor is tied to.
#[derive(Debug, Clone, Default)]
pub(super) struct Ties {
    landmarks: Vec<LandmarkTie>,
    keyframes: Vec<KeyframeTie>,
}

/// A pair of places of one landmark.
struct Pair {
    then: Vector3<f64>,
    now: Vector3<f64>,
    /// Of the two, in units of when the anchor was made.
    sigma: f64,
}

impl Ties {
    pub(super) fn is_empty(&self) -> bool {
        self.landmarks.is_empty() && self.keyframes.is_empty()
    }

    /// Lets go of what is no longer in the map; landmarks are sorted by id.
    pub(super) fn forget_gone(
        &mut self,
        sorted: &[WorldPoint],
        keyframes: &[(KeyframeId, Isometry3<f64>)],
    ) {
        self.landmarks.retain(|tie| find(sorted, tie.id).is_some());
        self.keyframes
            .retain(|tie| pose_of(keyframes, tie.id).is_some());
    }

    /// Takes on what is near where too little is left.
    pub(super) fn renew(
        &mut self,
        anchor: &Anchor,
        points: &[WorldPoint],
        keyframes: &[(KeyframeId, Isometry3<f64>)],
    ) {
        let anchor_from_world = anchor.world_from_anchor.inverse();
        let unit = 1.0 / anchor.scale;
        let sane = |x: &f64| x.is_finite();
        if !(unit.is_finite() && anchor_from_world.to_homogeneous().iter().all(sane)) {
            return;
        }
        let center = anchor.world_from_anchor.translation.vector;
        if self.landmarks.len() < FEW_LANDMARKS {
            let mut near: Vec<(f64, &WorldPoint)> = points
                .iter()
                .filter(|point| point.is_finite())
                .map(|point| {
                    let away = (point.point_in_world - center).norm_squared();
                    // A landmark that is badly known is as good as one farther away.
                    (away + 4.0 * point.covariance.trace().max(0.0), point)
                })
                .filter(|(rank, _)| rank.is_finite())
                .collect();
            if near.len() > LANDMARKS {
                near.select_nth_unstable_by(LANDMARKS, |a, b| a.0.total_cmp(&b.0));
                near.truncate(LANDMARKS);
            }
            for (_, point) in near {
                if self.landmarks.iter().any(|tie| tie.id == point.id) {
                    continue;
                }
                let local = anchor_from_world * nalgebra::Point3::from(point.point_in_world);
                self.landmarks.push(LandmarkTie {
                    id: point.id,
                    point_in_anchor: local.coords * unit,
                    sigma: point.covariance.trace().max(0.0).sqrt() * unit,
                });
            }
        }
        if self.keyframes.len() < KEYFRAMES {
            let mut near: Vec<(f64, &(KeyframeId, Isometry3<f64>))> = keyframes
                .iter()
                .map(|entry| ((entry.1.translation.vector - center).norm_squared(), entry))
                .filter(|(squared, _)| squared.is_finite())
                .collect();
            near.sort_by(|a, b| a.0.total_cmp(&b.0));
            for (_, (id, world_from_camera)) in near {
                if self.keyframes.len() >= KEYFRAMES {
                    break;
                }
                if self.keyframes.iter().all(|tie| tie.id != *id) {
                    let mut camera_from_anchor =
                        world_from_camera.inverse() * anchor.world_from_anchor;
                    camera_from_anchor.translation.vector *= unit;
                    self.keyframes.push(KeyframeTie {
                        id: *id,
                        camera_from_anchor,
                    });
                }
            }
        }
    }

    /// Where the anchor is now and how long its unit is; none where nothing is left to tell.
    pub(super) fn solve(
        &self,
        anchor: &Anchor,
        sorted: &[WorldPoint],
        keyframes: &[(KeyframeId, Isometry3<f64>)],
        is_metric: bool,
    ) -> Option<(Isometry3<f64>, f64)> {
        let pairs: Vec<Pair> = self
            .landmarks
            .iter()
            .filter_map(|tie| {
                let point = find(sorted, tie.id)?;
                let claimed = point.covariance.trace().max(0.0).sqrt() / anchor.scale;
                let stiff = SIGMA_STIFF * tie.point_in_anchor.norm();
                Some(Pair {
                    then: tie.point_in_anchor,
                    now: point.point_in_world,
                    sigma: claimed.max(tie.sigma).hypot(stiff).max(f64::MIN_POSITIVE),
                })
            })
            .collect();
        let views: Vec<(&KeyframeTie, Isometry3<f64>)> = self
            .keyframes
            .iter()
            .filter_map(|tie| Some((tie, pose_of(keyframes, tie.id)?)))
            .collect();
        if pairs.is_empty() && views.is_empty() {
            return None;
        }
        let mut scale = match is_metric {
            true => 1.0,
            false => scale_of(&pairs, &views).unwrap_or(anchor.scale),
        };
        let mut pose = guess(anchor, &views, scale);
        let mut weights = vec![1.0; pairs.len()];
        for _ in 0..4 {
            if !is_metric {
                scale = weighted_scale(&pairs, &weights).unwrap_or(scale);
            }
            let view = guess(anchor, &views, scale);
            pose = align(&pairs, &weights, &view, views.first().map(|v| v.0), scale)?;
            for (weight, pair) in weights.iter_mut().zip(&pairs) {
                let at = pose.translation.vector + pose.rotation * (scale * pair.then);
                let r = (pair.now - at).norm() / (scale * pair.sigma);
                *weight = 1.0 / (1.0 + (r / CAUCHY).powi(2));
            }
        }
        let finite = pose.to_homogeneous().iter().all(|x| x.is_finite());
        (finite && scale.is_finite() && scale > 0.0).then_some((pose, scale))
    }
}

/// What the keyframes say; the pose as it was where there are none.
fn guess(anchor: &Anchor, views: &[(&KeyframeTie, Isometry3<f64>)], scale: f64) -> Isometry3<f64> {
    let told = views.iter().map(|(tie, world_from_camera)| {
        let mut camera_from_anchor = tie.camera_from_anchor;
        camera_from_anchor.translation.vector *= scale;
        world_from_camera * camera_from_anchor
    });
    let count = views.len() as f64;
    let Some(first) = told.clone().next() else {
        return anchor.world_from_anchor;
    };
    // Their mean: positions, and rotations as small ones from the first.
    let mut position = Vector3::zeros();
    let mut turn = Vector3::zeros();
    for pose in told {
        position += pose.translation.vector / count;
        turn += (first.rotation.inverse() * pose.rotation).scaled_axis() / count;
    }
    let rotation = first.rotation * UnitQuaternion::from_scaled_axis(turn);
    Isometry3::from_parts(Translation3::from(position), rotation)
}

/// The rigid pose for a scale.
fn align(
    pairs: &[Pair],
    weights: &[f64],
    view: &Isometry3<f64>,
    nearest: Option<&KeyframeTie>,
    scale: f64,
) -> Option<Isometry3<f64>> {
    let weight_of = |pair: &Pair, robust: f64| robust / (pair.sigma * pair.sigma);
    let mut total = 0.0;
    let (mut then, mut now) = (Vector3::zeros(), Vector3::zeros());
    for (pair, robust) in pairs.iter().zip(weights) {
        let weight = weight_of(pair, *robust);
        total += weight;
        then += weight * pair.then;
        now += weight * pair.now;
    }
    if let Some(tie) = nearest {
        let distance = tie.camera_from_anchor.translation.vector.norm();
        let sigma = (SIGMA_POSITION * distance).max(f64::MIN_POSITIVE);
        // The anchor itself, at its own origin.
        let weight = (sigma * sigma).recip().min(1e300);
        total += weight;
        now += weight * view.translation.vector;
    }
    if !(total > 0.0 && total.is_finite()) {
        return None;
    }
    then /= total;
    now /= total;
    let prior = 1.0 / (SIGMA_ROTATION_RAD * SIGMA_ROTATION_RAD);
    let mut correlation = prior * view.rotation.to_rotation_matrix().into_inner();
    for (pair, robust) in pairs.iter().zip(weights) {
        let arm = (pair.now - now) / scale;
        correlation += weight_of(pair, *robust) * arm * (pair.then - then).transpose();
    }
    let rotation = nearest_rotation(&correlation)?;
    let position = now - rotation * (scale * then);
    Some(Isometry3::from_parts(
        Translation3::from(position),
        rotation,
    ))
}

fn nearest_rotation(correlation: &Matrix3<f64>) -> Option<UnitQuaternion<f64>> {
    let size = correlation.norm();
    if !(size.is_finite() && size > 0.0) {
        return None;
    }
    let svd = (correlation / size).try_svd(true, true, 1e-12, 100)?;
    let (u, v_t) = (svd.u?, svd.v_t?);
    let mut signs = Matrix3::identity();
    signs.m33 = (u * v_t).determinant().signum();
    let rotation = Rotation3::from_matrix_unchecked(u * signs * v_t);
    Some(UnitQuaternion::from_rotation_matrix(&rotation))
}

/// A first scale: the median of the ratios of distances between landmarks, or of those between keyframes.
fn scale_of(pairs: &[Pair], views: &[(&KeyframeTie, Isometry3<f64>)]) -> Option<f64> {
    let mut ratios: Vec<f64> = Vec::new();
    let half = pairs.len() / 2;
    for (a, b) in pairs.iter().zip(&pairs[half..]) {
        ratios.push((a.now - b.now).norm() / (a.then - b.then).norm());
    }
    ratios.retain(|ratio| ratio.is_finite() && *ratio > 0.0);
    if ratios.len() < 4 {
        let anchored: Vec<_> = views
            .iter()
            .map(|(tie, now)| {
                let then = tie.camera_from_anchor.inverse().translation.vector;
                (then, now.translation.vector)
            })
            .collect();
        for (k, a) in anchored.iter().enumerate() {
            for b in &anchored[k + 1..] {
                ratios.push((a.1 - b.1).norm() / (a.0 - b.0).norm());
            }
        }
        ratios.retain(|ratio| ratio.is_finite() && *ratio > 0.0);
    }
    if ratios.is_empty() {
        return None;
    }
    let middle = ratios.len() / 2;
    let (_, median, _) = ratios.select_nth_unstable_by(middle, f64::total_cmp);
    Some(*median)
}

fn weighted_scale(pairs: &[Pair], weights: &[f64]) -> Option<f64> {
    if pairs.len() < 4 {
        return None;
    }
    let weight_of = |pair: &Pair, robust: f64| robust / (pair.sigma * pair.sigma);
    let mut total = 0.0;
    let (mut then, mut now) = (Vector3::zeros(), Vector3::zeros());
    for (pair, robust) in pairs.iter().zip(weights) {
        let weight = weight_of(pair, *robust);
        total += weight;
        then += weight * pair.then;
        now += weight * pair.now;
    }
    then /= total;
    now /= total;
    let (mut squares_then, mut squares_now) = (0.0, 0.0);
    for (pair, robust) in pairs.iter().zip(weights) {
        let weight = weight_of(pair, *robust);
        squares_then += weight * (pair.then - then).norm_squared();
        squares_now += weight * (pair.now - now).norm_squared();
    }
    let scale = (squares_now / squares_then).sqrt();
    (scale.is_finite() && scale > 0.0).then_some(scale)
}

fn find(sorted: &[WorldPoint], id: LandmarkId) -> Option<&WorldPoint> {
    let at = sorted.binary_search_by_key(&id, |point| point.id).ok()?;
    sorted.get(at)
}

fn pose_of(keyframes: &[(KeyframeId, Isometry3<f64>)], id: KeyframeId) -> Option<Isometry3<f64>> {
    let finite = |pose: &Isometry3<f64>| pose.translation.vector.iter().all(|x| x.is_finite());
    keyframes
        .iter()
        .find(|entry| entry.0 == id)
        .map(|entry| entry.1)
        .filter(finite)
}

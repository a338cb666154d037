//! New landmarks: tracks that keyframes saw from directions far enough apart, and where other keyframes see them.

use nalgebra::{Matrix3, Point3, Vector3};

use super::{Mapper, Shared};
use crate::map::{Keyframe, KeyframeId, LandmarkId, Observation};
use crate::tracker::localizer::{is_inside, wide};
use crate::tracker::sight::{Sighting, Target};

/// Keyframes back from the new one in which a track is looked up.
const LOOK_BACK: usize = 12;

/// The least angle between two rays that fix a point.
const LEAST_PARALLAX_RAD: f64 = 0.017;

/// Tracks further than this from where the new point is seen are no one point, in pixels.
const MOST_ERROR_PX: f64 = 2.5;

/// One standard deviation of a track's position in a keyframe.
const TRACK_SIGMA_PX: f32 = 1.0;

/// Keyframes in which a landmark is looked for beyond those that saw its track.
const SPREAD_TO: usize = 8;

impl Mapper {
    /// Makes landmarks of the tracks of a keyframe.
    pub(super) fn grow(&mut self, shared: &mut Shared<'_>, id: KeyframeId) -> u32 {
        self.fresh.clear();
        let Some(keyframe) = shared.map.keyframe(id) else {
            return 1;
        };
        let mut found: Vec<(u32, Vector3<f64>, Vec<Observation>)> = Vec::new();
        let keyframes = shared.map.keyframes();
        let end = keyframes.partition_point(|k| k.id <= id);
        let recent = &keyframes[end.saturating_sub(LOOK_BACK)..end];
        let taken = shared.map.landmarks().len();
        let room = shared.limits.landmarks.saturating_sub(taken);
        for (track, _) in &keyframe.tracks {
            if found.len() >= room {
                break;
            }
            if shared.links.get(*track).is_none()
                && let Some((point, observations)) = triangulate(recent, *track)
            {
                found.push((*track, point, observations));
            }
        }
        for (track, point, observations) in found {
            let landmark = shared.map.add_landmark(point);
            for observation in observations {
                shared.map.observe(landmark, observation);
            }
            if let Some(landmark) = shared.map.landmark_mut(landmark) {
                landmark.track = Some(track);
            }
            shared.links.insert(track, landmark);
            self.fresh.push(landmark);
        }
        2
    }

    /// Looks for the new landmarks in the keyframes around that do not see them yet.
    pub(super) fn spread(&mut self, shared: &mut Shared<'_>, id: KeyframeId) -> u32 {
        let mut work = 0;
        let around: Vec<KeyframeId> = neighbours(shared, id);
        let mut seen: Vec<(LandmarkId, Observation)> = Vec::new();
        for neighbour in around {
            let (mut landmarks, keyframes) = shared.map.parts();
            let Some(keyframe) = keyframes.iter().find(|k| k.id == neighbour) else {
                continue;
            };
            let camera_from_world = keyframe.world_from_camera.inverse();
            let target = Target {
                camera: &keyframe.camera,
                world_from_camera: &keyframe.world_from_camera,
                pyramid: &keyframe.pyramid,
                uncertainty_px: 3.0,
            };
            for fresh in &self.fresh {
                let Some(landmark) = landmarks.get_mut(*fresh) else {
                    continue;
                };
                if landmark
                    .observations
                    .iter()
                    .any(|o| o.keyframe == neighbour)
                {
                    continue;
                }
                let point = camera_from_world
                    .transform_point(&Point3::from(landmark.point_in_world))
                    .coords;
                let at = target.camera.project(&point);
                if !at.is_some_and(|at| is_inside(target.camera, at, 8.0)) {
                    continue;
                }
                work += 1;
                let sighting = self.sight.see(landmark, keyframes, &target, None);
                if let Sighting::Aligned {
                    position_px,
                    sigma_px,
                } = sighting
                {
                    seen.push((
                        *fresh,
                        Observation {
                            keyframe: neighbour,
                            position_px,
                            sigma_px,
                        },
                    ));
                }
            }
        }
        for (landmark, observation) in seen {
            shared.map.observe(landmark, observation);
        }
        1 + work / 200
    }
}

/// The keyframes that share the most landmarks with one.
fn neighbours(shared: &Shared<'_>, id: KeyframeId) -> Vec<KeyframeId> {
    let Some(center) = shared.map.keyframe(id) else {
        return Vec::new();
    };
    let mut counts: Vec<(u32, KeyframeId)> =
        shared.map.keyframes().iter().map(|k| (0, k.id)).collect();
    for landmark in center
        .observations
        .iter()
        .filter_map(|(l, _)| shared.map.landmark(*l))
    {
        for observation in &landmark.observations {
            if let Ok(index) = counts.binary_search_by_key(&observation.keyframe, |c| c.1) {
                counts[index].0 += 1;
            }
        }
    }
    counts.retain(|(count, _)| *count >= 10);
    counts.sort_unstable_by_key(|(count, id)| (std::cmp::Reverse(*count), *id));
    counts.truncate(SPREAD_TO);
    counts.into_iter().map(|(_, id)| id).collect()
}

/// The point that keyframes saw a track at, and their observations; none where they do not fix it.
fn triangulate(keyframes: &[Keyframe], track: u32) -> Option<(Vector3<f64>, Vec<Observation>)> {
    let mut rays = Vec::new();
    let mut observations = Vec::new();
    for keyframe in keyframes {
        let Some(position_px) = keyframe.track(track) else {
            continue;
        };
        let direction = keyframe.camera.unproject(wide(position_px))?;
        rays.push((
            keyframe.world_from_camera.translation.vector,
            keyframe.world_from_camera.rotation * direction,
        ));
        observations.push(Observation {
            keyframe: keyframe.id,
            position_px,
            sigma_px: TRACK_SIGMA_PX,
        });
    }
    let (_, last) = rays.last()?;
    let widest = rays
        .iter()
        .map(|(_, ray)| ray.angle(last))
        .fold(0.0, f64::max);
    if widest < LEAST_PARALLAX_RAD {
        return None;
    }
    let point = nearest_point(&rays)?;
    for (keyframe, observation) in keyframes.iter().filter_map(|k| {
        let observation = observations.iter().find(|o| o.keyframe == k.id)?;
        Some((k, observation))
    }) {
        let in_camera = keyframe
            .world_from_camera
            .inverse_transform_point(&Point3::from(point))
            .coords;
        let seen = keyframe.camera.project(&in_camera)?;
        if (seen - wide(observation.position_px)).norm() > MOST_ERROR_PX {
            return None;
        }
    }
    Some((point, observations))
}

/// The point nearest to all rays, each weighted by the inverse square of its distance, so that angles count.
fn nearest_point(rays: &[(Vector3<f64>, Vector3<f64>)]) -> Option<Vector3<f64>> {
    let mut point = Vector3::zeros();
    for round in 0..3 {
        let mut normal = Matrix3::zeros();
        let mut right = Vector3::zeros();
        for (center, ray) in rays {
            let weight = if round == 0 {
                1.0
            } else {
                1.0 / (point - center).norm_squared().max(1e-12)
            };
            let across = (Matrix3::identity() - ray * ray.transpose()) * weight;
            normal += across;
            right += across * center;
        }
        point = normal.try_inverse()? * right;
    }
    let before_all = rays
        .iter()
        .all(|(center, ray)| (point - center).dot(ray) > 0.0);
    (before_all && point.iter().all(|c| c.is_finite())).then_some(point)
}

//! Which part of the map is adjusted together.

use nalgebra::Isometry3;

use crate::bundle::{Adjuster, Intrinsics, Observation, Point, Problem, View};
use crate::camera::Camera;
use crate::map::{KeyframeId, LandmarkId, Map};

/// Keyframes that move in a local adjustment.
const FREE: usize = 10;
/// Of these, the latest ones whatever they share with the newest.
const LATEST: usize = 5;
/// Keyframes that hold a local adjustment in place.
const FIXED: usize = 14;

/// How much an error of the first distortion term is expected to be.
const K1_SIGMA: f64 = 0.05;

/// The views and points of an adjustment, by their ids, in the order of its problem.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// With their poses at the time of loading.
    pub(super) views: Vec<(KeyframeId, Isometry3<f64>)>,
    pub(super) points: Vec<LandmarkId>,
    fixed_from: usize,
    pub(super) problem: Problem,
    counts: Vec<(u32, KeyframeId)>,
}

impl Window {
    /// The keyframes around one, free, and those beyond, fixed.
    pub(super) fn around(&mut self, map: &Map, id: KeyframeId, posed: bool) {
        self.views.clear();
        self.points.clear();
        let Some(center) = map.keyframe(id) else {
            self.fixed_from = 0;
            return;
        };
        let keyframes = map.keyframes();
        let mut free: Vec<KeyframeId> = keyframes.iter().rev().take(LATEST).map(|k| k.id).collect();
        if !free.contains(&id) {
            free.push(id);
        }
        self.count(map, center.observations.iter().map(|(l, _)| *l));
        for (_, keyframe) in &self.counts {
            if free.len() >= FREE {
                break;
            }
            if !free.contains(keyframe) {
                free.push(*keyframe);
            }
        }
        let mut points: Vec<LandmarkId> = Vec::new();
        for keyframe in free.iter().filter_map(|id| map.keyframe(*id)) {
            points.extend(keyframe.observations.iter().map(|(l, _)| *l));
        }
        points.sort_unstable();
        points.dedup();
        self.points = points;
        let points = std::mem::take(&mut self.points);
        self.count(map, points.iter().copied());
        self.points = points;
        let mut fixed: Vec<KeyframeId> = Vec::new();
        for (_, keyframe) in &self.counts {
            if fixed.len() >= FIXED {
                break;
            }
            if !free.contains(keyframe) {
                fixed.push(*keyframe);
            }
        }
        if posed {
            fixed.append(&mut free);
        } else if fixed.is_empty() {
            // Nothing else holds it: the oldest keyframe does.
            free.sort_unstable();
            if !free.is_empty() {
                fixed.push(free.remove(0));
            }
        }
        self.fixed_from = free.len();
        free.extend(fixed);
        self.set_views(map, &free);
    }

    /// Everything; the oldest keyframe holds it in place.
    pub(super) fn whole(&mut self, map: &Map) {
        let mut views: Vec<KeyframeId> = map.keyframes().iter().map(|k| k.id).collect();
        if views.len() < 3 {
            views.clear();
        } else {
            views.rotate_left(1);
        }
        self.fixed_from = views.len().saturating_sub(1);
        self.set_views(map, &views);
        self.points.clear();
        self.points.extend(map.landmarks().iter().map(|l| l.id));
        self.points.sort_unstable();
    }

    /// How many of the landmarks each keyframe sees, the most first.
    fn count(&mut self, map: &Map, landmarks: impl Iterator<Item = LandmarkId>) {
        self.counts.clear();
        self.counts
            .extend(map.keyframes().iter().map(|k| (0, k.id)));
        for landmark in landmarks.filter_map(|id| map.landmark(id)) {
            for observation in &landmark.observations {
                if let Ok(index) = self
                    .counts
                    .binary_search_by_key(&observation.keyframe, |c| c.1)
                {
                    self.counts[index].0 += 1;
                }
            }
        }
        self.counts.retain(|(count, _)| *count >= 8);
        self.counts
            .sort_unstable_by_key(|(count, id)| (std::cmp::Reverse(*count), *id));
    }

    fn set_views(&mut self, map: &Map, views: &[KeyframeId]) {
        self.views.clear();
        self.views.extend(
            views
                .iter()
                .filter_map(|id| map.keyframe(*id))
                .map(|k| (k.id, k.world_from_camera)),
        );
    }

    /// Makes the adjuster's problem of it; false where there is nothing to adjust.
    pub(super) fn load(
        &mut self,
        map: &Map,
        adjuster: &mut Adjuster,
        log_focal_sigma: Option<f64>,
        prior: &Camera,
    ) -> bool {
        let problem = &mut self.problem;
        problem.cameras.clear();
        problem.views.clear();
        problem.points.clear();
        problem.observations.clear();
        let fixed_from = self.fixed_from;
        let mut by_id: Vec<(KeyframeId, u32)> = Vec::with_capacity(self.views.len());
        let mut all_share = true;
        for (index, (id, world_from_camera)) in self.views.iter().enumerate() {
            let Some(keyframe) = map.keyframe(*id) else {
                return false;
            };
            all_share &= keyframe.shares_camera;
            let known = problem.cameras.iter().position(|c| *c == keyframe.camera);
            let camera = known.unwrap_or_else(|| {
                problem.cameras.push(keyframe.camera);
                problem.cameras.len() - 1
            });
            problem.views.push(View {
                camera: camera as u32,
                camera_from_world: world_from_camera.inverse(),
                fixed: index >= fixed_from,
            });
            by_id.push((*id, index as u32));
        }
        by_id.sort_unstable();
        self.points.retain(|id| {
            let Some(landmark) = map.landmark(*id) else {
                return false;
            };
            let start = problem.observations.len();
            let point = problem.points.len() as u32;
            for observation in &landmark.observations {
                if let Ok(index) = by_id.binary_search_by_key(&observation.keyframe, |(id, _)| *id)
                {
                    problem.observations.push(Observation {
                        view: by_id[index].1,
                        point,
                        position_px: observation.position_px,
                        sigma_px: observation.sigma_px,
                    });
                }
            }
            let enough = problem.observations.len() >= start + 2;
            if enough {
                problem.points.push(Point {
                    point_in_world: landmark.point_in_world,
                    fixed: false,
                });
            } else {
                problem.observations.truncate(start);
            }
            enough
        });
        problem.intrinsics = match log_focal_sigma {
            Some(log_focal_sigma) if all_share && problem.cameras.len() == 1 => {
                Intrinsics::Refine {
                    log_focal_sigma,
                    k1_sigma: K1_SIGMA,
                    prior_camera: *prior,
                }
            }
            _ => Intrinsics::Fixed,
        };
        !problem.points.is_empty() && adjuster.load(problem).is_ok()
    }

    /// How many keyframes move.
    pub(super) fn free_views(&self) -> usize {
        self.fixed_from.min(self.views.len())
    }

    /// Units of work of one linearisation.
    pub(super) fn work(&self) -> u32 {
        1 + (self.problem.observations.len() / 1000) as u32
    }
}

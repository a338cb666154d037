//! The first map: the two views of a start, the frames between them as keyframes, and an adjustment of all.

use nalgebra::{Isometry3, Point3};

use super::config::CameraConfig;
use super::intake::Shot;
use super::localizer::{FEWEST_INLIERS, pose_config};
use super::starter::Started;
use super::{Limits, Mapper, Reason, SCENE_DEPTH, Shared, State, Tracker, wide};
use crate::camera::Camera;
use crate::map::{Keyframe, KeyframeId, Observation};
use crate::resection::{Correspondence, refine_pose};

/// Landmarks that a start must be left with by its adjustment.
const FEWEST_TO_START: usize = 30;

impl Tracker {
    /// Makes the first map of a two-view start.
    pub(super) fn start(&mut self, shot: &Shot, camera: &Camera, started: &Started) {
        let mut depths: Vec<f64> = started
            .start
            .points_in_first
            .iter()
            .flatten()
            .map(|p| p.z)
            .collect();
        if depths.len() < FEWEST_INLIERS {
            return;
        }
        depths.sort_unstable_by(f64::total_cmp);
        let scale = SCENE_DEPTH / depths[depths.len() / 2];
        let world_from_first = Isometry3::from_parts(
            self.now.world_from_camera.translation,
            started.frames[0].world_from_camera,
        );
        let mut second_from_first = started.start.second_from_first;
        second_from_first.translation.vector *= scale;
        let world_from_last = world_from_first * second_from_first.inverse();

        let poses = started.interpolated(&world_from_first, &world_from_last);
        let mut ids: Vec<KeyframeId> = Vec::new();
        for (kept, pose) in started.frames.iter().zip(&poses) {
            ids.push(self.map.add_keyframe(Keyframe {
                id: KeyframeId(0),
                capture_time_nanos: kept.capture_time_nanos,
                world_from_camera: *pose,
                camera: kept.camera,
                shares_camera: kept.shares_camera,
                pyramid: kept.pyramid.clone(),
                observations: Vec::new(),
                tracks: kept.tracks.clone(),
            }));
        }
        for (track, point) in started.pairs.iter().zip(&started.start.points_in_first) {
            let Some(point) = point else { continue };
            if self.map.landmarks().len() >= self.config.max_landmarks {
                break;
            }
            let point_in_world = (world_from_first * Point3::from(point * scale)).coords;
            let landmark = self.map.add_landmark(point_in_world);
            for id in &ids {
                let seen = self.map.keyframe(*id).and_then(|k| k.track(*track));
                if let Some(position_px) = seen {
                    let observation = Observation {
                        keyframe: *id,
                        position_px,
                        sigma_px: 1.0,
                    };
                    self.map.observe(landmark, observation);
                }
            }
            if let Some(landmark) = self.map.landmark_mut(landmark) {
                landmark.track = Some(*track);
            }
            self.links.insert(*track, landmark);
        }
        self.locate_between(&ids);
        let sigma = match self.config.camera {
            CameraConfig::Known(_) => 0.05,
            CameraConfig::Guess { .. } => 0.25,
        };
        let shared_camera = self.camera.get_or_insert(*camera);
        let mut mapper = Mapper::new(*shared_camera, sigma, self.config.max_keyframes);
        let mut shared = Shared {
            map: &mut self.map,
            links: &mut self.links,
            camera: shared_camera,
            world: &mut self.world,
            down_in_world: self.down_in_world,
            limits: Limits {
                keyframes: self.config.max_keyframes,
                landmarks: self.config.max_landmarks,
            },
            posed: false,
        };
        mapper.start(&mut shared);
        let map = &self.map;
        self.links
            .retain(|_, landmark| map.landmark(landmark).is_some());
        if self.links.len() < FEWEST_TO_START || self.map.keyframes().len() < 2 {
            // The adjustment took it apart: it was none. The next pictures try again.
            self.map.clear();
            self.links.clear();
            return;
        }
        let last = self.map.keyframes().last().map(|k| k.id);
        self.mapper = Some(mapper);
        self.now.keyframe = last;
        let pose = last
            .and_then(|id| self.map.keyframe(id))
            .map(|k| k.world_from_camera);
        self.now.world_from_camera = pose.unwrap_or(world_from_last);
        self.now.scene_depth = SCENE_DEPTH;
        self.now.state = State::Tracking;
        self.now.reason = Reason::Good;
        self.now.frames_since_keyframe = 0;
        self.now.landmarks_seen = self.links.len() as u32;
        self.now.keyframe_landmarks = self.links.len() as u32;
        self.public.reset();
        self.motion.forget();
        self.motion
            .found(shot.capture_time_nanos, self.now.world_from_camera);
        if let Some(id) = last {
            self.trail.add(
                shot.capture_time_nanos,
                id,
                &self.map,
                &self.now.world_from_camera,
            );
        }
    }

    /// Finds the poses of the keyframes between the two of the start; those that do not fit are dropped.
    fn locate_between(&mut self, ids: &[KeyframeId]) {
        let mut inliers = Vec::new();
        for id in ids.iter().skip(1).take(ids.len().saturating_sub(2)) {
            let Some(keyframe) = self.map.keyframe(*id) else {
                continue;
            };
            let pairs: Vec<Correspondence> = keyframe
                .observations
                .iter()
                .filter_map(|(landmark, position_px)| {
                    Some(Correspondence {
                        point_in_world: self.map.landmark(*landmark)?.point_in_world,
                        position_px: wide(*position_px),
                        sigma_px: 1.0,
                    })
                })
                .collect();
            let start = keyframe.world_from_camera.inverse();
            let refined = refine_pose(
                &keyframe.camera,
                &start,
                &pairs,
                &pose_config(),
                &mut inliers,
            );
            match refined {
                Some(refined) if refined.inliers >= FEWEST_INLIERS.max(pairs.len() / 2) => {
                    if let Some(keyframe) = self.map.keyframe_mut(*id) {
                        keyframe.world_from_camera = refined.camera_from_world.inverse();
                    }
                }
                _ => self.map.remove_keyframe(*id, &mut Vec::new()),
            }
        }
    }
}

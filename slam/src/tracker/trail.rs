//! Where every frame was, relative to its keyframe, so that corrections of the map correct it, too.

use nalgebra::Isometry3;

use super::mapper::Removed;
use crate::map::{KeyframeId, Map};

/// One frame's pose.
#[derive(Debug, Clone, Copy)]
struct Step {
    time_nanos: i64,
    keyframe: KeyframeId,
    keyframe_from_camera: Isometry3<f64>,
}

/// Frames for which there is room after work on the map.
const ROOM: usize = 256;

/// The poses of all frames, if they are kept.
#[derive(Debug, Clone, Default)]
pub(super) struct Trail {
    kept: bool,
    steps: Vec<Step>,
}

impl Trail {
    pub(super) fn new(kept: bool) -> Self {
        let mut trail = Self {
            kept,
            steps: Vec::new(),
        };
        trail.make_room();
        trail
    }

    pub(super) fn clear(&mut self) {
        self.steps.clear();
    }

    /// Takes room for the frames until this is called again, which is off the tracking path: noting one then allocates
    /// nothing.
    pub(super) fn make_room(&mut self) {
        if self.kept {
            self.steps.reserve(ROOM);
        }
    }

    /// Notes a frame's pose by the keyframe it was found with.
    pub(super) fn add(
        &mut self,
        time_nanos: i64,
        keyframe: KeyframeId,
        map: &Map,
        world_from_camera: &Isometry3<f64>,
    ) {
        if !self.kept {
            return;
        }
        if let Some(keyframe) = map.keyframe(keyframe) {
            self.steps.push(Step {
                time_nanos,
                keyframe: keyframe.id,
                keyframe_from_camera: keyframe.world_from_camera.inverse() * world_from_camera,
            });
        }
    }

    /// Frames of a removed keyframe go to the one nearest to it in time.
    pub(super) fn reparent(&mut self, removed: &Removed, map: &Map) {
        let nearest = map
            .keyframes()
            .iter()
            .min_by_key(|k| k.id.0.abs_diff(removed.id.0));
        let Some(nearest) = nearest else {
            return;
        };
        let nearest_from_removed = nearest.world_from_camera.inverse() * removed.world_from_camera;
        for step in &mut self.steps {
            if step.keyframe == removed.id {
                step.keyframe = nearest.id;
                step.keyframe_from_camera = nearest_from_removed * step.keyframe_from_camera;
            }
        }
    }

    pub(super) fn poses(&self, map: &Map) -> Vec<(i64, Isometry3<f64>)> {
        let pose = |step: &Step| {
            let keyframe = map.keyframe(step.keyframe)?;
            Some((
                step.time_nanos,
                keyframe.world_from_camera * step.keyframe_from_camera,
            ))
        };
        self.steps.iter().filter_map(pose).collect()
    }
}

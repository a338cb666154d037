//! What is not worth keeping: landmarks that are not found again, keyframes that add nothing, and what is over the
//! limits.

use super::{Mapper, Removed, Shared};
use crate::map::{KeyframeId, LandmarkId};

/// The latest keyframes are never dropped.
const LATEST: usize = 6;

/// A keyframe is redundant when this share of its landmarks is seen by at least [`OTHERS`] other keyframes.
const REDUNDANT_SHARE: f64 = 0.92;
const OTHERS: usize = 4;

impl Mapper {
    /// Drops landmarks that should have been seen and were not.
    pub(super) fn cull(&mut self, shared: &mut Shared<'_>, id: KeyframeId) -> u32 {
        let mut gone: Vec<LandmarkId> = shared
            .map
            .landmarks()
            .iter()
            .filter(|l| {
                let rarely = l.expected > 30 && l.found * 4 < l.expected;
                let newest = l
                    .observations
                    .iter()
                    .map(|o| o.keyframe.0)
                    .max()
                    .unwrap_or(0);
                let unproven = l.observations.len() < 3 && newest + 3 < id.0 && l.found < 3;
                rarely || unproven || l.observations.len() < 2
            })
            .map(|l| l.id)
            .collect();
        for id in &gone {
            shared.map.remove_landmark(*id);
        }
        gone.sort_unstable();
        self.index.remove_landmarks(&gone);
        1
    }

    /// Keeps the map within its limits.
    pub(super) fn forget(
        &mut self,
        shared: &mut Shared<'_>,
        _id: KeyframeId,
        removed: &mut Vec<Removed>,
    ) -> u32 {
        let mut gone = Vec::new();
        if let Some(redundant) = redundant(shared) {
            self.drop_keyframe(shared, redundant, removed, &mut gone);
        }
        while shared.map.keyframes().len() > shared.limits.keyframes {
            let Some(least) = least_useful(shared) else {
                break;
            };
            self.drop_keyframe(shared, least, removed, &mut gone);
        }
        gone.sort_unstable();
        self.index.remove_landmarks(&gone);
        1
    }

    fn drop_keyframe(
        &mut self,
        shared: &mut Shared<'_>,
        id: KeyframeId,
        removed: &mut Vec<Removed>,
        gone: &mut Vec<LandmarkId>,
    ) {
        if let Some(keyframe) = shared.map.keyframe(id) {
            removed.push(Removed {
                id,
                world_from_camera: keyframe.world_from_camera,
            });
        }
        shared.map.remove_keyframe(id, gone);
        self.index.remove_keyframe(id);
    }
}

/// The share of a keyframe's landmarks that enough others see, too.
fn seen_by_others(shared: &Shared<'_>, index: usize) -> f64 {
    let keyframe = &shared.map.keyframes()[index];
    let total = keyframe.observations.len().max(1);
    let elsewhere = keyframe
        .observations
        .iter()
        .filter_map(|(id, _)| shared.map.landmark(*id))
        .filter(|l| l.observations.len() > OTHERS)
        .count();
    elsewhere as f64 / total as f64
}

/// A keyframe that could go without a loss; neither the first, which holds the map, nor the latest.
fn redundant(shared: &Shared<'_>) -> Option<KeyframeId> {
    let keyframes = shared.map.keyframes();
    let end = keyframes.len().saturating_sub(LATEST);
    (1..end)
        .map(|index| (index, seen_by_others(shared, index)))
        .filter(|(_, share)| *share > REDUNDANT_SHARE)
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(index, _)| keyframes[index].id)
}

/// The keyframe whose landmarks the others see best.
fn least_useful(shared: &Shared<'_>) -> Option<KeyframeId> {
    let keyframes = shared.map.keyframes();
    let end = keyframes.len().saturating_sub(LATEST);
    (1..end)
        .max_by(|a, b| seen_by_others(shared, *a).total_cmp(&seen_by_others(shared, *b)))
        .map(|index| keyframes[index].id)
}

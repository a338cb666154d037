//! What the tracker knows of the scene: keyframes, landmarks, and who sees whom.
//!
//! The map's frame is that of the first keyframe unless the platform's poses give another; its unit is arbitrary for a
//! monocular map and metres for a posed one. Both directions of an observation, from the keyframe to the landmark and
//! back, are kept here and change together. Nothing here estimates; that is `tracker`'s.

mod keyframe;
mod landmark;

use nalgebra::Vector3;

pub use keyframe::{Keyframe, KeyframeId};
pub use landmark::{Landmark, LandmarkId, Observation};

/// Keyframes and landmarks.
#[derive(Debug, Clone, Default)]
pub struct Map {
    /// In the order of their ids.
    keyframes: Vec<Keyframe>,
    landmarks: Vec<Landmark>,
    /// Where the landmark of an id stands in `landmarks`; `GONE` where it was removed.
    slots: Vec<u32>,
    next_keyframe: u32,
}

const GONE: u32 = u32::MAX;

impl Map {
    /// All keyframes, the oldest first.
    #[must_use]
    pub fn keyframes(&self) -> &[Keyframe] {
        &self.keyframes
    }

    /// All landmarks, in no order.
    #[must_use]
    pub fn landmarks(&self) -> &[Landmark] {
        &self.landmarks
    }

    /// The keyframe of an id, if it is still kept.
    #[must_use]
    pub fn keyframe(&self, id: KeyframeId) -> Option<&Keyframe> {
        let index = self.keyframes.binary_search_by_key(&id, |k| k.id).ok()?;
        self.keyframes.get(index)
    }

    /// The landmark of an id, if it is still kept.
    #[must_use]
    pub fn landmark(&self, id: LandmarkId) -> Option<&Landmark> {
        let slot = *self.slots.get(id.0 as usize)?;
        self.landmarks.get(slot as usize)
    }

    pub(crate) fn keyframe_mut(&mut self, id: KeyframeId) -> Option<&mut Keyframe> {
        let index = self.keyframes.binary_search_by_key(&id, |k| k.id).ok()?;
        self.keyframes.get_mut(index)
    }

    pub(crate) fn landmark_mut(&mut self, id: LandmarkId) -> Option<&mut Landmark> {
        let slot = *self.slots.get(id.0 as usize)?;
        self.landmarks.get_mut(slot as usize)
    }

    /// The landmarks to be changed, and the keyframes beside them.
    pub(crate) fn parts(&mut self) -> (LandmarksMut<'_>, &[Keyframe]) {
        let landmarks = LandmarksMut {
            landmarks: &mut self.landmarks,
            slots: &self.slots,
        };
        (landmarks, &self.keyframes)
    }

    pub(crate) fn keyframes_mut(&mut self) -> &mut [Keyframe] {
        &mut self.keyframes
    }

    /// Forgets everything; ids go on, so that none is used again.
    pub(crate) fn clear(&mut self) {
        self.keyframes.clear();
        self.landmarks.clear();
        self.slots.fill(GONE);
    }

    /// Keeps a frame; its id is given here.
    pub(crate) fn add_keyframe(&mut self, mut keyframe: Keyframe) -> KeyframeId {
        let id = KeyframeId(self.next_keyframe);
        self.next_keyframe += 1;
        keyframe.id = id;
        keyframe.observations.clear();
        self.keyframes.push(keyframe);
        id
    }

    /// Forgets a keyframe and what it saw. Landmarks that fewer than two keyframes see then go with it.
    pub(crate) fn remove_keyframe(&mut self, id: KeyframeId, gone: &mut Vec<LandmarkId>) {
        let Ok(index) = self.keyframes.binary_search_by_key(&id, |k| k.id) else {
            return;
        };
        let keyframe = self.keyframes.remove(index);
        for (landmark, _) in keyframe.observations {
            let Some(landmark) = self.landmark_mut(landmark) else {
                continue;
            };
            landmark.forget(id);
            let (id, left) = (landmark.id, landmark.observations.len());
            if left < 2 {
                gone.push(id);
                self.remove_landmark(id);
            } else {
                self.turn_toward_cameras(id);
            }
        }
    }

    /// A new landmark without observations.
    pub(crate) fn add_landmark(&mut self, point_in_world: Vector3<f64>) -> LandmarkId {
        let id = LandmarkId(self.slots.len() as u32);
        self.slots.push(self.landmarks.len() as u32);
        self.landmarks.push(Landmark::new(id, point_in_world));
        id
    }

    /// Forgets a landmark and who saw it.
    pub(crate) fn remove_landmark(&mut self, id: LandmarkId) {
        let Some(slot) = self.slots.get(id.0 as usize).copied() else {
            return;
        };
        if slot == GONE {
            return;
        }
        let landmark = self.landmarks.swap_remove(slot as usize);
        self.slots[id.0 as usize] = GONE;
        if let Some(moved) = self.landmarks.get(slot as usize) {
            self.slots[moved.id.0 as usize] = slot;
        }
        for observation in landmark.observations {
            if let Some(keyframe) = self.keyframe_mut(observation.keyframe) {
                keyframe.observations.retain(|(seen, _)| *seen != id);
            }
        }
    }

    /// Notes that a keyframe sees a landmark; a second time replaces the first.
    pub(crate) fn observe(&mut self, id: LandmarkId, observation: Observation) {
        let Some(keyframe) = self.keyframe(observation.keyframe) else {
            return;
        };
        let camera_in_world = keyframe.world_from_camera.translation.vector;
        let Some(landmark) = self.landmark_mut(id) else {
            return;
        };
        let known = landmark.observe(observation, camera_in_world);
        let Some(keyframe) = self.keyframe_mut(observation.keyframe) else {
            return;
        };
        let entry = (id, observation.position_px);
        if known {
            if let Some(old) = keyframe.observations.iter_mut().find(|(l, _)| *l == id) {
                *old = entry;
            }
        } else {
            keyframe.observations.push(entry);
        }
    }

    /// Forgets that a keyframe sees a landmark. The landmark stays, whatever is left of it.
    pub(crate) fn unobserve(&mut self, id: LandmarkId, keyframe: KeyframeId) {
        if let Some(landmark) = self.landmark_mut(id) {
            landmark.forget(keyframe);
        }
        if let Some(keyframe) = self.keyframe_mut(keyframe) {
            keyframe.observations.retain(|(seen, _)| *seen != id);
        }
        self.turn_toward_cameras(id);
    }

    /// Works out anew from where a landmark is seen: it, its keyframes or its observations have changed.
    pub(crate) fn turn_toward_cameras(&mut self, id: LandmarkId) {
        let slot = self.slots.get(id.0 as usize).copied().unwrap_or(GONE);
        let Some(landmark) = self.landmarks.get_mut(slot as usize) else {
            return;
        };
        let mut sum = Vector3::zeros();
        for observation in &landmark.observations {
            let seen_by = &observation.keyframe;
            if let Ok(index) = self.keyframes.binary_search_by_key(seen_by, |k| k.id) {
                let camera = self.keyframes[index].world_from_camera.translation.vector;
                let toward = camera - landmark.point_in_world;
                sum += toward.try_normalize(f64::EPSILON).unwrap_or_default();
            }
        }
        if let Some(mean) = sum.try_normalize(f64::EPSILON) {
            landmark.toward_cameras = mean;
        }
    }
}

/// The landmarks of a map whose keyframes are in use.
pub(crate) struct LandmarksMut<'a> {
    landmarks: &'a mut [Landmark],
    slots: &'a [u32],
}

impl LandmarksMut<'_> {
    pub(crate) fn get_mut(&mut self, id: LandmarkId) -> Option<&mut Landmark> {
        let slot = *self.slots.get(id.0 as usize)?;
        self.landmarks.get_mut(slot as usize)
    }
}

#[cfg(test)]
mod tests;

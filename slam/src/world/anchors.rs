//! Places that stay with the scene while the map is corrected.

use nalgebra::Isometry3;

use super::WorldPoint;
use crate::map::KeyframeId;

/// The same for an anchor's life, never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AnchorId(pub u32);

/// Whether an anchor still has something to hold on to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnchorState {
    /// It follows landmarks or a keyframe of the map.
    Followed,
    /// All that it was tied to is gone from the map: the pose is the last one known.
    Held,
}

/// An anchor at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Anchor {
    /// Its pose in the map.
    pub world_from_anchor: Isometry3<f64>,
    /// The map's unit when the anchor was made, in map units of now: multiply lengths kept relative to it.
    pub scale: f64,
    /// Whether it follows.
    pub state: AnchorState,
}

/// All anchors of a map.
#[derive(Debug, Clone, Default)]
pub struct Anchors {
    anchors: Vec<(AnchorId, Anchor)>,
    next: u32,
}

impl Anchors {
    /// Makes an anchor and ties it to what is near.
    pub fn add(
        &mut self,
        world_from_anchor: Isometry3<f64>,
        _points: &[WorldPoint],
        _keyframes: &[(KeyframeId, Isometry3<f64>)],
    ) -> AnchorId {
        let id = AnchorId(self.next);
        self.next += 1;
        self.anchors.push((
            id,
            Anchor {
                world_from_anchor,
                scale: 1.0,
                state: AnchorState::Held,
            },
        ));
        id
    }

    /// Moves all anchors with the map.
    pub fn update(
        &mut self,
        _points: &[WorldPoint],
        _keyframes: &[(KeyframeId, Isometry3<f64>)],
        _is_metric: bool,
    ) {
    }

    /// An anchor as it is now; none if it was removed.
    #[must_use]
    pub fn get(&self, id: AnchorId) -> Option<Anchor> {
        self.anchors
            .iter()
            .find(|(other, _)| *other == id)
            .map(|(_, anchor)| *anchor)
    }

    /// Forgets an anchor; whether there was one.
    pub fn remove(&mut self, id: AnchorId) -> bool {
        let before = self.anchors.len();
        self.anchors.retain(|(other, _)| *other != id);
        self.anchors.len() < before
    }

    /// Forgets all; their identities are not used again.
    pub fn restart(&mut self) {
        self.anchors.clear();
    }
}

//! Places that stay with the scene while the map is corrected.
//!
//! An anchor remembers where the landmarks around it were, seen from it, and where it was seen from the keyframes near
//! it. When the map moves, the landmarks say where the anchor belongs now ([`ties`]); the keyframes say how it is turned
//! where landmarks are few or in a line, and all where none are left. Landmarks and keyframes that are gone from the map
//! are replaced by others that are near, from where the anchor is then.

mod ties;

use nalgebra::Isometry3;

use super::WorldPoint;
use crate::map::KeyframeId;
use ties::Ties;

/// The same for an anchor's life, never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AnchorId(pub u32);

/// Whether an anchor still has something to hold on to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnchorState {
    /// It follows landmarks or keyframes of the map.
    Followed,
    /// All that it was tied to is gone from the map: the pose is the last one known.
    Held,
}

/// An anchor at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Anchor {
    /// Its pose in the map.
    pub world_from_anchor: Isometry3<f64>,
    /// How long the map's unit of when it was made is in the map's unit of now: what is drawn at the anchor grows by it
    /// to stay as large in the scene. Always 1 in a metric map.
    pub scale: f64,
    /// Whether it follows.
    pub state: AnchorState,
}

/// All anchors of a map.
#[derive(Debug, Clone, Default)]
pub struct Anchors {
    /// Sorted by id.
    anchors: Vec<(AnchorId, Anchor, Ties)>,
    next_id: u32,
    /// Landmarks sorted by id, to find them by.
    sorted: Vec<WorldPoint>,
}

impl Anchors {
    /// Makes an anchor at a pose of the world and ties it to what is near. Without any landmark or keyframe it is held
    /// until an update brings some. A pose of numbers that are none is held for ever.
    pub fn add(
        &mut self,
        world_from_anchor: Isometry3<f64>,
        points: &[WorldPoint],
        keyframes: &[(KeyframeId, Isometry3<f64>)],
    ) -> AnchorId {
        let id = AnchorId(self.next_id);
        self.next_id += 1;
        let mut anchor = Anchor {
            world_from_anchor,
            scale: 1.0,
            state: AnchorState::Held,
        };
        let mut ties = Ties::default();
        ties.renew(&anchor, points, keyframes);
        if !ties.is_empty() {
            anchor.state = AnchorState::Followed;
        }
        self.anchors.push((id, anchor, ties));
        id
    }

    /// Moves all anchors with the map. In a metric map the scale is never corrected.
    pub fn update(
        &mut self,
        points: &[WorldPoint],
        keyframes: &[(KeyframeId, Isometry3<f64>)],
        is_metric: bool,
    ) {
        if self.anchors.is_empty() {
            return;
        }
        self.sorted.clear();
        self.sorted
            .extend(points.iter().filter(|point| point.is_finite()));
        self.sorted.sort_by_key(|point| point.id);
        for (_, anchor, ties) in &mut self.anchors {
            ties.forget_gone(&self.sorted, keyframes);
            anchor.state = match ties.solve(anchor, &self.sorted, keyframes, is_metric) {
                Some((pose, scale)) => {
                    anchor.world_from_anchor = pose;
                    anchor.scale = scale;
                    AnchorState::Followed
                }
                None => AnchorState::Held,
            };
            ties.renew(anchor, &self.sorted, keyframes);
        }
    }

    /// An anchor as it is now; none if it was removed.
    #[must_use]
    pub fn get(&self, id: AnchorId) -> Option<Anchor> {
        let at = self
            .anchors
            .binary_search_by_key(&id, |entry| entry.0)
            .ok()?;
        self.anchors.get(at).map(|entry| entry.1)
    }

    /// The pose of an anchor as it is now; none if it was removed.
    #[must_use]
    pub fn pose(&self, id: AnchorId) -> Option<Isometry3<f64>> {
        self.get(id).map(|anchor| anchor.world_from_anchor)
    }

    /// Forgets an anchor; whether there was one.
    pub fn remove(&mut self, id: AnchorId) -> bool {
        let found = self.anchors.binary_search_by_key(&id, |entry| entry.0);
        if let Ok(at) = found {
            self.anchors.remove(at);
        }
        found.is_ok()
    }

    /// All anchors, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (AnchorId, Anchor)> + '_ {
        self.anchors.iter().map(|entry| (entry.0, entry.1))
    }

    /// Forgets all; their identities are not used again.
    pub fn restart(&mut self) {
        self.anchors.clear();
    }
}

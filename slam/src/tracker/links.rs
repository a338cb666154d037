//! Which track of the front end follows which landmark.

use crate::front_end::TrackedPoint;
use crate::map::LandmarkId;

/// Pairs of track and landmark, by the track's id.
#[derive(Debug, Clone, Default)]
pub(super) struct Links {
    by_track: Vec<(u32, LandmarkId)>,
}

impl Links {
    pub(super) fn with_capacity(tracks: usize) -> Self {
        Self {
            by_track: Vec::with_capacity(tracks),
        }
    }

    pub(super) fn clear(&mut self) {
        self.by_track.clear();
    }

    pub(super) fn get(&self, track: u32) -> Option<LandmarkId> {
        let index = self.index(track).ok()?;
        Some(self.by_track[index].1)
    }

    pub(super) fn insert(&mut self, track: u32, landmark: LandmarkId) {
        match self.index(track) {
            Ok(index) => self.by_track[index].1 = landmark,
            Err(index) => self.by_track.insert(index, (track, landmark)),
        }
    }

    pub(super) fn remove(&mut self, track: u32) {
        if let Ok(index) = self.index(track) {
            self.by_track.remove(index);
        }
    }

    /// Keeps what the function says.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(u32, LandmarkId) -> bool) {
        self.by_track
            .retain(|(track, landmark)| keep(*track, *landmark));
    }

    /// Drops the links of tracks that are no more. Both are in the order of the tracks' ids.
    pub(super) fn follow(&mut self, points: &[TrackedPoint]) {
        let mut points = points.iter().peekable();
        self.by_track.retain(|(track, _)| {
            while points.next_if(|point| point.id < *track).is_some() {}
            points.peek().is_some_and(|point| point.id == *track)
        });
    }

    pub(super) fn len(&self) -> usize {
        self.by_track.len()
    }

    fn index(&self, track: u32) -> Result<usize, usize> {
        self.by_track
            .binary_search_by_key(&track, |(track, _)| *track)
    }
}

//! What the landmarks of each keyframe look like, and which keyframes a picture resembles.
//!
//! A question compares some of its descriptors with all that are kept and ranks the keyframes by how many find a
//! clear match; for the best ones it then compares all. So the time is bounded by
//! [`IndexConfig::max_comparisons`], however large the map.

use super::descriptor::Descriptor;
use crate::map::{KeyframeId, LandmarkId};

/// How places are recognised.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexConfig {
    /// The most keyframes kept; the one inserted first goes first.
    pub max_keyframes: usize,
    /// The most descriptors kept of a keyframe.
    pub max_descriptors: usize,
    /// Bits in which descriptors of the same landmark may differ.
    pub max_distance: u32,
    /// The distance to the best landmark must be less than this share of that to the second best of the keyframe.
    pub max_ratio: f32,
    /// The most keyframes in an answer.
    pub max_candidates: usize,
    /// Keyframes with fewer matches are left out.
    pub min_matches: usize,
    /// Comparisons spent on ranking keyframes, a few nanoseconds each.
    pub max_comparisons: usize,
}

impl Default for IndexConfig {
    fn default() -> Self {
        Self {
            max_keyframes: 128,
            max_descriptors: 1000,
            max_distance: 64,
            max_ratio: 0.8,
            max_candidates: 4,
            min_matches: 8,
            max_comparisons: 2_000_000,
        }
    }
}

/// A landmark that looks like something in the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// The index of the descriptor that was asked with.
    pub query: u32,
    /// The landmark.
    pub landmark: LandmarkId,
    /// Bits that differ.
    pub distance: u32,
}

/// A keyframe that may show the same place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The keyframe.
    pub keyframe: KeyframeId,
    /// What matches, the most alike first; no landmark and no query twice.
    pub matches: Vec<Match>,
}

/// Descriptors of landmarks, by keyframe.
#[derive(Debug, Clone, Default)]
pub struct RelocalizationIndex {
    config: IndexConfig,
    groups: Vec<Group>,
}

/// What a keyframe sees.
#[derive(Debug, Clone)]
struct Group {
    keyframe: KeyframeId,
    entries: Vec<(LandmarkId, Descriptor)>,
}

impl RelocalizationIndex {
    /// An empty index.
    #[must_use]
    pub fn new(config: IndexConfig) -> Self {
        Self {
            config,
            groups: Vec::new(),
        }
    }

    /// Keeps what the landmarks of a keyframe look like, in place of what was kept of it. A landmark may have several
    /// descriptors, at different octaves. What goes over [`IndexConfig::max_descriptors`] is left out.
    pub fn insert(&mut self, keyframe: KeyframeId, entries: &[(LandmarkId, Descriptor)]) {
        self.remove_keyframe(keyframe);
        if self.groups.len() >= self.config.max_keyframes.max(1) {
            self.groups.remove(0);
        }
        let kept = entries.len().min(self.config.max_descriptors);
        self.groups.push(Group {
            keyframe,
            entries: entries[..kept].to_vec(),
        });
    }

    /// Forgets a keyframe.
    pub fn remove_keyframe(&mut self, keyframe: KeyframeId) {
        self.groups.retain(|group| group.keyframe != keyframe);
    }

    /// Forgets landmarks in all keyframes; they are sorted by their ids.
    pub fn remove_landmarks(&mut self, landmarks: &[LandmarkId]) {
        if landmarks.is_empty() {
            return;
        }
        for group in &mut self.groups {
            let is_gone = |id: &LandmarkId| landmarks.binary_search(id).is_ok();
            group.entries.retain(|(id, _)| !is_gone(id));
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.groups.clear();
    }

    /// The number of descriptors kept.
    #[must_use]
    pub fn descriptor_count(&self) -> usize {
        self.groups.iter().map(|group| group.entries.len()).sum()
    }

    /// The keyframes that look most like a picture with these descriptors, the one with most matches first; of equal
    /// ones the one inserted first.
    #[must_use]
    pub fn query(&self, descriptors: &[Descriptor]) -> Vec<Candidate> {
        let mut candidates: Vec<Candidate> = self
            .most_alike(descriptors)
            .into_iter()
            .map(|group| Candidate {
                keyframe: group.keyframe,
                matches: self.matches(group, descriptors),
            })
            .filter(|candidate| candidate.matches.len() >= self.config.min_matches)
            .collect();
        candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.matches.len()));
        candidates
    }

    /// The keyframes worth a closer look.
    fn most_alike(&self, descriptors: &[Descriptor]) -> Vec<&Group> {
        let affordable = self.config.max_comparisons / self.descriptor_count().max(1);
        let probes = affordable.clamp(MIN_PROBES, descriptors.len().max(MIN_PROBES));
        let stride = descriptors.len().div_ceil(probes).max(1);
        let mut ranked: Vec<(usize, &Group)> = self
            .groups
            .iter()
            .map(|group| {
                let clear = |query: &&Descriptor| self.best(group, query).is_some();
                let count = descriptors.iter().step_by(stride).filter(clear).count();
                (count, group)
            })
            .filter(|(count, _)| *count > 0)
            .collect();
        ranked.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        ranked.truncate(self.config.max_candidates);
        ranked.into_iter().map(|(_, group)| group).collect()
    }

    /// Matches in which landmark and query are each other's best.
    fn matches(&self, group: &Group, descriptors: &[Descriptor]) -> Vec<Match> {
        let mut matches: Vec<Match> = descriptors
            .iter()
            .zip(0..)
            .filter_map(|(descriptor, query)| {
                let (landmark, distance) = self.best(group, descriptor)?;
                Some(Match {
                    query,
                    landmark,
                    distance,
                })
            })
            .collect();
        matches.sort_unstable_by_key(|found| (found.landmark, found.distance, found.query));
        matches.dedup_by_key(|found| found.landmark);
        matches.sort_unstable_by_key(|found| (found.distance, found.query));
        matches
    }

    /// The landmark most like a descriptor, if no other is nearly as much.
    fn best(&self, group: &Group, query: &Descriptor) -> Option<(LandmarkId, u32)> {
        // What is beyond does not change the answer: the second best only counts up to the ratio's reach.
        let reach = (self.config.max_distance as f32 / self.config.max_ratio.max(0.1)) as u32 + 1;
        let (mut best, mut second) = ((LandmarkId(u32::MAX), reach), reach);
        for (landmark, descriptor) in &group.entries {
            let Some(distance) = query.distance_below(descriptor, second) else {
                continue;
            };
            if *landmark == best.0 {
                best.1 = best.1.min(distance);
            } else if distance < best.1 {
                second = best.1;
                best = (*landmark, distance);
            } else {
                second = distance;
            }
        }
        let clear = (best.1 as f32) < self.config.max_ratio * second as f32;
        (best.1 <= self.config.max_distance && clear).then_some(best)
    }
}

/// Descriptors compared with every keyframe at the least.
const MIN_PROBES: usize = 32;

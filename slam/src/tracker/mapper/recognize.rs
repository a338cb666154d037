//! The first keyframes of a map, and how its landmarks look, for when the tracker is lost.

use super::{Mapper, START_ITERATIONS, Shared};
use crate::map::{KeyframeId, Map};
use crate::pyramid::Pyramid;
use crate::relocalization::{Pair, describe_landmark, pairs};

impl Mapper {
    /// Adjusts the keyframes of a start, at once: tracking goes on from them.
    pub(super) fn adjust_start(&mut self, shared: &mut Shared<'_>) {
        self.window.whole(shared.map);
        if self
            .window
            .load(shared.map, &mut self.adjuster, None, &self.prior_camera)
        {
            self.adjuster.run(START_ITERATIONS);
            self.write_back(shared);
        }
    }

    /// Notes how a keyframe's landmarks look.
    pub(super) fn describe(&mut self, shared: &mut Shared<'_>, id: KeyframeId) -> u32 {
        let Some(keyframe) = shared.map.keyframe(id) else {
            return 0;
        };
        let entries: Vec<_> = keyframe
            .observations
            .iter()
            .flat_map(|(landmark, position_px)| {
                describe_landmark(&keyframe.pyramid, *position_px).map(|d| (*landmark, d))
            })
            .collect();
        self.index.insert(id, &entries);
        3
    }

    /// Points of a picture and landmarks that they may be, for each place that it may be, the likeliest first.
    pub(in crate::tracker) fn recognize(&mut self, map: &Map, pyramid: &Pyramid) -> Vec<Vec<Pair>> {
        let Some(describer) = &mut self.describer else {
            return Vec::new();
        };
        let features = describer.features(pyramid);
        let descriptors: Vec<_> = features.iter().map(|feature| feature.descriptor).collect();
        let candidates = self.index.query(&descriptors);
        let point_of = |id| map.landmark(id).map(|landmark| landmark.point_in_world);
        candidates
            .iter()
            .map(|candidate| pairs(candidate, &features, point_of))
            .collect()
    }
}

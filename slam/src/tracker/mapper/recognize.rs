//! The first keyframes of a map, and where its landmarks are recognised after a loss.

use super::{Mapper, START_ITERATIONS, Scope, Shared};
use crate::map::{KeyframeId, LandmarkId};
use crate::pyramid::Pyramid;

impl Mapper {
    /// Adjusts the keyframes of a start, at once: tracking goes on from them.
    pub(super) fn adjust_start(&mut self, shared: &mut Shared<'_>) {
        self.window.whole(shared.map);
        if self
            .window
            .load(shared.map, &mut self.adjuster, None, &self.prior_camera)
        {
            self.adjuster.run(START_ITERATIONS);
            self.write_back(shared, Scope::Local);
        }
    }

    /// Landmarks that the picture's points may be, for each place that it may be, the likeliest first.
    pub(in crate::tracker) fn recognize(
        &mut self,
        _pyramid: &Pyramid,
    ) -> Vec<Vec<(LandmarkId, [f32; 2])>> {
        Vec::new()
    }

    pub(super) fn describe(&mut self, _shared: &mut Shared<'_>, _id: KeyframeId) -> u32 {
        2
    }
}

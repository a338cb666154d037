//! Lucas-Kanade alone on two images, for measuring it: pyramids are built and points chosen beforehand, and one call
//! tracks all of them once.
//!
//! It takes no time itself; the caller, native or JavaScript, has the clock.

use crate::Error;
use crate::corners::{CornerConfig, CornerDetector};
use crate::image::ImageView;
use crate::lucas_kanade::{Flow, LucasKanade, LucasKanadeConfig};
use crate::pyramid::Pyramid;

/// Two images, the points of the first, and room for their places in the second.
#[derive(Debug, Clone)]
pub struct Workload {
    tracker: LucasKanade,
    earlier: Pyramid,
    later: Pyramid,
    points: Vec<[f32; 2]>,
    flows: Vec<Flow>,
}

impl Workload {
    /// Builds the pyramids. `points` are pixels of the image `earlier`.
    ///
    /// # Errors
    /// [`Error::Config`] for settings or levels out of range, [`Error::PyramidMismatch`] for images of different
    /// sizes.
    pub fn new(
        earlier: &ImageView<'_>,
        later: &ImageView<'_>,
        points: &[[f32; 2]],
        levels: usize,
        config: LucasKanadeConfig,
    ) -> Result<Self, Error> {
        let [earlier, later] = [Pyramid::of(earlier, levels)?, Pyramid::of(later, levels)?];
        if earlier.size() != later.size() {
            return Err(Error::PyramidMismatch);
        }
        Ok(Self {
            tracker: LucasKanade::new(config)?,
            earlier,
            later,
            points: points.to_vec(),
            flows: vec![Flow::default(); points.len()],
        })
    }

    /// Tracks every point once, forward only, starting where it was. The answers are in the order of the points.
    ///
    /// # Errors
    /// None that [`Workload::new`] has not found already.
    pub fn track(&mut self) -> Result<&[Flow], Error> {
        self.tracker.track(
            &self.earlier,
            &self.later,
            &self.points,
            None,
            &mut self.flows,
        )?;
        Ok(&self.flows)
    }

    /// As [`Workload::track`], with the plain kernel.
    ///
    /// # Errors
    /// As [`Workload::track`].
    pub fn track_plain(&mut self) -> Result<&[Flow], Error> {
        self.tracker.track_plain(
            &self.earlier,
            &self.later,
            &self.points,
            None,
            &mut self.flows,
        )?;
        Ok(&self.flows)
    }

    /// The points that are tracked.
    #[must_use]
    pub fn points(&self) -> &[[f32; 2]] {
        &self.points
    }
}

/// Exactly `count` points of an image to measure with: its best corners, then, where it has too few, the same again
/// moved by half a pixel. Empty for an image without corners.
///
/// # Errors
/// None for an image of a size that [`ImageView`] takes.
pub fn points_to_measure(image: &ImageView<'_>, count: usize) -> Result<Vec<[f32; 2]>, Error> {
    let mut corners = Vec::new();
    let mut detector = CornerDetector::new(CornerConfig {
        points_per_cell: 4,
        min_distance_px: 4.0,
        min_score: 1.0,
        ..CornerConfig::default()
    })?;
    detector.detect(&Pyramid::of(image, 1)?, [], count, &mut corners);
    let positions = corners.iter().map(|c| c.position_px);
    let moved = positions.clone().map(|[x, y]| [x + 0.5, y + 0.5]);
    let mut points: Vec<_> = positions.chain(moved.cycle()).take(count).collect();
    points.truncate(if corners.is_empty() { 0 } else { count });
    Ok(points)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lucas_kanade::FlowStatus;
    use crate::test_texture::picture;

    #[test]
    fn both_kernels_track_the_same_points() {
        let earlier = picture(160, 120, |p| p);
        let later = picture(160, 120, |[x, y]| [x - 1.5, y]);
        let points = points_to_measure(&earlier.view(), 300).unwrap();
        assert_eq!(points.len(), 300);
        let config = LucasKanadeConfig::default();
        let mut workload =
            Workload::new(&earlier.view(), &later.view(), &points, 3, config.clone()).unwrap();
        let flows = workload.track().unwrap().to_vec();
        assert_eq!(flows, workload.track_plain().unwrap());
        let tracked = flows
            .iter()
            .filter(|f| f.status == FlowStatus::Tracked)
            .count();
        assert!(tracked > 250, "{tracked}");
        let black = crate::GrayImage::new(64, 64).unwrap();
        assert_eq!(
            points_to_measure(&black.view(), 10).unwrap(),
            Vec::<[f32; 2]>::new()
        );
        assert!(Workload::new(&earlier.view(), &black.view(), &points, 3, config).is_err());
    }
}

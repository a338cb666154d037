//! Whether a plane is a surface: opaque, and clearer than what is around it.
//!
//! What lies behind a surface is not seen, but many have holes: shelves, fences, the backs of chairs. They are told from
//! a cut through clutter by the points close before and close behind them, which clutter has as many of.

use nalgebra::Vector3;

use super::fit::Flat;
use super::sample::Search;
use super::surface::TAKE_DEVIATIONS;

/// What is farther behind a plane than this, in standard deviations, was seen through it.
const SEEN_BEYOND_DEVIATIONS: f64 = 3.5;

/// The bands close before and close behind a plane, in standard deviations. Each is as wide as the plane's own.
const BAND_DEVIATIONS: std::ops::Range<f64> = 3.0..8.0;

/// How many samples are seen through a part of a plane: they lie clearly behind it, and the line from them to their
/// cameras crosses it.
pub(crate) fn seen_through(
    flat: &Flat,
    search: &Search<'_>,
    contains: impl Fn(&Vector3<f64>) -> bool,
) -> f64 {
    let mut count = 0.0;
    for sample in search.samples {
        let distance = flat.distance(&sample.point);
        let toward = sample.toward_cameras.dot(&flat.normal);
        if distance >= 0.0 || toward <= 0.1 {
            continue;
        }
        let along = -distance / toward;
        // Not behind the camera, and clear of the noise.
        if along < 0.9 * sample.depth
            && !flat.holds(sample, SEEN_BEYOND_DEVIATIONS * search.noise)
            && contains(&(sample.point + along * sample.toward_cameras))
        {
            count += 1.0;
        }
    }
    count
}

/// How many samples are on a part of a plane, and how many in the bands close to it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Around {
    pub(crate) on: f64,
    pub(crate) before: f64,
    pub(crate) behind: f64,
}

impl Around {
    /// Counts the samples of these indices.
    pub(crate) fn of(
        flat: &Flat,
        search: &Search<'_>,
        indices: impl Iterator<Item = usize>,
        contains: impl Fn(&Vector3<f64>) -> bool,
    ) -> Self {
        let mut counted = Self::default();
        for sample in indices.map(|index| &search.samples[index]) {
            let far = BAND_DEVIATIONS.end * search.noise * sample.reach;
            if flat.distance(&sample.point).abs() > far || !contains(&sample.point) {
                continue;
            }
            let deviations = flat.deviations(sample) / search.noise;
            if deviations.abs() <= TAKE_DEVIATIONS {
                counted.on += 1.0;
            } else if BAND_DEVIATIONS.contains(&deviations) {
                counted.before += 1.0;
            } else if BAND_DEVIATIONS.contains(&-deviations) {
                counted.behind += 1.0;
            }
        }
        counted
    }

    /// The share of points seen through a plane that is not made up for by how clearly it stands out: by twice the
    /// deviation of the counts at least.
    pub(crate) fn not_made_up_for(&self, seen_through: f64) -> f64 {
        let beside = self.before + self.behind;
        let sure = self.on - beside - 2.0 * (self.on + beside).sqrt();
        let clear = (sure / self.on.max(1.0)).clamp(0.0, 1.0);
        seen_through * (1.0 - clear * clear)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_many_points_that_stand_out_make_up_for_holes() {
        let share = |on, before, behind| {
            let around = Around { on, before, behind };
            around.not_made_up_for(0.5)
        };
        assert!(share(600.0, 10.0, 50.0) < 0.25);
        assert!(share(600.0, 300.0, 300.0) >= 0.5, "clutter");
        assert!(share(12.0, 0.0, 0.0) > 0.4, "a few by chance");
        assert!(share(0.0, 0.0, 0.0) >= 0.5);
    }
}

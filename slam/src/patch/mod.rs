//! Where a landmark's patch is in the current frame, to a fraction of a pixel, without drift: its picture is always
//! taken from the same reference keyframe.
//!
//! Flow: [`Warp::new`] predicts from two poses, two cameras and the landmark how its surroundings are deformed and
//! where they are; [`PatchAligner::template`] samples them from the keyframe's pyramid as the current frame should
//! see them, a [`PatchTemplate`], which may be kept until it [needs renewal](PatchTemplate::needs_renewal);
//! [`PatchAligner::align`] finds it near a predicted position and [`PatchAligner::search`] further away.
//!
//! Alignment is Gauss-Newton over translation, gain and offset in the inverse compositional form, where gradients
//! are those of the template (Baker & Matthews, "Lucas-Kanade 20 years on", part 1, section 3.2, and part 3 for gain
//! and offset); patches warped from keyframes are PTAM's (Klein & Murray 2007, section 5.2) and SVO's (Forster,
//! Pizzoli & Scaramuzza 2014, section IV-B). How an iteration is made cheap stands in `template.rs`.
//!
//! It knows nothing of maps or of what a found position is used for, does not allocate and keeps nothing.

mod moments;
mod plain;
mod search;
mod solve;
mod template;
mod vector;
mod warp;

use crate::Error;
use crate::pyramid::{MAX_LEVELS, Pyramid};
use plain::Plain;
use solve::Search;
use template::Kernel;
use vector::Vector;

pub use search::MAX_RADIUS_PX;
pub use template::{MAX_SIDE_PX, MIN_SIDE_PX, PatchTemplate};
pub use warp::{View, Warp};

/// How patches are aligned.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchConfig {
    /// Side of the square patch in pixels of the level it is aligned in: [`MIN_SIDE_PX`] to [`MAX_SIDE_PX`].
    pub side_px: usize,
    /// Most iterations a level: 1 to 100.
    pub max_iterations: usize,
    /// An iteration that moves less than this many pixels of its level is the last one there.
    pub epsilon_px: f64,
    /// Patches whose mean squared gradient, in the direction where it is least and without what gain and offset
    /// explain, is below this many squared grey levels a squared pixel cannot be aligned.
    pub min_squared_gradient: f64,
    /// The least zero-mean normalised cross-correlation with the template: -1 to 1.
    pub min_zncc: f32,
}

impl Default for PatchConfig {
    fn default() -> Self {
        Self {
            side_px: 8,
            max_iterations: 10,
            epsilon_px: 0.01,
            min_squared_gradient: 1.0,
            min_zncc: 0.75,
        }
    }
}

/// Where a patch was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alignment {
    /// x to the right, y down, in pixels of the full image.
    pub position_px: [f32; 2],
    /// Zero-mean normalised cross-correlation with the template there: 1 where they are the same but for gain and
    /// offset.
    pub zncc: f32,
    /// Standard deviation of a coordinate in pixels of the full image, from what is left of the differences and the
    /// template's gradients. Grey levels are rounded, so it is never quite 0.
    pub sigma_px: f32,
    /// Iterations in all levels together.
    pub iterations: u32,
}

/// Why a patch was not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlignmentFailure {
    /// The patch is not wholly inside of the image, of the reference or of the current one.
    Outside,
    /// The patch does not fix both directions.
    LowTexture,
    /// The search left the neighbourhood of the prediction or did not come to rest.
    Diverged,
    /// What was found does not look like the template.
    Dissimilar,
}

/// Aligns patches. Keeps nothing between calls.
#[derive(Debug, Clone)]
pub struct PatchAligner {
    config: PatchConfig,
}

impl PatchAligner {
    /// An aligner with the given settings.
    ///
    /// # Errors
    /// [`Error::Config`] where a value is out of its range.
    pub fn new(config: PatchConfig) -> Result<Self, Error> {
        let refuse = |name, value, range| Err(Error::Config { name, value, range });
        if !(MIN_SIDE_PX..=MAX_SIDE_PX).contains(&config.side_px) {
            return refuse("side_px", config.side_px as f64, "8 to 12");
        }
        if !(1..=100).contains(&config.max_iterations) {
            return refuse("max_iterations", config.max_iterations as f64, "1 to 100");
        }
        if !(0.0..=1.0).contains(&config.epsilon_px) {
            return refuse("epsilon_px", config.epsilon_px, "0 to 1");
        }
        if !(0.0..=f64::MAX).contains(&config.min_squared_gradient) {
            let value = config.min_squared_gradient;
            return refuse("min_squared_gradient", value, "0 or more");
        }
        if !(-1.0..=1.0).contains(&config.min_zncc) {
            return refuse("min_zncc", f64::from(config.min_zncc), "-1 to 1");
        }
        Ok(Self { config })
    }

    /// The settings.
    #[must_use]
    pub fn config(&self) -> &PatchConfig {
        &self.config
    }

    /// Samples the patch around `reference_px` (pixels of the full image) of the reference as the current frame is
    /// predicted to see it.
    ///
    /// # Errors
    /// [`AlignmentFailure::Outside`] where the warped patch leaves the reference image, and
    /// [`AlignmentFailure::LowTexture`].
    pub fn template(
        &self,
        reference: &Pyramid,
        reference_px: [f32; 2],
        warp: &Warp,
    ) -> Result<PatchTemplate, AlignmentFailure> {
        PatchTemplate::sample::<Vector>(&self.config, reference, reference_px, warp)
    }

    /// Finds the patch near `predicted_px` (pixels of the full image), which is expected to be wrong by about
    /// `uncertainty_px`, one standard deviation in a direction: the more, the coarser the level where the search
    /// starts. Beyond about 6 px use [`PatchAligner::search`].
    ///
    /// # Errors
    /// What hinders: all of it is data, one patch in a few is always lost.
    pub fn align(
        &self,
        current: &Pyramid,
        template: &PatchTemplate,
        predicted_px: [f32; 2],
        uncertainty_px: f32,
    ) -> Result<Alignment, AlignmentFailure> {
        self.align_with::<Vector>(current, template, predicted_px, uncertainty_px)
    }

    /// As [`PatchAligner::template`] and [`PatchAligner::align`], pixel by pixel: slower, with the same result. For
    /// tests and measurements.
    ///
    /// # Errors
    /// As those.
    pub fn align_plain(
        &self,
        reference: (&Pyramid, [f32; 2]),
        warp: &Warp,
        current: &Pyramid,
        predicted_px: [f32; 2],
        uncertainty_px: f32,
    ) -> Result<Alignment, AlignmentFailure> {
        let template =
            PatchTemplate::sample::<Plain>(&self.config, reference.0, reference.1, warp)?;
        self.align_with::<Plain>(current, &template, predicted_px, uncertainty_px)
    }

    fn align_with<K: Kernel>(
        &self,
        current: &Pyramid,
        template: &PatchTemplate,
        predicted_px: [f32; 2],
        uncertainty_px: f32,
    ) -> Result<Alignment, AlignmentFailure> {
        let predicted = predicted_px.map(f64::from);
        let search = Search {
            config: &self.config,
            current,
            template,
            predicted,
            reach_px: 3.0 * f64::from(uncertainty_px.max(0.0)) + 2.0,
        };
        let coarsest = template.coarsest_for(f64::from(uncertainty_px));
        let found = search.descend::<K>(coarsest, predicted);
        match found {
            // A coarse level shows more of the surroundings, which can mislead where depths differ.
            Err(_) if coarsest > 0 => search.descend::<K>(0, predicted).or(found),
            _ => found,
        }
    }
}

/// Pixels of the full image in a pixel of a level.
fn pixels_of_level(level: usize) -> f64 {
    debug_assert!(level < MAX_LEVELS);
    f64::from(1_u32 << level)
}

#[cfg(test)]
mod tests;

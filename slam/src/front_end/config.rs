//! The front end's settings.

use crate::Error;
use crate::corners::CornerConfig;

/// The front end's settings.
#[derive(Debug, Clone, PartialEq)]
pub struct FrontEndConfig {
    /// The most points tracked in a frame: 1 to 65536.
    pub max_points: usize,
    /// Side of the cells that points are spread over, in pixels: 8 to 256.
    pub grid_cell_px: usize,
    /// New points keep this distance from all others, in pixels: 1 to the cell's side.
    pub min_distance_px: f32,
    /// Side of the tracker's window in pixels: odd, 3 to 15.
    pub window_px: usize,
    /// Levels of the image pyramid, the image itself included: 1 to 8.
    pub levels: usize,
    /// By how many grey levels a corner's surround must differ from it.
    pub fast_threshold: u8,
    /// The least Shi-Tomasi score of a corner in squared grey levels a squared pixel.
    pub min_corner_score: f32,
    /// New points are looked for when at least this many are missing: 1 to `max_points`.
    pub min_missing_points: usize,
    /// How far from its start a point may end when it is followed forward and back, in pixels: more than 0.
    pub max_back_error_px: f32,
    /// Whether the CPU follows points pixel by pixel instead of on vectors: slower, with the same result. For
    /// measurements.
    pub is_plain: bool,
}

impl Default for FrontEndConfig {
    fn default() -> Self {
        let corners = CornerConfig::default();
        Self {
            max_points: 1200,
            grid_cell_px: corners.cell_px,
            min_distance_px: corners.min_distance_px,
            window_px: 15,
            levels: 4,
            fast_threshold: corners.fast_threshold,
            min_corner_score: corners.min_score,
            min_missing_points: 1,
            max_back_error_px: 1.0,
            is_plain: false,
        }
    }
}

impl FrontEndConfig {
    /// How far inside of the image corners are, in pixels: a window that moved by a pixel is whole there.
    pub(crate) fn corner_margin_px(&self) -> usize {
        (self.window_px / 2 + 1).max(4)
    }

    /// Refuses what no part of the front end refuses by itself.
    pub(super) fn check(&self) -> Result<(), Error> {
        let refuse = |name, value, range| Err(Error::Config { name, value, range });
        if !(1..=65536).contains(&self.max_points) {
            return refuse("max_points", self.max_points as f64, "1 to 65536");
        }
        if !(1..=self.max_points).contains(&self.min_missing_points) {
            let value = self.min_missing_points as f64;
            return refuse("min_missing_points", value, "1 to max_points");
        }
        if self.max_back_error_px.is_nan() || self.max_back_error_px <= 0.0 {
            let value = f64::from(self.max_back_error_px);
            return refuse("max_back_error_px", value, "more than 0");
        }
        Ok(())
    }
}

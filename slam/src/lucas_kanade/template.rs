//! What is taken from the earlier image once per point and level, and what is asked of the later image.
//!
//! # One look at the image serves many iterations
//! Lucas-Kanade's step needs `b(d) = sum (J(x + d) - I(x)) g(x)` over the window, J sampled bilinearly. Sampling is
//! linear in J and its four weights are the same for every pixel of the window, therefore
//! `b(d) = sum_k w_k(d) C_k - S` with the four correlations `C_k = sum J(x + c + k) g(x)` of the template's gradients
//! with the *unsampled* image at the corners `k` of the cell `c = floor(d)`, and the constant `S = sum I(x) g(x)`.
//! The correlations are exact integers and are computed once for each cell that the search enters; the iterations
//! inside of a cell cost nothing. The result is the same as that of sampling in every iteration, without its
//! rounding.
//!
//! # Fixed point
//! A template's corner is rounded to 1/8 px; the tracker adds the displacement to the unrounded position, so that
//! nothing is lost. Sampled pixels carry 5 bits of fraction (at most 8160), gradients are in 1/32 grey levels a pixel
//! (at most 4080 by the Sobel filter), and with windows of at most 15 x 15 every sum fits 32 bits:
//! 15 rows x 2 x 2 x 8160 x 4080 < 2^31 in each lane.

use crate::pyramid::Level;

/// The widest window. A row of it, with the lane to spare, fills two vectors of 16-bit numbers.
pub const MAX_WINDOW_PX: usize = 15;
/// Numbers kept per row; those past the window are 0.
pub(super) const LANES: usize = 16;
/// Rows and columns sampled around the window's pixels, which the gradients need.
pub(super) const SAMPLED_ROWS: usize = MAX_WINDOW_PX + 2;
pub(super) const SAMPLED_LANES: usize = 24;
/// Gradients are in units of 1 / `GRADIENT_SCALE` grey levels a pixel, sampled pixels in 1 / `GRADIENT_SCALE` levels.
pub(crate) const GRADIENT_SCALE: f64 = 32.0;
/// Positions of templates are rounded to 1 / `CORNER_STEPS` px.
pub(super) const CORNER_STEPS: i32 = 8;

/// The top left pixel of a window in the earlier image, in steps of 1 / [`CORNER_STEPS`] px.
#[derive(Debug, Clone, Copy)]
pub(super) struct Corner {
    pub(super) x: i32,
    pub(super) y: i32,
}

impl Corner {
    /// The pixel at or before the corner, and the steps from there.
    pub(super) fn split(self) -> ([i32; 2], [i16; 2]) {
        let cell = [
            self.x.div_euclid(CORNER_STEPS),
            self.y.div_euclid(CORNER_STEPS),
        ];
        let steps = [
            self.x.rem_euclid(CORNER_STEPS),
            self.y.rem_euclid(CORNER_STEPS),
        ];
        (cell, steps.map(|s| s as i16))
    }
}

/// Sums over the window that do not depend on the later image.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sums {
    /// Gradient products: x x, x y, y y.
    pub(super) gradients: [i64; 3],
    /// Pixels times gradients: x, y.
    pub(super) pixels: [i64; 2],
}

/// The gradients of a window and room to compute them.
#[derive(Debug, Clone)]
#[repr(align(16))]
pub(super) struct Template {
    pub(super) sampled: [[i16; SAMPLED_LANES]; SAMPLED_ROWS],
    pub(super) gradient_x: [[i16; LANES]; MAX_WINDOW_PX],
    pub(super) gradient_y: [[i16; LANES]; MAX_WINDOW_PX],
}

impl Template {
    pub(super) fn new() -> Self {
        Self {
            sampled: [[0; SAMPLED_LANES]; SAMPLED_ROWS],
            gradient_x: [[0; LANES]; MAX_WINDOW_PX],
            gradient_y: [[0; LANES]; MAX_WINDOW_PX],
        }
    }
}

/// Correlations of a template's gradients (x, y) with the image at the corners of a cell: top left, top right,
/// bottom left, bottom right.
pub(super) type Correlations = [[i32; 2]; 4];

/// The two things computed over pixels. There is one for the vector unit and one plain; they agree in every bit.
pub(super) trait Kernel {
    /// Samples the window (and one pixel around) at `corner` of the earlier image and takes its gradients.
    ///
    /// The window's centre must not be further than half a window outside of the level.
    fn take(template: &mut Template, level: &Level, corner: Corner, window: usize) -> Sums;

    /// Correlates the gradients with the later image where the window's top left pixel is (x, y), one to the right,
    /// one below, and both.
    fn correlate(template: &Template, level: &Level, x: i32, y: i32, window: usize)
    -> Correlations;
}

//! What is kept of a patch, and why iterations are cheap.
//!
//! With T the template, g its gradient, I the image at the patch's place, an iteration needs the sums over the
//! patch of I, I T and I g. Bilinear sampling is linear in I, so at any fraction of a pixel these are the weighted
//! means of the same sums taken at the four pixels around; the sum of I^2 is a quadratic form of the weights. They
//! are computed once a cell of the image's grid, by [`Kernel::correlate`], and all iterations in that cell only
//! weigh them. Everything is exact in integers: samples and gradients are in 1 / [`SCALE`](super::moments::SCALE) grey
//! levels, at most 8160, and with 12 rows of 12 pixels every sum fits 32 bits (144 x 255 x 8160 < 2^31).

use super::moments::{Moments, Sums};
use super::{AlignmentFailure, PatchConfig, Warp};
use crate::pyramid::{Level, Pyramid};

/// The narrowest patch.
pub const MIN_SIDE_PX: usize = 8;
/// The widest patch.
pub const MAX_SIDE_PX: usize = 12;
/// Numbers kept per row; those past the patch are 0.
pub(super) const LANES: usize = 16;
/// Rows and columns sampled around the patch, which the gradients need.
pub(super) const SAMPLED_ROWS: usize = MAX_SIDE_PX + 2;
pub(super) const SAMPLED_LANES: usize = 24;
/// The most levels of the current pyramid in which one template can be searched.
pub(super) const TEMPLATE_LEVELS: usize = 3;

/// The patch of one level with its gradients.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Template {
    pub(super) pixels: [[i16; LANES]; MAX_SIDE_PX],
    pub(super) gradient_x: [[i16; LANES]; MAX_SIDE_PX],
    pub(super) gradient_y: [[i16; LANES]; MAX_SIDE_PX],
}

/// The warped patch with a border of one pixel.
pub(super) type Sampled = [[i16; SAMPLED_LANES]; SAMPLED_ROWS];

/// Sums of the image times (1, T, g x, g y) with the patch's first pixel at the corners of a cell: top left, top
/// right, bottom left, bottom right.
pub(super) type Correlations = [[i32; 4]; 4];

/// Sums of products of the image at two corners of a cell, in the order of [`PAIRS`].
pub(super) type Squares = [i32; 10];

/// The pairs of corners of [`Squares`].
pub(super) const PAIRS: [(usize, usize); 10] = [
    (0, 0),
    (1, 1),
    (2, 2),
    (3, 3),
    (0, 1),
    (2, 3),
    (0, 2),
    (1, 3),
    (0, 3),
    (1, 2),
];

/// What is computed over pixels. There is one kernel for the vector unit and one plain; they agree in every bit.
pub(super) trait Kernel {
    /// Fills a template from the sampled patch.
    fn differentiate(template: &mut Template, sampled: &Sampled, side: usize) -> Sums;

    /// The image's sums where the patch's first pixel is (x, y), one to the right, one below, and both.
    fn correlate(template: &Template, level: &Level, x: i32, y: i32, side: usize) -> Correlations;

    /// The image's sums of squares there.
    fn squares(level: &Level, x: i32, y: i32, side: usize) -> Squares;

    /// Sums of I, I T and I^2 where the patch's first pixel is (x, y).
    fn compare(template: &Template, level: &Level, x: i32, y: i32, side: usize) -> [i32; 3];
}

/// A landmark's patch as the current frame should see it, in one to three levels of its pyramid. About 4 KiB.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchTemplate {
    warp: Warp,
    side: usize,
    levels: [(Template, Moments); TEMPLATE_LEVELS],
    count: usize,
}

impl PatchTemplate {
    pub(super) fn sample<K: Kernel>(
        config: &PatchConfig,
        reference: &Pyramid,
        reference_px: [f32; 2],
        warp: &Warp,
    ) -> Result<Self, AlignmentFailure> {
        let mut made = Self {
            warp: *warp,
            side: config.side_px,
            levels: <[(Template, Moments); TEMPLATE_LEVELS]>::default(),
            count: 0,
        };
        let mut sampled = [[0; SAMPLED_LANES]; SAMPLED_ROWS];
        let levels = reference.levels().iter().skip(warp.reference_level);
        for ((template, moments), (coarser, level)) in
            made.levels.iter_mut().zip(levels.enumerate())
        {
            let scale = 1.0 / super::pixels_of_level(warp.reference_level + coarser);
            let center = reference_px.map(|c| f64::from(c) * scale);
            let taken = sample(&mut sampled, level, center, warp, config.side_px).and_then(|()| {
                let sums = K::differentiate(template, &sampled, config.side_px);
                Moments::new(&sums, config).ok_or(AlignmentFailure::LowTexture)
            });
            match taken {
                Ok(taken) => *moments = taken,
                Err(failure) if coarser == 0 => return Err(failure),
                Err(_) => break,
            }
            made.count = coarser + 1;
        }
        match made.count {
            0 => Err(AlignmentFailure::Outside),
            _ => Ok(made),
        }
    }

    /// Whether the view has changed so much that the patch should be sampled anew: by a quarter of a pixel at its
    /// edge. A changed level alone is no reason.
    #[must_use]
    pub fn needs_renewal(&self, warp: &Warp) -> bool {
        let (old, new) = (
            self.warp.current_from_reference,
            warp.current_from_reference,
        );
        let Some(inverse) = old.try_inverse() else {
            return true;
        };
        let change = new * inverse - nalgebra::Matrix2::identity();
        let edge_px = (0..2)
            .map(|axis| change.column(axis).norm())
            .fold(0.0, f32::max)
            * self.side as f32
            * 0.5;
        // What is not a number is sampled anew.
        edge_px.is_nan() || edge_px > 0.25
    }

    /// The warp it was sampled with.
    #[must_use]
    pub fn warp(&self) -> &Warp {
        &self.warp
    }

    /// Side of the patch in pixels.
    pub(super) fn side(&self) -> usize {
        self.side
    }

    /// How many levels it can be searched in.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The patch `coarser` levels above its finest, with its moments and its level in the current pyramid.
    pub(super) fn at(&self, coarser: usize) -> (&Template, &Moments, usize) {
        let (template, moments) = &self.levels[coarser];
        (template, moments, self.warp.level + coarser)
    }

    /// How many levels above its finest a search should start whose start is wrong by about that much.
    pub(super) fn coarsest_for(&self, uncertainty_px: f64) -> usize {
        let wanted = (0..self.count).find(|k| uncertainty_px <= REACH_PX * self.pixels_of(*k));
        wanted.unwrap_or(self.count - 1)
    }

    /// Pixels of the full image in a pixel of the level that is `coarser` above its finest.
    pub(super) fn pixels_of(&self, coarser: usize) -> f64 {
        super::pixels_of_level(self.warp.level) * super::pixels_of_level(coarser)
    }
}

/// Starts that are wrong by this many pixels of a level still lead home in nearly all cases.
const REACH_PX: f64 = 1.25;

/// Samples `level` around `center` (its pixels), one pixel more than the patch on every side.
fn sample(
    sampled: &mut Sampled,
    level: &Level,
    center: [f64; 2],
    warp: &Warp,
    side: usize,
) -> Result<(), AlignmentFailure> {
    let step = warp
        .reference_from_current()
        .ok_or(AlignmentFailure::Outside)?;
    let half = (side as f64 + 1.0) * 0.5;
    let reach = [0, 1].map(|row| half * (step[(row, 0)].abs() + step[(row, 1)].abs()));
    if !inside(level, center, [reach[0] - 1.0, reach[1] - 1.0]) {
        return Err(AlignmentFailure::Outside);
    }
    // Positions in 1 / 65536 px, which fit 32 bits in an image of the largest size.
    let fixed = |v: f64| (v * 65536.0).round() as i32;
    let by_column = [fixed(step[(0, 0)]), fixed(step[(1, 0)])];
    let by_row = [fixed(step[(0, 1)]), fixed(step[(1, 1)])];
    let mut row_start =
        [0, 1].map(|axis| fixed(center[axis] - half * (step[(axis, 0)] + step[(axis, 1)])));
    for row in sampled.iter_mut().take(side + 2) {
        let [mut x, mut y] = row_start;
        for out in row.iter_mut().take(side + 2) {
            let (fx, fy) = (x >> 8 & 0xff, y >> 8 & 0xff);
            let [a, b, c, d] = level.square(x >> 16, y >> 16).map(i32::from);
            let top = (a << 8) + fx * (b - a);
            let bottom = (c << 8) + fx * (d - c);
            *out = (((top << 8) + fy * (bottom - top) + 1024) >> 11) as i16;
            x += by_column[0];
            y += by_column[1];
        }
        row_start[0] += by_row[0];
        row_start[1] += by_row[1];
    }
    Ok(())
}

/// Whether all within `reach` of a position lies between the outermost pixels' centres. False for what is not a
/// number.
pub(super) fn inside(level: &Level, position: [f64; 2], reach: [f64; 2]) -> bool {
    let last = [level.width, level.height].map(|side| side as f64 - 1.0);
    (0..2).all(|axis| position[axis] >= reach[axis] && position[axis] + reach[axis] <= last[axis])
}

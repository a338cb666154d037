//! Where to start new points: FAST-9 corners on a grid, ranked by Shi-Tomasi's score, spread evenly and kept away
//! from the points that are tracked already.
//!
//! Each cell of the grid offers its best corner; the best offers are taken. Cells that have enough points are not
//! looked at.

mod fast;
mod occupancy;
mod shi_tomasi;

use crate::Error;
use crate::pyramid::{Level, Pyramid};
pub(crate) use occupancy::Occupancy;

/// How corners are chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct CornerConfig {
    /// Side of a grid cell in pixels: 8 to 256.
    pub cell_px: usize,
    /// The most points in a cell: 1 to 16.
    pub points_per_cell: usize,
    /// The least distance between points in pixels: 1 to the cell's side.
    pub min_distance_px: f32,
    /// Corners are at least this far inside of the image, in pixels: 4 or more.
    pub margin_px: usize,
    /// By how many grey levels the circle must differ from the centre.
    pub fast_threshold: u8,
    /// The least Shi-Tomasi score (7 x 7 pixels) in squared grey levels a squared pixel.
    pub min_score: f32,
    /// For how many images no point is started in a cell that lost one: what could not be followed, a gleam or the
    /// edge of something nearer, will not be followed the next time either.
    pub rest_images: u8,
}

impl Default for CornerConfig {
    fn default() -> Self {
        Self {
            cell_px: 16,
            points_per_cell: 2,
            min_distance_px: 8.0,
            margin_px: 8,
            fast_threshold: 10,
            min_score: 10.0,
            rest_images: 10,
        }
    }
}

/// A place to start a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Corner {
    /// x to the right, y down, in pixels, to a fraction.
    pub position_px: [f32; 2],
    /// Shi-Tomasi's score of the pixel it was found at.
    pub score: f32,
}

/// Finds corners. Keeps its buffers between calls, so that it does not allocate once it has seen an image.
#[derive(Debug, Clone)]
pub struct CornerDetector {
    config: CornerConfig,
    occupancy: Occupancy,
    offers: Vec<Offer>,
    /// Images that each cell still rests.
    resting: Vec<u8>,
    /// Whether each cell of this image has no free corner; points added elsewhere make none.
    barren: Vec<bool>,
}

/// The best free corner of a cell.
#[derive(Debug, Clone, Copy)]
struct Offer {
    x: i32,
    y: i32,
    score: f32,
}

impl CornerDetector {
    /// A detector with the given settings.
    ///
    /// # Errors
    /// [`Error::Config`] where a value is out of its range.
    pub fn new(config: CornerConfig) -> Result<Self, Error> {
        let refuse = |name, value, range| Err(Error::Config { name, value, range });
        if !(8..=256).contains(&config.cell_px) {
            return refuse("cell_px", config.cell_px as f64, "8 to 256");
        }
        if !(1..=16).contains(&config.points_per_cell) {
            return refuse("points_per_cell", config.points_per_cell as f64, "1 to 16");
        }
        if !(1.0..=config.cell_px as f32).contains(&config.min_distance_px) {
            let value = f64::from(config.min_distance_px);
            return refuse("min_distance_px", value, "1 to cell_px");
        }
        if !(4..=1024).contains(&config.margin_px) {
            return refuse("margin_px", config.margin_px as f64, "4 to 1024");
        }
        if !(0.0..=f32::MAX).contains(&config.min_score) {
            return refuse("min_score", f64::from(config.min_score), "0 or more");
        }
        let occupancy = Occupancy::new(config.cell_px, config.min_distance_px);
        Ok(Self {
            config,
            occupancy,
            offers: Vec::new(),
            resting: Vec::new(),
            barren: Vec::new(),
        })
    }

    /// Lets the cell of a position (pixels) rest, for a point was lost there in the image that is looked at next.
    pub fn rest(&mut self, position_px: [f32; 2]) {
        let cell = self.occupancy.index_of(position_px);
        if let Some(images) = self.resting.get_mut(cell) {
            *images = self.config.rest_images.saturating_add(1);
        }
    }

    /// Adds to `corners` at most `wanted` corners of the pyramid's image that keep their distance from `taken`
    /// positions (pixels) and from each other. Nothing is found in an empty pyramid.
    pub fn detect(
        &mut self,
        pyramid: &Pyramid,
        taken: impl IntoIterator<Item = [f32; 2]>,
        wanted: usize,
        corners: &mut Vec<Corner>,
    ) {
        self.detect_in_level(pyramid, 0, taken, wanted, corners);
    }

    /// As [`CornerDetector::detect`], in one level of the pyramid: all positions and distances are in its pixels.
    pub fn detect_in_level(
        &mut self,
        pyramid: &Pyramid,
        level: usize,
        taken: impl IntoIterator<Item = [f32; 2]>,
        wanted: usize,
        corners: &mut Vec<Corner>,
    ) {
        let Some(level) = pyramid.levels().get(level) else {
            return;
        };
        self.occupancy.clear(level.width, level.height);
        self.resting.resize(self.occupancy.cell_count(), 0);
        for images in &mut self.resting {
            *images = images.saturating_sub(1);
        }
        for position in taken {
            self.occupancy.insert(position);
        }
        // At most one offer a cell: with this room nothing grows later.
        self.offers.clear();
        self.offers.reserve(self.occupancy.cell_count());
        self.occupancy.reserve(wanted);
        self.barren.clear();
        self.barren.resize(self.occupancy.cell_count(), false);
        let mut wanted = wanted;
        for points in 0..self.config.points_per_cell {
            if wanted == 0 {
                return;
            }
            self.collect_offers(level, points);
            // Equal scores in the order of the image, so that the choice does not depend on the sort.
            self.offers.sort_unstable_by(|a, b| {
                b.score
                    .total_cmp(&a.score)
                    .then((a.y, a.x).cmp(&(b.y, b.x)))
            });
            for offer in &self.offers {
                if wanted == 0 {
                    return;
                }
                let position_px = shi_tomasi::peak(level, offer.x, offer.y);
                if self.occupancy.is_free(position_px) {
                    self.occupancy.insert(position_px);
                    corners.push(Corner {
                        position_px,
                        score: offer.score,
                    });
                    wanted -= 1;
                }
            }
        }
    }

    /// The best free corner of each cell that has at most `points` points.
    fn collect_offers(&mut self, level: &Level, points: usize) {
        self.offers.clear();
        let margin = self.config.margin_px;
        let cell = self.config.cell_px;
        let inside = |start: usize, length: usize| {
            let end = (start + cell).min(length.saturating_sub(margin));
            start.max(margin) as i32..end as i32
        };
        for (row, top) in (0..level.height).step_by(cell).enumerate() {
            for (column, left) in (0..level.width).step_by(cell).enumerate() {
                let index = self.occupancy.index(column, row);
                let rests = self.resting.get(index).is_some_and(|images| *images > 0);
                let is_barren = self.barren.get(index).is_some_and(|barren| *barren);
                if rests || is_barren || self.occupancy.count(index) > points {
                    continue;
                }
                let mut best: Option<Offer> = None;
                let columns = inside(left, level.width);
                for y in inside(top, level.height) {
                    for x in columns.clone().step_by(16) {
                        let mut mask = fast::corners_of_16(level, x, y, self.config.fast_threshold);
                        mask &= low_bits(columns.end - x);
                        while mask != 0 {
                            let x = x + mask.trailing_zeros() as i32;
                            mask &= mask - 1;
                            // Most corners of a cell that has a point are near it.
                            if !self.occupancy.is_free([x as f32, y as f32]) {
                                continue;
                            }
                            let score = shi_tomasi::score(level, x, y);
                            let least = best.map_or(self.config.min_score, |b| b.score);
                            if score > least {
                                best = Some(Offer { x, y, score });
                            }
                        }
                    }
                }
                match best {
                    Some(best) => self.offers.push(best),
                    None => {
                        if let Some(barren) = self.barren.get_mut(index) {
                            *barren = true;
                        }
                    }
                }
            }
        }
    }
}

/// The number of FAST-9 pixels of the pyramid's image, at least 3 px inside of it, without suppression: the first
/// stage of a [`CornerDetector`], to be measured on its own.
#[must_use]
pub fn count_fast_pixels(pyramid: &Pyramid, threshold: u8) -> usize {
    let Some(level) = pyramid.levels().first() else {
        return 0;
    };
    let (right, bottom) = (level.width as i32 - 3, level.height as i32 - 3);
    let mut count = 0;
    for y in 3..bottom {
        for x in (3..right).step_by(16) {
            let mask = fast::corners_of_16(level, x, y, threshold) & low_bits(right - x);
            count += mask.count_ones() as usize;
        }
    }
    count
}

/// A mask of the lowest `count` bits.
fn low_bits(count: i32) -> u32 {
    if count >= 32 {
        u32::MAX
    } else {
        (1 << count.max(0)) - 1
    }
}

#[cfg(test)]
mod tests;

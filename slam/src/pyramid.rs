//! The image pyramid that points are tracked in: each level half the size of the one below, with a mirrored border
//! around every level, so that windows near the edge need no checks per pixel.
//!
//! A pixel (x, y) of level `l` lies at (x 2^l, y 2^l) of the image. The filter is Burt and Adelson's binomial
//! (1 4 6 4 1) / 16 in each direction ("The Laplacian pyramid as a compact image code", 1983), rounded once.

use crate::image::ImageView;
use crate::simd::{load_i16, load_u8, narrow, widen};
use crate::{Error, image};
use wide::{i16x8, i32x4, u8x16};

/// Pixels of mirrored border on each side of a level.
pub(crate) const BORDER_PX: usize = 32;

/// The most levels a pyramid can have.
pub const MAX_LEVELS: usize = 8;

/// One level: pixels with a border.
#[derive(Debug, Clone, Default)]
pub(crate) struct Level {
    data: Vec<u8>,
    pub(crate) width: usize,
    pub(crate) height: usize,
    stride: usize,
}

impl Level {
    fn resize(&mut self, width: usize, height: usize) {
        self.width = width;
        self.height = height;
        self.stride = (width + 2 * BORDER_PX).next_multiple_of(16);
        self.data.clear();
        self.data.resize(self.stride * (height + 2 * BORDER_PX), 0);
    }

    fn start(&self, x: isize, y: isize) -> usize {
        let border = BORDER_PX.cast_signed();
        ((y + border) * self.stride.cast_signed() + x + border).cast_unsigned()
    }

    /// `count` pixels from (x, y) to the right, all of which may lie in the border. Panics outside of it.
    pub(crate) fn pixels(&self, x: i32, y: i32, count: usize) -> &[u8] {
        &self.data[self.start(x as isize, y as isize)..][..count]
    }

    /// The pixel (x, y), the one to the right, the one below, and the one below that to the right. As
    /// [`Level::pixels`], with one check for all four.
    #[inline(always)]
    pub(crate) fn square(&self, x: i32, y: i32) -> [u8; 4] {
        let pixels = &self.data[self.start(x as isize, y as isize)..][..self.stride + 2];
        [
            pixels[0],
            pixels[1],
            pixels[self.stride],
            pixels[self.stride + 1],
        ]
    }

    /// The rows from (x, y) down, each from column x on and longer than the image is to the right of it by the border.
    #[inline(always)]
    pub(crate) fn rows(&self, x: i32, y: i32) -> impl Iterator<Item = &[u8]> {
        self.data[self.start(x as isize, y as isize)..].chunks(self.stride)
    }

    /// All rows with their borders.
    #[cfg(feature = "gpu")]
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.data
    }

    /// Bytes from a row to the next: a multiple of 16.
    #[cfg(feature = "gpu")]
    pub(crate) fn stride(&self) -> usize {
        self.stride
    }

    /// Row `y` without its border.
    pub(crate) fn row(&self, y: usize) -> &[u8] {
        &self.data[self.start(0, y.cast_signed())..][..self.width]
    }

    fn mirror_border(&mut self) {
        for y in 0..self.height {
            let start = self.start(-BORDER_PX.cast_signed(), y.cast_signed());
            let row = &mut self.data[start..start + self.stride];
            if self.width + 2 * BORDER_PX == self.stride && self.width > BORDER_PX {
                mirror_row(row);
                continue;
            }
            for i in 1..=BORDER_PX {
                row[BORDER_PX - i] = row[BORDER_PX + mirrored(-i.cast_signed(), self.width)];
            }
            for i in self.width + BORDER_PX..self.stride {
                row[i] = row[BORDER_PX + mirrored((i - BORDER_PX).cast_signed(), self.width)];
            }
        }
        for i in 1..=BORDER_PX.cast_signed() {
            for y in [-i, self.height.cast_signed() - 1 + i] {
                let from = (mirrored(y, self.height) + BORDER_PX) * self.stride;
                let to = (y + BORDER_PX.cast_signed()).cast_unsigned() * self.stride;
                self.data.copy_within(from..from + self.stride, to);
            }
        }
    }
}

/// Fills the border of a row that has one border on either side and more than that between them.
fn mirror_row(row: &mut [u8]) {
    let (left, rest) = row.split_at_mut(BORDER_PX);
    for (to, from) in left.iter_mut().rev().zip(&rest[1..=BORDER_PX]) {
        *to = *from;
    }
    let (rest, right) = row.split_at_mut(row.len() - BORDER_PX);
    let last = rest.len() - 1;
    for (to, from) in right
        .iter_mut()
        .zip(rest[last - BORDER_PX..last].iter().rev())
    {
        *to = *from;
    }
}

/// The index in `0..length` that stands for `i` outside of it, mirrored at the first and the last one.
fn mirrored(i: isize, length: usize) -> usize {
    if length == 1 {
        return 0;
    }
    let period = 2 * (length - 1);
    let i = i.rem_euclid(period.cast_signed()).cast_unsigned();
    i.min(period - i)
}

/// An image at several sizes. Made once, built again for every frame without allocation while the size stays.
#[derive(Debug, Clone)]
pub struct Pyramid {
    levels: Vec<Level>,
    wanted_levels: usize,
    column_sums: Vec<i16>,
}

impl Pyramid {
    /// An empty pyramid that will have at most `levels` levels.
    ///
    /// # Errors
    /// [`Error::Config`] unless `levels` is 1 to [`MAX_LEVELS`].
    pub fn new(levels: usize) -> Result<Self, Error> {
        if !(1..=MAX_LEVELS).contains(&levels) {
            return Err(Error::Config {
                name: "levels",
                value: levels as f64,
                range: "1 to 8",
            });
        }
        Ok(Self {
            levels: Vec::new(),
            wanted_levels: levels,
            column_sums: Vec::new(),
        })
    }

    /// The pyramid of an image; a shorthand for [`Pyramid::new`] and [`Pyramid::build`].
    ///
    /// # Errors
    /// As [`Pyramid::new`].
    pub fn of(image: &ImageView<'_>, levels: usize) -> Result<Self, Error> {
        let mut pyramid = Self::new(levels)?;
        pyramid.build(image);
        Ok(pyramid)
    }

    /// Fills all levels from an image. Allocates only when the size differs from the image before.
    pub fn build(&mut self, image: &ImageView<'_>) {
        self.build_base(image);
        self.build_coarser();
    }

    /// Fills the finest level from an image; the coarser ones are left to [`Pyramid::build_coarser`].
    pub(crate) fn build_base(&mut self, image: &ImageView<'_>) {
        if self.size() != Some((image.width(), image.height())) {
            self.resize(image.width(), image.height());
        }
        let Some((base, _)) = self.levels.split_first_mut() else {
            return;
        };
        for y in 0..image.height() {
            let start = base.start(0, y.cast_signed());
            base.data[start..start + image.width()].copy_from_slice(image.row(y));
        }
        base.mirror_border();
    }

    /// Fills the coarser levels from the finest one.
    pub(crate) fn build_coarser(&mut self) {
        for l in 1..self.levels.len() {
            let (below, above) = self.levels.split_at_mut(l);
            halve(&below[l - 1], &mut above[0], &mut self.column_sums);
            above[0].mirror_border();
        }
    }

    /// Width and height of the image in pixels; none before the first was built.
    #[must_use]
    pub fn size(&self) -> Option<(usize, usize)> {
        self.levels.first().map(|base| (base.width, base.height))
    }

    /// How many levels there are; fewer than wanted where the image is small, none before the first was built.
    #[must_use]
    pub fn level_count(&self) -> usize {
        self.levels.len()
    }

    pub(crate) fn levels(&self) -> &[Level] {
        &self.levels
    }

    fn resize(&mut self, width: usize, height: usize) {
        debug_assert!(width.max(height) <= image::MAX_SIDE_PX);
        self.levels.clear();
        let (mut w, mut h) = (width, height);
        for l in 0..self.wanted_levels {
            if l > 0 && w.min(h) < SMALLEST_LEVEL_PX {
                break;
            }
            let mut level = Level::default();
            level.resize(w, h);
            self.levels.push(level);
            (w, h) = (w.div_ceil(2), h.div_ceil(2));
        }
        self.column_sums.clear();
        self.column_sums.resize(width + 2 * BORDER_PX + 16, 0);
    }
}

/// Levels smaller than this say nothing: a window of the tracker covers them whole.
const SMALLEST_LEVEL_PX: usize = 16;

/// Filters and halves `fine` into `coarse`. Writes up to 15 pixels past each row, into the border.
fn halve(fine: &Level, coarse: &mut Level, column_sums: &mut [i16]) {
    let blocks = coarse.width.div_ceil(16);
    // Sums of columns -2 to 32 `blocks` + 14 of the fine level: what the last block reads.
    let columns = 32 * blocks + 16;
    for y in 0..coarse.height {
        let top = fine.start(-2, 2 * y.cast_signed() - 2);
        let rows: [&[u8]; 5] = std::array::from_fn(|i| {
            let start = top + i * fine.stride;
            &fine.data[start..(start + columns).min(fine.data.len())]
        });
        let available = (fine.stride - (BORDER_PX - 2)).min(columns) / 16 * 16;
        for x in (0..available).step_by(16) {
            let [a, b, c, d, e] = [
                widen(load_u8(&rows[0][x..])),
                widen(load_u8(&rows[1][x..])),
                widen(load_u8(&rows[2][x..])),
                widen(load_u8(&rows[3][x..])),
                widen(load_u8(&rows[4][x..])),
            ];
            for half in 0..2 {
                let sums: i16x8 =
                    a[half] + e[half] + ((b[half] + c[half] + d[half]) << 2) + (c[half] << 1);
                column_sums[x + 8 * half..][..8].copy_from_slice(&sums.to_array());
            }
        }
        let start = coarse.start(0, y.cast_signed());
        for block in 0..blocks {
            let sums = &column_sums[32 * block..];
            let pixels = u8x16::narrow_i16x8(filter_row(sums), filter_row(&sums[16..]));
            coarse.data[start + 16 * block..][..16].copy_from_slice(&pixels.to_array());
        }
    }
}

/// Eight pixels of the halved row from the column sums, which start two columns before the first.
#[inline(always)]
fn filter_row(sums: &[i16]) -> i16x8 {
    let four = |sums: &[i16]| {
        let pairs = load_i16(sums).dot(i16x8::new([1, 4, 1, 4, 1, 4, 1, 4]))
            + load_i16(&sums[2..]).dot(i16x8::new([6, 4, 6, 4, 6, 4, 6, 4]))
            + load_i16(&sums[4..]).dot(i16x8::new([1, 0, 1, 0, 1, 0, 1, 0]));
        (pairs + i32x4::splat(128)) >> 8_i32
    };
    narrow(four(sums), four(&sums[8..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::GrayImage;
    use proptest::prelude::*;

    fn noise(width: usize, height: usize, seed: u64) -> GrayImage {
        let mut state = seed | 1;
        let data = (0..width * height)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                (state >> 56) as u8
            })
            .collect();
        GrayImage::from_vec(width, height, data).unwrap()
    }

    /// The definition, pixel by pixel.
    fn halved(fine: &Level) -> Vec<Vec<u8>> {
        let weights = [1_u32, 4, 6, 4, 1];
        let pixel = |x: usize, y: usize| {
            let mut sum = 128;
            for (j, wy) in weights.iter().enumerate() {
                for (i, wx) in weights.iter().enumerate() {
                    let sx = mirrored((2 * x + i).cast_signed() - 2, fine.width);
                    let sy = mirrored((2 * y + j).cast_signed() - 2, fine.height);
                    sum += wx * wy * u32::from(fine.row(sy)[sx]);
                }
            }
            (sum >> 8) as u8
        };
        (0..fine.height.div_ceil(2))
            .map(|y| (0..fine.width.div_ceil(2)).map(|x| pixel(x, y)).collect())
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, rng_seed: proptest::test_runner::RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn every_level_is_the_filtered_and_halved_one_below(width in 1_usize..150, height in 1_usize..70, seed: u64) {
            let image = noise(width, height, seed);
            let pyramid = Pyramid::of(&image.view(), 4).unwrap();
            prop_assert_eq!(pyramid.size(), Some((width, height)));
            for pair in pyramid.levels().windows(2) {
                for (y, row) in halved(&pair[0]).iter().enumerate() {
                    prop_assert_eq!(pair[1].row(y), row.as_slice());
                }
            }
        }
    }

    #[test]
    fn the_border_mirrors_the_image() {
        // Rows that end with their border and rows with room behind it; images wider and narrower than the border.
        for width in [16, 32, 33, 40, 48] {
            let image = noise(width, 17, 3);
            let pyramid = Pyramid::of(&image.view(), 1).unwrap();
            let level = &pyramid.levels()[0];
            for y in -32..49 {
                for x in -32..width.cast_signed() + 32 {
                    let inside = image.data()[mirrored(y, 17) * width + mirrored(x, width)];
                    assert_eq!(level.pixels(x as i32, y as i32, 1)[0], inside, "({x}, {y})");
                }
            }
        }
    }

    #[test]
    fn a_second_image_of_another_size_replaces_the_first() {
        let mut pyramid = Pyramid::of(&noise(64, 64, 1).view(), 3).unwrap();
        assert_eq!(pyramid.level_count(), 3);
        let small = noise(20, 9, 2);
        pyramid.build(&small.view());
        assert_eq!(pyramid.size(), Some((20, 9)));
        assert_eq!(pyramid.level_count(), 1);
        assert_eq!(pyramid.levels()[0].row(8), &small.data()[160..]);
        assert!(Pyramid::new(0).is_err() && Pyramid::new(9).is_err());
    }
}

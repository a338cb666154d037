//! Corners of several sizes and what they look like.
//!
//! Rotated BRIEF as in Rublee et al., "ORB: an efficient alternative to SIFT or SURF" (2011): the orientation is that
//! of the intensity centroid (Rosin 1999) of a disc, and the pattern is turned by it, here by the exact angle. Grey
//! levels are taken from a coarser level of the pyramid than the corner's, which is smoothed already.

use super::descriptor::Descriptor;
use super::pattern::{PAIRS, RADIUS};
use crate::Error;
use crate::corners::{Corner, CornerConfig, CornerDetector};
use crate::pyramid::{Level, MAX_LEVELS, Pyramid};

/// How corners are found for recognition.
#[derive(Debug, Clone, PartialEq)]
pub struct DescriberConfig {
    /// The most corners of a picture, in all levels together: 1 to 4096.
    pub max_corners: usize,
    /// Levels of the pyramid in which corners are looked for: 1 to 8. Coarser ones get fewer corners.
    pub levels: usize,
    /// By how many grey levels a corner's surround must differ from it.
    pub fast_threshold: u8,
}

impl Default for DescriberConfig {
    fn default() -> Self {
        Self {
            max_corners: 500,
            levels: 3,
            fast_threshold: 10,
        }
    }
}

/// A corner and what it looks like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Feature {
    /// x to the right, y down, in pixels of the full image.
    pub position_px: [f32; 2],
    /// The size of what was looked at: 2 to its power is the number of pixels of the full image in a unit of the
    /// pattern.
    pub octave: f32,
    /// What it looks like.
    pub descriptor: Descriptor,
}

/// Finds and describes corners.
#[derive(Debug, Clone)]
pub struct Describer {
    config: DescriberConfig,
    detector: CornerDetector,
    corners: Vec<Corner>,
}

impl Describer {
    /// A describer with the given settings.
    ///
    /// # Errors
    /// [`Error::Config`] where a value is out of its range.
    pub fn new(config: DescriberConfig) -> Result<Self, Error> {
        let refuse = |name, value, range| Err(Error::Config { name, value, range });
        if !(1..=4096).contains(&config.max_corners) {
            return refuse("max_corners", config.max_corners as f64, "1 to 4096");
        }
        if !(1..=8).contains(&config.levels) {
            return refuse("levels", config.levels as f64, "1 to 8");
        }
        let detector = CornerDetector::new(CornerConfig {
            points_per_cell: 2,
            min_distance_px: 6.0,
            fast_threshold: config.fast_threshold,
            rest_images: 0,
            ..CornerConfig::default()
        })?;
        Ok(Self {
            config,
            detector,
            corners: Vec::new(),
        })
    }

    /// The strongest corners of a picture, described at their level's octave and half an octave above, so that some
    /// octave of theirs is within a quarter of one of a landmark's.
    pub fn features(&mut self, pyramid: &Pyramid) -> Vec<Feature> {
        let mut features = Vec::new();
        let levels = self.config.levels.min(pyramid.level_count());
        let shares = (0..levels).map(|l| 1.0 / f64::from(1_u32 << l));
        let whole: f64 = shares.clone().sum();
        for (level, share) in shares.enumerate() {
            let wanted = (self.config.max_corners as f64 * share / whole) as usize;
            self.corners.clear();
            self.detector
                .detect_in_level(pyramid, level, [], wanted, &mut self.corners);
            let scale = (1_u32 << level) as f32;
            for corner in &self.corners {
                let position_px = corner.position_px.map(|c| c * scale);
                for octave in [level as f32, level as f32 + 0.5] {
                    if let Some(descriptor) = describe(pyramid, position_px, octave) {
                        features.push(Feature {
                            position_px,
                            octave,
                            descriptor,
                        });
                    }
                }
            }
        }
        features
    }
}

/// What a landmark looks like in its keyframe, at whole octaves: what a picture of up to half or twice the size has at
/// one of the octaves of [`Describer::features`]. The position is in pixels of the full image.
pub fn describe_landmark(
    pyramid: &Pyramid,
    position_px: [f32; 2],
) -> impl Iterator<Item = Descriptor> + '_ {
    LANDMARK_OCTAVES
        .iter()
        .filter_map(move |octave| describe(pyramid, position_px, *octave))
}

const LANDMARK_OCTAVES: [f32; 3] = [0.0, 1.0, 2.0];

/// What is around a position (pixels of the full image) looks like at an octave, as in [`Feature::octave`]. None
/// within two thirds of the pattern's radius of the edge, and for what is not a number.
#[must_use]
pub fn describe(pyramid: &Pyramid, position_px: [f32; 2], octave: f32) -> Option<Descriptor> {
    if !OCTAVES.contains(&octave) {
        return None;
    }
    let unit_px = octave.exp2();
    let coarsest = pyramid.level_count().checked_sub(1)?;
    let level_index = ((octave + SMOOTHER_LEVELS).round().max(0.0) as usize).min(coarsest);
    let level = pyramid.levels().get(level_index)?;
    let scale = 1.0 / (1_u32 << level_index) as f32;
    let center = position_px.map(|c| c * scale);
    let unit = unit_px * scale;
    let margin = unit * RADIUS as f32 * (2.0 / 3.0);
    let last = [level.width, level.height].map(|side| side as f32 - 1.0);
    let inside = (0..2).all(|axis| center[axis] >= margin && center[axis] + margin <= last[axis]);
    // The rest of the pattern must lie in the level's border.
    if !inside || margin > MAX_MARGIN_PX {
        return None;
    }
    let patch = Patch { level, center };
    let [cos, sin] = patch.orientation(unit);
    let turned = [cos * unit, sin * unit];
    let mut words = [0; 4];
    for (word, pairs) in words.iter_mut().zip(PAIRS.chunks_exact(64)) {
        for (bit, [first, second]) in pairs.iter().enumerate() {
            let less = patch.at_turned(*first, turned) < patch.at_turned(*second, turned);
            *word |= u64::from(less) << bit;
        }
    }
    Some(Descriptor(words))
}

/// The octaves that can be described.
const OCTAVES: std::ops::RangeInclusive<f32> = -1.0..=MAX_LEVELS as f32;
/// How much coarser than a pixel a unit the level is whose grey levels are compared, in octaves.
const SMOOTHER_LEVELS: f32 = 1.0;
/// Twice this is less than the border around a level.
const MAX_MARGIN_PX: f32 = 30.0;

/// The surroundings of a position in a level.
struct Patch<'a> {
    level: &'a Level,
    center: [f32; 2],
}

impl Patch<'_> {
    /// Cosine and sine of the direction from the centre to the intensity centroid.
    fn orientation(&self, unit: f32) -> [f32; 2] {
        let mut moment = [0.0_f32; 2];
        let step = unit * DISC_STEP as f32;
        let reach = RADIUS / DISC_STEP;
        for y in -reach..=reach {
            for x in -reach..=reach {
                if x * x + y * y <= reach * reach {
                    let [x, y] = [x as f32, y as f32];
                    let value = self.at([x * step, y * step]) as f32;
                    moment[0] += x * value;
                    moment[1] += y * value;
                }
            }
        }
        let length = moment[0].hypot(moment[1]);
        if length > 0.0 {
            moment.map(|m| m / length)
        } else {
            [1.0, 0.0]
        }
    }

    /// The grey level at a place of the pattern, turned and scaled by (cosine, sine).
    #[inline(always)]
    fn at_turned(&self, [x, y]: [i8; 2], [cos, sin]: [f32; 2]) -> i32 {
        let [x, y] = [x, y].map(f32::from);
        self.at([cos * x - sin * y, sin * x + cos * y])
    }

    /// The grey level at an offset from the centre, in 1 / 65536.
    #[inline(always)]
    fn at(&self, offset: [f32; 2]) -> i32 {
        // Shifted, so that cutting is rounding down.
        let [x, y] = [0, 1].map(|axis| ((self.center[axis] + offset[axis] + 64.0) * 256.0) as i32);
        let (fx, fy) = (x & 0xff, y & 0xff);
        let [a, b, c, d] = self
            .level
            .square((x >> 8) - 64, (y >> 8) - 64)
            .map(i32::from);
        let top = (a << 8) + fx * (b - a);
        let bottom = (c << 8) + fx * (d - c);
        (top << 8) + fy * (bottom - top)
    }
}

/// Places of the disc of the orientation are this many units apart.
const DISC_STEP: i32 = 2;

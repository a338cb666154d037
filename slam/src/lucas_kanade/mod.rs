//! Pyramidal Lucas-Kanade: where the points of one image went in the next.
//!
//! After Bouguet, "Pyramidal implementation of the affine Lucas Kanade feature tracker" (2001), with gradients from
//! the earlier image (Baker & Matthews' inverse form of pure translation), so that they and their 2 x 2 matrix are
//! computed once per point and level. [`LucasKanade::track`] runs on vectors, [`LucasKanade::track_plain`] pixel by
//! pixel; both give the same bits. How iterations are made cheap stands in `template.rs`.
//!
//! It knows nothing of detection, ids, or of checking a track by going back; that is [`crate::front_end`].

mod plain;
mod template;
mod vector;

use crate::Error;
use crate::pyramid::{Level, MAX_LEVELS, Pyramid};
use plain::Plain;
pub(crate) use template::GRADIENT_SCALE;
use template::{CORNER_STEPS, Corner, Kernel, Template};
use vector::Vector;

pub use template::MAX_WINDOW_PX;

/// How points are searched.
#[derive(Debug, Clone, PartialEq)]
pub struct LucasKanadeConfig {
    /// Side of the square window in pixels: odd, 3 to [`MAX_WINDOW_PX`].
    pub window_px: usize,
    /// Most iterations a level: 1 to 100.
    pub max_iterations: usize,
    /// An iteration that moves less than this many pixels is the last of its level.
    pub epsilon_px: f64,
    /// Windows whose mean squared gradient, in the direction where it is least, is below this many squared grey
    /// levels a squared pixel are not searched. 0.1 is what OpenCV's `minEigThreshold` of 1e-4 means.
    pub min_squared_gradient: f64,
}

impl Default for LucasKanadeConfig {
    fn default() -> Self {
        Self {
            window_px: 15,
            max_iterations: 30,
            epsilon_px: 0.01,
            min_squared_gradient: 0.1,
        }
    }
}

/// What became of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlowStatus {
    /// The search ended inside of the image.
    Tracked,
    /// The window has too little texture in some direction; the position is what the coarser levels gave.
    LowTexture,
    /// The point is, or went, outside of the image, or its position is not a number.
    Outside,
}

/// Where a point is in the later image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flow {
    /// x to the right, y down, in pixels; the last guess unless the point was tracked.
    pub position_px: [f32; 2],
    /// Whether to believe it.
    pub status: FlowStatus,
}

impl Default for Flow {
    fn default() -> Self {
        Self {
            position_px: [0.0; 2],
            status: FlowStatus::Outside,
        }
    }
}

/// A tracker of points between two pyramids. Keeps nothing between calls and does not allocate.
///
/// ```
/// use slam::image::GrayImage;
/// use slam::lucas_kanade::{Flow, FlowStatus, LucasKanade, LucasKanadeConfig};
/// use slam::pyramid::Pyramid;
///
/// let blob = |cx: f32| {
///     let pixel = |i: usize| {
///         let (x, y) = ((i % 64) as f32 - cx, (i / 64) as f32 - 30.0);
///         (200.0 * (-(x * x + y * y) / 40.0).exp()) as u8
///     };
///     GrayImage::from_vec(64, 64, (0..64 * 64).map(pixel).collect())
/// };
/// let earlier = Pyramid::of(&blob(30.0)?.view(), 3)?;
/// let later = Pyramid::of(&blob(35.5)?.view(), 3)?;
/// let mut flows = [Flow::default()];
/// LucasKanade::new(LucasKanadeConfig::default())?.track(&earlier, &later, &[[30.0, 30.0]], None, &mut flows)?;
/// assert_eq!(flows[0].status, FlowStatus::Tracked);
/// assert!((flows[0].position_px[0] - 35.5).abs() < 0.05);
/// # Ok::<(), slam::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct LucasKanade {
    config: LucasKanadeConfig,
    is_plain: bool,
}

impl LucasKanade {
    /// A tracker with the given settings.
    ///
    /// # Errors
    /// [`Error::Config`] where a value is out of its range.
    pub fn new(config: LucasKanadeConfig) -> Result<Self, Error> {
        let refuse = |name, value, range| Err(Error::Config { name, value, range });
        let window = config.window_px;
        if window.is_multiple_of(2) || !(3..=MAX_WINDOW_PX).contains(&window) {
            return refuse("window_px", window as f64, "odd, 3 to 15");
        }
        if !(1..=100).contains(&config.max_iterations) {
            return refuse("max_iterations", config.max_iterations as f64, "1 to 100");
        }
        if !(0.0..=1.0).contains(&config.epsilon_px) {
            return refuse("epsilon_px", config.epsilon_px, "0 to 1");
        }
        if !(0.0..=f64::MAX).contains(&config.min_squared_gradient) {
            return refuse(
                "min_squared_gradient",
                config.min_squared_gradient,
                "0 or more",
            );
        }
        Ok(Self {
            config,
            is_plain: false,
        })
    }

    /// The same, whose [`LucasKanade::track`] is [`LucasKanade::track_plain`] if asked for.
    pub(crate) fn with_plain_kernel(self, is_plain: bool) -> Self {
        Self { is_plain, ..self }
    }

    /// Finds `points` of the image `earlier` in the image `later`, both in pixels of the full image.
    ///
    /// The search starts at `guesses` where given (one a point), else where the points were. The answers go to
    /// `flows` in the order of the points.
    ///
    /// # Errors
    /// [`Error::PyramidMismatch`] if the pyramids differ in size or are empty, [`Error::Length`] if a slice's length is not that of
    /// `points`.
    pub fn track(
        &self,
        earlier: &Pyramid,
        later: &Pyramid,
        points: &[[f32; 2]],
        guesses: Option<&[[f32; 2]]>,
        flows: &mut [Flow],
    ) -> Result<(), Error> {
        self.track_in(earlier, later, points, guesses, MAX_LEVELS, flows)
    }

    /// As [`LucasKanade::track`], pixel by pixel: slower, with the same result. For tests and measurements.
    ///
    /// # Errors
    /// As [`LucasKanade::track`].
    pub fn track_plain(
        &self,
        earlier: &Pyramid,
        later: &Pyramid,
        points: &[[f32; 2]],
        guesses: Option<&[[f32; 2]]>,
        flows: &mut [Flow],
    ) -> Result<(), Error> {
        self.track_with::<Plain>(earlier, later, points, guesses, MAX_LEVELS, flows)
    }

    /// As [`LucasKanade::track`], in so many of the pyramids' finest levels, one at least: for guesses that are near.
    pub(crate) fn track_in(
        &self,
        earlier: &Pyramid,
        later: &Pyramid,
        points: &[[f32; 2]],
        guesses: Option<&[[f32; 2]]>,
        levels: usize,
        flows: &mut [Flow],
    ) -> Result<(), Error> {
        if self.is_plain {
            self.track_with::<Plain>(earlier, later, points, guesses, levels, flows)
        } else {
            self.track_with::<Vector>(earlier, later, points, guesses, levels, flows)
        }
    }

    fn track_with<K: Kernel>(
        &self,
        earlier: &Pyramid,
        later: &Pyramid,
        points: &[[f32; 2]],
        guesses: Option<&[[f32; 2]]>,
        levels: usize,
        flows: &mut [Flow],
    ) -> Result<(), Error> {
        if earlier.size().is_none()
            || earlier.size() != later.size()
            || earlier.level_count() != later.level_count()
        {
            return Err(Error::PyramidMismatch);
        }
        let guesses = guesses.unwrap_or(points);
        for actual in [guesses.len(), flows.len()] {
            if actual != points.len() {
                return Err(Error::Length {
                    required: points.len(),
                    actual,
                });
            }
        }
        let levels = levels.clamp(1, earlier.level_count());
        let (earlier, later) = (&earlier.levels()[..levels], &later.levels()[..levels]);
        let mut template = Template::new();
        for ((point, guess), flow) in points.iter().zip(guesses).zip(flows) {
            *flow = self.track_point::<K>(&mut template, earlier, later, *point, *guess);
        }
        Ok(())
    }

    /// One point, from the coarsest level to the finest.
    fn track_point<K: Kernel>(
        &self,
        template: &mut Template,
        earlier: &[Level],
        later: &[Level],
        point: [f32; 2],
        guess: [f32; 2],
    ) -> Flow {
        let [point, guess] = [point, guess].map(|p| p.map(f64::from));
        let mut displacement = [guess[0] - point[0], guess[1] - point[1]];
        let mut status = FlowStatus::Outside;
        let at_levels = earlier.iter().zip(later).zip(LEVEL_SCALES);
        for ((earlier, later), scale) in at_levels.rev() {
            let at_level = |v: [f64; 2]| v.map(|c| c * scale);
            let mut search = Search {
                config: &self.config,
                displacement: at_level(displacement),
            };
            status = search.run::<K>(template, earlier, later, at_level(point));
            // A search that ran out of the image says nothing; the finer levels start as if it had not been.
            if status != FlowStatus::Outside {
                displacement = search.displacement.map(|c| c / scale);
            }
        }
        Flow {
            position_px: [
                (point[0] + displacement[0]) as f32,
                (point[1] + displacement[1]) as f32,
            ],
            status,
        }
    }
}

/// Pixels of each level in a pixel of the image.
const LEVEL_SCALES: [f64; MAX_LEVELS] = [
    1.0,
    1.0 / 2.0,
    1.0 / 4.0,
    1.0 / 8.0,
    1.0 / 16.0,
    1.0 / 32.0,
    1.0 / 64.0,
    1.0 / 128.0,
];

/// The search for one point in one level, in that level's pixels.
struct Search<'a> {
    config: &'a LucasKanadeConfig,
    displacement: [f64; 2],
}

impl Search<'_> {
    /// Gauss-Newton from `self.displacement` on.
    #[inline(always)]
    fn run<K: Kernel>(
        &mut self,
        template: &mut Template,
        earlier: &Level,
        later: &Level,
        point: [f64; 2],
    ) -> FlowStatus {
        let window = self.config.window_px;
        let half = (window / 2) as f64;
        if !near(earlier, point, half) {
            return FlowStatus::Outside;
        }
        let corner = point.map(|c| ((c - half) * f64::from(CORNER_STEPS)).round());
        let sums = K::take(
            template,
            earlier,
            Corner {
                x: corner[0] as i32,
                y: corner[1] as i32,
            },
            window,
        );
        let corner = corner.map(|c| c / f64::from(CORNER_STEPS));
        let Some(step) = Step::new(&sums, window, self.config.min_squared_gradient) else {
            return FlowStatus::LowTexture;
        };

        let mut cell = [i32::MIN; 2];
        let mut correlations = [[0; 2]; 4];
        let mut last = [0.0_f64; 2];
        for iteration in 0..self.config.max_iterations {
            let at = [
                corner[0] + self.displacement[0],
                corner[1] + self.displacement[1],
            ];
            if !near(later, at.map(|c| c + half), half) {
                return FlowStatus::Outside;
            }
            let floor = at.map(f64::floor);
            let here = floor.map(|c| c as i32);
            if here != cell {
                cell = here;
                correlations = K::correlate(template, later, here[0], here[1], window);
            }
            let delta = step.solve(&correlations, [at[0] - floor[0], at[1] - floor[1]]);
            self.displacement[0] += delta[0];
            self.displacement[1] += delta[1];
            let epsilon = self.config.epsilon_px;
            if delta[0] * delta[0] + delta[1] * delta[1] <= epsilon * epsilon {
                break;
            }
            // To and fro over the minimum: the middle is it.
            if iteration > 0
                && (delta[0] + last[0]).abs() < epsilon
                && (delta[1] + last[1]).abs() < epsilon
            {
                self.displacement[0] -= delta[0] * 0.5;
                self.displacement[1] -= delta[1] * 0.5;
                break;
            }
            last = delta;
        }
        let end = [
            point[0] + self.displacement[0],
            point[1] + self.displacement[1],
        ];
        if inside(later, end) {
            FlowStatus::Tracked
        } else {
            FlowStatus::Outside
        }
    }
}

/// Whether the centre of a window is at most `half` a window outside of the level, so that its pixels lie in the
/// level or its border. False for what is not a number.
fn near(level: &Level, [x, y]: [f64; 2], half: f64) -> bool {
    x >= -half && y >= -half && x <= level.width as f64 + half && y <= level.height as f64 + half
}

/// Whether a position is between the outermost pixels' centres.
fn inside(level: &Level, [x, y]: [f64; 2]) -> bool {
    x >= 0.0 && y >= 0.0 && x <= level.width as f64 - 1.0 && y <= level.height as f64 - 1.0
}

/// The linear equations of an iteration, solved for what changes.
struct Step {
    /// Rows of the negated inverse of the gradient matrix: (x x, x y), (x y, y y).
    inverse: [f64; 3],
    pixels: [f64; 2],
}

impl Step {
    /// None where the gradients do not fix both directions.
    #[inline(always)]
    fn new(sums: &template::Sums, window: usize, min_squared_gradient: f64) -> Option<Self> {
        let [xx, xy, yy] = sums.gradients.map(|s| s as f64);
        let determinant = xx * yy - xy * xy;
        let least = (xx + yy - ((xx - yy) * (xx - yy) + 4.0 * xy * xy).sqrt()) / 2.0;
        let area = (window * window) as f64;
        let enough = min_squared_gradient * GRADIENT_SCALE * GRADIENT_SCALE * area;
        if !(least >= enough && determinant >= 1.0) {
            return None;
        }
        Some(Self {
            inverse: [yy, -xy, xx].map(|v| -v / determinant),
            pixels: sums.pixels.map(|s| s as f64),
        })
    }

    /// The move that an iteration makes at a fraction (x, y) of the cell.
    #[inline(always)]
    fn solve(&self, correlations: &template::Correlations, [fx, fy]: [f64; 2]) -> [f64; 2] {
        let weights = [
            (1.0 - fx) * (1.0 - fy),
            fx * (1.0 - fy),
            (1.0 - fx) * fy,
            fx * fy,
        ];
        let b = [0, 1].map(|axis| {
            let sampled: f64 = correlations
                .iter()
                .zip(weights)
                .map(|(c, w)| f64::from(c[axis]) * w)
                .sum();
            GRADIENT_SCALE * sampled - self.pixels[axis]
        });
        [
            self.inverse[0] * b[0] + self.inverse[1] * b[1],
            self.inverse[1] * b[0] + self.inverse[2] * b[1],
        ]
    }
}

#[cfg(test)]
mod tests;

//! The way of points from one image to the other and back, which tells those that can be believed.
//!
//! Guesses of where points are come from a pose, so they are wrong by much the same: a few of the points, the pilots,
//! are searched from the coarsest level on, and what they agree on corrects the others' guesses. These then start at
//! a level that is no coarser than the pilots' disagreement asks for.

use super::PointHint;
use crate::Error;
use crate::lucas_kanade::{Flow, FlowStatus, LucasKanade};
use crate::pyramid::Pyramid;

/// Points searched from the coarsest level on.
const PILOTS: usize = 40;
/// Fewer points than this are all pilots, and fewer pilots that arrive say nothing.
const FEWEST_POINTS: usize = 3 * PILOTS;
const FEWEST_ARRIVALS: usize = PILOTS / 2;
/// The pilots' share whose disagreement counts: about as many of the others start within [`REACH_PX`].
const COUNTED_SHARE: f32 = 0.8;
/// How far from its end, in pixels of the coarsest level, a search may start: a fifth of the default window's half.
const REACH_PX: f32 = 1.5;

/// Where points went, and where they came back to.
#[derive(Debug, Clone, Default)]
pub(super) struct RoundTrip {
    guesses: Vec<[f32; 2]>,
    forward: Vec<Flow>,
    errors: Vec<f32>,
    leg: Leg,
    disagreements: Vec<f32>,
}

/// Some of the points on their way, one after the other.
#[derive(Debug, Clone, Default)]
struct Leg {
    /// Their places among all.
    places: Vec<usize>,
    from: Vec<[f32; 2]>,
    guesses: Vec<[f32; 2]>,
    flows: Vec<Flow>,
}

/// The end of one point's way forward.
pub(super) struct End {
    pub(super) position_px: [f32; 2],
    /// From the start to where the way back ended: infinite if either way was lost, 0 if there was none back.
    pub(super) error_px: f32,
}

/// What pilots found of guesses.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Agreement {
    /// By how much the guesses miss.
    shift_px: [f32; 2],
    /// How many levels, the finest ones, the others need.
    levels: usize,
}

/// The images that points go between.
#[derive(Clone, Copy)]
pub(super) struct Route<'a> {
    pub(super) tracker: &'a LucasKanade,
    pub(super) start: &'a Pyramid,
    pub(super) other: &'a Pyramid,
}

impl RoundTrip {
    pub(super) fn with_capacity(points: usize) -> Self {
        Self {
            guesses: Vec::with_capacity(points),
            forward: Vec::with_capacity(points),
            errors: Vec::with_capacity(points),
            leg: Leg {
                places: Vec::with_capacity(points),
                from: Vec::with_capacity(points),
                guesses: Vec::with_capacity(points),
                flows: Vec::with_capacity(points),
            },
            disagreements: Vec::with_capacity(2 * PILOTS),
        }
    }

    /// Follows `points` from one image to the other, and from there back.
    pub(super) fn go_and_return(
        &mut self,
        route: Route<'_>,
        points: &[[f32; 2]],
        hints: Option<&[PointHint]>,
    ) -> Result<(), Error> {
        self.guesses.clear();
        match hints {
            Some(hints) => self.guesses.extend(hints.iter().map(|hint| hint.guess_px)),
            None => self.guesses.extend_from_slice(points),
        }
        self.forward.clear();
        self.forward.resize(points.len(), Flow::default());
        let levels = self.go(route, points)?;
        self.come_back(route, points, hints, levels)
    }

    /// What [`RoundTrip::go_and_return`] found, in the order of its points.
    pub(super) fn ends(&self) -> impl Iterator<Item = End> {
        self.forward
            .iter()
            .zip(&self.errors)
            .map(|(flow, error)| End {
                position_px: flow.position_px,
                error_px: *error,
            })
    }

    /// The way there; how many levels the way back needs.
    fn go(&mut self, route: Route<'_>, points: &[[f32; 2]]) -> Result<usize, Error> {
        let all_levels = route.start.level_count();
        let stride = match points.len() {
            0..FEWEST_POINTS => 1,
            many => many.div_ceil(PILOTS),
        };
        let pilots = (0..points.len()).step_by(stride);
        self.send(route, points, pilots, all_levels)?;
        if stride == 1 {
            return Ok(all_levels);
        }
        let agreement = self.agreement(all_levels);
        let [x, y] = agreement.shift_px;
        for guess in &mut self.guesses {
            *guess = [guess[0] + x, guess[1] + y];
        }
        let others = (0..points.len()).filter(|place| place % stride != 0);
        self.send(route, points, others, agreement.levels)?;
        Ok(agreement.levels)
    }

    /// Follows the points of these places forward.
    fn send(
        &mut self,
        route: Route<'_>,
        points: &[[f32; 2]],
        places: impl Iterator<Item = usize>,
        levels: usize,
    ) -> Result<(), Error> {
        self.leg.clear();
        for place in places {
            self.leg.add(place, points[place], self.guesses[place]);
        }
        self.leg
            .follow(route.tracker, route.start, route.other, levels)?;
        for (place, flow) in self.leg.places.iter().zip(&self.leg.flows) {
            self.forward[*place] = *flow;
        }
        Ok(())
    }

    /// What the points of the last leg agree on.
    fn agreement(&mut self, all_levels: usize) -> Agreement {
        let Self {
            leg, disagreements, ..
        } = self;
        let arrived = || {
            let ways = leg.flows.iter().zip(&leg.guesses);
            ways.filter(|(flow, _)| flow.status == FlowStatus::Tracked)
                .map(|(flow, guess)| [0, 1].map(|axis| flow.position_px[axis] - guess[axis]))
        };
        let mut shift_px = [0.0; 2];
        for (axis, shift) in shift_px.iter_mut().enumerate() {
            disagreements.clear();
            disagreements.extend(arrived().map(|miss| miss[axis]));
            *shift = quantile(disagreements, 0.5);
        }
        if disagreements.len() < FEWEST_ARRIVALS {
            return Agreement {
                shift_px: [0.0; 2],
                levels: all_levels,
            };
        }
        disagreements.clear();
        disagreements.extend(arrived().map(|miss| {
            let [x, y] = [0, 1].map(|axis| miss[axis] - shift_px[axis]);
            (x * x + y * y).sqrt()
        }));
        let spread_px = quantile(disagreements, COUNTED_SHARE);
        Agreement {
            shift_px,
            levels: levels_for(spread_px, all_levels),
        }
    }

    /// The way back, for those that nobody checks later.
    fn come_back(
        &mut self,
        route: Route<'_>,
        points: &[[f32; 2]],
        hints: Option<&[PointHint]>,
        levels: usize,
    ) -> Result<(), Error> {
        self.errors.clear();
        self.leg.clear();
        for (place, flow) in self.forward.iter().enumerate() {
            let found = flow.status == FlowStatus::Tracked;
            self.errors.push(if found { 0.0 } else { f32::INFINITY });
            let is_checked_later = hints.is_some_and(|hints| hints[place].is_checked_later);
            if found && !is_checked_later {
                // It starts with the opposite of the motion guessed, not at the point that it should find.
                let guess = [0, 1].map(|axis| {
                    flow.position_px[axis] - self.guesses[place][axis] + points[place][axis]
                });
                self.leg.add(place, flow.position_px, guess);
            }
        }
        self.leg
            .follow(route.tracker, route.other, route.start, levels)?;
        for (place, back) in self.leg.places.iter().zip(&self.leg.flows) {
            let [x, y] = [0, 1].map(|axis| back.position_px[axis] - points[*place][axis]);
            self.errors[*place] = match back.status {
                FlowStatus::Tracked => (x * x + y * y).sqrt(),
                _ => f32::INFINITY,
            };
        }
        Ok(())
    }
}

impl Leg {
    fn clear(&mut self) {
        self.places.clear();
        self.from.clear();
        self.guesses.clear();
    }

    fn add(&mut self, place: usize, from: [f32; 2], guess: [f32; 2]) {
        self.places.push(place);
        self.from.push(from);
        self.guesses.push(guess);
    }

    fn follow(
        &mut self,
        tracker: &LucasKanade,
        start: &Pyramid,
        other: &Pyramid,
        levels: usize,
    ) -> Result<(), Error> {
        self.flows.clear();
        self.flows.resize(self.from.len(), Flow::default());
        let guesses = Some(self.guesses.as_slice());
        tracker.track_in(start, other, &self.from, guesses, levels, &mut self.flows)
    }
}

/// How many of `all` levels bring starts that are wrong by this much within reach; two at least, as the finest one
/// alone loses what is only a little worse than the others.
fn levels_for(spread_px: f32, all: usize) -> usize {
    let mut levels = 2;
    let mut reach_px = 2.0 * REACH_PX;
    while levels < all && (spread_px.is_nan() || spread_px > reach_px) {
        levels += 1;
        reach_px *= 2.0;
    }
    levels.min(all)
}

/// The value that this share of the others is less than; 0 of none. It changes their order.
fn quantile(values: &mut [f32], share: f32) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    let place = ((values.len() as f32 * share) as usize).min(values.len() - 1);
    let (_, value, _) = values.select_nth_unstable_by(place, f32::total_cmp);
    *value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lucas_kanade::LucasKanadeConfig;
    use crate::test_texture;

    fn pyramid(dx: f64, dy: f64) -> Pyramid {
        let image = test_texture::picture(320, 240, |[x, y]| [x - dx, y - dy]);
        Pyramid::of(&image.view(), 4).unwrap()
    }

    #[test]
    fn guesses_that_miss_by_the_same_are_put_right_by_pilots() {
        let route = (pyramid(0.0, 0.0), pyramid(17.0, -9.0));
        let points: Vec<[f32; 2]> = (0..300)
            .map(|k| [40.0 + 12.0 * (k % 20) as f32, 40.0 + 10.0 * (k / 20) as f32])
            .collect();
        let tracker = LucasKanade::new(LucasKanadeConfig::default()).unwrap();
        let route = Route {
            tracker: &tracker,
            start: &route.0,
            other: &route.1,
        };
        let mut trip = RoundTrip::default();
        trip.go_and_return(route, &points, None).unwrap();
        let arrived = trip.ends().zip(&points).filter(|(end, [x, y])| {
            let off = [end.position_px[0] - x - 17.0, end.position_px[1] - y + 9.0];
            end.error_px < 1.0 && off[0].hypot(off[1]) < 0.5
        });
        assert!(arrived.count() > 270);
    }

    #[test]
    fn levels_grow_with_the_spread() {
        let levels = [0.0, 3.0, 3.1, 6.1, 100.0, f32::NAN, f32::INFINITY]
            .map(|spread_px| levels_for(spread_px, 4));
        assert_eq!(levels, [2, 2, 3, 4, 4, 4, 4]);
        assert_eq!(levels_for(0.0, 1), 1);
        assert_eq!(levels_for(50.0, 2), 2);
    }

    #[test]
    fn a_quantile_of_nothing_is_nothing() {
        assert_eq!(quantile(&mut [], 0.5), 0.0);
        assert_eq!(quantile(&mut [3.0, 1.0, 2.0], 0.5), 2.0);
        assert_eq!(quantile(&mut [3.0, 1.0, 2.0], 1.0), 3.0);
    }
}

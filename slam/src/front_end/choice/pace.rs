//! How many points a workplace follows: fewer when its frames take longer than the budget, more when they take much
//! less. Between the two nothing changes, so that the number settles.

use super::window::Sample;

/// A step to fewer points, and one back to as many as before.
const STEP: f64 = 1.25;
/// More points are followed where frames take less than this part of the budget.
const CALM_PART: f64 = 0.6;
/// Calm reviews in a row before the first step up.
const LEAST_GUARD: u32 = 2;
/// ... and after many steps up that had to be taken back.
const MOST_GUARD: u32 = 128;

/// What all workplaces keep to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) budget_millis: f64,
    pub(super) least_points: usize,
    pub(super) most_points: usize,
}

/// The number of points of one workplace.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    points: usize,
    /// Calm reviews in a row.
    calm: u32,
    /// How many of them a step up takes: doubled by each step up that was taken back, halved by one that follows
    /// another.
    guard: u32,
    was_last_step_up: bool,
}

impl Pace {
    pub(super) fn new(points: usize) -> Self {
        Self {
            points,
            calm: 0,
            guard: LEAST_GUARD,
            was_last_step_up: false,
        }
    }

    pub(super) fn points(&self) -> usize {
        self.points
    }

    /// Thinks about the number again after a window of frames. Returns whether it changed.
    pub(super) fn review(&mut self, seen: &Sample, bounds: Bounds) -> bool {
        let before = self.points;
        if seen.total_millis > bounds.budget_millis {
            self.calm = 0;
            self.points = scaled(before, 1.0 / STEP).clamp(bounds.least_points, before);
            if self.points < before {
                if self.was_last_step_up {
                    self.guard = (self.guard * 2).min(MOST_GUARD);
                }
                self.was_last_step_up = false;
            }
            return self.points != before;
        }
        let more = scaled(before, STEP).max(before + 1).min(bounds.most_points);
        let is_calm = more > before
            && seen.total_millis < bounds.budget_millis * CALM_PART
            && seen.total_at(more as f64) <= bounds.budget_millis;
        self.calm = if is_calm { self.calm + 1 } else { 0 };
        if self.calm < self.guard {
            return false;
        }
        if self.was_last_step_up {
            self.guard = (self.guard / 2).max(LEAST_GUARD);
        }
        self.was_last_step_up = true;
        self.calm = 0;
        self.points = more;
        true
    }

    /// The workplace is taken up again after it took `seen` for `tried` points: with the number it had, if that seems
    /// to stay within the budget, else with those.
    pub(super) fn resume(&mut self, seen: &Sample, tried: usize, bounds: Bounds) {
        self.calm = 0;
        // Comparing this way round, what is not known counts as too long.
        let fits = seen.total_at(self.points as f64) <= bounds.budget_millis;
        if self.points > tried && !fits {
            self.points = tried;
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "numbers of points are small and positive"
)]
fn scaled(points: usize, factor: f64) -> usize {
    (points as f64 * factor).round() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
        budget_millis: 16.0,
        least_points: 200,
        most_points: 1200,
    };

    fn seen(total_millis: f64, points: usize) -> Sample {
        Sample {
            front_end_millis: total_millis / 2.0,
            total_millis,
            points: points as f64,
        }
    }

    #[test]
    fn steps_down_to_the_least_and_up_to_the_most() {
        let mut pace = Pace::new(1200);
        assert!(pace.review(&seen(17.0, 1200), BOUNDS));
        assert_eq!(pace.points(), 960);
        (0..20).for_each(|_| {
            pace.review(&seen(17.0, pace.points()), BOUNDS);
        });
        assert_eq!(pace.points(), 200);
        assert!(!pace.review(&seen(17.0, 200), BOUNDS));
        (0..20).for_each(|_| {
            pace.review(&seen(2.0, pace.points()), BOUNDS);
        });
        assert_eq!(pace.points(), 1200);
        assert!(!pace.review(&seen(2.0, 1200), BOUNDS));
    }

    #[test]
    fn nothing_changes_between() {
        let mut pace = Pace::new(500);
        for total in [9.7, 12.0, 16.0] {
            assert!((0..50).all(|_| !pace.review(&seen(total, 500), BOUNDS)));
        }
    }

    #[test]
    fn does_not_step_up_into_what_would_take_too_long() {
        // Few points are there to follow: with as many as are allowed it would be 9 * 625 / 250 ms.
        let mut pace = Pace::new(500);
        assert!((0..50).all(|_| !pace.review(&seen(9.0, 250), BOUNDS)));
        assert!((0..50).all(|_| !pace.review(&seen(0.0, 0), BOUNDS)));
    }

    #[test]
    fn steps_up_that_are_taken_back_become_rare() {
        // Above 500 points the device falls off a cliff.
        let mut pace = Pace::new(500);
        let mut changes_by_half = [0; 2];
        for k in 0..1000 {
            let total = if pace.points() > 500 { 20.0 } else { 6.0 };
            let changed = pace.review(&seen(total, pace.points()), BOUNDS);
            changes_by_half[k / 500] += usize::from(changed);
        }
        let [first, second] = changes_by_half;
        assert!(first <= 20 && second <= 8, "{changes_by_half:?}");
    }

    #[test]
    fn a_guard_is_forgotten_over_steps_that_stand() {
        let mut pace = Pace::new(500);
        for _ in 0..600 {
            let total = if pace.points() > 500 { 20.0 } else { 6.0 };
            pace.review(&seen(total, pace.points()), BOUNDS);
        }
        let raised = pace.guard;
        assert!(raised >= 32);
        pace.points = 200;
        (0..1000).for_each(|_| {
            pace.review(&seen(2.0, pace.points()), BOUNDS);
        });
        assert!(pace.guard < raised && pace.points() == 1200);
    }

    #[test]
    fn takes_up_the_number_it_had_if_that_fits() {
        let mut pace = Pace::new(1200);
        pace.resume(&seen(4.0, 400), 400, BOUNDS);
        assert_eq!(pace.points(), 1200);
        pace.resume(&seen(6.0, 400), 400, BOUNDS);
        assert_eq!(pace.points(), 400);
        pace.resume(&seen(30.0, 1000), 1000, BOUNDS);
        assert_eq!(pace.points(), 400);
    }
}

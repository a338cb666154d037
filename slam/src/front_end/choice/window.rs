//! The times of the last frames and their medians, in a place of fixed size.

/// The most frames that a window holds.
pub(super) const CAPACITY: usize = 64;

/// What a frame took, or what the middle one of some frames did.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Sample {
    pub(super) front_end_millis: f64,
    pub(super) total_millis: f64,
    /// Points followed.
    pub(super) points: f64,
}

impl Sample {
    /// The most that the front end would take for so many points: for more of them in proportion, for fewer what it
    /// took. That is too much wherever a part of the work does not depend on the points.
    pub(super) fn front_end_at(&self, points: f64) -> f64 {
        self.front_end_millis * self.growth_to(points)
    }

    /// By which factor the points grow to so many; at least 1, infinite where none were followed.
    fn growth_to(&self, points: f64) -> f64 {
        if points > self.points {
            points / self.points
        } else {
            1.0
        }
    }

    /// As [`Sample::front_end_at`], of the whole frame.
    pub(super) fn total_at(&self, points: f64) -> f64 {
        self.total_millis * self.growth_to(points)
    }

    /// Whether the frame or its front end took longer or shorter by more than a factor.
    pub(super) fn differs_from(&self, other: &Self, factor: f64) -> bool {
        let differs = |a: f64, b: f64| a > b * factor || b > a * factor;
        differs(self.front_end_millis, other.front_end_millis)
            || differs(self.total_millis, other.total_millis)
    }
}

/// The last frames: a ring.
#[derive(Debug, Clone)]
pub(super) struct Window {
    samples: [Sample; CAPACITY],
    filled: usize,
    next: usize,
}

impl Window {
    pub(super) fn new() -> Self {
        Self {
            samples: [Sample::default(); CAPACITY],
            filled: 0,
            next: 0,
        }
    }

    pub(super) fn clear(&mut self) {
        self.filled = 0;
        self.next = 0;
    }

    /// Takes a frame in; the oldest makes room.
    pub(super) fn push(&mut self, sample: Sample) {
        self.samples[self.next] = sample;
        self.next = (self.next + 1) % CAPACITY;
        self.filled = (self.filled + 1).min(CAPACITY);
    }

    /// The median of each value by itself; none of no frames.
    pub(super) fn medians(&self) -> Option<Sample> {
        self.medians_of_last(CAPACITY)
    }

    /// As [`Window::medians`], of so many frames, or of all where there are fewer.
    pub(super) fn medians_of_last(&self, frames: usize) -> Option<Sample> {
        let frames = frames.min(self.filled);
        (frames > 0).then(|| Sample {
            front_end_millis: self.median(frames, |sample| sample.front_end_millis),
            total_millis: self.median(frames, |sample| sample.total_millis),
            points: self.median(frames, |sample| sample.points),
        })
    }

    /// The median of a value of the last frames, at least one; the upper one of two.
    fn median(&self, frames: usize, value: impl Fn(&Sample) -> f64) -> f64 {
        let mut values = [0.0; CAPACITY];
        let values = &mut values[..frames];
        for (age, slot) in values.iter_mut().enumerate() {
            *slot = value(&self.samples[(self.next + CAPACITY - 1 - age) % CAPACITY]);
        }
        let (_, middle, _) = values.select_nth_unstable_by(frames / 2, f64::total_cmp);
        *middle
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(millis: f64) -> Sample {
        Sample {
            front_end_millis: millis,
            total_millis: millis + 1.0,
            points: 100.0,
        }
    }

    #[test]
    fn medians_are_of_the_last_frames_and_stand_against_outliers() {
        let mut window = Window::new();
        assert_eq!(window.medians(), None);
        window.push(sample(7.0));
        assert_eq!(window.medians(), Some(sample(7.0)));
        (0..CAPACITY).for_each(|k| window.push(sample(if k % 5 < 2 { 900.0 } else { 3.0 })));
        assert_eq!(window.medians(), Some(sample(3.0)));
        (0..CAPACITY).for_each(|_| window.push(sample(4.0)));
        assert_eq!(window.medians(), Some(sample(4.0)));
        (0..7).for_each(|_| window.push(sample(5.0)));
        assert_eq!(window.medians_of_last(13), Some(sample(5.0)));
        assert_eq!(window.medians_of_last(20), Some(sample(4.0)));
        window.clear();
        assert_eq!(window.medians(), None);
    }

    #[test]
    fn more_points_take_more_in_proportion_and_fewer_no_less() {
        assert_eq!(sample(4.0).front_end_at(150.0), 6.0);
        assert_eq!(sample(4.0).front_end_at(50.0), 4.0);
        assert_eq!(sample(4.0).total_at(200.0), 10.0);
        assert!(sample(4.0).differs_from(&sample(5.5), 1.25));
        assert!(!sample(4.0).differs_from(&sample(5.0), 1.25));
    }
}

//! The settings of the choice, and what they may be.

use super::pace::Bounds;
use super::window::CAPACITY;
use crate::Error;

/// How workplace and number of points are chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct ChoiceConfig {
    /// What a frame may take from capture to pose, in milliseconds: more than 0, at most 1000.
    pub budget_millis: f64,
    /// Never fewer points than this: 1 to `most_points`.
    pub least_points: usize,
    /// Never more points than this, and as many at first: 1 to 65536.
    pub most_points: usize,
    /// Frames of a trial, and frames after which times are looked at again: at least 5 more than `warm_up_frames`, at
    /// most 64.
    pub trial_frames: usize,
    /// The first frames of a trial, and those after any change, that do not count because pipelines, caches and points
    /// are not yet what they will be: 0 to 59.
    pub warm_up_frames: usize,
    /// By which factor a workplace must be faster than the other to be taken in its stead: 1 to 100.
    pub gain: f64,
    /// Frames from a change to the first trial after it: `trial_frames` to `most_frames_between_trials`. Each trial that
    /// changes nothing doubles the number.
    pub frames_between_trials: u32,
    /// The most that doubling leads to.
    pub most_frames_between_trials: u32,
}

impl Default for ChoiceConfig {
    fn default() -> Self {
        Self {
            budget_millis: 16.0,
            least_points: 200,
            most_points: 1200,
            trial_frames: 24,
            warm_up_frames: 6,
            gain: 1.25,
            frames_between_trials: 300,
            most_frames_between_trials: 9600,
        }
    }
}

impl ChoiceConfig {
    pub(super) fn check(&self) -> Result<(), Error> {
        let refuse = |name, value, range| Err(Error::Config { name, value, range });
        if !(self.budget_millis > 0.0 && self.budget_millis <= 1000.0) {
            let range = "more than 0 and at most 1000";
            return refuse("budget_millis", self.budget_millis, range);
        }
        if !(1..=65536).contains(&self.most_points) {
            return refuse("most_points", self.most_points as f64, "1 to 65536");
        }
        if !(1..=self.most_points).contains(&self.least_points) {
            return refuse("least_points", self.least_points as f64, "1 to most_points");
        }
        if self.warm_up_frames > CAPACITY - LEAST_COUNTED_FRAMES {
            return refuse("warm_up_frames", self.warm_up_frames as f64, "0 to 59");
        }
        if !(self.warm_up_frames + LEAST_COUNTED_FRAMES..=CAPACITY).contains(&self.trial_frames) {
            let range = "warm_up_frames + 5 to 64";
            return refuse("trial_frames", self.trial_frames as f64, range);
        }
        if !(1.0..=100.0).contains(&self.gain) {
            return refuse("gain", self.gain, "1 to 100");
        }
        let between = self.frames_between_trials;
        if (between as usize) < self.trial_frames || between > self.most_frames_between_trials {
            let range = "trial_frames to most_frames_between_trials";
            return refuse("frames_between_trials", f64::from(between), range);
        }
        Ok(())
    }

    pub(super) fn bounds(&self) -> Bounds {
        Bounds {
            budget_millis: self.budget_millis,
            least_points: self.least_points,
            most_points: self.most_points,
        }
    }
}

/// A median of fewer frames says too little.
const LEAST_COUNTED_FRAMES: usize = 5;

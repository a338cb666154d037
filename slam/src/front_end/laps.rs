//! How long the stages of a frame take on the CPU, by the caller's clock: here is none.

use super::engine::StageTime;

/// Milliseconds of any steady clock.
pub type Clock = fn() -> f64;

/// Takes the time between stages, if it was given a clock.
#[derive(Debug, Default)]
pub(super) struct Laps {
    clock: Option<Clock>,
    last_millis: f64,
    times: Vec<StageTime>,
}

impl Laps {
    pub(super) fn set_clock(&mut self, clock: Clock) {
        self.clock = Some(clock);
        // At most one a stage.
        self.times.reserve(8);
    }

    /// A frame begins, or what is not of its work has ended.
    pub(super) fn start(&mut self) {
        self.times.clear();
        self.go_on();
    }

    /// What was since the last lap is not counted.
    pub(super) fn go_on(&mut self) {
        if let Some(clock) = self.clock {
            self.last_millis = clock();
        }
    }

    /// A stage ends.
    pub(super) fn end(&mut self, stage: &'static str) {
        let Some(clock) = self.clock else {
            return;
        };
        let now_millis = clock();
        let millis = now_millis - self.last_millis;
        self.last_millis = now_millis;
        match self.times.iter_mut().find(|time| time.stage == stage) {
            Some(time) => time.millis += millis,
            None => self.times.push(StageTime { stage, millis }),
        }
    }

    pub(super) fn times(&self) -> &[StageTime] {
        &self.times
    }
}

//! Where the front end's work is done, on the CPU or by an engine, and how many points are followed.
//!
//! In: what frames took, as the caller measured it; here is no clock. Out: a [`Plan`] for the next frame. Nothing is
//! submitted and no engine is asked here.
//!
//! Work begins on the CPU. Now and then the other workplace has a trial of some frames, with as many points as the
//! present one has. It is taken when the median of its front end's times is shorter by [`ChoiceConfig::gain`]; so much
//! must be gained in both directions. After each trial without a change the next one is twice as far away. It comes
//! sooner when the present workplace has become slower than it was, and slower than what is remembered of the other.
//!
//! The number of points follows the time from capture to pose, for each workplace by itself (`pace`).

mod config;
mod pace;
mod window;

use crate::Error;
pub use config::ChoiceConfig;
use pace::Pace;
use window::{Sample, Window};

/// Where a frame's points are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Workplace {
    /// On the CPU, at once.
    Cpu,
    /// Elsewhere: on a GPU, whose answer comes later.
    Engine,
}

impl Workplace {
    fn other(self) -> Self {
        match self {
            Self::Cpu => Self::Engine,
            Self::Engine => Self::Cpu,
        }
    }
}

/// What a frame took, in milliseconds of the caller's clock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrameTimes {
    /// From submitting the frame to the moment its tracks were there; upload and reading back count.
    pub front_end_millis: f64,
    /// The rest, until its pose.
    pub pose_millis: f64,
}

/// What the next frame is done with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Where its points are followed.
    pub workplace: Workplace,
    /// The most points it may have.
    pub max_points: usize,
}

/// Chooses where frames are worked on and how many points they have. Of fixed size: nothing is allocated.
///
/// ```
/// use slam::front_end::choice::{Choice, ChoiceConfig, FrameTimes, Workplace};
///
/// let mut choice = Choice::new(ChoiceConfig::default(), true)?;
/// for _ in 0..100 {
///     let plan = choice.plan();
///     // Here the frame is worked on, and measured.
///     let front_end_millis = match plan.workplace {
///         Workplace::Cpu => 9.0,
///         Workplace::Engine => 4.0,
///     };
///     let times = FrameTimes { front_end_millis, pose_millis: 3.0 };
///     choice.measured(plan.workplace, plan.max_points, times);
/// }
/// assert_eq!(choice.plan().workplace, Workplace::Engine);
/// # Ok::<(), slam::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Choice {
    config: ChoiceConfig,
    has_engine: bool,
    /// The present workplace, trials aside.
    workplace: Workplace,
    cpu: Pace,
    engine: Pace,
    /// The last frames of the present workplace with its present number of points.
    window: Window,
    /// Frames that do not count yet.
    warming_up: usize,
    /// Frames since times were looked at.
    unreviewed: usize,
    trial: Option<Trial>,
    /// Frames from a trial to the next, and those that are left.
    between_trials: u32,
    until_trial: u32,
    frames_since_change: u32,
    compared: Option<Compared>,
    /// Frames in a row that told nothing.
    silent: u32,
}

/// Frames of the other workplace.
#[derive(Debug, Clone)]
struct Trial {
    window: Window,
    frames: usize,
    /// Bad ones in a row.
    bad: u32,
    /// What the present workplace took before.
    present: Sample,
}

/// What the last trial told.
#[derive(Debug, Clone, Copy)]
struct Compared {
    present: Sample,
    other: Sample,
}

/// A frame is bad in a trial when it takes this many times the budget, or what is usual where that is more, ...
const BAD_FACTOR: f64 = 3.0;
/// ... and so many in a row end the trial.
const BAD_FRAMES: u32 = 3;
/// The newest frames' medians differ by this factor from those of the whole window: the device's pace has changed.
const JUMP_FACTOR: f64 = 1.25;
/// So many frames in a row without a usable time of the planned workplace: it does not answer.
const SILENT_FRAMES: u32 = 32;

impl Choice {
    /// Begins on the CPU with the most points.
    ///
    /// # Errors
    /// [`Error::Config`] where a value is out of its range.
    pub fn new(config: ChoiceConfig, has_engine: bool) -> Result<Self, Error> {
        config.check()?;
        let pace = Pace::new(config.most_points);
        Ok(Self {
            has_engine,
            workplace: Workplace::Cpu,
            cpu: pace.clone(),
            engine: pace,
            window: Window::new(),
            warming_up: config.warm_up_frames,
            unreviewed: 0,
            trial: None,
            between_trials: config.frames_between_trials,
            until_trial: 0,
            frames_since_change: u32::MAX,
            compared: None,
            silent: 0,
            config,
        })
    }

    /// What the next frame is done with.
    #[must_use]
    pub fn plan(&self) -> Plan {
        Plan {
            workplace: match self.trial {
                Some(_) => self.workplace.other(),
                None => self.workplace,
            },
            // A trial is with as many points, so that times can be compared.
            max_points: match self.workplace {
                Workplace::Cpu => self.cpu.points(),
                Workplace::Engine => self.engine.points(),
            },
        }
    }

    /// Takes what a frame with that many points took, and where. Times that are negative or not finite tell nothing, nor
    /// does a frame of another workplace than the one planned: it was on its way when the plan changed, or an engine
    /// refused it. Many such frames in a row mean that the engine does not answer, and it is left.
    pub fn measured(&mut self, workplace: Workplace, points: usize, times: FrameTimes) {
        self.until_trial = self.until_trial.saturating_sub(1);
        self.frames_since_change = self.frames_since_change.saturating_add(1);
        let usable = usable(points, times).filter(|_| workplace == self.plan().workplace);
        let Some(sample) = usable else {
            self.hear_nothing();
            return;
        };
        self.silent = 0;
        if self.trial.is_some() {
            self.measure_trial(sample);
        } else {
            self.measure_present(sample);
        }
    }

    /// The engine is gone: the CPU does all from now on, unless [`Choice::engine_came`] tells of a new one.
    pub fn engine_lost(&mut self) {
        if !self.has_engine {
            return;
        }
        self.has_engine = false;
        self.trial = None;
        self.compared = None;
        self.engine = Pace::new(self.config.most_points);
        // A new one that came in its stead would have to wait.
        self.rest_from_trials();
        if self.workplace == Workplace::Engine {
            self.change();
        }
    }

    /// An engine is there; it will have its trial. Nothing changes where there was one.
    pub fn engine_came(&mut self) {
        self.has_engine = true;
    }

    /// A frame of the present workplace.
    fn measure_present(&mut self, sample: Sample) {
        if self.warming_up > 0 {
            self.warming_up -= 1;
            return;
        }
        self.window.push(sample);
        self.unreviewed += 1;
        if self.unreviewed < self.config.trial_frames {
            return;
        }
        self.unreviewed = 0;
        let (Some(present), Some(newest)) = (
            self.window.medians(),
            self.window.medians_of_last(self.config.trial_frames),
        ) else {
            return;
        };
        if newest.differs_from(&present, JUMP_FACTOR) {
            // The window spans a change of the device's pace and tells neither: the next one will.
            self.window.clear();
            return;
        }
        if self.has_engine && (self.until_trial == 0 || self.is_overtaken(&present)) {
            self.trial = Some(Trial {
                window: Window::new(),
                frames: 0,
                bad: 0,
                present,
            });
            return;
        }
        let bounds = self.config.bounds();
        if self.pace().review(&present, bounds) {
            self.window.clear();
            self.warming_up = self.config.warm_up_frames;
        }
    }

    /// Whether the present workplace is slower than when it was last compared, and slower than what the other took then:
    /// slower at all, where it would have to make do with fewer points, else by the gain.
    fn is_overtaken(&self, present: &Sample) -> bool {
        let needed = if present.total_millis > self.config.budget_millis {
            1.0
        } else {
            self.config.gain
        };
        self.compared.is_some_and(|then| {
            let slower_than = |sample: &Sample, factor| {
                present.front_end_millis > sample.front_end_at(present.points) * factor
            };
            slower_than(&then.present, self.config.gain) && slower_than(&then.other, needed)
        })
    }

    /// A frame of the workplace that has its trial.
    fn measure_trial(&mut self, sample: Sample) {
        let Some(trial) = &mut self.trial else {
            return;
        };
        let usual_millis = trial.present.total_millis.max(self.config.budget_millis);
        let is_bad = sample.total_millis > BAD_FACTOR * usual_millis;
        trial.bad = if is_bad { trial.bad + 1 } else { 0 };
        trial.frames += 1;
        if trial.frames > self.config.warm_up_frames {
            trial.window.push(sample);
        }
        if trial.bad >= BAD_FRAMES {
            self.compared = None;
            self.end_trial();
            return;
        }
        if trial.frames < self.config.trial_frames {
            return;
        }
        let present = trial.present;
        let Some(tried) = trial.window.medians() else {
            return;
        };
        let tried_millis = tried.front_end_at(present.points);
        if tried_millis * self.config.gain < present.front_end_millis {
            self.compared = Some(Compared {
                present: tried,
                other: present,
            });
            self.take_over(&tried);
        } else {
            self.compared = Some(Compared {
                present,
                other: tried,
            });
            self.end_trial();
        }
    }

    /// The trial was won.
    fn take_over(&mut self, tried: &Sample) {
        let tried_points = self.plan().max_points;
        let bounds = self.config.bounds();
        // A change that follows another is no reason to look more often, unless that one was long ago.
        if self.frames_since_change / 2 >= self.config.most_frames_between_trials {
            self.between_trials = self.config.frames_between_trials;
            self.until_trial = self.between_trials;
        } else {
            self.rest_from_trials();
        }
        self.change();
        self.pace().resume(tried, tried_points, bounds);
    }

    /// The trial changed nothing.
    fn end_trial(&mut self) {
        self.trial = None;
        self.unreviewed = 0;
        self.warming_up = self.config.warm_up_frames;
        self.rest_from_trials();
    }

    /// The next trial is twice as far away as the last one was.
    fn rest_from_trials(&mut self) {
        let doubled = self.between_trials.saturating_mul(2);
        self.between_trials = doubled.min(self.config.most_frames_between_trials);
        self.until_trial = self.between_trials;
    }

    /// From the present workplace to the other.
    fn change(&mut self) {
        self.trial = None;
        self.workplace = self.workplace.other();
        self.frames_since_change = 0;
        self.window.clear();
        self.unreviewed = 0;
        self.warming_up = self.config.warm_up_frames;
    }

    /// A frame that told nothing of the planned workplace.
    fn hear_nothing(&mut self) {
        self.silent += 1;
        if self.silent < SILENT_FRAMES {
            return;
        }
        self.silent = 0;
        if self.trial.is_some() {
            self.compared = None;
            self.end_trial();
        } else if self.workplace == Workplace::Engine {
            self.compared = None;
            self.rest_from_trials();
            self.change();
        }
    }

    fn pace(&mut self) -> &mut Pace {
        match self.workplace {
            Workplace::Cpu => &mut self.cpu,
            Workplace::Engine => &mut self.engine,
        }
    }
}

/// A frame as it counts; none where a time cannot be one.
fn usable(points: usize, times: FrameTimes) -> Option<Sample> {
    let total_millis = times.front_end_millis + times.pose_millis;
    let is_usable =
        times.front_end_millis >= 0.0 && times.pose_millis >= 0.0 && total_millis.is_finite();
    is_usable.then_some(Sample {
        front_end_millis: times.front_end_millis,
        total_millis,
        points: points as f64,
    })
}

#[cfg(test)]
mod tests;

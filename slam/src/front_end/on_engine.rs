//! The front end with an engine: handed in, set to work, asked for its answer, and let go of when it fails.

use super::begun::Begun;
use super::engine::{Engine, Progress, StageTime};
use super::tracks::is_sound;
use super::{Clock, FrontEnd};

impl FrontEnd {
    /// Hands in an engine that does the next frames' work, or takes it away; gives back the one before. It is asked
    /// for the most points of the configuration and fewer, of pictures of any size.
    ///
    /// A frame that the one before was working on is done on the CPU at once.
    pub fn use_engine(&mut self, engine: Option<Box<dyn Engine>>) -> Option<Box<dyn Engine>> {
        let mut before = std::mem::replace(&mut self.engine, engine);
        if let Some(before) = &mut before {
            before.cancel();
        }
        self.engine_failed = false;
        self.finish_on_cpu();
        before
    }

    /// Whether the engine, while there is one, does the work of frames that begin from now on: it does unless told
    /// otherwise. It may change from frame to frame. What was set before is given back.
    pub fn set_on_engine(&mut self, on_engine: bool) -> bool {
        std::mem::replace(&mut self.uses_engine, on_engine)
    }

    /// Whether there is an engine, used or not.
    #[must_use]
    pub fn has_engine(&self) -> bool {
        self.engine.is_some()
    }

    /// Whether the next frame's work will be done by an engine.
    #[must_use]
    pub fn is_on_engine(&self) -> bool {
        self.uses_engine && self.engine.is_some()
    }

    /// Whether the engine handed in last failed. The front end has let go of it, and works on the CPU.
    #[must_use]
    pub fn engine_failed(&self) -> bool {
        self.engine_failed
    }

    /// Whether the work of the last finished frame was done by an engine.
    #[must_use]
    pub fn was_on_engine(&self) -> bool {
        self.was_on_engine
    }

    /// Gives a clock, by which the stages on the CPU are timed. For measurements.
    pub fn set_clock(&mut self, clock: Clock) {
        self.cpu.laps.set_clock(clock);
    }

    /// How long the stages of the last finished frame took: by the engine's clock where it did the work, else by that of
    /// [`FrontEnd::set_clock`]; empty without one. A picture that waited is not in it.
    #[must_use]
    pub fn stage_times(&self) -> &[StageTime] {
        match &self.engine {
            Some(engine) if self.was_on_engine => engine.stage_times(),
            _ => self.cpu.laps.times(),
        }
    }

    /// Sets the engine to a frame's work, if it is used.
    pub(super) fn set_engine_to(&mut self, begun: Begun) -> Begun {
        let Some(engine) = self.engine.as_mut().filter(|_| self.uses_engine) else {
            return begun;
        };
        let job = begun.job(&self.pictures, &self.list.tracks.points, &self.hints);
        let on_engine = engine.begin(&job).is_ok();
        if !on_engine {
            self.drop_engine();
        }
        Begun { on_engine, ..begun }
    }

    /// Looks for the engine's answer to the frame that has begun.
    pub(super) fn look(&mut self) {
        let (Some(begun), Some(engine)) = (self.begun, &mut self.engine) else {
            return;
        };
        match engine.progress() {
            Progress::Pending => {}
            Progress::Done(answer) if is_sound(answer, begun.points, begun.max_points) => {
                self.list.accept(answer);
                self.finished(begun);
            }
            Progress::Done(_) | Progress::Failed => {
                self.drop_engine();
                self.finish_on_cpu();
            }
        }
    }

    fn drop_engine(&mut self) {
        self.engine = None;
        self.engine_failed = true;
    }
}

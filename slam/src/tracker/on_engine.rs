//! The tracker with an engine that follows its points, and the choice whether it is used.

use super::Tracker;
use crate::Error;
use crate::front_end::choice::{Choice, ChoiceConfig, FrameTimes, Workplace};
use crate::front_end::engine::{Engine, StageTime};

impl Tracker {
    /// Hands in an engine that follows the points of the next frames, or takes it away; gives back the one before. See
    /// [`crate::FrontEnd::use_engine`]. Where [`Tracker::choose_by_times`] was asked for, it is tried before it is used.
    pub fn use_engine(&mut self, engine: Option<Box<dyn Engine>>) -> Option<Box<dyn Engine>> {
        if let Some(choice) = &mut self.choice {
            match engine {
                Some(_) => choice.engine_came(),
                None => choice.engine_lost(),
            }
        }
        let before = self.front_end.use_engine(engine);
        self.follow_choice();
        before
    }

    /// From now on what [`Tracker::measured`] is told chooses whether the engine is used, and how many points are
    /// followed: at most the front end's configuration. Without it an engine is always used.
    ///
    /// # Errors
    /// [`Error::Config`] where a value is out of its range.
    pub fn choose_by_times(&mut self, config: ChoiceConfig) -> Result<(), Error> {
        let most_points = config.most_points.min(self.config.front_end.max_points);
        let config = ChoiceConfig {
            least_points: config.least_points.min(most_points),
            most_points,
            ..config
        };
        self.choice = Some(Choice::new(config, self.front_end.has_engine())?);
        self.follow_choice();
        Ok(())
    }

    /// Tells what the frame answered last took, by the caller's clock.
    pub fn measured(&mut self, times: FrameTimes) {
        let Some(choice) = &mut self.choice else {
            return;
        };
        if self.front_end.engine_failed() {
            choice.engine_lost();
        }
        let workplace = if self.front_end.was_on_engine() {
            Workplace::Engine
        } else {
            Workplace::Cpu
        };
        choice.measured(workplace, self.points.len(), times);
        self.follow_choice();
    }

    fn follow_choice(&mut self) {
        if let Some(choice) = &self.choice {
            let plan = choice.plan();
            self.front_end
                .set_on_engine(plan.workplace == Workplace::Engine);
            self.front_end.set_max_points(plan.max_points);
        }
    }

    /// Whether the engine, while there is one, is used for frames that are sent from now on: it is unless told
    /// otherwise.
    pub fn set_on_engine(&mut self, on_engine: bool) {
        self.front_end.set_on_engine(on_engine);
    }

    /// Whether the points of the next frame that is submitted will be followed by an engine.
    #[must_use]
    pub fn is_on_engine(&self) -> bool {
        self.front_end.is_on_engine()
    }

    /// Whether the engine handed in last failed; work goes on without it.
    #[must_use]
    pub fn engine_failed(&self) -> bool {
        self.front_end.engine_failed()
    }

    /// How long the stages of the engine's last frame took; empty without an engine, and where it has no clock.
    #[must_use]
    pub fn stage_times(&self) -> &[StageTime] {
        self.front_end.stage_times()
    }

    /// Changes the most points of a frame, for frames that are sent from now on: at least 1, at most the
    /// configuration's. See [`crate::FrontEnd::set_max_points`].
    pub fn set_max_points(&mut self, max_points: usize) {
        self.front_end.set_max_points(max_points);
    }
}

//! An engine that answers what it likes: no answer, a late one, a wild one, or one that no job has.

use slam::front_end::engine::{Answer, Engine, Followed, Job, Progress, Refused};
use slam::pyramid::Pyramid;

/// Decides by a row of numbers that its seed begins.
#[derive(Debug)]
pub(crate) struct Careless {
    state: u64,
    answer: Answer,
}

impl Careless {
    pub(crate) fn new(seed: u8) -> Self {
        Self {
            state: u64::from(seed) | 1,
            answer: Answer::default(),
        }
    }

    fn below(&mut self, limit: usize) -> usize {
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) as usize % limit.max(1)
    }

    fn coordinate(&mut self) -> f32 {
        match self.below(2_000) {
            0 => f32::NAN,
            1 => f32::MAX,
            2 => -1e30,
            _ => self.below(300) as f32 - 20.0,
        }
    }
}

impl Engine for Careless {
    fn prepare(&mut self, _: u64, _: &Pyramid) -> Result<(), Refused> {
        match self.below(2) {
            0 => Err(Refused),
            _ => Ok(()),
        }
    }

    fn begin(&mut self, job: &Job<'_>) -> Result<(), Refused> {
        if self.below(300) == 0 {
            return Err(Refused);
        }
        self.answer.followed.clear();
        let is_wild = self.below(3) == 0;
        for (source, point) in job.points.iter().enumerate() {
            let position_px = match (is_wild, self.below(10)) {
                (_, 0) => continue,
                (true, 1) => [0, 1].map(|_| self.coordinate()),
                _ => point.position_px,
            };
            self.answer.followed.push(Followed {
                source,
                position_px,
            });
        }
        let missing = job.max_points - self.answer.followed.len();
        self.answer.wanted = if self.below(200) == 0 {
            self.below(99)
        } else {
            missing
        };
        let count = self.below(missing + 1);
        self.answer.started = (0..count)
            .map(|_| [0, 1].map(|_| self.below(90) as f32))
            .collect();
        Ok(())
    }

    fn progress(&mut self) -> Progress<'_> {
        match self.below(300) {
            0 => Progress::Failed,
            1..=120 => Progress::Pending,
            _ => Progress::Done(&self.answer),
        }
    }

    fn cancel(&mut self) {}
}

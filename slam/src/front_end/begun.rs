//! The frame that is being worked on, and the pictures around it.

use super::engine::Job;
use super::{PointHint, TrackedPoint};
use crate::Error;
use crate::pyramid::Pyramid;

/// The pictures that a front end holds.
#[derive(Debug)]
pub(super) struct Pictures {
    /// Of the last finished frame.
    pub(super) earlier: Pyramid,
    /// Of the frame that is being worked on; between frames, whatever was there.
    pub(super) later: Pyramid,
    /// Of the frame that waits behind it. It has no memory until one did.
    pub(super) waiting: Pyramid,
}

impl Pictures {
    /// # Errors
    /// As [`Pyramid::new`].
    pub(super) fn new(levels: usize) -> Result<Self, Error> {
        Ok(Self {
            earlier: Pyramid::new(levels)?,
            later: Pyramid::new(levels)?,
            waiting: Pyramid::new(levels)?,
        })
    }
}

/// A frame whose work has begun.
#[derive(Debug, Clone, Copy)]
pub(super) struct Begun {
    pub(super) number: u64,
    pub(super) capture_time_nanos: i64,
    /// The frame that it continues; none when all starts anew.
    pub(super) earlier: Option<u64>,
    /// How many of the last frame's points are followed, the oldest ones.
    pub(super) points: usize,
    pub(super) has_hints: bool,
    pub(super) max_points: usize,
    pub(super) min_missing: usize,
    pub(super) on_engine: bool,
}

impl Begun {
    /// Its work. `points` and `hints` are those of the last finished frame.
    pub(super) fn job<'a>(
        &self,
        pictures: &'a Pictures,
        points: &'a [TrackedPoint],
        hints: &'a [PointHint],
    ) -> Job<'a> {
        Job {
            earlier: self.earlier.map(|number| (number, &pictures.earlier)),
            later: (self.number, &pictures.later),
            points: &points[..self.points],
            hints: self.has_hints.then(|| &hints[..self.points]),
            max_points: self.max_points,
            min_missing: self.min_missing,
        }
    }
}

/// A frame whose picture was taken, and whose work has not begun.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waiting {
    pub(super) number: u64,
    pub(super) capture_time_nanos: i64,
}

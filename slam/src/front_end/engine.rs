//! Where a frame's work can be done elsewhere: on a GPU, whose answer comes later.
//!
//! [`super::FrontEnd`] hands a frame's work to an [`Engine`] as a [`Job`] and asks for the [`Answer`] until it is there.
//! An engine may fail at any time; the front end then does the same work itself, so that nothing is lost.

use super::{PointHint, TrackedPoint};
use crate::pyramid::Pyramid;

/// The work on one frame: its points followed there and back, thinned, and replenished.
#[derive(Debug, Clone, Copy)]
pub struct Job<'a> {
    /// The number of the frame before and its pyramid, which the points are followed from; none when all starts anew.
    pub earlier: Option<(u64, &'a Pyramid)>,
    /// The frame's number and its pyramid. Of a pyramid only the finest level is filled when the work begins.
    pub later: (u64, &'a Pyramid),
    /// The points of the frame before, the oldest first; none when all starts anew.
    pub points: &'a [TrackedPoint],
    /// What is known of each of them.
    pub hints: Option<&'a [PointHint]>,
    /// The most points that the frame may have.
    pub max_points: usize,
    /// New points are looked for when at least this many are missing.
    pub min_missing: usize,
}

/// A point of the frame before that was followed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Followed {
    /// Its place among the job's points.
    pub source: usize,
    /// Where it is now, in pixels.
    pub position_px: [f32; 2],
}

/// What became of a job.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// The points that are still there, in the order of the job's.
    pub followed: Vec<Followed>,
    /// Where new ones start, in pixels, the best first.
    pub started: Vec<[f32; 2]>,
    /// How many new ones were looked for; 0 when none were.
    pub wanted: usize,
}

/// How far a job is.
#[derive(Debug)]
pub enum Progress<'a> {
    /// The answer is on its way.
    Pending,
    /// It is here, and with it the engine is free for the next job.
    Done(&'a Answer),
    /// It will not come: the device is lost, or refused.
    Failed,
}

/// The engine cannot take this job: its device is lost, or the picture is beyond its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused;

/// How long a stage of a frame took where it was done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StageTime {
    /// What the engine calls it.
    pub stage: &'static str,
    /// In milliseconds.
    pub millis: f64,
}

/// Does the work of frames elsewhere, one at a time.
pub trait Engine: std::fmt::Debug + MaybeSend {
    /// Takes a picture before its job, as soon as it is here: what does not need the points can be done.
    ///
    /// # Errors
    /// [`Refused`]; the picture is then left to its job.
    fn prepare(&mut self, number: u64, pyramid: &Pyramid) -> Result<(), Refused>;

    /// Begins a job. The one before has been answered, or given up by [`Engine::cancel`].
    ///
    /// # Errors
    /// [`Refused`]; nothing was begun.
    fn begin(&mut self, job: &Job<'_>) -> Result<(), Refused>;

    /// Looks for the answer of the job begun last, without waiting.
    fn progress(&mut self) -> Progress<'_>;

    /// How long the stages of the last answered job took, by the device's own clock; empty where it has none.
    fn stage_times(&self) -> &[StageTime] {
        &[]
    }

    /// Gives up the job begun last, if it was not answered, and forgets all pictures.
    fn cancel(&mut self);
}

/// On the web a device stays on the thread that it was made on.
#[cfg(target_arch = "wasm32")]
pub trait MaybeSend {}
#[cfg(target_arch = "wasm32")]
impl<T> MaybeSend for T {}

/// An engine goes where its front end goes.
#[cfg(not(target_arch = "wasm32"))]
pub trait MaybeSend: Send {}
#[cfg(not(target_arch = "wasm32"))]
impl<T: Send> MaybeSend for T {}

//! Mapping, off the tracking path: what a new keyframe brings is worked in, a stage at a time.
//!
//! For every keyframe: new landmarks from the tracks that moved enough; the same landmarks looked for in the keyframes
//! around; a bundle adjustment of the keyframes around it; what does not fit is dropped. From time to time the whole
//! map is adjusted with the camera's focal length and first distortion term. The caller gives out work in small
//! portions and can track frames between them.

mod adjust;
mod cull;
mod grow;
mod recognize;
#[cfg(test)]
mod tests;
mod window;

use std::collections::VecDeque;

use nalgebra::Isometry3;

use super::links::Links;
use super::queries::WorldBuffers;
use super::sight::Sight;
use super::{MapBudget, MapProgress};
use crate::bundle::{Adjuster, Config};
use crate::camera::Camera;
use crate::map::{KeyframeId, LandmarkId, Map};
use crate::relocalization::{Describer, DescriberConfig, IndexConfig, RelocalizationIndex};
use crate::world::{World, WorldInput};
use window::Window;

/// What there is to do for the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Idle,
    /// Landmarks from tracks.
    Grow(KeyframeId),
    /// New landmarks in the keyframes around.
    Spread(KeyframeId),
    Load(Scope, KeyframeId),
    Adjust(Scope, KeyframeId, u32),
    WriteBack(Scope, KeyframeId),
    Cull(KeyframeId),
    Describe(KeyframeId),
    Forget(KeyframeId),
    /// Planes and anchors.
    World,
}

/// How much of the map an adjustment takes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Local,
    Whole,
}

/// The whole map is adjusted after this many new keyframes.
const KEYFRAMES_BETWEEN_WHOLE: u32 = 8;

/// The most iterations of an adjustment.
const LOCAL_ITERATIONS: u32 = 6;
const WHOLE_ITERATIONS: u32 = 8;
/// Residuals linearised in a unit of work.
const RESIDUALS_A_UNIT: usize = 1000;
/// Work that planes may take after a keyframe.
const WORLD_WORK_UNITS: u32 = 100;
const START_ITERATIONS: usize = 15;

/// Works new keyframes into the map.
#[derive(Debug)]
pub(super) struct Mapper {
    waiting: VecDeque<KeyframeId>,
    /// Keyframes of the start that wait to be described, one with each that is worked in.
    undescribed: Vec<KeyframeId>,
    stage: Stage,
    adjuster: Adjuster,
    window: Window,
    sight: Sight,
    describer: Option<Describer>,
    index: RelocalizationIndex,
    world: WorldBuffers,
    /// Landmarks that the last keyframe brought.
    fresh: Vec<LandmarkId>,
    since_whole: u32,
    /// The variance of observations, in parts of what they claim.
    noise: f64,
    squares: Vec<f32>,
    /// How large an error of the camera's focal length is thought to be, as a logarithm.
    log_focal_sigma: f64,
    prior_camera: Camera,
}

/// What the mapping shares with the tracking.
pub(super) struct Shared<'a> {
    pub(super) map: &'a mut Map,
    pub(super) links: &'a mut Links,
    pub(super) camera: &'a mut Camera,
    pub(super) world: &'a mut World,
    pub(super) down_in_world: Option<nalgebra::Vector3<f64>>,
    pub(super) limits: Limits,
    /// Whether the map's poses are given: then they stay.
    pub(super) posed: bool,
}

/// How large the map may become.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) keyframes: usize,
    pub(super) landmarks: usize,
}

/// A keyframe that is no more, and where it was last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Removed {
    pub(super) id: KeyframeId,
    pub(super) world_from_camera: Isometry3<f64>,
}

/// What a portion of work changed for the tracking.
#[derive(Debug, Default)]
pub(super) struct Changes {
    pub(super) progress: MapProgress,
    /// Poses and landmarks were corrected.
    pub(super) corrected: bool,
    pub(super) removed: Vec<Removed>,
}

impl Shared<'_> {
    /// What the world is told beside the map.
    fn about_world(&self, work_units: u32) -> WorldInput<'static> {
        WorldInput {
            down_in_world: self.down_in_world,
            is_metric: self.posed,
            work_units,
            ..WorldInput::default()
        }
    }
}

impl Mapper {
    /// A mapper of at most so many keyframes.
    pub(super) fn new(prior_camera: Camera, log_focal_sigma: f64, max_keyframes: usize) -> Self {
        Self {
            waiting: VecDeque::new(),
            undescribed: Vec::new(),
            stage: Stage::Idle,
            adjuster: Adjuster::new(Config::default()),
            window: Window::default(),
            sight: Sight::default(),
            describer: Describer::new(DescriberConfig::default()).ok(),
            index: RelocalizationIndex::new(IndexConfig {
                // A new one is described before an old one is forgotten.
                max_keyframes: max_keyframes + 1,
                ..IndexConfig::default()
            }),
            world: WorldBuffers::default(),
            fresh: Vec::new(),
            since_whole: 0,
            noise: 1.0,
            squares: Vec::new(),
            log_focal_sigma,
            prior_camera,
        }
    }

    /// Takes over the keyframes of a start.
    pub(super) fn start(&mut self, shared: &mut Shared<'_>) {
        self.adjust_start(shared);
        let keyframes = shared.map.keyframes();
        self.waiting.extend(keyframes.last().map(|k| k.id));
        let before = keyframes.len().saturating_sub(1);
        self.undescribed
            .extend(keyframes[..before].iter().map(|k| k.id));
    }

    /// A keyframe to be worked in.
    pub(super) fn add(&mut self, keyframe: KeyframeId) {
        self.waiting.push_back(keyframe);
    }

    /// How many keyframes wait, the one in work included.
    pub(super) fn backlog(&self) -> usize {
        let whole = matches!(
            self.stage,
            Stage::Idle | Stage::Load(Scope::Whole, _) | Stage::Adjust(Scope::Whole, ..)
        );
        self.waiting.len() + usize::from(!whole)
    }

    /// Does work until the budget is used up or none is left.
    pub(super) fn step(&mut self, shared: &mut Shared<'_>, budget: MapBudget) -> Changes {
        let mut changes = Changes::default();
        loop {
            if self.stage == Stage::Idle {
                let Some(next) = self.waiting.pop_front() else {
                    break;
                };
                self.stage = Stage::Grow(next);
            }
            let left = budget
                .work_units
                .saturating_sub(changes.progress.work_units);
            changes.progress.work_units += self.run_stage(shared, &mut changes, left);
            if changes.progress.work_units >= budget.work_units {
                break;
            }
        }
        changes.progress.pending = self.stage != Stage::Idle || !self.waiting.is_empty();
        changes
    }

    /// Runs the current stage and moves to the next; the work done.
    fn run_stage(
        &mut self,
        shared: &mut Shared<'_>,
        changes: &mut Changes,
        budget_left: u32,
    ) -> u32 {
        let (next, work) = match self.stage {
            Stage::Idle => (Stage::Idle, 0),
            Stage::Grow(id) => (Stage::Spread(id), self.grow(shared, id)),
            Stage::Spread(id) => (Stage::Load(Scope::Local, id), self.spread(shared, id)),
            Stage::Load(scope, id) => self.load(shared, scope, id),
            Stage::Adjust(scope, id, left) => self.adjust(scope, id, left, budget_left),
            Stage::WriteBack(scope, id) => {
                // What hangs on the map moves in the same step: the public world has moved already.
                let work = self.write_back(shared);
                let about = shared.about_world(0);
                let work = work + self.world.follow(shared.map, shared.world, about);
                changes.corrected = true;
                let next = match scope {
                    Scope::Local => Stage::Cull(id),
                    Scope::Whole => Stage::World,
                };
                (next, work)
            }
            Stage::Cull(id) => (Stage::Describe(id), self.cull(shared, id)),
            Stage::Describe(id) => {
                let older = self.undescribed.pop();
                let work = older.map_or(0, |older| self.describe(shared, older));
                (Stage::Forget(id), work + self.describe(shared, id))
            }
            Stage::World => {
                let about = shared.about_world(WORLD_WORK_UNITS);
                let work = self.world.update(shared.map, shared.world, about);
                (Stage::Idle, work)
            }
            Stage::Forget(id) => {
                let work = self.forget(shared, id, &mut changes.removed);
                self.since_whole += 1;
                let due = self.since_whole >= KEYFRAMES_BETWEEN_WHOLE
                    && self.waiting.is_empty()
                    && !shared.posed;
                let next = if due {
                    self.since_whole = 0;
                    Stage::Load(Scope::Whole, id)
                } else {
                    Stage::World
                };
                (next, work)
            }
        };
        self.stage = next;
        work
    }

    fn load(&mut self, shared: &mut Shared<'_>, scope: Scope, id: KeyframeId) -> (Stage, u32) {
        let sigma = match scope {
            Scope::Local => None,
            Scope::Whole => Some(self.log_focal_sigma),
        };
        match scope {
            Scope::Local => self.window.around(shared.map, id, shared.posed),
            Scope::Whole => self.window.whole(shared.map),
        }
        let loaded = self
            .window
            .load(shared.map, &mut self.adjuster, sigma, &self.prior_camera);
        let after = match scope {
            Scope::Local => Stage::Cull(id),
            Scope::Whole => Stage::World,
        };
        let iterations = match scope {
            Scope::Local => LOCAL_ITERATIONS,
            Scope::Whole => WHOLE_ITERATIONS,
        };
        let next = if loaded {
            Stage::Adjust(scope, id, iterations)
        } else {
            after
        };
        (next, self.window.work())
    }

    fn adjust(
        &mut self,
        scope: Scope,
        id: KeyframeId,
        left: u32,
        budget_left: u32,
    ) -> (Stage, u32) {
        // A new keyframe is more urgent than the whole map.
        if scope == Scope::Whole && self.waiting.len() > 1 {
            self.since_whole = KEYFRAMES_BETWEEN_WHOLE / 2;
            return (Stage::World, 0);
        }
        let allowed = budget_left.clamp(1, 1 << 20);
        let report = self.adjuster.advance(allowed as usize * RESIDUALS_A_UNIT);
        let next = match report {
            None => Stage::Adjust(scope, id, left),
            Some(report) if report.converged || left <= 1 => Stage::WriteBack(scope, id),
            Some(_) => Stage::Adjust(scope, id, left - 1),
        };
        let done = report.map_or(allowed, |report| {
            1 + (report.work / RESIDUALS_A_UNIT) as u32
        });
        (next, done.min(allowed))
    }
}

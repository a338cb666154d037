//! Levenberg-Marquardt iterations, in pieces of any size.

use nalgebra::{Isometry3, Matrix3, Vector3};

use super::layout::{Layout, NONE};
use super::linearize::{UnfoldedPose, linearize, prior_residual, stepped_camera, stepped_pose};
use super::problem::{BundleRefusal, Config, Intrinsics, Outcome, PosePrior, Problem};
use super::schur::{LEAST_DAMPING, State, System, camera_prior, covariance, symmetric_part};
use crate::camera::Camera;

/// Damping beyond which no step will be found.
const MOST_DAMPING: f64 = 1e10;
/// How many products of 6x6 blocks take as long as a residual, its derivatives and its share of the elimination.
const BLOCKS_A_RESIDUAL: usize = 8;

/// What an iteration did.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct StepReport {
    /// Robust cost (squared standard deviations) before.
    pub cost_before: f64,
    /// The same after.
    pub cost_after: f64,
    /// Whether the step was taken; if not, the damping was raised.
    pub accepted: bool,
    /// Whether more iterations are of no use.
    pub converged: bool,
    /// Work done, in residuals: one is a residual with its derivatives and its share in solving.
    pub work: usize,
}

/// Where in an iteration it is.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Phase {
    /// Nothing is loaded, or all is done.
    #[default]
    Idle,
    /// Linearising, from this point on.
    Linearize { point: usize },
    /// Factoring, from this row on.
    Factor { row: usize },
    /// Trying the step, from this point on.
    Try { point: usize },
}

/// Adjusts a problem at a time; its memory is kept for the next.
#[derive(Debug, Default)]
pub struct Adjuster {
    config: Config,
    layout: Layout,
    system: System,
    state: State,
    trial: State,
    intrinsics: Intrinsics,
    pose_priors: Vec<PosePrior>,
    phase: Phase,
    damping: f64,
    /// Factor by which the damping is raised at the next rejection.
    growth: f64,
    report: StepReport,
    predicted: f64,
    outcomes: Vec<Outcome>,
    covariances: Vec<Option<Matrix3<f64>>>,
}

impl Adjuster {
    /// An adjuster with nothing loaded.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            config,
            ..Self::default()
        }
    }

    /// Takes a problem, in place of the one before.
    ///
    /// # Errors
    /// [`BundleRefusal`] where it makes no sense or nothing holds its frame; then nothing is loaded.
    pub fn load(&mut self, problem: &Problem) -> Result<(), BundleRefusal> {
        self.phase = Phase::Idle;
        self.layout.rebuild(problem)?;
        self.system.reset(&self.layout);
        self.intrinsics = problem.intrinsics;
        self.pose_priors.clear();
        self.pose_priors.extend_from_slice(&problem.pose_priors);
        for state in [&mut self.state, &mut self.trial] {
            state.cameras.clear();
            state.cameras.extend_from_slice(&problem.cameras);
            if self.layout.refines_camera {
                for camera in &mut state.cameras {
                    *camera = stepped_camera(camera, [0.0; 2]);
                }
            }
            state.poses.clear();
            state.unfolded.clear();
            for view in &problem.views {
                state.poses.push(view.camera_from_world);
                let unfolded = UnfoldedPose::new(&view.camera_from_world, view.camera);
                state.unfolded.push(unfolded);
            }
            state.points.clear();
            let points = problem.points.iter().map(|point| point.point_in_world);
            state.points.extend(points);
        }
        self.damping = self.config.initial_damping.clamp(LEAST_DAMPING, 1.0);
        self.growth = 2.0;
        self.report = StepReport::default();
        self.outcomes.clear();
        self.covariances.clear();
        self.phase = Phase::Linearize { point: 0 };
        Ok(())
    }

    /// Forgets the problem's progress: until the next [`Adjuster::load`] nothing moves.
    pub fn abandon(&mut self) {
        self.phase = Phase::Idle;
    }

    /// Whether there is something to do: a problem is loaded, and neither converged nor abandoned.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.phase != Phase::Idle
    }

    /// One iteration, or what is left of one that was begun. Without anything to do, a report of no work and convergence.
    pub fn step(&mut self) -> StepReport {
        self.advance(usize::MAX).unwrap_or_default()
    }

    /// Iterations until it converges, at least one, at most as many as said. The report is that of all together.
    pub fn run(&mut self, max_iterations: usize) -> StepReport {
        let mut total = self.step();
        for _ in 1..max_iterations {
            if total.converged {
                break;
            }
            let report = self.step();
            total.cost_after = report.cost_after;
            total.accepted |= report.accepted;
            total.converged = report.converged;
            total.work += report.work;
        }
        total
    }

    /// Goes on for about so much work (in residuals, as [`StepReport::work`]). The report of the iteration if it ended,
    /// none if it is still under way; between, all results are those of the iterations that ended.
    pub fn advance(&mut self, work: usize) -> Option<StepReport> {
        let mut left = work;
        loop {
            match self.phase {
                Phase::Idle => {
                    return Some(StepReport {
                        cost_before: self.report.cost_after,
                        cost_after: self.report.cost_after,
                        converged: true,
                        ..StepReport::default()
                    });
                }
                Phase::Linearize { point } => self.linearize_point(point, &mut left),
                Phase::Factor { row } => self.factor_row(row, &mut left),
                Phase::Try { point } => {
                    if let Some(report) = self.try_point(point, &mut left) {
                        return Some(report);
                    }
                }
            }
            if left == 0 {
                return None;
            }
        }
    }

    fn spend(&mut self, left: &mut usize, work: usize) {
        self.report.work += work;
        *left = left.saturating_sub(work);
    }

    fn linearize_point(&mut self, point: usize, left: &mut usize) {
        if point == 0 {
            self.system.zero();
            self.report = StepReport::default();
        }
        if let Some(range) = self.layout.points.get(point) {
            let sightings = (range.sightings[1] - range.sightings[0]) as usize;
            self.report.cost_before += self.system.add_point(
                &self.layout,
                &self.state,
                self.config.kernel,
                self.damping,
                point,
            );
            self.spend(left, sightings);
            self.phase = Phase::Linearize { point: point + 1 };
            return;
        }
        for prior in &self.pose_priors {
            let view = prior.view as usize;
            let block = self.layout.view_blocks[view];
            if block != NONE {
                let pose = &self.state.poses[view];
                self.report.cost_before += self.system.add_pose_prior(block as usize, prior, pose);
            }
        }
        if self.layout.refines_camera {
            self.report.cost_before += self.system.add_camera_prior(
                self.layout.free_views(),
                &self.intrinsics,
                &self.state.cameras[0],
            );
        }
        self.system.damp(self.damping);
        self.phase = Phase::Factor { row: 0 };
    }

    fn factor_row(&mut self, row: usize, left: &mut usize) {
        if row < self.system.matrix.rows() {
            self.spend(left, self.system.matrix.row_work(row) / BLOCKS_A_RESIDUAL);
            if self.system.matrix.factor_row(row) {
                self.phase = Phase::Factor { row: row + 1 };
            } else {
                // As a step that makes everything worse.
                self.report.cost_after = f64::INFINITY;
                self.predicted = f64::INFINITY;
                self.phase = Phase::Try {
                    point: self.layout.points.len(),
                };
            }
            return;
        }
        self.system.matrix.solve(&mut self.system.side);
        self.predicted = self.system.predicted_by_blocks(self.damping);
        self.report.cost_after = self.move_blocks();
        self.phase = Phase::Try { point: 0 };
    }

    /// Moves the views and the camera of the trial. Returns the cost of their priors.
    fn move_blocks(&mut self) -> f64 {
        for (view, &block) in self.layout.view_blocks.iter().enumerate() {
            if block != NONE {
                let step = &self.system.side[block as usize];
                let pose = stepped_pose(&self.state.poses[view], step);
                self.trial.poses[view] = pose;
                let camera = self.state.unfolded[view].camera;
                self.trial.unfolded[view] = UnfoldedPose::new(&pose, camera);
            }
        }
        let mut cost = 0.0;
        if self.layout.refines_camera {
            let step = self.system.side[self.layout.free_views()];
            let camera = stepped_camera(&self.state.cameras[0], [step[0], step[1]]);
            if camera.check().is_err() || !step[1].is_finite() {
                return f64::INFINITY;
            }
            self.trial.cameras[0] = camera;
            if let Some((residual, _)) = camera_prior(&self.intrinsics, &camera) {
                cost += residual.iter().map(|r| r * r).sum::<f64>();
            }
        }
        for prior in &self.pose_priors {
            if self.layout.view_blocks[prior.view as usize] != NONE {
                let residual = prior_residual(prior, &self.trial.poses[prior.view as usize]);
                cost += residual.dot(&(symmetric_part(&prior.information) * residual));
            }
        }
        cost
    }

    fn try_point(&mut self, point: usize, left: &mut usize) -> Option<StepReport> {
        // Once the cost is beyond what it was (or no number), the rest does not matter; but costs of priors may be negative
        // with information that is not positive, so that only infinity ends it.
        if point < self.layout.points.len() && self.report.cost_after < f64::INFINITY {
            let range = self.layout.points[point];
            if !range.fixed {
                let (step, predicted) = self.system.point_step(&self.layout, self.damping, point);
                self.trial.points[point] = self.state.points[point] + step;
                self.predicted += predicted;
            }
            self.report.cost_after +=
                self.system
                    .trial_cost(&self.layout, &self.trial, self.config.kernel, point);
            // A residual alone costs a fifth of one with all that follows.
            let sightings = (range.sightings[1] - range.sightings[0]) as usize;
            self.spend(left, sightings.div_ceil(5));
            self.phase = Phase::Try { point: point + 1 };
            return None;
        }
        Some(self.decide())
    }

    fn decide(&mut self) -> StepReport {
        let decrease = self.report.cost_before - self.report.cost_after;
        let enough = self.config.relative_decrease * self.report.cost_before;
        if decrease >= 0.0 && self.trial_is_finite() {
            self.keep_scale();
            std::mem::swap(&mut self.state, &mut self.trial);
            self.report.accepted = true;
            self.report.converged = decrease <= enough;
            let gain = 2.0 * (decrease / self.predicted.max(f64::MIN_POSITIVE)).min(1.0) - 1.0;
            self.damping *= (1.0 - gain * gain * gain).clamp(0.1, 2.0);
            self.damping = self.damping.max(LEAST_DAMPING);
            self.growth = 2.0;
        } else {
            self.report.cost_after = self.report.cost_before;
            self.damping *= self.growth;
            self.growth *= 2.0;
            // A promise too small to be seen beyond rounding cannot be kept.
            let hopeless = self.predicted <= 1e-3 * enough;
            self.report.converged = hopeless || self.damping > MOST_DAMPING;
        }
        self.phase = if self.report.converged {
            Phase::Idle
        } else {
            Phase::Linearize { point: 0 }
        };
        self.report
    }

    fn trial_is_finite(&self) -> bool {
        let poses = self.trial.poses.iter().all(|pose| {
            let rotation = pose.rotation.coords.iter();
            rotation
                .chain(pose.translation.vector.iter())
                .all(|entry| entry.is_finite())
        });
        poses && (self.trial.points.iter().flatten()).all(|entry| entry.is_finite())
    }

    /// Undoes what the trial did to a scale that nothing determines.
    fn keep_scale(&mut self) {
        let Some(anchor) = self.layout.only_anchor else {
            return;
        };
        let center = center_in_world(&self.state.poses[anchor]);
        let spread = |state: &State| -> f64 {
            let distances = state.poses.iter();
            distances
                .map(|pose| (center_in_world(pose) - center).norm_squared())
                .sum::<f64>()
        };
        let scale = (spread(&self.state) / spread(&self.trial)).sqrt();
        if !(scale.is_finite() && scale > 0.0) {
            return;
        }
        let trial = &mut self.trial;
        let views = trial.poses.iter_mut().zip(&mut trial.unfolded);
        for (view, (pose, unfolded)) in views.enumerate() {
            if view != anchor {
                let moved = center + (center_in_world(pose) - center) * scale;
                pose.translation.vector = -(pose.rotation * moved);
                unfolded.translation = pose.translation.vector;
            }
        }
        for point in &mut trial.points {
            *point = center + (*point - center) * scale;
        }
    }

    /// Computes [`Adjuster::outcomes`] and [`Adjuster::point_covariances`] for the present state.
    pub fn evaluate(&mut self) {
        let unknown = Outcome {
            squared_sigmas: f32::INFINITY,
            is_behind: true,
        };
        self.outcomes.clear();
        self.outcomes.resize(self.layout.sightings.len(), unknown);
        self.covariances.clear();
        for (range, position) in self.layout.points.iter().zip(&self.state.points) {
            let mut hessian = Matrix3::zeros();
            let [from, to] = range.sightings.map(|index| index as usize);
            for sighting in &self.layout.sightings[from..to] {
                let pose = &self.state.unfolded[sighting.view as usize];
                let camera = &self.state.cameras[pose.camera as usize];
                let kernel = self.config.kernel;
                let Some(linear) = linearize(camera, pose, position, &sighting.measurement, kernel)
                else {
                    continue;
                };
                for row in linear.by_point.map(Vector3::from) {
                    hessian += row * row.transpose();
                }
                self.outcomes[sighting.source as usize] = Outcome {
                    squared_sigmas: linear.squared as f32,
                    is_behind: false,
                };
            }
            self.covariances.push(covariance(&hessian));
        }
    }

    /// How each observation of the problem fits, in its order; empty before [`Adjuster::evaluate`].
    #[must_use]
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// Covariance of each point given the poses, in squared units of the map: the inverse of its block of the normal
    /// equations. None where its observations do not hold it. Empty before [`Adjuster::evaluate`].
    #[must_use]
    pub fn point_covariances(&self) -> &[Option<Matrix3<f64>>] {
        &self.covariances
    }

    /// `camera_from_world` of each view of the problem.
    #[must_use]
    pub fn poses(&self) -> &[Isometry3<f64>] {
        &self.state.poses
    }

    /// Each point of the problem, in the world.
    #[must_use]
    pub fn points(&self) -> &[Vector3<f64>] {
        &self.state.points
    }

    /// The cameras of the problem.
    #[must_use]
    pub fn cameras(&self) -> &[Camera] {
        &self.state.cameras
    }

    /// Writes poses, points and cameras into the problem that was loaded.
    pub fn write_back(&self, problem: &mut Problem) {
        for (view, pose) in problem.views.iter_mut().zip(&self.state.poses) {
            view.camera_from_world = *pose;
        }
        for (point, position) in problem.points.iter_mut().zip(&self.state.points) {
            point.point_in_world = *position;
        }
        for (camera, adjusted) in problem.cameras.iter_mut().zip(&self.state.cameras) {
            *camera = *adjusted;
        }
    }
}

fn center_in_world(camera_from_world: &Isometry3<f64>) -> Vector3<f64> {
    -(camera_from_world.rotation.inverse() * camera_from_world.translation.vector)
}

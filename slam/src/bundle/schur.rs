//! The normal equations without the points, and the points' steps once the others' are known.
//!
//! With `V` a point's own 3x3 block, damped, `V = L L^T`, and `W` its 6x3 coupling to a block, `Z = W L^-T`: eliminating the
//! point takes `Z_a Z_b^T` off the block at (a, b) and `Z_a y` off the right side, `L y` being the point's own right side;
//! afterwards its step is `L^-T (y - sum of Z_a^T step_a)`.

use nalgebra::{Isometry3, Matrix3, Matrix6, Vector3, Vector6};

use super::cholesky::{Column, Skyline, dot, subtract_product};
use super::layout::{Layout, NONE, PointRange};
use super::linearize::{Linear, UnfoldedPose, linearize, prior_jacobian, prior_residual};
use super::problem::{Intrinsics, PosePrior, RobustKernel};
use crate::camera::Camera;

/// Sightings of what cannot be seen cost as much as residuals of that many standard deviations, or more.
const UNSEEN_SIGMAS: f64 = 1000.0;

/// Where everything is.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) cameras: Vec<Camera>,
    pub(super) poses: Vec<Isometry3<f64>>,
    pub(super) unfolded: Vec<UnfoldedPose>,
    pub(super) points: Vec<Vector3<f64>>,
}

/// What is left of a point once it is eliminated.
#[derive(Debug, Clone, Copy, Default)]
struct Eliminated {
    /// Lower factor, `[l00, l10, l20, l11, l21, l22]`; zero for a point that stays in this iteration.
    factor: [f64; 6],
    /// The right side, forward substituted.
    side: [f64; 3],
    /// Least room that the point has in the views that see it.
    least_reach: f64,
}

#[derive(Debug, Default)]
pub(super) struct System {
    pub(super) matrix: Skyline,
    /// Right side, then the step.
    pub(super) side: Vec<Column>,
    /// The right side before elimination, for predicting the decrease.
    gradient: Vec<Column>,
    /// The diagonal before elimination and damping.
    diagonal: Vec<Column>,
    eliminated: Vec<Eliminated>,
    /// `Z` of each slot.
    couplings: Vec<[Column; 3]>,
    /// Robust cost of each sighting at the current state.
    costs: Vec<f64>,
}

/// Damping smaller than that is none, and would leave points seen once without a solution.
pub(super) const LEAST_DAMPING: f64 = 1e-8;

impl System {
    /// Makes room; the shape is the layout's.
    pub(super) fn reset(&mut self, layout: &Layout) {
        let blocks = layout.first_columns.len();
        self.matrix.reset(&layout.first_columns);
        for vector in [&mut self.side, &mut self.gradient, &mut self.diagonal] {
            vector.clear();
            vector.resize(blocks, [0.0; 6]);
        }
        self.eliminated.clear();
        self.eliminated
            .resize(layout.points.len(), Eliminated::default());
        self.couplings.clear();
        self.couplings
            .resize(layout.slot_blocks.len(), [[0.0; 6]; 3]);
        self.costs.clear();
        self.costs.resize(layout.sightings.len(), 0.0);
    }

    /// Begins a linearisation.
    pub(super) fn zero(&mut self) {
        self.matrix.zero();
        self.side.fill([0.0; 6]);
        self.gradient.fill([0.0; 6]);
        self.diagonal.fill([0.0; 6]);
    }

    /// Linearises a point's sightings and eliminates it. Returns their cost.
    pub(super) fn add_point(
        &mut self,
        layout: &Layout,
        state: &State,
        kernel: RobustKernel,
        damping: f64,
        point: usize,
    ) -> f64 {
        let range = &layout.points[point];
        let [begin, end] = range.slots.map(|index| index as usize);
        self.couplings[begin..end].fill([[0.0; 6]; 3]);
        let camera_block = layout.refines_camera.then(|| layout.free_views());
        let mut cost = 0.0;
        let mut hessian = [0.0; 6];
        let mut side = [0.0; 3];
        let mut least_reach = f64::INFINITY;
        for index in range.sightings[0] as usize..range.sightings[1] as usize {
            let sighting = &layout.sightings[index];
            let pose = &state.unfolded[sighting.view as usize];
            let camera = &state.cameras[pose.camera as usize];
            let position = &state.points[point];
            let measurement = &sighting.measurement;
            let Some(linear) = linearize(camera, pose, position, measurement, kernel) else {
                self.costs[index] = unseen_cost(kernel);
                cost += self.costs[index];
                continue;
            };
            self.costs[index] = linear.cost;
            cost += linear.cost;
            least_reach = least_reach.min(linear.reach);
            let block = layout.view_blocks[sighting.view as usize];
            if block != NONE {
                self.add_pose_terms(block as usize, &linear);
            }
            if let Some(camera_block) = camera_block {
                self.add_camera_terms(camera_block, block, &linear);
            }
            if range.fixed {
                continue;
            }
            for (r, d) in linear.residual.iter().zip(&linear.by_point) {
                for (side, d) in side.iter_mut().zip(d) {
                    *side -= d * r;
                }
                let products = [
                    d[0] * d[0],
                    d[1] * d[0],
                    d[2] * d[0],
                    d[1] * d[1],
                    d[2] * d[1],
                    d[2] * d[2],
                ];
                for (entry, product) in hessian.iter_mut().zip(products) {
                    *entry += product;
                }
            }
            if sighting.slot != NONE {
                let coupling = &mut self.couplings[sighting.slot as usize];
                add_coupling(coupling, &linear.by_pose, &linear.by_point);
            }
            if camera_block.is_some() {
                let by_camera = linear
                    .by_intrinsics
                    .map(|[f, k]| [f, k, 0.0, 0.0, 0.0, 0.0]);
                add_coupling(&mut self.couplings[end - 1], &by_camera, &linear.by_point);
            }
        }
        if !range.fixed {
            self.eliminate(layout, range, point, &hessian, side, damping);
            self.eliminated[point].least_reach = least_reach;
        }
        cost
    }

    #[inline(always)]
    fn add_pose_terms(&mut self, block: usize, linear: &Linear) {
        let negated = linear.by_pose.map(|row| row.map(|entry| -entry));
        subtract_product(
            self.matrix.block_mut(block, block),
            &negated,
            &linear.by_pose,
        );
        let (gradient, diagonal) = (&mut self.gradient[block], &mut self.diagonal[block]);
        for (r, row) in linear.residual.iter().zip(&linear.by_pose) {
            for ((gradient, diagonal), entry) in
                gradient.iter_mut().zip(diagonal.iter_mut()).zip(row)
            {
                *gradient -= entry * r;
                *diagonal += entry * entry;
            }
        }
    }

    fn add_camera_terms(&mut self, camera_block: usize, view_block: u32, linear: &Linear) {
        for (r, by) in linear.residual.iter().zip(&linear.by_intrinsics) {
            let own = self.matrix.block_mut(camera_block, camera_block);
            for (column, a) in own.iter_mut().zip(by) {
                for (entry, b) in column.iter_mut().zip(by) {
                    *entry += a * b;
                }
            }
            for (index, entry) in by.iter().enumerate() {
                self.gradient[camera_block][index] -= entry * r;
                self.diagonal[camera_block][index] += entry * entry;
            }
        }
        if view_block != NONE {
            let block = self.matrix.block_mut(camera_block, view_block as usize);
            for (by_camera, by_pose) in linear.by_intrinsics.iter().zip(&linear.by_pose) {
                for (column, pose) in block.iter_mut().zip(by_pose) {
                    column[0] += by_camera[0] * pose;
                    column[1] += by_camera[1] * pose;
                }
            }
        }
    }

    /// Takes a point out of the equations.
    fn eliminate(
        &mut self,
        layout: &Layout,
        range: &PointRange,
        point: usize,
        hessian: &[f64; 6],
        side: [f64; 3],
        damping: f64,
    ) {
        let [begin, end] = range.slots.map(|index| index as usize);
        let Some(factor) = damped_factor(hessian, damping) else {
            self.eliminated[point] = Eliminated::default();
            self.couplings[begin..end].fill([[0.0; 6]; 3]);
            return;
        };
        let [l00, l10, l20, l11, l21, l22] = factor;
        let (i0, i1, i2) = (1.0 / l00, 1.0 / l11, 1.0 / l22);
        let y0 = side[0] * i0;
        let y1 = (side[1] - l10 * y0) * i1;
        let y2 = (side[2] - l20 * y0 - l21 * y1) * i2;
        self.eliminated[point].factor = factor;
        self.eliminated[point].side = [y0, y1, y2];
        for slot in begin..end {
            let [w0, w1, w2] = &mut self.couplings[slot];
            for ((w0, w1), w2) in w0.iter_mut().zip(w1).zip(w2) {
                *w0 *= i0;
                *w1 = (*w1 - l10 * *w0) * i1;
                *w2 = (*w2 - l20 * *w0 - l21 * *w1) * i2;
            }
            let z = &self.couplings[slot];
            let block = layout.slot_blocks[slot] as usize;
            for (row, side) in self.side[block].iter_mut().enumerate() {
                *side -= z[0][row] * y0 + z[1][row] * y1 + z[2][row] * y2;
            }
            for (other, &column) in self.couplings[begin..=slot]
                .iter()
                .zip(&layout.slot_blocks[begin..=slot])
            {
                let entry = self.matrix.block_mut(block, column as usize);
                subtract_product(entry, z, other);
            }
        }
    }

    /// Adds a prior of a pose. Returns its cost.
    pub(super) fn add_pose_prior(
        &mut self,
        block: usize,
        prior: &PosePrior,
        camera_from_world: &Isometry3<f64>,
    ) -> f64 {
        let residual = prior_residual(prior, camera_from_world);
        let jacobian = prior_jacobian(&residual);
        let information = symmetric_part(&prior.information);
        let weighted: Matrix6<f64> = jacobian.transpose() * information;
        let hessian = weighted * jacobian;
        let gradient: Vector6<f64> = weighted * residual;
        let own = self.matrix.block_mut(block, block);
        for column in 0..6 {
            for row in 0..6 {
                own[column][row] += hessian[(row, column)];
            }
            self.diagonal[block][column] += hessian[(column, column)];
            self.gradient[block][column] -= gradient[column];
        }
        residual.dot(&(information * residual))
    }

    /// Adds the prior of the camera. Returns its cost.
    pub(super) fn add_camera_prior(
        &mut self,
        block: usize,
        intrinsics: &Intrinsics,
        camera: &Camera,
    ) -> f64 {
        let Some((residual, inverse_sigmas)) = camera_prior(intrinsics, camera) else {
            return 0.0;
        };
        let own = self.matrix.block_mut(block, block);
        for index in 0..2 {
            let information = inverse_sigmas[index] * inverse_sigmas[index];
            own[index][index] += information;
            self.diagonal[block][index] += information;
            self.gradient[block][index] -= residual[index] * inverse_sigmas[index];
        }
        residual.iter().map(|r| r * r).sum()
    }

    /// Ends a linearisation: damps the blocks and completes the right side.
    pub(super) fn damp(&mut self, damping: f64) {
        for (block, side) in self.side.iter_mut().enumerate() {
            let own = self.matrix.block_mut(block, block);
            let (gradient, diagonal) = (&self.gradient[block], &self.diagonal[block]);
            for (row, (side, gradient)) in side.iter_mut().zip(gradient).enumerate() {
                // What nothing depends on stays where it is.
                own[row][row] += if diagonal[row] > 1e-200 {
                    damping * diagonal[row]
                } else {
                    1.0
                };
                *side += gradient;
            }
        }
    }

    /// Decrease of the cost that the solved step of the blocks promises, the points' part apart.
    pub(super) fn predicted_by_blocks(&self, damping: f64) -> f64 {
        let mut sum = 0.0;
        for ((step, gradient), diagonal) in self.side.iter().zip(&self.gradient).zip(&self.diagonal)
        {
            sum += dot(step, gradient);
            for (step, diagonal) in step.iter().zip(diagonal) {
                sum += damping * diagonal * step * step;
            }
        }
        sum
    }

    /// A point's step, and its part of the promised decrease.
    pub(super) fn point_step(
        &self,
        layout: &Layout,
        damping: f64,
        point: usize,
    ) -> (Vector3<f64>, f64) {
        let Eliminated {
            factor: [l00, l10, l20, l11, l21, l22],
            side: [y0, y1, y2],
            least_reach,
        } = self.eliminated[point];
        if l00 == 0.0 {
            return (Vector3::zeros(), 0.0);
        }
        let mut r = [y0, y1, y2];
        let [begin, end] = layout.points[point].slots.map(|index| index as usize);
        for (z, &block) in self.couplings[begin..end]
            .iter()
            .zip(&layout.slot_blocks[begin..end])
        {
            let step = &self.side[block as usize];
            for (r, column) in r.iter_mut().zip(z) {
                *r -= dot(column, step);
            }
        }
        let z = r[2] / l22;
        let y = (r[1] - l21 * z) / l11;
        let x = (r[0] - l10 * y - l20 * z) / l00;
        let mut step = Vector3::new(x, y, z);
        let gradient = Vector3::new(
            l00 * y0,
            l10 * y0 + l11 * y1,
            l20 * y0 + l21 * y1 + l22 * y2,
        );
        let damped = Vector3::new(
            l00 * l00,
            l10 * l10 + l11 * l11,
            l20 * l20 + l21 * l21 + l22 * l22,
        ) * (damping / (1.0 + damping));
        let predicted = step.dot(&gradient) + step.component_mul(&damped).dot(&step);
        // A point without parallax must neither fly away nor jump behind a camera.
        let longest = 0.5 * least_reach;
        let length = step.norm();
        if length > longest {
            step *= longest / length;
        }
        (step, predicted)
    }

    /// Robust cost of a point's sightings at a state that is tried.
    pub(super) fn trial_cost(
        &self,
        layout: &Layout,
        state: &State,
        kernel: RobustKernel,
        point: usize,
    ) -> f64 {
        let [from, to] = layout.points[point].sightings.map(|index| index as usize);
        let position = &state.points[point];
        let mut sum = 0.0;
        for (sighting, &before) in layout.sightings[from..to].iter().zip(&self.costs[from..to]) {
            let pose = &state.unfolded[sighting.view as usize];
            let camera = &state.cameras[pose.camera as usize];
            sum += match super::linearize::squared_residual(
                camera,
                pose,
                position,
                &sighting.measurement,
            ) {
                Some(squared) => kernel.cost_and_weight(squared).0,
                // Nothing is won by making a point invisible.
                None => before.max(unseen_cost(kernel)),
            };
        }
        sum
    }
}

fn unseen_cost(kernel: RobustKernel) -> f64 {
    kernel.cost_and_weight(UNSEEN_SIGMAS * UNSEEN_SIGMAS).0
}

/// `coupling += by_block^T by_point`, as columns.
#[inline(always)]
fn add_coupling(coupling: &mut [Column; 3], by_block: &[[f64; 6]; 2], by_point: &[[f64; 3]; 2]) {
    for (block, point) in by_block.iter().zip(by_point) {
        for (column, point) in coupling.iter_mut().zip(point) {
            for (entry, block) in column.iter_mut().zip(block) {
                *entry += block * point;
            }
        }
    }
}

/// Lower factor of a point's damped block; none where nothing holds the point.
fn damped_factor(hessian: &[f64; 6], damping: f64) -> Option<[f64; 6]> {
    let [h00, h10, h20, h11, h21, h22] = *hessian;
    let scale = 1.0 + damping;
    let l00 = (h00 * scale).sqrt();
    let (l10, l20) = (h10 / l00, h20 / l00);
    let p1 = h11 * scale - l10 * l10;
    let l11 = p1.sqrt();
    let l21 = (h21 - l20 * l10) / l11;
    let p2 = h22 * scale - l20 * l20 - l21 * l21;
    let l22 = p2.sqrt();
    let usable = |pivot: f64, from: f64| pivot > 1e-14 * from && pivot > 1e-200;
    let factor = [l00, l10, l20, l11, l21, l22];
    let fine = usable(h00, h00)
        && usable(p1, h11)
        && usable(p2, h22)
        && factor.iter().all(|entry| entry.is_finite());
    fine.then_some(factor)
}

/// Covariance of a point given the poses, from its block of the normal equations; none where they do not hold it.
pub(super) fn covariance(hessian: &Matrix3<f64>) -> Option<Matrix3<f64>> {
    let h = hessian;
    let lower = [
        h[(0, 0)],
        h[(1, 0)],
        h[(2, 0)],
        h[(1, 1)],
        h[(2, 1)],
        h[(2, 2)],
    ];
    damped_factor(&lower, 0.0)?;
    let inverse = hessian.try_inverse()?;
    let inverse = (inverse + inverse.transpose()) * 0.5;
    let fine = inverse.iter().all(|entry| entry.is_finite())
        && inverse.diagonal().iter().all(|variance| *variance > 0.0);
    fine.then_some(inverse)
}

pub(super) fn symmetric_part(matrix: &Matrix6<f64>) -> Matrix6<f64> {
    (matrix + matrix.transpose()) * 0.5
}

/// The camera's residuals against its prior, in standard deviations, and one over those.
pub(super) fn camera_prior(
    intrinsics: &Intrinsics,
    camera: &Camera,
) -> Option<([f64; 2], [f64; 2])> {
    let Intrinsics::Refine {
        log_focal_sigma,
        k1_sigma,
        prior_camera,
    } = intrinsics
    else {
        return None;
    };
    let inverse = [1.0 / log_focal_sigma, 1.0 / k1_sigma];
    let log_focal = (camera.focal_px[0] / prior_camera.focal_px[0]).ln();
    let k1 = camera.first_distortion() - prior_camera.first_distortion();
    Some(([log_focal * inverse[0], k1 * inverse[1]], inverse))
}

//! A problem put in order: checked, its observations sorted by point, its unknowns numbered.
//!
//! Unknown *blocks* of six are the free views in the order they come, then the camera's two (padded). A *slot* is a pair of
//! a free point and a block that it depends on; a point's slots lie together, in order of their blocks.

use super::linearize::Measurement;
use super::problem::{BundleRefusal, Intrinsics, MAX_FREE_VIEWS, Problem};

/// Stands for "none" among indices.
pub(super) const NONE: u32 = u32::MAX;

/// An observation in its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sighting {
    pub(super) measurement: Measurement,
    pub(super) view: u32,
    /// Slot of its point and its view, [`NONE`] where one of them is fixed.
    pub(super) slot: u32,
    /// Index in the problem.
    pub(super) source: u32,
}

/// A point's share of the arrays.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PointRange {
    pub(super) sightings: [u32; 2],
    pub(super) slots: [u32; 2],
    pub(super) fixed: bool,
}

#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) sightings: Vec<Sighting>,
    pub(super) points: Vec<PointRange>,
    /// The block of each slot.
    pub(super) slot_blocks: Vec<u32>,
    /// The block of each view, [`NONE`] if fixed.
    pub(super) view_blocks: Vec<u32>,
    /// First column of each row of the reduced system.
    pub(super) first_columns: Vec<u32>,
    /// The view that alone holds the frame, so that scale is free.
    pub(super) only_anchor: Option<usize>,
    /// Whether the last block is the camera's.
    pub(super) refines_camera: bool,
    /// Scratch: where the next sighting of each point goes.
    cursor: Vec<u32>,
}

impl Layout {
    pub(super) fn free_views(&self) -> usize {
        self.first_columns.len() - usize::from(self.refines_camera)
    }

    /// Checks a problem and puts it in order.
    pub(super) fn rebuild(&mut self, problem: &Problem) -> Result<(), BundleRefusal> {
        check_numbers(problem)?;
        self.refines_camera = matches!(problem.intrinsics, Intrinsics::Refine { .. });
        self.number_views(problem)?;
        self.check_gauge(problem)?;
        self.sort(problem);
        self.find_slots();
        Ok(())
    }

    fn number_views(&mut self, problem: &Problem) -> Result<(), BundleRefusal> {
        self.view_blocks.clear();
        let mut free = 0;
        for view in &problem.views {
            self.view_blocks.push(if view.fixed { NONE } else { free });
            free += u32::from(!view.fixed);
        }
        let free = free as usize;
        if free > MAX_FREE_VIEWS {
            return Err(BundleRefusal::TooManyViews {
                free,
                limit: MAX_FREE_VIEWS,
            });
        }
        let moves = free > 0 || self.refines_camera || problem.points.iter().any(|p| !p.fixed);
        if !moves {
            return Err(BundleRefusal::NothingFree);
        }
        self.first_columns.clear();
        self.first_columns.extend(0..free as u32);
        if self.refines_camera {
            self.first_columns.push(0);
        }
        Ok(())
    }

    fn check_gauge(&mut self, problem: &Problem) -> Result<(), BundleRefusal> {
        let mut anchors = (0..problem.views.len()).filter(|&view| problem.views[view].fixed);
        let anchor = anchors.next();
        let fixed_points = problem.points.iter().filter(|point| point.fixed).count();
        let has_prior =
            (problem.pose_priors.iter()).any(|prior| self.view_blocks[prior.view as usize] != NONE);
        if anchor.is_none() && fixed_points < 3 && !has_prior {
            return Err(BundleRefusal::FreeGauge);
        }
        let alone = anchors.next().is_none() && fixed_points == 0 && !has_prior;
        self.only_anchor = anchor.filter(|_| alone);
        Ok(())
    }

    /// Sorts by point (counting), then by block of the view.
    fn sort(&mut self, problem: &Problem) {
        self.points.clear();
        self.points
            .extend(problem.points.iter().map(|point| PointRange {
                fixed: point.fixed,
                ..PointRange::default()
            }));
        for observation in &problem.observations {
            self.points[observation.point as usize].sightings[1] += 1;
        }
        self.cursor.clear();
        let mut end = 0;
        for point in &mut self.points {
            let count = point.sightings[1];
            self.cursor.push(end);
            point.sightings = [end, end + count];
            end += count;
        }
        let nowhere = Sighting {
            measurement: Measurement {
                position_px: [0.0; 2],
                inverse_sigma: 0.0,
            },
            view: 0,
            slot: NONE,
            source: 0,
        };
        self.sightings.clear();
        self.sightings.resize(problem.observations.len(), nowhere);
        for (source, observation) in problem.observations.iter().enumerate() {
            let place = &mut self.cursor[observation.point as usize];
            self.sightings[*place as usize] = Sighting {
                measurement: Measurement {
                    position_px: observation.position_px,
                    inverse_sigma: 1.0 / observation.sigma_px,
                },
                view: observation.view,
                slot: NONE,
                source: source as u32,
            };
            *place += 1;
        }
        for point in &self.points {
            let [from, to] = point.sightings.map(|index| index as usize);
            self.sightings[from..to].sort_unstable_by_key(|sighting| {
                (
                    self.view_blocks[sighting.view as usize],
                    sighting.view,
                    sighting.source,
                )
            });
        }
    }

    fn find_slots(&mut self) {
        self.slot_blocks.clear();
        let camera_block = self.free_views() as u32;
        for point in &mut self.points {
            let begin = self.slot_blocks.len();
            let [from, to] = point.sightings.map(|index| index as usize);
            if !point.fixed && from < to {
                for sighting in &mut self.sightings[from..to] {
                    let block = self.view_blocks[sighting.view as usize];
                    if block == NONE {
                        continue;
                    }
                    if self.slot_blocks[begin..].last() != Some(&block) {
                        self.slot_blocks.push(block);
                    }
                    sighting.slot = self.slot_blocks.len() as u32 - 1;
                }
                if self.refines_camera {
                    self.slot_blocks.push(camera_block);
                }
                let blocks = &self.slot_blocks[begin..];
                if let Some(&lowest) = blocks.first() {
                    for &block in blocks {
                        let first = &mut self.first_columns[block as usize];
                        *first = lowest.min(*first);
                    }
                }
            }
            point.slots = [begin as u32, self.slot_blocks.len() as u32];
        }
    }
}

/// Lengths beyond that are mistakes, and their products would leave the range of numbers.
const LARGEST: f64 = 1e15;
/// What is known better than that is not to be refined.
const SMALLEST_SIGMA: f64 = 1e-15;

fn check_numbers(problem: &Problem) -> Result<(), BundleRefusal> {
    let bad = |what, index| Err(BundleRefusal::BadNumber { what, index });
    if problem.observations.is_empty() {
        return Err(BundleRefusal::NoObservations);
    }
    for (index, camera) in problem.cameras.iter().enumerate() {
        if camera.check().is_err() {
            return bad("camera", index);
        }
    }
    for (index, view) in problem.views.iter().enumerate() {
        if view.camera as usize >= problem.cameras.len() {
            return bad_index("view", index, "a camera");
        }
        if !is_pose(&view.camera_from_world) {
            return bad("view", index);
        }
    }
    for (index, point) in problem.points.iter().enumerate() {
        if !are_usable(&point.point_in_world) {
            return bad("point", index);
        }
    }
    for (index, observation) in problem.observations.iter().enumerate() {
        if observation.view as usize >= problem.views.len() {
            return bad_index("observation", index, "a view");
        }
        if observation.point as usize >= problem.points.len() {
            return bad_index("observation", index, "a point");
        }
        let inverse_sigma = 1.0 / observation.sigma_px;
        let usable = observation.sigma_px > 0.0 && inverse_sigma > 0.0 && inverse_sigma.is_finite();
        if !usable || !observation.position_px.iter().all(|p| p.is_finite()) {
            return bad("observation", index);
        }
    }
    for (index, prior) in problem.pose_priors.iter().enumerate() {
        if prior.view as usize >= problem.views.len() {
            return bad_index("pose prior", index, "a view");
        }
        if !is_pose(&prior.camera_from_world)
            || !prior
                .information
                .iter()
                .all(|entry| entry.abs() < LARGEST * LARGEST)
        {
            return bad("pose prior", index);
        }
    }
    if let Intrinsics::Refine {
        log_focal_sigma,
        k1_sigma,
        prior_camera,
    } = problem.intrinsics
    {
        if problem.cameras.len() != 1 {
            return Err(BundleRefusal::ManyCameras {
                cameras: problem.cameras.len(),
            });
        }
        let usable = log_focal_sigma > SMALLEST_SIGMA && k1_sigma > SMALLEST_SIGMA;
        if !usable || prior_camera.check().is_err() {
            return bad("prior camera", 0);
        }
    }
    Ok(())
}

fn bad_index<T>(
    what: &'static str,
    index: usize,
    refers_to: &'static str,
) -> Result<T, BundleRefusal> {
    Err(BundleRefusal::BadIndex {
        what,
        index,
        refers_to,
    })
}

fn is_pose(pose: &nalgebra::Isometry3<f64>) -> bool {
    let rotation = pose.rotation.coords;
    let unit = (rotation.norm() - 1.0).abs() < 1e-3;
    unit && are_usable(&pose.translation.vector)
}

fn are_usable(lengths: &nalgebra::Vector3<f64>) -> bool {
    lengths.iter().all(|length| length.abs() < LARGEST)
}

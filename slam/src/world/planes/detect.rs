//! New planes among the points that are on none.
//!
//! Local RANSAC: triples of points near one another propose a plane, their neighbourhood votes (MSAC, Torr and Zisserman
//! 2000), the best proposals grow over connected points while they are fitted again, and what has grown must pass as a
//! surface: thin against its breadth, clearer than what is around it, and opaque.

use nalgebra::{Vector2, Vector3};

use super::fit::{Fit, Flat, fit};
use super::opaque::{Around, seen_through};
use super::polygon;
use super::random::Random;
use super::sample::{Sample, Search};
use super::surface::{Surface, TAKE_DEVIATIONS, any_across, frame, link, within};
use crate::world::kd_tree::KdTree;

/// The most points that a search looks at; the rest joins by growth.
const MAX_SEARCHED: usize = 3_000;

/// Proposals of which the best are grown.
const PROPOSALS: usize = 12;

/// How many are grown: a plane that cuts through clutter may look as good as a surface where it is proposed, but it
/// does not go on.
const GROWN: usize = 3;

/// Triples tried for a proposal.
const TRIPLES: usize = 12;

/// Sizes of neighbourhoods.
const NEIGHBOURS: [usize; 4] = [12, 24, 48, 96];

/// The least sure normal of a new plane, radians.
pub(crate) const MAX_SIGMA_NORMAL_RAD: f64 = 0.05;

/// Of points seen through a new plane, to its own, where that is not made up for.
pub(crate) const MAX_SEEN_THROUGH: f64 = 0.3;

/// Finds new planes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Detector {
    tree: KdTree,
    /// Samples in the tree.
    searched: Vec<usize>,
    neighbours: Vec<(f64, u32)>,
    grown: Vec<usize>,
    best: Vec<usize>,
    feet: Vec<(Vector2<f64>, usize)>,
    hull_points: Vec<Vector2<f64>>,
    hull: Vec<Vector2<f64>>,
    flood: Flood,
}

/// A plane that passed, with its samples.
#[derive(Debug, Clone)]
pub(crate) struct Found<'a> {
    pub(crate) fit: Fit,
    /// The share of points that are seen through it, to its own.
    pub(crate) seen_through: f64,
    pub(crate) indices: &'a [usize],
}

struct Proposal {
    flat: Flat,
    seed: usize,
    radius: f64,
    score: f64,
}

impl Detector {
    /// Takes the free points of this update; answers how many residuals that was worth.
    pub(crate) fn prepare(&mut self, search: &Search<'_>, random: &mut Random) -> u64 {
        self.searched.clear();
        let free = search.free.iter().filter(|free| **free).count();
        let step = free.div_ceil(MAX_SEARCHED).max(1);
        let skip = random.below(step);
        self.searched.extend(
            (0..search.samples.len())
                .filter(|&index| search.free[index])
                .skip(skip)
                .step_by(step),
        );
        let points = self.searched.iter();
        self.tree.rebuild(
            points
                .clone()
                .map(|&index| (index as u32, search.samples[index].point)),
        );
        2 * self.searched.len() as u64
    }

    /// Looks once; adds the residuals it took to `spent`.
    pub(crate) fn find(
        &mut self,
        search: &Search<'_>,
        random: &mut Random,
        spent: &mut u64,
    ) -> Option<Found<'_>> {
        if self.searched.len() < search.min_points {
            return None;
        }
        let mut proposals: Vec<Proposal> = Vec::with_capacity(PROPOSALS);
        for _ in 0..PROPOSALS {
            let seed = self.searched[random.below(self.searched.len())];
            *spent += 50;
            if search.free[seed] {
                proposals.extend(self.propose(search, seed, random, spent));
            }
        }
        proposals.sort_by(|a, b| b.score.total_cmp(&a.score));
        let mut best: Option<(Fit, f64)> = None;
        self.best.clear();
        for proposal in proposals.iter().take(GROWN) {
            let Some(fit) = self.grow(search, proposal, spent) else {
                continue;
            };
            if self.grown.len() > self.best.len()
                && let Some(seen_through) = self.passes(search, &fit, spent)
            {
                std::mem::swap(&mut self.best, &mut self.grown);
                best = Some((fit, seen_through));
            }
        }
        best.map(|(fit, seen_through)| Found {
            fit,
            seen_through,
            indices: &self.best,
        })
    }

    fn propose(
        &mut self,
        search: &Search<'_>,
        seed: usize,
        random: &mut Random,
        spent: &mut u64,
    ) -> Option<Proposal> {
        let count = NEIGHBOURS[random.below(NEIGHBOURS.len())];
        let origin = &search.samples[seed];
        self.tree
            .nearest(&origin.point, count, &mut self.neighbours);
        self.neighbours
            .retain(|(_, index)| search.free[*index as usize]);
        *spent += 2 * count as u64;
        if 2 * self.neighbours.len() < search.min_points {
            return None;
        }
        let radius = self.neighbours.last()?.0.sqrt();
        let mut best: Option<(f64, Flat)> = None;
        for trial in 0..TRIPLES {
            let [b, c] = std::array::from_fn(|_| {
                let (_, index) = self.neighbours[random.below(self.neighbours.len())];
                &search.samples[index as usize]
            });
            // Every third one uses a direction that is known, which needs fewer points: rooms are mostly built at
            // right angles.
            let flat = match (search.directions, trial % 3) {
                ([_, ..], 0) => {
                    let direction = search.directions[random.below(search.directions.len())];
                    aligned(&direction, origin, b, trial / 3)
                }
                _ => Flat::through_three(origin, b, c).filter(|flat| {
                    // Points that are as close as they are unsure say nothing about a normal.
                    let (u, v) = (b.point - origin.point, c.point - origin.point);
                    let longest = u.norm().max(v.norm()).max((u - v).norm());
                    let altitude = u.cross(&v).norm() / longest;
                    let variance = origin.variance_along(&flat.normal);
                    altitude * altitude > 9.0 * search.noise * search.noise * variance
                }),
            };
            let Some(flat) = flat.filter(|flat| origin.faces(&flat.normal)) else {
                continue;
            };
            *spent += self.neighbours.len() as u64;
            let score = self
                .neighbours
                .iter()
                .map(|(_, index)| &search.samples[*index as usize])
                .filter(|sample| sample.faces(&flat.normal))
                .map(|sample| {
                    let r = flat.deviations(sample) / (TAKE_DEVIATIONS * search.noise);
                    (1.0 - r * r).max(0.0)
                })
                .sum();
            if best.is_none_or(|best| score > best.0) {
                best = Some((score, flat));
            }
        }
        let (score, flat) = best?;
        let share = score / self.neighbours.len() as f64;
        (share > 0.25 && score > 5.0).then_some(Proposal {
            flat,
            seed,
            radius,
            score: score * share,
        })
    }

    /// Takes in connected points, ever farther away, and fits again.
    fn grow(&mut self, search: &Search<'_>, proposal: &Proposal, spent: &mut u64) -> Option<Fit> {
        let seed = &search.samples[proposal.seed];
        let mut flat = proposal.flat;
        let mut result: Option<Fit> = None;
        let mut radius = proposal.radius;
        let mut count_before = 0;
        for _ in 0..8 {
            let around = frame(&seed.point, &flat.normal, &any_across(&flat.normal));
            self.feet.clear();
            *spent += self.searched.len() as u64 / 4;
            let reach = 1.5 * radius * radius;
            for &index in &self.searched {
                let sample = &search.samples[index];
                if search.free[index]
                    && (sample.point - seed.point).norm_squared() <= reach
                    && flat.holds(sample, TAKE_DEVIATIONS * search.noise)
                    && sample.faces(&flat.normal)
                {
                    let foot = within(&around, &sample.point);
                    if foot.norm_squared() <= radius * radius {
                        self.feet.push((foot, index));
                    }
                }
            }
            self.hull_points.clear();
            self.hull_points
                .extend(self.feet.iter().map(|(foot, _)| foot));
            polygon::convex_hull(&mut self.hull_points, &mut self.hull);
            let bridged = link(polygon::area(&self.hull), self.feet.len(), seed.depth);
            self.grown.clear();
            self.flood.connect(&self.feet, bridged, &mut self.grown);
            if self.grown.len() < search.min_points / 2 {
                return None;
            }
            *spent += 4 * self.grown.len() as u64;
            let samples = self.grown.iter().map(|&index| &search.samples[index]);
            let fitted = fit(samples, Some(flat), 3)?;
            flat = fitted.flat;
            result = Some(fitted);
            let reached = self.grown.len() == count_before && radius > 4.0 * proposal.radius;
            count_before = self.grown.len();
            radius *= 2.0;
            if reached {
                break;
            }
        }
        result
    }

    /// The share of points that are seen through what has grown, if it is a surface.
    fn passes(&mut self, search: &Search<'_>, fit: &Fit, spent: &mut u64) -> Option<f64> {
        if self.grown.len() < search.min_points
            || fit.sigma_normal_rad > MAX_SIGMA_NORMAL_RAD
            || fit.breadth < 3.0 * fit.rms
        {
            return None;
        }
        let around = frame(&fit.middle, &fit.flat.normal, &any_across(&fit.flat.normal));
        self.hull_points.clear();
        self.hull_points.extend(
            self.grown
                .iter()
                .map(|&index| within(&around, &search.samples[index].point)),
        );
        polygon::convex_hull(&mut self.hull_points, &mut self.hull);
        let contains = |point: &Vector3<f64>| {
            polygon::distance_outside(&self.hull, &within(&around, point)) <= 0.0
        };
        *spent += 2 * search.samples.len() as u64;
        let searched = self.searched.iter().copied();
        let free = searched.filter(|&index| search.free[index]);
        let around = Around::of(&fit.flat, search, free, contains);
        // Clutter fills the bands alike, and things may stand on a surface but not under it.
        if around.on <= 2.0 * around.behind || around.on <= 0.5 * around.before {
            return None;
        }
        let through = seen_through(&fit.flat, search, contains);
        let share = around.not_made_up_for(through / self.grown.len() as f64);
        (share <= MAX_SEEN_THROUGH).then_some(share)
    }
}

/// A plane through `a` across a direction, or along it through `b` too.
fn aligned(up: &Vector3<f64>, a: &Sample, b: &Sample, trial: usize) -> Option<Flat> {
    let normal = match trial % 2 {
        0 => *up,
        _ => up.cross(&(b.point - a.point)).try_normalize(1e-12)?,
    };
    let normal = if a.toward_cameras.dot(&normal) < 0.0 {
        -normal
    } else {
        normal
    };
    Some(Flat::through(&a.point, normal))
}

/// Whether a found plane only is the fringe of one that is known: nearly parallel, hardly off it, mostly over it.
pub(crate) fn is_fringe(found: &Found<'_>, known: &Surface, search: &Search<'_>) -> bool {
    let flat = known.fit.flat;
    if flat.normal.dot(&found.fit.flat.normal) < 0.94 {
        return false;
    }
    let near = found
        .indices
        .iter()
        .map(|&index| &search.samples[index])
        .filter(|sample| {
            flat.holds(sample, 5.0 * search.noise) && known.outside(&sample.point) < known.link
        })
        .count();
    2 * near > found.indices.len()
}

/// Points connected with the first over gaps shorter than a length, found over a grid of cells.
#[derive(Debug, Clone, Default)]
struct Flood {
    /// `(cell, point)`, sorted.
    cells: Vec<([i32; 2], u32)>,
    taken: Vec<bool>,
    queue: Vec<[i32; 2]>,
}

impl Flood {
    /// The first point is the one nearest to the origin.
    fn connect(&mut self, feet: &[(Vector2<f64>, usize)], link: f64, connected: &mut Vec<usize>) {
        if !(link > 0.0 && link.is_finite()) {
            return;
        }
        let cell_of = |foot: &Vector2<f64>| {
            let cell = foot.map(|x| (x / (0.7 * link)).floor() as i32);
            [cell.x, cell.y]
        };
        self.cells.clear();
        self.cells
            .extend((0..).zip(feet).map(|(k, (foot, _))| (cell_of(foot), k)));
        self.cells.sort_unstable();
        self.taken.clear();
        self.taken.resize(feet.len(), false);
        self.queue.clear();
        let nearest = feet
            .iter()
            .min_by(|a, b| a.0.norm_squared().total_cmp(&b.0.norm_squared()));
        self.queue.extend(nearest.map(|(foot, _)| cell_of(foot)));
        while let Some([x, y]) = self.queue.pop() {
            for (dx, dy) in (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (dx, dy))) {
                let cell = [x.saturating_add(dx), y.saturating_add(dy)];
                let start = self.cells.partition_point(|other| other.0 < cell);
                let mut is_new = false;
                for (_, k) in self.cells[start..].iter().take_while(|o| o.0 == cell) {
                    let k = *k as usize;
                    if !self.taken[k] {
                        self.taken[k] = true;
                        is_new = true;
                        connected.push(feet[k].1);
                    }
                }
                if is_new {
                    self.queue.push(cell);
                }
            }
        }
    }
}

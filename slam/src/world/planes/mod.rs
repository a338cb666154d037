//! Planes of the scene from its sparse points.
//!
//! In: landmarks with covariances, again and again while the map grows and is corrected. Out: planes that keep their
//! identity while they are the same surface. A plane *is* its landmarks: when they move, by noise or with the whole map,
//! it is fitted to them again ([`surface`]); free points join it; points on none are searched for new planes
//! ([`detect`]); planes that turn out to be one are merged into the older ([`merge`]); one that has lost its points, or
//! that too much is seen through, goes. A plane that breaks in two keeps the part with more points, and the rest is found
//! anew.
//!
//! It needs points, and there are none where there is no texture: a bare table top is not found. Outlines are convex and
//! end at the last points.
//!
//! All lengths are measured in standard deviations of the points, shares of the depth they are seen at, or their spacing.
//! Covariances that are too large or small by a factor are evened out by the planes' own residuals.

mod detect;
mod fit;
mod merge;
mod opaque;
mod polygon;
mod random;
mod sample;
mod surface;

use nalgebra::{Isometry3, Vector2, Vector3};

use super::WorldPoint;
use crate::map::{KeyframeId, LandmarkId};

use detect::{Detector, MAX_SIGMA_NORMAL_RAD, is_fringe};
use fit::Fit;
use merge::{Bridge, absorbing, common_fit, touches, weaker_of_two};
use opaque::{Around, seen_through};
use random::Random;
use sample::{Sample, Search, samples_of};
use surface::{Surface, TAKE_DEVIATIONS, within};
pub(crate) use surface::{any_across, frame};

/// A plane is given up after looking wrong in so many updates in a row.
const MAX_STRIKES: u32 = 3;

/// A known plane looks wrong when so many points are seen through it, to its own, where that is not made up for.
const MAX_SEEN_THROUGH: f64 = 0.4;

/// Planes looked through in an update.
const LOOKED_THROUGH: usize = 4;

/// Of points seen through where two planes would become one, to those of both.
const MAX_BRIDGE_SEEN_THROUGH: f64 = 0.03;

/// Normals of so many planes propose others.
const DIRECTIONS: usize = 4;

/// Searches in a row that find nothing, after which an update rests.
const MAX_FAILURES: u32 = 24;

/// The same while it is the same surface, never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlaneId(pub u32);

/// How a plane lies to gravity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaneKind {
    /// Gravity is not known.
    Unknown,
    /// Floors and table tops.
    HorizontalUp,
    /// Ceilings.
    HorizontalDown,
    /// Walls.
    Vertical,
    /// None of these.
    Other,
}

/// A flat part of the scene.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    /// Who it is.
    pub id: PlaneId,
    /// Maps the plane's frame into the world: its origin in the middle of the polygon, +Y along the normal, X and Z
    /// within the plane, as WebXR has it.
    pub world_from_plane: Isometry3<f64>,
    /// The plane's +Y in the world: of length 1, towards the side that the cameras saw.
    pub normal: Vector3<f64>,
    /// How it lies to gravity.
    pub kind: PlaneKind,
    /// Its convex outline: corners `(x, z)` in the plane's frame, map units, in the order that is counterclockwise for
    /// who looks at the plane from the side of its normal.
    pub polygon: Vec<Vector2<f64>>,
    /// Of the polygon, squared map units.
    pub area: f64,
    /// Root of the mean squared distance of its points, map units.
    pub rms: f64,
    /// Standard deviation of the normal in the direction in which it is least sure, radians.
    pub sigma_normal_rad: f64,
    /// Standard deviation along the normal of the plane at the middle of its points, map units.
    pub sigma_offset: f64,
    /// The landmarks on it, sorted; no landmark is on two planes.
    pub points: Vec<LandmarkId>,
    /// The chance that there is such a surface, in `0.0..=1.0`.
    pub confidence: f64,
}

impl Plane {
    /// How far beside the polygon the foot of a point of the world is, map units; negative inside of it.
    #[must_use]
    pub fn distance_outside(&self, point_in_world: &Vector3<f64>) -> f64 {
        polygon::distance_outside(
            &self.polygon,
            &within(&self.world_from_plane, point_in_world),
        )
    }

    /// The mean distance between its points, map units: how far it may reach beyond its polygon.
    #[must_use]
    pub fn spacing(&self) -> f64 {
        (self.area / self.points.len().max(1) as f64).sqrt()
    }

    fn unset() -> Self {
        Self {
            id: PlaneId(0),
            world_from_plane: Isometry3::identity(),
            normal: Vector3::y(),
            kind: PlaneKind::Unknown,
            polygon: Vec::new(),
            area: 0.0,
            rms: 0.0,
            sigma_normal_rad: 0.0,
            sigma_offset: 0.0,
            points: Vec::new(),
            confidence: 0.0,
        }
    }
}

/// The settings of the search for planes.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaneFinderConfig {
    /// Of all random choices.
    pub seed: u64,
    /// The fewest points of a plane.
    pub min_points: usize,
    /// The most planes kept.
    pub max_planes: usize,
}

impl Default for PlaneFinderConfig {
    fn default() -> Self {
        Self {
            seed: 0,
            min_points: 12,
            max_planes: 64,
        }
    }
}

/// Finds planes and follows them.
#[derive(Debug, Clone)]
pub struct PlaneFinder {
    config: PlaneFinderConfig,
    random: Random,
    next_id: u32,
    /// What a standard deviation of the points is worth, from the planes' residuals.
    noise: f64,
    surfaces: Vec<Surface>,
    /// What is public of the surfaces, in their order.
    planes: Vec<Plane>,
    samples: Vec<Sample>,
    /// Whether a sample is on no plane.
    free: Vec<bool>,
    detector: Detector,
    /// Where the growth goes on in the next update, and which plane is looked through next.
    next_grown: usize,
    next_looked_through: usize,
    deviations: Vec<f64>,
}

impl PlaneFinder {
    /// One that has found nothing.
    #[must_use]
    pub fn new(config: PlaneFinderConfig) -> Self {
        Self {
            random: Random::new(config.seed),
            config,
            next_id: 0,
            noise: 1.0,
            surfaces: Vec::new(),
            planes: Vec::new(),
            samples: Vec::new(),
            free: Vec::new(),
            detector: Detector::default(),
            next_grown: 0,
            next_looked_through: 0,
            deviations: Vec::new(),
        }
    }

    /// Follows the known planes, whatever that takes, and grows and looks for planes as far as `work_units` go (about a
    /// thousand residuals each); answers the units of work done.
    pub fn update(
        &mut self,
        points: &[WorldPoint],
        keyframes: &[(KeyframeId, Isometry3<f64>)],
        down_in_world: Option<Vector3<f64>>,
        work_units: u32,
    ) -> u32 {
        let budget = 1_000 * u64::from(work_units);
        samples_of(points, keyframes, &mut self.samples);
        let mut spent = self.samples.len() as u64;
        self.follow(&mut spent);
        self.grow(budget / 4, &mut spent);
        self.merge(&mut spent);
        self.look_through(&mut spent);
        let up = down_in_world
            .and_then(|down| down.try_normalize(1e-9))
            .map(|down| -down);
        self.detect(up, budget, &mut spent);
        self.retire();
        self.publish(down_in_world);
        u32::try_from(spent.div_ceil(1_000)).unwrap_or(u32::MAX)
    }

    /// Moves the known planes with their points; answers the units of work.
    pub(crate) fn follow_map(
        &mut self,
        points: &[WorldPoint],
        keyframes: &[(KeyframeId, Isometry3<f64>)],
        down_in_world: Option<Vector3<f64>>,
    ) -> u32 {
        samples_of(points, keyframes, &mut self.samples);
        let mut spent = self.samples.len() as u64;
        self.follow(&mut spent);
        self.publish(down_in_world);
        u32::try_from(spent.div_ceil(1_000)).unwrap_or(u32::MAX)
    }

    /// The planes known now, the oldest first.
    #[must_use]
    pub fn planes(&self) -> &[Plane] {
        &self.planes
    }

    /// Forgets all planes; their identities are not used again.
    pub fn restart(&mut self) {
        self.surfaces.clear();
        self.planes.clear();
        self.noise = 1.0;
    }

    fn follow(&mut self, spent: &mut u64) {
        let Self {
            surfaces,
            samples,
            random,
            noise,
            ..
        } = self;
        surfaces.retain_mut(|surface| {
            surface.find_members(samples);
            *spent += 6 * surface.members.len() as u64;
            surface.follow(samples, *noise, random)
        });
        self.straighten(spent);
        self.free.clear();
        self.free.resize(self.samples.len(), true);
        for member in self.surfaces.iter().flat_map(|surface| &surface.members) {
            self.free[member.index] = false;
        }
        for surface in &mut self.surfaces {
            surface.shape(&self.samples);
        }
        self.measure_noise();
    }

    /// Lays small planes across the directions of much larger ones: rooms are mostly built at right angles, and the few
    /// points of a wall behind furniture say little about its normal.
    fn straighten(&mut self, spent: &mut u64) {
        let of = |surface: &Surface| (surface.members.len(), surface.fit.flat.normal);
        let mut directions: Vec<_> = self.surfaces.iter().map(of).collect();
        directions.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        directions.truncate(DIRECTIONS);
        for surface in &mut self.surfaces {
            let count = surface.members.len();
            // Across the largest that it agrees with.
            let larger = directions.iter().filter(|(larger, _)| *larger > 2 * count);
            for (_, direction) in larger {
                if surface.straighten(direction, &self.samples, self.noise, spent) {
                    break;
                }
            }
        }
    }

    /// How large the residuals are against what the covariances say: the median, slowly followed.
    fn measure_noise(&mut self) {
        self.deviations.clear();
        for surface in &self.surfaces {
            let members = surface.members.iter().map(|m| &self.samples[m.index]);
            let flat = surface.fit.flat;
            self.deviations
                .extend(members.map(|sample| flat.deviations(sample).abs()));
        }
        let count = self.deviations.len();
        if count < 50 {
            return;
        }
        let (_, median, _) = self
            .deviations
            .select_nth_unstable_by(count / 2, f64::total_cmp);
        // 1.4826 medians are a standard deviation of a normal distribution.
        let measured = (1.4826 * *median).clamp(0.5, 3.0);
        self.noise += 0.2 * (measured - self.noise);
    }

    /// Free points join the plane that they are on.
    fn grow(&mut self, allowance: u64, spent: &mut u64) {
        let count = self.samples.len();
        let mut changed = vec![false; self.surfaces.len()];
        let end = *spent + allowance;
        for _ in 0..count {
            if *spent >= end || self.surfaces.is_empty() {
                break;
            }
            self.next_grown = (self.next_grown + 1) % count;
            let sample = &self.samples[self.next_grown];
            if !self.free[self.next_grown] {
                continue;
            }
            *spent += self.surfaces.len() as u64 / 4 + 1;
            let nearest = self
                .surfaces
                .iter()
                .enumerate()
                .filter(|(_, surface)| {
                    let flat = &surface.fit.flat;
                    flat.holds(sample, TAKE_DEVIATIONS * self.noise)
                        && sample.faces(&flat.normal)
                        && surface.outside(&sample.point) < surface.link
                })
                .map(|(k, surface)| (surface.fit.flat.deviations(sample).abs(), k))
                .min_by(|a, b| a.0.total_cmp(&b.0));
            if let Some((_, k)) = nearest {
                self.surfaces[k].take(self.next_grown, &self.samples);
                self.free[self.next_grown] = false;
                changed[k] = true;
            }
        }
        for (surface, _) in self.surfaces.iter_mut().zip(changed).filter(|(_, c)| *c) {
            surface.sort();
            *spent += 4 * surface.members.len() as u64;
            surface.shape(&self.samples);
        }
    }

    /// Merges into the older of two, which is the earlier.
    fn merge(&mut self, spent: &mut u64) {
        let mut a = 0;
        while a < self.surfaces.len() {
            let mut b = a + 1;
            while b < self.surfaces.len() {
                *spent += 1;
                let Some(fitted) = self.joined(a, b, spent) else {
                    if let Some(first_goes) =
                        weaker_of_two(&self.surfaces[a], &self.surfaces[b], &self.samples)
                    {
                        self.give_up(if first_goes { a } else { b });
                        b = a + 1;
                        continue;
                    }
                    b += 1;
                    continue;
                };
                let taken = self.surfaces.remove(b);
                let surface = &mut self.surfaces[a];
                surface.fit = fitted;
                for member in &taken.members {
                    surface.take(member.index, &self.samples);
                }
                for index in surface.let_go(&self.samples, self.noise) {
                    self.free[index] = true;
                }
                surface.sort();
                surface.shape(&self.samples);
            }
            a += 1;
        }
    }

    /// Forgets a plane; its points are free.
    fn give_up(&mut self, index: usize) {
        for member in self.surfaces.remove(index).members {
            self.free[member.index] = true;
        }
    }

    /// The plane of two surfaces if they are one.
    fn joined(&self, a: usize, b: usize, spent: &mut u64) -> Option<Fit> {
        let (first, second) = (&self.surfaces[a], &self.surfaces[b]);
        let Self { samples, noise, .. } = self;
        if let Some(fitted) = absorbing(first, second, samples, *noise) {
            return Some(fitted);
        }
        let fitted = common_fit(first, second, samples, *noise, spent)?;
        if touches(first, second, samples) {
            return Some(fitted);
        }
        // A wall goes on behind what stands before it; the tops of two tables are seen past between them.
        let bridge = Bridge::over(first, second, samples)?;
        *spent += samples.len() as u64;
        let through = seen_through(&fitted.flat, &self.search(&[]), |point| {
            bridge.contains(point)
        });
        let members = first.members.len() + second.members.len();
        (through <= MAX_BRIDGE_SEEN_THROUGH * members as f64).then_some(fitted)
    }

    /// Asks of some planes after others whether they are opaque.
    fn look_through(&mut self, spent: &mut u64) {
        for _ in 0..LOOKED_THROUGH.min(self.surfaces.len()) {
            self.look_through_next(spent);
        }
    }

    fn look_through_next(&mut self, spent: &mut u64) {
        self.next_looked_through = (self.next_looked_through + 1) % self.surfaces.len();
        let surface = &self.surfaces[self.next_looked_through];
        let search = self.search(&[]);
        let contains = |point: &Vector3<f64>| surface.outside(point) < 0.0;
        let flat = &surface.fit.flat;
        let count = seen_through(flat, &search, contains);
        let around = Around::of(flat, &search, 0..self.samples.len(), contains);
        *spent += 2 * self.samples.len() as u64;
        let surface = &mut self.surfaces[self.next_looked_through];
        let share = count / surface.members.len().max(1) as f64;
        surface.seen_through = around.not_made_up_for(share);
    }

    fn search<'a>(&'a self, directions: &'a [Vector3<f64>]) -> Search<'a> {
        Search {
            samples: &self.samples,
            free: &self.free,
            noise: self.noise,
            min_points: self.config.min_points.max(4),
            directions,
        }
    }

    /// Directions that surfaces probably lie across or along.
    fn directions(&self, up: Option<Vector3<f64>>) -> Vec<Vector3<f64>> {
        let mut largest: Vec<&Surface> = self.surfaces.iter().collect();
        largest.sort_by_key(|surface| std::cmp::Reverse(surface.members.len()));
        let normals = largest.iter().map(|surface| surface.fit.flat.normal);
        up.into_iter().chain(normals.take(DIRECTIONS)).collect()
    }

    fn detect(&mut self, up: Option<Vector3<f64>>, budget: u64, spent: &mut u64) {
        if *spent >= budget || self.surfaces.len() >= self.config.max_planes {
            return;
        }
        let mut detector = std::mem::take(&mut self.detector);
        let mut random = self.random.clone();
        let directions = self.directions(up);
        *spent += detector.prepare(&self.search(&directions), &mut random);
        let mut failures = 0;
        while *spent < budget
            && failures < MAX_FAILURES
            && self.surfaces.len() < self.config.max_planes
        {
            let search = self.search(&directions);
            let found = detector.find(&search, &mut random, spent).filter(|found| {
                !self
                    .surfaces
                    .iter()
                    .any(|known| is_fringe(found, known, &search))
            });
            let Some(found) = found else {
                failures += 1;
                continue;
            };
            failures = 0;
            let id = PlaneId(self.next_id);
            self.next_id += 1;
            let surface = Surface::new(
                id,
                found.fit,
                found.indices,
                found.seen_through,
                &self.samples,
            );
            for &index in found.indices {
                self.free[index] = false;
            }
            self.surfaces.push(surface);
        }
        self.detector = detector;
        self.random = random;
    }

    fn retire(&mut self) {
        let fewest = (self.config.min_points / 2).max(4);
        self.surfaces.retain_mut(|surface| {
            let wrong = surface.fit.sigma_normal_rad > 1.5 * MAX_SIGMA_NORMAL_RAD
                || surface.seen_through > MAX_SEEN_THROUGH
                || surface.outline.is_empty();
            surface.strikes = if wrong { surface.strikes + 1 } else { 0 };
            surface.strikes < MAX_STRIKES && surface.members.len() >= fewest
        });
    }

    fn publish(&mut self, down_in_world: Option<Vector3<f64>>) {
        self.planes.resize_with(self.surfaces.len(), Plane::unset);
        for (surface, plane) in self.surfaces.iter().zip(&mut self.planes) {
            surface.publish(down_in_world, self.noise, plane);
        }
    }
}

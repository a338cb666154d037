//! Planes that the tracker claims against the room's: which could be found, which were, and which are not there.
//!
//! A true plane *could be found* where a dozen corners were seen on it with parallax whose hull is over 0.5 m2: a blank
//! wall is not asked for, nor one that was only looked at in turning.
//! It *was found* where a claimed plane of half that size lies on it. A claimed plane is *false* where most of it
//! floats before what is really there.

use std::collections::BTreeMap;

use nalgebra::{Isometry3, Point3, Vector2, Vector3};
use slam::corners::{CornerConfig, CornerDetector};
use slam::evaluation::Similarity;
use slam::pyramid::Pyramid;
use slam::simulator::{RoomPlane, Simulator};
use slam::world::Plane;

use crate::clip::Clip;

/// The issue's: planes over half a square metre.
const LEAST_AREA_M2: f64 = 0.5;
/// Of a claimed plane that stands for a true one.
const LEAST_CLAIMED_M2: f64 = 0.5 * LEAST_AREA_M2;
/// A clear corner: some times what a phone's noise makes.
const LEAST_CORNER_SCORE: f32 = 30.0;
/// Corners on a plane are counted by cells of this size, and where several frames agree.
const CELL_M: f64 = 0.1;
const LEAST_FRAMES: usize = 3;
/// A corner has a depth where its rays differ by this much: what the tracker asks of two rays.
const LEAST_PARALLAX_RAD: f64 = 0.017;
/// Fewer corners fit more than one plane.
const LEAST_CORNERS: usize = 12;
/// Frames between those that are looked at.
const STRIDE: usize = 10;
/// A corner is on a plane within this distance: it comes from exact depths.
const ON_PLANE_M: f64 = 0.01;
/// A claimed plane belongs to a true one within these.
const MOST_ANGLE_RAD: f64 = 0.17;
const MOST_DISTANCE_M: f64 = 0.06;
const MARGIN_M: f64 = 0.15;
/// Relative difference of depths that says that something else is there.
const OTHER_DEPTH: f64 = 0.03;

/// A claimed plane, moved onto the truth, in metres.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Claim {
    pub(crate) normal: Vector3<f64>,
    pub(crate) area_m2: f64,
    /// Points all over it, in the world.
    pub(crate) samples: Vec<Point3<f64>>,
}

impl Claim {
    /// `truth_from_map` moves and scales the map.
    pub(crate) fn of(plane: &Plane, truth_from_map: &Similarity) -> Self {
        let sample = |corner: &Vector2<f64>, share: f64| {
            let inside = Point3::new(corner.x * share, 0.0, corner.y * share);
            let in_map = plane.world_from_plane * inside;
            truth_from_map.isometry * Point3::from(in_map.coords * truth_from_map.scale)
        };
        // The polygon is convex and its frame's origin in its middle; halfway between corners as well.
        let corners = plane
            .polygon
            .iter()
            .zip(plane.polygon.iter().cycle().skip(1));
        let samples = corners
            .flat_map(|(a, b)| [*a, (a + b) * 0.5])
            .flat_map(|corner| [0.15, 0.35, 0.55, 0.75, 0.95].map(|share| sample(&corner, share)))
            .collect();
        Self {
            normal: truth_from_map.isometry.rotation * plane.normal,
            area_m2: plane.area * truth_from_map.scale.powi(2),
            samples,
        }
    }

    /// The angle to a true plane that it lies on; none where it does not.
    pub(crate) fn angle_on(&self, truth: &RoomPlane) -> Option<f64> {
        let normal = truth.world_from_plane.rotation * Vector3::z();
        let angle = self.normal.angle(&normal);
        let angle = angle.min(std::f64::consts::PI - angle);
        let on = |point: &&Point3<f64>| {
            let local = truth.world_from_plane.inverse_transform_point(point);
            local.z.abs() < MOST_DISTANCE_M
                && local.x.abs() < truth.half_size_m[0] + MARGIN_M
                && local.y.abs() < truth.half_size_m[1] + MARGIN_M
        };
        let share =
            self.samples.iter().filter(on).count() as f64 / self.samples.len().max(1) as f64;
        (angle < MOST_ANGLE_RAD && share > 0.5 && self.area_m2 > LEAST_CLAIMED_M2).then_some(angle)
    }

    /// Whether most of it floats before what is really there, in the frames that look at it.
    pub(crate) fn is_false(&self, simulator: &Simulator) -> bool {
        let camera = simulator.camera();
        let (mut on, mut floating) = (0, 0);
        for point in &self.samples {
            let (mut agree, mut differ) = (0, 0);
            for frame in (0..simulator.frame_count()).step_by(3 * STRIDE) {
                let seen = simulator.world_from_camera(frame).inverse() * point;
                let there = camera
                    .project(&seen.coords)
                    .and_then(|pixel| simulator.depth_at(frame, pixel));
                match there.map(|depth| seen.z / depth) {
                    Some(ratio) if ratio < 1.0 - OTHER_DEPTH => differ += 1,
                    Some(ratio) if ratio < 1.0 + OTHER_DEPTH => agree += 1,
                    // Hidden, or not in the picture: nothing is known.
                    _ => {}
                }
            }
            on += usize::from(agree >= differ && agree > 0);
            floating += usize::from(differ > agree);
        }
        floating > on
    }
}

/// What came of all planes of a room.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Findings {
    /// Names of the planes that could be found and were not.
    pub(crate) missed: Vec<&'static str>,
    /// The angle between each that was found and the largest claim on it.
    pub(crate) angles_rad: Vec<f64>,
    /// Claims over 0.5 m2 that are not there.
    pub(crate) false_claims: usize,
}

/// Compares claims with the planes that could be found.
pub(crate) fn compare(claims: &[Claim], findable: &[RoomPlane], simulator: &Simulator) -> Findings {
    let mut findings = Findings::default();
    for truth in findable {
        let largest = claims
            .iter()
            .filter_map(|claim| Some((claim.area_m2, claim.angle_on(truth)?)))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        match largest {
            Some((_, angle)) => findings.angles_rad.push(angle),
            None => findings.missed.push(truth.name),
        }
    }
    let large = claims.iter().filter(|claim| claim.area_m2 > LEAST_AREA_M2);
    findings.false_claims = large.filter(|claim| claim.is_false(simulator)).count();
    findings
}

/// The room's planes on which corners were seen over more than 0.5 m2.
pub(crate) fn findable(simulator: &Simulator, clip: &Clip) -> anyhow::Result<Vec<RoomPlane>> {
    let mut detector = CornerDetector::new(CornerConfig {
        min_score: LEAST_CORNER_SCORE,
        ..CornerConfig::default()
    })?;
    let mut corners = Vec::new();
    let mut seen: Vec<BTreeMap<[i32; 2], Seen>> = vec![BTreeMap::new(); simulator.planes().len()];
    for frame in (0..clip.len()).step_by(STRIDE) {
        corners.clear();
        detector.detect(
            &Pyramid::of(&clip.image(frame)?, 1)?,
            [],
            2_000,
            &mut corners,
        );
        let world_from_camera = simulator.world_from_camera(frame);
        let points: Vec<Point3<f64>> = corners
            .iter()
            .filter_map(|corner| {
                let pixel = corner.position_px.map(f64::from);
                let depth = simulator.depth_at(frame, pixel)?;
                Some(world_from_camera * Point3::from(simulator.camera().ray(pixel) * depth))
            })
            .collect();
        for (plane, cells) in simulator.planes().iter().zip(&mut seen) {
            let mut now: Vec<_> = points
                .iter()
                .filter_map(|point| Some((cell(plane, point)?, point)))
                .collect();
            now.sort_unstable_by_key(|(cell, _)| *cell);
            now.dedup_by_key(|(cell, _)| *cell);
            for (cell, point) in now {
                let ray = point.coords - world_from_camera.translation.vector;
                cells.entry(cell).or_default().see(ray);
            }
        }
    }
    let is_findable = |cells: &BTreeMap<[i32; 2], Seen>| {
        let often = cells.iter().filter(|(_, seen)| {
            seen.frames >= LEAST_FRAMES && seen.parallax_rad >= LEAST_PARALLAX_RAD
        });
        let centres: Vec<_> = often
            .map(|(cell, _)| Vector2::from(cell.map(|c| (f64::from(c) + 0.5) * CELL_M)))
            .collect();
        centres.len() >= LEAST_CORNERS && hull_area(&centres) > LEAST_AREA_M2
    };
    let planes = simulator.planes().iter().zip(&seen);
    Ok(planes
        .filter(|(_, cells)| is_findable(cells))
        .map(|(plane, _)| plane.clone())
        .collect())
}

/// How a cell of a plane was seen.
#[derive(Debug, Clone, Default)]
struct Seen {
    frames: usize,
    first: Option<Vector3<f64>>,
    /// The widest angle to the first ray.
    parallax_rad: f64,
}

impl Seen {
    fn see(&mut self, ray: Vector3<f64>) {
        self.frames += 1;
        let first = self.first.get_or_insert(ray);
        self.parallax_rad = self.parallax_rad.max(first.angle(&ray));
    }
}

/// The cell of a plane that a point of the world is on.
fn cell(plane: &RoomPlane, point: &Point3<f64>) -> Option<[i32; 2]> {
    let plane_from_world: Isometry3<f64> = plane.world_from_plane.inverse();
    let local = plane_from_world * point;
    let inside = local.z.abs() < ON_PLANE_M
        && local.x.abs() < plane.half_size_m[0]
        && local.y.abs() < plane.half_size_m[1];
    inside.then(|| [local.x, local.y].map(|c| (c / CELL_M).floor() as i32))
}

/// The area of the convex hull (Andrew's monotone chain).
pub(crate) fn hull_area(points: &[Vector2<f64>]) -> f64 {
    let mut points = points.to_vec();
    points.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    if points.len() < 3 {
        return 0.0;
    }
    let half = |points: &mut dyn Iterator<Item = &Vector2<f64>>| {
        let mut chain: Vec<Vector2<f64>> = Vec::new();
        for point in points {
            while let [.., a, b] = chain.as_slice()
                && (b - a).perp(&(point - b)) <= 0.0
            {
                chain.pop();
            }
            chain.push(*point);
        }
        chain.pop();
        chain
    };
    let mut hull = half(&mut points.iter());
    hull.extend(half(&mut points.iter().rev()));
    let next = hull.iter().cycle().skip(1);
    0.5 * hull
        .iter()
        .zip(next)
        .map(|(a, b)| a.perp(b))
        .sum::<f64>()
        .abs()
}

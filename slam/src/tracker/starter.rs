//! The start of a map: a reference frame is kept until the points followed from it tell two positions apart.
//!
//! When too few of its points are left, the reference is a later frame. Frames between the reference and the one that
//! starts the map are kept as lists of points: they become keyframes, too.

use nalgebra::{Isometry3, UnitQuaternion, Vector2};

use crate::camera::Camera;
use crate::front_end::TrackedPoint;
use crate::pyramid::Pyramid;
use crate::ransac::Rng;
use crate::two_view::{self, StartConfig, TwoViewStart};

/// Fewer points than this in common with the reference, and it is given up.
const FEWEST_PAIRS: usize = 60;

/// The points' median way from the reference, in parts of the picture's width, from which on a start is tried.
const LEAST_WAY: f32 = 0.012;

/// The same, between frames kept along the way.
const WAY_BETWEEN: f32 = 0.008;

/// How two views are put together: tracks are good to half a pixel or so, and the adjustment that follows needs less
/// parallax than two views alone.
fn start_config() -> StartConfig {
    StartConfig {
        sigma_px: 0.7,
        min_parallax_rad: 0.011,
        ..StartConfig::default()
    }
}

/// A frame kept during the start.
#[derive(Debug, Clone)]
pub(super) struct KeptFrame {
    pub(super) capture_time_nanos: i64,
    pub(super) pyramid: Pyramid,
    /// By id.
    pub(super) tracks: Vec<(u32, [f32; 2])>,
    pub(super) camera: Camera,
    pub(super) shares_camera: bool,
    /// The orientation that was known of it.
    pub(super) world_from_camera: UnitQuaternion<f64>,
}

impl KeptFrame {
    fn track(&self, id: u32) -> Option<[f32; 2]> {
        let index = self.tracks.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        Some(self.tracks[index].1)
    }

    /// The median way of the points since this frame, and how many there are still.
    fn way(&self, points: &[TrackedPoint], ways: &mut Vec<f32>) -> (f32, usize) {
        ways.clear();
        ways.extend(points.iter().filter_map(|point| {
            let from = self.track(point.id)?;
            let [x, y] = [0, 1].map(|axis| point.position_px[axis] - from[axis]);
            Some(x.hypot(y))
        }));
        ways.sort_unstable_by(f32::total_cmp);
        (ways.get(ways.len() / 2).copied().unwrap_or(0.0), ways.len())
    }
}

/// What a frame looks like to the start.
pub(super) struct Offer<'a> {
    pub(super) capture_time_nanos: i64,
    pub(super) pyramid: &'a Pyramid,
    pub(super) points: &'a [TrackedPoint],
    pub(super) camera: &'a Camera,
    /// Whether that is the shared one.
    pub(super) shares_camera: bool,
    pub(super) world_from_camera: UnitQuaternion<f64>,
}

/// The two ends of a start and the frames between.
pub(super) struct Started {
    pub(super) frames: Vec<KeptFrame>,
    /// Track ids of the pairs that the start was made from, in its order.
    pub(super) pairs: Vec<u32>,
    pub(super) start: TwoViewStart,
}

/// Waits for parallax.
#[derive(Debug, Clone, Default)]
pub(super) struct Starter {
    /// The reference first.
    kept: Vec<KeptFrame>,
    ways: Vec<f32>,
}

impl Starter {
    /// Frames kept between the reference and the current one.
    const MOST_KEPT: usize = 6;

    pub(super) fn forget(&mut self) {
        self.kept.clear();
    }

    /// Takes a frame; answers with a start as soon as there is one.
    pub(super) fn offer(&mut self, offer: &Offer<'_>, rng: &mut Rng) -> Option<Started> {
        let width = offer.camera.size_px[0] as f32;
        let Some(reference) = self.kept.first() else {
            self.keep(offer);
            return None;
        };
        let (way, common) = reference.way(offer.points, &mut self.ways);
        let enough = FEWEST_PAIRS.max(reference.tracks.len() / 4);
        if common < enough {
            self.next_reference(offer);
            return None;
        }
        if way > LEAST_WAY * width
            && let Some(started) = self.try_start(offer, rng)
        {
            return Some(started);
        }
        let last_way = self
            .kept
            .last()
            .map(|kept| kept.way(offer.points, &mut self.ways).0);
        if last_way.is_some_and(|way| way > WAY_BETWEEN * width) {
            if self.kept.len() >= Self::MOST_KEPT {
                self.kept.remove(1);
            }
            self.keep(offer);
        }
        None
    }

    /// The oldest kept frame that has enough in common with this one becomes the reference.
    fn next_reference(&mut self, offer: &Offer<'_>) {
        while let Some(first) = self.kept.first() {
            let (_, common) = first.way(offer.points, &mut self.ways);
            if common >= FEWEST_PAIRS.max(first.tracks.len() / 2) {
                return;
            }
            self.kept.remove(0);
        }
        self.keep(offer);
    }

    fn keep(&mut self, offer: &Offer<'_>) {
        self.kept.push(KeptFrame {
            capture_time_nanos: offer.capture_time_nanos,
            pyramid: offer.pyramid.clone(),
            tracks: offer.points.iter().map(|p| (p.id, p.position_px)).collect(),
            camera: *offer.camera,
            shares_camera: offer.shares_camera,
            world_from_camera: offer.world_from_camera,
        });
    }

    fn try_start(&mut self, offer: &Offer<'_>, rng: &mut Rng) -> Option<Started> {
        let reference = self.kept.first()?;
        let mut pairs = Vec::new();
        let mut positions = Vec::new();
        let wide = |p: [f32; 2]| Vector2::new(f64::from(p[0]), f64::from(p[1]));
        for point in offer.points {
            if let Some(from) = reference.track(point.id) {
                pairs.push(point.id);
                positions.push((wide(from), wide(point.position_px)));
            }
        }
        let start = two_view::start(offer.camera, &positions, &start_config(), rng).ok()?;
        self.keep(offer);
        Some(Started {
            frames: std::mem::take(&mut self.kept),
            pairs,
            start,
        })
    }
}

impl Started {
    /// Poses of the frames between the ends, by interpolation: `world_from_camera` with the first frame at `first`.
    pub(super) fn interpolated(
        &self,
        first: &Isometry3<f64>,
        last: &Isometry3<f64>,
    ) -> Vec<Isometry3<f64>> {
        let times = self.frames.iter().map(|f| f.capture_time_nanos);
        let start = self.frames.first().map_or(0, |f| f.capture_time_nanos);
        let end = self.frames.last().map_or(0, |f| f.capture_time_nanos);
        let length = end.saturating_sub(start).max(1) as f64;
        times
            .map(|time| {
                let t = time.saturating_sub(start) as f64 / length;
                let rotation = first.rotation.slerp(&last.rotation, t);
                let translation = first.translation.vector.lerp(&last.translation.vector, t);
                Isometry3::from_parts(translation.into(), rotation)
            })
            .collect()
    }
}

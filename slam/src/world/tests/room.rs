//! Points of the simulated room where its pictures have corners, and what a monocular map would know of them.

use std::sync::OnceLock;

use nalgebra::{Isometry3, Matrix3, Point3, Similarity3, Vector3};

use crate::GrayImage;
use crate::corners::{CornerConfig, CornerDetector};
use crate::map::{KeyframeId, LandmarkId};
use crate::pyramid::Pyramid;
use crate::simulator::{Simulator, SimulatorConfig};
use crate::world::WorldPoint;

/// Frames between keyframes.
const STEP: usize = 20;

/// A corner that is there.
#[derive(Debug, Clone)]
pub(crate) struct TruePoint {
    pub(crate) point_in_world: Vector3<f64>,
    /// Number of the keyframe it was found in.
    pub(crate) keyframe: usize,
    pub(crate) depth: f64,
}

/// A room, a walk through it and the corners seen on the way.
#[derive(Debug)]
pub(crate) struct Room {
    pub(crate) simulator: Simulator,
    pub(crate) keyframes: Vec<(KeyframeId, Isometry3<f64>)>,
    pub(crate) points: Vec<TruePoint>,
}

/// The error of the points of a map.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PointNoise {
    /// Of the observations, pixels.
    pub(crate) sigma_px: f64,
    /// What the covariances claim, to the truth.
    pub(crate) claim: f64,
    /// The share of points that are anywhere along their rays.
    pub(crate) outliers: f64,
}

impl Default for PointNoise {
    fn default() -> Self {
        Self {
            sigma_px: 0.7,
            claim: 1.0,
            outliers: 0.05,
        }
    }
}

impl Room {
    /// The walk of a seed.
    pub(crate) fn of(seed: u64, frame_count: usize) -> Self {
        let simulator = Simulator::new(SimulatorConfig {
            frame_count,
            seed,
            ..SimulatorConfig::default()
        });
        let mut detector = CornerDetector::new(CornerConfig::default()).unwrap();
        let mut image = GrayImage::new(640, 480).unwrap();
        let mut points: Vec<TruePoint> = Vec::new();
        let mut keyframes = Vec::new();
        let mut taken = std::collections::HashSet::new();
        for (keyframe, frame) in (0..frame_count).step_by(STEP).enumerate() {
            let world_from_camera = simulator.world_from_camera(frame);
            keyframes.push((KeyframeId(keyframe as u32), world_from_camera));
            simulator.render(frame, &mut image);
            let pyramid = Pyramid::of(&image.view(), 3).unwrap();
            let mut corners = Vec::new();
            detector.detect(&pyramid, [], 400, &mut corners);
            for corner in corners {
                let pixel = corner.position_px.map(f64::from);
                let at = |dx: f64, dy: f64| {
                    let pixel = [pixel[0] + dx, pixel[1] + dy];
                    let depth = simulator.depth_at(frame, pixel)?;
                    let ray = simulator.camera().ray(pixel);
                    Some(world_from_camera * Point3::from(ray * depth))
                };
                let Some(point) = at(0.0, 0.0) else { continue };
                // A landmark is found again in the next keyframe, not made anew.
                if !taken.insert(point.coords.map(|x| (x / 0.02).round() as i64)) {
                    continue;
                }
                points.push(TruePoint {
                    point_in_world: point.coords,
                    keyframe,
                    depth: (world_from_camera.inverse() * point).z,
                });
            }
        }
        Self {
            simulator,
            keyframes,
            points,
        }
    }

    /// The walk that most tests share.
    pub(crate) fn shared() -> &'static Self {
        static ROOM: OnceLock<Room> = OnceLock::new();
        ROOM.get_or_init(|| Self::of(1, 360))
    }

    /// The first keyframes' points as a map knows them: two observations from a baseline of 10 to 50 cm, so that the
    /// error along the ray is some ten times that across.
    pub(crate) fn map(&self, keyframes: usize, noise: PointNoise, seed: u64) -> Vec<WorldPoint> {
        let focal_px = self.simulator.camera().focal_px;
        let mut random = Gauss(seed);
        let mut points = Vec::new();
        for (number, truth) in (0..).zip(&self.points) {
            let mut shape = Gauss(u64::from(number) ^ 0x5eed);
            let baseline_m = 0.1 + 0.4 * shape.unit();
            let is_outlier = shape.unit() < noise.outliers;
            let error = Vector3::from_fn(|_, _| random.normal());
            let along = random.unit();
            if truth.keyframe >= keyframes {
                continue;
            }
            let camera = self.keyframes[truth.keyframe].1;
            let away = camera.translation.vector - truth.point_in_world;
            let across = truth.depth / focal_px * noise.sigma_px;
            let ray = across * truth.depth / baseline_m;
            let toward = away.normalize();
            let x = toward.cross(&(camera.rotation * Vector3::y())).normalize();
            let axes = Matrix3::from_columns(&[x, toward.cross(&x), toward]);
            let sigmas = Vector3::new(across, across, ray);
            let mut point = truth.point_in_world + axes * sigmas.component_mul(&error);
            if is_outlier {
                point = camera.translation.vector - away * (0.5 + 1.5 * along);
            }
            let claimed = Matrix3::from_diagonal(&(sigmas * noise.claim).map(|s| s * s));
            points.push(WorldPoint {
                id: LandmarkId(number),
                point_in_world: point,
                covariance: axes * claimed * axes.transpose(),
                toward_cameras: toward,
                observations: 4,
            });
        }
        points
    }
}

/// A map in another frame and unit.
pub(crate) fn moved(
    points: &[WorldPoint],
    keyframes: &[(KeyframeId, Isometry3<f64>)],
    by: &Similarity3<f64>,
) -> (Vec<WorldPoint>, Vec<(KeyframeId, Isometry3<f64>)>) {
    let rotation = by.isometry.rotation;
    let turn = rotation.to_rotation_matrix().into_inner() * by.scaling();
    let points = points.iter().map(|point| WorldPoint {
        point_in_world: (by * Point3::from(point.point_in_world)).coords,
        covariance: turn * point.covariance * turn.transpose(),
        toward_cameras: rotation * point.toward_cameras,
        ..*point
    });
    let keyframes = keyframes.iter().map(|(id, pose)| {
        let at = by * Point3::from(pose.translation.vector);
        (
            *id,
            Isometry3::from_parts(at.coords.into(), rotation * pose.rotation),
        )
    });
    (points.collect(), keyframes.collect())
}

/// Repeatable noise.
pub(crate) struct Gauss(pub(crate) u64);

impl Gauss {
    /// Uniform in `0.0..1.0`.
    pub(crate) fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Of deviation 1 (Box and Muller 1958).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }
}

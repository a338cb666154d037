//! Made-up problems with known truth, for tests and for measuring.
//!
//! A camera goes along a wavy path, turning a little, past a box full of points. No image is involved.

use nalgebra::{Isometry3, Translation3, UnitQuaternion, Vector3};

use super::linearize::stepped_pose;
use super::problem::{Intrinsics, Observation, Point, Problem, View};
use crate::camera::Camera;
use crate::ransac::Rng;

/// What to make up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SceneConfig {
    /// Seed of all randomness.
    pub seed: u64,
    /// The camera that takes the pictures.
    pub camera: Camera,
    /// How many views there are.
    pub views: usize,
    /// How many of them, the first ones, are fixed.
    pub fixed_views: usize,
    /// How many points there are.
    pub points: usize,
    /// In how many views a point is seen, at most.
    pub sightings: usize,
    /// Length of the path.
    pub path_m: f64,
    /// Standard deviation of what is added to each coordinate of an observation.
    pub noise_px: f64,
    /// Share of observations that are anywhere in the picture.
    pub outliers: f64,
}

impl Default for SceneConfig {
    fn default() -> Self {
        Self {
            seed: 1,
            camera: Camera::from_horizontal_fov([640, 480], 1.1),
            views: 10,
            fixed_views: 2,
            points: 200,
            sightings: 8,
            path_m: 1.5,
            noise_px: 0.5,
            outliers: 0.0,
        }
    }
}

impl SceneConfig {
    /// A window as it is adjusted after each keyframe: 10 free views, 15 fixed, 1,500 points seen 8 times.
    #[must_use]
    pub fn window() -> Self {
        Self {
            views: 25,
            fixed_views: 15,
            points: 1500,
            ..Self::default()
        }
    }

    /// A whole map: 100 views, 5,000 points seen 8 times, any two views related.
    #[must_use]
    pub fn whole_map() -> Self {
        Self {
            views: 100,
            fixed_views: 1,
            points: 5000,
            path_m: 3.0,
            ..Self::default()
        }
    }

    /// The problem: true poses and points, noisy observations.
    #[must_use]
    pub fn build(&self) -> Problem {
        let mut random = Rng::new(self.seed);
        let mut problem = Problem::default();
        problem.cameras.push(self.camera);
        for index in 0..self.views {
            let along = index as f64 / (self.views - 1).max(1) as f64 - 0.5;
            let center = Vector3::new(
                self.path_m * along,
                0.15 * self.path_m * (7.0 * along).sin(),
                0.3 * self.path_m * (5.0 * along).cos(),
            );
            let turn = Vector3::new(
                0.10 * (9.0 * along).sin(),
                0.25 * (6.0 * along).sin() - 0.2 * along,
                0.15 * (4.0 * along).cos(),
            );
            let world_from_camera = Isometry3::from_parts(
                Translation3::from(center),
                UnitQuaternion::from_scaled_axis(turn),
            );
            problem.views.push(View {
                camera: 0,
                camera_from_world: world_from_camera.inverse(),
                fixed: index < self.fixed_views,
            });
        }
        let mut seen = Vec::new();
        while problem.points.len() < self.points {
            let side = 0.5 * self.path_m + 1.5;
            let point_in_world = Vector3::new(
                random.range(-side, side),
                random.range(-1.5, 1.5),
                random.range(2.0, 5.0),
            );
            seen.clear();
            for (index, view) in problem.views.iter().enumerate() {
                let position = view.camera_from_world * nalgebra::Point3::from(point_in_world);
                if let Some(pixel) = self.camera.project(&position.coords) {
                    let inside = [pixel.x, pixel.y]
                        .iter()
                        .zip(self.camera.size_px)
                        .all(|(x, side)| *x > 0.0 && *x < side as f64 - 1.0);
                    if inside {
                        seen.push((index, pixel));
                    }
                }
            }
            if seen.len() < 2 {
                continue;
            }
            let point = problem.points.len() as u32;
            problem.points.push(Point {
                point_in_world,
                fixed: false,
            });
            for taken in 0..seen.len().min(self.sightings) {
                let chosen = taken + random.below(seen.len() - taken);
                seen.swap(taken, chosen);
                let (view, pixel) = seen[taken];
                let position_px = if random.range(0.0, 1.0) < self.outliers {
                    self.camera
                        .size_px
                        .map(|side| random.range(0.0, side as f64) as f32)
                } else {
                    [pixel.x, pixel.y].map(|x| (x + self.noise_px * random.normal()) as f32)
                };
                problem.observations.push(Observation {
                    view: view as u32,
                    point,
                    position_px,
                    sigma_px: self.noise_px.max(0.01) as f32,
                });
            }
        }
        problem.intrinsics = Intrinsics::Fixed;
        problem
    }
}

/// Moves what is free, by normally distributed amounts of these standard deviations.
pub fn perturb(problem: &mut Problem, seed: u64, shift_m: f64, turn_rad: f64, point_m: f64) {
    let mut random = Rng::new(seed);
    for view in problem.views.iter_mut().filter(|view| !view.fixed) {
        let scales = [shift_m, shift_m, shift_m, turn_rad, turn_rad, turn_rad];
        let step = scales.map(|scale| scale * random.normal());
        view.camera_from_world = stepped_pose(&view.camera_from_world, &step);
    }
    for point in problem.points.iter_mut().filter(|point| !point.fixed) {
        point.point_in_world += Vector3::from_fn(|_, _| point_m * random.normal());
    }
}

//! A simulated hand-held camera in a furnished room, with exact truth.
//!
//! In: a [`SimulatorConfig`] (size, rate, seed). Out: frames, poses, depths, point tracks and IMU readings that
//! agree with one another exactly and are the same on every platform and for every number of threads. It reads
//! and writes no files and has no clock: see the `dataset` feature for files.
//!
//! Frames of reference: camera X right, Y down, Z forward; world Z up, gravity along -Z; metres. Pixels: x right,
//! y down, pixel centres at integers. Sensor faults (rolling shutter, blur, exposure, noise) are not simulated.
//!
//! ```
//! use slam::simulator::{Simulator, SimulatorConfig};
//!
//! let simulator = Simulator::new(SimulatorConfig { frame_count: 30, ..SimulatorConfig::default() });
//! let there = simulator.transfer(0, 10, [320.0, 240.0]);
//! assert!(there.is_some());
//! ```

pub mod benchmark;
mod bvh;
mod camera;
mod config;
mod furniture;
mod lighting;
mod materials;
mod motions;
mod noise;
mod render;
mod rows;
mod scene;
mod shape;
mod spline;
mod stations;
mod texture;
mod trajectory;

use std::sync::OnceLock;

use nalgebra::{Isometry3, Point3};

use crate::image::MAX_SIDE_PX;
use crate::{Error, GrayImage};

pub use crate::imu::ImuSample;
pub use camera::Pinhole;
pub use config::{CameraEffects, Fault, Lens, Motion, Quality, Room, SensorNoise, SimulatorConfig};
pub use scene::RoomPlane;
pub use spline::MotionState;
pub use trajectory::{GRAVITY_M_S2, Trajectory};

use bvh::Bvh;
use lighting::bake;
use materials::Picture;
use render::{Appearance, Eye, FAR_M, NEAR_M, Stage};
use rows::for_each_part;
use scene::Scene;
use shape::Shape;

/// An 8-bit colour image: sRGB, three bytes a pixel, rows from the top.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ColorImage {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `3 * width * height` bytes.
    pub rgb: Vec<u8>,
}

/// The simulated camera, room and motion.
#[derive(Debug)]
pub struct Simulator {
    config: SimulatorConfig,
    camera: Pinhole,
    trajectory: Trajectory,
    scene: Scene,
    bvh: Bvh,
    /// Painted and lit on first use: poses, depths and tracks do without.
    appearance: OnceLock<Appearance>,
}

impl Simulator {
    /// Furnishes the room and lays the motion.
    ///
    /// # Panics
    /// If a side is zero or longer than an image's may be, or a rate is not a positive number.
    #[must_use]
    pub fn new(config: SimulatorConfig) -> Self {
        let sides = 1..=MAX_SIDE_PX;
        assert!(
            sides.contains(&config.width) && sides.contains(&config.height),
            "a frame of {} x {} px",
            config.width,
            config.height
        );
        assert!(
            config.frame_rate_hz > 0.0 && config.imu_rate_hz > 0.0,
            "rates must be positive"
        );
        let duration_secs = config.frame_count as f64 / config.frame_rate_hz;
        let scene = furniture::furnish(config.room);
        let shapes: Vec<Shape> = scene.surfaces.iter().map(|s| s.shape.clone()).collect();
        Self {
            camera: Pinhole::phone(config.width, config.height),
            trajectory: motions::generate(&config.motion, config.room, config.seed, duration_secs),
            bvh: Bvh::new(&shapes),
            scene,
            config,
            appearance: OnceLock::new(),
        }
    }

    /// The configuration it was made with.
    #[must_use]
    pub fn config(&self) -> &SimulatorConfig {
        &self.config
    }

    /// Number of frames of the sequence.
    #[must_use]
    pub fn frame_count(&self) -> usize {
        self.config.frame_count
    }

    /// The camera.
    #[must_use]
    pub fn camera(&self) -> Pinhole {
        self.camera
    }

    /// The motion of the camera, at any time.
    #[must_use]
    pub fn trajectory(&self) -> &Trajectory {
        &self.trajectory
    }

    /// The room's named flat parts.
    #[must_use]
    pub fn planes(&self) -> &[RoomPlane] {
        &self.scene.planes
    }

    /// When a frame is captured, nanoseconds since the start.
    #[must_use]
    pub fn capture_time_nanos(&self, index: usize) -> i64 {
        (index as f64 * 1e9 / self.config.frame_rate_hz).round() as i64
    }

    /// The pose of the camera at a frame; indices past the end stay at the end of the motion.
    #[must_use]
    pub fn world_from_camera(&self, index: usize) -> Isometry3<f64> {
        let time_secs = self.capture_time_nanos(index) as f64 * 1e-9;
        self.trajectory.at(time_secs).world_from_camera
    }

    /// The IMU's samples from the start to the last frame.
    #[must_use]
    pub fn imu(&self) -> Vec<ImuSample> {
        let end_nanos = self.capture_time_nanos(self.config.frame_count.saturating_sub(1));
        (0_u32..)
            .map(|k| (f64::from(k) * 1e9 / self.config.imu_rate_hz).round() as i64)
            .take_while(|&time| time <= end_nanos)
            .map(|time| self.trajectory.imu_at(time))
            .collect()
    }

    /// Renders a frame in colour; `image` takes the frame's size.
    pub fn render_color(&self, index: usize, image: &mut ColorImage) {
        image.width = self.camera.width;
        image.height = self.camera.height;
        image.rgb.resize(3 * image.width * image.height, 0);
        let stage = Stage {
            scene: &self.scene,
            bvh: &self.bvh,
            appearance: self.appearance.get_or_init(|| self.paint_and_light()),
        };
        render::render(&stage, &self.eye(index), &mut image.rgb);
    }

    /// Renders the luma of a frame (BT.601 weights, full range); `image` takes the frame's size.
    pub fn render(&self, index: usize, image: &mut GrayImage) {
        let mut color = ColorImage::default();
        self.render_color(index, &mut color);
        let luma = color.luma();
        #[expect(
            clippy::expect_used,
            reason = "`new` refused sizes that images cannot have, and the renderer filled the buffer"
        )]
        let gray = luma.expect("a rendered frame has the size of its camera");
        *image = gray;
    }

    /// Distances along the optical axis at all pixel centres, metres, rows from the top; infinite where there is
    /// nothing.
    #[must_use]
    pub fn depth(&self, index: usize) -> Vec<f32> {
        let eye = self.eye(index);
        let width = self.camera.width;
        let mut depth = vec![f32::INFINITY; width * self.camera.height];
        for_each_part(&mut depth, width, |y, row| {
            for (x, depth) in row.iter_mut().enumerate() {
                let ray = eye.ray([x as f64, y as f64]);
                if let Some(hit) = self.bvh.nearest(&ray, NEAR_M, FAR_M) {
                    *depth = hit.t as f32;
                }
            }
        });
        depth
    }

    /// The distance along the optical axis at a pixel, metres; `None` where there is nothing.
    #[must_use]
    pub fn depth_at(&self, index: usize, pixel: [f64; 2]) -> Option<f64> {
        let ray = self.eye(index).ray(pixel);
        self.bvh.nearest(&ray, NEAR_M, FAR_M).map(|hit| hit.t)
    }

    /// Where the point seen at `pixel` of frame `from` is in frame `to`; `None` where it is outside the image or
    /// hidden, or where there is nothing.
    #[must_use]
    pub fn transfer(&self, from: usize, to: usize, pixel: [f64; 2]) -> Option<[f64; 2]> {
        let source = self.eye(from).ray(pixel);
        let hit = self.bvh.nearest(&source, NEAR_M, FAR_M)?;
        let point_in_world = source.at(hit.t);

        let target = self.eye(to);
        let point_in_camera = target
            .world_from_camera
            .inverse_transform_point(&Point3::from(point_in_world));
        let seen_at = target.camera.project(&point_in_camera.coords)?;
        let sight = target.ray(seen_at);
        // The surface itself is met at its depth, up to rounding.
        let in_front = point_in_camera.z * (1.0 - 1e-6);
        (!self.bvh.is_blocked(&sight, NEAR_M, in_front)).then_some(seen_at)
    }

    fn eye(&self, index: usize) -> Eye {
        Eye {
            camera: self.camera,
            world_from_camera: self.world_from_camera(index),
        }
    }

    fn paint_and_light(&self) -> Appearance {
        let mut painted: Vec<_> = Picture::ALL.iter().map(|_| None).collect();
        for_each_part(&mut painted, 1, |index, slot| {
            slot[0] = Some(Picture::ALL[index].paint());
        });
        let textures: Vec<_> = painted.into_iter().flatten().collect();
        let light = bake(&self.scene, &self.bvh, &textures);
        Appearance { textures, light }
    }
}

impl ColorImage {
    /// The image's luma: BT.601 weights on the sRGB codes, full range, as JPEG has it.
    ///
    /// # Errors
    /// [`Error::ImageSize`] or [`Error::Length`] where the fields do not fit together.
    pub fn luma(&self) -> Result<GrayImage, Error> {
        let luma = self
            .rgb
            .chunks_exact(3)
            .map(|rgb| {
                let [r, g, b] = [rgb[0], rgb[1], rgb[2]].map(u32::from);
                ((19_595 * r + 38_470 * g + 7_471 * b + 32_768) >> 16) as u8
            })
            .collect();
        GrayImage::from_vec(self.width, self.height, luma)
    }
}

#[cfg(test)]
mod tests;

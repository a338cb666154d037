//! A simulated hand-held camera in a furnished room, with exact truth.
//!
//! In: a [`SimulatorConfig`] (size, rate, seed). Out: frames, poses, depths, point tracks and IMU readings that
//! agree with one another exactly and are the same on every platform and for every number of threads. It reads
//! and writes no files and has no clock: see the `dataset` feature for files.
//!
//! Frames of reference: camera X right, Y down, Z forward; world Z up, gravity along -Z; metres. Pixels: x right,
//! y down, pixel centres at integers. What phones do to pictures (rolling shutter, blur, exposure, noise, a bent and
//! wrongly told lens) and what disturbs a tracker (black and frozen frames, people, blank walls) is off by default and
//! switched on by fields of the configuration; the truth stays exact.
//!
//! ```
//! use slam::simulator::{Simulator, SimulatorConfig};
//!
//! let simulator = Simulator::new(SimulatorConfig { frame_count: 30, ..SimulatorConfig::default() });
//! let there = simulator.transfer(0, 10, [320.0, 240.0]);
//! assert!(there.is_some());
//! ```

pub mod benchmark;
mod between;
mod bvh;
mod camera;
mod config;
mod fitting;
mod furniture;
mod lighting;
mod materials;
mod motions;
mod noise;
mod people;
mod raster;
mod render;
mod rows;
mod scene;
mod sensor;
mod shape;
mod spline;
mod stations;
mod texture;
mod trajectory;

use std::sync::{Arc, OnceLock};

use nalgebra::{Isometry3, Point3};

use crate::camera::{Camera, Distortion};
use crate::image::MAX_SIDE_PX;
use crate::{Error, GrayImage};

pub use crate::imu::ImuSample;
pub use camera::Pinhole;
pub use config::{CameraEffects, Fault, Lens, Motion, Quality, Room, SensorNoise, SimulatorConfig};
pub use fitting::{FittedMotion, fit_into_room, level_mount};
pub use scene::RoomPlane;
pub use spline::MotionState;
pub use trajectory::{GRAVITY_M_S2, Trajectory};

use bvh::Bvh;
use lighting::{LightDetail, bake};
use materials::Picture;
use people::people_at;
use render::{Appearance, Eye, FAR_M, NEAR_M, Stage, World};
use rows::for_each_part;
use scene::{Scene, Surface};
use shape::Shape;
use texture::{Rgb, Texture};

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
    /// The exposure of every frame, where it is not fixed.
    gains: OnceLock<Vec<f32>>,
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
        let mut scene = furniture::furnish(config.room);
        if config.blank_walls {
            scene.blank_walls();
        }
        let shapes: Vec<Shape> = scene.surfaces.iter().map(|s| s.shape.clone()).collect();
        Self {
            camera: Pinhole::phone(config.width, config.height),
            trajectory: motions::generate(&config.motion, config.room, config.seed, duration_secs),
            bvh: Bvh::new(&shapes),
            scene,
            config,
            appearance: OnceLock::new(),
            gains: OnceLock::new(),
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

    /// The camera with its lens, as it is.
    #[must_use]
    pub fn true_camera(&self) -> Camera {
        self.eye(0, 0.0).model()
    }

    /// The camera as the tracker is told it is: see [`Lens`].
    #[must_use]
    pub fn told_camera(&self) -> Camera {
        let mut camera = self.true_camera();
        let lens = &self.config.lens;
        camera.focal_px = camera.focal_px.map(|focal| focal * lens.told_focal_factor);
        if !lens.told_distortion {
            camera.distortion = Distortion::None;
        }
        camera
    }

    /// The pose of the camera when a row of a frame is captured; rows between two are allowed.
    #[must_use]
    pub fn world_from_camera_at_row(&self, index: usize, row: f64) -> Isometry3<f64> {
        let readout_secs = self.config.effects.rolling_shutter_secs;
        if readout_secs == 0.0 {
            return self.world_from_camera(index);
        }
        let time_secs = self.capture_time_nanos(index) as f64 * 1e-9;
        let last_row = (self.camera.height as f64 - 1.0).max(1.0);
        let share = row / last_row - 0.5;
        self.trajectory
            .at(time_secs + share * readout_secs)
            .world_from_camera
    }

    /// The least distance from the camera's centre to any surface over all frames, metres; for curved surfaces, to
    /// a box around them, which is at most what it is to them.
    #[must_use]
    pub fn clearance_m(&self) -> f64 {
        (0..self.config.frame_count)
            .map(|index| {
                let position = self.world_from_camera(index).translation.vector;
                self.scene.clearance_m(&position)
            })
            .fold(f64::INFINITY, f64::min)
    }

    /// Renders a frame in colour; `image` takes the frame's size.
    pub fn render_color(&self, index: usize, image: &mut ColorImage) {
        image.width = self.camera.width;
        image.height = self.camera.height;
        image.rgb.resize(3 * image.width * image.height, 0);
        let effects = &self.config.effects;
        let (shown, is_black) = self.shown(index);
        let mut light = vec![Rgb::zeros(); image.width * image.height];
        if !is_black {
            self.gather_light(shown, &mut light);
        }
        let seed = self.config.seed ^ (shown as u64).wrapping_mul(0xd1b5_4a32_d192_ed03);
        sensor::expose(
            &light,
            image.width,
            effects.noise.as_ref(),
            seed,
            &mut image.rgb,
        );
    }

    /// The frame that is shown at a place of the sequence, and whether it is black.
    fn shown(&self, index: usize) -> (usize, bool) {
        let mut shown = index;
        for fault in &self.config.effects.faults {
            match fault {
                Fault::Black { first, end } if (*first..*end).contains(&index) => {
                    return (index, true);
                }
                Fault::Frozen { first, end } if (*first..*end).contains(&index) => {
                    shown = first.saturating_sub(1);
                }
                _ => {}
            }
        }
        (shown, false)
    }

    /// The developed light of a frame: the mean over its exposure.
    fn gather_light(&self, index: usize, light: &mut [Rgb]) {
        let effects = &self.config.effects;
        let appearance = self.appearance.get_or_init(|| self.paint_and_light());
        let exposure = self.gain(index);
        let [cx, cy] = self.camera.center_px;
        let corner = (cx * cx + cy * cy).max(1.0);
        let gain = |x: usize, y: usize| {
            let (dx, dy) = (x as f64 - cx, y as f64 - cy);
            exposure * (1.0 - effects.vignetting * (dx * dx + dy * dy) / corner) as f32
        };
        let moments = if effects.exposure_secs > 0.0 {
            effects.exposure_samples.max(1)
        } else {
            1
        };
        let people = self.people(index);
        for moment in 0..moments {
            let share = (moment as f64 + 0.5) / moments as f64 - 0.5;
            let eyes: Vec<Eye> = (0..self.camera.height)
                .map(|row| self.eye_after(index, row as f64, share * effects.exposure_secs))
                .collect();
            let stage = Stage {
                world: self.world(&people),
                appearance,
                quality: self.config.quality,
            };
            let is_pinhole = self.config.lens.distortion == Distortion::None;
            if self.config.quality == Quality::Quick && is_pinhole {
                raster::render(&stage, &eyes, &gain, light);
            } else {
                render::render(&stage, &eyes, &gain, light);
            }
        }
        if moments > 1 {
            for pixel in light {
                *pixel /= moments as f32;
            }
        }
    }

    /// What the exposure does to the light of a frame: 1 where it is fixed.
    #[must_use]
    pub fn gain(&self, index: usize) -> f32 {
        let effects = &self.config.effects;
        if effects.auto_exposure_lag_secs.is_none() && effects.exposure_steps.is_empty() {
            return 1.0;
        }
        let gains = self.gains.get_or_init(|| {
            let frame_secs = 1.0 / self.config.frame_rate_hz;
            sensor::gains(effects, self.config.frame_count, frame_secs, |frame| {
                self.mean_light(frame)
            })
        });
        let last = gains.len().saturating_sub(1);
        gains.get(index.min(last)).copied().unwrap_or(1.0)
    }

    /// The mean luminance of a frame, from a coarse grid of wide looks.
    fn mean_light(&self, index: usize) -> f64 {
        const COLUMNS: usize = 16;
        const ROWS: usize = 12;
        let stage = Stage {
            world: self.world(&[]),
            appearance: self.appearance.get_or_init(|| self.paint_and_light()),
            quality: self.config.quality,
        };
        let eye = self.eye(index, (self.camera.height as f64 - 1.0) / 2.0);
        let cell = [
            self.camera.width as f64 / COLUMNS as f64,
            self.camera.height as f64 / ROWS as f64,
        ];
        let mut sum = 0.0;
        for k in 0..COLUMNS * ROWS {
            let place = [
                ((k % COLUMNS) as f64 + 0.5) * cell[0],
                ((k / COLUMNS) as f64 + 0.5) * cell[1],
            ];
            let light = render::radiance(&stage, &eye, place, cell[0]);
            // What is brighter than white counts as white.
            sum += f64::from(0.2126 * light.x + 0.7152 * light.y + 0.0722 * light.z).min(1.0);
        }
        sum / (COLUMNS * ROWS) as f64
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
    /// nothing. People count as what they are: in the way.
    #[must_use]
    pub fn depth(&self, index: usize) -> Vec<f32> {
        let people = self.people(index);
        let world = self.world(&people);
        let width = self.camera.width;
        let mut depth = vec![f32::INFINITY; width * self.camera.height];
        for_each_part(&mut depth, width, |y, row| {
            let eye = self.eye(index, y as f64);
            for (x, depth) in row.iter_mut().enumerate() {
                let ray = eye.ray([x as f64, y as f64]);
                if let Some(hit) = world.nearest(&ray, NEAR_M, FAR_M) {
                    *depth = hit.t as f32;
                }
            }
        });
        depth
    }

    /// The distance along the optical axis at a pixel, metres; `None` where there is nothing.
    #[must_use]
    pub fn depth_at(&self, index: usize, pixel: [f64; 2]) -> Option<f64> {
        let ray = self.eye(index, pixel[1]).ray(pixel);
        let people = self.people(index);
        self.world(&people)
            .nearest(&ray, NEAR_M, FAR_M)
            .map(|hit| hit.t)
    }

    /// The point of the room that is seen at a pixel of a frame, world metres; `None` where there is nothing or a
    /// person, who moves.
    #[must_use]
    pub fn point_at(&self, index: usize, pixel: [f64; 2]) -> Option<Point3<f64>> {
        let people = self.people(index);
        let world = self.world(&people);
        let ray = self.eye(index, pixel[1]).ray(pixel);
        let hit = world.nearest(&ray, NEAR_M, FAR_M)?;
        (!world.moves(hit.shape)).then(|| Point3::from(ray.at(hit.t)))
    }

    /// Where the point seen at `pixel` of frame `from` is in frame `to`; `None` where it is outside the image or
    /// hidden, or where there is nothing, or a person. Exact for lenses and for a rolling shutter too.
    #[must_use]
    pub fn transfer(&self, from: usize, to: usize, pixel: [f64; 2]) -> Option<[f64; 2]> {
        let point_in_world = self.point_at(from, pixel)?;
        let mut row = (self.camera.height as f64 - 1.0) / 2.0;
        // The row where the point is seen decides the pose it is seen from: a contraction, as a point crosses far
        // fewer rows during the read-out than there are.
        for _ in 0..30 {
            let target = self.eye(to, row);
            let point_in_camera = target
                .world_from_camera
                .inverse_transform_point(&point_in_world);
            let seen_at = target.project(&point_in_camera.coords)?;
            if self.config.effects.rolling_shutter_secs != 0.0 && (seen_at[1] - row).abs() > 1e-10 {
                row = seen_at[1];
                continue;
            }
            let sight = target.ray(seen_at);
            // The surface itself is met at its depth, up to rounding.
            let in_front = point_in_camera.z * (1.0 - 1e-6);
            let people = self.people(to);
            let is_hidden = self.world(&people).is_blocked(&sight, NEAR_M, in_front);
            return (!is_hidden).then_some(seen_at);
        }
        None
    }

    fn eye(&self, index: usize, row: f64) -> Eye {
        self.eye_after(index, row, 0.0)
    }

    /// The camera at a row of a frame, and a little later (or earlier).
    fn eye_after(&self, index: usize, row: f64, delay_secs: f64) -> Eye {
        let world_from_camera = if delay_secs == 0.0 {
            self.world_from_camera_at_row(index, row)
        } else {
            let readout_secs = self.config.effects.rolling_shutter_secs;
            let share = row / (self.camera.height as f64 - 1.0).max(1.0) - 0.5;
            let time_secs = self.capture_time_nanos(index) as f64 * 1e-9;
            let time_secs = time_secs + share * readout_secs + delay_secs;
            self.trajectory.at(time_secs).world_from_camera
        };
        Eye {
            camera: self.camera,
            distortion: self.config.lens.distortion,
            world_from_camera,
        }
    }

    fn people(&self, index: usize) -> Vec<Surface> {
        let time_secs = self.capture_time_nanos(index) as f64 * 1e-9;
        let position = self.world_from_camera(index).translation.vector;
        people_at(
            self.config.people,
            self.config.seed,
            self.config.room,
            time_secs,
            &position,
        )
    }

    fn world<'a>(&'a self, people: &'a [Surface]) -> World<'a> {
        World {
            scene: &self.scene,
            bvh: &self.bvh,
            moving: people,
        }
    }

    fn paint_and_light(&self) -> Appearance {
        // Everything, where there are people, whose clothes are no part of the scene.
        let is_used = |picture: Picture| {
            self.config.people > 0
                || self
                    .scene
                    .surfaces
                    .iter()
                    .any(|surface| surface.picture == picture)
        };
        let mut painted: Vec<_> = Picture::ALL.iter().map(|_| None).collect();
        for_each_part(&mut painted, 1, |index, slot| {
            let picture = Picture::ALL[index];
            slot[0] = Some(if is_used(picture) {
                picture.paint()
            } else {
                Arc::new(Texture::unused())
            });
        });
        let textures: Vec<_> = painted.into_iter().flatten().collect();
        let detail = match self.config.quality {
            Quality::Fine => LightDetail::FINE,
            Quality::Quick => LightDetail::COARSE,
        };
        let light = bake(&self.scene, &self.bvh, &textures, &detail);
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
mod effect_tests;
#[cfg(test)]
mod tests;

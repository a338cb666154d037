//! Ray casting: what the camera sees.
//!
//! In: the scene with its pictures and light, a pose for every row of the image. Out: developed linear light, a
//! value per pixel and channel. A pixel inside one surface takes one ray and a picture filtered over its
//! footprint; a pixel where surfaces meet takes five. What the sensor makes of it is in `sensor`.

use std::sync::Arc;

use nalgebra::{Isometry3, Vector2, Vector3};

use super::bvh::{Bvh, Hit};
use super::camera::Pinhole;
use super::config::Quality;
use super::lighting::LightMap;
use super::rows::for_each_part;
use super::scene::{Scene, Surface};
use super::shape::Ray;
use super::texture::{Rgb, Texture, srgb};
use crate::camera::{Camera, Distortion};

/// Nothing is seen nearer than this.
pub(crate) const NEAR_M: f64 = 0.02;
pub(crate) const FAR_M: f64 = 100.0;

const EXPOSURE: f32 = 1.3;
pub(crate) const NOTHING: u32 = u32::MAX;
/// Four places in a pixel, no two in one row or column; its middle is the fifth.
pub(crate) const EDGE_SAMPLES: [[f64; 2]; 4] = [
    [-0.375, -0.125],
    [-0.125, 0.375],
    [0.125, -0.375],
    [0.375, 0.125],
];

/// What surfaces look like once painted and lit.
#[derive(Debug, Clone)]
pub(crate) struct Appearance {
    pub(crate) textures: Vec<Arc<Texture>>,
    pub(crate) light: Vec<LightMap>,
}

/// What stands still and what moves, at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct World<'a> {
    pub(crate) scene: &'a Scene,
    pub(crate) bvh: &'a Bvh,
    /// Surfaces that move; their numbers follow those of the scene.
    pub(crate) moving: &'a [Surface],
}

impl World<'_> {
    /// The surface of a number.
    pub(crate) fn surface(&self, number: u32) -> &Surface {
        let number = number as usize;
        let still = &self.scene.surfaces;
        still
            .get(number)
            .unwrap_or_else(|| &self.moving[number - still.len()])
    }

    /// Whether a surface of this number moves.
    pub(crate) fn moves(&self, number: u32) -> bool {
        number as usize >= self.scene.surfaces.len()
    }

    pub(crate) fn nearest(&self, ray: &Ray, near: f64, far: f64) -> Option<Hit> {
        self.nearest_from(ray, near, far, None)
    }

    /// As [`World::nearest`], quicker where the ray meets the surface of `guess`.
    pub(crate) fn nearest_from(
        &self,
        ray: &Ray,
        near: f64,
        far: f64,
        guess: Option<u32>,
    ) -> Option<Hit> {
        let guess = guess.filter(|&number| !self.moves(number));
        let mut best = self.bvh.nearest_from(ray, near, far, guess);
        for (k, surface) in self.moving.iter().enumerate() {
            let limit = best.map_or(far, |hit| hit.t);
            if let Some(t) = surface.shape.intersect(ray, near, limit) {
                let shape = (self.scene.surfaces.len() + k) as u32;
                best = Some(Hit { t, shape });
            }
        }
        best
    }

    pub(crate) fn is_blocked(&self, ray: &Ray, near: f64, far: f64) -> bool {
        self.bvh.is_blocked(ray, near, far)
            || self
                .moving
                .iter()
                .any(|surface| surface.shape.intersect(ray, near, far).is_some())
    }
}

/// The scene as the renderer needs it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stage<'a> {
    pub(crate) world: World<'a>,
    pub(crate) appearance: &'a Appearance,
    pub(crate) quality: Quality,
}

/// A camera at a pose.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Eye {
    pub(crate) camera: Pinhole,
    /// Bends what the pinhole would see.
    pub(crate) distortion: Distortion,
    pub(crate) world_from_camera: Isometry3<f64>,
}

impl Eye {
    /// The ray through a pixel; its parameter is the depth along the optical axis, metres. Where a lens does not
    /// reach, the pinhole's ray.
    pub(crate) fn ray(&self, pixel: [f64; 2]) -> Ray {
        let in_camera = match self.distortion {
            Distortion::None => self.camera.ray(pixel),
            _ => self
                .model()
                .unproject(Vector2::from(pixel))
                .filter(|direction| direction.z > 1e-3)
                .map_or_else(
                    || self.camera.ray(pixel),
                    |direction| direction / direction.z,
                ),
        };
        Ray {
            origin: self.world_from_camera.translation.vector,
            direction: self.world_from_camera.rotation * in_camera,
        }
    }

    /// The pixel of a point of the camera's frame; `None` behind the camera or outside the image.
    pub(crate) fn project(&self, point_in_camera: &Vector3<f64>) -> Option<[f64; 2]> {
        if self.distortion == Distortion::None {
            return self.camera.project(point_in_camera);
        }
        let pixel = self.model().project(point_in_camera)?;
        let inside = (-0.5..self.camera.width as f64 - 0.5).contains(&pixel.x)
            && (-0.5..self.camera.height as f64 - 0.5).contains(&pixel.y);
        inside.then_some([pixel.x, pixel.y])
    }

    /// The camera with its lens.
    pub(crate) fn model(&self) -> Camera {
        Camera {
            size_px: [self.camera.width, self.camera.height],
            focal_px: [self.camera.focal_px; 2],
            center_px: self.camera.center_px,
            distortion: self.distortion,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Sample {
    shape: u32,
    color: Rgb,
}

/// Adds developed light to `sum`, one element a pixel, rows from the top; `eyes` has one for each row, and `gain`
/// is what a place of the image does to its light.
pub(crate) fn render(
    stage: &Stage<'_>,
    eyes: &[Eye],
    gain: &(dyn Fn(usize, usize) -> f32 + Sync),
    sum: &mut [Rgb],
) {
    let (width, height) = (eyes[0].camera.width, eyes.len());
    let mut samples = vec![
        Sample {
            shape: NOTHING,
            color: Rgb::zeros()
        };
        width * height
    ];
    for_each_part(&mut samples, width, |y, row| {
        let mut guess = None;
        for (x, sample) in row.iter_mut().enumerate() {
            *sample = look(stage, &eyes[y], [x as f64, y as f64], 1.0, guess);
            guess = Some(sample.shape).filter(|&shape| shape != NOTHING);
        }
    });
    for_each_part(sum, width, |y, row| {
        for (x, sum) in row.iter_mut().enumerate() {
            let middle = samples[y * width + x];
            let gain = gain(x, y);
            // Each part is developed before the mean, as a sensor's wells fill one by one.
            let mut color = developed(&middle.color, gain);
            if is_edge(&samples, width, height, x, y) {
                let guess = Some(middle.shape).filter(|&shape| shape != NOTHING);
                for [dx, dy] in EDGE_SAMPLES {
                    let place = [x as f64 + dx, y as f64 + dy];
                    let sample = look(stage, &eyes[y], place, 0.6, guess);
                    color += developed(&sample.color, gain);
                }
                color /= (EDGE_SAMPLES.len() + 1) as f32;
            }
            *sum += color;
        }
    });
}

fn is_edge(samples: &[Sample], width: usize, height: usize, x: usize, y: usize) -> bool {
    let here = samples[y * width + x].shape;
    (x > 0 && samples[y * width + x - 1].shape != here)
        || (x + 1 < width && samples[y * width + x + 1].shape != here)
        || (y > 0 && samples[(y - 1) * width + x].shape != here)
        || (y + 1 < height && samples[(y + 1) * width + x].shape != here)
}

/// The linear light along the middle of a pixel.
pub(crate) fn radiance(stage: &Stage<'_>, eye: &Eye, pixel: [f64; 2], footprint_px: f64) -> Rgb {
    look(stage, eye, pixel, footprint_px, None).color
}

/// What is seen where nothing stands.
pub(crate) fn nothing() -> Rgb {
    srgb(0xdfe9f2) * 2.0
}

/// The colour along the ray of a place in the image, over a square of `footprint_px`.
fn look(
    stage: &Stage<'_>,
    eye: &Eye,
    pixel: [f64; 2],
    footprint_px: f64,
    guess: Option<u32>,
) -> Sample {
    let ray = eye.ray(pixel);
    let Some(hit) = stage.world.nearest_from(&ray, NEAR_M, FAR_M, guess) else {
        return Sample {
            shape: NOTHING,
            color: nothing(),
        };
    };
    let aside = eye.ray([pixel[0] + footprint_px, pixel[1]]).direction;
    let below = eye.ray([pixel[0], pixel[1] + footprint_px]).direction;
    Sample {
        shape: hit.shape,
        color: shade(stage, &ray, &hit, &[aside, below]),
    }
}

/// The light that a hit sends back along its ray; `neighbours` are the directions of the rays aside and below.
pub(crate) fn shade(
    stage: &Stage<'_>,
    ray: &Ray,
    hit: &Hit,
    neighbours: &[Vector3<f64>; 2],
) -> Rgb {
    let surface = stage.world.surface(hit.shape);
    let point = ray.at(hit.t);
    let frame = surface.shape.describe(&point);
    let facing = ray.direction.dot(&frame.normal);

    // Where the neighbours' rays meet the tangent plane.
    let footprint = neighbours.map(|direction| {
        let denominator = direction.dot(&frame.normal);
        let safe = if denominator * facing > 0.02 * facing * facing {
            denominator
        } else {
            facing
        };
        let t = hit.t * facing / safe;
        let step = ray.origin + direction * t - point;
        let du = step.dot(&frame.tangent_u) as f32;
        let dv = step.dot(&frame.tangent_v) as f32;
        let [du, dv] = if surface.turned { [dv, du] } else { [du, dv] };
        [du * surface.scale[0], dv * surface.scale[1]]
    });
    let [u, v] = frame.uv_m.map(|side| side as f32);
    let [u, v] = if surface.turned { [v, u] } else { [u, v] };
    let place = [
        u * surface.scale[0] + surface.offset[0],
        v * surface.scale[1] + surface.offset[1],
    ];
    let texture = &stage.appearance.textures[surface.picture as usize];
    let painted = match stage.quality {
        Quality::Fine => texture.sample(place, footprint[0], footprint[1]),
        Quality::Quick => texture.sample_quickly(place, footprint[0], footprint[1]),
    };
    let albedo = painted.component_mul(&surface.tint);
    let light = if stage.world.moves(hit.shape) {
        // Nothing is baked for what moves: a bright ceiling and a darker floor.
        Rgb::repeat(0.55 + 0.25 * frame.normal.z as f32)
    } else {
        stage.appearance.light[hit.shape as usize].sample(frame.square)
    };
    albedo.component_mul(&(light + Rgb::from(super::lighting::AMBIENT_FLOOR)))
        + albedo * surface.glow
}

/// A film-like shoulder, still linear light: 0 stays 0, 1 is the most a pixel holds.
pub(crate) fn developed(color: &Rgb, gain: f32) -> Rgb {
    color.map(|value| {
        let x = value * EXPOSURE * gain;
        // Rational curve with slope 1 at the foot and a soft shoulder above one half.
        (x * (1.0 + x / 9.0) / (1.0 + 0.62 * x)).min(1.0)
    })
}

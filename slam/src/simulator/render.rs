//! Ray casting: what the camera sees from a pose.
//!
//! In: the scene with its pictures and light, a pose. Out: 8-bit colour. A pixel inside one surface takes one ray
//! and a picture filtered over its footprint; a pixel where surfaces meet takes five. Blur, rolling shutter and
//! noise are no part of it.

use std::sync::LazyLock;

use nalgebra::{Isometry3, Vector3};

use super::bvh::{Bvh, Hit};
use super::camera::Pinhole;
use super::lighting::LightMap;
use super::rows::for_each_part;
use super::scene::Scene;
use super::shape::Ray;
use super::texture::{Rgb, Texture, srgb};

/// Nothing is seen nearer than this.
pub(crate) const NEAR_M: f64 = 0.02;
pub(crate) const FAR_M: f64 = 100.0;

const EXPOSURE: f32 = 1.3;
const NOTHING: u32 = u32::MAX;
/// Four places in a pixel, no two in one row or column; its middle is the fifth.
const EDGE_SAMPLES: [[f64; 2]; 4] = [
    [-0.375, -0.125],
    [-0.125, 0.375],
    [0.125, -0.375],
    [0.375, 0.125],
];

/// What surfaces look like once painted and lit.
#[derive(Debug, Clone)]
pub(crate) struct Appearance {
    pub(crate) textures: Vec<Texture>,
    pub(crate) light: Vec<LightMap>,
}

/// The scene as the renderer needs it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stage<'a> {
    pub(crate) scene: &'a Scene,
    pub(crate) bvh: &'a Bvh,
    pub(crate) appearance: &'a Appearance,
}

/// A camera at a pose.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Eye {
    pub(crate) camera: Pinhole,
    pub(crate) world_from_camera: Isometry3<f64>,
}

impl Eye {
    /// The ray through a pixel; its parameter is the depth along the optical axis, metres.
    pub(crate) fn ray(&self, pixel: [f64; 2]) -> Ray {
        Ray {
            origin: self.world_from_camera.translation.vector,
            direction: self.world_from_camera.rotation * self.camera.ray(pixel),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Sample {
    shape: u32,
    color: Rgb,
}

/// Renders 8-bit sRGB, three bytes a pixel, rows from the top.
pub(crate) fn render(stage: &Stage<'_>, eye: &Eye, rgb: &mut [u8]) {
    let (width, height) = (eye.camera.width, eye.camera.height);
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
            *sample = look(stage, eye, [x as f64, y as f64], 1.0, guess);
            guess = Some(sample.shape).filter(|&shape| shape != NOTHING);
        }
    });
    for_each_part(rgb, 3 * width, |y, row| {
        for x in 0..width {
            let middle = samples[y * width + x];
            // Each part is developed before the mean, as a sensor's wells fill one by one.
            let mut color = developed(&middle.color);
            if is_edge(&samples, width, height, x, y) {
                let guess = Some(middle.shape).filter(|&shape| shape != NOTHING);
                for [dx, dy] in EDGE_SAMPLES {
                    let place = [x as f64 + dx, y as f64 + dy];
                    color += developed(&look(stage, eye, place, 0.6, guess).color);
                }
                color /= (EDGE_SAMPLES.len() + 1) as f32;
            }
            for channel in 0..3 {
                row[3 * x + channel] = encoded(color[channel]);
            }
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

/// The colour along the ray of a place in the image, over a square of `footprint_px`.
fn look(
    stage: &Stage<'_>,
    eye: &Eye,
    pixel: [f64; 2],
    footprint_px: f64,
    guess: Option<u32>,
) -> Sample {
    let ray = eye.ray(pixel);
    let Some(hit) = stage.bvh.nearest_from(&ray, NEAR_M, FAR_M, guess) else {
        return Sample {
            shape: NOTHING,
            color: srgb(0xdfe9f2) * 2.0,
        };
    };
    let aside = eye.ray([pixel[0] + footprint_px, pixel[1]]).direction;
    let below = eye.ray([pixel[0], pixel[1] + footprint_px]).direction;
    Sample {
        shape: hit.shape,
        color: shade(stage, &ray, &hit, &[aside, below]),
    }
}

fn shade(stage: &Stage<'_>, ray: &Ray, hit: &Hit, neighbours: &[Vector3<f64>; 2]) -> Rgb {
    let surface = &stage.scene.surfaces[hit.shape as usize];
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
    let albedo = stage.appearance.textures[surface.picture as usize]
        .sample(place, footprint[0], footprint[1])
        .component_mul(&surface.tint);
    let light = stage.appearance.light[hit.shape as usize].sample(frame.square);
    albedo.component_mul(&(light + Rgb::from(super::lighting::AMBIENT_FLOOR)))
        + albedo * surface.glow
}

/// A film-like shoulder, still linear light: 0 stays 0, 1 is the most a pixel holds.
fn developed(color: &Rgb) -> Rgb {
    color.map(|value| {
        let x = value * EXPOSURE;
        // Rational curve with slope 1 at the foot and a soft shoulder above one half.
        (x * (1.0 + x / 9.0) / (1.0 + 0.62 * x)).min(1.0)
    })
}

/// The sRGB code of a linear value in `0.0..=1.0`, from a table over its square root.
fn encoded(linear: f32) -> u8 {
    const STEPS: usize = 4095;
    static CODES: LazyLock<Vec<u8>> = LazyLock::new(|| {
        (0..=STEPS)
            .map(|k| {
                let root = k as f32 / STEPS as f32;
                let linear = root * root;
                let value = if linear <= 0.003_130_8 {
                    12.92 * linear
                } else {
                    1.055 * libm::powf(linear, 1.0 / 2.4) - 0.055
                };
                (value * 255.0 + 0.5) as u8
            })
            .collect()
    });
    let index = (linear.clamp(0.0, 1.0).sqrt() * STEPS as f32 + 0.5) as usize;
    CODES[index.min(STEPS)]
}

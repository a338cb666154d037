//! Soft light, computed once: a light map for every surface.
//!
//! In: the scene. Out: at any place of a surface the linear light it sends back for a white paint. Windows and
//! lamps are area lights sampled with shadow rays; one bounce off the other surfaces is gathered over the
//! hemisphere, which also darkens corners; what bounces more often is a constant. Light that depends on where
//! the eye is (gloss) is left out, so that a point looks the same from everywhere.

use std::sync::Arc;

use nalgebra::Vector3;

use super::bvh::Bvh;
use super::noise::{Random, hash};
use super::rows::for_each_part;
use super::scene::{AreaLight, Scene, Sun, Surface};
use super::shape::Ray;
use super::texture::{Rgb, Texture};

/// How finely light is computed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LightDetail {
    texel_m: f64,
    max_texels: usize,
    gather_rays_per_side: usize,
    /// At most this many shadow rays a side towards a light.
    light_rays_per_side: usize,
    /// Whether every place looks in the same directions: smooth where there are few.
    is_regular: bool,
}

impl LightDetail {
    pub(crate) const FINE: Self = Self {
        texel_m: 0.045,
        max_texels: 110,
        gather_rays_per_side: 6,
        light_rays_per_side: 5,
        is_regular: false,
    };
    pub(crate) const COARSE: Self = Self {
        texel_m: 0.11,
        max_texels: 48,
        gather_rays_per_side: 4,
        light_rays_per_side: 3,
        is_regular: true,
    };
}

/// Irradiance from the second bounce on, as if from everywhere.
const AMBIENT: [f32; 3] = [0.36, 0.34, 0.31];
/// Light that reaches even the deepest corner, divided by pi.
pub(crate) const AMBIENT_FLOOR: [f32; 3] = [0.02, 0.02, 0.02];
/// Places on the sun's disc.
const SUN_RAYS: [[f64; 2]; 7] = [
    [0.0, 0.0],
    [0.85, 0.0],
    [0.425, 0.736],
    [-0.425, 0.736],
    [-0.85, 0.0],
    [-0.425, -0.736],
    [0.425, -0.736],
];
const SUN_REACH_M: f64 = 7.0;
const LIFT_M: f64 = 1e-4;

/// Irradiance over one surface, divided by pi.
#[derive(Debug, Clone)]
pub(crate) struct LightMap {
    width: usize,
    height: usize,
    closes: bool,
    texels: Vec<Rgb>,
}

impl LightMap {
    fn dark(surface: &Surface, detail: &LightDetail) -> Self {
        let [width, height] = surface
            .shape
            .extent_m()
            .map(|side| ((side / detail.texel_m) as usize).clamp(2, detail.max_texels));
        Self {
            width,
            height,
            closes: surface.shape.closes(),
            texels: vec![Rgb::zeros(); width * height],
        }
    }

    /// The light at a place of the unit square.
    pub(crate) fn sample(&self, square: [f64; 2]) -> Rgb {
        let x = square[0] as f32 * self.width as f32 - 0.5;
        let y = (square[1] as f32 * self.height as f32 - 0.5).clamp(0.0, (self.height - 1) as f32);
        let (fx, fy) = (x.floor(), y.floor());
        let column = |k: i32| {
            if self.closes {
                k.rem_euclid(self.width as i32) as usize
            } else {
                k.clamp(0, self.width as i32 - 1) as usize
            }
        };
        let (x0, x1) = (column(fx as i32), column(fx as i32 + 1));
        let (y0, y1) = (fy as usize, (fy as usize + 1).min(self.height - 1));
        let (s, t) = (x - fx, y - fy);
        let texel = |x: usize, y: usize| self.texels[y * self.width + x];
        let top = texel(x0, y0) * (1.0 - s) + texel(x1, y0) * s;
        let bottom = texel(x0, y1) * (1.0 - s) + texel(x1, y1) * s;
        top * (1.0 - t) + bottom * t
    }
}

/// Lights the scene; `textures` are indexed as `Picture`s are.
pub(crate) fn bake(
    scene: &Scene,
    bvh: &Bvh,
    textures: &[Arc<Texture>],
    detail: &LightDetail,
) -> Vec<LightMap> {
    let albedo: Vec<Rgb> = scene
        .surfaces
        .iter()
        .map(|surface| {
            textures[surface.picture as usize]
                .mean()
                .component_mul(&surface.tint)
        })
        .collect();

    let mut direct: Vec<LightMap> = scene
        .surfaces
        .iter()
        .map(|surface| LightMap::dark(surface, detail))
        .collect();
    for_each_part(&mut direct, 1, |index, maps| {
        light_surface(
            &scene.surfaces[index],
            index,
            &mut maps[0],
            detail,
            |point, normal, random| {
                scene
                    .lights
                    .iter()
                    .map(|light| from_light(light, bvh, point, normal, detail, random))
                    .chain(
                        scene
                            .sun
                            .iter()
                            .map(|sun| from_sun(sun, bvh, point, normal)),
                    )
                    .sum()
            },
        );
    });

    let ambient = Rgb::from(AMBIENT);
    let mut full = direct.clone();
    for_each_part(&mut full, 1, |index, maps| {
        let mut bounced = LightMap::dark(&scene.surfaces[index], detail);
        light_surface(
            &scene.surfaces[index],
            index,
            &mut bounced,
            detail,
            |point, normal, random| {
                gather(point, normal, bvh, detail, random, |hit_shape, at| {
                    let surface = &scene.surfaces[hit_shape];
                    let square = surface.shape.describe(at).square;
                    let light = direct[hit_shape].sample(square) + ambient;
                    albedo[hit_shape].component_mul(&light)
                })
            },
        );
        for (texel, bounce) in maps[0].texels.iter_mut().zip(&bounced.texels) {
            *texel += bounce;
        }
    });
    full
}

/// Evaluates a light for the middle of every texel.
fn light_surface(
    surface: &Surface,
    index: usize,
    map: &mut LightMap,
    detail: &LightDetail,
    light: impl Fn(&Vector3<f64>, &Vector3<f64>, &mut Random) -> Rgb,
) {
    for y in 0..map.height {
        for x in 0..map.width {
            let square = [
                (x as f64 + 0.5) / map.width as f64,
                (y as f64 + 0.5) / map.height as f64,
            ];
            let on_surface = surface.shape.point_at(square);
            let normal = surface.shape.describe(&on_surface).normal;
            let point = on_surface + normal * LIFT_M;
            let seed = if detail.is_regular {
                0
            } else {
                hash(x as i32, y as i32, index as u32)
            };
            let mut random = Random::new(u64::from(seed));
            map.texels[y * map.width + x] = light(&point, &normal, &mut random);
        }
    }
}

fn from_light(
    light: &AreaLight,
    bvh: &Bvh,
    point: &Vector3<f64>,
    normal: &Vector3<f64>,
    detail: &LightDetail,
    random: &mut Random,
) -> Rgb {
    let area = light.edges[0].cross(&light.edges[1]).norm();
    let side = light.rays_per_side.min(detail.light_rays_per_side);
    let mut sum = 0.0;
    for j in 0..side {
        for i in 0..side {
            let a = (i as f64 + random.unit()) / side as f64;
            let b = (j as f64 + random.unit()) / side as f64;
            let to_light = light.corner + light.edges[0] * a + light.edges[1] * b - point;
            let distance_squared = to_light.norm_squared();
            let direction = to_light / distance_squared.sqrt();
            let cosines = direction.dot(normal).max(0.0) * (-direction.dot(&light.normal)).max(0.0);
            if cosines <= 0.0 {
                continue;
            }
            let ray = Ray {
                origin: *point,
                direction: to_light,
            };
            if !bvh.is_blocked(&ray, 0.0, 0.999) {
                // A floor under the distance keeps lamps from burning holes into their shades.
                sum += cosines / distance_squared.max(0.02);
            }
        }
    }
    let rays = (side * side) as f64;
    light.radiance * (sum * area / (rays * std::f64::consts::PI)) as f32
}

fn from_sun(sun: &Sun, bvh: &Bvh, point: &Vector3<f64>, normal: &Vector3<f64>) -> Rgb {
    let cosine = sun.toward.dot(normal);
    if cosine <= 0.0 {
        return Rgb::zeros();
    }
    let x = sun.toward.cross(&Vector3::z()).normalize();
    let y = sun.toward.cross(&x);
    let seen = SUN_RAYS
        .iter()
        .filter(|[a, b]| {
            let ray = Ray {
                origin: *point,
                direction: sun.toward + (x * *a + y * *b) * sun.half_angle_rad,
            };
            // The painted view stands farther away than this, behind the window.
            !bvh.is_blocked(&ray, 0.0, SUN_REACH_M)
        })
        .count();
    sun.radiance * (cosine * seen as f64 / SUN_RAYS.len() as f64) as f32
}

/// The mean over the hemisphere, weighted by the cosine, of what `seen` sends.
fn gather(
    point: &Vector3<f64>,
    normal: &Vector3<f64>,
    bvh: &Bvh,
    detail: &LightDetail,
    random: &mut Random,
    seen: impl Fn(usize, &Vector3<f64>) -> Rgb,
) -> Rgb {
    let side = if normal.z.abs() < 0.9 {
        Vector3::z()
    } else {
        Vector3::x()
    };
    let x = normal.cross(&side).normalize();
    let y = normal.cross(&x);
    let mut sum = Rgb::zeros();
    let count = detail.gather_rays_per_side;
    for j in 0..count {
        for i in 0..count {
            let a = (i as f64 + random.unit()) / count as f64;
            let b = (j as f64 + random.unit()) / count as f64;
            // Uniform on the disc, lifted onto the hemisphere (Malley's method).
            let radius = a.sqrt();
            let (sin, cos) = libm::sincos(b * std::f64::consts::TAU);
            let direction = x * (radius * cos) + y * (radius * sin) + normal * (1.0 - a).sqrt();
            let ray = Ray {
                origin: *point,
                direction,
            };
            if let Some(hit) = bvh.nearest(&ray, 0.0, 20.0) {
                sum += seen(hit.shape as usize, &ray.at(hit.t));
            }
        }
    }
    sum / (count * count) as f32
}

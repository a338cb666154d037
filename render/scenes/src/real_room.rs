//! A made-up real world: a desk before a wall with a carton and a mug, as a camera sees it, as a depth
//! sensor measures it, and as shiny things mirror it. All by casting rays, so that all of it agrees.

use render::glam::{Mat3, Mat4, Vec2, Vec3};
use render::{Light, SphericalHarmonics, View, palette};

use crate::demo_models::noise;

/// Tangent of the sun's angular radius through a bright window, as soft as shadows of content are.
const LIGHT_SIZE: f32 = 0.075;
const WALL_Z: f32 = -0.62;
/// Corners of the desk in x and z; it is the plane y = 0.
pub(crate) const DESK: [[f32; 2]; 4] = [[-1.6, WALL_Z], [1.6, WALL_Z], [1.6, 1.4], [-1.6, 1.4]];
/// The carton: its middle on the desk, half its size, how it is turned.
pub(crate) const CARTON: (Vec3, Vec3, f32) = (
    Vec3::new(-0.43, 0.075, -0.3),
    Vec3::new(0.1, 0.075, 0.07),
    0.35,
);
const MUG: (Vec2, f32, f32) = (Vec2::new(0.47, -0.3), 0.043, 0.098);

/// The light in this room: a bright window at the left, walls that send light back.
pub(crate) fn light() -> Light {
    Light {
        direction_to_light_in_world: Vec3::new(-0.78, 1.0, 0.34),
        intensity: Vec3::new(0.70, 0.665, 0.61),
        around: SphericalHarmonics::hemisphere(
            Vec3::new(0.40, 0.42, 0.45),
            Vec3::new(0.20, 0.17, 0.145),
        ),
        reflections: Vec3::ONE,
    }
}

/// What a ray meets.
struct Hit {
    metres: f32,
    normal: Vec3,
    /// Linear.
    albedo: Vec3,
    /// How much of the light from around arrives.
    open: f32,
}

/// The camera picture for a view, RGBA in sRGB, rows from the top.
pub(crate) fn picture(view: &View, size_px: [u32; 2]) -> Vec<u8> {
    let [width, height] = size_px;
    let light = light();
    let through = |x: f32, y: f32| {
        let (eye, along) = ray(view, x, y, size_px);
        seen(eye, along, &light)
    };
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let middles: Vec<Vec3> = places
        .clone()
        .map(|(x, y)| through(x as f32 + 0.5, y as f32 + 0.5))
        .collect();
    let mut rgba = Vec::with_capacity(middles.len() * 4);
    for (x, y) in places {
        let at = |x: u32, y: u32| middles[(y.min(height - 1) * width + x.min(width - 1)) as usize];
        let own = at(x, y);
        let beside = [
            at(x + 1, y),
            at(x.saturating_sub(1), y),
            at(x, y + 1),
            at(x, y.saturating_sub(1)),
        ];
        let step = beside.map(|other| (other - own).abs().max_element());
        let mut color = own;
        // An edge: sixteen rays instead of one.
        if step.into_iter().fold(0.0, f32::max) > 0.03 * (own.max_element() + 0.05) {
            let rays = (0..16).map(|ray| {
                let within = |place: u32| (place as f32 + 0.5) / 4.0;
                through(x as f32 + within(ray % 4), y as f32 + within(ray / 4))
            });
            color = rays.sum::<Vec3>() / 16.0;
        }
        let grain = ((x * 7 + y * 13 + x * y / 17) % 11) as f32 / 11.0 - 0.5;
        let shown = color * (1.0 + 0.012 * grain);
        rgba.extend(shown.to_array().map(palette::byte_from_linear));
        rgba.push(255);
    }
    rgba
}

/// What a sensor measures for a view: metres along its axis, rows from the top.
pub(crate) fn depth(view: &View, [width, height]: [u32; 2]) -> Vec<f32> {
    let forward = -view.view_from_world.row(2).truncate();
    (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .map(|(x, y)| {
            let (eye, along) = ray(view, x as f32 + 0.5, y as f32 + 0.5, [width, height]);
            nearest(eye, along).map_or(0.0, |hit| hit.metres * along.dot(forward))
        })
        .collect()
}

/// Light that comes to the middle of the desk from a direction; linear, the window far above 1.
pub(crate) fn radiance(direction: Vec3) -> Vec3 {
    let light = light();
    let sun = light.direction_to_light_in_world.normalize();
    let in_window = ((direction.dot(sun) - 0.93) / 0.03).clamp(0.0, 1.0);
    if direction.y > 0.0 && direction.z > WALL_Z {
        let wall = light.around.irradiance_over_pi(direction) * 1.1;
        return wall + Vec3::new(6.0, 6.0, 6.2) * in_window;
    }
    seen(Vec3::new(0.0, 0.12, 0.0), direction, &light)
}

/// A ray through a place of the picture.
fn ray(view: &View, x: f32, y: f32, [width, height]: [u32; 2]) -> (Vec3, Vec3) {
    let world_from_view = view.view_from_world.inverse();
    let scale = Vec2::new(
        view.projection_from_view.x_axis.x,
        view.projection_from_view.y_axis.y,
    );
    let on_picture = Vec2::new(2.0 * x / width as f32 - 1.0, 1.0 - 2.0 * y / height as f32) / scale;
    let along = world_from_view
        .transform_vector3(on_picture.extend(-1.0))
        .normalize();
    (world_from_view.w_axis.truncate(), along)
}

fn seen(eye: Vec3, along: Vec3, light: &Light) -> Vec3 {
    let Some(hit) = nearest(eye, along) else {
        return light.around.irradiance_over_pi(along);
    };
    let at = eye + along * hit.metres + hit.normal * 1e-4;
    let sun = light.direction_to_light_in_world.normalize();
    let facing = hit.normal.dot(sun).max(0.0);
    let lit = if facing > 0.0 { sunlit(at, sun) } else { 0.0 };
    hit.albedo
        * (light.intensity * facing * lit + light.around.irradiance_over_pi(hit.normal) * hit.open)
}

/// How much of the window is seen from a place.
fn sunlit(at: Vec3, sun: Vec3) -> f32 {
    const RAYS: usize = 12;
    let (right, up) = sun.any_orthonormal_pair();
    let free = (0..RAYS).filter(|index| {
        let radius = ((*index as f32 + 0.5) / RAYS as f32).sqrt() * LIGHT_SIZE;
        let offset = Vec2::from_angle(*index as f32 * 2.399_963) * radius;
        let along = (sun + right * offset.x + up * offset.y).normalize();
        carton(at, along).is_none() && mug(at, along).is_none()
    });
    free.count() as f32 / RAYS as f32
}

fn nearest(eye: Vec3, along: Vec3) -> Option<Hit> {
    let hits = [
        desk(eye, along),
        wall(eye, along),
        carton(eye, along),
        mug(eye, along),
    ];
    hits.into_iter()
        .flatten()
        .min_by(|a, b| a.metres.total_cmp(&b.metres))
}

fn desk(eye: Vec3, along: Vec3) -> Option<Hit> {
    let metres = -eye.y / along.y;
    let at = eye + along * metres;
    if metres <= 1e-3 || at.z < WALL_Z || !metres.is_finite() {
        return None;
    }
    let plank = (at.z / 0.16 + 40.0).floor();
    let across = (at.z / 0.16 + 40.0).fract();
    let shift = noise(Vec3::new(plank * 3.7, 0.5, 0.5), 1);
    let streaks = noise(Vec3::new(at.x * 3.0 + plank * 11.0, at.z * 60.0, 2.5), 3);
    let mut albedo = Vec3::new(0.46, 0.30, 0.18) * (1.0 + 0.10 * shift + 0.16 * streaks);
    if !(0.012..0.988).contains(&across) {
        albedo *= 0.62;
    }
    let paper = Mat3::from_rotation_y(-0.22) * (at - Vec3::new(0.26, 0.0, 0.24));
    if paper.x.abs() < 0.105 && paper.z.abs() < 0.148 {
        let line = (paper.z / 0.014).rem_euclid(1.0) < 0.28;
        let written = (-0.085..0.085 - 0.05 * (paper.z * 400.0).sin().abs()).contains(&paper.x);
        let word = (paper.x * 60.0 + (paper.z / 0.014).floor() * 2.3).rem_euclid(1.0) > 0.16;
        albedo = if line && written && word && paper.z.abs() < 0.13 {
            Vec3::new(0.32, 0.34, 0.38)
        } else {
            Vec3::new(0.82, 0.81, 0.78)
        };
    }
    let (middle, half, turn) = CARTON;
    let local = Mat3::from_rotation_y(-turn) * (at - middle);
    let beside = Vec2::new(local.x.abs() - half.x, local.z.abs() - half.z)
        .max(Vec2::ZERO)
        .length();
    let to_mug = (Vec2::new(at.x, at.z) - MUG.0).length() - MUG.1;
    let closed = 0.45 * (-beside / 0.035).exp()
        + 0.45 * (-to_mug.max(0.0) / 0.02).exp()
        + 0.3 * (-(at.z - WALL_Z) / 0.06).exp();
    Some(Hit {
        metres,
        normal: Vec3::Y,
        albedo,
        open: (1.0 - closed).max(0.2),
    })
}

fn wall(eye: Vec3, along: Vec3) -> Option<Hit> {
    let metres = (WALL_Z - eye.z) / along.z;
    let at = eye + along * metres;
    if metres <= 1e-3 || at.y < 0.0 || !metres.is_finite() {
        return None;
    }
    let frame = Vec2::new(at.x - 0.08, at.y - 0.44).abs() - Vec2::new(0.2, 0.13);
    let outside = frame.max_element();
    let albedo = if outside < -0.012 {
        let wave = 0.06 * (at.x * 18.0).sin();
        if at.y < 0.41 + wave {
            Vec3::new(0.16, 0.30, 0.28)
        } else {
            Vec3::new(0.62, 0.60, 0.52)
        }
    } else if outside < 0.0 {
        Vec3::new(0.10, 0.075, 0.06)
    } else {
        let mottled = noise(at * 5.0, 3);
        Vec3::new(0.66, 0.63, 0.57) * (1.0 + 0.03 * mottled)
    };
    Some(Hit {
        metres,
        normal: Vec3::Z,
        albedo,
        open: 1.0 - 0.35 * (-at.y / 0.07).exp(),
    })
}

fn carton(eye: Vec3, along: Vec3) -> Option<Hit> {
    let (middle, half, turn) = CARTON;
    let turned = Mat3::from_rotation_y(-turn);
    let (start, way) = (turned * (eye - middle), turned * along);
    let (near, far) = ((-half - start) / way, (half - start) / way);
    let (enter, leave) = (near.min(far), near.max(far));
    let metres = enter.max_element();
    if metres <= 1e-3 || metres > leave.min_element() {
        return None;
    }
    let axis = (0..3).find(|axis| enter[*axis] == metres).unwrap_or(0);
    let mut normal = Vec3::ZERO;
    normal[axis] = -way[axis].signum();
    let at = start + way * metres;
    let tape = at.x.abs() < 0.018 && axis != 0;
    let albedo = if tape {
        Vec3::new(0.66, 0.56, 0.40)
    } else {
        Vec3::new(0.50, 0.35, 0.21) * (1.0 + 0.05 * noise(at * 40.0, 2))
    };
    Some(Hit {
        metres,
        normal: turned.transpose() * normal,
        albedo,
        open: 1.0 - 0.3 * (-(at.y + half.y) / 0.03).exp(),
    })
}

fn mug(eye: Vec3, along: Vec3) -> Option<Hit> {
    let (middle, radius, height) = MUG;
    let start = Vec2::new(eye.x, eye.z) - middle;
    let way = Vec2::new(along.x, along.z);
    let (a, b) = (way.length_squared(), start.dot(way));
    let root = (b * b - a * (start.length_squared() - radius * radius)).max(-1.0);
    let side = (-b - root.max(0.0).sqrt()) / a;
    let at = eye + along * side;
    if root > 0.0 && side > 1e-3 && (0.0..height).contains(&at.y) {
        let out = (start + way * side) / radius;
        let band = (0.028..0.034).contains(&at.y);
        return Some(Hit {
            metres: side,
            normal: Vec3::new(out.x, 0.0, out.y),
            albedo: if band {
                Vec3::new(0.06, 0.16, 0.36)
            } else {
                Vec3::new(0.72, 0.71, 0.68)
            },
            open: 1.0 - 0.3 * (-at.y / 0.02).exp(),
        });
    }
    let lid = (height - eye.y) / along.y;
    let at = eye + along * lid;
    let out = Vec2::new(at.x, at.z) - middle;
    (lid > 1e-3 && out.length() < radius).then(|| {
        let rim = out.length() > radius - 0.004;
        Hit {
            metres: lid,
            normal: Vec3::Y,
            albedo: if rim {
                Vec3::new(0.75, 0.74, 0.7)
            } else {
                Vec3::new(0.05, 0.028, 0.015)
            },
            open: 1.0,
        }
    })
}

/// The side of the carton that faces the viewer most: where it stands, and its corners in x and z.
pub(crate) fn carton_front() -> (Mat4, [Vec2; 4]) {
    let (middle, half, turn) = CARTON;
    let world_from_carton = Mat4::from_translation(middle) * Mat4::from_rotation_y(turn);
    let world_from_front = world_from_carton
        * Mat4::from_translation(Vec3::Z * half.z)
        * Mat4::from_rotation_x(std::f32::consts::FRAC_PI_2);
    let corners = [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]];
    let size = Vec2::new(half.x, half.y);
    (
        world_from_front,
        corners.map(|corner| Vec2::from_array(corner) * size),
    )
}

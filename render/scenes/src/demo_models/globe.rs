//! A globe of a made-up planet: tilted as the Earth is, in a brass meridian on a wooden foot.

use std::f32::consts::{PI, TAU};

use render::glam::{Mat4, Vec3};
use render::model::Model;
use serde_json::json;

use super::{file::ModelFile, mixed, noise::noise, shapes::Shape, srgb};

const RADIUS_M: f32 = 0.105;
const MIDDLE_M: f32 = 0.19;
/// Of the Earth's axis.
const TILT_RAD: f32 = 0.409;

/// 0.32 m high, a little over 0.2 m wide.
pub(crate) fn globe() -> Model {
    let mut file = ModelFile::default();
    let map = file.picture([512, 256], map_color);
    let planet = file.material(json!({
        "pbrMetallicRoughness": {
            "baseColorTexture": map, "metallicFactor": 0.0, "roughnessFactor": 0.42,
        },
    }));
    let brass = file.paint([0.82, 0.60, 0.27], 1.0, 0.28);
    let wood = file.paint([0.16, 0.07, 0.035], 0.0, 0.45);

    let tilted = Mat4::from_translation(Vec3::Y * MIDDLE_M) * Mat4::from_rotation_z(-TILT_RAD);
    let ball = Shape::ball(RADIUS_M, 56).moved(tilted);
    let reach = RADIUS_M + 0.012;
    let meridian = Shape::arc(reach, 0.007, [-0.5 * PI - 0.03, 0.5 * PI + 0.03], 36).moved(tilted);
    let pole = |side: f32| {
        let tip = Vec3::Y * side * (reach + 0.007);
        Shape::rod(Vec3::Y * side * RADIUS_M * 0.98, tip, 0.0035, 10)
            .and(Shape::ball(0.006, 12).moved(Mat4::from_translation(tip)))
            .moved(tilted)
    };
    let stem = Shape::turned(
        &[
            [0.0075, 0.028],
            [0.0065, 0.034],
            [0.005, 0.045],
            [0.005, MIDDLE_M - reach + 0.002],
            [0.0, MIDDLE_M - reach + 0.002],
        ],
        16,
    );
    let foot = Shape::turned(
        &[
            [0.0, 0.0],
            [0.072, 0.0],
            [0.075, 0.003],
            [0.075, 0.009],
            [0.072, 0.012],
            [0.06, 0.014],
            [0.05, 0.0165],
            [0.03, 0.019],
            [0.018, 0.024],
            [0.012, 0.03],
            [0.0, 0.031],
        ],
        40,
    );
    let metal = meridian.and(pole(1.0)).and(pole(-1.0)).and(stem);
    let parts = vec![
        file.part(&ball, planet),
        file.part(&metal, brass),
        file.part(&foot, wood),
    ];
    file.stand(parts);
    file.read()
}

/// Seas, land by height and latitude, ice, and lines every 30 degrees.
fn map_color(u: f32, v: f32) -> [f32; 4] {
    let (longitude, polar) = (u * TAU, v * PI);
    let at = Vec3::new(
        polar.sin() * longitude.sin(),
        polar.cos(),
        polar.sin() * longitude.cos(),
    );
    let height = noise(at * 1.75 + Vec3::new(4.2, 1.7, 8.3), 6) + 0.10;
    let north = at.y.abs() + 0.08 * noise(at * 5.0, 3);
    let mut color = if height < 0.02 {
        let depth = ((0.02 - height) * 2.6).clamp(0.0, 1.0);
        mixed(srgb(0x6fb0d8), srgb(0x2f6fb4), depth.sqrt())
    } else {
        let green = mixed(
            srgb(0xd9c88f),
            srgb(0x5fa06f),
            (north * 2.4 - 0.35).clamp(0.0, 1.0),
        );
        mixed(
            green,
            srgb(0xa98a62),
            ((height - 0.2) * 2.4).clamp(0.0, 1.0),
        )
    };
    if north > 0.9 {
        color = srgb(0xf4f5f2);
    } else if (height - 0.02).abs() < 0.012 {
        color = mixed(color, srgb(0x3c4a50), 0.55);
    }
    // As wide on the ball everywhere.
    let line = |turn: f32, every: f32, width: f32| {
        let from_line = ((turn / every + 0.5).fract() - 0.5).abs() * every;
        (1.0 - from_line / width).clamp(0.0, 1.0)
    };
    let meridians = line(u, 1.0 / 12.0, 0.0016 / polar.sin().max(0.05));
    let parallels = line(v, 1.0 / 6.0, 0.0032);
    let is_equator = (v - 0.5).abs() < 0.006;
    let ink = if is_equator { 0.75 } else { 0.32 };
    let [red, green, blue] = mixed(color, srgb(0xf7f6f2), ink * meridians.max(parallels));
    [red, green, blue, 1.0]
}

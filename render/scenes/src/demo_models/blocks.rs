//! Things of wood and paper: bars of a chart on a board, and a stack of books.

use render::glam::{Mat4, Vec3};
use render::model::Model;
use render::palette;
use serde_json::json;

use super::{file::ModelFile, mixed, noise::noise, shapes::Shape, srgb};

/// Grain along u.
fn grain(u: f32, v: f32) -> f32 {
    let bent = v + 0.03 * noise(Vec3::new(u * 2.0, v * 3.0, 0.5), 2);
    let rings = (bent * 26.0 + 2.0 * noise(Vec3::new(u * 1.2, bent * 6.0, 3.5), 2)).sin();
    0.5 + 0.3 * rings + 0.35 * noise(Vec3::new(u * 9.0, v * 90.0, 7.5), 3)
}

/// Five bars on a board of wood with a grain that the light follows: 0.26 m wide, up to 0.17 m high.
pub(crate) fn bars() -> Model {
    let mut file = ModelFile::default();
    let wood = file.picture([256, 128], |u, v| {
        let [red, green, blue] = mixed(srgb(0xcfa06a), srgb(0x9a6a3e), grain(u, v).clamp(0.0, 1.0));
        [red, green, blue, 1.0]
    });
    let bumps = file.picture([256, 128], |u, v| {
        let (right, down) = (
            grain(u + 0.004, v) - grain(u - 0.004, v),
            grain(u, v + 0.008) - grain(u, v - 0.008),
        );
        let normal = Vec3::new(-right * 0.5, down * 0.5, 1.0).normalize() * 0.5 + 0.5;
        [normal.x, normal.y, normal.z, 1.0]
    });
    let board = file.material(json!({
        "pbrMetallicRoughness": {
            "baseColorTexture": wood, "metallicFactor": 0.0, "roughnessFactor": 0.5,
        },
        "normalTexture": bumps,
    }));
    let slab = Shape::block(Vec3::new(0.13, 0.008, 0.05), 0.003).at(0.0, 0.008, 0.0);
    let mut parts = vec![file.part(&slab, board)];
    let colors = [
        palette::SKY,
        palette::LEAF,
        palette::AMBER,
        palette::SIGNAL,
        palette::ROSE,
    ];
    for (index, (height, color)) in [0.055, 0.085, 0.07, 0.115, 0.15]
        .into_iter()
        .zip(colors)
        .enumerate()
    {
        let paint = file.paint(color, 0.0, 0.45);
        let bar = Shape::block(Vec3::new(0.016, height * 0.5, 0.024), 0.003).at(
            -0.092 + index as f32 * 0.046,
            0.016 + height * 0.5,
            0.0,
        );
        let mut bar = bar;
        bar.tangents.clear();
        parts.push(file.part(&bar, paint));
    }
    file.stand(parts);
    file.read()
}

/// Three books, one over the other, each turned a little: 0.09 m high.
pub(crate) fn books() -> Model {
    let mut file = ModelFile::default();
    let edges = file.picture([16, 64], |_, v| {
        let line = 0.5 + 0.5 * noise(Vec3::new(0.5, v * 40.0, 0.5), 1);
        let [red, green, blue] = mixed(srgb(0xf3efe4), srgb(0xd3ccba), line);
        [red, green, blue, 1.0]
    });
    let paper = file.material(json!({
        "pbrMetallicRoughness": {
            "baseColorTexture": edges, "metallicFactor": 0.0, "roughnessFactor": 0.95,
        },
    }));
    let mut parts = Vec::new();
    let mut floor = 0.0;
    for (half, turn, hex) in [
        (Vec3::new(0.105, 0.017, 0.075), 0.06, 0x2c4a6e),
        (Vec3::new(0.095, 0.012, 0.068), -0.09, 0xc9553a),
        (Vec3::new(0.085, 0.014, 0.062), 0.16, 0x2f7d63),
    ] {
        let cover = file.paint(palette::linear_from_hex(hex), 0.0, 0.6);
        let stands =
            Mat4::from_translation(Vec3::Y * (floor + half.y)) * Mat4::from_rotation_y(turn);
        let lid = |y: f32| Shape::block(Vec3::new(half.x, 0.0018, half.z), 0.0015).at(0.0, y, 0.0);
        let spine =
            Shape::block(Vec3::new(half.x, half.y, 0.003), 0.0025).at(0.0, 0.0, half.z - 0.003);
        let mut covers = lid(half.y - 0.0018)
            .and(lid(0.0018 - half.y))
            .and(spine)
            .moved(stands);
        let mut pages = Shape::block(half - Vec3::new(0.005, 0.002, 0.006), 0.001)
            .at(0.0, 0.0, 0.002)
            .moved(stands);
        covers.tangents.clear();
        pages.tangents.clear();
        parts.push(file.part(&covers, cover));
        parts.push(file.part(&pages, paper));
        floor += 2.0 * half.y;
    }
    file.stand(parts);
    file.read()
}

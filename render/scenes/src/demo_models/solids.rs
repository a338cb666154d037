//! Bodies that show what surfaces are made of: a dodecahedron and a ball.

use render::glam::Vec3;
use render::model::Model;
use serde_json::json;

use super::{file::ModelFile, shapes::Shape};

/// A dodecahedron of metal that stands on a face, 0.16 m high, edges softly broken. Linear colour.
pub(crate) fn gem(color: [f32; 3], roughness: f32) -> Model {
    let golden = (1.0 + 5.0_f32.sqrt()) / 2.0;
    let mut corners = Vec::new();
    for a in [-1.0, 1.0] {
        for b in [-1.0, 1.0] {
            corners.extend([-1.0, 1.0].map(|c| Vec3::new(a, b, c)));
            let (short, long) = (a / golden, b * golden);
            corners.push(Vec3::new(0.0, short, long));
            corners.push(Vec3::new(short, long, 0.0));
            corners.push(Vec3::new(long, 0.0, short));
        }
    }
    let mut normals = Vec::new();
    for a in [-1.0, 1.0] {
        for b in [-golden, golden] {
            let face = Vec3::new(0.0, b, a).normalize();
            normals.extend([
                face,
                Vec3::new(face.z, 0.0, face.y),
                Vec3::new(face.y, face.z, 0.0),
            ]);
        }
    }
    // Down on a face.
    let down = render::glam::Quat::from_rotation_arc(normals[0], Vec3::NEG_Y);
    let half = corners[0].length() * 0.7946;
    let scale = 0.08 / half;
    let shape = Shape::gem(
        &corners
            .iter()
            .map(|at| down * *at * scale)
            .collect::<Vec<_>>(),
        &normals.iter().map(|at| down * *at).collect::<Vec<_>>(),
        0.07,
    );
    let lowest = shape
        .positions
        .iter()
        .map(|at| at.y)
        .fold(f32::MAX, f32::min);
    let mut file = ModelFile::default();
    let metal = file.paint(color, 1.0, roughness);
    let parts = vec![file.part(&shape.at(0.0, -lowest, 0.0), metal)];
    file.stand(parts);
    file.read()
}

/// A ball of 0.12 m on a thin ring. Linear colour.
pub(crate) fn ball(color: [f32; 3], metallic: f32, roughness: f32) -> Model {
    let mut file = ModelFile::default();
    let paint = file.paint(color, metallic, roughness);
    let ring = file.material(json!({
        "pbrMetallicRoughness": {
            "baseColorFactor": [0.05, 0.055, 0.06, 1.0], "metallicFactor": 0.0, "roughnessFactor": 0.5,
        },
    }));
    let body = Shape::ball(0.06, 48).at(0.0, 0.064, 0.0);
    let foot = Shape::turned(
        &[
            [0.022, 0.0],
            [0.03, 0.0],
            [0.03, 0.006],
            [0.026, 0.012],
            [0.022, 0.0],
        ],
        32,
    );
    let parts = vec![file.part(&body, paint), file.part(&foot, ring)];
    file.stand(parts);
    file.read()
}

/// A dark, polished board of 1 m with its back; things stand on its origin.
pub(crate) fn shelf() -> Model {
    let mut file = ModelFile::default();
    let board = file.paint([0.055, 0.032, 0.022], 0.0, 0.3);
    let back = file.paint([0.05, 0.062, 0.085], 0.0, 0.85);
    let plank = Shape::block(Vec3::new(0.7, 0.015, 0.17), 0.004).at(0.0, -0.015, 0.0);
    let wall = Shape::block(Vec3::new(0.9, 0.5, 0.01), 0.003).at(0.0, 0.2, -0.18);
    let without_tangents = |mut shape: Shape| {
        shape.tangents.clear();
        shape
    };
    let parts = vec![
        file.part(&without_tangents(plank), board),
        file.part(&without_tangents(wall), back),
    ];
    file.stand(parts);
    file.read()
}

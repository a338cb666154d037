//! A desk lamp with two arms and a head, joints that turn, and a bulb that shines.

use render::glam::Vec3;
use render::model::Model;
use render::palette;
use serde_json::json;

use super::{
    file::{ModelFile, Swing},
    shapes::Shape,
};

const LOWER_M: f32 = 0.17;
const UPPER_M: f32 = 0.15;

/// About 0.34 m high; it bows towards +X. Its animation "nod" lasts 4 s.
pub(crate) fn lamp() -> Model {
    let mut file = ModelFile::default();
    let paint = file.paint(palette::AMBER, 0.0, 0.35);
    let steel = file.paint([0.62, 0.63, 0.65], 1.0, 0.3);
    let inside = file.paint([0.85, 0.84, 0.8], 0.0, 0.6);
    let bulb = file.material(json!({
        "pbrMetallicRoughness": {
            "baseColorFactor": [1.0, 0.95, 0.85, 1.0], "metallicFactor": 0.0, "roughnessFactor": 0.4,
        },
        "emissiveFactor": [1.0, 0.82, 0.5],
        "extensions": { "KHR_materials_emissive_strength": { "emissiveStrength": 3.0 } },
    }));
    file.glb.json["extensionsUsed"] = json!(["KHR_materials_emissive_strength"]);

    let foot = Shape::turned(
        &[
            [0.0, 0.0],
            [0.066, 0.0],
            [0.069, 0.003],
            [0.069, 0.011],
            [0.065, 0.015],
            [0.02, 0.018],
            [0.014, 0.022],
            [0.012, 0.034],
            [0.0, 0.036],
        ],
        40,
    );
    let joint = || {
        let half = Vec3::Z * 0.014;
        Shape::rod(-half, half, 0.011, 20)
    };
    let arm = |length: f32| {
        let rod = |z: f32| {
            Shape::rod(
                Vec3::new(0.0, 0.0, z),
                Vec3::new(0.0, length, z),
                0.0034,
                10,
            )
        };
        rod(0.008).and(rod(-0.008)).and(joint())
    };
    // Open downwards.
    let shade = Shape::turned(
        &[
            [0.062, -0.07],
            [0.056, -0.045],
            [0.042, -0.018],
            [0.022, -0.003],
            [0.018, 0.012],
            [0.0, 0.014],
        ],
        40,
    );
    let lining = Shape::turned(
        &[
            [0.0, -0.006],
            [0.02, -0.006],
            [0.04, -0.02],
            [0.0545, -0.046],
            [0.0605, -0.07],
            [0.062, -0.07],
        ],
        40,
    );
    let light = Shape::ball(0.019, 24).at(0.0, -0.042, 0.0);

    let head_parts = vec![
        file.part(&shade, paint),
        file.part(&lining, inside),
        file.part(&light, bulb),
        file.part(&joint(), steel),
    ];
    let head_mesh = file.mesh(head_parts);
    let arm_meshes = [LOWER_M, UPPER_M].map(|length| {
        let part = file.part(&arm(length), steel);
        file.mesh(vec![part])
    });
    let foot_part = file.part(&foot, paint);
    let foot_mesh = file.mesh(vec![foot_part]);

    let mut node = |mesh: usize, height: f32, children: &[usize]| {
        let mut node = json!({ "mesh": mesh, "translation": [0.0, height, 0.0] });
        if !children.is_empty() {
            node["children"] = json!(children);
        }
        file.glb.push("nodes", node)
    };
    let head = node(head_mesh, UPPER_M, &[]);
    let upper = node(arm_meshes[1], LOWER_M, &[head]);
    let lower = node(arm_meshes[0], 0.036, &[upper]);
    for (node, angle) in [(lower, 0.45_f32), (upper, -1.75), (head, 1.75)] {
        let (sine, cosine) = (angle * 0.5).sin_cos();
        file.glb.json["nodes"][node]["rotation"] = json!([0.0, 0.0, sine, cosine]);
    }
    file.glb
        .root(json!({ "mesh": foot_mesh, "children": [lower] }));
    let swing = |node, middle_rad, reach_rad, phase_rad| Swing {
        node,
        axis: Vec3::Z,
        middle_rad,
        reach_rad,
        phase_rad,
    };
    file.swings(
        "nod",
        4.0,
        &[
            swing(lower, 0.45, 0.16, 0.0),
            swing(upper, -1.75, 0.3, 0.9),
            swing(head, 1.75, 0.35, 2.0),
        ],
    );
    file.read()
}

//! A striped worm that crawls: one skin over a row of joints.

use std::f32::consts::{PI, TAU};

use render::glam::{Mat4, Vec3, Vec4};
use render::model::Model;
use serde_json::json;

use super::{
    file::{ModelFile, Swing},
    mixed,
    shapes::Shape,
    srgb,
};

const JOINTS: usize = 9;
const LENGTH_M: f32 = 0.26;
/// Of the joints: the belly lies on the ground.
const HEIGHT_M: f32 = 0.02;

/// Where a joint is at rest: along X, its head at +X.
fn joint_x(joint: usize) -> f32 {
    (joint as f32 / (JOINTS - 1) as f32 - 0.5) * LENGTH_M
}

/// Two joints that move a place and how much.
fn ties(x: f32) -> (usize, f32) {
    let along = ((x / LENGTH_M + 0.5) * (JOINTS - 1) as f32).clamp(0.0, (JOINTS - 1) as f32);
    let before = (along as usize).min(JOINTS - 2);
    (before, along - before as f32)
}

/// 0.26 m long; the head looks towards +X. Its animation "crawl" lasts 2 s.
pub(crate) fn worm() -> Model {
    let mut file = ModelFile::default();
    let stripes = file.picture([256, 32], |_, v| {
        let [light, dark, belly] = [srgb(0xf2b33d), srgb(0x3d7f5c), srgb(0x56a374)];
        let wave = 0.5 + 0.5 * (v * 15.0 * TAU).sin();
        let edge = ((wave - 0.45) * 5.0).clamp(0.0, 1.0);
        let [red, green, blue] = mixed(mixed(dark, belly, 0.3), light, edge * 0.85);
        [red, green, blue, 1.0]
    });
    let skin_paint = file.material(json!({
        "pbrMetallicRoughness": {
            "baseColorTexture": stripes, "metallicFactor": 0.0, "roughnessFactor": 0.45,
        },
    }));
    let white = file.paint([0.9, 0.9, 0.88], 0.0, 0.25);
    let black = file.paint([0.01, 0.012, 0.015], 0.0, 0.15);

    let path: Vec<Vec3> = (0..=48)
        .map(|index| {
            // Closer together at the ends, which are round.
            let part = 0.5 - 0.5 * (index as f32 / 48.0 * PI).cos();
            Vec3::new((part - 0.5) * (LENGTH_M + 0.04), HEIGHT_M, 0.0)
        })
        .collect();
    let thickness = |x: f32| {
        let from_middle = (x / (LENGTH_M * 0.5 + 0.02)).abs().min(1.0);
        let body = 0.017 + 0.007 * ((x / LENGTH_M + 0.5) * 1.2).clamp(0.0, 1.0);
        let bumps = 1.0 + 0.05 * (x / LENGTH_M * 15.0 * TAU).sin();
        body * bumps * (1.0 - from_middle.powi(6)).max(0.0).sqrt()
    };
    let body = Shape::net([20, 48], |u, v| {
        let x = path[(v * 48.0).round() as usize].x;
        let radius = thickness(x);
        let slope = (thickness(x + 5e-4) - thickness(x - 5e-4)) / 1e-3;
        let (sine, cosine) = (u * TAU).sin_cos();
        let normal = Vec3::new(-slope.clamp(-8.0, 8.0), cosine, sine);
        let at = Vec3::new(x, radius * (1.0 + cosine), radius * sine);
        (at, normal.normalize())
    });
    let eye = |side: f32| {
        Shape::ball(0.0075, 16).at(LENGTH_M * 0.5 + 0.001, HEIGHT_M + 0.016, side * 0.011)
    };
    let pupil = |side: f32| {
        Shape::ball(0.004, 12).at(LENGTH_M * 0.5 + 0.006, HEIGHT_M + 0.018, side * 0.012)
    };
    let mut parts = Vec::new();
    for (shape, paint) in [
        (body, skin_paint),
        (eye(1.0).and(eye(-1.0)), white),
        (pupil(1.0).and(pupil(-1.0)), black),
    ] {
        let mut part = file.part(&shape, paint);
        let mut joints = Vec::new();
        let mut weights = Vec::new();
        for at in &shape.positions {
            let (before, share) = ties(at.x);
            joints.extend([before as f64, (before + 1) as f64, 0.0, 0.0]);
            weights.extend(Vec4::new(1.0 - share, share, 0.0, 0.0).to_array());
        }
        part["attributes"]["JOINTS_0"] = json!(file.glb.accessor(
            "VEC4",
            crate::glb_builder::Component::U8,
            &joints
        ));
        part["attributes"]["WEIGHTS_0"] = json!(file.glb.floats("VEC4", &weights));
        parts.push(part);
    }
    let mesh = file.mesh(parts);

    // From the tail, each joint in the one before.
    let mut nodes = vec![0; JOINTS];
    for joint in (0..JOINTS).rev() {
        let step = if joint == 0 {
            joint_x(0)
        } else {
            joint_x(1) - joint_x(0)
        };
        let mut node =
            json!({ "translation": [step, if joint == 0 { HEIGHT_M } else { 0.0 }, 0.0] });
        if joint + 1 < JOINTS {
            node["children"] = json!([nodes[joint + 1]]);
        }
        nodes[joint] = file.glb.push("nodes", node);
    }
    let inverse_bind: Vec<f32> = (0..JOINTS)
        .flat_map(|joint| {
            Mat4::from_translation(-Vec3::new(joint_x(joint), HEIGHT_M, 0.0)).to_cols_array()
        })
        .collect();
    let matrices = file.glb.floats("MAT4", &inverse_bind);
    let skin = file.glb.push(
        "skins",
        json!({ "joints": nodes, "inverseBindMatrices": matrices }),
    );
    // The tail is a root of the scene too.
    let root = file.glb.root(json!({ "mesh": mesh, "skin": skin }));
    file.glb.json["scenes"][0]["nodes"] = json!([nodes[0], root]);

    // It winds over the ground; the joints' turns add up along it.
    let swings: Vec<Swing> = nodes
        .iter()
        .enumerate()
        .map(|(joint, node)| Swing {
            node: *node,
            axis: Vec3::Y,
            middle_rad: 0.0,
            reach_rad: if joint == 0 { 0.4 } else { 0.34 },
            phase_rad: -(joint as f32) * 0.75 + if joint == 0 { 2.2 } else { 0.0 },
        })
        .collect();
    file.swings("crawl", 2.0, &swings);
    file.read()
}

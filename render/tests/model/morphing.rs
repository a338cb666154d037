//! Morph targets: which attributes they have, sparse ones, default weights, flat normals.

use glam::Vec3;
use render::glam;
use serde_json::json;

use crate::glb_builder::{Component, GlbBuilder};
use crate::{near, read, showing, triangle};

#[test]
fn absent_attributes_stay_empty_and_sparse_ones_are_filled() {
    let mut file = GlbBuilder::new();
    let mut primitive = triangle(&mut file);
    let moved = file.sparse(
        None,
        ("VEC3", Component::F32, 3),
        (Component::U8, &[2]),
        &[0.0, 1.0, 0.5],
    );
    let turned = file.floats("VEC3", &[0.1, 0.2, 0.3, 0.0, 0.0, 0.0, 0.4, 0.5, 0.6]);
    primitive["targets"] = json!([{ "POSITION": moved }, { "NORMAL": turned, "TANGENT": turned }]);
    let model = read(&showing(file, primitive));
    let targets = &model.primitives[0].morph_targets;
    assert_eq!(targets[0].positions, [[0.0; 3], [0.0; 3], [0.0, 1.0, 0.5]]);
    assert!(targets[0].normals.is_empty() && targets[0].tangents.is_empty());
    assert!(targets[1].positions.is_empty());
    assert_eq!(
        targets[1].normals,
        [[0.1, 0.2, 0.3], [0.0; 3], [0.4, 0.5, 0.6]]
    );
    assert_eq!(targets[1].tangents, targets[1].normals);
    assert_eq!(model.nodes[0].weights, [0.0, 0.0]);
}

#[test]
fn weights_are_those_of_the_node_or_else_of_the_mesh() {
    let mut file = GlbBuilder::new();
    let mut primitive = triangle(&mut file);
    let up = file.floats("VEC3", &[0.0, 0.0, 4.0].repeat(3));
    primitive["targets"] = json!([{ "POSITION": up }]);
    let mesh = file.push(
        "meshes",
        json!({ "primitives": [primitive], "weights": [0.5] }),
    );
    file.root(json!({ "mesh": mesh }));
    file.root(json!({ "mesh": mesh, "weights": [-1.0] }));
    file.root(json!({}));
    let model = read(&file);
    assert_eq!(model.nodes[0].weights, [0.5]);
    assert_eq!(model.nodes[1].weights, [-1.0]);
    assert!(model.nodes[2].weights.is_empty());
    // At rest one stands at z = 2, the other at z = -4.
    assert_eq!(model.bounds.min, Vec3::new(0.0, 0.0, -4.0));
    assert_eq!(model.bounds.max, Vec3::new(1.0, 2.0, 2.0));
    assert_eq!(model.primitives[0].bounds.max.z, 0.0);
}

#[test]
fn flat_triangles_turn_with_their_target() {
    let mut file = GlbBuilder::new();
    let mut primitive = triangle(&mut file);
    primitive["attributes"]
        .as_object_mut()
        .unwrap()
        .remove("NORMAL");
    // Lifts the third corner by as much as it is away: the plane then stands at 45 degrees.
    let lifted = file.floats("VEC3", &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0]);
    let ignored = file.floats("VEC3", &[5.0; 9]);
    primitive["targets"] = json!([{ "POSITION": lifted, "NORMAL": ignored }]);
    let model = read(&showing(file, primitive));
    let target = &model.primitives[0].morph_targets[0];
    let half = std::f32::consts::FRAC_1_SQRT_2;
    for corner in 0..3 {
        near(&target.normals[corner], &[0.0, -half, half - 1.0], 1e-6);
    }
}

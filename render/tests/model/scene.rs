//! Nodes, scenes and animations as they are read.

use glam::{Mat4, Quat, Vec3};
use render::glam;
use render::model::{Interpolation, Local, Pose, Property};
use serde_json::json;

use crate::glb_builder::{Component, GlbBuilder};
use crate::{near, read, triangle};

#[test]
fn only_the_default_scene_is_read_and_parents_come_first() {
    let mut file = GlbBuilder::new();
    let primitive = triangle(&mut file);
    let unused = file.mesh(primitive.clone());
    let shown = file.mesh(primitive);
    file.json["nodes"] = json!([
        { "name": "leaf", "mesh": shown, "translation": [0, 0, 1] },
        { "name": "elsewhere", "mesh": unused },
        { "name": "branch", "children": [0], "scale": [2, 2, 2] },
        { "name": "root", "children": [2, 4], "rotation": [0, 2, 0, 0] },
        { "name": "twig" },
    ]);
    file.json["scenes"] = json!([{ "nodes": [1] }, { "nodes": [3] }]);
    file.json["scene"] = json!(1);
    let model = read(&file);
    let names: Vec<_> = model.nodes.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["root", "branch", "leaf", "twig"]);
    let parents: Vec<_> = model.nodes.iter().map(|node| node.parent).collect();
    assert_eq!(parents, [None, Some(0), Some(1), Some(0)]);
    assert_eq!(model.meshes.len(), 1);
    assert_eq!(model.nodes[2].mesh, Some(0));
    // Half a turn about Y, twice the size, the leaf one up: z = 1 becomes -2.
    let place = Pose::at_rest(&model).model_from_node(2);
    near(
        &place.transform_point3(Vec3::new(1.0, 2.0, 0.0)).to_array(),
        &[-2.0, 4.0, -2.0],
        1e-5,
    );
    near(&model.bounds.min.to_array(), &[-2.0, 0.0, -2.0], 1e-5);
    near(&model.bounds.max.to_array(), &[0.0, 4.0, -2.0], 1e-5);

    file.json.as_object_mut().unwrap().remove("scene");
    assert_eq!(read(&file).nodes.len(), 1, "the first scene");
    file.json.as_object_mut().unwrap().remove("scenes");
    let names: Vec<_> = read(&file)
        .nodes
        .into_iter()
        .map(|node| node.name)
        .collect();
    assert_eq!(
        names,
        ["elsewhere", "root", "branch", "leaf", "twig"],
        "all roots"
    );
}

#[test]
fn a_matrix_stays_a_matrix_unless_it_moves() {
    let matrix = Mat4::from_scale_rotation_translation(
        Vec3::new(1.0, 2.0, 3.0),
        Quat::from_rotation_x(0.5),
        Vec3::new(4.0, 5.0, 6.0),
    );
    let mut file = GlbBuilder::new();
    let primitive = triangle(&mut file);
    let mesh = file.mesh(primitive);
    file.root(json!({ "mesh": mesh, "matrix": matrix.to_cols_array() }));
    file.root(json!({ "mesh": mesh, "matrix": matrix.to_cols_array() }));
    let times = file.floats("SCALAR", &[0.0]);
    let scales = file.floats("VEC3", &[1.0, 1.0, 1.0]);
    file.push(
        "animations",
        json!({
            "channels": [{ "sampler": 0, "target": { "node": 1, "path": "scale" } }],
            "samplers": [{ "input": times, "output": scales }],
        }),
    );
    let model = read(&file);
    assert_eq!(model.nodes[0].local, Local::Matrix(matrix));
    assert!(matches!(model.nodes[1].local, Local::Parts { .. }));
    near(
        &model.nodes[1].local.matrix().to_cols_array(),
        &matrix.to_cols_array(),
        1e-5,
    );
}

#[test]
fn channels_keep_their_keyframes() {
    let mut file = GlbBuilder::new();
    let mut primitive = triangle(&mut file);
    let moved = file.floats("VEC3", &[0.0; 9]);
    primitive["targets"] = json!([{ "POSITION": moved }, { "POSITION": moved }]);
    let mesh = file.mesh(primitive);
    file.root(json!({ "mesh": mesh }));
    file.push("nodes", json!({ "name": "in no scene" }));
    let times = file.floats("SCALAR", &[0.5, 1.0, 2.5]);
    let turns = [
        0.0, 0.0, 0.0, 32767.0, 0.0, -32767.0, 0.0, 0.0, 0.0, 0.0, -32768.0, 0.0,
    ];
    let turns = file.normalized("VEC4", Component::I16, &turns);
    let shares = file.normalized(
        "SCALAR",
        Component::U8,
        &[0.0, 255.0, 51.0, 102.0, 0.0, 0.0],
    );
    let splines: Vec<f32> = (0..27).map(|number| number as f32).collect();
    let splines = file.floats("VEC3", &splines);
    file.push(
        "animations",
        json!({
            "name": "all",
            "channels": [
                { "sampler": 0, "target": { "node": 0, "path": "rotation" } },
                { "sampler": 1, "target": { "node": 0, "path": "weights" } },
                { "sampler": 2, "target": { "node": 0, "path": "translation" } },
                { "sampler": 2, "target": { "node": 1, "path": "translation" } },
                { "sampler": 2, "target": { "path": "translation" } },
                { "sampler": 2, "target": { "node": 0, "path": "pointer" } },
            ],
            "samplers": [
                { "input": times, "output": turns, "interpolation": "STEP" },
                { "input": times, "output": shares },
                { "input": times, "output": splines, "interpolation": "CUBICSPLINE" },
            ],
        }),
    );
    let model = read(&file);
    let animation = &model.animations[model.animation("all").unwrap()];
    assert_eq!(animation.duration_secs, 2.5);
    let [turn, share, spline] = &animation.channels[..] else {
        panic!("{:?}", animation.channels);
    };
    assert_eq!(turn.times_secs, [0.5, 1.0, 2.5]);
    assert_eq!(
        (turn.property, turn.interpolation),
        (Property::Rotation, Interpolation::Step)
    );
    assert_eq!(
        turn.values,
        [0.0, 0.0, 0.0, 1.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0, -1.0, 0.0]
    );
    assert_eq!(
        (share.property, share.interpolation),
        (Property::Weights, Interpolation::Linear)
    );
    assert_eq!(share.values, [0.0, 1.0, 0.2, 0.4, 0.0, 0.0]);
    assert_eq!(spline.interpolation, Interpolation::CubicSpline);
    assert_eq!(spline.values.len(), 27);
    assert_eq!(model.notes.len(), 1, "{:?}", model.notes);
}

#[test]
fn an_empty_file_is_an_empty_model() {
    let model = read(&GlbBuilder::new());
    assert!(model.nodes.is_empty() && model.bounds.is_empty() && model.materials.is_empty());
    assert_eq!(model.animation("none"), None);
}

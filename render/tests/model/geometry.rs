//! Vertices and triangles: attributes, indices, modes, flat normals, shared vertex lists.

use glam::Vec3;
use render::glam;
use render::model::Vertex;
use serde_json::json;

use crate::glb_builder::{Component, GlbBuilder};
use crate::{read, showing, triangle};

fn positions(vertices: &[Vertex]) -> Vec<[f32; 3]> {
    vertices.iter().map(|vertex| vertex.position).collect()
}

/// Six points that no two tests confuse.
const POINTS: [f32; 18] = [
    0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.5, 2.0, 0.0, 1.0, 3.0, 1.0, 2.0,
];

/// The positions of all corners, three a triangle.
fn corners(primitive: &render::model::Primitive) -> Vec<[f32; 3]> {
    let corner = |index: &u32| primitive.vertices[*index as usize].position;
    primitive.indices.iter().map(corner).collect()
}

fn point(index: usize) -> [f32; 3] {
    std::array::from_fn(|axis| POINTS[index * 3 + axis])
}

#[test]
fn a_bare_triangle_gets_all_defaults() {
    let mut file = GlbBuilder::new();
    let primitive = triangle(&mut file);
    let model = read(&showing(file, primitive));
    let primitive = &model.primitives[0];
    assert_eq!(primitive.indices, [0, 1, 2]);
    assert!(primitive.skin.is_empty() && primitive.morph_targets.is_empty());
    for vertex in &primitive.vertices {
        assert_eq!(vertex.normal, [0, 0, 32767, 0]);
        assert_eq!(vertex.tangent, [0; 4]);
        assert_eq!(vertex.coordinates_0, [0.0; 2]);
        assert_eq!(vertex.color, [65535; 4]);
    }
    assert_eq!(size_of::<Vertex>(), 52);
    assert_eq!(primitive.bounds.min, Vec3::ZERO);
    assert_eq!(primitive.bounds.max, Vec3::new(1.0, 2.0, 0.0));
    assert_eq!(model.bounds, primitive.bounds);
    assert_eq!((model.meshes.len(), &model.meshes[0]), (1, &(0..1)));
    assert!(model.notes.is_empty(), "{:?}", model.notes);
}

#[test]
fn every_attribute_arrives_in_its_place() {
    let mut file = GlbBuilder::new();
    let mut primitive = triangle(&mut file);
    let tangent = [0.0, 2.0, 0.0, -1.0].repeat(3);
    primitive["attributes"]["TANGENT"] = json!(file.floats("VEC4", &tangent));
    let first = file.floats("VEC2", &[0.0, 0.25, 0.5, 0.75, 1.0, -1.5]);
    primitive["attributes"]["TEXCOORD_0"] = json!(first);
    let second = file.normalized(
        "VEC2",
        Component::U8,
        &[0.0, 255.0, 51.0, 0.0, 102.0, 204.0],
    );
    primitive["attributes"]["TEXCOORD_1"] = json!(second);
    let colors = [0.0, 0.5, 1.0, 0.25, 2.0, -1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0];
    primitive["attributes"]["COLOR_0"] = json!(file.floats("VEC4", &colors));
    let model = read(&showing(file, primitive));
    let vertices = &model.primitives[0].vertices;
    assert!(
        vertices
            .iter()
            .all(|vertex| vertex.tangent == [0, 32767, 0, -32767])
    );
    assert_eq!(vertices[1].coordinates_0, [0.5, 0.75]);
    assert_eq!(vertices[2].coordinates_0, [1.0, -1.5]);
    assert_eq!(vertices[1].coordinates_1, [0.2, 0.0]);
    assert_eq!(vertices[2].coordinates_1, [0.4, 0.8]);
    assert_eq!(vertices[0].color, [0, 32768, 65535, 16384]);
    assert_eq!(vertices[1].color, [65535, 0, 0, 65535]);
}

#[test]
fn colors_come_in_three_types_and_two_widths() {
    for (component, greatest) in [
        (Component::U8, 255.0),
        (Component::U16, 65535.0),
        (Component::F32, 1.0),
    ] {
        for width in [3, 4] {
            let mut file = GlbBuilder::new();
            let mut primitive = triangle(&mut file);
            let shape = format!("VEC{width}");
            // A third, which all types hold exactly or nearly so.
            let numbers = vec![greatest / 3.0; width * 3];
            let color = file.normalized(&shape, component, &numbers);
            primitive["attributes"]["COLOR_0"] = json!(color);
            let model = read(&showing(file, primitive));
            let alpha = if width == 4 { 21845 } else { 65535 };
            let color = model.primitives[0].vertices[2].color;
            assert_eq!(color, [21845, 21845, 21845, alpha], "{component:?} {shape}");
        }
    }
}

#[test]
fn indices_come_in_three_types_and_three_modes() {
    for component in [Component::U8, Component::U16, Component::U32] {
        for (mode, order, expected) in [
            (4, vec![3, 1, 0, 2, 3, 0], vec![3, 1, 0, 2, 3, 0]),
            (5, vec![0, 1, 2, 3, 4], vec![0, 1, 2, 1, 3, 2, 2, 3, 4]),
            (6, vec![5, 1, 2, 3], vec![1, 2, 5, 2, 3, 5]),
        ] {
            let mut file = GlbBuilder::new();
            let numbers: Vec<f64> = order.iter().map(|index| f64::from(*index)).collect();
            let indices = file.accessor("SCALAR", component, &numbers);
            let position = file.floats("VEC3", &POINTS);
            let normal = file.floats("VEC3", &[0.0, 0.0, 1.0].repeat(6));
            let model = read(&showing(
                file,
                json!({
                    "attributes": { "POSITION": position, "NORMAL": normal },
                    "indices": indices, "mode": mode,
                }),
            ));
            let expected: Vec<_> = expected.into_iter().map(point).collect();
            assert_eq!(
                corners(&model.primitives[0]),
                expected,
                "{component:?} {mode}"
            );
        }
    }
}

#[test]
fn without_indices_vertices_are_taken_in_order() {
    for (mode, expected) in [
        (4, vec![0, 1, 2, 3, 4, 5]),
        (6, vec![1, 2, 0, 2, 3, 0, 3, 4, 0, 4, 5, 0]),
    ] {
        let mut file = GlbBuilder::new();
        let position = file.floats("VEC3", &POINTS);
        let primitive = json!({ "attributes": { "POSITION": position }, "mode": mode });
        let model = read(&showing(file, primitive));
        let expected: Vec<_> = expected.into_iter().map(point).collect();
        assert_eq!(corners(&model.primitives[0]), expected);
    }
}

#[test]
fn a_shared_vertex_list_is_not_copied_whole() {
    let mut file = GlbBuilder::new();
    let position = file.floats("VEC3", &POINTS);
    let normal = file.floats("VEC3", &[0.0, 0.0, 1.0].repeat(6));
    let attributes = json!({ "POSITION": position, "NORMAL": normal });
    let primitives: Vec<_> = [[5, 3, 1], [0, 1, 2]]
        .iter()
        .map(|order| json!({ "attributes": attributes, "indices": file.indices(order) }))
        .collect();
    let mesh = file.push("meshes", json!({ "primitives": primitives }));
    file.root(json!({ "mesh": mesh }));
    let model = read(&file);
    assert_eq!((model.meshes.len(), &model.meshes[0]), (1, &(0..2)));
    let first = &model.primitives[0];
    assert_eq!(positions(&first.vertices), [point(1), point(3), point(5)]);
    assert_eq!(first.indices, [2, 1, 0]);
    assert_eq!(first.bounds.min, Vec3::new(1.0, 0.0, 0.0));
    assert_eq!(
        corners(&model.primitives[1]),
        [point(0), point(1), point(2)]
    );
}

#[test]
fn without_normals_triangles_are_flat_and_tangents_are_ignored() {
    let mut file = GlbBuilder::new();
    let position = file.floats(
        "VEC3",
        &[0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 5e-20, 0.0],
    );
    let tangent = file.floats("VEC4", &[1.0, 0.0, 0.0, 1.0].repeat(4));
    // One on the floor facing up; one, tiny, facing +X; one without area.
    let indices = file.indices(&[0, 1, 2, 0, 3, 1, 1, 1, 2]);
    let model = read(&showing(
        file,
        json!({ "attributes": { "POSITION": position, "TANGENT": tangent }, "indices": indices }),
    ));
    let primitive = &model.primitives[0];
    assert_eq!(primitive.indices, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    let normals: Vec<_> = primitive
        .vertices
        .iter()
        .map(|vertex| vertex.normal)
        .collect();
    assert_eq!(normals[0..3], [[0, 32767, 0, 0]; 3]);
    assert_eq!(normals[3..6], [[32767, 0, 0, 0]; 3]);
    assert_eq!(normals[6..9], [[0, 0, 32767, 0]; 3]);
    assert!(
        primitive
            .vertices
            .iter()
            .all(|vertex| vertex.tangent == [0; 4])
    );
}

#[test]
fn strides_offsets_and_absent_views_are_followed() {
    let mut file = GlbBuilder::new();
    let numbers: Vec<f64> = POINTS.iter().map(|number| f64::from(*number)).collect();
    let position = file.spaced("VEC3", Component::F32, &numbers, Some(20), 8);
    // Without a view all coordinates are zero.
    let zeros = file.push(
        "accessors",
        json!({ "componentType": 5126, "type": "VEC2", "count": 6 }),
    );
    let model = read(&showing(
        file,
        json!({ "attributes": { "POSITION": position, "TEXCOORD_0": zeros } }),
    ));
    let vertices = &model.primitives[0].vertices;
    assert_eq!(positions(vertices), (0..6).map(point).collect::<Vec<_>>());
    assert!(
        vertices
            .iter()
            .all(|vertex| vertex.coordinates_0 == [0.0; 2])
    );
}

#[test]
fn sparse_elements_replace_dense_ones_and_zeros() {
    for index_component in [Component::U8, Component::U16, Component::U32] {
        for is_dense in [true, false] {
            let mut file = GlbBuilder::new();
            let dense = file.floats("VEC3", &POINTS);
            let position = file.sparse(
                is_dense.then_some(dense),
                ("VEC3", Component::F32, 6),
                (index_component, &[1, 5]),
                &[7.0, 8.0, 9.0, -1.0, -2.0, -3.0],
            );
            let primitive = json!({ "attributes": { "POSITION": position } });
            let model = read(&showing(file, primitive));
            let mut expected: Vec<_> = (0..6)
                .map(|index| if is_dense { point(index) } else { [0.0; 3] })
                .collect();
            expected[1] = [7.0, 8.0, 9.0];
            expected[5] = [-1.0, -2.0, -3.0];
            assert_eq!(positions(&model.primitives[0].vertices), expected);
        }
    }
}

#[test]
fn what_cannot_be_drawn_is_left_out_and_noted() {
    let mut file = GlbBuilder::new();
    let whole = triangle(&mut file);
    let mut primitives: Vec<_> = (0..4)
        .map(|mode| {
            let mut other = whole.clone();
            other["mode"] = json!(mode);
            other
        })
        .collect();
    primitives.push(json!({ "attributes": { "NORMAL": whole["attributes"]["NORMAL"] } }));
    let mut single = whole.clone();
    single["indices"] = json!(file.indices(&[0, 1]));
    primitives.push(single);
    primitives.push(whole);
    let mesh = file.push("meshes", json!({ "primitives": primitives }));
    file.root(json!({ "mesh": mesh }));
    let model = read(&file);
    assert_eq!((model.meshes.len(), &model.meshes[0]), (1, &(0..1)));
    assert_eq!(model.primitives.len(), 1);
    assert_eq!(model.notes.len(), 3, "{:?}", model.notes);
}

#[test]
fn directions_that_are_none_are_replaced() {
    let mut file = GlbBuilder::new();
    let mut primitive = triangle(&mut file);
    let normals = [0.0, 0.0, 0.0, f32::NAN, 0.0, 0.0, 0.0, -3.0, 0.0];
    primitive["attributes"]["NORMAL"] = json!(file.floats("VEC3", &normals));
    let tangents = [
        0.0,
        0.0,
        0.0,
        1.0,
        f32::NAN,
        0.0,
        0.0,
        1.0,
        9.0,
        0.0,
        0.0,
        1.0,
    ];
    primitive["attributes"]["TANGENT"] = json!(file.floats("VEC4", &tangents));
    let coordinates = [f32::INFINITY, 0.5, 0.0, 0.0, 1.0, 1.0];
    primitive["attributes"]["TEXCOORD_0"] = json!(file.floats("VEC2", &coordinates));
    let model = read(&showing(file, primitive));
    let vertices = &model.primitives[0].vertices;
    assert_eq!(vertices[0].normal, [0, 0, 32767, 0]);
    assert_eq!(vertices[1].normal, [0, 0, 32767, 0]);
    assert_eq!(vertices[2].normal, [0, -32767, 0, 0]);
    assert_eq!(vertices[1].tangent, [0; 4]);
    assert_eq!(vertices[2].tangent, [32767, 0, 0, 32767]);
    assert_eq!(vertices[0].coordinates_0, [0.0, 0.5]);
    assert_eq!(model.notes.len(), 1, "{:?}", model.notes);
}

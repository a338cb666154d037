//! `KHR_mesh_quantization`: every type that it allows, normalised or not, against the stored integers.

use render::model::Primitive;
use serde_json::json;

use crate::glb_builder::{Component, GlbBuilder};
use crate::{near, read, showing, triangle};

const TYPES: [(Component, f64, f64); 4] = [
    (Component::I8, -127.0, 127.0),
    (Component::U8, 0.0, 255.0),
    (Component::I16, -32767.0, 32767.0),
    (Component::U16, 0.0, 65535.0),
];

/// Reads one attribute of a primitive or of its only morph target, stored as given.
fn with(
    attribute: &str,
    (shape, component, normalized): (&str, Component, bool),
    numbers: &[f64],
    in_target: bool,
) -> Primitive {
    let mut file = GlbBuilder::new();
    let mut primitive = triangle(&mut file);
    // A stride of four bytes, as the extension demands for alignment.
    let width = numbers.len() / 3;
    let stride = (width * component.size()).next_multiple_of(4);
    let place = file.spaced(shape, component, numbers, Some(stride), 0);
    file.json["accessors"][place]["normalized"] = json!(normalized);
    if in_target {
        primitive["targets"] = json!([{ attribute: place }]);
    } else {
        primitive["attributes"][attribute] = json!(place);
    }
    file.json["extensionsRequired"] = json!(["KHR_mesh_quantization"]);
    read(&showing(file, primitive)).primitives.remove(0)
}

#[test]
fn positions_and_coordinates_keep_or_lose_their_scale() {
    for (component, least, greatest) in TYPES {
        for normalized in [false, true] {
            let scale = if normalized { greatest } else { 1.0 };
            let stored = [least, 1.0, greatest, 0.0, 3.0, 5.0, 7.0, 11.0, 13.0];
            let expected: Vec<f32> = stored.map(|number| (number / scale) as f32).to_vec();
            let kind = ("VEC3", component, normalized);
            let primitive = with("POSITION", kind, &stored, false);
            let actual: Vec<f32> = primitive
                .vertices
                .iter()
                .flat_map(|vertex| vertex.position)
                .collect();
            near(&actual, &expected, 1e-6 * scale as f32);
            let moved = with("POSITION", kind, &stored, true);
            near(
                moved.morph_targets[0].positions.as_flattened(),
                &expected,
                1e-6,
            );

            let kind = ("VEC2", component, normalized);
            let primitive = with("TEXCOORD_0", kind, &stored[..6], false);
            let actual: Vec<f32> = primitive
                .vertices
                .iter()
                .flat_map(|vertex| vertex.coordinates_0)
                .collect();
            near(&actual, &expected[..6], 1e-6);
        }
    }
}

#[test]
fn the_least_integer_is_minus_one() {
    let numbers = [-128.0, 0.0, 127.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    let primitive = with("POSITION", ("VEC3", Component::I8, true), &numbers, false);
    assert_eq!(primitive.vertices[0].position, [-1.0, 0.0, 1.0]);
    let numbers = [-32768.0, 0.0, 32767.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    let primitive = with("POSITION", ("VEC3", Component::I16, true), &numbers, false);
    assert_eq!(primitive.vertices[0].position, [-1.0, 0.0, 1.0]);
}

#[test]
fn directions_are_unit_vectors_again() {
    for (component, greatest) in [(Component::I8, 127.0), (Component::I16, 32767.0)] {
        let third = (greatest * 0.6_f64).round();
        let fourth = (greatest * 0.8_f64).round();
        let normals = [third, 0.0, fourth].repeat(3);
        let primitive = with("NORMAL", ("VEC3", component, true), &normals, false);
        let expected = f64::hypot(third, fourth);
        let expected = [third / expected, 0.0, fourth / expected, 0.0];
        let actual = primitive.vertices[1]
            .normal
            .map(|number| f32::from(number) / 32767.0);
        near(&actual, &expected.map(|number| number as f32), 2e-5);
        let tangents = [0.0, -greatest, 0.0, -greatest].repeat(3);
        let primitive = with("TANGENT", ("VEC4", component, true), &tangents, false);
        assert_eq!(primitive.vertices[2].tangent, [0, -32767, 0, -32767]);

        let primitive = with("NORMAL", ("VEC3", component, true), &normals, true);
        let actual = primitive.morph_targets[0].normals[0];
        near(
            &actual,
            &[(third / greatest) as f32, 0.0, (fourth / greatest) as f32],
            1e-6,
        );
        let primitive = with("TANGENT", ("VEC3", component, true), &normals, true);
        near(&primitive.morph_targets[0].tangents[2], &actual, 0.0);
    }
}

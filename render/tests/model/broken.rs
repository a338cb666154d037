//! Broken files: each gives an error that says where, none a panic.

use render::Error;
use render::model::{ModelLimits, read_model, resource_uris};
use serde_json::{Value, json};

use crate::glb_builder::{Component, GlbBuilder, glb_of};
use crate::{read_bytes, showing, triangle};

/// A sound file with a bit of everything: mesh 0 on node 0 with skin 0, animated, textured.
fn sound() -> GlbBuilder {
    let mut file = GlbBuilder::new();
    let mut primitive = triangle(&mut file);
    primitive["indices"] = json!(file.indices(&[0, 1, 2]));
    primitive["material"] = json!(0);
    let joints = file.accessor("VEC4", Component::U8, &[0.0; 12]);
    let weights = file.floats("VEC4", &[1.0, 0.0, 0.0, 0.0].repeat(3));
    primitive["attributes"]["JOINTS_0"] = json!(joints);
    primitive["attributes"]["WEIGHTS_0"] = json!(weights);
    let moved = file.sparse(
        None,
        ("VEC3", Component::F32, 3),
        (Component::U8, &[1]),
        &[1.0; 3],
    );
    primitive["targets"] = json!([{ "POSITION": moved }]);
    let bind = file.floats("MAT4", &glam_identity());
    let times = file.floats("SCALAR", &[0.0, 1.0]);
    let places = file.floats("VEC3", &[0.0; 6]);
    file.push(
        "skins",
        json!({ "joints": [0], "inverseBindMatrices": bind }),
    );
    file.push(
        "animations",
        json!({
            "channels": [{ "sampler": 0, "target": { "node": 0, "path": "translation" } }],
            "samplers": [{ "input": times, "output": places }],
        }),
    );
    let picture = file.view(b"\x89PNG\r\n\x1a\n", None);
    file.push("images", json!({ "bufferView": picture }));
    file.push("samplers", json!({}));
    file.push("textures", json!({ "source": 0, "sampler": 0 }));
    file.push("materials", json!({ "normalTexture": { "index": 0 } }));
    let mut file = showing(file, primitive);
    file.json["nodes"][0]["skin"] = json!(0);
    file
}

fn glam_identity() -> [f32; 16] {
    render::glam::Mat4::IDENTITY.to_cols_array()
}

/// The error of the sound file after a value was put at a place of its JSON.
fn error_with(pointer: &str, value: Value) -> Error {
    let mut file = sound();
    let (parent, key) = pointer.rsplit_once('/').unwrap_or(("", pointer));
    let parent = file
        .json
        .pointer_mut(parent)
        .unwrap_or_else(|| panic!("no {parent}"));
    match key.parse::<usize>() {
        Ok(place) => parent[place] = value,
        Err(_) => parent[key] = value,
    }
    match read_bytes(&file.glb()) {
        Ok(_) => panic!("{pointer} was accepted"),
        Err(error) => error,
    }
}

fn place_of(file: &GlbBuilder, pointer: &str) -> usize {
    let place = file.json.pointer(pointer).and_then(Value::as_u64);
    place.unwrap_or_else(|| panic!("no {pointer}")) as usize
}

#[test]
fn the_sound_file_is_sound() {
    let model = read_bytes(&sound().glb()).unwrap();
    assert_eq!(
        (
            model.skins.len(),
            model.images.len(),
            model.animations.len()
        ),
        (1, 1, 1)
    );
    assert!(model.notes.is_empty(), "{:?}", model.notes);
}

#[test]
fn places_that_do_not_exist_are_named() {
    for (pointer, named) in [
        ("/scene", "scene 99"),
        ("/scenes/0/nodes/0", "node 99"),
        ("/nodes/0/mesh", "mesh 99"),
        ("/nodes/0/skin", "skin 99"),
        ("/meshes/0/primitives/0/attributes/POSITION", "accessor 99"),
        ("/meshes/0/primitives/0/attributes/NORMAL", "accessor 99"),
        ("/meshes/0/primitives/0/attributes/JOINTS_0", "accessor 99"),
        ("/meshes/0/primitives/0/indices", "accessor 99"),
        ("/meshes/0/primitives/0/targets/0/POSITION", "accessor 99"),
        ("/meshes/0/primitives/0/material", "material 99"),
        ("/meshes/0/primitives/0/mode", "mode is 99"),
        ("/materials/0/normalTexture/index", "texture 99"),
        ("/textures/0/source", "image 99"),
        ("/textures/0/sampler", "sampler 99"),
        ("/images/0/bufferView", "bufferView 99"),
        ("/accessors/0/bufferView", "bufferView 99"),
        ("/bufferViews/0/buffer", "buffer 99"),
        ("/skins/0/joints/0", "node 99"),
        ("/skins/0/inverseBindMatrices", "accessor 99"),
        ("/animations/0/channels/0/sampler", "sampler 99"),
        ("/animations/0/samplers/0/input", "accessor 99"),
        ("/animations/0/samplers/0/output", "accessor 99"),
    ] {
        let error = error_with(pointer, json!(99));
        assert!(
            matches!(error, Error::ModelBroken { .. }),
            "{pointer}: {error}"
        );
        assert!(error.to_string().contains(named), "{pointer}: {error}");
    }
}

#[test]
fn ranges_and_types_are_checked() {
    let huge = json!(u64::MAX >> 1);
    for (pointer, value) in [
        ("/accessors/0/count", json!(4)),
        ("/accessors/0/count", json!(0)),
        ("/accessors/0/count", huge.clone()),
        ("/accessors/0/byteOffset", json!(1)),
        ("/accessors/0/byteOffset", huge.clone()),
        ("/accessors/0/type", json!("VEC2")),
        ("/accessors/0/type", json!("MAT2")),
        ("/accessors/0/componentType", json!(5125)),
        ("/accessors/0/componentType", json!(0)),
        (
            "/accessors/0/sparse",
            json!({ "count": 9, "indices": { "bufferView": 0, "componentType": 5121 }, "values": { "bufferView": 0 } }),
        ),
        (
            "/accessors/0/sparse",
            json!({ "count": 1, "indices": { "bufferView": 0, "componentType": 5126 }, "values": { "bufferView": 0 } }),
        ),
        // Zeros follow each other: not in order.
        (
            "/accessors/0/sparse",
            json!({ "count": 2, "indices": { "bufferView": 0, "componentType": 5121 }, "values": { "bufferView": 0 } }),
        ),
        ("/bufferViews/0/byteLength", json!(35)),
        ("/bufferViews/0/byteLength", huge.clone()),
        ("/bufferViews/0/byteOffset", huge.clone()),
        ("/bufferViews/0/byteStride", json!(11)),
        ("/bufferViews/0/byteStride", json!(0)),
        ("/bufferViews/0/byteStride", huge),
        ("/buffers", json!([{ "byteLength": 1_000_000 }])),
        (
            "/buffers",
            json!([{ "byteLength": 4, "uri": "data:;base64,?" }]),
        ),
        ("/materials/0/alphaMode", json!("GLASS")),
        ("/samplers/0/minFilter", json!(1)),
        ("/samplers/0/magFilter", json!(9987)),
        ("/samplers/0/wrapS", json!(1)),
        ("/images/0", json!({})),
        ("/animations/0/samplers/0/interpolation", json!("JUMPY")),
        ("/nodes/0/rotation", json!([0, 0, 1e300, 0])),
        (
            "/nodes/0/matrix",
            json!([1e300, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]),
        ),
        ("/nodes/0/weights", json!([1, 2])),
        ("/nodes/0/weights", json!([1e300])),
        ("/skins/0/joints", json!([])),
        ("/skins/0/joints", json!([0, 0])),
        (
            "/materials/0/normalTexture/extensions",
            json!({ "KHR_texture_transform": { "offset": [1e300, 0] } }),
        ),
    ] {
        let shown = format!("{pointer} = {value}");
        let error = error_with(pointer, value);
        assert!(
            matches!(error, Error::ModelBroken { .. }),
            "{shown}: {error}"
        );
    }
}

#[test]
fn json_of_the_wrong_shape_is_an_error() {
    for (pointer, value) in [
        ("/nodes", json!(5)),
        ("/nodes/0/mesh", json!(-1)),
        ("/nodes/0/mesh", json!("zero")),
        ("/nodes/0/translation", json!([1, 2])),
        ("/accessors/0/count", json!(1.5)),
        ("/animations/0/samplers/0", json!({})),
    ] {
        let error = error_with(pointer, value);
        assert!(error.to_string().contains("JSON"), "{pointer}: {error}");
    }
    for garbage in [
        "{",
        "{\"asset\":{\"version\":\"2.0\"},",
        "{]",
        "{\"nodes\":[{}]}",
    ] {
        assert!(read_bytes(garbage.as_bytes()).is_err(), "{garbage}");
    }
    let deep = format!(
        "{{\"extras\":{}{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert!(read_bytes(deep.as_bytes()).is_err());
}

#[test]
fn numbers_that_are_none_are_refused() {
    // Which accessor, which of its numbers.
    let cases = [
        ("/meshes/0/primitives/0/attributes/POSITION", 0),
        ("/meshes/0/primitives/0/attributes/POSITION", 8),
        ("/skins/0/inverseBindMatrices", 3),
        ("/animations/0/samplers/0/input", 1),
        ("/animations/0/samplers/0/output", 5),
    ];
    for (pointer, number) in cases {
        for bad in [f32::NAN, f32::INFINITY] {
            let mut file = sound();
            let accessor = place_of(&file, pointer);
            let view = place_of(&file, &format!("/accessors/{accessor}/bufferView"));
            let start = place_of(&file, &format!("/bufferViews/{view}/byteOffset")) + number * 4;
            file.binary[start..start + 4].copy_from_slice(&bad.to_le_bytes());
            let error = read_bytes(&file.glb()).unwrap_err();
            assert!(
                matches!(error, Error::ModelBroken { .. }),
                "{pointer}: {error}"
            );
        }
    }
}

#[test]
fn indices_beyond_the_vertices_are_refused() {
    let mut file = GlbBuilder::new();
    let mut primitive = triangle(&mut file);
    primitive["indices"] = json!(file.indices(&[0, 1, 3]));
    let error = read_bytes(&showing(file, primitive).glb()).unwrap_err();
    assert!(error.to_string().contains("index 3"), "{error}");
}

#[test]
fn attributes_must_be_as_many_as_positions_and_go_together() {
    let mut file = GlbBuilder::new();
    let mut primitive = triangle(&mut file);
    primitive["attributes"]["TEXCOORD_0"] = json!(file.floats("VEC2", &[0.0; 4]));
    let error = read_bytes(&showing(file, primitive).glb()).unwrap_err();
    assert!(error.to_string().contains("2 elements for 3"), "{error}");

    let mut file = sound();
    let attributes = &mut file.json["meshes"][0]["primitives"][0]["attributes"];
    attributes.as_object_mut().unwrap().remove("WEIGHTS_0");
    assert!(read_bytes(&file.glb()).is_err());

    let mut file = sound();
    let mut other = file.json["meshes"][0]["primitives"][0].clone();
    other.as_object_mut().unwrap().remove("targets");
    file.json["meshes"][0]["primitives"]
        .as_array_mut()
        .unwrap()
        .push(other);
    let error = read_bytes(&file.glb()).unwrap_err();
    assert!(error.to_string().contains("primitive 1"), "{error}");
}

#[test]
fn times_must_increase() {
    for times in [[1.0, 1.0], [1.0, 0.5]] {
        let mut file = sound();
        file.json["animations"][0]["samplers"][0]["input"] = json!(file.floats("SCALAR", &times));
        let error = read_bytes(&file.glb()).unwrap_err();
        assert!(
            error.to_string().contains("animation 0, channel 0"),
            "{error}"
        );
    }
    let mut file = sound();
    let places = file.floats("VEC3", &[0.0; 3]);
    file.json["animations"][0]["samplers"][0]["output"] = json!(places);
    assert!(
        read_bytes(&file.glb()).is_err(),
        "one value for two keyframes"
    );
}

#[test]
fn circles_and_shared_children_are_refused() {
    let nodes = |children: &[&[usize]], roots: &[usize]| {
        let nodes: Vec<_> = children
            .iter()
            .map(|children| json!({ "children": children }))
            .collect();
        let mut file = GlbBuilder::new();
        file.json["nodes"] = json!(nodes);
        file.json["scenes"] = json!([{ "nodes": roots }]);
        read_bytes(&file.glb())
    };
    assert!(nodes(&[&[1], &[]], &[0]).is_ok());
    for (children, roots) in [
        (&[&[0_usize][..]][..], &[0_usize][..]),
        (&[&[1], &[0]], &[0]),
        (&[&[2], &[2], &[]], &[0, 1]),
        (&[&[1, 1], &[]], &[0]),
        (&[&[]], &[0, 0]),
        (&[&[1], &[]], &[0, 1]),
        (&[&[5]], &[0]),
    ] {
        assert!(nodes(children, roots).is_err(), "{children:?} {roots:?}");
    }
    // A circle that no scene reaches does no harm, and a deep tree is no circle.
    let depth = 20_000;
    let chain: Vec<Vec<usize>> = (0..depth)
        .map(|node| {
            if node + 1 < depth {
                vec![node + 1]
            } else {
                vec![]
            }
        })
        .collect();
    let chain: Vec<&[usize]> = chain.iter().map(Vec::as_slice).collect();
    assert_eq!(nodes(&chain, &[0]).unwrap().nodes.len(), depth);
    assert_eq!(nodes(&[&[], &[2], &[1]], &[0]).unwrap().nodes.len(), 1);
}

#[test]
fn every_truncation_of_a_glb_is_an_error() {
    let whole = sound().glb();
    for length in 0..whole.len() {
        assert!(
            read_bytes(&whole[..length]).is_err(),
            "{length} of {}",
            whole.len()
        );
    }
    assert!(matches!(read_bytes(b""), Err(Error::ModelNotGltf)));
    assert!(matches!(
        read_bytes(b"PNG and more"),
        Err(Error::ModelNotGltf)
    ));
    assert!(matches!(
        resource_uris(b"PNG and more"),
        Err(Error::ModelNotGltf)
    ));
}

#[test]
fn wrong_chunk_lengths_are_errors() {
    let whole = sound().glb();
    for wrong in [0_u32, 3, 0x7fff_ffff, u32::MAX] {
        let mut first = whole.clone();
        first[12..16].copy_from_slice(&wrong.to_le_bytes());
        assert!(read_bytes(&first).is_err(), "JSON chunk of {wrong}");
        let mut total = whole.clone();
        total[8..12].copy_from_slice(&wrong.to_le_bytes());
        assert!(read_bytes(&total).is_err(), "file of {wrong}");
    }
    assert!(read_bytes(&glb_of(&[(b"BIN\0", b"1234")])).is_err());
    assert!(read_bytes(&glb_of(&[])).is_err());
}

#[test]
fn limits_are_kept() {
    let small = |change: fn(&mut ModelLimits)| {
        let mut limits = ModelLimits::default();
        change(&mut limits);
        read_model(&sound().glb(), &mut |_| None, &limits)
    };
    assert!(small(|_| {}).is_ok());
    let changes: [fn(&mut ModelLimits); 14] = [
        |limits| limits.file_bytes = 100,
        |limits| limits.json_objects = 40,
        |limits| limits.vertices = 2,
        |limits| limits.triangles = 0,
        |limits| limits.drawn_vertices = 2,
        |limits| limits.images = 0,
        |limits| limits.image_bytes = 7,
        |limits| limits.nodes = 0,
        |limits| limits.joints = 0,
        |limits| limits.all_joints = 0,
        |limits| limits.morph_targets = 0,
        |limits| limits.morph_vertices = 2,
        |limits| limits.morph_vertices = 0,
        |limits| limits.animation_values = 7,
    ];
    for (place, change) in changes.into_iter().enumerate() {
        let error = small(change).unwrap_err();
        assert!(
            matches!(error, Error::ModelTooBig { .. }),
            "{place}: {error}"
        );
    }
}

#[test]
fn transforms_that_lead_to_infinity_are_refused() {
    let mut file = GlbBuilder::new();
    let primitive = triangle(&mut file);
    let mesh = file.mesh(primitive);
    file.push("nodes", json!({ "mesh": mesh, "scale": [1e30, 1, 1] }));
    file.root(json!({ "scale": [1e30, 1, 1], "children": [0] }));
    let error = read_bytes(&file.glb()).unwrap_err();
    assert!(matches!(error, Error::ModelBroken { .. }), "{error}");
}

//! Models as bytes and back. Every model that the other tests read goes this way, too.

use render::Error;
use render::glam::{Mat4, Vec3};
use render::model::{Bounds, Local, Model, Property, Skin, pack, unpack};
use serde_json::json;

use crate::glb_builder::{Component, GlbBuilder};
use crate::{read, showing, triangle};

/// Checks that nothing of a model is lost on the way.
pub(crate) fn survives(model: &Model) {
    let packed = pack(model);
    let again = unpack(&packed).unwrap_or_else(|error| panic!("{error}: {model:?}"));
    assert_eq!(format!("{again:?}"), format!("{model:?}"));
    assert!(pack(&again) == packed);
}

/// A skinned, morphed and animated triangle with a textured material.
fn everything() -> Model {
    let mut file = GlbBuilder::new();
    let mut primitive = triangle(&mut file);
    let view = file.view(b"\xff\xd8\xff\xe0and so on", None);
    file.push(
        "images",
        json!({ "bufferView": view, "mimeType": "image/jpeg" }),
    );
    file.push("textures", json!({ "source": 0 }));
    file.push(
        "materials",
        json!({
            "alphaMode": "MASK", "alphaCutoff": 0.25,
            "pbrMetallicRoughness": { "baseColorTexture": { "index": 0 } },
        }),
    );
    let joints = file.accessor("VEC4", Component::U8, &[0.0, 1.0, 0.0, 0.0].repeat(3));
    primitive["attributes"]["JOINTS_0"] = json!(joints);
    primitive["attributes"]["WEIGHTS_0"] = json!(file.floats("VEC4", &[0.25; 12]));
    primitive["targets"] = json!([{ "POSITION": file.floats("VEC3", &[0.5; 9]) }]);
    primitive["material"] = json!(0);
    file.push("skins", json!({ "joints": [0, 1] }));
    let mesh = file.mesh(primitive);
    file.root(json!({ "name": "Tür", "mesh": mesh, "skin": 0 }));
    file.root(json!({ "name": "hinge" }));
    let times = file.floats("SCALAR", &[0.0, 1.5]);
    let places = file.floats("VEC3", &[0.0, 0.0, 0.0, 1.0, 2.0, 3.0]);
    file.push(
        "animations",
        json!({
            "name": "Open",
            "channels": [{ "sampler": 0, "target": { "node": 1, "path": "translation" } }],
            "samplers": [{ "input": times, "output": places }],
        }),
    );
    read(&file)
}

#[test]
fn names_and_durations_of_animations_arrive() {
    let model = unpack(&pack(&everything())).unwrap();
    let [open] = model.animations.as_slice() else {
        panic!("{:?}", model.animations);
    };
    assert_eq!((open.name.as_str(), open.duration_secs), ("Open", 1.5));
    assert_eq!(model.nodes[0].name, "Tür");
}

#[test]
fn what_makes_the_most_of_a_model_takes_no_more_room_packed() {
    let count = 10_000;
    let mut file = GlbBuilder::new();
    let position = file.floats("VEC3", &[0.5, 1.0, 0.0].repeat(count));
    let normal = file.floats("VEC3", &[0.0, 0.0, 1.0].repeat(count));
    let indices = file.indices(&(0..9_999).collect::<Vec<_>>());
    let attributes = json!({ "POSITION": position, "NORMAL": normal });
    let primitive = json!({ "attributes": attributes, "indices": indices });
    let model = read(&showing(file, primitive));
    let in_memory = size_of_val(model.primitives[0].vertices.as_slice()) + 9_999 * 4;
    let packed = pack(&model).len();
    assert!(packed < in_memory + 1000, "{packed} for {in_memory}");
}

#[test]
fn bytes_of_something_else_are_refused() {
    let packed = pack(&everything());
    let mut of_another_version = packed.clone();
    of_another_version[3] += 1;
    let mut longer = packed.clone();
    longer.push(0);
    for bytes in [
        b"".as_slice(),
        b"glTF\x02\0\0\0",
        &of_another_version,
        &longer,
    ] {
        let refused = unpack(bytes);
        assert!(
            matches!(refused, Err(Error::PackedModel { .. })),
            "{refused:?}"
        );
    }
    for length in 0..packed.len() {
        assert!(unpack(&packed[..length]).is_err(), "{length} bytes");
    }
}

/// Whoever draws and poses a model goes by the promises of its fields and checks none of them again.
#[test]
fn broken_promises_are_refused() {
    type Break = fn(&mut Model);
    let breaks: [(&str, Break); 28] = [
        ("material", |model| model.primitives[0].material = 1),
        ("index", |model| model.primitives[0].indices[2] = 3),
        ("half a triangle", |model| {
            model.primitives[0].indices.pop();
        }),
        ("skin of a vertex", |model| {
            model.primitives[0].skin.pop();
        }),
        ("vertex of a target", |model| {
            model.primitives[0].morph_targets[0].positions.pop();
        }),
        ("target", |model| model.primitives[0].morph_targets.clear()),
        ("position", |model| {
            model.primitives[0].vertices[1].position[2] = f32::NAN;
        }),
        ("bounds", |model| {
            model.primitives[0].bounds.max.x = f32::INFINITY;
        }),
        ("mesh's end", |model| model.meshes[0].end = 2),
        ("mesh's start", |model| model.meshes[0].start = 1),
        ("mesh that shares", |model| model.meshes.push(0..1)),
        ("image", |model| model.images.clear()),
        ("kind of image", |model| model.images[0].encoded[0] = 0),
        ("coordinates", |model| {
            if let Some(map) = &mut model.materials[0].base_color_map {
                map.coordinates = 2;
            }
        }),
        ("its own parent", |model| model.nodes[0].parent = Some(0)),
        ("later parent", |model| model.nodes[0].parent = Some(1)),
        ("mesh of a node", |model| model.nodes[1].mesh = Some(1)),
        ("skin of a node", |model| model.nodes[1].skin = Some(1)),
        ("weights", |model| model.nodes[0].weights.push(0.0)),
        ("transform", |model| {
            model.nodes[0].local = Local::Matrix(Mat4::from_translation(Vec3::NAN));
        }),
        ("joint's node", |model| model.skins[0].joints[1] = 2),
        ("joints", |model| model.skins[0].inverse_bind.truncate(1)),
        ("a vertex's joint", |model| {
            model.skins[0] = Skin {
                joints: vec![0],
                inverse_bind: vec![Mat4::IDENTITY],
            };
        }),
        ("node of a channel", |model| {
            model.animations[0].channels[0].node = 2;
        }),
        ("channel of a matrix", |model| {
            model.nodes[1].local = Local::Matrix(Mat4::IDENTITY);
        }),
        ("values", |model| {
            model.animations[0].channels[0].property = Property::Rotation;
        }),
        ("times", |model| {
            model.animations[0].channels[0].times_secs.reverse();
        }),
        ("duration", |model| {
            model.animations[0].duration_secs = f32::NAN;
        }),
    ];
    for (what, break_it) in breaks {
        let mut model = everything();
        break_it(&mut model);
        let refused = unpack(&pack(&model));
        assert!(
            matches!(refused, Err(Error::PackedModel { .. })),
            "{what}: {refused:?}"
        );
    }
    let mut empty = everything();
    empty.bounds = Bounds::EMPTY;
    assert!(unpack(&pack(&empty)).is_ok(), "empty bounds are no fault");
}

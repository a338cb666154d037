//! Models: what is read of a glTF file, what is refused, and how it is posed.
#![cfg(not(target_arch = "wasm32"))]

mod broken;
mod files;
mod geometry;
mod glb_builder;
mod materials;
mod morphing;
mod packed;
mod posing;
mod quantized;
mod scene;
mod skinning;

use glb_builder::GlbBuilder;
use render::Error;
use render::model::{Model, ModelLimits, read_model};

/// Reads a file that needs no other.
fn read_bytes(bytes: &[u8]) -> Result<Model, Error> {
    let mut nothing = |name: &str| panic!("nothing else is needed, {name} was asked for");
    let model = read_model(bytes, &mut nothing, &ModelLimits::default())?;
    packed::survives(&model);
    Ok(model)
}

fn read(file: &GlbBuilder) -> Model {
    read_bytes(&file.glb()).unwrap_or_else(|error| panic!("{error}"))
}

/// One triangle in the plane z = 0, seen from +Z, with normals; as JSON of a primitive.
fn triangle(file: &mut GlbBuilder) -> serde_json::Value {
    let position = file.floats("VEC3", &[0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 2.0, 0.0]);
    let normal = file.floats("VEC3", &[0.0, 0.0, 1.0].repeat(3));
    serde_json::json!({ "attributes": { "POSITION": position, "NORMAL": normal } })
}

/// A file that shows one primitive.
fn showing(mut file: GlbBuilder, primitive: serde_json::Value) -> GlbBuilder {
    let mesh = file.mesh(primitive);
    file.root(serde_json::json!({ "mesh": mesh }));
    file
}

fn near(actual: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(actual.len(), expected.len(), "{actual:?} {expected:?}");
    for (one, other) in actual.iter().zip(expected) {
        assert!(
            (one - other).abs() <= tolerance,
            "{actual:?} is not {expected:?}"
        );
    }
}

//! Containers and addresses: GLB, JSON, data in addresses, other files.

use render::Error;
use render::model::{ModelLimits, read_model, resource_uris};
use serde_json::json;

use crate::glb_builder::{GlbBuilder, glb_of};
use crate::{read_bytes, showing, triangle};

fn file() -> GlbBuilder {
    let mut file = GlbBuilder::new();
    let primitive = triangle(&mut file);
    showing(file, primitive)
}

fn positions(bytes: &[u8]) -> Vec<[f32; 3]> {
    let model = read_bytes(bytes).unwrap_or_else(|error| panic!("{error}"));
    let vertices = model.primitives[0].vertices.iter();
    vertices.map(|vertex| vertex.position).collect()
}

const EXPECTED: [[f32; 3]; 3] = [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 2.0, 0.0]];

#[test]
fn all_kinds_of_files_give_the_same_model() {
    let file = file();
    assert_eq!(positions(&file.glb()), EXPECTED);
    assert_eq!(positions(&file.embedded()), EXPECTED);
    let mut marked = b"\xef\xbb\xbf \n".to_vec();
    marked.extend(file.embedded());
    assert_eq!(
        positions(
            &marked[..3]
                .iter()
                .chain(&marked[5..])
                .copied()
                .collect::<Vec<_>>()
        ),
        EXPECTED
    );
}

#[test]
fn chunks_of_others_and_bytes_behind_the_end_are_skipped() {
    let file = file();
    let json = file.beside("");
    let mut json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    json["buffers"][0].as_object_mut().unwrap().remove("uri");
    let json = serde_json::to_vec(&json).unwrap();
    let mut glb = glb_of(&[
        (b"JSON", &json),
        (b"XYZW", b"1234"),
        (b"BIN\0", &file.binary),
    ]);
    glb.extend(b"behind");
    assert_eq!(positions(&glb), EXPECTED);
}

#[test]
fn other_files_are_asked_for_by_their_decoded_names() {
    let mut file = file();
    file.push("images", json!({ "uri": "unused%20picture.png" }));
    file.push("images", json!({ "uri": "data:image/png;base64,AAAA" }));
    let bytes = file.beside("my%20data.bin");
    let names = resource_uris(&bytes).unwrap();
    assert_eq!(names, ["my data.bin", "unused picture.png"]);
    let mut asked = Vec::new();
    let binary = file.binary.clone();
    let mut resource = |name: &str| {
        asked.push(name.to_owned());
        Some(binary.clone())
    };
    let model = read_model(&bytes, &mut resource, &ModelLimits::default()).unwrap();
    assert_eq!(model.primitives.len(), 1);
    assert_eq!(asked, ["my data.bin"], "the picture is of no use");

    let missing = read_model(&bytes, &mut |_| None, &ModelLimits::default());
    assert!(matches!(missing, Err(Error::ModelResource { uri }) if uri == "my data.bin"));
    let limits = ModelLimits {
        file_bytes: bytes.len(),
        ..ModelLimits::default()
    };
    let huge = read_model(&bytes, &mut |_| Some(vec![0; bytes.len() + 1]), &limits);
    assert!(matches!(huge, Err(Error::ModelTooBig { .. })), "{huge:?}");
    let short = read_model(&bytes, &mut |_| Some(vec![0; 3]), &limits);
    assert!(matches!(short, Err(Error::ModelBroken { .. })), "{short:?}");
}

#[test]
fn extensions_are_refused_when_required_and_noted_when_not() {
    let mut file = file();
    file.json["extensionsUsed"] = json!(["KHR_texture_transform", "EXT_of_tomorrow"]);
    let model = read_bytes(&file.glb()).unwrap();
    assert_eq!(model.notes.len(), 1, "{:?}", model.notes);
    assert!(model.notes[0].contains("EXT_of_tomorrow"));
    file.json["extensionsRequired"] = json!(["KHR_mesh_quantization"]);
    assert!(read_bytes(&file.glb()).is_ok());
    file.json["extensionsRequired"] = json!(["KHR_draco_mesh_compression"]);
    let error = read_bytes(&file.glb()).unwrap_err();
    assert!(
        matches!(&error, Error::ModelExtension { name } if name == "KHR_draco_mesh_compression")
    );
    assert!(error.to_string().contains("KHR_draco_mesh_compression"));
    assert!(matches!(
        resource_uris(&file.glb()),
        Err(Error::ModelExtension { .. })
    ));
}

#[test]
fn other_versions_are_refused() {
    for (version, least, is_read) in [
        ("2.0", None, true),
        ("2.9", None, true),
        ("2.1", Some("2.0"), true),
        ("2.1", Some("2.1"), false),
        ("1.0", None, false),
        ("3.0", None, false),
        ("", None, false),
    ] {
        let mut file = file();
        file.json["asset"] = json!({ "version": version, "minVersion": least });
        let read = read_bytes(&file.glb());
        assert_eq!(read.is_ok(), is_read, "{version} {least:?}");
        if let Err(error) = read {
            assert!(matches!(error, Error::ModelVersion { .. }), "{error}");
        }
    }
    let mut old = file().glb();
    old[4] = 1;
    assert!(matches!(read_bytes(&old), Err(Error::ModelVersion { version }) if version == "1"));
}

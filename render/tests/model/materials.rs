//! Materials, textures, samplers and images.

use render::model::{Alpha, ImageKind, Material, Mips, Model, Sampler, TextureUse, Wrap};
use serde_json::{Value, json};

use crate::glb_builder::{GlbBuilder, base64};
use crate::{near, read, read_bytes, triangle};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nrest";
const JPEG: &[u8] = b"\xff\xd8\xff\xe0rest";
const WEBP: &[u8] = b"RIFF\x04\0\0\0WEBPVP8 ";

/// A file whose triangles have the given materials; `None`: without one.
fn file(materials: &[Option<Value>]) -> GlbBuilder {
    let mut file = GlbBuilder::new();
    let whole = triangle(&mut file);
    let mut primitives = Vec::new();
    for material in materials {
        let mut primitive = whole.clone();
        if let Some(material) = material {
            primitive["material"] = json!(file.push("materials", material.clone()));
        }
        primitives.push(primitive);
    }
    let mesh = file.push("meshes", json!({ "primitives": primitives }));
    file.root(json!({ "mesh": mesh }));
    file
}

fn one(material: Value) -> Material {
    read(&file(&[Some(material)])).materials.remove(0)
}

#[test]
fn defaults_are_those_of_the_specification() {
    let material = one(json!({}));
    assert_eq!(material.base_color, [1.0; 4]);
    assert_eq!((material.metallic, material.roughness), (1.0, 1.0));
    assert_eq!(material.emissive, [0.0; 3]);
    assert_eq!(
        (material.normal_scale, material.occlusion_strength),
        (1.0, 1.0)
    );
    assert_eq!(material.alpha, Alpha::Opaque);
    assert!(!material.double_sided && !material.unlit);
    assert!(material.base_color_map.is_none() && material.normal_map.is_none());
}

#[test]
fn factors_and_extensions_are_read() {
    let material = one(json!({
        "name": "gilded",
        "pbrMetallicRoughness": {
            "baseColorFactor": [0.1, 0.2, 0.3, 0.4], "metallicFactor": 0.5, "roughnessFactor": 7.0,
        },
        "emissiveFactor": [1.0, 0.5, 0.0],
        "alphaMode": "MASK", "alphaCutoff": 0.25, "doubleSided": true,
        "extensions": {
            "KHR_materials_unlit": {},
            "KHR_materials_emissive_strength": { "emissiveStrength": 8.0 },
            "EXT_other": { "anything": [1, { "deep": null }] },
        },
    }));
    assert_eq!(material.name, "gilded");
    assert_eq!(material.base_color, [0.1, 0.2, 0.3, 0.4]);
    assert_eq!((material.metallic, material.roughness), (0.5, 1.0));
    assert_eq!(material.emissive, [8.0, 4.0, 0.0]);
    assert_eq!(material.alpha, Alpha::Mask { cutoff: 0.25 });
    assert!(material.double_sided && material.unlit);
    assert_eq!(
        one(json!({ "alphaMode": "MASK" })).alpha,
        Alpha::Mask { cutoff: 0.5 }
    );
    assert_eq!(one(json!({ "alphaMode": "BLEND" })).alpha, Alpha::Blend);
}

#[test]
fn the_default_material_comes_last_and_only_if_needed() {
    let named = |name: &str| Some(json!({ "name": name }));
    let mut file = file(&[named("a"), None, named("b"), None]);
    file.push("materials", json!({ "name": "unused" }));
    let model = read(&file);
    let names: Vec<_> = model
        .materials
        .iter()
        .map(|material| material.name.as_str())
        .collect();
    assert_eq!(names, ["a", "b", ""]);
    let places: Vec<_> = model
        .primitives
        .iter()
        .map(|primitive| primitive.material)
        .collect();
    assert_eq!(places, [0, 2, 1, 2]);
}

/// A material that uses one picture for everything.
fn textured(picture: &[u8]) -> GlbBuilder {
    let mut file = file(&[Some(json!({
        "pbrMetallicRoughness": {
            "baseColorTexture": { "index": 0 },
            "metallicRoughnessTexture": { "index": 1, "texCoord": 1 },
        },
        "normalTexture": { "index": 0, "scale": 0.5 },
        "occlusionTexture": { "index": 0, "strength": 0.75 },
        "emissiveTexture": { "index": 0 },
    }))]);
    let view = file.view(picture, None);
    file.push(
        "images",
        json!({ "bufferView": view, "mimeType": "image/png" }),
    );
    let uri = format!("data:image/png;base64,{}", base64(JPEG));
    file.push("images", json!({ "uri": uri }));
    file.push("textures", json!({ "source": 0 }));
    file.push("textures", json!({ "source": 1, "sampler": 0 }));
    file.push(
        "samplers",
        json!({ "magFilter": 9728, "minFilter": 9985, "wrapS": 33071, "wrapT": 33648 }),
    );
    file
}

fn map(pick: Option<TextureUse>) -> TextureUse {
    pick.unwrap_or_else(|| panic!("the map was left out"))
}

#[test]
fn a_picture_used_for_colours_and_numbers_appears_twice() {
    let model = read(&textured(PNG));
    let material = &model.materials[0];
    assert_eq!(model.images.len(), 3);
    let base = map(material.base_color_map);
    let normal = map(material.normal_map);
    assert_eq!(map(material.emissive_map).image, base.image);
    assert_eq!(map(material.occlusion_map).image, normal.image);
    assert!(model.images[base.image].color && !model.images[normal.image].color);
    assert_eq!(model.images[base.image].encoded, PNG);
    assert_eq!(model.images[normal.image].encoded, PNG);
    let rough = map(material.metallic_roughness_map);
    assert_eq!(rough.coordinates, 1);
    // The first bytes decide, not what the file says.
    assert_eq!(model.images[rough.image].kind, ImageKind::Jpeg);
    assert_eq!(
        (material.normal_scale, material.occlusion_strength),
        (0.5, 0.75)
    );
    assert_eq!(
        rough.sampler,
        Sampler {
            wrap_u: Wrap::ClampToEdge,
            wrap_v: Wrap::MirroredRepeat,
            mag_linear: false,
            min_linear: true,
            mips: Mips::Nearest,
        }
    );
    assert_eq!(base.sampler, Sampler::default());
    assert_eq!(base.transform, [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]);
}

#[test]
fn webp_is_preferred_and_unknown_pictures_are_refused_or_left_out() {
    let mut file = textured(PNG);
    let view = file.view(WEBP, None);
    let image = file.push("images", json!({ "bufferView": view }));
    file.json["textures"][0]["extensions"] = json!({ "EXT_texture_webp": { "source": image } });
    let model = read(&file);
    let base = map(model.materials[0].base_color_map);
    assert_eq!(model.images[base.image].kind, ImageKind::WebP);

    let mut file = textured(PNG);
    file.json["textures"][0] = json!({ "extensions": { "KHR_texture_basisu": { "source": 0 } } });
    let model = read(&file);
    assert!(model.materials[0].base_color_map.is_none());
    assert_eq!(model.notes.len(), 1, "{:?}", model.notes);

    let error = read_bytes(&textured(b"GIF89a").glb())
        .unwrap_err()
        .to_string();
    assert!(error.contains("image 0"), "{error}");
}

fn transformed(transform: Value) -> (Model, TextureUse) {
    let mut file = textured(PNG);
    file.json["materials"][0]["pbrMetallicRoughness"]["baseColorTexture"]["extensions"] =
        json!({ "KHR_texture_transform": transform });
    let model = read(&file);
    let base = map(model.materials[0].base_color_map);
    (model, base)
}

fn sampled_at(rows: [[f32; 3]; 2], [u, v]: [f32; 2]) -> [f32; 2] {
    rows.map(|row| row[0] * u + row[1] * v + row[2])
}

#[test]
fn the_extension_s_own_example_shows_the_lower_left_quadrant() {
    let (_, base) = transformed(json!({
        "offset": [0, 1], "rotation": std::f32::consts::FRAC_PI_2, "scale": [0.5, 0.5],
    }));
    // Turned clockwise: the picture's upper left corner comes from the quadrant's lower left.
    near(&sampled_at(base.transform, [0.0, 0.0]), &[0.0, 1.0], 1e-6);
    near(&sampled_at(base.transform, [1.0, 0.0]), &[0.0, 0.5], 1e-6);
    near(&sampled_at(base.transform, [0.0, 1.0]), &[0.5, 1.0], 1e-6);
    near(&sampled_at(base.transform, [1.0, 1.0]), &[0.5, 0.5], 1e-6);
}

#[test]
fn coordinates_are_scaled_before_they_are_turned() {
    let (_, base) = transformed(json!({
        "rotation": std::f32::consts::FRAC_PI_2, "scale": [2, 3], "texCoord": 1,
    }));
    assert_eq!(base.coordinates, 1);
    near(&sampled_at(base.transform, [1.0, 0.0]), &[0.0, -2.0], 1e-6);
    near(&sampled_at(base.transform, [0.0, 1.0]), &[3.0, 0.0], 1e-6);
    let (_, flipped) = transformed(json!({ "offset": [0, 1], "scale": [1, -1] }));
    near(
        &sampled_at(flipped.transform, [0.25, 0.25]),
        &[0.25, 0.75],
        1e-6,
    );
}

#[test]
fn a_third_set_of_coordinates_is_left_out() {
    let mut file = textured(PNG);
    file.json["materials"][0]["normalTexture"]["texCoord"] = json!(2);
    let model = read(&file);
    assert!(model.materials[0].normal_map.is_none());
    assert_eq!(model.notes.len(), 1, "{:?}", model.notes);
}

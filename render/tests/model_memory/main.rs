//! What models take of the memory. Thousands of damaged files, with flipped, cut and exchanged bytes,
//! are read: none may panic or take more than its size and the limits justify. A pose, once made,
//! takes nothing. A program of its own, because it counts what is allocated.
#![cfg(not(target_arch = "wasm32"))]

#[path = "../model/glb_builder.rs"]
#[allow(dead_code, reason = "each test program uses its part of the builder")]
mod glb_builder;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use glb_builder::{Component, GlbBuilder, base64};
use render::model::{Model, ModelLimits, Pose, Repeat, pack, read_model, resource_uris, unpack};
use serde_json::json;

/// Counts the bytes that each thread has in use, and the most there ever were.
struct Counting;

thread_local! {
    static IN_USE: Cell<usize> = const { Cell::new(0) };
    static MOST: Cell<usize> = const { Cell::new(0) };
}

/// What a task gives, and how many bytes more than before were in use at most.
fn counted<T>(task: impl FnOnce() -> T) -> (T, usize) {
    let before = IN_USE.get();
    MOST.set(before);
    let given = task();
    (given, MOST.get().saturating_sub(before))
}

#[allow(
    unsafe_code,
    reason = "an allocator can be replaced by no other means; it only counts"
)]
// SAFETY: every call is handed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let in_use = IN_USE.get() + layout.size();
        IN_USE.set(in_use);
        MOST.set(MOST.get().max(in_use));
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // What another thread had allocated may be given back here.
        IN_USE.set(IN_USE.get().saturating_sub(layout.size()));
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// xorshift64 (Marsaglia 2003).
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.bits() >> 11) as usize % bound.max(1)
    }
}

/// A small file in which everything that is read occurs.
fn rich(component: Component) -> GlbBuilder {
    let mut file = GlbBuilder::new();
    let places: Vec<f64> = (0..36).map(|number| f64::from(number % 7)).collect();
    let position = file.spaced("VEC3", component, &places, Some(16), 4);
    let normal = file.floats("VEC3", &[0.0, 0.6, 0.8].repeat(12));
    let tangent = file.floats("VEC4", &[1.0, 0.0, 0.0, -1.0].repeat(12));
    let first = file.normalized("VEC2", Component::U16, &[999.0; 24]);
    let second = file.normalized("VEC2", Component::U8, &[99.0; 24]);
    let color = file.normalized("VEC4", Component::U8, &[200.0; 48]);
    let joints = file.accessor("VEC4", Component::U8, &[0.0, 1.0, 1.0, 0.0].repeat(12));
    let weights = file.floats("VEC4", &[0.25; 48]);
    let indices = file.indices(&(0..12).rev().collect::<Vec<_>>());
    let zero = ("VEC3", Component::F32, 12);
    let moved = file.sparse(None, zero, (Component::U8, &[1, 7]), &[1.0; 6]);
    let turned = file.sparse(Some(normal), zero, (Component::U16, &[3]), &[1.0; 3]);
    let view = file.view(b"\x89PNG\r\n\x1a\nand so on", None);
    file.push(
        "images",
        json!({ "bufferView": view, "mimeType": "image/png" }),
    );
    let uri = format!(
        "data:image/jpeg;base64,{}",
        base64(b"\xff\xd8\xff\xe0and so on")
    );
    file.push("images", json!({ "uri": uri }));
    file.push(
        "samplers",
        json!({ "minFilter": 9984, "magFilter": 9728, "wrapS": 33071, "wrapT": 33648 }),
    );
    file.push("textures", json!({ "source": 0, "sampler": 0 }));
    file.push("textures", json!({ "source": 1 }));
    file.push(
        "materials",
        json!({
            "name": "paint",
            "pbrMetallicRoughness": {
                "baseColorFactor": [0.5, 0.5, 0.5, 0.5], "metallicFactor": 0.25,
                "baseColorTexture": { "index": 0, "texCoord": 1, "extensions": {
                    "KHR_texture_transform": { "offset": [0.5, 0.25], "rotation": 0.5, "scale": [2, 3] },
                } },
                "metallicRoughnessTexture": { "index": 1 },
            },
            "normalTexture": { "index": 0, "scale": 0.5 },
            "emissiveFactor": [1, 1, 0], "alphaMode": "MASK", "alphaCutoff": 0.3,
            "extensions": { "KHR_materials_emissive_strength": { "emissiveStrength": 3 } },
        }),
    );
    let whole = json!({
        "attributes": {
            "POSITION": position, "NORMAL": normal, "TANGENT": tangent, "TEXCOORD_0": first,
            "TEXCOORD_1": second, "COLOR_0": color, "JOINTS_0": joints, "WEIGHTS_0": weights,
        },
        "indices": indices, "material": 0,
        "targets": [{ "POSITION": moved, "NORMAL": turned }, { "NORMAL": normal }],
    });
    let flat = json!({
        "attributes": { "POSITION": position }, "mode": 5, "targets": [{ "POSITION": moved }, {}],
    });
    file.push(
        "meshes",
        json!({ "primitives": [whole, flat], "weights": [0.5, 0.25] }),
    );
    let bind = file.floats(
        "MAT4",
        &render::glam::Mat4::IDENTITY.to_cols_array().repeat(2),
    );
    file.push(
        "skins",
        json!({ "joints": [1, 2], "inverseBindMatrices": bind }),
    );
    file.push(
        "nodes",
        json!({ "mesh": 0, "skin": 0, "translation": [1, 2, 3] }),
    );
    file.push(
        "nodes",
        json!({ "children": [2], "rotation": [0, 0.6, 0, 0.8], "scale": [1, 2, 1] }),
    );
    file.push("nodes", json!({ "children": [0], "weights": [1, 1] }));
    file.push(
        "nodes",
        json!({ "mesh": 0, "matrix": render::glam::Mat4::IDENTITY.to_cols_array() }),
    );
    file.push("scenes", json!({ "nodes": [1, 3] }));
    let times = file.floats("SCALAR", &[0.0, 0.5, 2.0]);
    let turns = file.normalized("VEC4", Component::I16, &[0.0, 0.0, 0.0, 32767.0].repeat(3));
    let splines = file.floats("SCALAR", &[0.5; 18]);
    file.push(
        "animations",
        json!({
            "name": "wave",
            "channels": [
                { "sampler": 0, "target": { "node": 1, "path": "rotation" } },
                { "sampler": 1, "target": { "node": 0, "path": "weights" } },
            ],
            "samplers": [
                { "input": times, "output": turns },
                { "input": times, "output": splines, "interpolation": "CUBICSPLINE" },
            ],
        }),
    );
    file.json["extensionsUsed"] = json!(["KHR_texture_transform", "KHR_mesh_quantization"]);
    file
}

/// Flips bits, cuts, exchanges and repeats bytes; in text also puts other digits.
fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..1 + random.below(4) {
        let place = random.below(bytes.len());
        match random.below(8) {
            0 => bytes[place] ^= 1 << random.below(8),
            1 => bytes[place] = random.bits() as u8,
            2 => bytes.truncate(place + 1),
            3 => {
                let wild = [0, 1, 0x7fff_ffff, u32::MAX, 0x7fc0_0000][random.below(5)];
                for (byte, wild) in bytes[place..].iter_mut().zip(wild.to_le_bytes()) {
                    *byte = wild;
                }
            }
            4 => {
                let end = (place + 1 + random.below(16)).min(bytes.len());
                let part = bytes[place..end].to_vec();
                bytes.splice(place..place, part);
            }
            _ => {
                // Digits of the JSON: places, counts, offsets, types.
                let digits: Vec<_> = (0..bytes.len())
                    .filter(|place| bytes[*place].is_ascii_digit())
                    .collect();
                if let Some(place) = digits.get(random.below(digits.len())) {
                    bytes[*place] = b'0' + random.below(10) as u8;
                    if random.below(4) == 0 {
                        bytes.splice(*place..*place, *b"99999999999");
                    }
                }
            }
        }
        if bytes.is_empty() {
            bytes.push(0);
        }
    }
}

/// Whatever was read must be usable: every place lies within its list, poses can be taken.
fn exercise(model: &Model) {
    for primitive in &model.primitives {
        let vertices = primitive.vertices.len();
        assert!(
            primitive
                .indices
                .iter()
                .all(|index| (*index as usize) < vertices)
        );
        assert!(primitive.skin.is_empty() || primitive.skin.len() == vertices);
        assert!(primitive.material < model.materials.len());
        for target in &primitive.morph_targets {
            for list in [&target.positions, &target.normals, &target.tangents] {
                assert!(list.is_empty() || list.len() == vertices);
            }
        }
    }
    for material in &model.materials {
        for map in [
            material.base_color_map,
            material.normal_map,
            material.metallic_roughness_map,
        ] {
            assert!(map.is_none_or(|map| map.image < model.images.len()));
        }
    }
    let mut pose = Pose::at_rest(model);
    for animation in 0..model.animations.len() {
        pose.sample(model, animation, 0.7, Repeat::Loop);
        pose.blend(model, animation, 0.3, 0.5);
    }
    pose.update(model);
    let mut joints = [render::glam::Mat4::IDENTITY; 8];
    for (place, node) in model.nodes.iter().enumerate() {
        assert!(node.parent.is_none_or(|parent| parent < place));
        assert!(node.mesh.is_none_or(|mesh| mesh < model.meshes.len()));
        if let Some(skin) = node.skin {
            pose.joint_matrices(model, skin, &mut joints);
        }
    }
    let (min, max) = (model.bounds.min, model.bounds.max);
    assert!(model.bounds.is_empty() || (min.is_finite() && max.is_finite()));
}

#[test]
fn damaged_files_neither_panic_nor_take_memory() {
    let limits = ModelLimits {
        vertices: 2000,
        triangles: 2000,
        morph_vertices: 4000,
        animation_values: 4000,
        ..ModelLimits::default()
    };
    // Vertices, triangles, what morph targets and animations hold, and the table of used vertices.
    let by_limits = 2000 * 200 + 2000 * 12 * 2 + 4000 * 72 + 4000 * 8;
    let sound = [Component::F32, Component::I16, Component::U8].map(rich);
    let files: Vec<_> = sound
        .iter()
        .flat_map(|file| [file.glb(), file.embedded()])
        .collect();
    let mut random = Random(0x00c0_ffee);
    let (mut read, mut refused) = (0, 0);
    for file in &files {
        let whole = read_model(file, &mut |_| None, &limits).unwrap();
        assert!(whole.primitives.len() == 2 && whole.skins.len() == 1 && whole.images.len() == 3);
        for _ in 0..1000 {
            let mut bytes = file.clone();
            damage(&mut bytes, &mut random);
            let (outcome, taken) = counted(|| read_model(&bytes, &mut |_| None, &limits));
            // A JSON object of two bytes becomes a struct of some hundred.
            let justified = by_limits + bytes.len() * 64;
            assert!(
                taken <= justified,
                "{taken} bytes for a file of {}",
                bytes.len()
            );
            match outcome {
                Ok(model) => {
                    exercise(&model);
                    read += 1;
                }
                Err(error) => {
                    assert!(error.to_string().len() > 20, "{error}");
                    refused += 1;
                }
            }
            if let Ok(names) = resource_uris(&bytes) {
                assert!(names.len() <= 3);
            }
        }
    }
    // Neither may be rare, else the damage tests nothing.
    assert!(
        read > 250 && refused > 1500,
        "{read} were read, {refused} refused"
    );
}

#[test]
fn damaged_packed_models_neither_panic_nor_take_memory() {
    let mut random = Random(0x0dd_ba11);
    let (mut read, mut refused) = (0, 0);
    for component in [Component::F32, Component::I16, Component::U8] {
        let file = rich(component).glb();
        let model = read_model(&file, &mut |_| None, &ModelLimits::default()).unwrap();
        let sound = pack(&model);
        assert!(unpack(&sound).is_ok());
        for _ in 0..3000 {
            let mut bytes = sound.clone();
            damage(&mut bytes, &mut random);
            let (outcome, taken) = counted(|| unpack(&bytes));
            // A morph target of three lengths, 12 bytes, becomes a struct of 72 in a list that doubles.
            let justified = 4096 + bytes.len() * 16;
            assert!(taken <= justified, "{taken} for {} bytes", bytes.len());
            match outcome {
                Ok(model) => {
                    exercise(&model);
                    read += 1;
                }
                Err(error) => {
                    assert!(error.to_string().len() > 20, "{error}");
                    refused += 1;
                }
            }
        }
    }
    assert!(
        read > 1000 && refused > 2000,
        "{read} were read, {refused} refused"
    );
}

#[test]
fn a_packed_length_alone_takes_nothing() {
    let mut file = GlbBuilder::new();
    file.root(json!({}));
    let model = read_model(&file.glb(), &mut |_| None, &ModelLimits::default()).unwrap();
    let sound = pack(&model);
    let whole = |bytes: &[u8]| unpack(bytes).is_ok();
    assert!(whole(&sound));
    // Wherever a length stands, it now says four thousand million.
    for place in 4..sound.len() - 3 {
        let mut bytes = sound.clone();
        bytes[place..place + 4].copy_from_slice(&(u32::MAX - 1).to_le_bytes());
        let (_, taken) = counted(|| whole(&bytes));
        assert!(taken < 1 << 16, "{taken} bytes for the length at {place}");
    }
}

#[test]
fn a_few_bytes_cannot_claim_terabytes() {
    for count in [1_usize << 30, 1 << 40, 1 << 62] {
        for claim in ["position", "index", "time", "sparse"] {
            let mut file = GlbBuilder::new();
            let triangle = file.floats("VEC3", &[0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
            // Without a view an accessor is zeros, as many as it likes.
            let zeros = |file: &mut GlbBuilder, shape: &str, component: Component| {
                let accessor =
                    json!({ "componentType": component.number(), "type": shape, "count": count });
                file.push("accessors", accessor)
            };
            let mut primitive = json!({ "attributes": { "POSITION": triangle } });
            match claim {
                "position" => {
                    primitive["attributes"]["POSITION"] =
                        json!(zeros(&mut file, "VEC3", Component::F32));
                }
                "index" => {
                    primitive["indices"] = json!(zeros(&mut file, "SCALAR", Component::U32));
                }
                "time" => {
                    let times = zeros(&mut file, "SCALAR", Component::F32);
                    file.push(
                        "animations",
                        json!({
                            "channels": [{ "sampler": 0, "target": { "node": 0, "path": "scale" } }],
                            "samplers": [{ "input": times, "output": times }],
                        }),
                    );
                }
                _ => {
                    let sparse = file.sparse(
                        None,
                        ("VEC3", Component::F32, count),
                        (Component::U8, &[1]),
                        &[1.0; 3],
                    );
                    primitive["attributes"]["POSITION"] = json!(sparse);
                }
            }
            let mesh = file.mesh(primitive);
            file.root(json!({ "mesh": mesh }));
            let bytes = file.glb();
            let limits = ModelLimits::default();
            let (outcome, taken) = counted(|| read_model(&bytes, &mut |_| None, &limits));
            assert!(outcome.is_err(), "{claim} {count}");
            assert!(taken < 1 << 20, "{claim} {count}: {taken} bytes");
        }
    }
}

#[test]
fn posing_allocates_nothing() {
    let file = rich(Component::F32).glb();
    let model = read_model(&file, &mut |_| None, &ModelLimits::default()).unwrap();
    let mut pose = Pose::at_rest(&model);
    let mut joints = [render::glam::Mat4::IDENTITY; 8];
    let before = pose.revision();
    let ((), taken) = counted(|| {
        for step in 0..100 {
            let time_secs = step as f32 * 0.07;
            pose.rest(&model);
            pose.sample(&model, 0, time_secs, Repeat::Loop);
            pose.blend(&model, 0, time_secs + 0.5, 0.3);
            pose.set_weights(0, &[0.1]);
            pose.update(&model);
            pose.joint_matrices(&model, 0, &mut joints);
        }
    });
    assert!(pose.revision() > before + 100, "it did move");
    assert_eq!(taken, 0);
    let (_copy, taken) = counted(|| pose.clone());
    assert!(taken > 0, "the counter does not count");
}

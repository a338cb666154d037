//! A GLB in the making, at the level of shapes, materials and pictures; read back as a model, so that what
//! is drawn went through the reader.
#![allow(
    clippy::expect_used,
    reason = "tests and pictures end where a model is wrong"
)]

use std::io::Cursor;

use render::glam::{Quat, Vec3};
use render::model::{Model, ModelLimits, read_model};
use serde_json::{Value, json};

use super::shapes::Shape;
use crate::glb_builder::GlbBuilder;

/// A model's file.
#[derive(Default)]
pub(crate) struct ModelFile {
    pub(crate) glb: GlbBuilder,
}

impl ModelFile {
    /// Adds a picture as PNG; `color` gives red, green, blue and alpha (0 to 1, colours in sRGB) of u
    /// and v. Returns what a material names.
    pub(crate) fn picture(
        &mut self,
        [width, height]: [u32; 2],
        color: impl Fn(f32, f32) -> [f32; 4],
    ) -> Value {
        let picture = image::RgbaImage::from_fn(width, height, |x, y| {
            let (u, v) = (
                (x as f32 + 0.5) / width as f32,
                (y as f32 + 0.5) / height as f32,
            );
            image::Rgba(color(u, v).map(|value| (value.clamp(0.0, 1.0) * 255.0 + 0.5) as u8))
        });
        let mut png = Cursor::new(Vec::new());
        picture
            .write_to(&mut png, image::ImageFormat::Png)
            .expect("a picture in memory can be encoded");
        let view = self.glb.view(png.get_ref(), None);
        let image = self.glb.push(
            "images",
            json!({ "bufferView": view, "mimeType": "image/png" }),
        );
        let texture = self.glb.push("textures", json!({ "source": image }));
        json!({ "index": texture })
    }

    /// Adds a material without pictures; colour linear.
    pub(crate) fn paint(&mut self, color: [f32; 3], metallic: f32, roughness: f32) -> usize {
        let [red, green, blue] = color;
        self.material(json!({
            "pbrMetallicRoughness": {
                "baseColorFactor": [red, green, blue, 1.0],
                "metallicFactor": metallic,
                "roughnessFactor": roughness,
            },
        }))
    }

    /// Adds any material.
    pub(crate) fn material(&mut self, material: Value) -> usize {
        self.glb.push("materials", material)
    }

    /// A shape of one material, to be part of a mesh.
    pub(crate) fn part(&mut self, shape: &Shape, material: usize) -> Value {
        let flat = |vectors: &[Vec3]| -> Vec<f32> {
            vectors
                .iter()
                .flat_map(|vector| vector.to_array())
                .collect()
        };
        let coordinates: Vec<f32> = shape
            .coordinates
            .iter()
            .flat_map(|at| at.to_array())
            .collect();
        let mut attributes = json!({
            "POSITION": self.glb.floats("VEC3", &flat(&shape.positions)),
            "NORMAL": self.glb.floats("VEC3", &flat(&shape.normals)),
            "TEXCOORD_0": self.glb.floats("VEC2", &coordinates),
        });
        if !shape.tangents.is_empty() {
            let bitangents = shape.normals.iter().zip(&shape.tangents);
            // Pictures run down, and green up: the bitangent points against v.
            let tangents: Vec<f32> = bitangents
                .zip(handedness(shape))
                .flat_map(|((_, along), side)| along.extend(side).to_array())
                .collect();
            attributes["TANGENT"] = json!(self.glb.floats("VEC4", &tangents));
        }
        json!({
            "attributes": attributes,
            "indices": self.glb.indices(&shape.indices),
            "material": material,
        })
    }

    /// Adds a mesh of such parts.
    pub(crate) fn mesh(&mut self, parts: Vec<Value>) -> usize {
        self.glb.push("meshes", json!({ "primitives": parts }))
    }

    /// Adds a mesh that stands where the model does.
    pub(crate) fn stand(&mut self, parts: Vec<Value>) -> usize {
        let mesh = self.mesh(parts);
        self.glb.root(json!({ "mesh": mesh }))
    }

    /// What a channel of an animation reads: moments and their values, evenly between.
    pub(crate) fn sampler(&mut self, times_secs: &[f32], shape: &str, values: &[f32]) -> Value {
        json!({
            "input": self.glb.floats("SCALAR", times_secs),
            "output": self.glb.floats(shape, values),
        })
    }

    /// Adds an animation that turns nodes: each around its axis by the sine of its own phase.
    pub(crate) fn swings(&mut self, name: &str, period_secs: f32, swings: &[Swing]) {
        const STEPS: usize = 24;
        let times: Vec<f32> = (0..=STEPS)
            .map(|step| period_secs * step as f32 / STEPS as f32)
            .collect();
        let mut samplers = Vec::new();
        let mut channels = Vec::new();
        for (index, swing) in swings.iter().enumerate() {
            let rotations: Vec<f32> = times
                .iter()
                .flat_map(|time| {
                    let phase = std::f32::consts::TAU * (time / period_secs) + swing.phase_rad;
                    let angle = swing.middle_rad + swing.reach_rad * phase.sin();
                    Quat::from_axis_angle(swing.axis, angle).to_array()
                })
                .collect();
            samplers.push(self.sampler(&times, "VEC4", &rotations));
            channels.push(json!({
                "sampler": index,
                "target": { "node": swing.node, "path": "rotation" },
            }));
        }
        self.glb.push(
            "animations",
            json!({ "name": name, "samplers": samplers, "channels": channels }),
        );
    }

    /// Reads it.
    pub(crate) fn read(&self) -> Model {
        let model = read_model(&self.glb.glb(), &mut |_| None, &ModelLimits::default())
            .expect("the demo model is sound");
        assert_eq!(model.notes, Vec::<String>::new(), "nothing is left out");
        model
    }
}

/// How a node turns to and fro.
pub(crate) struct Swing {
    pub(crate) node: usize,
    pub(crate) axis: Vec3,
    pub(crate) middle_rad: f32,
    pub(crate) reach_rad: f32,
    pub(crate) phase_rad: f32,
}

/// For each vertex 1 or -1: how the bitangent against v lies to normal and tangent.
fn handedness(shape: &Shape) -> Vec<f32> {
    let mut sides = vec![1.0; shape.positions.len()];
    let (triangles, _) = shape.indices.as_chunks::<3>();
    for triangle in triangles {
        let [a, b, c] = triangle.map(|corner| corner as usize);
        let (along, down) = (
            shape.positions[b] - shape.positions[a],
            shape.positions[c] - shape.positions[a],
        );
        let (first, second) = (
            shape.coordinates[b] - shape.coordinates[a],
            shape.coordinates[c] - shape.coordinates[a],
        );
        let area = first.perp_dot(second);
        if area.abs() < 1e-12 {
            continue;
        }
        let against_v = (along * second.x - down * first.x) / area;
        for corner in [a, b, c] {
            let left = shape.normals[corner].cross(shape.tangents[corner]);
            sides[corner] = if left.dot(against_v) < 0.0 { -1.0 } else { 1.0 };
        }
    }
    sides
}

//! Models of boxes, made without a file.
#![allow(dead_code, reason = "each test program uses its part")]

use render::glam::{Mat4, Vec3};
use render::model::{Bounds, Local, Material, Model, Node, Primitive, Vertex};

/// A model of one node for each part: triangles of a box with these half extents and a material.
pub(crate) fn boxes(parts: &[(Mat4, Vec3, Material)]) -> Model {
    let mut model = Model {
        primitives: Vec::new(),
        meshes: Vec::new(),
        materials: Vec::new(),
        images: Vec::new(),
        nodes: Vec::new(),
        skins: Vec::new(),
        animations: Vec::new(),
        bounds: Bounds::EMPTY,
        notes: Vec::new(),
    };
    for (index, (model_from_node, half, material)) in parts.iter().enumerate() {
        let (vertices, indices) = box_triangles(*half);
        let bounds = Bounds {
            min: -*half,
            max: *half,
        };
        model.primitives.push(Primitive {
            vertices,
            skin: Vec::new(),
            indices,
            material: index,
            morph_targets: Vec::new(),
            bounds,
        });
        model.meshes.push(index..index + 1);
        model.materials.push(material.clone());
        model.nodes.push(Node {
            name: String::new(),
            parent: None,
            local: Local::Matrix(*model_from_node),
            mesh: Some(index),
            skin: None,
            weights: Vec::new(),
        });
        model.bounds = model.bounds.merge(bounds.transform(model_from_node));
    }
    model
}

/// One box around the origin.
pub(crate) fn one_box(half: Vec3, material: Material) -> Model {
    boxes(&[(Mat4::IDENTITY, half, material)])
}

fn box_triangles(half: Vec3) -> (Vec<Vertex>, Vec<u32>) {
    let mut vertices = Vec::new();
    let mut indices = Vec::new();
    for axis in 0..3 {
        for side in [1.0_f32, -1.0] {
            let mut normal = Vec3::ZERO;
            normal[axis] = side;
            let mut right = Vec3::ZERO;
            right[(axis + 1) % 3] = 1.0;
            let up = normal.cross(right);
            let first = vertices.len() as u32;
            for (u, v) in [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)] {
                vertices.push(Vertex {
                    position: ((normal + right * u + up * v) * half).to_array(),
                    normal: [normal.x, normal.y, normal.z, 0.0]
                        .map(|value| (value * 32767.0) as i16),
                    tangent: [0; 4],
                    coordinates_0: [u * 0.5 + 0.5, 0.5 - v * 0.5],
                    coordinates_1: [0.0; 2],
                    color: [u16::MAX; 4],
                });
            }
            indices.extend([0, 1, 2, 0, 2, 3].map(|corner| first + corner));
        }
    }
    (vertices, indices)
}

/// A rough paint of one colour.
pub(crate) fn paint(color: [f32; 3]) -> Material {
    Material {
        base_color: [color[0], color[1], color[2], 1.0],
        metallic: 0.0,
        roughness: 0.9,
        ..Material::default()
    }
}

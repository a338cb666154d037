//! The triangles of a model as the GPU takes them: interleaved vertices, what skinning needs beside
//! them, and the differences of morph targets.

use bytemuck::{Pod, Zeroable};

use super::bounds::Bounds;

/// A corner of triangles, in the frame of the mesh (a skinned one: of its bind pose).
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct Vertex {
    /// Metres.
    pub position: [f32; 3],
    /// Unit normal as signed normalised numbers; the fourth is 0.
    pub normal: [i16; 4],
    /// Unit tangent as signed normalised numbers, and the handedness of the bitangent, 1 or -1, as
    /// the fourth. All 0 where the file has none: the shader then derives it.
    pub tangent: [i16; 4],
    /// Texture coordinates of the first set; (0, 0) is the picture's upper left corner.
    pub coordinates_0: [f32; 2],
    /// Texture coordinates of the second set.
    pub coordinates_1: [f32; 2],
    /// Linear red, green, blue and alpha as unsigned normalised numbers; white where the file has
    /// none.
    pub color: [u16; 4],
}

/// What moves a skinned vertex. A primitive has one for each vertex, or none at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct SkinVertex {
    /// Places in the joint list of the skin; 0 where the weight is 0.
    pub joints: [u16; 4],
    /// Unsigned normalised; their sum is 65535.
    pub weights: [u16; 4],
}

/// What a morph target adds to each vertex at weight 1. A list is empty where the file has no such
/// attribute, otherwise it has one entry a vertex.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MorphTarget {
    /// Metres.
    pub positions: Vec<[f32; 3]>,
    /// Added to the unit normal; the sum is to be normalised.
    pub normals: Vec<[f32; 3]>,
    /// Added to the unit tangent's direction.
    pub tangents: Vec<[f32; 3]>,
}

/// Triangles of one material.
#[derive(Clone, Debug)]
pub struct Primitive {
    /// Only vertices that some triangle uses.
    pub vertices: Vec<Vertex>,
    /// One for each vertex; empty when not skinned.
    pub skin: Vec<SkinVertex>,
    /// Three for each triangle, counter-clockwise from outside. Always below the number of vertices.
    pub indices: Vec<u32>,
    /// Place in the model's materials.
    pub material: usize,
    /// As many for every primitive of a mesh.
    pub morph_targets: Vec<MorphTarget>,
    /// Around the vertices as they are in the file: neither morphed nor skinned.
    pub bounds: Bounds,
}

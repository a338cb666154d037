//! How large a model may be. Models come from strangers: a few hundred bytes can claim any size.

/// The most that is read of a model. What goes beyond is refused with
/// [`Error::ModelTooBig`](crate::Error::ModelTooBig) before it is held in memory.
#[derive(Clone, Debug)]
pub struct ModelLimits {
    /// Bytes of the file and of all resources that it asks for, each.
    pub file_bytes: usize,
    /// JSON objects in the file; each costs a few hundred bytes while it is read.
    pub json_objects: usize,
    /// Vertices of all primitives.
    pub vertices: usize,
    /// Triangles of all primitives.
    pub triangles: usize,
    /// Vertices of all nodes that show a mesh, each morph target that is active at rest counted
    /// again: what a frame would have to transform.
    pub drawn_vertices: usize,
    /// Images, one that is used both for colour and for other numbers counted twice.
    pub images: usize,
    /// Bytes of all images as they are encoded.
    pub image_bytes: usize,
    /// Nodes of the scene.
    pub nodes: usize,
    /// Joints of one skin, at most 65536.
    pub joints: usize,
    /// Joints of all skins.
    pub all_joints: usize,
    /// Morph targets of one primitive.
    pub morph_targets: usize,
    /// Vertices of all morph targets of all primitives.
    pub morph_vertices: usize,
    /// Numbers in the channels of all animations: times and values.
    pub animation_values: usize,
}

impl Default for ModelLimits {
    /// Generous for a phone; nothing near it would be drawn at full rate.
    fn default() -> Self {
        ModelLimits {
            file_bytes: 64 << 20,
            json_objects: 1 << 19,
            vertices: 2_000_000,
            triangles: 2_000_000,
            drawn_vertices: 16_000_000,
            images: 256,
            image_bytes: 64 << 20,
            nodes: 1 << 16,
            joints: 512,
            all_joints: 1 << 16,
            morph_targets: 256,
            morph_vertices: 4_000_000,
            animation_values: 8_000_000,
        }
    }
}

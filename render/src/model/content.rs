//! A model as a whole: plain values, ready to be put on the GPU and posed.

use std::ops::Range;

use super::animation::Animation;
use super::bounds::Bounds;
use super::material::{Image, Material};
use super::node::{Node, Skin};
use super::vertex::Primitive;

/// What the default scene of a file holds. Its frame is that of glTF: right-handed, metres, +Y up,
/// the front towards +Z. All places (`usize`) are checked: they lie within their lists.
#[derive(Clone, Debug)]
pub struct Model {
    /// Triangles of one material each.
    pub primitives: Vec<Primitive>,
    /// Which primitives each mesh has; empty where none could be drawn.
    pub meshes: Vec<Range<usize>>,
    /// Only those in use; the last one is the default material if any primitive needs it.
    pub materials: Vec<Material>,
    /// Only those in use.
    pub images: Vec<Image>,
    /// Those of the default scene, parents before children.
    pub nodes: Vec<Node>,
    /// Only those in use.
    pub skins: Vec<Skin>,
    /// All that move a node of the scene.
    pub animations: Vec<Animation>,
    /// Around all meshes as they stand at rest, morphed and skinned, in the model's frame.
    pub bounds: Bounds,
    /// What was left out and why, as sentences: optional extensions that are not known, points and
    /// lines.
    pub notes: Vec<String>,
}

impl Model {
    /// The animation of this name.
    pub fn animation(&self, name: &str) -> Option<usize> {
        self.animations
            .iter()
            .position(|animation| animation.name == name)
    }
}

//! The joints and hinges of a model: nodes, each placed in its parent, and the skins that tie
//! vertices to them. How they stand at a moment is kept in a [`Pose`](super::Pose).

use glam::{Mat4, Quat, Vec3};

/// A frame placed in its parent's, with a mesh or without.
#[derive(Clone, Debug)]
pub struct Node {
    /// From the file; empty without.
    pub name: String,
    /// Place of the parent, always before the node; `None`: the model's own frame.
    pub parent: Option<usize>,
    /// Parent from node, at rest.
    pub local: Local,
    /// Place in the model's meshes.
    pub mesh: Option<usize>,
    /// Place in the model's skins. Without it a mesh is drawn rigid, whatever its primitives hold.
    pub skin: Option<usize>,
    /// Weights of the mesh's morph targets at rest, one a target.
    pub weights: Vec<f32>,
}

/// How a node stands in its parent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Local {
    /// First scaled, then rotated, then moved. Every animated node is of this kind.
    Parts {
        /// Metres.
        translation: Vec3,
        /// Unit quaternion.
        rotation: Quat,
        /// Along the node's own axes; negative mirrors.
        scale: Vec3,
    },
    /// Parent from node.
    Matrix(Mat4),
}

impl Local {
    /// Where the parent is.
    pub const IDENTITY: Local = Local::Parts {
        translation: Vec3::ZERO,
        rotation: Quat::IDENTITY,
        scale: Vec3::ONE,
    };

    /// Parent from node.
    pub fn matrix(&self) -> Mat4 {
        match *self {
            Local::Parts {
                translation,
                rotation,
                scale,
            } => Mat4::from_scale_rotation_translation(scale, rotation, translation),
            Local::Matrix(matrix) => matrix,
        }
    }
}

/// The nodes that move a skinned mesh.
#[derive(Clone, Debug)]
pub struct Skin {
    /// Places in the model's nodes.
    pub joints: Vec<usize>,
    /// Joint from mesh in the bind pose, one a joint.
    pub inverse_bind: Vec<Mat4>,
}

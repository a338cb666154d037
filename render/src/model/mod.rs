//! Models: glTF 2.0 files read into plain values, and posed. Bytes flow in, vertices, materials,
//! encoded pictures and transforms flow out; nothing is drawn or fetched here, and no device is
//! needed. Files are read with the feature `gltf` only; [`pack`] and [`unpack`] bring what was read to where
//! it is drawn.
//!
//! ```
//! use render::model::{ModelLimits, Pose, Repeat, read_model};
//!
//! # fn show(bytes: &[u8]) -> Result<(), render::Error> {
//! // A GLB holds all it needs; other files would be asked of the closure.
//! let model = read_model(bytes, &mut |_name| None, &ModelLimits::default())?;
//! let mut pose = Pose::at_rest(&model);
//! if let Some(walk) = model.animation("Walk") {
//!     pose.sample(&model, walk, 1.25, Repeat::Loop);
//! }
//! pose.update(&model);
//! for (place, node) in model.nodes.iter().enumerate() {
//!     let Some(mesh) = node.mesh else { continue };
//!     for primitive in &model.primitives[model.meshes[mesh].clone()] {
//!         // Draw it at pose.model_from_node(place), or by pose.joint_matrices for a skin.
//!     }
//! }
//! # Ok(())
//! # }
//! # assert!(show(b"not a model").is_err());
//! ```
//!
//! # Frames
//! The model's frame is that of its file: right-handed, metres, +Y up, the front towards +Z. A
//! primitive's vertices are in the frame of the node that shows it, those of a skinned one in the
//! frame that [`Pose::joint_matrices`] start from.

mod animation;
mod bounds;
mod content;
#[cfg(feature = "gltf")]
mod gltf;
#[cfg(feature = "gltf")]
mod limits;
mod material;
mod node;
mod packed;
mod pose;
#[cfg(feature = "gltf")]
mod rest_bounds;
mod vertex;

pub use animation::{Animation, Channel, Interpolation, Property, Repeat};
pub use bounds::Bounds;
pub use content::Model;
#[cfg(feature = "gltf")]
pub use gltf::{read_model, resource_uris};
#[cfg(feature = "gltf")]
pub use limits::ModelLimits;
pub use material::{Alpha, Image, ImageKind, Material, Mips, Sampler, TextureUse, Wrap};
pub use node::{Local, Node, Skin};
pub use packed::{pack, unpack};
pub use pose::Pose;
pub use vertex::{MorphTarget, Primitive, SkinVertex, Vertex};

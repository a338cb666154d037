//! Models on the device: buffers, textures with their levels, materials, poses.
//!
//! Flow: a [`crate::model::Model`] and its decoded pictures come in once; buffers and bind groups come out,
//! which the passes draw frame by frame. Nothing here draws into a view.

pub(crate) mod geometry;
pub(crate) mod materials;
pub(crate) mod mesh_instances;
pub(crate) mod mips;
pub(crate) mod models;
pub(crate) mod poses;
pub(crate) mod reflections;
pub(crate) mod split_sum;
pub(crate) mod texels;

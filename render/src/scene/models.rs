//! Models in space: which, where, and how they look in this frame.

use glam::Mat4;

use crate::model::Pose;

/// A model on the device, as [`crate::Renderer::add_model`] named it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModelId(pub(crate) u32);

/// One appearance of a model.
#[derive(Clone, Copy, Debug)]
pub struct ModelInstance<'a> {
    /// Which model. One that was removed is skipped and counted.
    pub model: ModelId,
    /// Origin: where the model stands. +Y: up from the surface. Any affine matrix, mirrored ones too.
    pub world_from_model: Mat4,
    /// How nodes, joints and morph targets stand; `None` is at rest.
    pub pose: Option<&'a Pose>,
    /// Linear, multiplied on the base colour; white leaves it.
    pub tint: [f32; 3],
    /// 0 none, 1 a clear rim of light in `highlight_color`: chosen, or pointed at.
    pub highlight: f32,
    /// Linear.
    pub highlight_color: [f32; 3],
    /// Whether it keeps the main light off others and off real surfaces.
    pub casts_shadow: bool,
    /// Whether the plane through its origin across +Y takes its shadow where no real surface is
    /// known. Off for what hangs in the air.
    pub stands: bool,
}

impl ModelInstance<'_> {
    /// The model as it was made, at rest, standing, with a shadow.
    pub fn new(model: ModelId, world_from_model: Mat4) -> Self {
        ModelInstance {
            model,
            world_from_model,
            pose: None,
            tint: [1.0; 3],
            highlight: 0.0,
            highlight_color: crate::palette::SIGNAL,
            casts_shadow: true,
            stands: true,
        }
    }
}

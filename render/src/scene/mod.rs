//! What a frame is made of: the marks in space, the models, and what is known of the real world.
//!
//! Plain values, made by the caller for every frame and only read here. World frame: right-handed,
//! metres, +Y up against gravity (WebXR's). Colours are linear light, 0 to 1, Rec. 709 primaries;
//! [`crate::palette`] converts from sRGB. Where a view or a mark came from is not known here.

mod labels;
mod lines;
mod marks;
mod models;
mod particles;
mod points;
mod real_world;
mod report;
mod world_points;

pub use labels::{FreeLabel, LabelId};
pub use lines::{Arrow, Keyframe, Measurement, Pointer, Stroke, Trajectory, measurement_text};
pub use marks::{Grid, Head, Pin, Spot};
pub use models::{ModelId, ModelInstance};
pub use particles::{MOST_PARTICLES, ParticleEffect, ParticleKind};
pub use points::{DevicePoints, ImagePoint, OLD_POINT_FRAMES};
pub use real_world::{MeasuredDepth, RealWorld, Surface};
pub use report::DrawReport;
pub use world_points::{ColorBy, WorldPoint, WorldPoints};

/// All that is drawn in a frame.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scene<'a> {
    /// Annotations.
    pub pins: &'a [Pin],
    /// Planes and floors.
    pub grids: &'a [Grid],
    /// Points in pixels of the picture (see [`crate::Renderer::picture_texture`]), drawn where the
    /// cover fit puts them. Not drawn before a picture was given.
    pub image_points: &'a [ImagePoint],
    /// Points that lie on the device, drawn after those and under the same conditions.
    pub device_points: Option<DevicePoints<'a>>,
    /// Other members.
    pub heads: &'a [Head],
    /// Alignment taps and the reticle.
    pub spots: &'a [Spot],
    /// Free-hand lines.
    pub strokes: &'a [Stroke<'a>],
    /// Arrows.
    pub arrows: &'a [Arrow],
    /// Distances between two places.
    pub measurements: &'a [Measurement],
    /// What other members point at.
    pub pointers: &'a [Pointer],
    /// Thin paths: of the camera, of feature points.
    pub trajectories: &'a [Trajectory<'a>],
    /// Places of the camera that the map keeps.
    pub keyframes: &'a [Keyframe],
    /// The feature points of the map.
    pub world_points: Option<WorldPoints<'a>>,
    /// Cards over places that no mark names: models, surfaces.
    pub labels: &'a [FreeLabel],
    /// Lit content.
    pub models: &'a [ModelInstance<'a>],
    /// Highlights and celebrations; at most [`MOST_PARTICLES`] particles together.
    pub particles: &'a [ParticleEffect],
    /// What hides marks and takes their shadows.
    pub real_world: RealWorld<'a>,
    /// How content is joined to the real world.
    pub effects: Effects,
}

/// How strongly content and real surfaces act on each other's light.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effects {
    /// Shadows of content on real surfaces: 0 none, 1 as dark as the light estimate makes them.
    pub shadows: f32,
    /// Darkening where surfaces come close to each other: 0 none, 1 as measured.
    pub ambient_occlusion: f32,
    /// Whether highlights above 0.8 roll off to 1 instead of being cut off there.
    pub rolls_off_highlights: bool,
}

impl Default for Effects {
    fn default() -> Self {
        Effects {
            shadows: 1.0,
            ambient_occlusion: 1.0,
            rolls_off_highlights: true,
        }
    }
}

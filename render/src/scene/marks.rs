//! Marks that stand in space: pins, planes' grids, heads, spots.

use glam::{Mat4, Vec2};

use super::LabelId;

/// A lit sphere on a thin stem that stands on a surface and throws a soft shadow on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pin {
    /// Origin: the tip on the surface. +Y: the surface's normal. Metres; a uniform scale is
    /// allowed.
    pub world_from_pin: Mat4,
    /// Linear.
    pub color: [f32; 3],
    /// The card above the sphere; nothing is drawn while the bitmap is not set.
    pub label: Option<LabelId>,
    /// 0 landed, 1 start of the drop. Runs evenly from 1 to 0; the renderer eases it and lands the
    /// shadow first.
    pub drop: f32,
}

/// A plane, seen as faint dots that fade at its edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// Origin: the middle. The plane is spanned by X and Z, +Y is its normal. Rigid.
    pub world_from_grid: Mat4,
    /// Half extents along X and Z.
    pub half_size_m: Vec2,
    /// Distance of neighbouring dots; every fifth is stronger. 0.1 suits planes and floors.
    pub spacing_m: f32,
    /// Linear.
    pub color: [f32; 3],
    /// 0 unseen, 1 full.
    pub opacity: f32,
}

/// Another member of the room: a small rounded head that looks along -Z.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Head {
    /// The member's viewer pose: origin between the eyes, X right, Y up, looks along -Z.
    pub world_from_head: Mat4,
    /// Linear.
    pub color: [f32; 3],
    /// The card above the head.
    pub label: Option<LabelId>,
}

/// A ring that lies on a surface: a tap of the alignment, or the reticle of a hit test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    /// Origin: on the surface. +Y: the surface's normal. Rigid.
    pub world_from_spot: Mat4,
    /// Linear.
    pub color: [f32; 3],
    /// Outer radius of the ring; 0.05 suits a tap, 0.035 a reticle. Never drawn smaller than 7 CSS
    /// pixels.
    pub radius_m: f32,
    /// 0 an empty ring, 1 a ring with a full dot in its middle.
    pub dot: f32,
    /// 0 unseen, 1 full.
    pub opacity: f32,
    /// 0 still, 1 a slow breathing of the ring (asks for a tap).
    pub breathing: f32,
}

//! What is known of the real world: it hides marks that are behind it, and takes their shadows.

use glam::{Mat4, Vec2};

/// A flat piece of the real world: a table, a floor, a wall.
#[derive(Clone, Copy, Debug)]
pub struct Surface<'a> {
    /// Rigid. +Y: the normal, away from the thing.
    pub world_from_surface: Mat4,
    /// x and z of the corners, in metres; a convex polygon, either way round. Fewer than three
    /// corners are skipped.
    pub polygon: &'a [Vec2],
}

/// Distances to the real world as a device measured them for one view.
#[derive(Clone, Copy, Debug)]
pub struct MeasuredDepth<'a> {
    /// Columns and rows.
    pub size: [u32; 2],
    /// Metres along the view's axis, rows from the top; 0, negative and not finite mean unknown.
    pub metres: &'a [f32],
    /// From the view (0..1, x right, y down) to the measurement (the same), WebXR's
    /// `normDepthBufferFromNormView`.
    pub measurement_from_view: Mat4,
    /// Another number whenever `metres` are others: what stays is not sent to the device again.
    pub revision: u64,
}

/// What is known of the real world in a frame.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealWorld<'a> {
    /// Planes. They count where there is no measured depth.
    pub surfaces: &'a [Surface<'a>],
    /// One for each of the frame's views, or none at all.
    pub depth: &'a [MeasuredDepth<'a>],
}

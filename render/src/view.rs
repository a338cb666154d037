//! What a frame is seen through: views, the target they lie in, and what stands behind the marks.

use glam::Mat4;

/// One eye, or the one view of a phone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// x, y of the top left corner, width, height in the target, y down. A view of no size or one
    /// that reaches out of the target is skipped.
    pub viewport_px: [u32; 4],
    /// OpenGL and WebXR style: the view looks along -Z, clip z in -1..1. The renderer converts to
    /// wgpu's 0..1.
    pub projection_from_view: Mat4,
    /// Rigid: the inverse of the viewer's pose in the world.
    pub view_from_world: Mat4,
}

/// The views of one frame and what they have in common.
#[derive(Clone, Copy, Debug)]
pub struct FrameViews<'a> {
    /// The views, each with its own part of the target.
    pub views: &'a [View],
    /// Width and height of the target.
    pub target_size_px: [u32; 2],
    /// Target pixels per CSS pixel (`devicePixelRatio`; 1 for a headset): marks that have a size on
    /// the screen (points, labels, the least size of a pin) scale with it.
    pub pixel_ratio: f32,
    /// Any clock that runs on, for slow motion such as the breathing of a [`crate::Spot`].
    pub time_secs: f32,
}

/// What stands behind the marks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Backdrop {
    /// Nothing: alpha 0, for AR over the real world.
    Transparent,
    /// Nothing, and the target's light is added to the real world's (see-through glasses): alpha is
    /// of no use there, so shadows are left out and black is unseen.
    Additive,
    /// One opaque colour, linear.
    Color([f32; 3]),
    /// The last picture given, fitted by cover into each view; black before there is one.
    Picture,
}

/// Where the first row of the target's memory is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetOrigin {
    /// Canvas surfaces, WebGPU textures, native textures.
    TopLeft,
    /// An external OpenGL framebuffer (`XRWebGLLayer`): the last pass writes it upside down.
    BottomLeft,
}

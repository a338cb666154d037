//! What a frame is made of: views, light, and the marks in space.
//!
//! Plain values, made by the caller for every frame and only read here. World frame: right-handed,
//! metres, +Y up against gravity (WebXR's). Colours are linear light, 0 to 1, Rec. 709 primaries;
//! [`crate::palette`] converts from sRGB. Where a view or a mark came from is not known here.

use glam::{Mat4, Vec2, Vec3};

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
    /// Any clock that runs on, for slow motion such as the breathing of a [`Spot`].
    pub time_secs: f32,
}

/// One distant light and the light from all around.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Light {
    /// Towards the light; need not have length 1.
    pub direction_to_light_in_world: Vec3,
    /// What a white matt surface that faces the light sends back (irradiance / pi), linear.
    pub intensity: Vec3,
    /// What a white matt surface sends back without the main light, linear. Surfaces that face
    /// down get less of it.
    pub ambient: Vec3,
}

impl Default for Light {
    /// Neutral daylight from above, slightly right of and behind the viewer.
    fn default() -> Self {
        Light {
            direction_to_light_in_world: Vec3::new(0.45, 1.0, 0.4),
            intensity: Vec3::splat(0.72),
            ambient: Vec3::splat(0.46),
        }
    }
}

/// Names a label's bitmap; the caller chooses the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LabelId(pub u64);

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

/// A tracked feature point on the camera picture: a disc of 3 CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct ImagePoint {
    /// In the picture: x right, y down, pixel centres at integers.
    pub position_px: [f32; 2],
    /// 0 new (sky) to 1 old (leaf).
    pub age: f32,
    /// 1 certain; towards 0 the colour goes to amber.
    pub certain: f32,
}

/// Points of this age in frames and older have the colour of old ones (see [`DevicePoints`]).
pub const OLD_POINT_FRAMES: f32 = 60.0;

/// Tracked feature points that already lie on the renderer's device, as a tracker's compute pass
/// left them: they are drawn like [`ImagePoint`]s without a way through the CPU, which need not know
/// how many there are.
///
/// The buffer holds 16 bytes a point: x and y in pixels (f32; x right, y down, pixel centres at
/// integers), its age in frames (u32), and 4 bytes that are not read. A point's [`ImagePoint::age`]
/// is its age over [`OLD_POINT_FRAMES`]; all are certain.
///
/// Whatever writes the buffers is submitted to the renderer's queue before
/// [`crate::Renderer::draw`] is called.
///
/// Where a device has no indirect draws (WebGL2), none of these are drawn and the frame's
/// [`DrawReport`] says so; ask [`crate::Renderer::draws_device_points`] before.
#[derive(Clone, Copy, Debug)]
pub struct DevicePoints<'a> {
    /// The points, of the renderer's device, with usage `VERTEX`.
    pub buffer: &'a wgpu::Buffer,
    /// Where the first point begins, in bytes: a multiple of 4.
    pub first_point_offset: u64,
    /// The arguments of the draw call, of the renderer's device, with usage `INDIRECT`: four u32, 4,
    /// the number of points, 0, 0. The buffer must hold as many points.
    pub draw_arguments: &'a wgpu::Buffer,
    /// Where the arguments begin, in bytes: a multiple of 4.
    pub draw_arguments_offset: u64,
    /// How many pixels of the renderer's picture one of the points' pixels is, each way: 1 where the
    /// tracker sees the picture as it is drawn, more where it sees a smaller one.
    pub picture_px_per_point_px: [f32; 2],
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

/// All marks of a frame.
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
}

/// What stands behind the marks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Backdrop {
    /// Nothing: alpha 0, for AR over the real world.
    Transparent,
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

/// What a frame drew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DrawReport {
    /// Draw calls, the last full-screen pass included.
    pub draw_calls: u32,
    /// Instances over all draw calls, without [`DevicePoints`], whose number the device alone knows.
    pub instances: u32,
    /// Views drawn.
    pub views: u32,
    /// Views skipped: no size, or out of the target.
    pub skipped_views: u32,
    /// Whether [`DevicePoints`] were left out: the device has no indirect draws, or a buffer lacks
    /// its usage, ends too early, or has an offset that is no multiple of 4.
    pub skipped_device_points: bool,
    /// Whether the shadow map was drawn anew; it is kept while neither pins nor light change.
    pub shadow_map_drawn: bool,
}

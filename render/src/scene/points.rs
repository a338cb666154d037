//! Tracked feature points on the camera picture.

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
/// [`crate::DrawReport`] says so; ask [`crate::Renderer::draws_device_points`] before.
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

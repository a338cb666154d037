//! Where the points of a frame are on the device, for whoever draws them there.

use std::sync::{Arc, Mutex, PoisonError};

use super::buffers::Buffers;

/// The frame's points where the device has them. It outlives its engine being handed to a front end, and tells nothing
/// before the first frame.
///
/// The buffers are those of the frame begun last: what draws an answered frame is submitted before the next one
/// begins.
#[derive(Debug, Clone, Default)]
pub struct PointsOnDevice(Arc<Mutex<Option<PointBuffers>>>);

/// See [`PointsOnDevice`].
#[derive(Debug, Clone)]
pub struct PointBuffers {
    /// Records of 16 bytes: x and y in pixels (two `f32`), age in frames (`u32`), and a number that means nothing
    /// outside (`u32`). It can be used as vertices.
    pub points: wgpu::Buffer,
    /// At its start the arguments of an indirect draw of four vertices for each point.
    pub draw: wgpu::Buffer,
}

impl PointsOnDevice {
    /// The buffers for the size of the last picture.
    #[must_use]
    pub fn buffers(&self) -> Option<PointBuffers> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn set(&self, buffers: &Buffers) {
        let buffers = PointBuffers {
            points: buffers.tracks.clone(),
            draw: buffers.work.clone(),
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(buffers);
    }
}

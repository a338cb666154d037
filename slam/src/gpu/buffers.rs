//! The buffers of one size of picture.

use super::layout::{Layout, PICTURES};
use super::read_back::TRACKS_AT;
use super::records::{
    Agreement, CELL_BYTES, Flow, FrameSettings, MEMBER_BYTES, OFFER_BYTES, Start, StartsHead,
    Track, Work,
};

/// All buffers, by what is in them.
#[derive(Debug)]
pub(super) struct Buffers {
    pub(super) frame: wgpu::Buffer,
    /// The pictures' pyramids, one after the other.
    pub(super) pyramids: wgpu::Buffer,
    /// The points of the frame before.
    pub(super) starts: wgpu::Buffer,
    /// Where they went.
    pub(super) flows: wgpu::Buffer,
    /// New points, and where they were in the picture before.
    pub(super) corners: wgpu::Buffer,
    pub(super) proofs: wgpu::Buffer,
    pub(super) agreement: wgpu::Buffer,
    pub(super) cells: wgpu::Buffer,
    pub(super) members: wgpu::Buffer,
    pub(super) offers: wgpu::Buffer,
    pub(super) tracks: wgpu::Buffer,
    pub(super) work: wgpu::Buffer,
    /// What the host reads.
    pub(super) read_back: wgpu::Buffer,
}

impl Buffers {
    /// Buffers for pictures of a layout, `max_points` points and `cells` cells of the grid. None where the device
    /// does not allow one of their sizes.
    pub(super) fn new(
        device: &wgpu::Device,
        layout: &Layout,
        max_points: usize,
        cells: u32,
    ) -> Option<Self> {
        use wgpu::BufferUsages as Usage;
        let limits = device.limits();
        let points = max_points as u64;
        let starts = size_of::<StartsHead>() as u64 + points * size_of::<Start>() as u64;
        let flows = points * size_of::<Flow>() as u64;
        let tracks = points * size_of::<Track>() as u64;
        let work = size_of::<Work>() as u64;
        let pyramids = u64::from(layout.words) * 4 * PICTURES as u64;
        let largest = pyramids
            .max(starts)
            .max(2 * points * MEMBER_BYTES)
            .max(u64::from(cells) * OFFER_BYTES);
        if largest > limits.max_storage_buffer_binding_size || largest > limits.max_buffer_size {
            return None;
        }
        let make = |label, size, usage| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                size,
                usage,
                mapped_at_creation: false,
            })
        };
        let given = Usage::STORAGE | Usage::COPY_DST;
        // What tests look at can be copied; it costs nothing.
        let made = Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST;
        Some(Self {
            frame: make(
                "frame",
                size_of::<FrameSettings>() as u64,
                Usage::UNIFORM | Usage::COPY_DST,
            ),
            pyramids: make("pyramids", pyramids, made),
            starts: make("starts", starts, given),
            flows: make("flows", flows, made),
            corners: make("corners", starts, made),
            proofs: make("proofs", flows, made),
            agreement: make("agreement", size_of::<Agreement>() as u64, made),
            cells: make("cells", u64::from(cells) * CELL_BYTES, made),
            members: make("members", 2 * points * MEMBER_BYTES, made),
            offers: make("offers", u64::from(cells) * OFFER_BYTES, made),
            tracks: make("tracks", tracks, made | Usage::VERTEX),
            work: make("work", work, made | Usage::INDIRECT),
            read_back: make(
                "read-back",
                TRACKS_AT + tracks,
                Usage::MAP_READ | Usage::COPY_DST,
            ),
        })
    }
}

/// A small buffer of settings that never change.
pub(super) fn settings<T: bytemuck::Pod>(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    label: &str,
    value: &T,
) -> wgpu::Buffer {
    let buffer = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some(label),
        size: size_of::<T>() as u64,
        usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    queue.write_buffer(&buffer, 0, bytemuck::bytes_of(value));
    buffer
}

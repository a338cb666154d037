//! Vertices and triangles of all models that stand as they were made, in one buffer each: draws of different models
//! then need no buffers bound between them, which over WebGL2 costs more than the draw. Indices count from the buffer's
//! begin, because WebGL2 has no base vertex.

use std::ops::Range;

use bytemuck::cast_slice;
use range_alloc::RangeAllocator;

use crate::model::Vertex;

/// Vertices and indices at first.
const FIRST: [u32; 2] = [1 << 12, 1 << 14];

pub(crate) struct Geometry {
    vertices: Room,
    indices: Room,
}

/// Where a model's vertices and indices lie.
#[derive(Debug)]
pub(crate) struct Place {
    vertices: Range<u32>,
    pub(crate) indices: Range<u32>,
}

impl Geometry {
    pub(crate) fn new(device: &wgpu::Device) -> Self {
        let (vertex, index) = (wgpu::BufferUsages::VERTEX, wgpu::BufferUsages::INDEX);
        Geometry {
            vertices: Room::new(device, "vertices", size_of::<Vertex>(), FIRST[0], vertex),
            indices: Room::new(device, "indices", size_of::<u32>(), FIRST[1], index),
        }
    }

    /// Takes a model in; `indices` count from its first vertex. `None` where the device has no buffers of that size.
    pub(crate) fn add(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        vertices: &[Vertex],
        indices: &mut [u32],
    ) -> Option<Place> {
        let count = |length: usize| u32::try_from(length).ok();
        let vertex_room = self.vertices.take(device, queue, count(vertices.len())?)?;
        let Some(index_room) = self.indices.take(device, queue, count(indices.len())?) else {
            self.vertices.free(vertex_room);
            return None;
        };
        for index in indices.iter_mut() {
            *index += vertex_room.start;
        }
        self.vertices
            .write(queue, vertex_room.start, cast_slice(vertices));
        self.indices
            .write(queue, index_room.start, cast_slice(indices));
        Some(Place {
            vertices: vertex_room,
            indices: index_room,
        })
    }

    /// Its room is free for others from now on.
    pub(crate) fn remove(&mut self, place: Place) {
        self.vertices.free(place.vertices);
        self.indices.free(place.indices);
    }

    /// Binds both, at slot 0.
    pub(crate) fn bind(&self, pass: &mut wgpu::RenderPass) {
        pass.set_vertex_buffer(0, self.vertices.buffer.slice(..));
        pass.set_index_buffer(self.indices.buffer.slice(..), wgpu::IndexFormat::Uint32);
    }
}

/// A buffer that is shared out.
struct Room {
    buffer: wgpu::Buffer,
    ranges: RangeAllocator<u32>,
    capacity: u32,
    item_bytes: u64,
    label: &'static str,
    usage: wgpu::BufferUsages,
}

impl Room {
    fn new(
        device: &wgpu::Device,
        label: &'static str,
        item_bytes: usize,
        capacity: u32,
        usage: wgpu::BufferUsages,
    ) -> Self {
        let item_bytes = item_bytes as u64;
        let usage = usage | wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::COPY_SRC;
        Room {
            buffer: buffer(device, label, item_bytes * u64::from(capacity), usage),
            ranges: RangeAllocator::new(0..capacity),
            capacity,
            item_bytes,
            label,
            usage,
        }
    }

    /// Room for so many, in a larger buffer if need be.
    fn take(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        count: u32,
    ) -> Option<Range<u32>> {
        if count == 0 {
            return Some(0..0);
        }
        if let Ok(range) = self.ranges.allocate_range(count) {
            return Some(range);
        }
        let most = u32::try_from(device.limits().max_buffer_size / self.item_bytes).ok()?;
        let least = self.capacity.checked_add(count)?;
        let capacity = least.max(self.capacity / 2 * 3).min(most);
        if capacity < least {
            return None;
        }
        let bytes = self.item_bytes * u64::from(capacity);
        let larger = buffer(device, self.label, bytes, self.usage);
        let mut encoder = device.create_command_encoder(&Default::default());
        encoder.copy_buffer_to_buffer(&self.buffer, 0, &larger, 0, self.buffer.size());
        queue.submit([encoder.finish()]);
        self.buffer = larger;
        self.capacity = capacity;
        self.ranges.grow_to(capacity);
        self.ranges.allocate_range(count).ok()
    }

    fn free(&mut self, range: Range<u32>) {
        if !range.is_empty() {
            self.ranges.free_range(range);
        }
    }

    fn write(&self, queue: &wgpu::Queue, first: u32, bytes: &[u8]) {
        if !bytes.is_empty() {
            queue.write_buffer(&self.buffer, self.item_bytes * u64::from(first), bytes);
        }
    }
}

fn buffer(
    device: &wgpu::Device,
    label: &str,
    size: u64,
    usage: wgpu::BufferUsages,
) -> wgpu::Buffer {
    device.create_buffer(&wgpu::BufferDescriptor {
        label: Some(label),
        size,
        usage,
        mapped_at_creation: false,
    })
}

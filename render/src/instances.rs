//! A vertex buffer of instances that is filled anew in every frame and grows when it must.

use bytemuck::Pod;

/// Collects the instances of a frame and holds them on the device.
pub(crate) struct Instances<T> {
    staged: Vec<T>,
    buffer: wgpu::Buffer,
    capacity: usize,
    label: &'static str,
}

impl<T: Pod> Instances<T> {
    /// With room for `capacity` instances at first.
    pub(crate) fn new(device: &wgpu::Device, label: &'static str, capacity: usize) -> Self {
        let capacity = capacity.max(1);
        Instances {
            staged: Vec::with_capacity(capacity),
            buffer: buffer_of::<T>(device, label, capacity),
            capacity,
            label,
        }
    }

    pub(crate) fn clear(&mut self) {
        self.staged.clear();
    }

    pub(crate) fn push(&mut self, instance: T) {
        self.staged.push(instance);
    }

    pub(crate) fn extend(&mut self, instances: impl Iterator<Item = T>) {
        self.staged.extend(instances);
    }

    pub(crate) fn len(&self) -> u32 {
        self.staged.len() as u32
    }

    /// Sends all instances to the device in one write.
    pub(crate) fn upload(&mut self, device: &wgpu::Device, queue: &wgpu::Queue) {
        if self.staged.is_empty() {
            return;
        }
        if self.staged.len() > self.capacity {
            self.capacity = self.staged.len().next_power_of_two();
            self.buffer = buffer_of::<T>(device, self.label, self.capacity);
        }
        queue.write_buffer(&self.buffer, 0, bytemuck::cast_slice(&self.staged));
    }

    /// All instances.
    pub(crate) fn all(&self) -> wgpu::BufferSlice<'_> {
        self.buffer.slice(..)
    }

    /// From the `index`-th instance on. WebGL2 has no first instance, so the buffer is cut instead.
    pub(crate) fn from(&self, index: usize) -> wgpu::BufferSlice<'_> {
        self.buffer.slice((index * size_of::<T>()) as u64..)
    }
}

fn buffer_of<T>(device: &wgpu::Device, label: &str, capacity: usize) -> wgpu::Buffer {
    device.create_buffer(&wgpu::BufferDescriptor {
        label: Some(label),
        size: (capacity * size_of::<T>()) as u64,
        usage: wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

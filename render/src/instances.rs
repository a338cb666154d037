//! A vertex buffer of instances that is filled anew in every frame, grows when it must, and is sent to
//! the device only when it holds something else than before.

use bytemuck::Pod;

/// Collects the instances of a frame and holds them on the device.
pub(crate) struct Instances<T> {
    staged: Vec<T>,
    sent: Vec<T>,
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
            sent: Vec::with_capacity(capacity),
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

    /// Sends the instances to the device in one write: those from the first to the last block that holds
    /// something else than there.
    pub(crate) fn upload(&mut self, device: &wgpu::Device, queue: &wgpu::Queue) {
        let staged: &[u8] = bytemuck::cast_slice(&self.staged);
        if staged.is_empty() || staged == bytemuck::cast_slice::<T, u8>(&self.sent) {
            return;
        }
        let mut changed = changed_bytes(staged, bytemuck::cast_slice::<T, u8>(&self.sent));
        self.sent.clear();
        self.sent.extend_from_slice(&self.staged);
        if self.staged.len() > self.capacity {
            self.capacity = self.staged.len().next_power_of_two();
            self.buffer = buffer_of::<T>(device, self.label, self.capacity);
            changed = 0..staged.len();
        }
        if !changed.is_empty() {
            queue.write_buffer(&self.buffer, changed.start as u64, &staged[changed]);
        }
    }

    /// All instances.
    pub(crate) fn all(&self) -> wgpu::BufferSlice<'_> {
        self.buffer.slice(..)
    }

    /// From the `index`-th instance on. Over WebGL2 a first instance would bind every attribute anew all the same.
    pub(crate) fn from(&self, index: usize) -> wgpu::BufferSlice<'_> {
        self.buffer.slice((index * size_of::<T>()) as u64..)
    }
}

/// Bytes that are compared at once.
const BLOCK_BYTES: usize = 1024;

/// The bytes of `staged` that are not in `sent`, from the first block with a difference to the last.
fn changed_bytes(staged: &[u8], sent: &[u8]) -> std::ops::Range<usize> {
    let blocks = || staged.chunks(BLOCK_BYTES).zip(sent.chunks(BLOCK_BYTES));
    let differs = |(staged, sent): (&[u8], &[u8])| staged != sent;
    let alike = staged
        .len()
        .div_ceil(BLOCK_BYTES)
        .min(sent.len().div_ceil(BLOCK_BYTES));
    let first = blocks().position(differs).unwrap_or(alike);
    let end = if staged.len() > sent.len() {
        staged.len()
    } else {
        let last = blocks().rposition(differs).map_or(first, |last| last + 1);
        (last * BLOCK_BYTES).min(staged.len())
    };
    (first * BLOCK_BYTES).min(end)..end
}

fn buffer_of<T>(device: &wgpu::Device, label: &str, capacity: usize) -> wgpu::Buffer {
    device.create_buffer(&wgpu::BufferDescriptor {
        label: Some(label),
        size: (capacity * size_of::<T>()) as u64,
        usage: wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_blocks_with_a_difference_are_sent() {
        let sent: Vec<u8> = (0..5000_u32).map(|index| (index * 7 % 251) as u8).collect();
        assert_eq!(changed_bytes(&sent, &sent), 5000..5000);
        let mut staged = sent.clone();
        staged[1500] ^= 1;
        assert_eq!(changed_bytes(&staged, &sent), 1024..2048);
        staged[4999] ^= 1;
        assert_eq!(changed_bytes(&staged, &sent), 1024..5000);
        let mut longer = sent.clone();
        longer.extend([9; 100]);
        assert_eq!(changed_bytes(&longer, &sent), 4096..5100);
        assert!(changed_bytes(&sent[..3000], &sent).len() <= BLOCK_BYTES);
        assert_eq!(changed_bytes(&sent, &[]), 0..5000);
    }
}

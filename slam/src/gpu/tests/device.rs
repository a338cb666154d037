//! A device for tests, and its buffers read back.

use std::sync::OnceLock;

use crate::gpu::required_limits;

/// A device and its queue.
pub(super) struct Opened {
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
}

/// Runs a check on the first Vulkan adapter. Where there is none the check fails under `REQUIRE_ALL=1`, else it says
/// that it is skipped.
pub(super) fn on_a_device(check: impl FnOnce(&Opened)) {
    static OPENED: OnceLock<Result<Opened, String>> = OnceLock::new();
    match OPENED.get_or_init(|| open(required_limits())) {
        Ok(opened) => check(opened),
        // This crate asks for nothing when it runs: what was set when it was built counts.
        Err(reason) if option_env!("REQUIRE_ALL") == Some("1") => panic!("{reason}"),
        Err(reason) => println!("SKIPPED: {reason}"),
    }
}

/// A device of its own, for tests that break it.
pub(super) fn open(limits: wgpu::Limits) -> Result<Opened, String> {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = wgpu::Backends::VULKAN;
    let instance = wgpu::Instance::new(descriptor);
    pollster::block_on(async {
        let adapter = instance
            .request_adapter(&wgpu::RequestAdapterOptions::default())
            .await
            .map_err(|error| format!("no Vulkan adapter: {error}"))?;
        let timing = adapter.features() & wgpu::Features::TIMESTAMP_QUERY;
        let (device, queue) = adapter
            .request_device(&wgpu::DeviceDescriptor {
                required_features: timing,
                required_limits: limits,
                ..Default::default()
            })
            .await
            .map_err(|error| format!("no Vulkan device: {error}"))?;
        Ok(Opened { device, queue })
    })
}

impl Opened {
    /// What a buffer holds, once all work is done.
    pub(super) fn read<T: bytemuck::Pod>(&self, buffer: &wgpu::Buffer) -> Vec<T> {
        let copy = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("copy"),
            size: buffer.size(),
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        let mut encoder = self.device.create_command_encoder(&Default::default());
        encoder.copy_buffer_to_buffer(buffer, 0, &copy, 0, buffer.size());
        self.queue.submit([encoder.finish()]);
        copy.map_async(wgpu::MapMode::Read, .., |result| result.unwrap());
        self.device
            .poll(wgpu::PollType::wait_indefinitely())
            .unwrap();
        let mapped = copy.get_mapped_range(..).unwrap();
        mapped
            .chunks_exact(size_of::<T>())
            .map(bytemuck::pod_read_unaligned)
            .collect()
    }
}

//! The graphics adapter that is here.

use std::error::Error;

use slam::gpu::required_limits;

/// A device of it.
pub(crate) struct Adapter {
    pub(crate) device: wgpu::Device,
    pub(crate) queue: wgpu::Queue,
    info: wgpu::AdapterInfo,
}

impl Adapter {
    /// The fastest Vulkan adapter.
    pub(crate) fn open() -> Result<Self, Box<dyn Error>> {
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        descriptor.backends = wgpu::Backends::VULKAN;
        let instance = wgpu::Instance::new(descriptor);
        pollster::block_on(async {
            let adapter = instance
                .request_adapter(&wgpu::RequestAdapterOptions {
                    power_preference: wgpu::PowerPreference::HighPerformance,
                    ..Default::default()
                })
                .await?;
            let (device, queue) = adapter
                .request_device(&wgpu::DeviceDescriptor {
                    required_features: adapter.features() & wgpu::Features::TIMESTAMP_QUERY,
                    required_limits: required_limits(),
                    ..Default::default()
                })
                .await?;
            Ok(Self {
                device,
                queue,
                info: adapter.get_info(),
            })
        })
    }

    /// Its name, and whether it is a processor in disguise.
    pub(crate) fn describe(&self) -> String {
        let kind = match self.info.device_type {
            wgpu::DeviceType::Cpu => "a software adapter",
            wgpu::DeviceType::IntegratedGpu => "an integrated GPU",
            wgpu::DeviceType::DiscreteGpu => "a discrete GPU",
            wgpu::DeviceType::VirtualGpu => "a virtual GPU",
            wgpu::DeviceType::Other => "an adapter of unknown kind",
        };
        format!("{} ({kind}, {})", self.info.name, self.info.driver_info)
    }

    /// Whether it computes in software.
    pub(crate) fn is_software(&self) -> bool {
        self.info.device_type == wgpu::DeviceType::Cpu
    }

    /// Until all work is done.
    pub(crate) fn wait(&self) -> Result<(), Box<dyn Error>> {
        self.device.poll(wgpu::PollType::wait_indefinitely())?;
        Ok(())
    }

    /// Bytes that buffers and textures take on the device; 0 where it does not tell.
    pub(crate) fn allocated_bytes(&self) -> u64 {
        let report = self.device.generate_allocator_report();
        report.map_or(0, |report| report.total_allocated_bytes)
    }
}

//! The front end on the graphics adapter that is here.

use slam::Tracker;

/// Lets the tracker follow its points there, whatever that costs.
#[cfg(feature = "gpu")]
pub(crate) fn use_it(tracker: &mut Tracker) -> anyhow::Result<()> {
    use slam::gpu::{GpuEngine, required_limits};

    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = wgpu::Backends::VULKAN;
    let instance = wgpu::Instance::new(descriptor);
    let (device, queue) = pollster::block_on(async {
        let adapter = instance
            .request_adapter(&wgpu::RequestAdapterOptions {
                power_preference: wgpu::PowerPreference::HighPerformance,
                ..Default::default()
            })
            .await?;
        let device = adapter
            .request_device(&wgpu::DeviceDescriptor {
                required_limits: required_limits(),
                ..Default::default()
            })
            .await?;
        anyhow::Ok(device)
    })?;
    let settings = &slam::TrackerConfig::default().front_end;
    let engine = GpuEngine::new(device, queue, settings)?;
    tracker.use_engine(Some(Box::new(engine)));
    Ok(())
}

/// It was left out of this build.
#[cfg(not(feature = "gpu"))]
pub(crate) fn use_it(_: &mut Tracker) -> anyhow::Result<()> {
    anyhow::bail!("this program was built without the feature `gpu`")
}

//! The device that the tracker's front end works on, opened in the worker, and the promise of its next answer.

use std::{future::poll_fn, sync::Arc};

use js_sys::Promise;
use slam::gpu::{self, GpuEngine, Signal};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::future_to_promise;

use super::gpu_info;
use crate::error::Error;

/// A WebGPU device for one tracker.
#[wasm_bindgen]
pub struct TrackerGpu {
    device: wgpu::Device,
    queue: wgpu::Queue,
    info: wgpu::AdapterInfo,
}

#[wasm_bindgen]
impl TrackerGpu {
    /// Opens a device, without a view.
    ///
    /// # Errors
    /// `no-adapter` where the browser has no WebGPU, or none in a worker; `device` where it refuses.
    pub async fn open() -> Result<TrackerGpu, JsValue> {
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        descriptor.backends = wgpu::Backends::BROWSER_WEBGPU;
        let adapter = wgpu::Instance::new(descriptor)
            .request_adapter(&wgpu::RequestAdapterOptions {
                power_preference: wgpu::PowerPreference::LowPower,
                ..Default::default()
            })
            .await
            .map_err(|error| Error::NoAdapter {
                reason: error.to_string(),
            })?;
        let (device, queue) = adapter
            .request_device(&wgpu::DeviceDescriptor {
                required_features: adapter.features() & wgpu::Features::TIMESTAMP_QUERY,
                required_limits: gpu::required_limits(),
                ..Default::default()
            })
            .await
            .map_err(|error| Error::Device {
                reason: error.to_string(),
            })?;
        // What is refused leaves no answer, and the front end does its frame without the device.
        device.on_uncaptured_error(Arc::new(|_| {}));
        Ok(TrackerGpu {
            info: adapter.get_info(),
            device,
            queue,
        })
    }

    /// What the adapter calls itself; empty where the browser does not tell.
    #[wasm_bindgen(getter)]
    pub fn adapter(&self) -> String {
        gpu_info::adapter_name(&self.info).to_owned()
    }

    /// Whether it computes in software.
    #[wasm_bindgen(getter, js_name = isSoftware)]
    pub fn is_software(&self) -> bool {
        gpu_info::is_software(&self.info)
    }

    /// Ends the device, as a driver that fails does: for tests.
    pub fn destroy(&self) {
        self.device.destroy();
    }
}

impl TrackerGpu {
    /// An engine for a front end with these settings.
    pub(super) fn engine(&self, config: &slam::FrontEndConfig) -> Result<GpuEngine, Error> {
        GpuEngine::new(self.device.clone(), self.queue.clone(), config).map_err(|error| {
            Error::Device {
                reason: error.to_string(),
            }
        })
    }
}

/// Settles when the next answer is there, or will not come.
pub(super) fn promise_of(signal: Signal) -> Promise {
    future_to_promise(async move {
        poll_fn(|context| signal.poll(context.waker())).await;
        Ok(JsValue::UNDEFINED)
    })
}

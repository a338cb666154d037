//! The device over WebGPU, and the canvas as its target.

#[cfg(feature = "view-webgpu")]
use render::RendererConfig;
use render::TargetOrigin;
use web_sys::HtmlCanvasElement;
use wgpu::CurrentSurfaceTexture as Current;

use crate::error::Error;

/// What `View.describe` calls it.
#[cfg(feature = "view-webgpu")]
pub(crate) const BACKEND: &str = "webgpu";

/// The device and its canvas.
pub(crate) struct Gpu {
    pub(crate) device: wgpu::Device,
    pub(crate) queue: wgpu::Queue,
    #[cfg(feature = "view-webgpu")]
    pub(crate) info: wgpu::AdapterInfo,
    /// Whether it can draw into half floats.
    #[cfg(feature = "view-webgpu")]
    half_floats: bool,
    surface: wgpu::Surface<'static>,
    config: wgpu::SurfaceConfiguration,
    max_side_px: u32,
}

impl Gpu {
    /// Opens a device for the canvas.
    pub(crate) async fn open(
        canvas: &HtmlCanvasElement,
        on_stage: &dyn Fn(&str),
    ) -> Result<Gpu, Error> {
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        descriptor.backends = wgpu::Backends::BROWSER_WEBGPU;
        let instance = wgpu::Instance::new(descriptor);
        on_stage("adapter");
        let surface = instance
            .create_surface(wgpu::SurfaceTarget::Canvas(canvas.clone()))
            .map_err(|error| Error::Surface {
                reason: error.to_string(),
            })?;
        let adapter = instance
            .request_adapter(&wgpu::RequestAdapterOptions {
                compatible_surface: Some(&surface),
                ..Default::default()
            })
            .await
            .map_err(|error| Error::NoAdapter {
                reason: error.to_string(),
            })?;
        on_stage("device");
        // Every adapter has these; with them particles are moved by compute.
        let limits = wgpu::Limits::downlevel_defaults().using_resolution(adapter.limits());
        let max_side_px = limits.max_texture_dimension_2d;
        let (device, queue) = adapter
            .request_device(&wgpu::DeviceDescriptor {
                required_features: timestamps(&adapter),
                required_limits: limits,
                ..Default::default()
            })
            .await
            .map_err(|error| Error::Device {
                reason: error.to_string(),
            })?;
        let formats = surface.get_capabilities(&adapter).formats;
        // The browser's preferred one of the two that are not sRGB; the renderer encodes sRGB itself.
        let format = formats
            .iter()
            .copied()
            .find(|format| {
                matches!(
                    format,
                    wgpu::TextureFormat::Bgra8Unorm | wgpu::TextureFormat::Rgba8Unorm
                )
            })
            .unwrap_or(wgpu::TextureFormat::Rgba8Unorm);
        let config = wgpu::SurfaceConfiguration {
            format,
            alpha_mode: wgpu::CompositeAlphaMode::PreMultiplied,
            ..surface
                .get_default_config(&adapter, canvas.width().max(1), canvas.height().max(1))
                .ok_or_else(|| Error::Surface {
                    reason: "the adapter cannot draw to this canvas".into(),
                })?
        };
        surface.configure(&device, &config);
        Ok(Gpu {
            #[cfg(feature = "view-webgpu")]
            info: adapter.get_info(),
            #[cfg(feature = "view-webgpu")]
            half_floats: render::draws_half_floats(&adapter),
            device,
            queue,
            surface,
            config,
            max_side_px,
        })
    }

    /// How a renderer for this device and its canvas is made.
    #[cfg(feature = "view-webgpu")]
    pub(crate) fn renderer_config(&self) -> RendererConfig {
        RendererConfig {
            target_format: self.target_format(),
            half_float_targets: self.half_floats,
            ..RendererConfig::default()
        }
    }

    /// Whether the device is known to be gone; over WebGPU the device itself tells of that.
    #[cfg(feature = "view-webgpu")]
    #[allow(clippy::unused_self, reason = "the other backend asks its context")]
    pub(crate) fn is_lost(&self) -> bool {
        false
    }

    /// The canvas is drawn to in this format.
    pub(crate) fn target_format(&self) -> wgpu::TextureFormat {
        self.config.format
    }

    pub(crate) fn size_px(&self) -> [u32; 2] {
        [self.config.width, self.config.height]
    }

    pub(crate) fn max_side_px(&self) -> u32 {
        self.max_side_px
    }

    /// The canvas has this many pixels from now on.
    pub(crate) fn resize(&mut self, width: u32, height: u32) {
        self.config.width = width;
        self.config.height = height;
        self.surface.configure(&self.device, &self.config);
    }

    /// Gives the canvas to `draw` and shows what it drew.
    pub(crate) fn draw(
        &mut self,
        draw: impl FnOnce(&wgpu::TextureView, TargetOrigin),
    ) -> Result<(), Error> {
        let texture = match self.surface.get_current_texture() {
            Current::Success(texture) | Current::Suboptimal(texture) => texture,
            _ => {
                self.surface.configure(&self.device, &self.config);
                return Err(Error::Surface {
                    reason: "it gave no picture to draw into".into(),
                });
            }
        };
        draw(
            &texture
                .texture
                .create_view(&wgpu::TextureViewDescriptor::default()),
            TargetOrigin::TopLeft,
        );
        self.queue.present(texture);
        Ok(())
    }
}

/// Timestamps, where the adapter has them and somebody reads them.
fn timestamps(adapter: &wgpu::Adapter) -> wgpu::Features {
    if cfg!(feature = "timings") {
        adapter.features() & wgpu::Features::TIMESTAMP_QUERY
    } else {
        wgpu::Features::empty()
    }
}

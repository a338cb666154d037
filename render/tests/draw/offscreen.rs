//! A device without a window, a target to draw into, and its pixels read back.
#![allow(
    clippy::expect_used,
    reason = "tests and pictures end where the device does"
)]

use render::{Renderer, RendererConfig};

/// A device and its queue.
pub(crate) struct Offscreen {
    pub(crate) device: wgpu::Device,
    pub(crate) queue: wgpu::Queue,
}

/// RGBA pixels, rows from the top as they lie in the texture's memory.
pub(crate) struct Pixels {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) rgba: Vec<u8>,
}

/// Runs a check on Vulkan and on OpenGL, whose path in wgpu is that of WebGL2. Where a backend has no
/// adapter the check fails under `REQUIRE_ALL=1`, else it says that it is skipped.
#[cfg(test)]
pub(crate) fn on_every_backend(check: impl Fn(&Offscreen)) {
    use std::sync::OnceLock;
    type Opened = OnceLock<Result<Offscreen, String>>;
    static VULKAN: Opened = OnceLock::new();
    static GL: Opened = OnceLock::new();
    for (name, backends, opened) in [
        ("Vulkan", wgpu::Backends::VULKAN, &VULKAN),
        ("OpenGL", wgpu::Backends::GL, &GL),
    ] {
        match opened.get_or_init(|| Offscreen::open(backends)) {
            Ok(offscreen) => {
                println!("on {name}");
                check(offscreen);
            }
            Err(reason) if std::env::var("REQUIRE_ALL").is_ok_and(|value| value == "1") => {
                panic!("{name}: {reason}")
            }
            Err(reason) => println!("SKIPPED: {name}: {reason}"),
        }
    }
}

/// A device whose textures are at most 2048 pixels wide, or nothing where there is no device; that is
/// said or refused as by [`on_every_backend`].
#[cfg(test)]
pub(crate) fn with_small_textures() -> Option<Offscreen> {
    let limits = |_: wgpu::Limits| wgpu::Limits::downlevel_webgl2_defaults();
    match Offscreen::open_with(wgpu::Backends::VULKAN, limits) {
        Ok(offscreen) => Some(offscreen),
        Err(reason) if std::env::var("REQUIRE_ALL").is_ok_and(|value| value == "1") => {
            panic!("Vulkan: {reason}")
        }
        Err(reason) => {
            println!("SKIPPED: Vulkan: {reason}");
            None
        }
    }
}

impl Offscreen {
    /// The first adapter of the backends with the limits of WebGL2, or why there is none.
    pub(crate) fn open(backends: wgpu::Backends) -> Result<Offscreen, String> {
        Self::open_with(backends, |of_adapter| {
            wgpu::Limits::downlevel_webgl2_defaults().using_resolution(of_adapter)
        })
    }

    /// The same with compute, as WebGPU has it.
    #[allow(
        dead_code,
        reason = "not every example that includes this file computes"
    )]
    pub(crate) fn open_with_compute(backends: wgpu::Backends) -> Result<Offscreen, String> {
        Self::open_with(backends, |of_adapter| {
            wgpu::Limits::downlevel_defaults().using_resolution(of_adapter)
        })
    }

    /// The same with other limits, made from the adapter's.
    fn open_with(
        backends: wgpu::Backends,
        limits: impl Fn(wgpu::Limits) -> wgpu::Limits,
    ) -> Result<Offscreen, String> {
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        descriptor.backends = backends;
        let instance = wgpu::Instance::new(descriptor);
        pollster::block_on(async {
            let adapter = instance
                .request_adapter(&wgpu::RequestAdapterOptions::default())
                .await
                .map_err(|error| format!("no graphics adapter: {error}"))?;
            let limits = limits(adapter.limits());
            let (device, queue) = adapter
                .request_device(&wgpu::DeviceDescriptor {
                    required_limits: limits,
                    ..Default::default()
                })
                .await
                .map_err(|error| format!("no graphics device: {error}"))?;
            Ok(Offscreen { device, queue })
        })
    }

    pub(crate) fn renderer(&self, config: RendererConfig) -> Renderer {
        pollster::block_on(Renderer::new(
            self.device.clone(),
            self.queue.clone(),
            config,
        ))
        .expect("the renderer is made")
    }

    /// Until the device has done all that it was given.
    #[allow(dead_code, reason = "not every example that includes this file waits")]
    pub(crate) fn wait(&self) {
        self.device
            .poll(wgpu::PollType::wait_indefinitely())
            .expect("the device finishes");
    }

    /// A target of the given format and size.
    pub(crate) fn target(
        &self,
        format: wgpu::TextureFormat,
        [width, height]: [u32; 2],
    ) -> wgpu::Texture {
        self.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("target"),
            size: wgpu::Extent3d {
                width,
                height,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        })
    }

    /// The bytes of a texture of 4 bytes a pixel.
    pub(crate) fn read(&self, texture: &wgpu::Texture) -> Pixels {
        let (width, height) = (texture.width(), texture.height());
        let row = (width * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("read back"),
            size: u64::from(row * height),
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        let mut encoder = self.device.create_command_encoder(&Default::default());
        encoder.copy_texture_to_buffer(
            texture.as_image_copy(),
            wgpu::TexelCopyBufferInfo {
                buffer: &buffer,
                layout: wgpu::TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: Some(row),
                    rows_per_image: None,
                },
            },
            texture.size(),
        );
        self.queue.submit([encoder.finish()]);
        buffer.slice(..).map_async(wgpu::MapMode::Read, |result| {
            result.expect("the buffer is mapped");
        });
        self.device
            .poll(wgpu::PollType::wait_indefinitely())
            .expect("the device finishes");
        let mapped = buffer
            .slice(..)
            .get_mapped_range()
            .expect("the buffer is mapped");
        let rgba = mapped
            .chunks_exact(row as usize)
            .flat_map(|bytes| bytes[..(width * 4) as usize].iter().copied())
            .collect();
        Pixels {
            width,
            height,
            rgba,
        }
    }

    /// Fills the renderer's picture.
    #[allow(
        dead_code,
        reason = "not every example that includes this file has a picture"
    )]
    pub(crate) fn write_picture(
        &self,
        renderer: &mut Renderer,
        [width, height]: [u32; 2],
        rgba: &[u8],
    ) {
        let texture = renderer.picture_texture(width, height);
        self.queue.write_texture(
            texture.as_image_copy(),
            rgba,
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(width * 4),
                rows_per_image: None,
            },
            texture.size(),
        );
    }
}

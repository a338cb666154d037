//! A picture of a frame as bytes: drawn like any other, then read back. The device answers some frames
//! later, also on the web, where nothing may wait for it.

use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

/// Pixels of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Columns and rows.
    pub size_px: [u32; 2],
    /// Red, green, blue and alpha a pixel, sRGB values times alpha, rows from the top.
    pub premultiplied_srgb_rgba: Vec<u8>,
}

/// A picture that is on its way from the device.
pub struct Screenshot {
    buffer: wgpu::Buffer,
    size_px: [u32; 2],
    bytes_per_row: u32,
    bgra: bool,
    state: Arc<AtomicU8>,
}

const WAITING: u8 = 0;
const READY: u8 = 1;
const FAILED: u8 = 2;

impl Screenshot {
    /// Copies a target that was drawn and is 8-bit RGBA or BGRA.
    pub(crate) fn of(device: &wgpu::Device, queue: &wgpu::Queue, target: &wgpu::Texture) -> Self {
        let size_px = [target.width(), target.height()];
        let bytes_per_row = (size_px[0] * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
        let buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("screenshot"),
            size: u64::from(bytes_per_row) * u64::from(size_px[1]),
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        let mut encoder = device.create_command_encoder(&Default::default());
        encoder.copy_texture_to_buffer(
            target.as_image_copy(),
            wgpu::TexelCopyBufferInfo {
                buffer: &buffer,
                layout: wgpu::TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: Some(bytes_per_row),
                    rows_per_image: None,
                },
            },
            target.size(),
        );
        queue.submit([encoder.finish()]);
        let state = Arc::new(AtomicU8::new(WAITING));
        let told = Arc::clone(&state);
        buffer
            .slice(..)
            .map_async(wgpu::MapMode::Read, move |result| {
                told.store(
                    if result.is_ok() { READY } else { FAILED },
                    Ordering::Release,
                );
            });
        use wgpu::TextureFormat::{Bgra8Unorm, Bgra8UnormSrgb};
        Screenshot {
            buffer,
            size_px,
            bytes_per_row,
            bgra: [Bgra8Unorm, Bgra8UnormSrgb].contains(&target.format()),
            state,
        }
    }

    /// The picture, if it has come. `Err` when the device was lost before.
    ///
    /// # Errors
    /// [`crate::Error::Device`].
    pub fn poll(&mut self, device: &wgpu::Device) -> Result<Option<Picture>, crate::Error> {
        // Natively and over WebGL2 somebody must look whether the device is done.
        let _polled = device.poll(wgpu::PollType::Poll);
        match self.state.load(Ordering::Acquire) {
            WAITING => Ok(None),
            READY => self.read().map(Some),
            _ => Err(lost()),
        }
    }

    fn read(&self) -> Result<Picture, crate::Error> {
        let mapped = self
            .buffer
            .slice(..)
            .get_mapped_range()
            .map_err(|_| lost())?;
        let width_bytes = self.size_px[0] as usize * 4;
        let mut pixels = Vec::with_capacity(width_bytes * self.size_px[1] as usize);
        for row in mapped.chunks_exact(self.bytes_per_row as usize) {
            pixels.extend_from_slice(&row[..width_bytes]);
        }
        if self.bgra {
            pixels
                .as_chunks_mut::<4>()
                .0
                .iter_mut()
                .for_each(|pixel| pixel.swap(0, 2));
        }
        Ok(Picture {
            size_px: self.size_px,
            premultiplied_srgb_rgba: pixels,
        })
    }
}

fn lost() -> crate::Error {
    crate::Error::Device {
        message: "it was lost before the picture came back".into(),
    }
}

//! The post-processing of streams: the GPU does what its CPU twin does, each adjustment does what it
//! says, quality rises where it is said to rise, and nothing grows.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, reason = "a test ends where its device does")]

mod adjustments;
mod generated;
mod growth;
#[path = "../draw/offscreen.rs"]
#[allow(
    dead_code,
    reason = "it also serves the renderer, which is not used here"
)]
mod offscreen;
mod quality;
mod ssim;
mod twin;

use render::streams::{StreamAdjustments, StreamChain, StreamFit};

use generated::Video;
use offscreen::Offscreen;

const PLAIN_FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

impl Offscreen {
    fn chain(&self, format: wgpu::TextureFormat) -> StreamChain {
        pollster::block_on(StreamChain::new(
            self.device.clone(),
            self.queue.clone(),
            format,
        ))
        .expect("the chain is made")
    }

    fn write_video(&self, chain: &mut StreamChain, video: &Video) {
        let texture = chain.input(video.size_px[0], video.size_px[1]);
        self.queue.write_texture(
            texture.as_image_copy(),
            &video.rgba,
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(video.size_px[0] * 4),
                rows_per_image: None,
            },
            texture.size(),
        );
    }

    /// The video as a chain draws it into a new target.
    fn processed(
        &self,
        chain: &mut StreamChain,
        format: wgpu::TextureFormat,
        video: &Video,
        adjustments: &StreamAdjustments,
        target_px: [u32; 2],
        fit: StreamFit,
    ) -> Video {
        self.write_video(chain, video);
        let target = self.target(format, target_px);
        let view = target.create_view(&Default::default());
        assert!(chain.draw(adjustments, &view, target_px, fit));
        Video {
            size_px: target_px,
            rgba: self.read(&target).rgba,
        }
    }

    /// The same at the video's own size, by a new chain.
    fn processed_once(&self, video: &Video, adjustments: &StreamAdjustments) -> Video {
        self.processed(
            &mut self.chain(PLAIN_FORMAT),
            PLAIN_FORMAT,
            video,
            adjustments,
            video.size_px,
            StreamFit::Contain,
        )
    }
}

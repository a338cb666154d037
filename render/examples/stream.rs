//! Writes a picture of a video at a poor bit rate, enlarged: plain on the left, processed on the right.
//!
//! `cargo run -p render --example stream -- [FILE]`

#[cfg(not(target_arch = "wasm32"))]
#[path = "../tests/streams/generated.rs"]
#[allow(dead_code, reason = "the tests make more pictures")]
mod generated;

#[cfg(not(target_arch = "wasm32"))]
#[path = "../tests/draw/offscreen.rs"]
#[allow(
    dead_code,
    reason = "it also serves the renderer, which is not used here"
)]
mod offscreen;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use render::streams::{StreamAdjustments, StreamChain, StreamFit};

    let path = std::env::args().nth(1).unwrap_or("stream.png".into());
    let offscreen = offscreen::Offscreen::open(wgpu::Backends::VULKAN)?;
    let (device, queue) = (offscreen.device.clone(), offscreen.queue.clone());
    let format = wgpu::TextureFormat::Rgba8Unorm;
    let mut chain = pollster::block_on(StreamChain::new(device, queue, format))?;

    // What a codec leaves of the scene takes the place of a received video.
    let video = generated::Video::scene([480, 300]).coded(12);
    let input = chain.input(video.size_px[0], video.size_px[1]);
    offscreen.queue.write_texture(
        input.as_image_copy(),
        &video.rgba,
        wgpu::TexelCopyBufferLayout {
            offset: 0,
            bytes_per_row: Some(video.size_px[0] * 4),
            rows_per_image: None,
        },
        input.size(),
    );

    let adjustments = StreamAdjustments {
        deblocking: 0.8,
        sharpness: 0.7,
        exposure_stops: 0.4,
        temperature: 0.1,
        saturation: 1.15,
        split: Some(0.5),
        ..StreamAdjustments::default()
    };
    let size_px = [1200, 750];
    let target = offscreen.target(format, size_px);
    let view = target.create_view(&Default::default());
    chain.draw(&adjustments, &view, size_px, StreamFit::Contain);
    let pixels = offscreen.read(&target);
    image::save_buffer(
        &path,
        &pixels.rgba,
        pixels.width,
        pixels.height,
        image::ExtendedColorType::Rgba8,
    )?;
    Ok(())
}

#[cfg(target_arch = "wasm32")]
fn main() {}

//! Writes pictures of particles at several ages, over a bright, a dark and a camera's ground: once moved
//! in the vertex shader, once simulated where the device has compute.
//!
//! `cargo run -p render-scenes --example particles -- [FOLDER]`

#[cfg(not(target_arch = "wasm32"))]
#[path = "../../tests/draw/offscreen.rs"]
#[allow(dead_code, reason = "a picture needs little of it")]
mod offscreen;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use render::{Backdrop, RendererConfig, palette};
    use render_scenes::{Studio, draw_particles};

    let folder = std::path::PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| ".".into()));
    let plain = offscreen::Offscreen::open(wgpu::Backends::VULKAN)?;
    let computing = offscreen::Offscreen::open_with_compute(wgpu::Backends::VULKAN)?;
    let times = [
        [0.12, 0.4, 0.06],
        [0.5, 1.2, 0.16],
        [1.2, 2.1, 0.3],
        [2.2, 3.4, 0.45],
        [3.3, 5.0, 0.55],
    ];
    let grounds = [
        ("light", Backdrop::Color(palette::PAPER)),
        ("dark", Backdrop::Color(palette::INK)),
        ("mid", Backdrop::Color([0.3, 0.2, 0.13])),
    ];
    for (way, offscreen) in [("plain", &plain), ("simulated", &computing)] {
        for (ground, backdrop) in grounds {
            let renderer = offscreen.renderer(RendererConfig::default());
            let (device, queue) = (offscreen.device.clone(), offscreen.queue.clone());
            let mut studio = Studio::new(renderer, device, queue, [1280, 800], 1.0);
            for (number, ages) in times.into_iter().enumerate() {
                let mut drawing = draw_particles(&mut studio, ages, backdrop);
                offscreen.wait();
                let picture = drawing
                    .poll(&offscreen.device)?
                    .ok_or("the picture did not come")?;
                let [width, height] = picture.size_px;
                image::save_buffer(
                    folder.join(format!("particles-{way}-{ground}-{number}.png")),
                    &picture.premultiplied_srgb_rgba,
                    width,
                    height,
                    image::ExtendedColorType::Rgba8,
                )?;
            }
        }
    }
    Ok(())
}

#[cfg(target_arch = "wasm32")]
fn main() {}

//! Writes pictures of particles at several ages, over a bright, a dark and a camera's ground: once moved
//! in the vertex shader, once simulated where the device has compute.
//!
//! `cargo run -p render --example particles -- [FOLDER]`

#[cfg(not(target_arch = "wasm32"))]
#[path = "../tests/draw/offscreen.rs"]
mod offscreen;

#[cfg(not(target_arch = "wasm32"))]
#[path = "../tests/draw/particles_scene.rs"]
mod particles_scene;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use render::{Backdrop, RendererConfig, palette};

    let folder = std::path::PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| ".".into()));
    let plain = offscreen::Offscreen::open(wgpu::Backends::VULKAN)?;
    let computing = offscreen::Offscreen::open_with_compute(wgpu::Backends::VULKAN)?;
    let size_px = [1280, 800];
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
    for (device, offscreen) in [("plain", &plain), ("simulated", &computing)] {
        for (ground, backdrop) in grounds {
            let mut renderer = offscreen.renderer(RendererConfig::default());
            for (number, ages) in times.into_iter().enumerate() {
                let frames = [particles_scene::effects(ages)];
                let pixels = particles_scene::draw(
                    offscreen,
                    &mut renderer,
                    &frames,
                    backdrop,
                    size_px,
                    1.0,
                );
                image::save_buffer(
                    folder.join(format!("particles-{device}-{ground}-{number}.png")),
                    &pixels.rgba,
                    pixels.width,
                    pixels.height,
                    image::ExtendedColorType::Rgba8,
                )?;
            }
        }
    }
    Ok(())
}

#[cfg(target_arch = "wasm32")]
fn main() {}

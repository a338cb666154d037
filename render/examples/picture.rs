//! Writes pictures of the room view, dark and light, and of marks over a made-up camera picture.
//!
//! `cargo run -p render --example picture -- [FOLDER]`

#[cfg(not(target_arch = "wasm32"))]
#[path = "../tests/draw/offscreen.rs"]
mod offscreen;

#[cfg(not(target_arch = "wasm32"))]
#[path = "../tests/draw/demo_scene.rs"]
mod demo_scene;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::path::PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| ".".into()));
    let offscreen = offscreen::Offscreen::open(wgpu::Backends::VULKAN)?;
    for (name, look) in demo_scene::LOOKS {
        let pixels = demo_scene::draw(&offscreen, look, [1280, 800], 1.0);
        let path = folder.join(format!("{name}.png"));
        image::save_buffer(
            &path,
            &pixels.rgba,
            pixels.width,
            pixels.height,
            image::ExtendedColorType::Rgba8,
        )?;
    }
    Ok(())
}

#[cfg(target_arch = "wasm32")]
fn main() {}

//! Writes pictures of annotations over a made-up camera picture, bright and dark, and of a tracker's map:
//! for a wide screen and for a phone.
//!
//! `cargo run -p render --example annotations -- [FOLDER]`
#![allow(clippy::print_stderr, reason = "it says where the system lacks fonts")]

#[cfg(not(target_arch = "wasm32"))]
#[path = "../../tests/draw/offscreen.rs"]
mod offscreen;

#[cfg(not(target_arch = "wasm32"))]
#[path = "../../tests/draw/demo_scene.rs"]
#[allow(
    dead_code,
    reason = "only its cards and its camera picture are of use here"
)]
mod demo_scene;

#[cfg(not(target_arch = "wasm32"))]
#[path = "../../tests/draw/annotation_scene.rs"]
mod annotation_scene;

#[cfg(not(target_arch = "wasm32"))]
mod label_card;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::path::PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| ".".into()));
    let offscreen = offscreen::Offscreen::open(wgpu::Backends::VULKAN)?;
    let mut maker = label_card::CardMaker::new();
    if maker.is_none() {
        eprintln!("This system has no fonts: the cards show lines instead of text.");
    }
    let mut card = |text: &str, accent: u32| match &mut maker {
        Some(maker) => maker.card(text, accent),
        None => {
            let width = 70 + 15 * text.chars().count() as u32;
            let [_, rgb @ ..] = accent.to_be_bytes();
            (width, 60, demo_scene::card(width, 60, rgb))
        }
    };
    for (name, show) in annotation_scene::SHOWS {
        for (shape, size_px, ratio) in [
            ("wide", [1280, 800], 1.0),
            ("phone", [390, 844], 1.0),
            ("phone-sharp", [1170, 2532], 3.0),
        ] {
            if shape == "phone-sharp" && show != annotation_scene::Show::Annotations {
                continue;
            }
            let pixels = annotation_scene::draw_show(&offscreen, show, size_px, ratio, &mut card);
            image::save_buffer(
                folder.join(format!("{name}-{shape}.png")),
                &pixels.rgba,
                pixels.width,
                pixels.height,
                image::ExtendedColorType::Rgba8,
            )?;
        }
    }
    Ok(())
}

#[cfg(target_arch = "wasm32")]
fn main() {}

//! Writes pictures of whole scenes with models: on a desk, on a dark shelf, behind real things, in motion,
//! for two eyes, for see-through displays, under a high and a low sun. The models are made on the spot.
//!
//! `cargo run -p render --example scenes -- [FOLDER [SCENE...]]`
#![allow(clippy::print_stderr, reason = "it says where the system lacks fonts")]

#[cfg(not(target_arch = "wasm32"))]
#[path = "../tests/draw/cube.rs"]
mod cube;

#[cfg(not(target_arch = "wasm32"))]
#[path = "../tests/draw/demo_models/mod.rs"]
mod demo_models;

#[cfg(not(target_arch = "wasm32"))]
#[path = "../tests/draw/demo_scene.rs"]
#[allow(dead_code, reason = "only its cards are of use here")]
mod demo_scene;

#[cfg(not(target_arch = "wasm32"))]
#[path = "../tests/model/glb_builder.rs"]
#[allow(dead_code, reason = "it can write more than sound models need")]
mod glb_builder;

#[cfg(not(target_arch = "wasm32"))]
#[path = "../tests/draw/images.rs"]
mod images;

#[cfg(not(target_arch = "wasm32"))]
#[path = "annotations/label_card.rs"]
mod label_card;

#[cfg(not(target_arch = "wasm32"))]
#[path = "../tests/draw/model_scenes/mod.rs"]
mod model_scenes;

#[cfg(not(target_arch = "wasm32"))]
#[path = "../tests/draw/offscreen.rs"]
mod offscreen;

#[cfg(not(target_arch = "wasm32"))]
#[path = "../tests/draw/real_room.rs"]
mod real_room;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = std::path::PathBuf::from(arguments.next().unwrap_or_else(|| ".".into()));
    let chosen: Vec<String> = arguments.collect();
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
    for (name, scene) in model_scenes::MODEL_SCENES {
        if !chosen.is_empty() && !chosen.iter().any(|chosen| chosen == name) {
            continue;
        }
        let pixels = model_scenes::draw_scene(&offscreen, scene, [1280, 800], 1.0, &mut card);
        image::save_buffer(
            folder.join(format!("{name}.png")),
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

//! Writes pictures of whole scenes: marks in a room and over a camera picture, annotations, a tracker's
//! map, particles, and models: on a desk, on a dark shelf, behind real things, in motion, for two eyes, for
//! see-through displays, under a high and a low sun. All of it is made on the spot.
//!
//! `cargo run -p render-scenes --example scenes -- [FOLDER [WIDTHxHEIGHT[@RATIO]] [SCENE...]]`
//!
//! RATIO: device pixels per CSS pixel.
#![allow(clippy::print_stderr, reason = "it says where the system lacks fonts")]

#[cfg(not(target_arch = "wasm32"))]
mod label_card;

#[cfg(not(target_arch = "wasm32"))]
#[path = "../../../tests/draw/offscreen.rs"]
#[allow(dead_code, reason = "a picture needs little of it")]
mod offscreen;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1).peekable();
    let folder = std::path::PathBuf::from(arguments.next().unwrap_or_else(|| ".".into()));
    let size = arguments.next_if(|argument| argument.contains('x') && size_of(argument).is_some());
    let (size_px, ratio) = size
        .and_then(|size| size_of(&size))
        .unwrap_or(([1280, 800], 1.0));
    let chosen: Vec<String> = arguments.collect();
    if let Some(unknown) = chosen.iter().find(|name| {
        !render_scenes::SCENES
            .iter()
            .any(|scene| scene.name == **name)
    }) {
        return Err(format!("there is no scene {unknown}").into());
    }
    let offscreen = offscreen::Offscreen::open(wgpu::Backends::VULKAN)?;
    let mut maker = label_card::CardMaker::new();
    if maker.is_none() {
        eprintln!("This system has no fonts: the cards show lines instead of text.");
    }
    let mut card = |text: &str, accent: u32| match &mut maker {
        Some(maker) if !text.is_empty() => maker.card(text, accent),
        _ => render_scenes::plain_card(text, accent),
    };
    for scene in render_scenes::SCENES {
        if !chosen.is_empty() && !chosen.iter().any(|name| name == scene.name) {
            continue;
        }
        let mut studio = offscreen.studio(size_px, ratio);
        let drawing = render_scenes::draw(&mut studio, scene, &mut card);
        offscreen.save(drawing, &folder.join(format!("{}.png", scene.name)))?;
    }
    Ok(())
}

/// `WIDTHxHEIGHT` or `WIDTHxHEIGHT@RATIO`.
#[cfg(not(target_arch = "wasm32"))]
fn size_of(argument: &str) -> Option<([u32; 2], f32)> {
    let (size, ratio) = argument.split_once('@').unwrap_or((argument, "1"));
    let (width, height) = size.split_once('x')?;
    Some((
        [width.parse().ok()?, height.parse().ok()?],
        ratio.parse().ok()?,
    ))
}

#[cfg(not(target_arch = "wasm32"))]
impl offscreen::Offscreen {
    fn studio(&self, size_px: [u32; 2], ratio: f32) -> render_scenes::Studio {
        let renderer = self.renderer(render::RendererConfig {
            half_float_targets: true,
            ..render::RendererConfig::default()
        });
        let (device, queue) = (self.device.clone(), self.queue.clone());
        render_scenes::Studio::new(renderer, device, queue, size_px, ratio)
    }

    fn save(
        &self,
        mut drawing: render_scenes::Drawing,
        path: &std::path::Path,
    ) -> Result<(), Box<dyn std::error::Error>> {
        self.wait();
        let picture = drawing
            .poll(&self.device)?
            .ok_or("the picture did not come")?;
        let [width, height] = picture.size_px;
        let rgba = &picture.premultiplied_srgb_rgba;
        Ok(image::save_buffer(
            path,
            rgba,
            width,
            height,
            image::ExtendedColorType::Rgba8,
        )?)
    }
}

#[cfg(target_arch = "wasm32")]
fn main() {}

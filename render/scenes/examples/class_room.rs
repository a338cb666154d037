//! Writes the class-room that is measured with: its models as GLB, `class_room.json` with where they stand, and a
//! picture of it.
//!
//! `cargo run -p render-scenes --example class_room -- [FOLDER [files]]`; with `files`, without the picture.

#[cfg(not(target_arch = "wasm32"))]
#[path = "../../tests/draw/offscreen.rs"]
#[allow(dead_code, reason = "a picture needs little of it")]
mod offscreen;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use render::RendererConfig;
    use render::TargetOrigin;
    use render::model::{ModelLimits, read_model};
    use render_scenes::class_room::{ClassRoom, Content, description, things};

    let folder = std::path::PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| ".".into()));
    std::fs::create_dir_all(&folder)?;
    let things = things();
    let mut described = description();
    described["models"] = things.iter().map(|thing| thing.name).collect();
    described["triangles"] = things.iter().map(|thing| thing.triangles).collect();
    std::fs::write(folder.join("class_room.json"), described.to_string())?;
    for thing in &things {
        std::fs::write(folder.join(format!("{}.glb", thing.name)), &thing.glb)?;
    }

    if std::env::args().nth(2).is_some_and(|word| word == "files") {
        return Ok(());
    }
    let offscreen = offscreen::Offscreen::open(wgpu::Backends::VULKAN)?;
    let mut renderer = offscreen.renderer(RendererConfig {
        half_float_targets: true,
        ..RendererConfig::default()
    });
    let mut models = Vec::new();
    for thing in &things {
        let model = read_model(&thing.glb, &mut |_| None, &ModelLimits::default())?;
        let textures = render_scenes::textures(&offscreen.queue, &renderer, &model)?;
        models.push(renderer.add_model(&model, &textures)?);
    }
    let mut room = ClassRoom::new(&mut renderer, &models)?;
    let size_px = [1280, 800];
    let target = offscreen.target(wgpu::TextureFormat::Rgba8Unorm, size_px);
    let view = target.create_view(&Default::default());
    room.draw(
        &mut renderer,
        Content::Whole,
        (1.0, true),
        size_px,
        (&view, TargetOrigin::TopLeft),
    );
    let pixels = offscreen.read(&target);
    image::save_buffer(
        folder.join("class_room.png"),
        &pixels.rgba,
        pixels.width,
        pixels.height,
        image::ExtendedColorType::Rgba8,
    )?;
    Ok(())
}

#[cfg(target_arch = "wasm32")]
fn main() {}

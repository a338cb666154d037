//! Draws a glTF model as it would stand on a table, and writes the picture.
//!
//! `cargo run -p render-scenes --example model -- MODEL.glb [PICTURE.png]`

#[cfg(not(target_arch = "wasm32"))]
#[path = "../../tests/draw/offscreen.rs"]
#[allow(dead_code, reason = "a picture needs little of it")]
mod offscreen;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use render::glam::camera::rh::{proj::opengl::perspective, view::look_at_mat4};
    use render::glam::{Mat4, Vec2, Vec3};
    use render::model::{ModelLimits, read_model};
    use render::{
        Backdrop, FrameViews, Light, ModelInstance, RealWorld, RendererConfig, Scene, Surface,
        TargetOrigin, View,
    };

    let mut arguments = std::env::args().skip(1);
    let path = std::path::PathBuf::from(arguments.next().ok_or("say which model to draw")?);
    let picture = arguments.next().unwrap_or_else(|| "model.png".into());
    let folder = path.parent().map(ToOwned::to_owned).unwrap_or_default();
    let model = read_model(
        &std::fs::read(&path)?,
        &mut |uri| std::fs::read(folder.join(uri)).ok(),
        &ModelLimits::default(),
    )?;

    let offscreen = offscreen::Offscreen::open(wgpu::Backends::VULKAN)?;
    let mut renderer = offscreen.renderer(RendererConfig {
        half_float_targets: true,
        ..RendererConfig::default()
    });
    let textures = render_scenes::textures(&offscreen.queue, &renderer, &model)?;
    let id = renderer.add_model(&model, &textures)?;

    // Half a metre large, its foot on the table.
    let bounds = model.bounds;
    let scale = 0.5 / bounds.size().max_element().max(1e-6);
    let foot = Vec3::new(bounds.center().x, bounds.min.y, bounds.center().z);
    let world_from_model = Mat4::from_scale(Vec3::splat(scale)) * Mat4::from_translation(-foot);
    let table = [[-0.8, -0.6], [0.8, -0.6], [0.8, 0.6], [-0.8, 0.6]].map(Vec2::from_array);
    let size_px = [1280, 800];
    let view = View {
        viewport_px: [0, 0, size_px[0], size_px[1]],
        projection_from_view: perspective(0.8, 1.6, 0.05, 50.0),
        view_from_world: look_at_mat4(Vec3::new(0.5, 0.6, 0.9), Vec3::new(0.0, 0.2, 0.0), Vec3::Y),
    };
    let target = offscreen.target(wgpu::TextureFormat::Rgba8Unorm, size_px);
    renderer.draw(
        &FrameViews {
            views: &[view],
            target_size_px: size_px,
            pixel_ratio: 1.0,
            time_secs: 0.0,
        },
        &Light::default(),
        &Scene {
            models: &[ModelInstance::new(id, world_from_model)],
            real_world: RealWorld {
                surfaces: &[Surface {
                    world_from_surface: Mat4::IDENTITY,
                    polygon: &table,
                }],
                ..RealWorld::default()
            },
            ..Scene::default()
        },
        Backdrop::Color(render::palette::PAPER),
        &target.create_view(&Default::default()),
        TargetOrigin::TopLeft,
    );
    let pixels = offscreen.read(&target);
    image::save_buffer(
        &picture,
        &pixels.rgba,
        pixels.width,
        pixels.height,
        image::ExtendedColorType::Rgba8,
    )?;
    Ok(())
}

#[cfg(target_arch = "wasm32")]
fn main() {}

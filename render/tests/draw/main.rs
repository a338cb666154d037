//! The renderer draws what it should where it should: every test draws with a real device and looks
//! at the pixels.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, reason = "a test ends where its device does")]

mod crowd;
mod device_points;
mod grounding;
mod labels;
mod lines;
mod models;
mod offscreen;
mod particles;
mod picture;
mod pins;
mod shading;
mod shapes;
mod targets;
mod world_points;

use render::glam::camera::rh::{proj::opengl::perspective, view::look_at_mat4};
use render::glam::{Vec2, Vec3};
use render::{
    Backdrop, DrawReport, FrameViews, Light, Renderer, RendererConfig, Scene, TargetOrigin, View,
};

use offscreen::{Offscreen, Pixels};

/// A view of `viewport_px` from `eye` to `at`.
fn view(viewport_px: [u32; 4], eye: Vec3, at: Vec3) -> View {
    let aspect = viewport_px[2] as f32 / viewport_px[3] as f32;
    View {
        viewport_px,
        projection_from_view: perspective(1.0, aspect, 0.05, 50.0),
        view_from_world: look_at_mat4(eye, at, Vec3::Y),
    }
}

/// Where a point of the world is seen in the target, in pixels with edges at integers.
fn project(view: &View, point_in_world: Vec3) -> Vec2 {
    let clip = view.projection_from_view * view.view_from_world * point_in_world.extend(1.0);
    let [x, y, width, height] = view.viewport_px.map(|value| value as f32);
    Vec2::new(
        x + (clip.x / clip.w * 0.5 + 0.5) * width,
        y + (0.5 - clip.y / clip.w * 0.5) * height,
    )
}

/// Draws one frame into a new plain target and reads it back.
fn draw_with(
    offscreen: &Offscreen,
    renderer: &mut Renderer,
    views: &[View],
    size_px: [u32; 2],
    scene: &Scene,
    backdrop: Backdrop,
) -> (Pixels, DrawReport) {
    let light = Light::default();
    draw_lit(offscreen, renderer, views, size_px, scene, backdrop, &light)
}

/// The same under a light of its own.
fn draw_lit(
    offscreen: &Offscreen,
    renderer: &mut Renderer,
    views: &[View],
    size_px: [u32; 2],
    scene: &Scene,
    backdrop: Backdrop,
    light: &Light,
) -> (Pixels, DrawReport) {
    let target = offscreen.target(wgpu::TextureFormat::Rgba8Unorm, size_px);
    let frame = FrameViews {
        views,
        target_size_px: size_px,
        pixel_ratio: 1.0,
        time_secs: 0.0,
    };
    let report = renderer.draw(
        &frame,
        light,
        scene,
        backdrop,
        &target.create_view(&Default::default()),
        TargetOrigin::TopLeft,
    );
    (offscreen.read(&target), report)
}

/// Draws one frame of one view that fills the target, with a new renderer.
fn draw_one(offscreen: &Offscreen, view: View, scene: &Scene, backdrop: Backdrop) -> Pixels {
    let mut renderer = offscreen.renderer(RendererConfig::default());
    let size_px = [view.viewport_px[2], view.viewport_px[3]];
    draw_with(offscreen, &mut renderer, &[view], size_px, scene, backdrop).0
}

/// Mean place, edges at integers, of the pixels that `chosen` takes, and their number.
fn centroid(pixels: &Pixels, chosen: impl Fn([u8; 4]) -> bool) -> (Vec2, u32) {
    let mut sum = Vec2::ZERO;
    let mut count = 0;
    for y in 0..pixels.height {
        for x in 0..pixels.width {
            if chosen(pixels.at(x, y)) {
                sum += Vec2::new(x as f32 + 0.5, y as f32 + 0.5);
                count += 1;
            }
        }
    }
    (sum / count.max(1) as f32, count)
}

impl Pixels {
    /// The pixel in column `x`, row `y`.
    fn at(&self, x: u32, y: u32) -> [u8; 4] {
        let start = ((y * self.width + x) * 4) as usize;
        std::array::from_fn(|channel| self.rgba[start + channel])
    }
}

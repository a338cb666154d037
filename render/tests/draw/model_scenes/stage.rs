//! What every scene needs: a renderer that holds models, a camera, the real room, and a frame drawn once
//! all has faded in.
#![allow(
    clippy::expect_used,
    reason = "tests and pictures end where the device does"
)]

use render::glam::camera::rh::{proj::opengl::perspective, view::look_at_mat4};
use render::glam::{Mat4, Vec2, Vec3};
use render::model::Model;
use render::{
    Backdrop, FrameViews, LabelId, Light, ModelId, ModelInstance, Renderer, RendererConfig, Scene,
    Surface, TargetOrigin, View,
};

use crate::offscreen::{Offscreen, Pixels};
use crate::{cube, images, real_room};

/// Makes a label's card of a text and a colour `0xRRGGBB`: width, height, premultiplied RGBA.
pub(crate) type CardMaker<'a> = dyn FnMut(&str, u32) -> (u32, u32, Vec<u8>) + 'a;

/// Reflections have faded in by then.
const LATER_SECS: f32 = 1.0;
/// A camera's picture is not wider, whatever the target is.
const WIDEST_PICTURE_PX: u32 = 960;

/// A renderer and where it draws to.
pub(super) struct Stage<'a> {
    offscreen: &'a Offscreen,
    pub(super) renderer: Renderer,
    pub(super) size_px: [u32; 2],
    pixel_ratio: f32,
}

impl<'a> Stage<'a> {
    pub(super) fn new(offscreen: &'a Offscreen, size_px: [u32; 2], pixel_ratio: f32) -> Self {
        let renderer = offscreen.renderer(RendererConfig {
            half_float_targets: true,
            ..RendererConfig::default()
        });
        Stage {
            offscreen,
            renderer,
            size_px,
            pixel_ratio,
        }
    }

    /// Puts a model on the device.
    pub(super) fn add(&mut self, model: &Model) -> ModelId {
        let textures = images::textures(self.offscreen, &self.renderer, model)
            .expect("the pictures fit the device");
        self.renderer
            .add_model(model, &textures)
            .expect("the model fits the device")
    }

    /// Sets a label's card.
    pub(super) fn label(
        &mut self,
        id: u64,
        text: &str,
        accent: u32,
        card: &mut CardMaker,
    ) -> LabelId {
        let (width, height, rgba) = card(text, accent);
        self.renderer
            .set_label(LabelId(id), width, height, &rgba)
            .expect("the card's bytes match its size");
        LabelId(id)
    }

    /// Mirrors what comes from around, as a cube of this size shows it.
    pub(super) fn reflect(&mut self, side_px: u32, radiance: impl Fn(Vec3) -> Vec3) {
        let cube = cube::filled(self.offscreen, side_px, radiance);
        self.renderer.set_reflections(&cube);
    }

    /// Shows the real room behind all, and lets things mirror it.
    pub(super) fn enter_room(&mut self, view: &View) {
        let (size_px, rgba) = self.photograph(view);
        self.offscreen
            .write_picture(&mut self.renderer, size_px, &rgba);
        self.reflect(32, real_room::radiance);
    }

    /// The real room as the camera sees it.
    pub(super) fn photograph(&self, view: &View) -> ([u32; 2], Vec<u8>) {
        let [width, height] = self.size_px;
        let smaller = WIDEST_PICTURE_PX.min(width);
        let size_px = [smaller, (smaller * height).div_ceil(width)];
        (size_px, real_room::picture(view, size_px))
    }

    /// A view that fills the target.
    pub(super) fn view(&self, eye: Vec3, at: Vec3, fov_rad: f32) -> View {
        let [width, height] = self.size_px;
        View {
            viewport_px: [0, 0, width, height],
            projection_from_view: perspective(fov_rad, width as f32 / height as f32, 0.05, 50.0),
            view_from_world: look_at_mat4(eye, at, Vec3::Y),
        }
    }

    /// Draws the scene, and again later.
    pub(super) fn draw(
        &mut self,
        views: &[View],
        light: &Light,
        scene: &Scene,
        backdrop: Backdrop,
    ) -> Pixels {
        let target = self
            .offscreen
            .target(wgpu::TextureFormat::Rgba8Unorm, self.size_px);
        for time_secs in [0.0, LATER_SECS] {
            self.renderer.draw(
                &FrameViews {
                    views,
                    target_size_px: self.size_px,
                    pixel_ratio: self.pixel_ratio,
                    time_secs,
                },
                light,
                scene,
                backdrop,
                &target.create_view(&Default::default()),
                TargetOrigin::TopLeft,
            );
        }
        self.offscreen.read(&target)
    }
}

/// A model that stands at a place on the plane y = 0, turned around +Y.
pub(super) fn standing(model: ModelId, x: f32, z: f32, turn_rad: f32) -> ModelInstance<'static> {
    ModelInstance::new(
        model,
        Mat4::from_translation(Vec3::new(x, 0.0, z)) * Mat4::from_rotation_y(turn_rad),
    )
}

/// The desk's corners.
pub(super) fn desk_polygon() -> [Vec2; 4] {
    real_room::DESK.map(Vec2::from_array)
}

/// A surface in the plane y = 0.
pub(super) fn ground(polygon: &[Vec2]) -> Surface<'_> {
    Surface {
        world_from_surface: Mat4::IDENTITY,
        polygon,
    }
}

//! What every scene needs: a renderer that holds its models and labels, a camera, the real room, and a
//! picture of a frame once all has faded in.
#![allow(
    clippy::expect_used,
    reason = "pictures and measurements end where the device does"
)]

use render::glam::camera::rh::{proj::opengl::perspective, view::look_at_mat4};
use render::glam::{Mat4, Vec2, Vec3};
use render::model::Model;
use render::{
    Backdrop, FrameViews, LabelId, Light, ModelId, ModelInstance, Renderer, Scene, Surface, View,
};

use crate::{CardMaker, Drawing, cube, images, real_room};

/// Reflections have faded in by then.
const LATER_SECS: f32 = 1.0;
/// A camera's picture is not wider, whatever the target is.
const WIDEST_PICTURE_PX: u32 = 960;

/// A renderer, and how large its picture is.
pub struct Studio {
    pub(crate) renderer: Renderer,
    models: Vec<ModelId>,
    labels: Vec<LabelId>,
    device: wgpu::Device,
    queue: wgpu::Queue,
    /// Columns and rows of the picture.
    pub(crate) size_px: [u32; 2],
    pixel_ratio: f32,
}

impl Studio {
    /// A renderer that has drawn nothing yet and should draw half floats where its device can, its device, the picture's columns and rows, and device pixels per CSS pixel.
    pub fn new(
        renderer: Renderer,
        device: wgpu::Device,
        queue: wgpu::Queue,
        size_px: [u32; 2],
        pixel_ratio: f32,
    ) -> Self {
        Studio {
            renderer,
            models: Vec::new(),
            labels: Vec::new(),
            device,
            queue,
            size_px,
            pixel_ratio,
        }
    }

    /// Puts a model on the device.
    pub(crate) fn add(&mut self, model: &Model) -> ModelId {
        let textures = images::textures(&self.queue, &self.renderer, model)
            .expect("the pictures fit the device");
        let id = self
            .renderer
            .add_model(model, &textures)
            .expect("the model fits the device");
        self.models.push(id);
        id
    }

    /// Forgets the models and labels of the scene before.
    pub(crate) fn clear(&mut self) {
        for id in self.models.drain(..) {
            self.renderer.remove_model(id);
        }
        for id in self.labels.drain(..) {
            self.renderer.remove_label(id);
        }
    }

    /// Sets a label's card.
    pub(crate) fn label(
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
        self.labels.push(LabelId(id));
        LabelId(id)
    }

    /// Mirrors what comes from around, as a cube of this size shows it.
    pub(crate) fn reflect(&mut self, side_px: u32, radiance: impl Fn(Vec3) -> Vec3) {
        let cube = cube::filled(&self.device, &self.queue, side_px, radiance);
        self.renderer.set_reflections(&cube);
    }

    /// Shows this picture behind all: sRGB RGBA, rows from the top.
    pub(crate) fn write_picture(&mut self, [width, height]: [u32; 2], rgba: &[u8]) {
        let texture = self.renderer.picture_texture(width, height);
        self.queue.write_texture(
            texture.as_image_copy(),
            rgba,
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(width * 4),
                rows_per_image: None,
            },
            texture.size(),
        );
    }

    /// Shows the real room behind all, and lets things mirror it.
    pub(crate) fn enter_room(&mut self, view: &View) {
        let (size_px, rgba) = self.photograph(view);
        self.write_picture(size_px, &rgba);
        self.reflect(32, real_room::radiance);
    }

    /// The real room as the camera sees it.
    pub(crate) fn photograph(&self, view: &View) -> ([u32; 2], Vec<u8>) {
        let [width, height] = self.size_px;
        let smaller = WIDEST_PICTURE_PX.min(width);
        let size_px = [smaller, (smaller * height).div_ceil(width)];
        (size_px, real_room::picture(view, size_px))
    }

    /// A view that fills the target.
    pub(crate) fn view(&self, eye: Vec3, at: Vec3, fov_rad: f32) -> View {
        let [width, height] = self.size_px;
        View {
            viewport_px: [0, 0, width, height],
            projection_from_view: perspective(fov_rad, width as f32 / height as f32, 0.05, 50.0),
            view_from_world: look_at_mat4(eye, at, Vec3::Y),
        }
    }

    /// Draws one frame.
    pub(crate) fn draw_at(
        &mut self,
        time_secs: f32,
        views: &[View],
        light: &Light,
        scene: &Scene,
        backdrop: Backdrop,
    ) -> Drawing {
        let frame = FrameViews {
            views,
            target_size_px: self.size_px,
            pixel_ratio: self.pixel_ratio,
            time_secs,
        };
        let screenshot = self
            .renderer
            .screenshot(&frame, light, scene, backdrop)
            .expect("the picture fits the device");
        Drawing::new(screenshot)
    }

    /// Draws the scene, and again later.
    pub(crate) fn draw(
        &mut self,
        views: &[View],
        light: &Light,
        scene: &Scene,
        backdrop: Backdrop,
    ) -> Drawing {
        let _before = self.draw_at(0.0, views, light, scene, backdrop);
        self.draw_at(LATER_SECS, views, light, scene, backdrop)
    }
}

/// A model that stands at a place on the plane y = 0, turned around +Y.
pub(crate) fn standing(model: ModelId, x: f32, z: f32, turn_rad: f32) -> ModelInstance<'static> {
    ModelInstance::new(
        model,
        Mat4::from_translation(Vec3::new(x, 0.0, z)) * Mat4::from_rotation_y(turn_rad),
    )
}

/// The desk's corners.
pub(crate) fn desk_polygon() -> [Vec2; 4] {
    real_room::DESK.map(Vec2::from_array)
}

/// A surface in the plane y = 0.
pub(crate) fn ground(polygon: &[Vec2]) -> Surface<'_> {
    Surface {
        world_from_surface: Mat4::IDENTITY,
        polygon,
    }
}

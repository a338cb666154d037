//! The scenes of `render-scenes` drawn in a browser, as bytes: for golden images.

use render::Renderer;
use render_scenes::{Drawing, SCENES, Studio, plain_card};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use web_sys::HtmlCanvasElement;

use super::{gpu::Gpu, models};
use crate::error::Error;

/// See the module.
#[wasm_bindgen]
pub struct ScenePictures {
    gpu: Gpu,
    studio: Studio,
    drawing: Option<Drawing>,
}

#[wasm_bindgen]
impl ScenePictures {
    /// Opens a canvas, in which nothing will be seen; pictures have this size.
    ///
    /// # Errors
    /// As `View.open`.
    pub async fn open(
        canvas: HtmlCanvasElement,
        width_px: u32,
        height_px: u32,
        pixel_ratio: f32,
    ) -> Result<ScenePictures, JsValue> {
        let gpu = Gpu::open(&canvas, &|_| ()).await?;
        let (device, queue) = (gpu.device.clone(), gpu.queue.clone());
        let renderer = Renderer::new(device.clone(), queue.clone(), gpu.renderer_config())
            .await
            .map_err(|error| Error::Graphics {
                reason: error.to_string(),
            })?;
        let size_px = [width_px, height_px];
        Ok(ScenePictures {
            studio: Studio::new(renderer, device, queue, size_px, pixel_ratio),
            gpu,
            drawing: None,
        })
    }

    /// The names of all scenes, in the order in which they must be drawn.
    pub fn names() -> Vec<String> {
        SCENES.iter().map(|scene| scene.name.to_owned()).collect()
    }

    /// Draws a scene; [`ScenePictures::poll`] gives its picture later.
    ///
    /// # Errors
    /// `bad-argument` for a name that no scene has.
    pub fn draw(&mut self, name: &str) -> Result<(), JsValue> {
        let scene = SCENES
            .into_iter()
            .find(|scene| scene.name == name)
            .ok_or_else(|| Error::BadArgument {
                what: "name",
                reason: format!("there is no scene {name}"),
            })?;
        let drawing = render_scenes::draw(&mut self.studio, scene, &mut plain_card);
        self.drawing = Some(drawing);
        Ok(())
    }

    /// The picture of the scene that was drawn last, once it is there: sRGB times alpha, RGBA, rows from the top.
    ///
    /// # Errors
    /// `model` with the reason where the device was lost.
    pub fn poll(&mut self) -> Result<Option<Vec<u8>>, JsValue> {
        let Some(drawing) = &mut self.drawing else {
            return Ok(None);
        };
        let picture = drawing.poll(&self.gpu.device).map_err(models::refused)?;
        Ok(picture.map(|picture| picture.premultiplied_srgb_rgba))
    }
}

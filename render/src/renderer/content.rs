//! What a renderer keeps from frame to frame for its caller: labels, the camera picture, models,
//! reflections.

use crate::{
    Error, LabelId, ModelId,
    frame_uniforms::FrameTextures,
    gpu::{mips::Mips, models::GpuModel},
    model::Model,
    renderer::Renderer,
};

impl Renderer {
    /// Sets the card of a label: the whole card, drawn at [`crate::LABEL_BITMAP_SCALE`], rows from
    /// the top, 4 bytes a pixel, sRGB values times alpha.
    ///
    /// # Errors
    /// [`Error::LabelSize`] when size and bytes do not fit.
    pub fn set_label(
        &mut self,
        id: LabelId,
        width: u32,
        height: u32,
        premultiplied_srgb_rgba: &[u8],
    ) -> Result<(), Error> {
        self.labels.set(
            &self.device,
            &self.queue,
            id,
            [width, height],
            premultiplied_srgb_rgba,
        )
    }

    /// Forgets a label's card; a label that is not known is ignored.
    pub fn remove_label(&mut self, id: LabelId) {
        self.labels.remove(id);
    }

    /// The texture for the camera picture (`Rgba8UnormSrgb`, rows from the top): copy or write the
    /// picture into it before [`Renderer::draw`]. It stays the same while the size does; a new one
    /// is black. A size is kept within 1 and the device's largest texture.
    pub fn picture_texture(&mut self, width: u32, height: u32) -> &wgpu::Texture {
        let largest = self.largest_texture_px;
        let size_px = [width.clamp(1, largest), height.clamp(1, largest)];
        self.picture.texture(&self.device, size_px)
    }

    /// Whether [`crate::Scene::device_points`] are drawn: not on WebGL2, which has no indirect draws.
    pub fn draws_device_points(&self) -> bool {
        self.image_points.draws_device_points()
    }

    /// Whether confetti bounces: moved by compute from frame to frame, where the device has that. Else
    /// its motion is a function of its age, which looks the same until a piece meets the ground.
    pub fn simulates_particles(&self) -> bool {
        self.particles.simulates()
    }

    /// An empty texture for a decoded image of a model, to be filled by the caller (its first level)
    /// and given to [`Renderer::add_model`]. `color`: whether the image holds sRGB colours
    /// ([`crate::model::Image::color`]) rather than numbers; rows from the top, straight alpha.
    ///
    /// # Errors
    /// [`Error::ModelTooBig`] where the device has no texture of this size.
    pub fn model_texture(
        &self,
        color: bool,
        width: u32,
        height: u32,
    ) -> Result<wgpu::Texture, Error> {
        let limit = self.largest_texture_px as usize;
        let actual = width.max(height) as usize;
        if actual > limit || width == 0 || height == 0 {
            return Err(Error::ModelTooBig {
                what: "pixels along an image on this device",
                actual,
                limit,
            });
        }
        Ok(Mips::texture(&self.device, color, [width, height]))
    }

    /// Puts a model on the device. `images`: one texture of [`Renderer::model_texture`] for each of
    /// its images, in its order, filled; their smaller levels are made here. An image that is missing
    /// counts as white.
    ///
    /// # Errors
    /// [`Error::ModelTooBig`] where the device cannot hold it; nothing is kept then.
    pub fn add_model(&mut self, model: &Model, images: &[wgpu::Texture]) -> Result<ModelId, Error> {
        let mut encoder = self.device.create_command_encoder(&Default::default());
        for image in images {
            self.mips.fill(&self.device, &mut encoder, image);
        }
        let views: Vec<_> = images
            .iter()
            .map(|image| image.create_view(&Default::default()))
            .collect();
        let made = GpuModel::new(
            &self.device,
            &self.queue,
            &mut self.model_draws.geometry,
            &mut self.materials,
            model,
            &views,
        )?;
        self.queue.submit([encoder.finish()]);
        let id = ModelId(self.next_model);
        self.next_model += 1;
        self.model_store.insert(id, made);
        Ok(id)
    }

    /// Forgets a model; its instances are skipped from now on. One that is not known is ignored.
    pub fn remove_model(&mut self, id: ModelId) {
        if let Some(model) = self.model_store.remove(&id) {
            model.leave(&mut self.model_draws.geometry);
        }
    }

    /// What surfaces mirror from now on, as measured around them: a cube in linear light (a filterable
    /// float or sRGB format), faces as WebGPU and WebGL order them, seen from where content stands. It
    /// fades in.
    pub fn set_reflections(&mut self, cube: &wgpu::TextureView) {
        self.reflections.set(&self.device, &self.queue, cube);
        self.use_textures();
    }

    /// Puts the textures of the frame's group together anew.
    pub(super) fn use_textures(&mut self) {
        let [before, after] = self.reflections.views();
        self.frame_group.set_textures(
            &self.device,
            FrameTextures {
                shadow_map: &self.shadow_map.view,
                reflections_before: &before,
                reflections_after: &after,
                real_depth: &self.grounding_targets.real_depth,
                grounding: &self.grounding_targets.smooth,
            },
        );
    }
}

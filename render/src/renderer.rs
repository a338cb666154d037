//! skeleton
use crate::{Backdrop, DrawReport, Error, FrameViews, LabelId, Light, Scene, TargetOrigin};

/// How a renderer is made.
#[derive(Clone, Debug)]
pub struct RendererConfig {
    /// Format of every target that `draw` is given; 8-bit RGBA or BGRA, sRGB or not.
    pub target_format: wgpu::TextureFormat,
    /// Samples a pixel in the renderer's own picture: 4 (smooth edges) or 1.
    pub sample_count: u32,
}

impl Default for RendererConfig {
    fn default() -> Self {
        RendererConfig {
            target_format: wgpu::TextureFormat::Rgba8Unorm,
            sample_count: 4,
        }
    }
}

/// Draws frames.
pub struct Renderer {
    picture: Option<wgpu::Texture>,
    device: wgpu::Device,
}

#[allow(
    missing_docs,
    unused_variables,
    reason = "the API stands before its body"
)]
impl Renderer {
    pub async fn new(
        device: wgpu::Device,
        queue: wgpu::Queue,
        config: RendererConfig,
    ) -> Result<Renderer, Error> {
        Ok(Renderer {
            picture: None,
            device,
        })
    }
    pub fn set_label(
        &mut self,
        id: LabelId,
        width: u32,
        height: u32,
        premultiplied_srgb_rgba: &[u8],
    ) -> Result<(), Error> {
        Ok(())
    }
    pub fn remove_label(&mut self, id: LabelId) {}
    pub fn picture_texture(&mut self, width: u32, height: u32) -> &wgpu::Texture {
        self.picture.get_or_insert_with(|| {
            self.device.create_texture(&wgpu::TextureDescriptor {
                label: Some("picture"),
                size: wgpu::Extent3d {
                    width,
                    height,
                    depth_or_array_layers: 1,
                },
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format: wgpu::TextureFormat::Rgba8UnormSrgb,
                usage: wgpu::TextureUsages::TEXTURE_BINDING
                    | wgpu::TextureUsages::COPY_DST
                    | wgpu::TextureUsages::RENDER_ATTACHMENT,
                view_formats: &[],
            })
        })
    }
    pub fn draw(
        &mut self,
        views: &FrameViews,
        light: &Light,
        scene: &Scene,
        backdrop: Backdrop,
        target: &wgpu::TextureView,
        origin: TargetOrigin,
    ) -> DrawReport {
        DrawReport::default()
    }
}

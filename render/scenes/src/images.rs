//! Decodes a model's images and puts them on the device.

use render::model::Model;
use render::{Error, Renderer};

/// One filled texture for each image. An image that cannot be decoded is a white pixel.
///
/// # Errors
/// [`Error::ModelTooBig`] where the device has no texture of that size.
pub fn textures(
    queue: &wgpu::Queue,
    renderer: &Renderer,
    model: &Model,
) -> Result<Vec<wgpu::Texture>, Error> {
    let filled = |image: &render::model::Image| {
        let decoded = image::load_from_memory(&image.encoded)
            .map(image::DynamicImage::into_rgba8)
            .unwrap_or_else(|_| image::RgbaImage::from_pixel(1, 1, image::Rgba([255; 4])));
        let (width, height) = decoded.dimensions();
        let texture = renderer.model_texture(image.color, width, height)?;
        queue.write_texture(
            texture.as_image_copy(),
            decoded.as_raw(),
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(width * 4),
                rows_per_image: None,
            },
            wgpu::Extent3d {
                width,
                height,
                depth_or_array_layers: 1,
            },
        );
        Ok(texture)
    };
    model.images.iter().map(filled).collect()
}

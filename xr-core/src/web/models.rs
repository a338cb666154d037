//! Models for the renderer: unpacked, their images decoded by the browser, put on the device. Files are read by another
//! artefact, `model_reader`.

use js_sys::{Array, Promise, Uint8Array};
use render::{
    ModelId, Renderer,
    model::{Image, ImageKind, Model, unpack},
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, ColorSpaceConversion, ImageBitmap, ImageBitmapOptions, PremultiplyAlpha,
};

use super::{js_error::reason, picture};
use crate::error::Error;

/// The model of which `readModel` made the bytes.
///
/// # Errors
/// `model`, with the reason.
pub(crate) fn unpacked(packed: &[u8]) -> Result<Model, Error> {
    unpack(packed).map_err(refused)
}

/// Decodes the images of a model, in its order.
///
/// # Errors
/// `model` where the browser cannot read one.
pub(crate) async fn decode(model: &Model) -> Result<Vec<ImageBitmap>, Error> {
    let mut bitmaps = Vec::with_capacity(model.images.len());
    for (index, image) in model.images.iter().enumerate() {
        let decoded = match promise(image) {
            Ok(promise) => JsFuture::from(promise).await,
            Err(thrown) => Err(thrown),
        };
        let bitmap = decoded
            .and_then(JsCast::dyn_into::<ImageBitmap>)
            .map_err(|thrown| Error::Model {
                reason: format!("its image {index} cannot be decoded: {}", reason(&thrown)),
            })?;
        bitmaps.push(bitmap);
    }
    Ok(bitmaps)
}

/// Puts a model and its decoded images on the device.
///
/// # Errors
/// `model` where the device cannot hold it, `picture-size` where an image is too large.
pub(crate) fn add(
    renderer: &mut Renderer,
    queue: &wgpu::Queue,
    model: &Model,
    bitmaps: Vec<ImageBitmap>,
) -> Result<ModelId, Error> {
    let mut textures = Vec::with_capacity(bitmaps.len());
    for (image, bitmap) in model.images.iter().zip(&bitmaps) {
        let (source, size) = picture::source(bitmap.clone().into())?;
        let texture = renderer
            .model_texture(image.color, size[0], size[1])
            .map_err(refused)?;
        picture::copy(queue, source, size, &texture);
        textures.push(texture);
    }
    let added = renderer.add_model(model, &textures).map_err(refused);
    // Over WebGL2 the copies are done only now, by what the renderer has submitted.
    bitmaps.iter().for_each(ImageBitmap::close);
    added
}

#[allow(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
pub(crate) fn refused(error: render::Error) -> Error {
    Error::Model {
        reason: error.to_string(),
    }
}

/// The picture as its bytes say: no colour profile applied, alpha not multiplied in.
fn promise(image: &Image) -> Result<Promise, JsValue> {
    let parts = Array::of1(&Uint8Array::from(image.encoded.as_slice()));
    let kind = BlobPropertyBag::new();
    kind.set_type(match image.kind {
        ImageKind::Png => "image/png",
        ImageKind::Jpeg => "image/jpeg",
        ImageKind::WebP => "image/webp",
    });
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &kind)?;
    let options = ImageBitmapOptions::new();
    options.set_color_space_conversion(ColorSpaceConversion::None);
    options.set_premultiply_alpha(PremultiplyAlpha::None);
    web_sys::window()
        .ok_or(JsValue::NULL)?
        .create_image_bitmap_with_blob_and_image_bitmap_options(&blob, &options)
}

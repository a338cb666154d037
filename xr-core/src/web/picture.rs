//! Camera pictures, in any of the forms that browsers have them in.

use wasm_bindgen::{JsCast, JsValue};
use wgpu::ExternalImageSource;

use crate::error::Error;

/// The longest side of a picture, in pixels; within WebGL2's least limits for textures on phones.
const MAX_SIDE_PX: u32 = 4096;

/// Finds out what kind of picture `image` is, and its size in pixels.
pub(crate) fn source(image: JsValue) -> Result<(ExternalImageSource, [u32; 2]), Error> {
    let image = match image.dyn_into::<web_sys::VideoFrame>() {
        Ok(frame) => return sized(ExternalImageSource::VideoFrame(frame)),
        Err(other) => other,
    };
    let image = match image.dyn_into::<web_sys::ImageBitmap>() {
        Ok(bitmap) => return sized(ExternalImageSource::ImageBitmap(bitmap)),
        Err(other) => other,
    };
    let image = match image.dyn_into::<web_sys::HtmlVideoElement>() {
        Ok(video) => return sized(ExternalImageSource::HTMLVideoElement(video)),
        Err(other) => other,
    };
    let image = match image.dyn_into::<web_sys::HtmlCanvasElement>() {
        Ok(canvas) => return sized(ExternalImageSource::HTMLCanvasElement(canvas)),
        Err(other) => other,
    };
    // wgpu copies from a canvas without a page over WebGPU only.
    #[cfg(feature = "webgpu")]
    let image = match image.dyn_into::<web_sys::OffscreenCanvas>() {
        Ok(canvas) => return sized(ExternalImageSource::OffscreenCanvas(canvas)),
        Err(other) => other,
    };
    match image.dyn_into::<web_sys::HtmlImageElement>() {
        Ok(image) => sized(ExternalImageSource::HTMLImageElement(image)),
        Err(_) => Err(Error::BadArgument {
            what: "image",
            reason: "it is no picture that can be drawn".into(),
        }),
    }
}

fn sized(source: ExternalImageSource) -> Result<(ExternalImageSource, [u32; 2]), Error> {
    let (width, height) = (source.width(), source.height());
    let sides = 1..=MAX_SIDE_PX;
    if sides.contains(&width) && sides.contains(&height) {
        Ok((source, [width, height]))
    } else {
        Err(Error::PictureSize {
            width,
            height,
            limit: MAX_SIDE_PX,
        })
    }
}

/// Copies the picture into a texture of its size.
pub(crate) fn copy(
    queue: &wgpu::Queue,
    source: ExternalImageSource,
    size: [u32; 2],
    texture: &wgpu::Texture,
) {
    queue.copy_external_image_to_texture(
        &wgpu::CopyExternalImageSourceInfo {
            source,
            origin: wgpu::Origin2d::ZERO,
            flip_y: false,
        },
        wgpu::CopyExternalImageDestInfo {
            texture,
            mip_level: 0,
            origin: wgpu::Origin3d::ZERO,
            aspect: wgpu::TextureAspect::All,
            color_space: wgpu::PredefinedColorSpace::Srgb,
            premultiplied_alpha: false,
        },
        wgpu::Extent3d {
            width: size[0],
            height: size[1],
            depth_or_array_layers: 1,
        },
    );
}

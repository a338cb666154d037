//! The session's reflection cube map: asked for when the platform says that it changed, read back texel by texel (it is
//! small: ARCore's has 16 texels a side), and given to the renderer.
//! Source: WebXR Lighting Estimation API, section "Reflection cube maps".

use std::{cell::Cell, rc::Rc};

use glam::Quat;
use js_sys::{Float32Array, Object, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use web_sys::{WebGl2RenderingContext as Gl, WebGlFramebuffer, WebGlTexture};

use super::{xr::XrSession, xr_sensed::XrLightProbe};
use crate::sensed::CubeMap;

#[wasm_bindgen]
extern "C" {
    /// `XRWebGLBinding`
    #[wasm_bindgen(js_name = XRWebGLBinding)]
    type XrWebGlBinding;
    #[wasm_bindgen(constructor, catch, js_class = "XRWebGLBinding")]
    fn new(session: &XrSession, context: &Gl) -> Result<XrWebGlBinding, JsValue>;
    #[wasm_bindgen(method, catch, js_name = getReflectionCubeMap)]
    fn reflection_cube_map(
        this: &XrWebGlBinding,
        probe: &XrLightProbe,
    ) -> Result<Option<WebGlTexture>, JsValue>;
}

/// Larger ones are not read back.
const LARGEST_FACE_PX: i32 = 256;

/// Watches the cube map of a session's probe.
pub(super) struct ReflectionCube {
    binding: XrWebGlBinding,
    context: Gl,
    framebuffer: WebGlFramebuffer,
    is_float: bool,
    changed: Rc<Cell<bool>>,
    _on_change: Closure<dyn Fn()>,
}

impl ReflectionCube {
    /// `None` where the browser has no such binding. `format`: in which the probe was asked for.
    pub(super) fn open(
        session: &XrSession,
        context: &Gl,
        probe: &XrLightProbe,
        format: &str,
    ) -> Option<ReflectionCube> {
        let binding = XrWebGlBinding::new(session, context).ok()?;
        let framebuffer = context.create_framebuffer()?;
        let changed = Rc::new(Cell::new(true));
        let told = Rc::clone(&changed);
        let on_change = Closure::<dyn Fn()>::new(move || told.set(true));
        probe.listen("reflectionchange", on_change.as_ref().unchecked_ref());
        Some(ReflectionCube {
            binding,
            context: context.clone(),
            framebuffer,
            is_float: format == "rgba16f",
            changed,
            _on_change: on_change,
        })
    }

    /// The cube, where it is another one than before.
    ///
    /// # Errors
    /// What the binding throws.
    pub(super) fn read(
        &self,
        probe: &XrLightProbe,
        device_from_probe: Quat,
    ) -> Result<Option<CubeMap>, JsValue> {
        if !self.changed.replace(false) {
            return Ok(None);
        }
        let Some(texture) = self.binding.reflection_cube_map(probe)? else {
            return Ok(None);
        };
        let gl = &self.context;
        // As wgpu may have left them.
        gl.bind_buffer(Gl::PIXEL_PACK_BUFFER, None);
        gl.pixel_storei(Gl::PACK_ROW_LENGTH, 0);
        gl.bind_framebuffer(Gl::READ_FRAMEBUFFER, Some(&self.framebuffer));
        let cube = self.read_faces(&texture);
        gl.framebuffer_texture_2d(
            Gl::READ_FRAMEBUFFER,
            Gl::COLOR_ATTACHMENT0,
            Gl::TEXTURE_2D,
            None,
            0,
        );
        gl.bind_framebuffer(Gl::READ_FRAMEBUFFER, None);
        Ok(cube?.map(|cube| cube.turned(device_from_probe)))
    }

    fn read_faces(&self, texture: &WebGlTexture) -> Result<Option<CubeMap>, JsValue> {
        let attach = |face: u32| {
            self.context.framebuffer_texture_2d(
                Gl::READ_FRAMEBUFFER,
                Gl::COLOR_ATTACHMENT0,
                Gl::TEXTURE_CUBE_MAP_POSITIVE_X + face,
                Some(texture),
                0,
            );
            self.context.check_framebuffer_status(Gl::READ_FRAMEBUFFER) == Gl::FRAMEBUFFER_COMPLETE
        };
        if !attach(0) {
            return Ok(None);
        }
        let side = self.face_px()?;
        if side == 0 {
            return Ok(None);
        }
        let count = (4 * side * side) as usize;
        let (mut floats, mut bytes) = (Vec::new(), Vec::new());
        for face in 0..6 {
            if !attach(face) {
                return Ok(None);
            }
            if self.is_float {
                let read = Float32Array::new_with_length(count as u32);
                self.read_pixels(side, side, &read)?;
                floats.extend(read.to_vec());
            } else {
                let read = Uint8Array::new_with_length(count as u32);
                self.read_pixels(side, side, &read)?;
                bytes.extend(read.to_vec());
            }
        }
        let side = side as usize;
        Ok(if self.is_float {
            CubeMap::from_linear(side, &floats)
        } else {
            CubeMap::from_srgb(side, &bytes)
        })
    }

    /// Texels along a face, which WebGL does not tell: reading leaves alone what lies outside (WebGL 1.0, section
    /// 5.14.12), so that texels which come out the same over two grounds are inside. 0 for what is too large.
    fn face_px(&self) -> Result<i32, JsValue> {
        let row = LARGEST_FACE_PX + 1;
        let over = |ground: f32| -> Result<Vec<f32>, JsValue> {
            if self.is_float {
                let read = Float32Array::new_with_length(4 * row as u32);
                read.fill(ground, 0, 4 * row as u32);
                self.read_pixels(row, 1, &read)?;
                Ok(read.to_vec())
            } else {
                let read = Uint8Array::new_with_length(4 * row as u32);
                read.fill(ground as u8, 0, 4 * row as u32);
                self.read_pixels(row, 1, &read)?;
                Ok(read.to_vec().into_iter().map(f32::from).collect())
            }
        };
        let (dark, bright) = (over(3.0)?, over(77.0)?);
        let inside = dark
            .chunks(4)
            .zip(bright.chunks(4))
            .take_while(|(dark, bright)| dark == bright)
            .count();
        Ok(if inside > LARGEST_FACE_PX as usize {
            0
        } else {
            inside as i32
        })
    }

    fn read_pixels(&self, width: i32, height: i32, into: &Object) -> Result<(), JsValue> {
        let kind = if self.is_float {
            Gl::FLOAT
        } else {
            Gl::UNSIGNED_BYTE
        };
        self.context
            .read_pixels_with_array_buffer_view_and_dst_offset(
                0,
                0,
                width,
                height,
                Gl::RGBA,
                kind,
                into,
                0,
            )
    }
}

impl Drop for ReflectionCube {
    fn drop(&mut self) {
        self.context.delete_framebuffer(Some(&self.framebuffer));
    }
}

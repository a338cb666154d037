//! The device over a WebGL2 context of our own, made so that a WebXR session may draw with it; its targets are the
//! canvas and the session's framebuffer.

#[cfg(feature = "view-webgl2")]
use js_sys::Promise;
use js_sys::{Array, Function, Reflect};
#[cfg(feature = "view-webgl2")]
use render::RendererConfig;
use render::TargetOrigin;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
#[cfg(feature = "view-webgl2")]
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    HtmlCanvasElement, WebGl2RenderingContext, WebGlContextAttributes, WebGlFramebuffer,
};
use wgpu::hal::{self, api::Gles};

#[cfg(feature = "view-webgl2")]
use super::js_error::reason;
use crate::error::Error;

/// What `View.describe` calls it.
#[cfg(feature = "view-webgl2")]
pub(crate) const BACKEND: &str = "webgl2";

/// The format of a canvas and of a session's framebuffer.
const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// OpenGL's names for it: `RGBA8`, `RGBA`, `UNSIGNED_BYTE`.
const FORMAT_IN_GL: hal::gles::TextureFormatDesc = hal::gles::TextureFormatDesc {
    internal: 0x8058,
    external: 0x1908,
    data_type: 0x1401,
};

/// The device, its context and its targets.
pub(crate) struct Gpu {
    pub(crate) device: wgpu::Device,
    pub(crate) queue: wgpu::Queue,
    #[cfg(feature = "view-webgl2")]
    pub(crate) info: wgpu::AdapterInfo,
    /// Whether it can draw into half floats.
    #[cfg(feature = "view-webgl2")]
    half_floats: bool,
    pub(crate) context: WebGl2RenderingContext,
    canvas: HtmlCanvasElement,
    max_side_px: u32,
    /// The target that was drawn to last, wrapped for wgpu.
    target: Option<Target>,
    _draw_buffers: Closure<dyn Fn(Array)>,
    _tex_storage: Closure<TexStorage>,
}

struct Target {
    framebuffer: Option<WebGlFramebuffer>,
    size_px: [u32; 2],
    view: wgpu::TextureView,
}

impl Gpu {
    /// Opens a device for the canvas.
    pub(crate) async fn open(
        canvas: &HtmlCanvasElement,
        on_stage: &dyn Fn(&str),
    ) -> Result<Gpu, Error> {
        on_stage("adapter");
        let context = context(canvas).ok_or(Error::NoWebGl2)?;
        let draw_buffers = correct_draw_buffers(&context);
        let tex_storage = unfilter_depth(&context);
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        descriptor.backends = wgpu::Backends::GL;
        let instance = wgpu::Instance::new(descriptor);
        #[allow(
            unsafe_code,
            reason = "wgpu takes a foreign context only so; it is ours, alive, and used by wgpu alone"
        )]
        let exposed = unsafe {
            hal::gles::Adapter::new_external(context.clone(), wgpu::GlBackendOptions::default())
        };
        let exposed = exposed.ok_or_else(|| Error::NoAdapter {
            reason: "the WebGL2 context lacks what is needed".into(),
        })?;
        #[allow(
            unsafe_code,
            reason = "the adapter was made from this instance's backend"
        )]
        let adapter = unsafe { instance.create_adapter_from_hal::<Gles>(exposed) };
        on_stage("device");
        let limits = wgpu::Limits::downlevel_webgl2_defaults().using_resolution(adapter.limits());
        let max_side_px = limits.max_texture_dimension_2d;
        let (device, queue) = adapter
            .request_device(&wgpu::DeviceDescriptor {
                required_limits: limits,
                ..Default::default()
            })
            .await
            .map_err(|error| Error::Device {
                reason: error.to_string(),
            })?;
        Ok(Gpu {
            #[cfg(feature = "view-webgl2")]
            info: adapter.get_info(),
            #[cfg(feature = "view-webgl2")]
            half_floats: render::draws_half_floats(&adapter),
            device,
            queue,
            context,
            canvas: canvas.clone(),
            max_side_px,
            target: None,
            _draw_buffers: draw_buffers,
            _tex_storage: tex_storage,
        })
    }

    /// How a renderer for this device and its canvas is made.
    #[cfg(feature = "view-webgl2")]
    pub(crate) fn renderer_config(&self) -> RendererConfig {
        RendererConfig {
            target_format: self.target_format(),
            half_float_targets: self.half_floats,
            ..RendererConfig::default()
        }
    }

    /// Whether the context is lost, of which wgpu is not told.
    pub(crate) fn is_lost(&self) -> bool {
        self.context.is_context_lost()
    }

    /// Targets are drawn to in this format.
    pub(crate) fn target_format(&self) -> wgpu::TextureFormat {
        FORMAT
    }

    pub(crate) fn size_px(&self) -> [u32; 2] {
        [self.canvas.width().max(1), self.canvas.height().max(1)]
    }

    pub(crate) fn max_side_px(&self) -> u32 {
        self.max_side_px
    }

    /// The canvas has this many pixels from now on.
    pub(crate) fn resize(&mut self, width: u32, height: u32) {
        self.canvas.set_width(width);
        self.canvas.set_height(height);
    }

    /// Gives the canvas to `draw`; the browser shows it when the task ends.
    pub(crate) fn draw(
        &mut self,
        draw: impl FnOnce(&wgpu::TextureView, TargetOrigin),
    ) -> Result<(), Error> {
        if self.is_lost() {
            return Err(Error::Device {
                reason: "the WebGL2 context is lost".into(),
            });
        }
        let size_px = self.size_px();
        self.draw_into(None, size_px, draw);
        Ok(())
    }

    /// Gives a framebuffer to `draw`; `None` is the canvas's own.
    pub(crate) fn draw_into(
        &mut self,
        framebuffer: Option<WebGlFramebuffer>,
        size_px: [u32; 2],
        draw: impl FnOnce(&wgpu::TextureView, TargetOrigin),
    ) {
        let target = match self.target.take() {
            Some(same) if same.framebuffer == framebuffer && same.size_px == size_px => same,
            _ => self.wrap(framebuffer, size_px),
        };
        draw(&target.view, TargetOrigin::BottomLeft);
        self.target = Some(target);
    }

    /// Makes the context fit for the device that a session runs on, where it is not yet.
    #[cfg(feature = "view-webgl2")]
    pub(crate) async fn make_xr_compatible(context: &WebGl2RenderingContext) -> Result<(), Error> {
        let failed = |thrown: JsValue| Error::Xr {
            call: "makeXRCompatible",
            reason: reason(&thrown),
        };
        let Some(make) = Reflect::get(context, &"makeXRCompatible".into())
            .ok()
            .and_then(|function| function.dyn_into::<Function>().ok())
        else {
            return Ok(());
        };
        let promise = make.call0(context).map_err(failed)?;
        JsFuture::from(Promise::resolve(&promise))
            .await
            .map_err(failed)?;
        Ok(())
    }

    fn wrap(&self, framebuffer: Option<WebGlFramebuffer>, size_px: [u32; 2]) -> Target {
        let [width, height] = size_px;
        let inner = match &framebuffer {
            Some(inner) => hal::gles::TextureInner::ExternalFramebuffer {
                inner: inner.clone(),
            },
            None => hal::gles::TextureInner::DefaultRenderbuffer,
        };
        let texture = hal::gles::Texture {
            inner,
            mip_level_count: 1,
            array_layer_count: 1,
            format: FORMAT,
            format_desc: FORMAT_IN_GL,
            copy_size: hal::CopyExtent {
                width,
                height,
                depth: 1,
            },
            drop_guard: None,
        };
        let descriptor = wgpu::TextureDescriptor {
            label: None,
            size: wgpu::Extent3d {
                width,
                height,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: FORMAT,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT,
            view_formats: &[],
        };
        #[allow(
            unsafe_code,
            reason = "the framebuffer belongs to this device's context, and the descriptor says its size"
        )]
        let texture = unsafe {
            self.device.create_texture_from_hal::<Gles>(
                texture,
                &descriptor,
                wgpu::TextureUses::UNINITIALIZED,
            )
        };
        Target {
            framebuffer,
            size_px,
            view: texture.create_view(&wgpu::TextureViewDescriptor::default()),
        }
    }
}

/// An own context: no antialiasing and no depth, because the renderer has its own.
fn context(canvas: &HtmlCanvasElement) -> Option<WebGl2RenderingContext> {
    let attributes = WebGlContextAttributes::new();
    attributes.set_alpha(true);
    attributes.set_antialias(false);
    attributes.set_depth(false);
    attributes.set_stencil(false);
    attributes.set_premultiplied_alpha(true);
    let _set = Reflect::set(&attributes, &"xrCompatible".into(), &JsValue::TRUE);
    canvas
        .get_context_with_context_options("webgl2", &attributes)
        .ok()??
        .dyn_into()
        .ok()
}

/// wgpu names `COLOR_ATTACHMENT0` as the draw buffer of the canvas's own framebuffer too, where OpenGL ES 3.0 (section
/// 4.2.1) allows `BACK` only: the call fails, which does no harm, but the browser writes it to the console in every
/// frame. The context gets a `drawBuffers` that says `BACK` there.
fn correct_draw_buffers(context: &WebGl2RenderingContext) -> Closure<dyn Fn(Array)> {
    let plain = context.clone();
    let own = own_method(context, "drawBuffers");
    let back = Array::of1(&WebGl2RenderingContext::BACK.into());
    let corrected = Closure::<dyn Fn(Array)>::new(move |buffers: Array| {
        let bound = plain.get_parameter(WebGl2RenderingContext::DRAW_FRAMEBUFFER_BINDING);
        let is_canvas = bound.is_ok_and(|framebuffer| framebuffer.is_null());
        if let Some(own) = &own {
            let _errors_are_gls = own.call1(&plain, if is_canvas { &back } else { &buffers });
        }
    });
    let _set = Reflect::set(context, &"drawBuffers".into(), corrected.as_ref());
    corrected
}

/// Sets the nearest texel as the filter of every depth texture that is made: so OpenGL ES wants it where depths are read
/// without a sampler (OpenGL ES 3.0.6, 3.8.13, completeness), and gives 0 otherwise. wgpu does it for the other formats
/// that are not filtered.
fn unfilter_depth(context: &WebGl2RenderingContext) -> Closure<TexStorage> {
    type Gl = WebGl2RenderingContext;
    let plain = context.clone();
    let own = own_method(context, "texStorage2D");
    let corrected =
        Closure::<TexStorage>::new(move |target, levels: i32, format: u32, width, height| {
            if let Some(own) = &own {
                let numbers: [f64; 5] = [
                    f64::from(target),
                    f64::from(levels),
                    f64::from(format),
                    f64::from(width),
                    f64::from(height),
                ];
                let arguments = numbers.into_iter().map(JsValue::from).collect::<Array>();
                let _errors_are_gls = own.apply(&plain, &arguments);
            }
            let depth = [
                Gl::DEPTH_COMPONENT16,
                Gl::DEPTH_COMPONENT24,
                Gl::DEPTH_COMPONENT32F,
            ];
            if depth.contains(&format) {
                for filter in [Gl::TEXTURE_MIN_FILTER, Gl::TEXTURE_MAG_FILTER] {
                    plain.tex_parameteri(target, filter, Gl::NEAREST as i32);
                }
            }
        });
    let _set = Reflect::set(context, &"texStorage2D".into(), corrected.as_ref());
    corrected
}

/// `texStorage2D(target, levels, format, width, height)`
type TexStorage = dyn Fn(u32, i32, u32, i32, i32);

/// A method of the context as the browser made it, from its prototype.
fn own_method(context: &WebGl2RenderingContext, name: &str) -> Option<Function> {
    Reflect::get_prototype_of(context)
        .and_then(|prototype| Reflect::get(&prototype, &name.into()))
        .and_then(JsCast::dyn_into::<Function>)
        .ok()
}

//! The JavaScript class `ModelView`: one canvas that shows models under a given light, from a given camera.
//! No room, no tracker, no session: for pages that show content, and for comparing pictures.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use glam::{Mat4, Vec3};
use js_sys::Function;
use render::{
    Backdrop, DrawReport, Effects, FrameViews, Light, ModelId, ModelInstance, Renderer, Scene,
    SphericalHarmonics, View as RenderView,
    model::{Animation, Model, Pose, Repeat},
};
use serde::Serialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use web_sys::HtmlCanvasElement;

use super::{
    gpu::Gpu,
    models,
    opening::{Opened, open},
};
use crate::error::Error;

/// A canvas that shows models.
#[wasm_bindgen]
pub struct ModelView {
    shared: Rc<RefCell<Shared>>,
}

struct Shared {
    gpu: Gpu,
    renderer: Renderer,
    models: Vec<Option<Loaded>>,
    placed: Vec<(usize, Mat4)>,
    light: Light,
    effects: Effects,
    stands: bool,
    report: DrawReport,
    lost: Rc<Cell<bool>>,
}

/// A model that is on the device.
struct Loaded {
    id: ModelId,
    model: Model,
    pose: Pose,
}

/// What a page is told of an animation.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Described<'a> {
    name: &'a str,
    duration_secs: f32,
}

impl<'a> From<&'a Animation> for Described<'a> {
    fn from(animation: &'a Animation) -> Self {
        Described {
            name: &animation.name,
            duration_secs: animation.duration_secs,
        }
    }
}

#[wasm_bindgen]
impl ModelView {
    /// Opens the canvas; `on_stage` hears `adapter`, `device`, `pipelines`, `ready` as they come.
    ///
    /// # Errors
    /// `no-adapter`, `no-webgl2`, `device`, `surface`, `graphics`.
    pub async fn open(
        canvas: HtmlCanvasElement,
        on_stage: Option<Function>,
    ) -> Result<ModelView, JsValue> {
        let Opened {
            gpu,
            renderer,
            lost,
        } = open(&canvas, on_stage.as_ref()).await?;
        let shared = Shared {
            gpu,
            renderer,
            models: Vec::new(),
            placed: Vec::new(),
            light: Light::default(),
            effects: Effects::default(),
            stands: true,
            report: DrawReport::default(),
            lost,
        };
        Ok(ModelView {
            shared: Rc::new(RefCell::new(shared)),
        })
    }

    /// Puts a model on the device, given as `readModel` of the artefact `models` packed it. Returns the model's number.
    ///
    /// # Errors
    /// `model` with the reason, `picture-size`, `device`.
    #[wasm_bindgen(js_name = addModel)]
    pub async fn add_model(&self, packed: Vec<u8>) -> Result<u32, JsValue> {
        let mut model = models::unpacked(&packed)?;
        drop(packed);
        let bitmaps = models::decode(&model).await?;
        let mut shared = self.shared.borrow_mut();
        shared.check()?;
        let Shared { gpu, renderer, .. } = &mut *shared;
        let id = models::add(renderer, &gpu.queue, &model, bitmaps)?;
        // They are on the device now; a pose needs nodes, skins and animations alone.
        model.primitives = Vec::new();
        model.images = Vec::new();
        let pose = Pose::at_rest(&model);
        shared.models.push(Some(Loaded { id, model, pose }));
        Ok(shared.models.len() as u32 - 1)
    }

    /// A model's animations in their order, as JSON: `[{name, durationSecs}]`.
    pub fn animations(&self, model: u32) -> String {
        let shared = self.shared.borrow();
        let animations = shared
            .loaded(model)
            .map_or(&[][..], |loaded| &loaded.model.animations);
        let described: Vec<_> = animations.iter().map(Described::from).collect();
        serde_json::to_string(&described).unwrap_or_default()
    }

    /// What a model's file has that is not shown, as sentences.
    pub fn notes(&self, model: u32) -> Vec<String> {
        let shared = self.shared.borrow();
        shared
            .loaded(model)
            .map(|loaded| loaded.model.notes.clone())
            .unwrap_or_default()
    }

    /// Around a model at rest, in its own frame: least x, y, z, greatest x, y, z, metres.
    pub fn bounds(&self, model: u32) -> Option<Vec<f32>> {
        let shared = self.shared.borrow();
        let bounds = shared.loaded(model)?.model.bounds;
        Some([bounds.min.to_array(), bounds.max.to_array()].concat())
    }

    /// Forgets a model and all its places.
    #[wasm_bindgen(js_name = removeModel)]
    pub fn remove_model(&self, model: u32) {
        let mut shared = self.shared.borrow_mut();
        let index = model as usize;
        if let Some(loaded) = shared.models.get_mut(index).and_then(Option::take) {
            shared.renderer.remove_model(loaded.id);
            shared.placed.retain(|(placed, _)| *placed != index);
        }
    }

    /// Where models stand: a model's number and sixteen numbers of `world_from_model`, column by column, for each.
    ///
    /// # Errors
    /// `bad-argument` where the numbers do not come in as many sixteens.
    pub fn place(&self, models: &[u32], world_from_models: &[f32]) -> Result<(), JsValue> {
        let (matrices, rest) = world_from_models.as_chunks::<16>();
        if matrices.len() != models.len() || !rest.is_empty() {
            return Err(bad("world_from_models", "sixteen numbers for each model").into());
        }
        let mut shared = self.shared.borrow_mut();
        shared.placed.clear();
        let places = models.iter().zip(matrices);
        shared
            .placed
            .extend(places.map(|(model, matrix)| (*model as usize, Mat4::from_cols_array(matrix))));
        Ok(())
    }

    /// Poses all of a model by one of its animations, at a time in seconds; `repeats`: from the end on, again.
    pub fn animate(&self, model: u32, animation: u32, time_secs: f32, repeats: bool) {
        let mut shared = self.shared.borrow_mut();
        if let Some(Loaded { model, pose, .. }) = shared
            .models
            .get_mut(model as usize)
            .and_then(Option::as_mut)
        {
            let repeat = if repeats { Repeat::Loop } else { Repeat::Once };
            pose.rest(model);
            pose.sample(model, animation as usize, time_secs, repeat);
            pose.update(model);
        }
    }

    /// The light: towards the main light; what a white matt surface that faces it sends back, linear; 27 numbers of light
    /// from around as WebXR's light estimate orders them; how strongly surfaces mirror it.
    ///
    /// # Errors
    /// `bad-argument`.
    #[wasm_bindgen(js_name = setLight)]
    pub fn set_light(
        &self,
        direction_to_light: &[f32],
        intensity: &[f32],
        spherical_harmonics: &[f32],
        reflections: f32,
    ) -> Result<(), JsValue> {
        let numbers = spherical_harmonics
            .try_into()
            .map_err(|_| bad("spherical_harmonics", "it takes 27 numbers"))?;
        self.shared.borrow_mut().light = Light {
            direction_to_light_in_world: vec3("direction_to_light", direction_to_light)?,
            intensity: vec3("intensity", intensity)?,
            around: SphericalHarmonics::from_array(numbers),
            reflections: Vec3::splat(reflections),
        };
        Ok(())
    }

    /// What surfaces mirror: a cube of `face_px` pixels a side, faces +X -X +Y -Y +Z -Z as WebGL orders them, RGBA half
    /// floats in linear light, rows from the top.
    ///
    /// # Errors
    /// `bad-argument`.
    #[wasm_bindgen(js_name = setReflections)]
    pub fn set_reflections(&self, face_px: u32, half_floats: &[u16]) -> Result<(), JsValue> {
        let mut shared = self.shared.borrow_mut();
        let values = face_px.checked_pow(2).and_then(|face| face.checked_mul(24));
        if !(1..=2048).contains(&face_px) || values != u32::try_from(half_floats.len()).ok() {
            return Err(bad("half_floats", "four numbers for each pixel of six faces").into());
        }
        let Shared { gpu, renderer, .. } = &mut *shared;
        let cube = cube(&gpu.device, &gpu.queue, face_px, half_floats);
        renderer.set_reflections(&cube);
        Ok(())
    }

    /// How strongly content shades real surfaces and itself (1 as measured, 0 not), whether highlights roll off, and
    /// whether models stand on the plane under them.
    #[wasm_bindgen(js_name = setEffects)]
    pub fn set_effects(
        &self,
        shadows: f32,
        ambient_occlusion: f32,
        rolls_off_highlights: bool,
        stands: bool,
    ) {
        let mut shared = self.shared.borrow_mut();
        shared.effects = Effects {
            shadows,
            ambient_occlusion,
            rolls_off_highlights,
        };
        shared.stands = stands;
    }

    /// The canvas has this many device pixels from now on.
    pub fn resize(&self, width_px: u32, height_px: u32) {
        let mut shared = self.shared.borrow_mut();
        let side = |pixels: u32| pixels.clamp(1, shared.gpu.max_side_px());
        let (width, height) = (side(width_px), side(height_px));
        if shared.gpu.size_px() != [width, height] {
            shared.gpu.resize(width, height);
        }
    }

    /// Draws: `projection_from_view` and `view_from_world` as WebXR has them, sixteen numbers each, column by column;
    /// the colour behind in linear light, or none for a canvas that is seen through.
    ///
    /// # Errors
    /// `bad-argument`, `device`, `surface`.
    pub fn draw(
        &self,
        projection_from_view: &[f32],
        view_from_world: &[f32],
        background: Option<Vec<f32>>,
        time_millis: f64,
    ) -> Result<(), JsValue> {
        let background = background
            .map(|color| vec3("background", &color))
            .transpose()?;
        let mut shared = self.shared.borrow_mut();
        shared.check()?;
        let size_px = shared.gpu.size_px();
        let views = [RenderView {
            viewport_px: [0, 0, size_px[0], size_px[1]],
            projection_from_view: mat4("projection_from_view", projection_from_view)?,
            view_from_world: mat4("view_from_world", view_from_world)?,
        }];
        #[allow(clippy::cast_possible_truncation, reason = "slow motion needs no more")]
        let frame = FrameViews {
            views: &views,
            target_size_px: size_px,
            pixel_ratio: 1.0,
            time_secs: (time_millis / 1000.0) as f32,
        };
        let Shared {
            gpu,
            renderer,
            models,
            placed,
            light,
            effects,
            stands,
            report,
            ..
        } = &mut *shared;
        let shown: Vec<_> = placed
            .iter()
            .filter_map(|(index, world_from_model)| {
                let loaded = models.get(*index)?.as_ref()?;
                Some(ModelInstance {
                    pose: Some(&loaded.pose),
                    stands: *stands,
                    casts_shadow: effects.shadows > 0.0,
                    ..ModelInstance::new(loaded.id, *world_from_model)
                })
            })
            .collect();
        let scene = Scene {
            models: &shown,
            effects: *effects,
            ..Scene::default()
        };
        let backdrop = background.map_or(Backdrop::Transparent, |color| {
            Backdrop::Color(color.to_array())
        });
        gpu.draw(|target, origin| {
            *report = renderer.draw(&frame, light, &scene, backdrop, target, origin);
        })?;
        Ok(())
    }

    /// Draw calls and instances of the last frame.
    #[wasm_bindgen(js_name = lastDraw)]
    pub fn last_draw(&self) -> Vec<u32> {
        let report = self.shared.borrow().report;
        vec![report.draw_calls, report.instances]
    }

    /// Ends the view: no more draws.
    pub fn dispose(&self) {
        let shared = self.shared.borrow();
        shared.lost.set(true);
        shared.gpu.device.destroy();
    }
}

impl Shared {
    fn check(&self) -> Result<(), Error> {
        if self.lost.get() {
            return Err(Error::Device {
                reason: "it is gone, open a new view".into(),
            });
        }
        Ok(())
    }

    fn loaded(&self, model: u32) -> Option<&Loaded> {
        self.models.get(model as usize)?.as_ref()
    }
}

fn bad(what: &'static str, reason: &str) -> Error {
    Error::BadArgument {
        what,
        reason: reason.into(),
    }
}

fn vec3(what: &'static str, numbers: &[f32]) -> Result<Vec3, Error> {
    let numbers: [f32; 3] = numbers
        .try_into()
        .map_err(|_| bad(what, "it takes three numbers"))?;
    Ok(Vec3::from_array(numbers))
}

fn mat4(what: &'static str, numbers: &[f32]) -> Result<Mat4, Error> {
    let numbers: [f32; 16] = numbers
        .try_into()
        .map_err(|_| bad(what, "it takes sixteen numbers"))?;
    Ok(Mat4::from_cols_array(&numbers))
}

fn cube(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    face_px: u32,
    half_floats: &[u16],
) -> wgpu::TextureView {
    let texture = device.create_texture(&wgpu::TextureDescriptor {
        label: Some("given reflections"),
        size: wgpu::Extent3d {
            width: face_px,
            height: face_px,
            depth_or_array_layers: 6,
        },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: wgpu::TextureFormat::Rgba16Float,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    });
    let bytes: Vec<u8> = half_floats
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    queue.write_texture(
        texture.as_image_copy(),
        &bytes,
        wgpu::TexelCopyBufferLayout {
            offset: 0,
            bytes_per_row: Some(face_px * 8),
            rows_per_image: Some(face_px),
        },
        texture.size(),
    );
    texture.create_view(&wgpu::TextureViewDescriptor {
        dimension: Some(wgpu::TextureViewDimension::Cube),
        ..Default::default()
    })
}

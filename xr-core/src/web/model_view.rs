//! The JavaScript class `ModelView`: one canvas that shows models under a given light, from a given camera.
//! No room, no tracker, no session: for pages that show content, and for comparing pictures.
//!
//! When the device is lost, everything but what was on it stays: the page gives models and reflections again to the
//! device that is opened on the same canvas.

use std::{cell::RefCell, rc::Rc};

use glam::{Mat4, Vec3};
use js_sys::Function;
use render::{
    Backdrop, DrawReport, Effects, FrameViews, Light, ModelId, ModelInstance, Scene,
    SphericalHarmonics, View as RenderView,
    model::{Animation, Model, Pose, Repeat},
};
use serde::Serialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use web_sys::HtmlCanvasElement;

use super::{
    cube::cube,
    description, models,
    opening::{Opened, open},
    pace::{self, Pace},
};
use crate::{error::Error, kept_list::emptied};

/// A canvas that shows models.
#[wasm_bindgen]
pub struct ModelView {
    shared: Rc<RefCell<Shared>>,
}

struct Shared {
    canvas: HtmlCanvasElement,
    /// Absent once it was let go of, lost as it was.
    opened: Option<Opened>,
    size_px: [u32; 2],
    models: Vec<Option<Loaded>>,
    placed: Vec<(usize, Mat4)>,
    /// Empty; its memory is that of the last frame's list.
    shown: Vec<ModelInstance<'static>>,
    light: Light,
    effects: Effects,
    stands: bool,
    pace: Pace,
    report: DrawReport,
    on_lost: Option<Function>,
    disposed: bool,
}

/// A model that the view knows.
struct Loaded {
    /// On the device of now; absent until it is put back on a new one.
    id: Option<ModelId>,
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
    /// Opens the canvas; `on_stage` hears `adapter`, `device`, then `pipelines` with how many are made and how many
    /// there will be, one a task, and `ready`.
    ///
    /// # Errors
    /// `no-adapter`, `no-webgl2`, `device`, `surface`, `graphics`.
    pub async fn open(
        canvas: HtmlCanvasElement,
        on_stage: Option<Function>,
    ) -> Result<ModelView, JsValue> {
        let opened = open(&canvas, on_stage.as_ref()).await?;
        let shared = Shared {
            size_px: opened.gpu.size_px(),
            canvas,
            opened: Some(opened),
            models: Vec::new(),
            placed: Vec::new(),
            shown: Vec::new(),
            light: Light::default(),
            effects: Effects::default(),
            stands: true,
            pace: Pace::default(),
            report: DrawReport::default(),
            on_lost: None,
            disposed: false,
        };
        Ok(ModelView {
            shared: Rc::new(RefCell::new(shared)),
        })
    }

    /// JSON: `{backend, adapter, software, pipelines: {made, longest, longestMillis, totalMillis}}`.
    ///
    /// # Errors
    /// `device` while there is none.
    pub fn describe(&self) -> Result<String, JsValue> {
        let mut shared = self.shared.borrow_mut();
        let Opened { gpu, pipelines, .. } = shared.opened()?;
        Ok(description::describe(gpu, pipelines))
    }

    /// The callback hears when the device is gone, unless it is let go of.
    #[wasm_bindgen(js_name = onLost)]
    pub fn on_lost(&self, callback: Function) {
        let mut shared = self.shared.borrow_mut();
        shared.on_lost = Some(callback);
        shared.listen();
    }

    /// Whether the device is gone.
    #[wasm_bindgen(js_name = isLost)]
    pub fn is_lost(&self) -> bool {
        self.shared.borrow_mut().opened().is_err()
    }

    /// Lets go of a device that is lost, and of all that was on it.
    #[wasm_bindgen(js_name = letGo)]
    pub fn let_go(&self) {
        let mut shared = self.shared.borrow_mut();
        for loaded in shared.models.iter_mut().flatten() {
            loaded.id = None;
        }
        if let Some(opened) = shared.opened.take() {
            opened.loss.on_lost(None);
        }
    }

    /// Opens a new device on the same canvas, for `on_stage` see `open`. Models have to be put back, reflections to be
    /// set again; all else is as it was.
    ///
    /// # Errors
    /// `no-adapter`, `no-webgl2`, `device`, `surface`, `graphics`.
    pub async fn reopen(&self, on_stage: Option<Function>) -> Result<(), JsValue> {
        let canvas = self.shared.borrow().canvas.clone();
        let opened = open(&canvas, on_stage.as_ref()).await?;
        let mut shared = self.shared.borrow_mut();
        if shared.disposed {
            opened.gpu.device.destroy();
            return Err(Error::Device {
                reason: "the view has ended".into(),
            }
            .into());
        }
        shared.opened = Some(opened);
        shared.listen();
        shared.fit();
        Ok(())
    }

    /// Puts a model on the device, given as `readModel` of the artefact `models` packed it. Returns the model's number.
    ///
    /// # Errors
    /// `model` with the reason, `picture-size`, `device`.
    #[wasm_bindgen(js_name = addModel)]
    pub async fn add_model(&self, packed: Vec<u8>) -> Result<u32, JsValue> {
        let (id, model) = self.put(packed).await?;
        let pose = Pose::at_rest(&model);
        let id = Some(id);
        let models = &mut self.shared.borrow_mut().models;
        models.push(Some(Loaded { id, model, pose }));
        Ok(models.len() as u32 - 1)
    }

    /// Puts a model on a new device that was on the one before, from the same bytes. One that was removed meanwhile
    /// stays so, and one that is there already too.
    ///
    /// # Errors
    /// `model` with the reason, `picture-size`, `device`.
    #[wasm_bindgen(js_name = putBack)]
    pub async fn put_back(&self, model: u32, packed: Vec<u8>) -> Result<(), JsValue> {
        let (id, _) = self.put(packed).await?;
        let mut shared = self.shared.borrow_mut();
        let known = shared.models.get_mut(model as usize);
        match known.and_then(Option::as_mut) {
            Some(loaded) if loaded.id.is_none() => loaded.id = Some(id),
            _ => shared.opened()?.renderer.remove_model(id),
        }
        Ok(())
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
            if let (Some(opened), Some(id)) = (&mut shared.opened, loaded.id) {
                opened.renderer.remove_model(id);
            }
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
    /// `bad-argument`, `device`.
    #[wasm_bindgen(js_name = setReflections)]
    pub fn set_reflections(&self, face_px: u32, half_floats: &[u16]) -> Result<(), JsValue> {
        let mut shared = self.shared.borrow_mut();
        let values = face_px.checked_pow(2).and_then(|face| face.checked_mul(24));
        if !(1..=2048).contains(&face_px) || values != u32::try_from(half_floats.len()).ok() {
            return Err(bad("half_floats", "four numbers for each pixel of six faces").into());
        }
        let Opened { gpu, renderer, .. } = shared.opened()?;
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
        shared.size_px = [width_px, height_px];
        shared.fit();
    }

    /// Draws: `projection_from_view` and `view_from_world` as WebXR has them, sixteen numbers each, column by column;
    /// the colour behind in linear light, or no numbers for a canvas that is seen through.
    ///
    /// # Errors
    /// `bad-argument`, `device`, `surface`.
    pub fn draw(
        &self,
        projection_from_view: &[f32],
        view_from_world: &[f32],
        background: &[f32],
        time_millis: f64,
    ) -> Result<(), JsValue> {
        let backdrop = if background.is_empty() {
            Backdrop::Transparent
        } else {
            Backdrop::Color(vec3("background", background)?.to_array())
        };
        let mut shared = self.shared.borrow_mut();
        let size_px = shared.opened()?.gpu.size_px();
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
        shared.draw(&frame, backdrop)?;
        Ok(())
    }

    /// Starts or ends the measuring of passes; it costs nothing while it is off.
    #[wasm_bindgen(js_name = timePasses)]
    pub fn time_passes(&self, on: bool) {
        if let Ok(opened) = self.shared.borrow_mut().opened() {
            pace::time_passes(&mut opened.renderer, on);
        }
    }

    /// What passes have cost, as `View.passTimes` tells it.
    ///
    /// # Errors
    /// `device` while there is none.
    #[wasm_bindgen(js_name = passTimes)]
    pub fn pass_times(&self) -> Result<String, JsValue> {
        let mut shared = self.shared.borrow_mut();
        Ok(pace::pass_times(&mut shared.opened()?.renderer))
    }

    /// An animation frame came so many milliseconds after one that drew, with none in between: where such frames come
    /// late, fewer pixels are drawn.
    #[wasm_bindgen(js_name = frameCameAfter)]
    pub fn frame_came_after(&self, millis: f64) {
        let shared = &mut *self.shared.borrow_mut();
        if let Some(Opened { renderer, .. }) = &mut shared.opened {
            shared.pace.frame_came_after(renderer, millis);
        }
    }

    /// Draw calls and instances of the last frame.
    #[wasm_bindgen(js_name = lastDraw)]
    pub fn last_draw(&self) -> Vec<u32> {
        let report = self.shared.borrow().report;
        vec![report.draw_calls, report.instances]
    }

    /// Ends the view: no more draws.
    pub fn dispose(&self) {
        let mut shared = self.shared.borrow_mut();
        shared.disposed = true;
        if let Some(opened) = shared.opened.take() {
            opened.loss.on_lost(None);
            opened.gpu.device.destroy();
        }
    }
}

impl ModelView {
    /// Puts a model on the device. Of the model stays what a pose needs: nodes, skins and animations.
    async fn put(&self, packed: Vec<u8>) -> Result<(ModelId, Model), Error> {
        let mut model = models::unpacked(&packed)?;
        drop(packed);
        let bitmaps = models::decode(&model).await?;
        let mut shared = self.shared.borrow_mut();
        let Opened { gpu, renderer, .. } = shared.opened()?;
        let id = models::add(renderer, &gpu.queue, &model, bitmaps)?;
        model.primitives = Vec::new();
        model.images = Vec::new();
        Ok((id, model))
    }
}

impl Shared {
    /// What draws, while it does.
    fn opened(&mut self) -> Result<&mut Opened, Error> {
        self.opened
            .as_mut()
            .filter(|opened| !opened.loss.happened() && !opened.gpu.is_lost())
            .ok_or_else(|| Error::Device {
                reason: "it is gone".into(),
            })
    }

    /// Passes on who hears of the device's loss.
    fn listen(&self) {
        if let Some(opened) = &self.opened {
            opened.loss.on_lost(self.on_lost.clone());
        }
    }

    /// Brings the canvas to the size that is wanted, as far as the device goes.
    fn fit(&mut self) {
        let size_px = self.size_px;
        if let Ok(Opened { gpu, .. }) = self.opened() {
            let [width, height] = size_px.map(|side| side.clamp(1, gpu.max_side_px()));
            if gpu.size_px() != [width, height] {
                gpu.resize(width, height);
            }
        }
    }

    fn loaded(&self, model: u32) -> Option<&Loaded> {
        self.models.get(model as usize)?.as_ref()
    }

    fn draw(&mut self, frame: &FrameViews, backdrop: Backdrop) -> Result<(), Error> {
        let Shared {
            opened: Some(Opened { gpu, renderer, .. }),
            models,
            placed,
            shown: kept,
            light,
            effects,
            stands,
            report,
            ..
        } = self
        else {
            return Ok(());
        };
        let mut shown = emptied(std::mem::take(kept));
        shown.extend(placed.iter().filter_map(|(index, world_from_model)| {
            let loaded = models.get(*index)?.as_ref()?;
            Some(ModelInstance {
                pose: Some(&loaded.pose),
                stands: *stands,
                casts_shadow: effects.shadows > 0.0,
                ..ModelInstance::new(loaded.id?, *world_from_model)
            })
        }));
        let scene = Scene {
            models: &shown,
            effects: *effects,
            ..Scene::default()
        };
        let drawn = gpu.draw(|target, origin| {
            *report = renderer.draw(frame, light, &scene, backdrop, target, origin);
        });
        *kept = emptied(shown);
        drawn
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

//! The JavaScript class `View`: one canvas, one device, one renderer.

use std::{cell::RefCell, rc::Rc};

use glam::{Mat4, Vec2, Vec3};
use js_sys::Function;
use render::{
    Backdrop, FrameViews, ImagePoint, Light, Renderer, Scene, View as RenderView, palette,
};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use web_sys::{HtmlCanvasElement, MediaQueryList};

use super::{
    description,
    device_loss::Loss,
    gpu::Gpu,
    labels::Labels,
    opening::{Opened, PipelineTimes, open},
    pace::{self, Pace},
    picture,
    picture_world::{self, PictureWorld},
    room::Room,
    stage::Stage,
};
use crate::{
    axes::gpu_matrix,
    error::Error,
    orbit::{Orbit, pick_pin},
    placement::pins_in_room,
};

/// A canvas that shows the camera with its points, the room in 3D, or an AR session.
#[wasm_bindgen]
pub struct View {
    shared: Rc<RefCell<SharedView>>,
}

/// What a view and the session on it share.
pub(crate) struct SharedView {
    pub(crate) gpu: Gpu,
    pub(crate) renderer: Renderer,
    pub(crate) labels: Labels,
    room_stage: Stage,
    image_points: Vec<ImagePoint>,
    picture_world: PictureWorld,
    /// Whether what the canvas shows is a camera picture.
    pub(crate) shows_picture: bool,
    dark: Option<MediaQueryList>,
    loss: Rc<Loss>,
    pace: Pace,
    pipelines: PipelineTimes,
    disposed: bool,
}

#[wasm_bindgen]
impl View {
    /// Opens the canvas; `on_stage` hears `adapter`, `device`, then `pipelines` with how many are made and how many
    /// there will be, one a task, and `ready`.
    ///
    /// # Errors
    /// `no-adapter`, `no-webgl2`, `device`, `surface`, `graphics`.
    pub async fn open(
        canvas: HtmlCanvasElement,
        on_stage: Option<Function>,
    ) -> Result<View, JsValue> {
        let Opened {
            gpu,
            renderer,
            loss,
            pipelines,
        } = open(&canvas, on_stage.as_ref()).await?;
        let shared = SharedView {
            gpu,
            renderer,
            labels: Labels::default(),
            room_stage: Stage::new(less_motion()),
            image_points: Vec::new(),
            picture_world: PictureWorld::new(less_motion()),
            dark: media("(prefers-color-scheme: dark)"),
            loss,
            pace: Pace::default(),
            pipelines,
            shows_picture: false,
            disposed: false,
        };
        Ok(View {
            shared: Rc::new(RefCell::new(shared)),
        })
    }

    /// JSON: `{backend, adapter, software, pipelines: {made, longest, longestMillis, totalMillis}}`.
    pub fn describe(&self) -> String {
        let shared = self.shared.borrow();
        description::describe(&shared.gpu, &shared.pipelines)
    }

    /// The canvas has this many device pixels from now on; the sides are kept within what the device takes.
    pub fn resize(&self, width_px: u32, height_px: u32) {
        let mut shared = self.shared.borrow_mut();
        let side = |pixels: u32| pixels.clamp(1, shared.gpu.max_side_px());
        let (width, height) = (side(width_px), side(height_px));
        if shared.gpu.size_px() != [width, height] {
            shared.gpu.resize(width, height);
            // A resized canvas is empty: the last picture stays until the next one comes. A device that is lost is
            // told of by the next draw.
            if shared.shows_picture {
                let _ = shared.draw_picture();
            }
        }
    }

    /// Draws a camera picture, fitted by cover; on it the points of the same picture: six numbers a point (x and y in
    /// pixels of a picture of `image_width` x `image_height`, age in frames, id, depth, 1 for a landmark); and the pins
    /// of the world seen from where the picture was taken.
    ///
    /// `camera`: focal lengths and principal point in pixels of the picture, then `world_from_view`: position x y z,
    /// orientation x y z w; empty where that is not known, and then no pins are drawn. `pins`: nine numbers each:
    /// position of the tip and orientation (+Y along the stem), scale, milliseconds since it was placed; `labels`: one
    /// text a pin.
    ///
    /// # Errors
    /// `bad-argument`, `picture-size`, `device`, `surface`.
    #[wasm_bindgen(js_name = drawCamera)]
    #[allow(
        clippy::too_many_arguments,
        clippy::needless_pass_by_value,
        reason = "one call holds all that belongs to one instant; JavaScript hands over what is owned"
    )]
    pub fn draw_camera(
        &self,
        image: JsValue,
        image_width: f32,
        image_height: f32,
        points: &[f32],
        camera: &[f32],
        pins: &[f32],
        labels: Vec<String>,
    ) -> Result<(), JsValue> {
        let mut shared = self.shared.borrow_mut();
        shared.check()?;
        let (source, size) = picture::source(image)?;
        let SharedView {
            gpu,
            renderer,
            image_points,
            picture_world,
            labels: cards,
            ..
        } = &mut *shared;
        let texture = renderer.picture_texture(size[0], size[1]);
        picture::copy(&gpu.queue, source, size, texture);
        let given = Vec2::new(image_width, image_height).max(Vec2::ONE);
        let scale = Vec2::new(size[0] as f32, size[1] as f32) / given;
        picture_world::image_points(image_points, points, scale);
        picture_world.set(given, camera, pins, &labels, renderer, cards)?;
        shared.shows_picture = true;
        shared.draw_picture()?;
        let shared = &mut *shared;
        shared.labels.frame_done(&mut shared.renderer);
        Ok(())
    }

    /// Which pixel of the camera picture that is shown lies under a place of the canvas (device pixels from the top
    /// left): x and y in the numbers of `drawCamera`; nothing where no picture is shown.
    #[wasm_bindgen(js_name = picturePixel)]
    pub fn picture_pixel(&self, x_px: f32, y_px: f32) -> Option<Vec<f32>> {
        let shared = self.shared.borrow();
        shared.shows_picture.then(|| {
            let pixel = shared
                .picture_world
                .pixel_under(shared.gpu.size_px(), Vec2::new(x_px, y_px));
            pixel.to_array().to_vec()
        })
    }

    /// Where the pins of the camera picture that is shown are drawn, by the matrices that drew them: x and y of each
    /// tip in pixels of the picture; NaN for one that is behind the camera.
    #[wasm_bindgen(js_name = drawnPins)]
    pub fn drawn_pins(&self) -> Vec<f32> {
        let shared = self.shared.borrow();
        shared.picture_world.drawn(shared.gpu.size_px())
    }

    /// The index of the camera picture's pin under a place of the canvas (device pixels from the top left).
    #[wasm_bindgen(js_name = pickCameraPin)]
    pub fn pick_camera_pin(&self, x_px: f32, y_px: f32) -> Option<u32> {
        let shared = self.shared.borrow();
        let index = shared.picture_world.pick(
            shared.gpu.size_px(),
            Vec2::new(x_px, y_px),
            pixel_ratio(),
        )?;
        u32::try_from(index).ok()
    }

    /// Draws the room in 3D: its floor, its pins, the heads of its members. `orbit`: yaw and pitch in radians,
    /// distance in metres, the target's x, y, z in the room.
    ///
    /// # Errors
    /// `bad-argument`, `device`, `surface`.
    #[wasm_bindgen(js_name = drawRoom)]
    pub fn draw_room(&self, room: &Room, orbit: &[f32], time_millis: f64) -> Result<(), JsValue> {
        let orbit = orbit_of(orbit)?;
        let mut shared = self.shared.borrow_mut();
        shared.check()?;
        let shared = &mut *shared;
        shared.shows_picture = false;
        room.shared().read(|client| {
            shared.room_stage.set_room(
                client,
                &mut shared.renderer,
                &mut shared.labels,
                time_millis,
            );
        });
        let size_px = shared.gpu.size_px();
        let views = [RenderView {
            viewport_px: whole(size_px),
            projection_from_view: Orbit::projection_from_view(vec2(size_px)),
            view_from_world: orbit.view_from_room(),
        }];
        let stage = &shared.room_stage;
        let scene = Scene {
            pins: &stage.pins,
            grids: &stage.grids,
            heads: &stage.heads,
            spots: &stage.spots,
            ..Scene::default()
        };
        let dark = shared.dark.as_ref().is_some_and(MediaQueryList::matches);
        let backdrop = Backdrop::Color(if dark { palette::INK } else { palette::PAPER });
        #[allow(clippy::cast_possible_truncation, reason = "slow motion needs no more")]
        let frame = FrameViews {
            views: &views,
            target_size_px: size_px,
            pixel_ratio: pixel_ratio(),
            time_secs: (time_millis / 1000.0) as f32,
        };
        let renderer = &mut shared.renderer;
        shared.gpu.draw(|target, origin| {
            renderer.draw(&frame, &Light::default(), &scene, backdrop, target, origin);
        })?;
        shared.labels.frame_done(&mut shared.renderer);
        Ok(())
    }

    /// The point of the room's floor under a pixel of the 3D view (device pixels from the canvas's top left), metres.
    ///
    /// # Errors
    /// `bad-argument`.
    #[wasm_bindgen(js_name = pickRoom)]
    pub fn pick_room(
        &self,
        orbit: &[f32],
        x_px: f32,
        y_px: f32,
    ) -> Result<Option<Vec<f32>>, JsValue> {
        let size = vec2(self.shared.borrow().gpu.size_px());
        let ray = orbit_of(orbit)?.ray(size, Vec2::new(x_px, y_px));
        Ok(ray.floor_point().map(|point| point.to_array().to_vec()))
    }

    /// The pin of the room under a pixel of the 3D view.
    ///
    /// # Errors
    /// `bad-argument`.
    #[wasm_bindgen(js_name = pickAnnotation)]
    pub fn pick_annotation(
        &self,
        room: &Room,
        orbit: &[f32],
        x_px: f32,
        y_px: f32,
    ) -> Result<Option<String>, JsValue> {
        let size = vec2(self.shared.borrow().gpu.size_px());
        let ray = orbit_of(orbit)?.ray(size, Vec2::new(x_px, y_px));
        let picked = room.shared().read(|client| {
            let pins: Vec<_> = pins_in_room(client.scene()).collect();
            let places = pins.iter().map(|pin| {
                let matrix = gpu_matrix(&pin.frame_from_pin);
                (
                    matrix.transform_point3(Vec3::ZERO),
                    matrix.transform_vector3(Vec3::Y),
                )
            });
            pick_pin(&ray, places).map(|index| pins[index].id.to_string())
        });
        Ok(picked.flatten())
    }

    /// Starts or ends the measuring of passes; it costs nothing while it is off.
    #[wasm_bindgen(js_name = timePasses)]
    pub fn time_passes(&self, on: bool) {
        pace::time_passes(&mut self.shared.borrow_mut().renderer, on);
    }

    /// What passes have cost since the last call, while they are measured, as JSON:
    /// `{resolutionScale, passes: [{name, frames, cpuMillis, gpuMillis?}]}`, means over the frames in which each ran.
    #[wasm_bindgen(js_name = passTimes)]
    pub fn pass_times(&self) -> String {
        pace::pass_times(&mut self.shared.borrow_mut().renderer)
    }

    /// An animation frame came so many milliseconds after the one that drew last, with none in between: where such
    /// frames come late, fewer pixels are drawn.
    #[wasm_bindgen(js_name = frameCameAfter)]
    pub fn frame_came_after(&self, millis: f64) {
        let shared = &mut *self.shared.borrow_mut();
        shared.pace.frame_came_after(&mut shared.renderer, millis);
    }

    /// Draws all pixels of the canvas, until frames come late again.
    #[wasm_bindgen(js_name = drawAllPixels)]
    pub fn draw_all_pixels(&self) {
        let shared = &mut *self.shared.borrow_mut();
        shared.pace.draw_all_pixels(&mut shared.renderer);
    }

    /// Ends the view: no more draws.
    pub fn dispose(&self) {
        let mut shared = self.shared.borrow_mut();
        shared.disposed = true;
        shared.gpu.device.destroy();
    }
}

#[cfg(feature = "view-webgl2")]
impl View {
    pub(crate) fn shared(&self) -> Rc<RefCell<SharedView>> {
        Rc::clone(&self.shared)
    }
}

impl SharedView {
    /// Whether the device still draws.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.disposed || self.loss.happened() {
            return Err(Error::Device {
                reason: "it is gone, open a new view".into(),
            });
        }
        Ok(())
    }

    /// Draws the last picture with its points and pins.
    fn draw_picture(&mut self) -> Result<(), Error> {
        self.check()?;
        let SharedView {
            gpu,
            renderer,
            image_points,
            picture_world,
            ..
        } = self;
        let size_px = gpu.size_px();
        let view = picture_world.view(size_px);
        let views = [RenderView {
            viewport_px: whole(size_px),
            projection_from_view: view.map_or(Mat4::IDENTITY, |view| view.projection_from_view),
            view_from_world: view.map_or(Mat4::IDENTITY, |view| view.view_from_world),
        }];
        let scene = Scene {
            image_points,
            pins: if view.is_some() {
                picture_world.pins()
            } else {
                &[]
            },
            ..Scene::default()
        };
        let frame = FrameViews {
            views: &views,
            target_size_px: size_px,
            pixel_ratio: pixel_ratio(),
            time_secs: 0.0,
        };
        gpu.draw(|target, origin| {
            renderer.draw(
                &frame,
                &Light::default(),
                &scene,
                Backdrop::Picture,
                target,
                origin,
            );
        })
    }
}

fn orbit_of(numbers: &[f32]) -> Result<Orbit, Error> {
    Orbit::from_array(numbers).ok_or_else(|| Error::BadArgument {
        what: "orbit",
        reason: "it takes six finite numbers".into(),
    })
}

fn whole([width, height]: [u32; 2]) -> [u32; 4] {
    [0, 0, width, height]
}

#[allow(clippy::cast_precision_loss, reason = "sizes of canvases")]
fn vec2([width, height]: [u32; 2]) -> Vec2 {
    Vec2::new(width as f32, height as f32)
}

#[allow(clippy::cast_possible_truncation, reason = "a small ratio")]
fn pixel_ratio() -> f32 {
    web_sys::window().map_or(1.0, |window| window.device_pixel_ratio() as f32)
}

fn media(query: &str) -> Option<MediaQueryList> {
    web_sys::window()?.match_media(query).ok()?
}

/// Whether the person asked for less motion.
pub(crate) fn less_motion() -> bool {
    media("(prefers-reduced-motion: reduce)").is_some_and(|query| query.matches())
}

//! The JavaScript class `Session`: an `immersive-ar` session, drawn frame by frame from here.
//!
//! | file | what |
//! |---|---|
//! | `xr`, `xr_sensed` | the WebXR objects |
//! | `frame_reader`, `hits`, `anchors` | what a frame says, as plain values |
//! | `senses`: `light_probe`, `reflection_cube`, `planes`, `depth` | what the platform knows of the place, for the renderer |
//! | `frame_loop` | one frame: read, tell the room, draw |
//! | `taps` | what a tap does |
//! | `surroundings` | the marks that are drawn |
//! | `events`, `report` | what the page hears and may ask |

mod anchors;
mod depth;
mod events;
mod frame_loop;
mod frame_reader;
mod hits;
mod light_probe;
mod planes;
mod reflection_cube;
mod report;
mod senses;
mod surroundings;
mod taps;
mod xr;
mod xr_sensed;

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use chat_relay_protocol::Tracking;
use js_sys::Function;
use render::Backdrop;
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use self::{
    anchors::Anchors,
    events::SessionEvent,
    hits::Hits,
    light_probe::LightProbe,
    report::MeasuredReflections,
    senses::Senses,
    xr::{XrFrame, XrInputSourceEvent, XrReferenceSpace, XrSession, XrWebGlLayer, object},
};
use super::{
    gpu_webgl2::Gpu,
    js_error::reason,
    room::{Room, SharedRoom},
    stage::Stage,
    view::{SharedView, View, less_motion},
};
use crate::{
    error::Error, frame::Frame, frame_times::FrameTimes, room::Client, sensed::adds_light,
};

/// An AR session that shows the room where it is.
#[wasm_bindgen]
pub struct Session {
    shared: Rc<SharedSession>,
}

/// What a tap does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Pin,
    Align,
}

/// What the session's callbacks share.
struct SharedSession {
    xr: XrSession,
    layer: XrWebGlLayer,
    /// How pictures meet the real world.
    backdrop: Backdrop,
    space: XrReferenceSpace,
    view: Rc<RefCell<SharedView>>,
    room: Rc<SharedRoom>,
    hits: Rc<RefCell<Hits>>,
    anchors: Rc<RefCell<Anchors>>,
    senses: RefCell<Senses>,
    stage: RefCell<Stage>,
    frame: RefCell<Frame>,
    times: RefCell<FrameTimes>,
    mode: Cell<Mode>,
    label: RefCell<String>,
    /// Points of the device's world that are shown, x, y, z each, metres.
    points: RefCell<Vec<f32>>,
    /// Of the cube map that the renderer has.
    reflections: Cell<Option<MeasuredReflections>>,
    running: Cell<bool>,
    /// What the page was told last.
    told_tracking: Cell<Option<Tracking>>,
    told_hit: Cell<Option<bool>>,
    told_error: RefCell<Option<SessionEvent>>,
    on_event: RefCell<Option<Function>>,
    /// Events from before the page listened.
    early: RefCell<Vec<SessionEvent>>,
    listeners: RefCell<Option<Listeners>>,
}

struct Listeners {
    on_frame: Closure<dyn FnMut(f64, XrFrame)>,
    on_select: Closure<dyn FnMut(XrInputSourceEvent)>,
    on_end: Closure<dyn FnMut()>,
    on_visibility: Closure<dyn FnMut()>,
    on_reset: Closure<dyn FnMut()>,
}

#[wasm_bindgen]
impl Session {
    /// Starts to draw into a session that the page requested with the feature `hit-test`.
    ///
    /// # Errors
    /// `xr-failed` when the platform gives no reference space or no layer; `device`.
    pub async fn start(
        view: &View,
        room: &Room,
        xr_session: XrSession,
    ) -> Result<Session, JsValue> {
        let view = view.shared();
        let room = room.shared();
        let context = {
            let mut view = view.borrow_mut();
            view.check()?;
            view.shows_picture = false;
            view.gpu.context.clone()
        };
        Gpu::make_xr_compatible(&context).await?;
        let options = object([
            ("alpha", true.into()),
            ("antialias", false.into()),
            ("depth", false.into()),
            ("stencil", false.into()),
            ("ignoreDepthValues", true.into()),
        ]);
        let layer =
            XrWebGlLayer::new(&xr_session, &context, &options).map_err(failed("XRWebGLLayer"))?;
        xr_session
            .update_render_state(&object([
                ("baseLayer", (*layer).clone().into()),
                ("depthNear", 0.05.into()),
                ("depthFar", 100.0.into()),
            ]))
            .map_err(failed("updateRenderState"))?;
        let space = xr_session
            .request_reference_space("local")
            .map_err(failed("requestReferenceSpace"))?;
        let space = JsFuture::from(space)
            .await
            .map_err(failed("requestReferenceSpace"))?
            .unchecked_into();
        let (hits, problem) = match Hits::open(&xr_session).await {
            Ok(hits) => (hits, None),
            Err(error) => (Hits::default(), Some(error)),
        };
        let senses = RefCell::new(Senses::open(&xr_session));
        let backdrop = if adds_light(xr_session.environment_blend_mode().as_deref()) {
            Backdrop::Additive
        } else {
            Backdrop::Transparent
        };
        let shared = Rc::new(SharedSession {
            xr: xr_session,
            layer,
            backdrop,
            space,
            view,
            room,
            hits: Rc::new(RefCell::new(hits)),
            anchors: Rc::default(),
            senses,
            stage: RefCell::new(Stage::new(less_motion())),
            frame: RefCell::default(),
            times: RefCell::default(),
            mode: Cell::new(Mode::Pin),
            label: RefCell::default(),
            points: RefCell::default(),
            reflections: Cell::new(None),
            running: Cell::new(true),
            told_tracking: Cell::new(None),
            told_hit: Cell::new(None),
            told_error: RefCell::default(),
            on_event: RefCell::default(),
            early: RefCell::default(),
            listeners: RefCell::default(),
        });
        shared.room.with_client(Client::begin_device_frame);
        shared.listen();
        shared.ask_for_light();
        if let Some(error) = problem {
            shared.tell(error.into());
        }
        Ok(Session { shared })
    }

    /// What a tap does from now on: `pin` or `align`.
    ///
    /// # Errors
    /// `bad-argument`.
    #[wasm_bindgen(js_name = setMode)]
    pub fn set_mode(&self, mode: &str) -> Result<(), JsValue> {
        let mode = match mode {
            "pin" => Mode::Pin,
            "align" => Mode::Align,
            _ => {
                return Err(Error::BadArgument {
                    what: "mode",
                    reason: "it is pin or align".into(),
                }
                .into());
            }
        };
        self.shared.mode.set(mode);
        Ok(())
    }

    /// The label of the pins that are placed from now on.
    #[wasm_bindgen(js_name = setLabel)]
    pub fn set_label(&self, text: &str) {
        *self.shared.label.borrow_mut() = text.trim().to_owned();
    }

    /// Shows these points of the session's world from now on: x, y, z each, in metres. They are drawn where there is one
    /// view.
    #[wasm_bindgen(js_name = setPoints)]
    pub fn set_points(&self, points: &[f32]) {
        let mut shown = self.shared.points.borrow_mut();
        shown.clear();
        shown.extend_from_slice(points);
    }

    /// Calls back with each event (JSON), those first that came before the page listened.
    #[wasm_bindgen(js_name = onEvent)]
    pub fn on_event(&self, callback: Function) {
        *self.shared.on_event.borrow_mut() = Some(callback);
        let early = self.shared.early.take();
        for event in early {
            self.shared.tell(event);
        }
    }

    /// Figures as JSON.
    pub fn stats(&self) -> String {
        let pins = self.shared.stage.borrow().pins.len();
        report::stats(
            &self.shared.frame.borrow(),
            &self.shared.times.borrow(),
            &self.shared.anchors.borrow(),
            pins,
            self.shared.reflections.get(),
        )
    }

    /// Places as JSON: the viewer, the hit, the alignment, the pins, all in the session's frame.
    pub fn probe(&self) -> String {
        let frame = self.shared.frame.borrow();
        let anchors = self.shared.anchors.borrow();
        self.shared
            .room
            .read(|client| report::probe(client, &frame, &anchors))
            .unwrap_or_default()
    }

    /// Ends the session; does nothing when it is over.
    ///
    /// # Errors
    /// `xr-failed` when the platform refuses.
    pub async fn end(&self) -> Result<(), JsValue> {
        let shared = Rc::clone(&self.shared);
        if !shared.running.get() {
            return Ok(());
        }
        let promise = shared.xr.end().map_err(failed("end"))?;
        JsFuture::from(promise).await.map_err(failed("end"))?;
        shared.ended();
        Ok(())
    }
}

impl SharedSession {
    /// Listens to the session and asks for its first frame.
    fn listen(self: &Rc<Self>) {
        let (a, b, c, d, e) = (
            Rc::clone(self),
            Rc::clone(self),
            Rc::clone(self),
            Rc::clone(self),
            Rc::clone(self),
        );
        let listeners = Listeners {
            on_frame: Closure::new(move |time_millis, frame| a.frame_came(time_millis, &frame)),
            on_select: Closure::new(move |event| b.tapped(&event)),
            on_end: Closure::new(move || c.ended()),
            on_visibility: Closure::new(move || {
                d.tell(SessionEvent::Visibility {
                    state: d.xr.visibility_state(),
                });
            }),
            on_reset: Closure::new(move || e.was_reset()),
        };
        self.xr.listen("select", function(&listeners.on_select));
        self.xr.listen("end", function(&listeners.on_end));
        self.xr
            .listen("visibilitychange", function(&listeners.on_visibility));
        self.space.listen("reset", function(&listeners.on_reset));
        self.xr
            .request_animation_frame(function(&listeners.on_frame));
        *self.listeners.borrow_mut() = Some(listeners);
    }

    /// Asks for the session's light; frames do not wait for the answer.
    fn ask_for_light(self: &Rc<Self>) {
        let shared = Rc::clone(self);
        spawn_local(async move {
            let context = shared.view.borrow().gpu.context.clone();
            let probe = LightProbe::open(&shared.xr, &context).await;
            shared.senses.borrow_mut().set_light_probe(probe);
        });
    }

    /// Asks for the next frame.
    fn ask_for_frame(&self) {
        if let Some(listeners) = &*self.listeners.borrow() {
            self.xr
                .request_animation_frame(function(&listeners.on_frame));
        }
    }

    /// The platform moved the origin: what was aligned is not any more, and anchors of pins stay with their pins only
    /// in the room.
    fn was_reset(&self) {
        self.anchors.borrow_mut().clear();
        self.room.with_client(Client::begin_device_frame);
        self.tell(SessionEvent::Reset);
    }

    /// The session is over, by the page, the person or the system.
    fn ended(self: &Rc<Self>) {
        if !self.running.replace(false) {
            return;
        }
        self.hits.borrow_mut().close();
        self.anchors.borrow_mut().clear();
        self.room.with_client(Client::end_device_frame);
        self.tell(SessionEvent::Ended);
        // Not now: one of them may be running.
        let listeners = self.listeners.take();
        spawn_local(async move { drop(listeners) });
    }

    /// Tells the page, or keeps the event until it listens.
    fn tell(&self, event: SessionEvent) {
        let callback = self.on_event.borrow().clone();
        let Some(callback) = callback else {
            self.early.borrow_mut().push(event);
            return;
        };
        let json = serde_json::to_string(&event).unwrap_or_default();
        if let Err(thrown) = callback.call1(&JsValue::NULL, &json.into()) {
            web_sys::console::error_1(&thrown);
        }
    }
}

fn failed(call: &'static str) -> impl Fn(JsValue) -> Error {
    move |thrown| Error::Xr {
        call,
        reason: reason(&thrown),
    }
}

fn function<T: ?Sized + wasm_bindgen::closure::WasmClosure>(closure: &Closure<T>) -> &Function {
    closure.as_ref().unchecked_ref()
}

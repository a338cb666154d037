//! Hit tests: the surface in the middle of the view, under a finger on the screen, and along a controller's ray.

use std::{cell::RefCell, rc::Rc};

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::xr::{
    XrFrame, XrHitTestResult, XrHitTestSource, XrInputSource, XrReferenceSpace, XrSession,
    XrTransientInputHitTestResult, has, object, rigid,
};
use crate::{error::Error, frame::Hit, web::js_error::reason};

/// A finger is up for at most this long when its tap is reported, in milliseconds.
const FINGER_MILLIS: f64 = 500.0;

/// The hit test sources of a session, and what they met in the last frame.
#[derive(Default)]
pub(super) struct Hits {
    viewer: Option<XrHitTestSource>,
    transient: Option<XrHitTestSource>,
    pointers: Vec<Pointer>,
    viewer_hit: Option<Hit>,
    fingers: Vec<Finger>,
}

/// A controller or a hand that points.
struct Pointer {
    input: XrInputSource,
    source: Option<XrHitTestSource>,
    /// Whether a frame has asked the source already.
    asked: bool,
    hit: Option<Hit>,
}

/// A finger on the screen.
struct Finger {
    input: XrInputSource,
    hit: Option<Hit>,
    seen_millis: f64,
}

impl Hits {
    /// Asks for the sources that serve a whole session.
    ///
    /// # Errors
    /// [`Error::Xr`] when the session has no hit test.
    pub(super) async fn open(session: &XrSession) -> Result<Hits, Error> {
        let failed = |call| {
            move |thrown: JsValue| Error::Xr {
                call,
                reason: reason(&thrown),
            }
        };
        if !has(session, "requestHitTestSource") {
            return Err(Error::Xr {
                call: "requestHitTestSource",
                reason: "this session has no hit test".into(),
            });
        }
        let space = session
            .request_reference_space("viewer")
            .map_err(failed("requestReferenceSpace"))?;
        let space = JsFuture::from(space)
            .await
            .map_err(failed("requestReferenceSpace"))?;
        let source = session
            .request_hit_test_source(&object([("space", space)]))
            .map_err(failed("requestHitTestSource"))?;
        let viewer = JsFuture::from(source)
            .await
            .map_err(failed("requestHitTestSource"))?;
        Ok(Hits {
            viewer: Some(viewer.unchecked_into()),
            transient: transient_source(session).await,
            ..Hits::default()
        })
    }

    /// Reads what the sources met in this frame, and asks for a source for each pointer that is new.
    pub(super) fn read(
        hits: &Rc<RefCell<Hits>>,
        session: &XrSession,
        frame: &XrFrame,
        space: &XrReferenceSpace,
        now_millis: f64,
    ) {
        let mut this = hits.borrow_mut();
        this.viewer_hit = this
            .viewer
            .as_ref()
            .and_then(|source| frame.hit_test_results(source).ok())
            .and_then(|results| first_hit(&results, space));
        let inputs = pointers(session);
        this.pointers.retain(|pointer| {
            let keep = inputs.contains(&pointer.input);
            if !keep && let Some(source) = &pointer.source {
                let _gone_already = source.cancel();
            }
            keep
        });
        for pointer in &mut this.pointers {
            if let Some(source) = &pointer.source {
                pointer.asked = true;
                pointer.hit = frame
                    .hit_test_results(source)
                    .ok()
                    .and_then(|results| first_hit(&results, space));
            }
        }
        for input in inputs {
            if !this.pointers.iter().any(|pointer| pointer.input == input) {
                this.pointers.push(Pointer {
                    input: input.clone(),
                    source: None,
                    asked: false,
                    hit: None,
                });
                ask_for_pointer(Rc::clone(hits), session, input);
            }
        }
        this.read_fingers(frame, space, now_millis);
    }

    /// The surface for the reticle: under the first pointer, else in the middle of the view.
    pub(super) fn reticle(&self) -> Option<Hit> {
        match self.pointers.iter().find(|pointer| pointer.asked) {
            Some(pointer) => pointer.hit,
            None => self.viewer_hit,
        }
    }

    /// The surface that a tap of this input meets.
    pub(super) fn of_input(&self, input: &XrInputSource, now_millis: f64) -> Option<Hit> {
        let finger = self.fingers.iter().find(|finger| {
            finger.input == *input && now_millis - finger.seen_millis < FINGER_MILLIS
        });
        if let Some(finger) = finger {
            return finger.hit;
        }
        let pointer = self
            .pointers
            .iter()
            .find(|pointer| pointer.input == *input && pointer.asked);
        match pointer {
            Some(pointer) => pointer.hit,
            None => self.viewer_hit,
        }
    }

    /// Forgets all sources; the session is over.
    pub(super) fn close(&mut self) {
        *self = Hits::default();
    }

    fn read_fingers(&mut self, frame: &XrFrame, space: &XrReferenceSpace, now_millis: f64) {
        self.fingers
            .retain(|finger| now_millis - finger.seen_millis < FINGER_MILLIS);
        let Some(results) = self
            .transient
            .as_ref()
            .and_then(|source| frame.transient_hit_test_results(source).ok())
        else {
            return;
        };
        for result in results.iter() {
            let result: XrTransientInputHitTestResult = result.unchecked_into();
            let input = result.input_source();
            self.fingers.retain(|finger| finger.input != input);
            self.fingers.push(Finger {
                hit: first_hit(&result.results(), space),
                input,
                seen_millis: now_millis,
            });
        }
    }
}

/// A source for fingers on the screen, where the platform has it.
async fn transient_source(session: &XrSession) -> Option<XrHitTestSource> {
    if !has(session, "requestHitTestSourceForTransientInput") {
        return None;
    }
    let options = object([("profile", "generic-touchscreen".into())]);
    let promise = session.request_transient_hit_test_source(&options).ok()?;
    JsFuture::from(promise)
        .await
        .ok()
        .map(JsCast::unchecked_into)
}

/// Asks for a source along the ray of an input; without one, its taps take the middle of the view.
fn ask_for_pointer(hits: Rc<RefCell<Hits>>, session: &XrSession, input: XrInputSource) {
    let options = object([("space", input.target_ray_space().into())]);
    let Ok(promise) = session.request_hit_test_source(&options) else {
        return;
    };
    spawn_local(async move {
        let Ok(source) = JsFuture::from(promise).await else {
            return;
        };
        let mut hits = hits.borrow_mut();
        let pointer = hits
            .pointers
            .iter_mut()
            .find(|pointer| pointer.input == input);
        if let Some(pointer) = pointer {
            pointer.source = Some(source.unchecked_into());
        }
    });
}

fn pointers(session: &XrSession) -> Vec<XrInputSource> {
    Array::from(&session.input_sources())
        .iter()
        .map(JsCast::unchecked_into::<XrInputSource>)
        .filter(|input| input.target_ray_mode() == "tracked-pointer")
        .collect()
}

/// The nearest surface of a list; the platform sorts by distance.
fn first_hit(results: &Array, space: &XrReferenceSpace) -> Option<Hit> {
    let first = results.get(0);
    if first.is_undefined() {
        return None;
    }
    let pose = first
        .unchecked_into::<XrHitTestResult>()
        .pose(space)
        .ok()??;
    Some(Hit {
        device_from_hit: rigid(&pose.transform()),
    })
}

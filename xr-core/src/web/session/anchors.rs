//! The platform's anchors under pins of this session: when the platform corrects its map, the pins follow. They are
//! this device's own; what is shared is the pose in the room.

use std::{cell::RefCell, rc::Rc};

use chat_relay_protocol::AnnotationId;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::xr::{XrAnchor, XrFrame, XrReferenceSpace, has, rigid, transform};
use crate::pose::Rigid;

/// See the module.
#[derive(Default)]
pub(super) struct Anchors {
    held: Vec<Held>,
}

struct Held {
    pin: AnnotationId,
    anchor: XrAnchor,
    /// Where the anchor is now; the last known place while the platform does not know.
    device_from_pin: Rigid,
}

impl Anchors {
    /// Anchors a pin where it stands, if the platform can.
    pub(super) fn hold(
        anchors: &Rc<RefCell<Anchors>>,
        frame: &XrFrame,
        space: &XrReferenceSpace,
        pin: AnnotationId,
        device_from_pin: Rigid,
    ) {
        if !has(frame, "createAnchor") {
            return;
        }
        let Ok(promise) =
            transform(&device_from_pin).and_then(|pose| frame.create_anchor(&pose, space))
        else {
            return;
        };
        let anchors = Rc::clone(anchors);
        spawn_local(async move {
            if let Ok(anchor) = JsFuture::from(promise).await {
                anchors.borrow_mut().held.push(Held {
                    pin,
                    anchor: anchor.unchecked_into(),
                    device_from_pin,
                });
            }
        });
    }

    /// Reads where the anchors are in this frame, and lets go of those whose pin is gone.
    pub(super) fn read(
        &mut self,
        frame: &XrFrame,
        space: &XrReferenceSpace,
        exists: impl Fn(&AnnotationId) -> bool,
    ) {
        self.held.retain_mut(|held| {
            if !exists(&held.pin) {
                let _gone_already = held.anchor.delete();
                return false;
            }
            if let Ok(Some(pose)) = frame.pose(&held.anchor.anchor_space(), space) {
                held.device_from_pin = rigid(&pose.transform());
            }
            true
        });
    }

    /// Where the platform has the pin now.
    pub(super) fn device_from_pin(&self, pin: &AnnotationId) -> Option<Rigid> {
        let held = self.held.iter().find(|held| held.pin == *pin)?;
        Some(held.device_from_pin)
    }

    pub(super) fn len(&self) -> usize {
        self.held.len()
    }

    /// Forgets all anchors; their frame of reference is gone.
    pub(super) fn clear(&mut self) {
        self.held.clear();
    }
}

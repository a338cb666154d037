//! What a person does, as ops.

use chat_relay_protocol::{
    AnnotationId, Body, DeviceId, Fields, MAX_CHAT_CHARS, SceneOp, Value,
    scene::{
        FIELD_KIND, FIELD_LABEL, FIELD_PARENT, FIELD_PARENT_FROM_OBJECT, KIND_PIN, PARENT_ROOM,
    },
};
use glam::{DQuat, DVec3};

use super::client::{Client, Moment};
use crate::{error::Error, pose::Rigid};

/// The longest label, in Unicode scalar values.
pub const MAX_LABEL_CHARS: usize = 200;

impl Client {
    /// Writes a chat message.
    ///
    /// # Errors
    /// [`Error::BadArgument`] when it is empty or too long; [`Error::Closed`].
    pub fn chat(&mut self, text: &str, now: Moment) -> Result<(), Error> {
        let text = text.trim();
        check_length("message", text, 1, MAX_CHAT_CHARS)?;
        self.push(Body::Chat { text: text.into() }, now)?;
        self.edited(now);
        Ok(())
    }

    /// Puts a pin at a point of the room, metres.
    ///
    /// # Errors
    /// [`Error::BadArgument`] when the point is not finite or the label too long; [`Error::Closed`].
    pub fn place_pin_in_room(
        &mut self,
        point_in_room: DVec3,
        label: &str,
        now: Moment,
    ) -> Result<AnnotationId, Error> {
        let room_from_pin = Rigid {
            rotation: DQuat::IDENTITY,
            translation_m: point_in_room,
        };
        let id = self.put_pin(PARENT_ROOM, room_from_pin, label, now)?;
        self.edited(now);
        Ok(id)
    }

    /// Puts a pin where it stands in the frame of the AR session under way. Once the device is aligned, its parent
    /// is the room; before that, the session's origin anchor, which gets its place when the device is aligned.
    ///
    /// # Errors
    /// [`Error::BadArgument`] when the pose is not finite or the label too long; [`Error::Closed`].
    pub fn place_pin_in_device(
        &mut self,
        device_from_pin: Rigid,
        label: &str,
        now: Moment,
    ) -> Result<AnnotationId, Error> {
        let id = if let Some(room_from_device) = self.confirmed_room_from_device() {
            self.put_pin(PARENT_ROOM, room_from_device * device_from_pin, label, now)?
        } else {
            check_pin(&device_from_pin, label)?;
            let anchor = self.origin_anchor(now)?;
            self.put_pin(anchor.as_str(), device_from_pin, label, now)?
        };
        self.edited(now);
        Ok(id)
    }

    /// Changes the label of an annotation.
    ///
    /// # Errors
    /// [`Error::NoSuchAnnotation`]; [`Error::BadArgument`] when the label is too long; [`Error::Closed`].
    pub fn relabel(&mut self, id: &str, label: &str, now: Moment) -> Result<(), Error> {
        let id = self.existing(id)?;
        check_length("label", label, 0, MAX_LABEL_CHARS)?;
        let fields = Fields::from([(FIELD_LABEL.into(), label.into())]);
        self.patch(id, fields, now)?;
        self.edited(now);
        Ok(())
    }

    /// Removes an annotation.
    ///
    /// # Errors
    /// [`Error::NoSuchAnnotation`]; [`Error::Closed`].
    pub fn remove(&mut self, id: &str, now: Moment) -> Result<(), Error> {
        let id = self.existing(id)?;
        let op = SceneOp::Delete { id };
        self.push(Body::Scene { op }, now)?;
        self.edited(now);
        Ok(())
    }

    pub(super) fn put(
        &mut self,
        id: AnnotationId,
        fields: Fields,
        now: Moment,
    ) -> Result<AnnotationId, Error> {
        let op = SceneOp::Put {
            id: id.clone(),
            fields,
        };
        self.push(Body::Scene { op }, now)?;
        Ok(id)
    }

    pub(super) fn patch(
        &mut self,
        id: AnnotationId,
        fields: Fields,
        now: Moment,
    ) -> Result<(), Error> {
        let op = SceneOp::Patch {
            id,
            fields,
            only_if_seq: std::collections::BTreeMap::new(),
        };
        self.push(Body::Scene { op }, now)?;
        Ok(())
    }

    /// An id that no other device makes: the device, and the counter of the op that is made next.
    pub(super) fn fresh_id(&self, what: &str) -> Result<AnnotationId, Error> {
        let device: &DeviceId = self.device();
        let counter = self.outbox.next_counter();
        AnnotationId::new(format!("{device}-{what}{counter}")).map_err(|error| Error::BadArgument {
            what: "device",
            reason: error.to_string(),
        })
    }

    pub(super) fn edited(&mut self, now: Moment) {
        self.refold(now);
        self.flush(now);
    }

    fn put_pin(
        &mut self,
        parent: &str,
        parent_from_pin: Rigid,
        label: &str,
        now: Moment,
    ) -> Result<AnnotationId, Error> {
        check_pin(&parent_from_pin, label)?;
        let mut fields = Fields::from([
            (FIELD_KIND.into(), KIND_PIN.into()),
            (FIELD_PARENT.into(), parent.into()),
            (
                FIELD_PARENT_FROM_OBJECT.into(),
                chat_relay_protocol::Pose::from(parent_from_pin).to_value(),
            ),
        ]);
        if !label.is_empty() {
            fields.insert(FIELD_LABEL.into(), Value::from(label));
        }
        self.put(self.fresh_id("")?, fields, now)
    }

    fn existing(&self, id: &str) -> Result<AnnotationId, Error> {
        AnnotationId::new(id)
            .ok()
            .filter(|id| self.scene().get(id).is_some())
            .ok_or_else(|| Error::NoSuchAnnotation { id: id.into() })
    }
}

fn check_pin(pose: &Rigid, label: &str) -> Result<(), Error> {
    check_length("label", label, 0, MAX_LABEL_CHARS)?;
    if pose.translation_m.is_finite() && pose.rotation.is_finite() {
        Ok(())
    } else {
        Err(Error::BadArgument {
            what: "position",
            reason: "it is not finite".into(),
        })
    }
}

fn check_length(what: &'static str, text: &str, least: usize, most: usize) -> Result<(), Error> {
    let count = text.chars().count();
    if (least..=most).contains(&count) {
        Ok(())
    } else {
        Err(Error::BadArgument {
            what,
            reason: format!("it has {count} characters; {least} to {most} fit"),
        })
    }
}

//! What a person does in space, as ops.

use chat_relay_protocol::{
    AnnotationId, Fields, SceneOp, Value,
    scene::{
        FIELD_KIND, FIELD_LABEL, FIELD_PARENT, FIELD_PARENT_FROM_OBJECT, KIND_PIN, PARENT_ROOM,
    },
};
use glam::{DQuat, DVec3};

use super::{Moment, client::Client};
use crate::{error::Error, pose::Rigid};

pub use chat_relay_protocol::bounds::MAX_LABEL_CHARS;

impl Client {
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
        self.follow_scene(now);
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
        self.follow_scene(now);
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
        self.relay.patch_undoably(id, fields, now)?;
        self.follow_scene(now);
        Ok(())
    }

    /// Removes an annotation.
    ///
    /// # Errors
    /// [`Error::NoSuchAnnotation`]; [`Error::Closed`].
    pub fn remove(&mut self, id: &str, now: Moment) -> Result<(), Error> {
        let id = self.existing(id)?;
        self.relay.change_scene(SceneOp::Delete { id }, now)?;
        self.follow_scene(now);
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
        self.relay.change_scene(op, now)?;
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
        self.relay.change_scene(op, now)?;
        Ok(())
    }

    /// An id that no other device makes: the device, and the counter of the op that is made next.
    pub(super) fn fresh_id(&self, what: &str) -> Result<AnnotationId, Error> {
        let next = self.relay.next_op_id();
        AnnotationId::new(format!("{}-{what}{}", next.device, next.counter)).map_err(|error| {
            Error::BadArgument {
                what: "device",
                reason: error.to_string(),
            }
        })
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

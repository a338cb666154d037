//! How an AR session finds its place in the room, and what is put down before it has.
//!
//! The first device's second spot defines the room's frame. When two devices do so at the same time, the first in
//! the relay's order holds, and the other is aligned to it from the spots it touched. The origin anchor gets its
//! place only from a frame that the log confirms, and loses it when the spots turn out not to be the room's: others
//! never see its children at a wrong spot.

use chat_relay_protocol::{
    AnnotationId, Body, Fields, Pose, RoomChange, Value,
    scene::{FIELD_KIND, FIELD_PARENT, FIELD_PARENT_FROM_OBJECT, KIND_ANCHOR, PARENT_ROOM},
};
use glam::DVec3;

use super::{
    Moment,
    client::Client,
    device_frame::{AlignmentEvent, DeviceFrame},
};
use crate::{
    alignment::{Alignment, align, second_spot_in_room},
    error::Error,
    placement::DeviceView,
    pose::Rigid,
};

/// The parent of an anchor that has lost its place: no annotation has this id, so the chain of parents ends there.
const UNPLACED: &str = "unplaced";

impl Client {
    /// An AR session starts, or its origin moved: nothing is known of its place.
    pub fn begin_device_frame(&mut self, now: Moment) {
        self.frame = Some(DeviceFrame::default());
        self.lose_place(now);
    }

    /// The AR session is over.
    pub fn end_device_frame(&mut self, now: Moment) {
        self.frame = None;
        self.lose_place(now);
    }

    fn lose_place(&mut self, now: Moment) {
        self.set_presence(now, |presence| {
            presence.aligned = false;
            presence.room_from_head = None;
        });
        self.relay.mark_changed();
    }

    /// A person touched a spot, in the device's frame, metres. What comes of it is told by
    /// [`Client::take_alignment_event`].
    ///
    /// # Errors
    /// [`Error::Closed`].
    pub fn touch_spot(&mut self, point_in_device: DVec3, now: Moment) -> Result<(), Error> {
        let frame = self.frame.get_or_insert_default();
        let Some(first) = frame.first_spot.take() else {
            frame.first_spot = Some(point_in_device);
            frame.events.push_back(AlignmentEvent::Spot {
                index: 0,
                point_in_device,
            });
            self.relay.mark_changed();
            return Ok(());
        };
        frame.events.push_back(AlignmentEvent::Spot {
            index: 1,
            point_in_device,
        });
        let spots = [first, point_in_device];
        match second_spot_in_room(spots) {
            Err(error) => frame.events.push_back(AlignmentEvent::Refused(error)),
            Ok(second) => {
                frame.spots = Some(spots);
                if self.scene().second_spot_in_room().is_none() {
                    let change = RoomChange::DefineFrame {
                        second_spot_in_room: second.to_array(),
                    };
                    self.relay.send(Body::Room { change }, now)?;
                }
            }
        }
        self.follow_alignment(now);
        self.follow_scene(now);
        self.relay.mark_changed();
        Ok(())
    }

    /// Where the AR session stands in the room, as far as is known.
    pub fn alignment(&self) -> Option<&Alignment> {
        self.frame.as_ref()?.alignment.as_ref()
    }

    /// The first of two spots, while the second is awaited; in the device's frame, metres.
    pub fn first_spot(&self) -> Option<DVec3> {
        self.frame.as_ref()?.first_spot
    }

    /// The two spots that were touched last; in the device's frame, metres.
    pub fn spots(&self) -> Option<[DVec3; 2]> {
        self.frame.as_ref()?.spots
    }

    /// What happened to the alignment since the last call.
    pub fn take_alignment_event(&mut self) -> Option<AlignmentEvent> {
        self.frame.as_mut()?.events.pop_front()
    }

    /// What this device's AR session can place annotations with.
    pub fn device_view(&self) -> DeviceView<'_> {
        let frame = self.frame.as_ref();
        DeviceView {
            device_from_room: self
                .alignment()
                .map(|alignment| alignment.room_from_device().inverse()),
            origin_anchor: frame.and_then(|frame| frame.origin_anchor.as_ref()),
        }
    }

    /// The head's pose in the device's frame, for others to see where this device is; `None` when not tracked.
    pub fn set_head(&mut self, device_from_head: Option<Rigid>, now: Moment) {
        let room_from_head = self
            .alignment()
            .map(Alignment::room_from_device)
            .zip(device_from_head)
            .map(|(room_from_device, head)| {
                rounded(Pose::from(room_from_device * head)).to_value()
            });
        self.set_presence(now, |presence| presence.room_from_head = room_from_head);
    }

    /// The other devices whose head has a known place: name, hue, `room_from_head`.
    pub fn heads(&self) -> impl Iterator<Item = (&str, u8, Rigid)> {
        self.relay
            .others()
            .filter(|member| member.presence.aligned)
            .filter_map(|member| {
                let pose = Pose::from_value(member.presence.room_from_head.as_ref()?)?;
                Some((member.name.as_str(), member.hue, Rigid::from(pose)))
            })
    }

    /// `room_from_device` when the frame it rests on is in the relay's log.
    pub(super) fn confirmed_room_from_device(&self) -> Option<Rigid> {
        self.relay.confirmed_scene().second_spot_in_room()?;
        self.alignment().map(Alignment::room_from_device)
    }

    /// The session's origin anchor, made when first needed.
    pub(super) fn origin_anchor(&mut self, now: Moment) -> Result<AnnotationId, Error> {
        let known = self
            .frame
            .as_ref()
            .and_then(|frame| frame.origin_anchor.clone());
        if let Some(id) = known.filter(|id| self.scene().get(id).is_some()) {
            return Ok(id);
        }
        let fields = Fields::from([(FIELD_KIND.into(), KIND_ANCHOR.into())]);
        let id = self.put(self.fresh_id("origin-")?, fields, now)?;
        let frame = self.frame.get_or_insert_default();
        frame.origin_anchor = Some(id.clone());
        frame.anchor_said = None;
        Ok(id)
    }

    /// Computes the alignment again from the spots and the room's frame as it is now, and tells the origin anchor.
    pub(super) fn follow_alignment(&mut self, now: Moment) {
        let second = self.scene().second_spot_in_room().map(DVec3::from_array);
        let defined = self.frame_is_mine();
        let Some(frame) = &mut self.frame else {
            return;
        };
        let before = frame.alignment;
        match frame
            .spots
            .zip(second)
            .map(|(spots, second)| align(spots, second))
        {
            // The relay's order may bring the same frame again, off by the last bit of a number.
            Some(Ok(alignment)) if before.is_some_and(|before| before.is_close_to(&alignment)) => {}
            Some(Ok(alignment)) => {
                frame.alignment = Some(alignment);
                frame.events.push_back(AlignmentEvent::Aligned {
                    residual_m: alignment.residual_m,
                    defined,
                });
            }
            Some(Err(error)) => {
                frame.alignment = None;
                frame.spots = None;
                frame.events.push_back(AlignmentEvent::Refused(error));
            }
            None => frame.alignment = None,
        }
        let aligned = frame.alignment.is_some();
        self.set_presence(now, |presence| presence.aligned = aligned);
        self.place_origin_anchor(now);
    }

    /// Whether this device defined the room's frame, or will have when its op is logged.
    pub(super) fn frame_is_mine(&self) -> bool {
        match self.relay.frame_defined_by() {
            Some(device) => device == self.device(),
            // Pending, or in a snapshot that does not say whose it was.
            None => {
                self.scene().second_spot_in_room().is_some()
                    && self.relay.confirmed_scene().second_spot_in_room().is_none()
            }
        }
    }

    fn place_origin_anchor(&mut self, now: Moment) {
        let room_from_device = self.confirmed_room_from_device();
        let unconfirmed = self.relay.confirmed_scene().second_spot_in_room().is_none();
        let Some(frame) = &mut self.frame else {
            return;
        };
        let Some(id) = frame.origin_anchor.clone() else {
            return;
        };
        if frame.anchor_said == room_from_device || unconfirmed {
            return;
        }
        frame.anchor_said = room_from_device;
        let fields = match room_from_device {
            Some(pose) => Fields::from([
                (FIELD_PARENT.into(), Value::from(PARENT_ROOM)),
                (FIELD_PARENT_FROM_OBJECT.into(), Pose::from(pose).to_value()),
            ]),
            None => Fields::from([(FIELD_PARENT.into(), Value::from(UNPLACED))]),
        };
        // Closed is the only error, and a closed room needs no anchor.
        let _closed = self.patch(id, fields, now);
    }
}

/// Presence needs no more than a millimetre; fewer digits are fewer bytes.
fn rounded(pose: Pose) -> Pose {
    let round = |n: f64| (n * 1000.0).round() / 1000.0;
    Pose {
        position_m: pose.position_m.map(round),
        orientation_xyzw: pose.orientation_xyzw.map(round),
    }
}

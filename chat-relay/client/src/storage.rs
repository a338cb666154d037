//! What a device keeps between visits: the ops that were not sent, the next counter, and the room as it has it.
//! The bytes go through [`Effect::Persist`](crate::Effect::Persist); where they lie is the page's business.
//!
//! It is written in the types of the wire, which the module reads anyway: each further one that can be read makes the
//! browser's module larger.

use chat_relay_protocol::{
    DeviceId, Direct, HeldOp, MemberId, Op, Person, RoomId, Seq, SnapshotPart, from_map,
};
use serde::Serialize;

use crate::outbox::{Outbox, Request};

const VERSION: u32 = 3;

/// The stored state.
#[derive(Debug, Serialize)]
pub(crate) struct Stored {
    version: u32,
    room: RoomId,
    device: DeviceId,
    pub(crate) next_counter: u64,
    /// Ops for the log, with the time at which they were made.
    ops: Vec<HeldOp>,
    /// Direct messages that are in no inbox yet.
    directs: Vec<Direct>,
    pub(crate) epoch: Option<String>,
    /// The room as it is here.
    pub(crate) snapshot: SnapshotPart,
    pub(crate) frame_defined_by: Option<DeviceId>,
    pub(crate) known: Vec<Person>,
    pub(crate) inbox: Vec<Direct>,
    pub(crate) read_seq: Seq,
}

from_map!(Stored {
    version,
    room,
    device,
    next_counter,
    ops,
    directs,
    epoch,
    snapshot,
    frame_defined_by,
    known,
    inbox,
    read_seq
});

impl Stored {
    pub(crate) fn new(
        room: &RoomId,
        device: &DeviceId,
        member: &MemberId,
        outbox: &Outbox,
    ) -> Stored {
        let mut stored = Stored {
            version: VERSION,
            room: room.clone(),
            device: device.clone(),
            next_counter: outbox.next_counter(),
            ops: Vec::new(),
            directs: Vec::new(),
            epoch: None,
            snapshot: SnapshotPart::default(),
            frame_defined_by: None,
            known: Vec::new(),
            inbox: Vec::new(),
            read_seq: 0,
        };
        for pending in outbox.pending() {
            let (from, at) = (member.clone(), pending.made_at_unix_millis);
            let op_id = pending.op_id.clone();
            match &pending.request {
                Request::Append(body) => {
                    let body = body.clone();
                    let op = Op { op_id, body };
                    stored.ops.push(HeldOp { from, at, op });
                }
                Request::Direct { to, text } => stored.directs.push(Direct {
                    seq: 0,
                    at,
                    from,
                    to: to.clone(),
                    op_id,
                    text: text.clone(),
                }),
            }
        }
        stored
    }

    /// Reads what was stored. `None` when it is of another device, room or version, or cannot be read: the device then
    /// starts with what the relay has.
    pub(crate) fn read(json: &str, room: &RoomId, device: &DeviceId) -> Option<Stored> {
        let stored: Stored = chat_relay_protocol::read_json(json).ok()?;
        let fits = stored.version == VERSION && stored.room == *room && stored.device == *device;
        fits.then_some(stored)
    }

    /// The ops that were not sent.
    pub(crate) fn take_outbox(&mut self) -> Outbox {
        let mut outbox = Outbox::new(self.device.clone(), self.next_counter);
        for HeldOp { at, op, .. } in self.ops.drain(..) {
            outbox.restore(op.op_id.counter, Request::Append(op.body), at);
        }
        for direct in self.directs.drain(..) {
            let (to, text) = (direct.to, direct.text);
            outbox.restore(
                direct.op_id.counter,
                Request::Direct { to, text },
                direct.at,
            );
        }
        outbox
    }

    pub(crate) fn to_json(&self) -> String {
        // Keys are strings and writing to memory does not fail; an empty text reads as nothing stored.
        serde_json::to_string(self).unwrap_or_default()
    }
}

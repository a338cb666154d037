//! What a device keeps between visits: the ops that were not sent, the next counter, and the room as it has it.
//! The bytes go through [`Effect::Persist`](crate::Effect::Persist); where they lie is the page's business.

use std::collections::BTreeMap;

use chat_relay_protocol::{DeviceId, MemberId, RoomId, Seq};
use serde::{Deserialize, Serialize};

use crate::{
    inbox::Inbox,
    log::StoredLog,
    members::Known,
    outbox::{Outbox, Request},
};

const VERSION: u32 = 2;

/// The stored state.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stored {
    version: u32,
    room: RoomId,
    device: DeviceId,
    pub(crate) next_counter: u64,
    pub(crate) pending: Vec<StoredOp>,
    pub(crate) log: Option<StoredLog>,
    pub(crate) known: BTreeMap<MemberId, Known>,
    pub(crate) inbox: Inbox,
    pub(crate) read_seq: Seq,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StoredOp {
    pub(crate) counter: u64,
    pub(crate) request: Request,
    pub(crate) at: i64,
}

impl Stored {
    pub(crate) fn new(room: &RoomId, device: &DeviceId, outbox: &Outbox) -> Stored {
        Stored {
            version: VERSION,
            room: room.clone(),
            device: device.clone(),
            next_counter: outbox.next_counter(),
            pending: outbox
                .pending()
                .map(|pending| StoredOp {
                    counter: pending.op_id.counter,
                    request: pending.request.clone(),
                    at: pending.made_at_unix_millis,
                })
                .collect(),
            log: None,
            known: BTreeMap::new(),
            inbox: Inbox::default(),
            read_seq: 0,
        }
    }

    /// Reads what was stored. `None` when it is of another device, room or version, or cannot be read: the device then
    /// starts with what the relay has.
    pub(crate) fn read(json: &str, room: &RoomId, device: &DeviceId) -> Option<Stored> {
        let stored: Stored = chat_relay_protocol::json::read(json).ok()?;
        let fits = stored.version == VERSION && stored.room == *room && stored.device == *device;
        fits.then_some(stored)
    }

    pub(crate) fn to_json(&self) -> String {
        // Keys are strings and writing to memory does not fail; an empty text reads as nothing stored.
        serde_json::to_string(self).unwrap_or_default()
    }
}

//! What a device keeps between visits: the ops that were not sent, the next counter, and the log it has.
//! The bytes go through [`Effect::Persist`](super::Effect::Persist); where they lie is the page's business.

use std::collections::BTreeMap;

use chat_relay_protocol::{DeviceId, Event, Op, RoomId};
use serde::{Deserialize, Serialize};

use super::{log::Log, members::Known, outbox::Outbox};

const VERSION: u32 = 1;

/// A log longer than this is not kept: the relay sends it again.
const MAX_STORED_EVENTS: usize = 2000;

/// The stored state.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stored {
    version: u32,
    room: RoomId,
    device: DeviceId,
    pub(crate) next_counter: u64,
    pub(crate) pending: Vec<StoredOp>,
    #[serde(default)]
    pub(crate) log: Option<StoredLog>,
    #[serde(default)]
    pub(crate) known: BTreeMap<DeviceId, Known>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StoredOp {
    pub(crate) op: Op,
    pub(crate) at: i64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StoredLog {
    pub(crate) epoch: String,
    pub(crate) events: Vec<Event>,
}

impl Stored {
    pub(crate) fn new(
        room: &RoomId,
        device: &DeviceId,
        outbox: &Outbox,
        log: &Log,
        known: &BTreeMap<DeviceId, Known>,
    ) -> Stored {
        let log = log
            .epoch()
            .filter(|_| log.events().len() <= MAX_STORED_EVENTS)
            .map(|epoch| StoredLog {
                epoch: epoch.into(),
                events: log.events().to_vec(),
            });
        Stored {
            version: VERSION,
            room: room.clone(),
            device: device.clone(),
            next_counter: outbox.next_counter(),
            pending: outbox
                .pending()
                .map(|pending| StoredOp {
                    op: pending.op.clone(),
                    at: pending.made_at_unix_millis,
                })
                .collect(),
            log,
            known: known.clone(),
        }
    }

    /// Reads what was stored. `None` when it is of another device or room, or cannot be read: the device then
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

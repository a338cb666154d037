//! The latest presence of one connection, on its way from the socket to the room: however often a device says
//! what it does, the room reads only the last of it.

use std::sync::{Mutex, PoisonError};

use chat_relay_protocol::Presence;

/// A slot for one presence.
#[derive(Debug, Default)]
pub(crate) struct PresenceSlot(Mutex<Option<Presence>>);

impl PresenceSlot {
    /// Puts `presence` in the place of what is there. Returns whether the slot was empty: then, and only then,
    /// the room has to be told.
    pub(super) fn put(&self, presence: Presence) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .replace(presence)
            .is_none()
    }

    /// Takes what is there.
    pub(super) fn take(&self) -> Option<Presence> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

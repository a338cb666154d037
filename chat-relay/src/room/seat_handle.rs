//! What a connection holds of its place in a room.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use chat_relay_protocol::DeviceId;

use super::{Room, seats::SeatId};

/// What a connection holds of its seat. Dropping it leaves the room.
pub(crate) struct SeatHandle {
    pub(crate) room: Arc<Room>,
    pub(crate) id: SeatId,
    pub(crate) device: DeviceId,
    pub(crate) in_flight: Arc<AtomicUsize>,
}

impl SeatHandle {
    /// How many of its ops wait for their commit.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }
}

impl Drop for SeatHandle {
    fn drop(&mut self) {
        self.room.leave(self.id);
    }
}

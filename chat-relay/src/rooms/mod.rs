//! Who is in which room, and who hears what. One task per room with somebody in it ([`actor`]); the [`Hub`]
//! finds it, starts it, and brings it what the store committed.
//!
//! A room's task never waits for a socket: what it sends goes into the bounded queue of each connection
//! ([`Outbox`](crate::outbox::Outbox)), and a connection whose queue is full is closed to resume later.

mod actor;
mod hues;
mod presence;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chat_relay_protocol::{DeviceId, Member, RoomId, Seq};
use tokio::sync::{mpsc, oneshot};

use crate::{
    outbox::Outbox,
    store::{Readers, RoomRecord, StoreError, StoredEvent},
};
use actor::RoomMessage;
pub(crate) use presence::PresenceSlot;

/// Why a device does not get into a room.
#[derive(Debug)]
pub(crate) enum JoinError {
    /// As many are connected as may be.
    Full,
    /// The room's log cannot be read.
    /// Its log cannot be read.
    Store(
        #[allow(dead_code, reason = "logged where it arose; here it is shown by Debug")] StoreError,
    ),
}

/// A connection that wants into its room.
#[derive(Debug)]
pub(crate) struct Newcomer {
    pub(crate) device: DeviceId,
    pub(crate) name: String,
    /// The hue it had before.
    pub(crate) hue: Option<u8>,
    pub(crate) outbox: Outbox,
}

/// A connection's place in its room. Dropping it leaves the room.
#[derive(Debug)]
pub(crate) struct Seat {
    room: mpsc::UnboundedSender<RoomMessage>,
    device: DeviceId,
    connection: u64,
    presence: Arc<PresenceSlot>,
    /// This device as others see it.
    pub(crate) you: Member,
    /// Everybody, this device included, when it came.
    pub(crate) members: Vec<Member>,
    /// The last event before those that come by the outbox.
    pub(crate) last_seq: Seq,
}

impl Seat {
    /// Says what the device does just now; the room hears of the latest with its next batch.
    pub(crate) fn set_presence(&self, presence: chat_relay_protocol::Presence) {
        if self.presence.put(presence) {
            // A room that has ended has nobody to tell.
            let _ = self
                .room
                .send(RoomMessage::PresenceChanged(self.device.clone()));
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let _ = self.room.send(RoomMessage::Leave {
            device: self.device.clone(),
            connection: self.connection,
        });
    }
}

/// What all rooms share.
#[derive(Debug, Clone)]
pub(crate) struct RoomSettings {
    pub(crate) members: usize,
    pub(crate) presence_interval: Duration,
}

/// The rooms with somebody in them.
#[derive(Debug)]
pub(crate) struct Hub {
    rooms: Arc<Rooms>,
    settings: RoomSettings,
    connections: AtomicU64,
}

/// The mailboxes of the rooms' tasks. Unbounded, yet what can lie in one is bounded: commits by the ops in
/// flight, joins and leaves by the connections, presence by one notice per member.
type Rooms = Mutex<HashMap<RoomId, mpsc::UnboundedSender<RoomMessage>>>;

impl Hub {
    pub(crate) fn new(settings: RoomSettings) -> Self {
        Self {
            rooms: Arc::default(),
            settings,
            connections: AtomicU64::new(1),
        }
    }

    /// Brings committed events to their room's task; for the store's thread.
    pub(crate) fn on_commit(&self) -> impl Fn(&RoomId, Vec<StoredEvent>) + Send + use<> {
        let rooms = Arc::clone(&self.rooms);
        move |room, events| {
            // Without a task nobody is connected: the events are read from the store by who comes later.
            if let Some(mailbox) = lock(&rooms).get(room) {
                let _ = mailbox.send(RoomMessage::Committed(events));
            }
        }
    }

    /// Takes a connection into its room.
    ///
    /// # Errors
    /// [`JoinError`] when the room is full or its log cannot be read.
    pub(crate) async fn join(
        &self,
        room: &RoomRecord,
        newcomer: Newcomer,
        readers: &Readers,
    ) -> Result<Seat, JoinError> {
        let connection = self.connections.fetch_add(1, Ordering::Relaxed);
        let (answer, answered) = oneshot::channel();
        {
            // Sent under the lock, under which a room's task also ends: so it reaches one that lives.
            let mut rooms = lock(&self.rooms);
            let mailbox = rooms.entry(room.id.clone()).or_insert_with(|| {
                actor::spawn(
                    room.clone(),
                    self.settings.clone(),
                    readers.clone(),
                    Arc::clone(&self.rooms),
                )
            });
            let message = RoomMessage::Join {
                newcomer,
                connection,
                mailbox: mailbox.clone(),
                answer,
            };
            let _ = mailbox.send(message);
        }
        answered
            .await
            .unwrap_or_else(|_| Err(JoinError::Store(StoreError::new("the room ended"))))
    }
}

fn lock(
    rooms: &Rooms,
) -> std::sync::MutexGuard<'_, HashMap<RoomId, mpsc::UnboundedSender<RoomMessage>>> {
    rooms.lock().unwrap_or_else(PoisonError::into_inner)
}

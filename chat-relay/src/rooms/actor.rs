//! The task of one room: its members, what they hear, and their presence in batches.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chat_relay_protocol::{DeviceId, Member, MemberPresence, Presence, Seq, ServerMessage};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until},
};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::{JoinError, Newcomer, PresenceSlot, RoomSettings, Rooms, Seat, hues, lock};
use crate::{
    outbox::{Closing, Outbox},
    store::{Readers, RoomRecord, StoredEvent, events_message},
};

/// The size of an `events` message above which a commit is told in several.
const FAN_OUT_BYTES: usize = 256 * 1024;

/// What a room's task is told.
#[derive(Debug)]
pub(super) enum RoomMessage {
    Join {
        newcomer: Newcomer,
        connection: u64,
        /// The room's own mailbox, for the seat.
        mailbox: mpsc::UnboundedSender<RoomMessage>,
        answer: oneshot::Sender<Result<Seat, JoinError>>,
    },
    Leave {
        device: DeviceId,
        connection: u64,
    },
    /// The device's slot, empty before, has a presence.
    PresenceChanged(DeviceId),
    /// Consecutive events that the store has committed.
    Committed(Vec<StoredEvent>),
}

struct Connected {
    member: Member,
    connection: u64,
    outbox: Outbox,
    presence: Arc<PresenceSlot>,
}

struct Room {
    members: BTreeMap<DeviceId, Connected>,
    /// The last event that went out, or that the log had before.
    last_seq: Seq,
    /// Whose presence goes out with the next batch, and when that is.
    changed: BTreeSet<DeviceId>,
    batch_at: Option<Instant>,
    settings: RoomSettings,
}

/// Starts the task of `record`'s room; its mailbox is to go into `rooms` before the lock on them is given up.
/// The task takes it out again when the last member has gone.
pub(super) fn spawn(
    record: RoomRecord,
    settings: RoomSettings,
    readers: Readers,
    rooms: Arc<Rooms>,
) -> mpsc::UnboundedSender<RoomMessage> {
    let (mailbox, mail) = mpsc::unbounded_channel();
    tokio::spawn(run(record, settings, readers, rooms, mail));
    mailbox
}

async fn run(
    record: RoomRecord,
    settings: RoomSettings,
    readers: Readers,
    rooms: Arc<Rooms>,
    mut mail: mpsc::UnboundedReceiver<RoomMessage>,
) {
    // The mailbox stands in `rooms` already: a commit after this read is in the mail, one before is in it too
    // or in what is read here.
    let last_seq = match readers.last_seq(record.key).await {
        Ok(last_seq) => last_seq,
        Err(error) => {
            tracing::error!(room = %record.id, %error, "a room's log cannot be read");
            lock(&rooms).remove(&record.id);
            while let Ok(message) = mail.try_recv() {
                if let RoomMessage::Join { answer, .. } = message {
                    let _ = answer.send(Err(JoinError::Store(error.clone())));
                }
            }
            return;
        }
    };
    let mut room = Room {
        members: BTreeMap::new(),
        last_seq,
        changed: BTreeSet::new(),
        batch_at: None,
        settings,
    };
    loop {
        let message = tokio::select! {
            message = mail.recv() => message,
            () = due(room.batch_at) => {
                room.send_presence();
                continue;
            }
        };
        let Some(message) = message else { return };
        room.handle(message);
        if room.members.is_empty() {
            let mut rooms = lock(&rooms);
            // Joins are sent under this lock: when there is no mail now, none will come.
            if mail.is_empty() {
                rooms.remove(&record.id);
                return;
            }
        }
    }
}

async fn due(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

impl Room {
    fn handle(&mut self, message: RoomMessage) {
        match message {
            RoomMessage::Join {
                newcomer,
                connection,
                mailbox,
                answer,
            } => {
                // Whoever asked may have given up: then the seat is dropped, which leaves the room.
                let _ = answer.send(self.join(newcomer, connection, mailbox));
            }
            RoomMessage::Leave { device, connection } => self.leave(&device, connection),
            RoomMessage::PresenceChanged(device) => {
                self.changed.insert(device);
                self.batch_at
                    .get_or_insert_with(|| Instant::now() + self.settings.presence_interval);
            }
            RoomMessage::Committed(events) => self.fan_out(events),
        }
    }

    fn join(
        &mut self,
        newcomer: Newcomer,
        connection: u64,
        mailbox: mpsc::UnboundedSender<RoomMessage>,
    ) -> Result<Seat, JoinError> {
        let Newcomer {
            device,
            name,
            hue,
            outbox,
        } = newcomer;
        let former = self.members.remove(&device);
        if former.is_none() && self.members.len() >= self.settings.members {
            return Err(JoinError::Full);
        }
        if let Some(former) = &former {
            former.outbox.close(Closing::replaced());
        }
        let hue = former.as_ref().map_or_else(
            || hues::choose(hue, self.members.values().map(|other| other.member.hue)),
            |former| former.member.hue,
        );
        let you = Member {
            device: device.clone(),
            name,
            hue,
            presence: Presence::default(),
        };
        let joined = ServerMessage::Joined {
            member: you.clone(),
        };
        self.tell_all(&joined.to_json().into());
        let presence = Arc::new(PresenceSlot::default());
        let connected = Connected {
            member: you.clone(),
            connection,
            outbox,
            presence: Arc::clone(&presence),
        };
        self.members.insert(device.clone(), connected);
        Ok(Seat {
            room: mailbox,
            device,
            connection,
            presence,
            you,
            members: self
                .members
                .values()
                .map(|other| other.member.clone())
                .collect(),
            last_seq: self.last_seq,
        })
    }

    fn leave(&mut self, device: &DeviceId, connection: u64) {
        // A seat that was replaced is no longer the device's.
        if self.members.get(device).map(|member| member.connection) != Some(connection) {
            return;
        }
        self.members.remove(device);
        self.changed.remove(device);
        let left = ServerMessage::Left {
            device: device.clone(),
        };
        self.tell_all(&left.to_json().into());
    }

    fn fan_out(&mut self, mut events: Vec<StoredEvent>) {
        // What a room's task read from the log at its start may come by mail as well.
        events.retain(|event| event.seq > self.last_seq);
        let Some(first) = events.first() else { return };
        if first.seq != self.last_seq + 1 {
            // Cannot happen while one thread commits; were it to, resuming heals it.
            tracing::error!(
                after = self.last_seq,
                got = first.seq,
                "a gap in a room's events"
            );
            for member in self.members.values() {
                member.outbox.close(Closing::lagged());
            }
        }
        if let Some(last) = events.last() {
            self.last_seq = last.seq;
        }
        let mut rest = &events[..];
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(piece_len(rest));
            self.tell_all(&events_message(piece));
            rest = after;
        }
    }

    fn send_presence(&mut self) {
        self.batch_at = None;
        let members: Vec<_> = std::mem::take(&mut self.changed)
            .into_iter()
            .filter_map(|device| {
                let connected = self.members.get_mut(&device)?;
                let presence = connected.presence.take()?;
                connected.member.presence = presence.clone();
                Some(MemberPresence { device, presence })
            })
            .collect();
        if !members.is_empty() {
            self.tell_all(&ServerMessage::Presence { members }.to_json().into());
        }
    }

    /// Encoded once, shared by all.
    fn tell_all(&self, message: &Utf8Bytes) {
        for member in self.members.values() {
            member.outbox.push(message.clone());
        }
    }
}

/// How many events go into one message: at least one.
fn piece_len(events: &[StoredEvent]) -> usize {
    let mut bytes = 0;
    let fitting = events
        .iter()
        .take_while(|event| {
            bytes += event.json.len();
            bytes <= FAN_OUT_BYTES
        })
        .count();
    fitting.max(1)
}

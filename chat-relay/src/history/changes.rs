//! What is asked to be written.

use std::{fmt, time::Duration};

use chat_relay_protocol::{DeviceId, MemberId, Role, RoomId, Seq};

use super::{
    error::HistoryError,
    keys::{DeviceKey, Lease, MemberKey, RoomKey, SecretHash},
};

/// What a request is answered with, once.
pub type Done = Box<dyn FnOnce(Result<(), HistoryError>) + Send>;

/// A request of an open room: consecutive entries of its log and what belongs to them. All of it becomes durable,
/// or nothing.
pub struct RoomAppend {
    /// The room.
    pub room: RoomKey,
    /// From [`History::load_room`](super::History::load_room).
    pub lease: Lease,
    /// The number of the first entry, or of the next one where there are none: the log has to end right before.
    pub first_seq: Seq,
    /// The entries, numbered from `first_seq` on.
    pub entries: Vec<NewEntry>,
    /// What else changes.
    pub changes: Vec<Change>,
    /// Called once, see [`History::append`](super::History::append).
    pub done: Done,
}

impl fmt::Debug for RoomAppend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomAppend")
            .field("room", &self.room)
            .field("lease", &self.lease)
            .field("first_seq", &self.first_seq)
            .field("entries", &self.entries)
            .field("changes", &self.changes)
            .finish_non_exhaustive()
    }
}

/// An event to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// Its place in the log.
    pub seq: Seq,
    /// When the room took it.
    pub at: i64,
    /// Who sent it.
    pub member: MemberKey,
    /// On which device.
    pub device: DeviceKey,
    /// The op's counter on that device.
    pub counter: u64,
    /// The body, as the protocol's `Body` writes itself.
    pub body_json: Box<str>,
}

/// A durable change that is no entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// An op waits for approval.
    Hold(HeldEntry),
    /// An op waits no more: approved (its entry is in the same request) or rejected.
    Unhold {
        /// Whose.
        device: DeviceKey,
        /// Which.
        counter: u64,
    },
    /// A member's standing from now on.
    Standing {
        /// Whose.
        member: MemberKey,
        /// What it is.
        role: Role,
        /// Whether it may not write.
        muted: bool,
        /// Whether it was put out.
        removed: bool,
    },
    /// A direct message.
    Direct(NewDirect),
    /// An op that leaves no trace of its own counts as seen, as one that was refused for good.
    Counter {
        /// Whose.
        device: DeviceKey,
        /// Up to this one.
        counter: u64,
    },
}

/// An op that waits for approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldEntry {
    /// When the room took it.
    pub at: i64,
    /// Who sent it.
    pub member: MemberKey,
    /// On which device.
    pub device: DeviceKey,
    /// The op's counter on that device.
    pub counter: u64,
    /// The body, as the protocol's `Body` writes itself.
    pub body_json: Box<str>,
}

/// A direct message, which stands in two inboxes, or in one where somebody writes to themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDirect {
    /// When the room took it.
    pub at: i64,
    /// Who sent it.
    pub from: MemberKey,
    /// Its place in the sender's inbox: the next one there.
    pub from_seq: Seq,
    /// Whom it is for.
    pub to: MemberKey,
    /// Its place in the receiver's inbox: the next one there. Not used where `to` is `from`.
    pub to_seq: Seq,
    /// The device it was sent on.
    pub device: DeviceKey,
    /// The op's counter on that device.
    pub counter: u64,
    /// What is written.
    pub text: Box<str>,
}

/// A room to make.
#[derive(Debug, Clone)]
pub struct NewRoom {
    /// Its id.
    pub id: RoomId,
    /// The code that admits to it, in the form that it is asked for.
    pub code: String,
    /// The epoch of its log.
    pub epoch: String,
    /// When it is made.
    pub created_at: i64,
    /// Its first member.
    pub owner: NewMember,
}

/// A member to add, with its first device.
#[derive(Debug, Clone)]
pub struct NewMember {
    /// Its id.
    pub id: MemberId,
    /// The name to show.
    pub name: String,
    /// 0 to 7.
    pub hue: u8,
    /// What it is.
    pub role: Role,
    /// When it joined.
    pub created_at: i64,
    /// What it joined with.
    pub device: NewDevice,
}

/// A device to add.
#[derive(Debug, Clone)]
pub struct NewDevice {
    /// Its id.
    pub id: DeviceId,
    /// SHA-256 of its secret.
    pub secret: SecretHash,
    /// When it joined.
    pub created_at: i64,
}

/// How long and how much is kept. Only what a snapshot stands for is ever dropped from a log that lives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retention {
    /// Events older than this are dropped; none keeps them.
    pub event_age: Option<Duration>,
    /// A log keeps at most this many events; none for any number.
    pub events_per_room: Option<u64>,
    /// A room that was not in use for so long expires; none keeps it.
    pub room_unused: Option<Duration>,
    /// For how long an expired room's id still answers as expired; none for ever.
    pub expired_known: Option<Duration>,
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Events that were dropped from logs that live on.
    pub events_pruned: u64,
    /// Rooms that expired.
    pub rooms_expired: u64,
}

/// A commit, or a failed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupReport {
    /// From the start of the transaction until it was durable or had failed.
    pub duration: Duration,
    /// Requests in it.
    pub requests: usize,
    /// Entries of logs in it.
    pub entries: usize,
    /// Whether it succeeded. Single requests may have been refused all the same.
    pub committed: bool,
}

/// Called after the `done`s of a group, on the thread that called them.
pub type OnGroup = Box<dyn Fn(&GroupReport) + Send + Sync>;

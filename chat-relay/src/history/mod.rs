//! What a relay keeps: the log of every room, its members and devices, snapshots, inboxes, held ops. In: requests
//! from the one owner that each open room has. Out: answers once what they answer for is durable, and what was
//! kept, in order.
//!
//! The room is the sequencer, not the history: it gives each event its `seq` and its time, and the history takes
//! the append only where the log ends right before it (compare-and-append). Who loads a room gets a [`Lease`];
//! loading it again, a failed write and the room's expiry end the lease, so that a request which was under way
//! meanwhile cannot slip in behind one that failed.
//!
//! | module | what |
//! |---|---|
//! | `keys` | rows as numbers, and the lease |
//! | `changes` | what is written |
//! | `records` | what is read |
//! | `error` | why something was refused, why a store does not open |
//! | `sqlite` | the store of one machine, `SqliteHistory` |
//! | `memory` | the same in memory, for tests and the simulated network, `MemoryHistory` |
//! | `dump` | all of it as JSON Lines, out and in |
//!
//! What is *not* here: the meaning of a body (only whether it is a chat message), who may do what, and any clock:
//! times come in, in milliseconds since the Unix epoch.

mod changes;
pub mod dump;
mod error;
mod keys;
mod memory;
mod records;
mod sqlite;

#[cfg(test)]
mod conformance;

use futures_util::future::BoxFuture;

pub use changes::{
    Change, Done, GroupReport, HeldEntry, NewDevice, NewDirect, NewEntry, NewMember, NewRoom,
    OnGroup, Retention, RoomAppend, Swept,
};
pub use error::{HistoryError, OpenError};
pub use keys::{DeviceKey, Lease, MemberKey, RoomKey, SecretHash};
pub use memory::{MemoryConfig, MemoryHistory};
pub use records::{
    Admission, DeviceRecord, DirectRow, EventRow, Events, FoundRoom, HeldRow, MemberRecord,
    OpPlace, RoomLoad, RoomRecord, Snapshot,
};
pub use sqlite::{SqliteConfig, SqliteHistory};

use chat_relay_protocol::{DeviceId, RoomId, Seq};

/// An answer that is waited for.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, HistoryError>>;

/// A history, shared by all rooms of a process.
///
/// Futures may be dropped at any time; a write that was asked for happens all the same.
pub trait History: Send + Sync + 'static {
    // --- Rooms that are open ---------------------------------------------------------------------------------

    /// Opens a room: everything that its owner needs, and the lease to write with. Ends the lease that was given
    /// before, so that everything asked for with it is either in the load or is refused.
    ///
    /// # Errors
    /// [`HistoryError::NoRoom`] when there is none of this key or it has expired.
    fn load_room(&self, room: RoomKey) -> Answer<'_, RoomLoad>;

    /// Writes to an open room's log, with what belongs to it: all of it or nothing. Never waits; `done` is called
    /// once, in the order of the requests of a room, on a thread of the history and after the commit, or before
    /// this returns where the history is closed. After an error the room has to be loaded again.
    fn append(&self, append: RoomAppend);

    /// Keeps how far a member has read, some time within a second or two, without an answer. A lower number than
    /// the one kept is passed over.
    fn keep_read(&self, member: MemberKey, seq: Seq);

    /// Keeps that a room was in use, as [`History::keep_read`] does. Appends count as use without it.
    fn touch_room(&self, room: RoomKey, now_millis: i64);

    /// Ends a lease without opening the room again: what is kept for an open room is let go, and it may expire.
    fn close_room(&self, room: RoomKey, lease: Lease);

    /// Replaces the room's snapshot. `body` is whatever the caller can read again.
    ///
    /// # Errors
    /// [`HistoryError::Conflict`] when `seq` lies behind the log's end or before the snapshot kept.
    fn save_snapshot(&self, room: RoomKey, seq: Seq, body: Vec<u8>) -> Answer<'_, ()>;

    /// How many entries wait for their commit. A caller sheds load above a limit of its own.
    fn queued_entries(&self) -> usize;

    // --- Rooms, members, devices -----------------------------------------------------------------------------

    /// Makes a room with its owner and the owner's first device.
    ///
    /// # Errors
    /// [`HistoryError::CodeTaken`]: draw another code. [`HistoryError::IdTaken`].
    fn create_room(&self, room: NewRoom) -> Answer<'_, Admission>;

    /// Adds a member with its first device.
    ///
    /// # Errors
    /// [`HistoryError::NoRoom`], [`HistoryError::IdTaken`].
    fn add_member(&self, room: RoomKey, member: NewMember) -> Answer<'_, Admission>;

    /// Adds a device to a member.
    ///
    /// # Errors
    /// [`HistoryError::NoMember`], [`HistoryError::IdTaken`].
    fn add_device(&self, member: MemberKey, device: NewDevice) -> Answer<'_, DeviceRecord>;

    /// Forgets a device's secret (log-out): it is admitted no more. Its ops stay recognised.
    fn remove_device(&self, device: DeviceKey) -> Answer<'_, ()>;

    /// Keeps a member's name and hue.
    ///
    /// # Errors
    /// [`HistoryError::NoMember`].
    fn keep_member(&self, member: MemberKey, name: String, hue: u8) -> Answer<'_, ()>;

    /// Gives a room another code; the old one is free from then on.
    ///
    /// # Errors
    /// [`HistoryError::CodeTaken`]: draw another one. [`HistoryError::NoRoom`].
    fn set_code(&self, room: RoomKey, code: String) -> Answer<'_, ()>;

    // --- Reading ---------------------------------------------------------------------------------------------

    /// The room of this id.
    fn room_by_id(&self, id: RoomId) -> Answer<'_, FoundRoom>;

    /// The room that this code admits to, in the form that it was given in.
    fn room_by_code(&self, code: String) -> Answer<'_, FoundRoom>;

    /// Whom a secret admits, and where. A removed member is found too: [`MemberRecord::removed`] says so.
    fn admission_by_secret(&self, secret: SecretHash) -> Answer<'_, Option<Admission>>;

    /// The same by the device's id, for tokens that name it. `None` once the device was removed.
    fn admission_by_device(&self, device: DeviceId) -> Answer<'_, Option<Admission>>;

    /// The highest counter of a device's ops that the history has seen, 0 for none.
    fn last_counter(&self, room: RoomKey, device: DeviceKey) -> Answer<'_, u64>;

    /// What became of an op. `None`: it was not seen and may be taken.
    fn find_op(
        &self,
        room: RoomKey,
        device: DeviceKey,
        counter: u64,
    ) -> Answer<'_, Option<OpPlace>>;

    /// Consecutive events after `after`, up to `last`: at least one if there is one, then as many as fit into
    /// `chunk_bytes` of bodies and 100 bytes an event.
    fn events(
        &self,
        room: RoomKey,
        after: Seq,
        last: Seq,
        chunk_bytes: usize,
    ) -> Answer<'_, Events>;

    /// The events of these numbers, those that are there, oldest first.
    fn events_at(&self, room: RoomKey, seqs: Vec<Seq>) -> Answer<'_, Vec<EventRow>>;

    /// The latest `limit` chat messages before `before`, oldest first: bodies of the kind `chat`.
    fn chat_before(&self, room: RoomKey, before: Seq, limit: usize) -> Answer<'_, Vec<EventRow>>;

    /// How many chat messages of others than `member` there are after `after`, counted up to `limit`.
    fn chat_count(
        &self,
        room: RoomKey,
        member: MemberKey,
        after: Seq,
        limit: usize,
    ) -> Answer<'_, usize>;

    /// Entries of a member's inbox after `after`, oldest first, at most `limit`.
    fn inbox(&self, member: MemberKey, after: Seq, limit: usize) -> Answer<'_, Vec<DirectRow>>;

    // --- Upkeep ----------------------------------------------------------------------------------------------

    /// Drops the events before `before_seq`, as far as the snapshot stands for them; some of the latest may stay until
    /// another time. Their ops stay recognised. Answers with the last event that is gone.
    fn prune(&self, room: RoomKey, before_seq: Seq) -> Answer<'_, Seq>;

    /// Prunes all rooms and lets unused ones expire that are not open, in small portions between commits. One at a
    /// time: a second call waits for the first.
    fn sweep(&self, retention: Retention, now_millis: i64) -> Answer<'_, Swept>;

    /// Whether writes are taken just now: a small one is tried where none succeeded in the last second.
    fn probe(&self) -> Answer<'_, ()>;

    /// Commits what was asked for and ends. Requests afterwards answer [`HistoryError::Closed`].
    fn close(&self) -> Answer<'_, ()>;
}

/// Whether a body is a chat message. The tag comes first in what the protocol writes.
fn is_chat(body_json: &str) -> bool {
    body_json.starts_with(r#"{"kind":"chat","#)
}

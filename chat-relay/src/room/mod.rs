//! One room with somebody in it: its order, its members, what they hear.
//!
//! In: connections that join ([`Room::join`]), what they send ([`Room::submit`] and the like), word from the history
//! that something is durable ([`Room::committed`]), and ticks for what goes out in batches. Out: requests to the
//! history, and frames into the connections' outboxes.
//!
//! The room is the sequencer. An op that is taken gets its `seq` at once and changes the room's state, against which
//! the next one is checked; it is told to anybody, its sender included, only after its commit. When a commit fails the
//! whole room is given up: what was not committed never happened, its connections end and come back, and the room is
//! loaded again.
//!
//! | file | what |
//! |---|---|
//! | `loading` | a room from the history |
//! | `state` | what its log says so far |
//! | `snapshot` | the same in parts, for newcomers |
//! | `authority` | who may do what |
//! | `seats` | the connections in it |
//! | `seat_handle` | what a connection holds of its seat |
//! | `joining` | coming and going |
//! | `submitting` | ops, taken or refused |
//! | `byte_budget` | how many bytes of them there may be |
//! | `told` | what is told after one commit |
//! | `committing` | what is told after a commit |
//! | `changed` | whose presence goes out next |
//! | `presence` | what members do just now, in batches |
//! | `reading` | read positions, and pages of old messages |
//! | `catching_up` | what a connection is sent from the log |
//! | `encoding` | events as messages, once for all who get them |
//!
//! Everything of a room is under one lock, which is held for no I/O but writing to sockets that take it at once. All
//! that touches a room runs on one thread, its shard's, unless a connection came by TLS.

mod authority;
mod byte_budget;
mod catching_up;
mod changed;
mod committing;
mod encoding;
mod hues;
mod joining;
mod loading;
mod presence;
mod reading;
mod seat_handle;
mod seats;
mod snapshot;
mod state;
mod submitting;
mod told;

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use chat_relay_protocol::{DeviceId, HeldOp, MemberId, OpId, Seq};
use tokio::time::Instant;

use crate::{
    config::Limits,
    history::{DeviceKey, History, Lease, MemberKey, RoomRecord},
    mailbox::Mailbox,
    rate_limit::Bucket,
};
use byte_budget::ByteBudget;
pub(crate) use catching_up::CaughtUp;
use changed::Changed;
pub(crate) use changed::interval_millis;
pub(crate) use joining::{JoinError, Newcomer};
pub(crate) use seat_handle::SeatHandle;
use seats::Seats;
use snapshot::Snapshot;
use state::RoomState;
pub(crate) use submitting::{Submitted, rate_limited};
use told::Told;

/// What all rooms of a relay share.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) history: Arc<dyn History>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) clock: crate::clock::Clock,
    pub(crate) metrics: crate::metrics::Metrics,
}

/// See the [module](self).
pub(crate) struct Room {
    pub(crate) record: RoomRecord,
    pub(crate) around: Surroundings,
    mailbox: Mailbox<Room>,
    inner: Mutex<Inner>,
}

/// What is under the lock.
struct Inner {
    lease: Lease,
    /// With everything that was taken, committed or not.
    state: RoomState,
    members: HashMap<MemberId, MemberEntry>,
    seats: Seats,
    /// Whose presence goes out next.
    changed: Changed,
    /// The last event that was taken.
    last_seq: Seq,
    /// When it was taken: the next one is not earlier.
    last_at: i64,
    /// The last event that is durable, and told.
    committed_seq: Seq,
    /// When the history was last told that the room is visited, in milliseconds since the Unix epoch.
    touched_at: Option<i64>,
    /// Events up to this one are gone from the log.
    pruned_seq: Seq,
    /// The event that the stored snapshot stands for.
    snapshot_seq: Seq,
    /// A snapshot is on its way to the history.
    saving_snapshot: bool,
    /// What is told after the commits under way, one each, in their order.
    under_way: VecDeque<Told>,
    held: BTreeMap<OpId, HeldEntry>,
    /// The highest counter that was taken from each device since the room was loaded.
    counters: HashMap<DeviceId, u64>,
    bucket: Bucket,
    bytes: ByteBudget,
    /// What the last newcomer that needed a snapshot is told, for as long as somebody is.
    snapshot: Weak<Snapshot>,
    /// Newcomers wait for the commit of what their snapshot holds.
    snapshot_waits: bool,
    /// The room is given up, or has been put away: who comes is to look for it anew.
    over: bool,
    /// The shard ticks the room.
    ticking: bool,
}

/// A member, here or not.
#[derive(Debug, Clone)]
struct MemberEntry {
    key: MemberKey,
    name: String,
    hue: u8,
    read_seq: Seq,
    /// The last entry of its inbox that was taken.
    inbox_seq: Seq,
    /// The last one that is durable.
    inbox_committed: Seq,
}

/// An op that waits for approval.
#[derive(Debug, Clone)]
struct HeldEntry {
    held: HeldOp,
    device: DeviceKey,
}

impl Room {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends what is due by now. Tells when the next tick is due, if one is.
    pub(crate) fn tick(&self, now: Instant) -> Option<Instant> {
        let mut inner = self.lock();
        let next = inner.tick_presence(now);
        inner.ticking = next.is_some();
        next
    }

    /// Puts the room away, if nobody is in it and nothing is under way. Tells whether it is over.
    pub(crate) fn put_away(&self) -> bool {
        let mut inner = self.lock();
        if inner.over {
            return true;
        }
        if inner.seats.is_empty() && inner.under_way.is_empty() && !inner.saving_snapshot {
            inner.over = true;
            self.touch(&mut inner);
            self.around.history.close_room(self.record.key, inner.lease);
        }
        inner.over
    }

    /// An op that waits for approval.
    pub(crate) fn held(&self, op_id: &OpId) -> Option<HeldOp> {
        self.lock().held.get(op_id).map(|entry| entry.held.clone())
    }

    /// Events up to this one are gone from the log.
    pub(crate) fn pruned_seq(&self) -> Seq {
        self.lock().pruned_seq
    }

    /// Whether the code admits nobody new.
    pub(crate) fn is_closed(&self) -> bool {
        self.lock().state.settings.closed
    }

    /// Ends the connection of a device, if it has one.
    pub(crate) fn log_out(&self, device: &DeviceId) {
        let inner = self.lock();
        if let Some(seat) = inner
            .seats
            .of_device(device)
            .and_then(|id| inner.seats.get(id))
        {
            seat.outbox.close(crate::outbox::Closing::logged_out());
        }
    }
}

impl Inner {
    fn key_of(&self, member: &MemberId) -> Option<MemberKey> {
        self.members.get(member).map(|entry| entry.key)
    }
}

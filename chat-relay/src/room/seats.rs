//! The connections in a room, each with how far it has been told.

use std::{
    collections::VecDeque,
    ops::{Deref, DerefMut},
    sync::{Arc, atomic::AtomicUsize},
};

use chat_relay_protocol::{Codec, DeviceId, MemberId, OpId, Presence, Seq, ServerMessage};
use tokio::time::Instant;

use super::{byte_budget::ByteBudget, snapshot::Telling};
use crate::{
    history::{DeviceKey, MemberKey},
    outbox::{Broadcast, Outbox, broadcast},
};

/// Names a seat; never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SeatId(pub(crate) u64);

/// A connection's place in a room. What every event needs lies together in one cache line; the rest is elsewhere.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) outbox: Outbox,
    /// The last event that went into the outbox.
    pub(super) sent_seq: Seq,
    /// The last entry of the member's inbox that did.
    pub(super) sent_inbox: Seq,
    /// Events go to it as they are committed. Otherwise it is catching up.
    pub(super) live: bool,
    /// It was live and its outbox found no place for an event.
    pub(super) was_slow: bool,
    /// A batch of presence was passed over, because other things waited.
    pub(super) presence_stale: bool,
    rest: Box<SeatRest>,
}

/// What a seat has beside [`Seat`].
#[derive(Debug)]
pub(super) struct SeatRest {
    pub(super) device: DeviceId,
    pub(super) device_key: DeviceKey,
    pub(super) member: MemberId,
    pub(super) member_key: MemberKey,
    /// Ops that wait for their commit.
    pub(super) in_flight: Arc<AtomicUsize>,
    /// The highest counter that was taken from the device.
    pub(super) counter: u64,
    pub(super) presence: Presence,
    /// When it counts as not typing any more.
    pub(super) typing_until: Option<Instant>,
    /// How often it hears of presence, in milliseconds; 0 for never.
    pub(super) presence_millis: u32,
    pub(super) bytes: ByteBudget,
    /// A snapshot that it is told, before everything else of the log.
    pub(super) snapshot: Option<Telling>,
    /// Ops that wait for approval and that it is told of next.
    pub(super) held: VecDeque<OpId>,
}

impl Deref for Seat {
    type Target = SeatRest;

    fn deref(&self) -> &SeatRest {
        &self.rest
    }
}

impl DerefMut for Seat {
    fn deref_mut(&mut self) -> &mut SeatRest {
        &mut self.rest
    }
}

impl Seat {
    /// A seat that has been told everything up to `sent_seq` and `sent_inbox`.
    pub(super) fn new(outbox: Outbox, sent_seq: Seq, sent_inbox: Seq, rest: SeatRest) -> Self {
        Self {
            outbox,
            sent_seq,
            sent_inbox,
            live: false,
            was_slow: false,
            presence_stale: false,
            rest: Box::new(rest),
        }
    }

    /// Whether it has to be told something before it can be level with the log.
    pub(super) fn has_to_be_told(&self) -> bool {
        self.snapshot.is_some() || !self.held.is_empty()
    }

    /// Events and direct messages come from the log from here on, as what was slow to go out has gone.
    pub(super) fn fall_behind(&mut self) {
        self.live = false;
        self.was_slow = true;
        self.outbox.fall_behind();
    }
}

/// All seats of a room, and which are one member's.
#[derive(Debug, Default)]
pub(super) struct Seats {
    /// By id, which rises: a room is small, and is gone through far more often than it is searched.
    seats: Vec<(SeatId, Seat)>,
}

impl Seats {
    pub(super) fn insert(&mut self, id: SeatId, seat: Seat) {
        self.seats.push((id, seat));
    }

    pub(super) fn remove(&mut self, id: SeatId) -> Option<Seat> {
        let index = self.place(id)?;
        Some(self.seats.remove(index).1)
    }

    pub(super) fn get(&self, id: SeatId) -> Option<&Seat> {
        self.place(id).map(|index| &self.seats[index].1)
    }

    pub(super) fn get_mut(&mut self, id: SeatId) -> Option<&mut Seat> {
        self.place(id).map(|index| &mut self.seats[index].1)
    }

    pub(super) fn of_device(&self, device: &DeviceId) -> Option<SeatId> {
        let (id, _) = self.seats.iter().find(|(_, seat)| seat.device == *device)?;
        Some(*id)
    }

    pub(super) fn of_member<'a>(
        &'a mut self,
        member: &'a MemberId,
    ) -> impl Iterator<Item = &'a mut Seat> {
        self.iter_mut().filter(move |seat| seat.member == *member)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (SeatId, &Seat)> {
        self.seats.iter().map(|(id, seat)| (*id, seat))
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Seat> {
        self.seats.iter_mut().map(|(_, seat)| seat)
    }

    fn place(&self, id: SeatId) -> Option<usize> {
        self.seats.binary_search_by_key(&id, |(id, _)| *id).ok()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.seats.is_empty()
    }

    /// Tells all. What finds no place is missed: only what others do not need to know in order goes this way.
    pub(super) fn tell(&self, message: &ServerMessage) {
        self.tell_some(message, |_| true);
    }

    /// Tells those that `which` names.
    pub(super) fn tell_some(&self, message: &ServerMessage, which: impl Fn(&Seat) -> bool) {
        let mut message = broadcast(message);
        for (_, seat) in self.seats.iter().filter(|(_, seat)| which(seat)) {
            tell(seat, &mut message);
        }
    }
}

/// Who is in a room is what a connection has to know: without a place for it, it ends and asks anew.
fn tell<F: Fn(Codec, &mut Vec<u8>)>(seat: &Seat, message: &mut Broadcast<F>) {
    let frame = message.frame(seat.outbox.dialect());
    if seat.outbox.push_needed(frame).is_err() {
        seat.outbox.close(crate::outbox::Closing::lagged());
    }
}

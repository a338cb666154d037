//! What is told once it is durable, and to whom.

use std::{
    collections::VecDeque,
    sync::{Arc, atomic::Ordering},
};

use chat_relay_protocol::{Direct, HeldOp, Member, MemberId, OpId, Role, Seq, ServerMessage};

use super::{
    CaughtUp, Inner, Room,
    encoding::{EventText, pieces, write_events},
    seats::{Seat, SeatId},
};
use crate::{
    history::HistoryError,
    outbox::{Broadcast, Closing},
};

/// The size of a part of what is held, in bytes of JSON; a single larger op still goes.
const HELD_PART_BYTES: usize = 64 * 1024;

impl Room {
    /// The history has done `count` requests of this room, the oldest under way.
    pub(crate) fn committed(self: &Arc<Self>, count: usize) {
        let mut guard = self.lock();
        let inner = &mut *guard;
        if inner.over {
            return;
        }
        let mut events = Vec::new();
        let mut taken_at = None;
        for told in inner
            .under_way
            .drain(..count.min(inner.under_way.len()))
            .collect::<Vec<_>>()
        {
            if let Some(seat) = told.seat.and_then(|id| inner.seats.get(id)) {
                // Only who was held back has something to read on.
                let in_flight = seat.in_flight.fetch_sub(1, Ordering::Relaxed);
                if in_flight >= self.around.limits.ops_in_flight {
                    seat.outbox.wake_reader();
                }
            }
            taken_at = taken_at.or(told.taken_at);
            events.extend(told.events);
            if told.subjects.is_empty() && told.held.is_none() && told.direct.is_none() {
                continue;
            }
            // What is told beside events keeps its place among them.
            inner.fan_out(&std::mem::take(&mut events));
            if let Some(held) = told.held {
                inner.tell_held(held);
            }
            if let Some(direct) = told.direct {
                inner.tell_direct(*direct);
            }
            for (member, became_owner) in told.subjects {
                inner.tell_standing(&member, became_owner);
            }
        }
        let told = inner.fan_out(&events);
        inner.wake_newcomers();
        if let Some(taken_at) = taken_at {
            self.around.metrics.deliveries.inc_by(told as u64);
            self.around
                .metrics
                .fan_out_seconds
                .observe_duration(taken_at.elapsed());
        }
        let settled = inner.under_way.is_empty();
        let due = settled
            && inner.committed_seq >= inner.snapshot_seq + self.around.limits.snapshot_every_events;
        let is_empty = inner.seats.is_empty();
        drop(guard);
        if settled {
            if due {
                self.save_snapshot_if_due();
            }
            if is_empty {
                self.mailbox.emptied(self);
            }
        }
    }

    /// The history could not do a request of this room: the room is given up, its connections come back.
    pub(crate) fn failed(self: &Arc<Self>, error: &HistoryError) {
        let mut inner = self.lock();
        if inner.over {
            return;
        }
        tracing::error!(room = %self.record.id, %error, "a room is given up");
        inner.over = true;
        for (id, seat) in inner.seats.iter() {
            let own = inner.under_way.iter().find(|told| told.seat == Some(id));
            let reason = match own.and_then(|told| told.op_id.clone()) {
                Some(op_id) => Closing::op_not_stored(op_id),
                None => Closing::storage(),
            };
            seat.outbox.close(reason);
        }
        drop(inner);
        self.mailbox.emptied(self);
    }

    /// Gives the state to the history for the next load, where that is worth it.
    pub(super) fn save_snapshot_if_due(self: &Arc<Self>) {
        let mut inner = self.lock();
        let limits = &self.around.limits;
        let keeps_all = limits.retention_days == 0 && limits.retention_events == 0;
        // Old events go only as far as a snapshot stands for them: a room that is left is to have one.
        let every = if inner.seats.is_empty() && !keeps_all {
            1
        } else {
            limits.snapshot_every_events.max(1)
        };
        let due = inner.committed_seq >= inner.snapshot_seq + every;
        if !due || inner.over || inner.saving_snapshot || !inner.under_way.is_empty() {
            return;
        }
        let body = match inner.state.to_bytes() {
            Ok(body) => body,
            Err(error) => {
                tracing::error!(room = %self.record.id, %error, "a room's state cannot be written");
                return;
            }
        };
        inner.saving_snapshot = true;
        let seq = inner.committed_seq;
        drop(inner);
        let room = Arc::clone(self);
        self.mailbox.spawn(async move {
            let saved = room
                .around
                .history
                .save_snapshot(room.record.key, seq, body)
                .await;
            let mut inner = room.lock();
            inner.saving_snapshot = false;
            match saved {
                Ok(()) => inner.snapshot_seq = seq,
                // The next one is tried as late as if this one had been saved.
                Err(error) => {
                    tracing::warn!(room = %room.record.id, %error, "a snapshot was not stored");
                    inner.snapshot_seq = seq;
                }
            }
            let is_empty = inner.seats.is_empty();
            drop(inner);
            if is_empty {
                room.mailbox.emptied(&room);
            }
        });
    }
}

impl Inner {
    /// Sends events to all who are level with the log. Tells to how many connections each went.
    fn fan_out(&mut self, events: &[EventText]) -> usize {
        let Some(last) = events.last() else { return 0 };
        self.committed_seq = last.seq;
        self.state.durable_seq = last.seq;
        let mut deliveries = 0;
        for piece in pieces(events) {
            let Some(last) = piece.last() else { continue };
            let mut message =
                Broadcast::new(|codec, out: &mut Vec<u8>| write_events(piece, codec, out));
            for seat in self.seats.iter_mut().filter(|seat| seat.live) {
                let frame = message.frame(seat.outbox.dialect());
                if seat.outbox.push(frame).is_ok() {
                    seat.sent_seq = last.seq;
                    deliveries += piece.len();
                } else {
                    seat.fall_behind();
                }
            }
        }
        deliveries
    }

    fn tell_held(&self, held: HeldOp) {
        let from = held.from.clone();
        let message = ServerMessage::Held { ops: vec![held] };
        self.seats
            .tell_some(&message, |seat| seat.member == from || self.is_owner(seat));
    }

    /// Has newcomers told their snapshots whose last event is committed by now.
    fn wake_newcomers(&mut self) {
        if !std::mem::take(&mut self.snapshot_waits) {
            return;
        }
        let committed_seq = self.committed_seq;
        for seat in self.seats.iter_mut() {
            let Some(telling) = seat.snapshot.as_ref().filter(|telling| telling.next == 0) else {
                continue;
            };
            if telling.snapshot.seq <= committed_seq {
                seat.outbox.fall_behind();
            } else {
                self.snapshot_waits = true;
            }
        }
    }

    /// Has a seat told all that waits for approval, in parts, as it takes them.
    pub(super) fn tell_all_held(&mut self, id: SeatId) {
        let Some(seat) = self.seats.get(id) else {
            return;
        };
        let held = self.held_for(seat);
        if let Some(seat) = self.seats.get_mut(id)
            && !held.is_empty()
        {
            seat.held = held;
            seat.outbox.fall_behind();
        }
    }

    /// Pushes the next part of what a seat is told before it is level with the log. `None` when that is all.
    pub(super) fn tell_next_part(&mut self, id: SeatId) -> Option<CaughtUp> {
        let committed_seq = self.committed_seq;
        let seat = self.seats.get_mut(id)?;
        if let Some(telling) = seat.snapshot.clone() {
            if telling.snapshot.seq > committed_seq {
                // The commit wakes it.
                return Some(CaughtUp::Level);
            }
            match telling.snapshot.part(telling.next) {
                Some(part) => {
                    let frame = part.frame(seat.outbox.dialect());
                    if seat.outbox.push(frame).is_ok()
                        && let Some(telling) = &mut seat.snapshot
                    {
                        telling.next += 1;
                    }
                }
                None => seat.snapshot = None,
            }
            return Some(CaughtUp::Partly);
        }
        if seat.held.is_empty() {
            return None;
        }
        let (mut ops, mut bytes) = (Vec::new(), 0);
        while bytes < HELD_PART_BYTES
            && let Some(op_id) = seat.held.pop_front()
        {
            // What was decided meanwhile is told by the log.
            let Some(entry) = self.held.get(&op_id) else {
                continue;
            };
            bytes += serde_json::to_vec(&entry.held).map_or(0, |json| json.len());
            ops.push(entry.held.clone());
        }
        if !ops.is_empty() {
            let ids: Vec<OpId> = ops.iter().map(|held| held.op.op_id.clone()).collect();
            let frame = seat.outbox.dialect().message(&ServerMessage::Held { ops });
            if seat.outbox.push(frame).is_err() {
                for op_id in ids.into_iter().rev() {
                    seat.held.push_front(op_id);
                }
            }
        }
        Some(CaughtUp::Partly)
    }

    /// What waits for approval, as far as it is a seat's business.
    fn held_for(&self, seat: &Seat) -> VecDeque<OpId> {
        let under_way = |op_id: &OpId| self.under_way.iter().any(|told| told.is_about(op_id));
        let mut ops: Vec<_> = self
            .held
            .values()
            .map(|entry| &entry.held)
            .filter(|held| self.is_owner(seat) || held.from == seat.member)
            .filter(|held| !under_way(&held.op.op_id))
            .collect();
        ops.sort_by_key(|held| held.at);
        ops.into_iter().map(|held| held.op.op_id.clone()).collect()
    }

    fn is_owner(&self, seat: &Seat) -> bool {
        self.state.settings.standing(&seat.member).role == Role::Owner
    }

    fn tell_direct(&mut self, (in_senders, in_receivers): (Direct, Direct)) {
        let (from, to) = (in_senders.from.clone(), in_receivers.to.clone());
        for (reader, direct) in [(from, in_senders), (to, in_receivers)] {
            if let Some(entry) = self.members.get_mut(&reader) {
                entry.inbox_committed = direct.seq;
            }
            let seq = direct.seq;
            let message = ServerMessage::Inbox {
                entries: vec![direct],
            };
            for seat in self.seats.of_member(&reader).filter(|seat| seat.live) {
                let frame = seat.outbox.dialect().message(&message);
                if seat.outbox.push(frame).is_ok() {
                    seat.sent_inbox = seq;
                } else {
                    seat.fall_behind();
                }
            }
        }
    }

    /// Whether a change of a member's standing waits for its commit.
    pub(super) fn is_under_way(&self, member: &MemberId) -> bool {
        let mut subjects = self.under_way.iter().flat_map(|told| &told.subjects);
        subjects.any(|(subject, _)| subject == member)
    }

    /// Tells a member's new standing; one that was removed goes.
    fn tell_standing(&mut self, member: &MemberId, became_owner: bool) {
        if self.state.settings.standing(member).removed {
            // A removal that is still under way is told after its own commit.
            if !self.is_under_way(member) {
                for seat in self.seats.of_member(member) {
                    seat.outbox.close(Closing::removed());
                }
            }
            return;
        }
        let (ids, joined): (Vec<SeatId>, Vec<Member>) = self
            .seats
            .iter()
            .filter(|(_, seat)| seat.member == *member)
            .map(|(id, seat)| (id, self.member_of(seat)))
            .unzip();
        for member in joined {
            self.seats.tell(&ServerMessage::Joined { member });
        }
        // A new owner hears what waits.
        if became_owner {
            for id in ids {
                self.tell_all_held(id);
            }
        }
    }

    /// Whether a seat lacks nothing: then events go to it from here on.
    pub(super) fn go_live_if_level(&mut self, id: SeatId) -> bool {
        let (committed_seq, members) = (self.committed_seq, &self.members);
        let Some(seat) = self.seats.get_mut(id) else {
            return true;
        };
        let inbox = members
            .get(&seat.member)
            .map_or(0, |entry| entry.inbox_committed);
        let waits = seat
            .snapshot
            .as_ref()
            .is_some_and(|telling| telling.snapshot.seq > committed_seq);
        if !seat.has_to_be_told() && seat.sent_seq >= committed_seq && seat.sent_inbox >= inbox {
            seat.live = true;
        } else if !waits {
            seat.outbox.fall_behind();
        }
        seat.live
    }

    /// What a seat lacks: events after the first up to the second, entries of the inbox after the third.
    pub(super) fn lacks(&self, id: SeatId) -> Option<(Seq, Seq, Seq, Seq)> {
        let seat = self.seats.get(id)?;
        let inbox = self.members.get(&seat.member)?.inbox_committed;
        Some((seat.sent_seq, self.committed_seq, seat.sent_inbox, inbox))
    }
}

//! Coming into a room and leaving it.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use chat_relay_protocol::{
    Member, MemberId, Person, Presence, Resume, Seq, ServerMessage, Welcome,
};

use tokio::time::Instant;

use super::{
    Inner, MemberEntry, Room,
    byte_budget::ByteBudget,
    hues,
    seat_handle::SeatHandle,
    seats::{Seat, SeatId, SeatRest},
    snapshot::{Snapshot, Telling},
};
use crate::{
    history::Admission,
    outbox::{Closing, Outbox},
};

/// The most members of a room's past that a newcomer is told of, the latest to join.
const PAST_MEMBERS: usize = 500;
/// A visit is noted at most this often.
const TOUCH_EVERY_MILLIS: i64 = 3_600_000;
/// Unread messages are counted up to here.
pub(super) const MOST_UNREAD: usize = 999;

static SEATS: AtomicU64 = AtomicU64::new(1);

/// Why a connection does not get into a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JoinError {
    /// As many are connected as may be.
    Full,
    /// The member has as many devices connected as it may.
    TooManyDevices,
    /// The member was removed.
    Removed,
    /// The room is over: it is to be looked for anew.
    Over,
    /// Whether the member is removed is on its way to the disk.
    Undecided,
}

/// A connection that wants into its room.
#[derive(Debug, Clone)]
pub(crate) struct Newcomer {
    pub(crate) admission: Admission,
    /// The highest counter of the device's ops that the history knows.
    pub(crate) last_counter: u64,
    /// The name to show from now on, if another one.
    pub(crate) name: Option<String>,
    pub(crate) outbox: Outbox,
    pub(crate) resume: Option<Resume>,
    pub(crate) presence_millis: u32,
    pub(crate) heartbeat_secs: u32,
}

impl Room {
    /// Takes a connection in and puts its welcome into its outbox, with a snapshot where it needs one. What it missed
    /// comes by catching up, unless that is nothing.
    ///
    /// # Errors
    /// [`JoinError`]; nothing has changed then.
    pub(crate) fn join(self: &Arc<Self>, newcomer: &Newcomer) -> Result<SeatHandle, JoinError> {
        let mut inner = self.lock();
        let limits = &self.around.limits;
        let start = inner.start_of(newcomer, limits.replay_events)?;
        inner.check_place(newcomer, limits.members_per_room, limits.devices_per_member)?;
        let now = Instant::now();
        let member = newcomer.admission.member.id.clone();
        let device = newcomer.admission.device.id.clone();
        let former = inner.seats.of_device(&device);
        if let Some(former) = former.and_then(|id| inner.seats.remove(id)) {
            former.outbox.close(Closing::replaced());
        }
        self.introduce(&mut inner, newcomer);
        self.touch(&mut inner);
        let id = SeatId(SEATS.fetch_add(1, Ordering::Relaxed));
        let in_flight = Arc::default();
        let rest = SeatRest {
            device: device.clone(),
            device_key: newcomer.admission.device.key,
            member: member.clone(),
            member_key: newcomer.admission.member.key,
            in_flight: Arc::clone(&in_flight),
            counter: newcomer
                .last_counter
                .max(inner.counters.get(&device).copied().unwrap_or(0)),
            presence: Presence::default(),
            typing_until: None,
            presence_millis: newcomer.presence_millis,
            bytes: ByteBudget::new(
                limits.connection_bytes_per_sec,
                limits.connection_bytes_burst,
                now,
            ),
            snapshot: start.snapshot.then(|| inner.snapshot()),
            held: VecDeque::new(),
        };
        let resume = newcomer.resume.as_ref().filter(|_| start.resumed);
        let sent_inbox = resume.map_or(0, |resume| resume.inbox);
        let seat = Seat::new(newcomer.outbox.clone(), start.after, sent_inbox, rest);
        let joined = ServerMessage::Joined {
            member: inner.member_of(&seat),
        };
        inner.seats.tell(&joined);
        inner.seats.insert(id, seat);
        inner.welcome(self, id, newcomer, &start);
        inner.tell_all_held(id);
        inner.go_live_if_level(id);
        drop(inner);
        Ok(SeatHandle {
            room: Arc::clone(self),
            id,
            device,
            in_flight,
        })
    }

    /// Takes a member into the books, and keeps a changed name or hue.
    fn introduce(&self, inner: &mut Inner, newcomer: &Newcomer) {
        let record = &newcomer.admission.member;
        inner.state.settings.admit(&record.id, record.role);
        let hue = inner.hue_for(&record.id, record.hue);
        let entry = inner
            .members
            .entry(record.id.clone())
            .or_insert_with(|| MemberEntry::of(record));
        let name = newcomer.name.as_ref().unwrap_or(&entry.name).clone();
        if entry.name != name || entry.hue != hue {
            entry.name.clone_from(&name);
            entry.hue = hue;
            // Dropping the answer does not stop the write; a lost one comes again with the next hello.
            drop(self.around.history.keep_member(entry.key, name, hue));
        }
    }

    /// Keeps that somebody is here: a room that is visited does not expire.
    pub(super) fn touch(&self, inner: &mut Inner) {
        let now = self.around.clock.unix_millis();
        if inner
            .touched_at
            .is_none_or(|touched_at| now - touched_at > TOUCH_EVERY_MILLIS)
        {
            inner.touched_at = Some(now);
            self.around.history.touch_room(self.record.key, now);
        }
    }

    /// Leaves the room; of a seat that was replaced, nothing is left to do.
    pub(super) fn leave(self: &Arc<Self>, id: SeatId) {
        let mut inner = self.lock();
        let Some(seat) = inner.seats.remove(id) else {
            return;
        };
        inner.changed.forget(&seat.device);
        inner.seats.tell(&ServerMessage::Left {
            device: seat.device.clone(),
        });
        let is_empty = inner.seats.is_empty();
        drop(inner);
        if is_empty {
            self.save_snapshot_if_due();
            self.mailbox.emptied(self);
        }
    }
}

/// Where a newcomer starts.
struct Start {
    /// The last event that it has, or that the snapshot holds.
    after: Seq,
    /// It goes on from what it has.
    resumed: bool,
    snapshot: bool,
}

impl Inner {
    fn start_of(&self, newcomer: &Newcomer, replay_events: u64) -> Result<Start, JoinError> {
        if self.over {
            return Err(JoinError::Over);
        }
        // Who is ahead of the log, or of another epoch, has a log that is not this one.
        let epoch = &newcomer.admission.room.epoch;
        let resumed = newcomer
            .resume
            .as_ref()
            .filter(|resume| resume.epoch == *epoch && resume.seq <= self.committed_seq);
        let after = resumed.map_or(0, |resume| resume.seq);
        let snapshot = after < self.pruned_seq || self.committed_seq - after > replay_events;
        Ok(Start {
            after: if snapshot { self.last_seq } else { after },
            resumed: resumed.is_some(),
            snapshot,
        })
    }

    fn check_place(
        &self,
        newcomer: &Newcomer,
        most: usize,
        most_devices: usize,
    ) -> Result<(), JoinError> {
        let member = &newcomer.admission.member.id;
        if newcomer.admission.member.removed {
            return Err(JoinError::Removed);
        }
        if self.state.settings.standing(member).removed {
            return Err(if self.is_under_way(member) {
                JoinError::Undecided
            } else {
                JoinError::Removed
            });
        }
        let device = &newcomer.admission.device.id;
        let others = || self.seats.iter().filter(|(_, seat)| seat.device != *device);
        if others().count() >= most {
            return Err(JoinError::Full);
        }
        if others().filter(|(_, seat)| seat.member == *member).count() >= most_devices {
            return Err(JoinError::TooManyDevices);
        }
        Ok(())
    }

    /// The hue that the member had, if nobody else who is here has it; one of its own while it is here.
    fn hue_for(&self, member: &MemberId, recorded: u8) -> u8 {
        let known = self.members.get(member).map_or(recorded, |entry| entry.hue);
        if self.seats.iter().any(|(_, seat)| seat.member == *member) {
            return known;
        }
        let taken = self
            .seats
            .iter()
            .filter_map(|(_, seat)| self.members.get(&seat.member))
            .map(|entry| entry.hue);
        hues::choose(Some(known), taken)
    }

    pub(super) fn member_of(&self, seat: &Seat) -> Member {
        let standing = self.state.settings.standing(&seat.member);
        let entry = self.members.get(&seat.member);
        Member {
            member: seat.member.clone(),
            device: seat.device.clone(),
            name: entry.map(|entry| entry.name.clone()).unwrap_or_default(),
            hue: entry.map_or(0, |entry| entry.hue),
            role: standing.role,
            muted: standing.muted,
            presence: seat.presence.clone(),
        }
    }

    fn welcome(&self, room: &Room, id: SeatId, newcomer: &Newcomer, start: &Start) {
        let Some(seat) = self.seats.get(id) else {
            return;
        };
        let entry = self.members.get(&seat.member);
        let read_seq = entry.map_or(0, |entry| entry.read_seq);
        let unread = self
            .state
            .unread(&seat.member, read_seq..=self.committed_seq, MOST_UNREAD);
        let welcome = Welcome {
            room: room.record.id.clone(),
            code: newcomer.admission.room.code.clone(),
            epoch: room.record.epoch.clone(),
            seq: self.committed_seq,
            from_start: start.snapshot || !start.resumed,
            snapshot: start.snapshot,
            you: self.member_of(seat),
            members: self
                .seats
                .iter()
                .map(|(_, other)| self.member_of(other))
                .collect(),
            past_members: self.past_members(),
            settings: self.state.settings.room(),
            inbox: entry.map_or(0, |entry| entry.inbox_committed),
            read_seq,
            unread: u32::try_from(unread).unwrap_or(u32::MAX),
            heartbeat_secs: newcomer.heartbeat_secs,
        };
        seat.outbox.answer(&ServerMessage::Welcome(welcome));
    }

    /// The room as it is, with what is under way: to be told once that is committed.
    fn snapshot(&mut self) -> Telling {
        let made = self.snapshot.upgrade();
        let snapshot = made
            .filter(|snapshot| snapshot.seq == self.last_seq)
            .unwrap_or_else(|| Arc::new(Snapshot::of(&self.state, self.last_seq)));
        self.snapshot = Arc::downgrade(&snapshot);
        self.snapshot_waits |= snapshot.seq > self.committed_seq;
        Telling { snapshot, next: 0 }
    }

    fn past_members(&self) -> Vec<Person> {
        let here = |member: &MemberId| self.seats.iter().any(|(_, seat)| seat.member == *member);
        let mut past: Vec<_> = self
            .members
            .iter()
            .filter(|(member, _)| !here(member))
            .collect();
        past.sort_by_key(|(_, entry)| std::cmp::Reverse(entry.key));
        past.truncate(PAST_MEMBERS);
        past.into_iter()
            .map(|(member, entry)| Person {
                member: member.clone(),
                name: entry.name.clone(),
                hue: entry.hue,
                role: self.state.settings.standing(member).role,
            })
            .collect()
    }
}

impl MemberEntry {
    pub(super) fn of(record: &crate::history::MemberRecord) -> Self {
        Self {
            key: record.key,
            name: record.name.clone(),
            hue: record.hue,
            read_seq: record.read_seq,
            inbox_seq: record.inbox_seq,
            inbox_committed: record.inbox_seq,
        }
    }
}

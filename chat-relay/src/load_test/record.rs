//! What is measured while members send and receive: times on one clock, counts, and what each second brought.
//!
//! Members tell what happens to them in their own tasks, all on one thread; the lock is there because tasks may move.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chat_relay_client::{Client, News};
use chat_relay_protocol::{Event, Retry, WireError};
use tokio::time::Instant;

use super::{acts, histogram::Histogram, log_check::LogCheck};

/// What is measured.
#[derive(Debug)]
pub(super) struct Recorder {
    /// The clock of all times.
    origin: Instant,
    measured: Mutex<Measured>,
}

/// See [`Recorder`].
#[derive(Debug)]
pub(super) struct Measured {
    /// When the load began, in microseconds of the clock.
    pub(super) load_from_micros: u64,
    pub(super) log: LogCheck,
    /// From when an op was due to its event at who sent it, and at the others.
    pub(super) own: Histogram,
    pub(super) others: Histogram,
    /// From when a pose was due to when another member heard of it.
    pub(super) presence: Histogram,
    /// From when something was due to when it was begun.
    pub(super) lateness: Histogram,
    pub(super) seconds: Vec<Second>,
    pub(super) ops: u64,
    pub(super) poses: u64,
    pub(super) deliveries: u64,
    pub(super) poses_heard: u64,
    pub(super) online: u32,
    /// Connections that were lost, and attempts that failed.
    pub(super) disconnects: u64,
    pub(super) reconnects: u64,
    pub(super) missed: u64,
    pub(super) errors: BTreeMap<String, u64>,
    /// One message of each code.
    pub(super) messages: BTreeMap<String, String>,
    members: Vec<Member>,
}

#[derive(Debug, Default)]
struct Member {
    online: bool,
    welcomed: bool,
}

/// What one second of the load brought.
#[derive(Debug, Clone, Default)]
pub(super) struct Second {
    pub(super) ops: u64,
    pub(super) deliveries: u64,
    pub(super) poses_heard: u64,
    pub(super) others: Histogram,
}

impl Recorder {
    pub(super) fn new(rooms: usize) -> Recorder {
        Recorder {
            origin: Instant::now(),
            measured: Mutex::new(Measured {
                load_from_micros: u64::MAX,
                log: LogCheck::new(rooms),
                own: Histogram::default(),
                others: Histogram::default(),
                presence: Histogram::default(),
                lateness: Histogram::default(),
                seconds: Vec::new(),
                ops: 0,
                poses: 0,
                deliveries: 0,
                poses_heard: 0,
                online: 0,
                disconnects: 0,
                reconnects: 0,
                missed: 0,
                errors: BTreeMap::new(),
                messages: BTreeMap::new(),
                members: Vec::new(),
            }),
        }
    }

    /// Now, in microseconds of the clock.
    pub(super) fn now_micros(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// The instant of a time of the clock.
    pub(super) fn instant(&self, micros: u64) -> Instant {
        self.origin + std::time::Duration::from_micros(micros)
    }

    /// What was measured so far.
    pub(super) fn measured(&self) -> MutexGuard<'_, Measured> {
        self.measured.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something happened to a member.
    pub(super) fn happened(&self, member: usize, client: &Client, news: &News) {
        let now = self.now_micros();
        let measured = &mut *self.measured();
        match news {
            News::Welcome => measured.welcome(member),
            News::Disconnected => measured.disconnected(member),
            News::Snapshot { seq } => {
                let pending = client.pending_count();
                measured.log.snapshot(member, *seq, pending);
            }
            News::Event(event) => {
                let own = event.op_id.device == client.options().device;
                measured.event(member, event, own, now);
            }
            News::Duplicate { .. } => measured.log.duplicate(),
            News::Gap { .. } => measured.log.gap(),
            News::Missed { .. } => measured.missed += 1,
            News::Refused(error) => measured.refused(member, error),
            News::Presence { members } => {
                let own = &client.options().device;
                for heard in members.iter().filter(|heard| heard.device != *own) {
                    if let Some(due) = acts::presence_due_micros(&heard.presence) {
                        measured.pose_heard(due, now);
                    }
                }
            }
            _ => {}
        }
    }
}

impl Measured {
    /// A member of a room; gives its number.
    pub(super) fn admit(&mut self, room: usize) -> usize {
        self.members.push(Member::default());
        self.log.admit(room)
    }

    /// An op was handed to a member's client.
    pub(super) fn sent(&mut self, member: usize, now: u64) {
        self.ops += 1;
        self.log.sent(member);
        if let Some(second) = self.second(now) {
            second.ops += 1;
        }
    }

    /// Something went wrong, by a name for programs and a sentence for people.
    pub(super) fn error(&mut self, code: &str, message: &str) {
        *self.errors.entry(code.to_owned()).or_default() += 1;
        if !self.messages.contains_key(code) {
            self.messages.insert(code.to_owned(), message.to_owned());
        }
    }

    fn welcome(&mut self, member: usize) {
        let member = &mut self.members[member];
        if std::mem::replace(&mut member.welcomed, true) {
            self.reconnects += 1;
        }
        if !std::mem::replace(&mut member.online, true) {
            self.online += 1;
        }
    }

    fn disconnected(&mut self, member: usize) {
        self.disconnects += 1;
        if std::mem::replace(&mut self.members[member].online, false) {
            self.online -= 1;
        }
    }

    fn event(&mut self, member: usize, event: &Event, own: bool, now: u64) {
        self.log.event(member, event, own);
        self.deliveries += 1;
        let took = acts::due_micros(&event.body).map(|due| now.saturating_sub(due));
        if let Some(second) = self.second(now) {
            second.deliveries += 1;
            if let (Some(took), false) = (took, own) {
                second.others.add(took);
            }
        }
        match took {
            Some(took) if own => self.own.add(took),
            Some(took) => self.others.add(took),
            None => {}
        }
    }

    fn pose_heard(&mut self, due: u64, now: u64) {
        self.poses_heard += 1;
        self.presence.add(now.saturating_sub(due));
        if let Some(second) = self.second(now) {
            second.poses_heard += 1;
        }
    }

    fn refused(&mut self, member: usize, error: &WireError) {
        self.error(error.code.name(), &error.message);
        // What may be tried again later, the client tries again.
        if error.op_id.is_some() && !matches!(error.retry, Retry::Later { .. }) {
            self.log.refused(member);
        }
    }

    /// The second of the load in which `now` lies; none before it begins.
    fn second(&mut self, now: u64) -> Option<&mut Second> {
        let since = now.checked_sub(self.load_from_micros)?;
        let index = usize::try_from(since / 1_000_000).ok()?;
        if self.seconds.len() <= index {
            self.seconds.resize_with(index + 1, Second::default);
        }
        self.seconds.get_mut(index)
    }
}

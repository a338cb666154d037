//! Whether every member got its room's whole log: each event once, in order, the same for all, and every op in it.
//!
//! In: what members sent and got. Out: what is wrong, as counts. A room's log is what its members saw of it first.

use chat_relay_protocol::{Event, OpId, Seq};
use serde::Serialize;

/// What was wrong. All zero is well.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Faults {
    /// Events that came before one that had to come first.
    pub gaps: u64,
    /// Events that came again.
    pub duplicates: u64,
    /// Events in whose place another member saw another one.
    pub forks: u64,
    /// Events that a member had not got at the end.
    pub undelivered: u64,
    /// Ops that were sent, not refused, and not in the log at the end.
    pub lost: u64,
}

impl Faults {
    /// Whether the log came whole to everybody.
    pub fn none(&self) -> bool {
        *self == Faults::default()
    }
}

/// The logs of all rooms, and how far each member has got.
#[derive(Debug, Default)]
pub(super) struct LogCheck {
    rooms: Vec<Room>,
    members: Vec<Member>,
    faults: Faults,
}

#[derive(Debug, Default)]
struct Room {
    /// The op of each event from 1, as a hash; none for one that only a snapshot told of.
    ops: Vec<Option<u64>>,
    members: u64,
}

#[derive(Debug, Default)]
struct Member {
    room: usize,
    last_seq: Seq,
    /// Ops sent that are neither in the log nor refused.
    open: u64,
}

impl LogCheck {
    pub(super) fn new(rooms: usize) -> LogCheck {
        LogCheck {
            rooms: std::iter::repeat_with(Room::default).take(rooms).collect(),
            ..LogCheck::default()
        }
    }

    /// A member of a room; gives its number.
    pub(super) fn admit(&mut self, room: usize) -> usize {
        self.rooms[room].members += 1;
        self.members.push(Member {
            room,
            ..Member::default()
        });
        self.members.len() - 1
    }

    pub(super) fn sent(&mut self, member: usize) {
        self.members[member].open += 1;
    }

    /// An own op was refused for good.
    pub(super) fn refused(&mut self, member: usize) {
        let open = &mut self.members[member].open;
        *open = open.saturating_sub(1);
    }

    /// An event came; `own` when it is of the member's device.
    pub(super) fn event(&mut self, member: usize, event: &Event, own: bool) {
        let member = &mut self.members[member];
        if event.seq > member.last_seq + 1 {
            self.faults.gaps += 1;
        }
        // A log that is told from its start again brings events that were there before.
        let is_new = event.seq > member.last_seq;
        member.last_seq = event.seq;
        if own && is_new {
            member.open = member.open.saturating_sub(1);
        }
        let ops = &mut self.rooms[member.room].ops;
        let place = usize::try_from(event.seq.saturating_sub(1)).unwrap_or(usize::MAX);
        if ops.len() <= place {
            ops.resize(place + 1, None);
        }
        let op = hash(&event.op_id);
        if *ops[place].get_or_insert(op) != op {
            self.faults.forks += 1;
        }
    }

    /// An event came that the member had.
    pub(super) fn duplicate(&mut self) {
        self.faults.duplicates += 1;
    }

    /// An event came too early.
    pub(super) fn gap(&mut self) {
        self.faults.gaps += 1;
    }

    /// A snapshot stands for all events so far. Which own ops are in it does not matter: they are acknowledged, or
    /// will be.
    pub(super) fn snapshot(&mut self, member: usize, seq: Seq, pending: usize) {
        let member = &mut self.members[member];
        member.last_seq = seq;
        member.open = pending as u64;
    }

    /// Whether everybody has everything that was sent.
    pub(super) fn is_complete(&self) -> bool {
        let faults = self.faults();
        faults.undelivered == 0 && faults.lost == 0
    }

    /// What is wrong so far.
    pub(super) fn faults(&self) -> Faults {
        let mut faults = self.faults;
        for member in &self.members {
            let last = self.rooms[member.room].ops.len() as u64;
            faults.undelivered += last.saturating_sub(member.last_seq);
            faults.lost += member.open;
        }
        faults
    }

    /// Events in all rooms, and how many deliveries they are.
    pub(super) fn totals(&self) -> (u64, u64) {
        self.rooms
            .iter()
            .fold((0, 0), |(events, deliveries), room| {
                let count = room.ops.len() as u64;
                (events + count, deliveries + count * room.members)
            })
    }
}

/// FNV-1a over device and counter.
fn hash(op_id: &OpId) -> u64 {
    let counter = op_id.counter.to_le_bytes();
    let bytes = op_id.device.as_str().bytes().chain(counter);
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use chat_relay_protocol::{Body, DeviceId, MemberId};

    use super::*;

    fn event(seq: Seq, counter: u64) -> Event {
        Event {
            seq,
            at: 0,
            from: MemberId::new("m1").unwrap(),
            op_id: OpId {
                device: DeviceId::new("d1").unwrap(),
                counter,
            },
            body: Body::chat("hello"),
        }
    }

    /// Two members of a room who have both events that the first one sent.
    fn whole() -> LogCheck {
        let mut check = LogCheck::new(1);
        for member in [check.admit(0), check.admit(0)] {
            for counter in [1, 2] {
                if member == 0 {
                    check.sent(member);
                }
                check.event(member, &event(counter, counter), member == 0);
            }
        }
        check
    }

    #[test]
    fn a_whole_log_has_no_faults() {
        let check = whole();
        assert!(check.faults().none() && check.is_complete());
        assert_eq!(check.totals(), (2, 4));
    }

    #[test]
    fn each_fault_is_found() {
        let faults = |change: fn(&mut LogCheck)| {
            let mut check = whole();
            change(&mut check);
            check.faults()
        };
        // Nobody saw the third event; the other member lacks the fourth, too.
        let gap = faults(|check| check.event(0, &event(4, 4), false));
        assert_eq!((gap.gaps, gap.undelivered), (1, 2));
        let fork = faults(|check| {
            check.event(0, &event(3, 3), false);
            check.event(1, &event(3, 9), false);
        });
        assert_eq!(
            fork,
            Faults {
                forks: 1,
                ..Faults::default()
            }
        );
        assert_eq!(faults(|check| check.sent(0)).lost, 1);
        assert_eq!(faults(LogCheck::duplicate).duplicates, 1);
        let refused = faults(|check| {
            check.sent(0);
            check.refused(0);
        });
        assert!(refused.none());
    }

    #[test]
    fn a_snapshot_and_a_log_told_again_are_no_faults() {
        let mut check = whole();
        check.admit(0);
        check.snapshot(2, 2, 0);
        check.event(1, &event(1, 1), false);
        check.event(1, &event(2, 2), false);
        assert!(check.faults().none(), "{:?}", check.faults());
    }
}

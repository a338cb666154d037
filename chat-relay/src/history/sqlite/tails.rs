//! Which events are in the journal, not in the table of events: for each room the end of its log.
//!
//! A room's events are moved in order, so that its log is always a part in the table, followed by a part in the
//! journal. A reader copies what it needs from here *before* it begins its transaction: what moves meanwhile is in
//! the table by then, and where both have an event, the table's end tells.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chat_relay_protocol::Seq;
use rusqlite::Connection;

use crate::history::{DeviceKey, RoomKey};

/// One of the journal's two tables: one is written while the other is moved and emptied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::history) enum Half {
    Zero,
    One,
}

impl Half {
    pub(super) fn other(self) -> Self {
        match self {
            Self::Zero => Self::One,
            Self::One => Self::Zero,
        }
    }

    pub(super) fn index(self) -> usize {
        match self {
            Self::Zero => 0,
            Self::One => 1,
        }
    }
}

/// An event of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::history) struct Entry {
    /// Its row.
    pub(in crate::history) key: i64,
    pub(in crate::history) device: DeviceKey,
    pub(in crate::history) counter: u64,
}

/// Consecutive events of one room in one half.
#[derive(Debug, Clone, Default)]
pub(super) struct Tail {
    pub(super) first_seq: Seq,
    pub(super) entries: Vec<Entry>,
}

impl Tail {
    fn after_seq(&self) -> Seq {
        self.first_seq + self.entries.len() as u64
    }
}

/// Where an event of the journal is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::history) struct Spot {
    pub(in crate::history) seq: Seq,
    pub(in crate::history) half: Half,
    pub(in crate::history) entry: Entry,
}

type Halves = [HashMap<RoomKey, Tail>; 2];

#[derive(Debug)]
struct Inner {
    halves: Halves,
    /// Which half holds the earlier events of a room that is in both.
    older: Half,
}

/// See the [module](self).
#[derive(Debug)]
pub(in crate::history) struct Tails(Mutex<Inner>);

impl Tails {
    /// Reads the journal that a process left. What had moved before is passed over.
    pub(in crate::history) fn scan(connection: &Connection) -> rusqlite::Result<Self> {
        let mut inner = Inner {
            halves: Halves::default(),
            older: Half::Zero,
        };
        let mut first_keys = [None; 2];
        let mut moved: HashMap<i64, Seq> = HashMap::new();
        let mut moved_until =
            connection.prepare("SELECT coalesce(max(seq), 0) FROM events WHERE room = ?1")?;
        let mut halves: Vec<_> = [Half::Zero, Half::One].into();
        for half in [Half::Zero, Half::One] {
            first_keys[half.index()] = connection.query_row(
                &format!("SELECT min(key) FROM journal_{}", half.index()),
                [],
                |row| row.get::<_, Option<i64>>(0),
            )?;
        }
        // Of two, the one that begins later is the one that was written last.
        if let [Some(zero), Some(one)] = first_keys
            && one < zero
        {
            inner.older = Half::One;
            halves.reverse();
        }
        for half in halves {
            let mut statement = connection.prepare(&format!(
                "SELECT key, room, seq, device, counter FROM journal_{} ORDER BY key",
                half.index()
            ))?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let room: i64 = row.get(1)?;
                let seq = row.get::<_, i64>(2)?.unsigned_abs();
                let until = match moved.get(&room) {
                    Some(until) => *until,
                    None => {
                        let until = moved_until.query_row([room], |row| row.get::<_, i64>(0))?;
                        *moved.entry(room).or_insert(until.unsigned_abs())
                    }
                };
                if seq <= until {
                    continue;
                }
                let entry = Entry {
                    key: row.get(0)?,
                    device: DeviceKey(row.get(3)?),
                    counter: row.get::<_, i64>(4)?.unsigned_abs(),
                };
                inner.push(half, RoomKey(room), seq, entry);
            }
        }
        Ok(Self(Mutex::new(inner)))
    }

    /// Adds events that were committed to a half, and gives what `noted` holds up.
    pub(super) fn add(&self, half: Half, noted: &mut Vec<(RoomKey, Seq, Entry)>) {
        let mut inner = self.lock();
        for (room, seq, entry) in noted.drain(..) {
            inner.push(half, room, seq, entry);
        }
    }

    /// Says that `half` is moved from now on, and that the other one is written.
    pub(super) fn begin_moving(&self, half: Half) {
        self.lock().older = half;
    }

    /// A room's events in a half, the first `limit`.
    pub(super) fn part(&self, half: Half, room: RoomKey, limit: usize) -> Option<Tail> {
        let inner = self.lock();
        let tail = inner.halves[half.index()].get(&room)?;
        Some(Tail {
            first_seq: tail.first_seq,
            entries: tail.entries.iter().take(limit).copied().collect(),
        })
    }

    /// Drops the first `count` of a room's events in a half: they have moved, or their room is gone.
    pub(super) fn drop_first(&self, half: Half, room: RoomKey, count: usize) {
        let mut inner = self.lock();
        let rooms = &mut inner.halves[half.index()];
        let Some(tail) = rooms.get_mut(&room) else {
            return;
        };
        if count >= tail.entries.len() {
            rooms.remove(&room);
        } else {
            tail.entries.drain(..count);
            tail.first_seq += count as u64;
        }
    }

    /// The rooms in a half, the last first: neighbours lie side by side in the table.
    pub(super) fn rooms(&self, half: Half) -> Vec<RoomKey> {
        let mut rooms: Vec<_> = self.lock().halves[half.index()].keys().copied().collect();
        rooms.sort_unstable_by(|a, b| b.cmp(a));
        rooms
    }

    /// The half that holds the earlier events.
    pub(super) fn older(&self) -> Half {
        self.lock().older
    }

    /// The events of a room between `after` and `last`, at most `limit`, oldest first.
    pub(in crate::history) fn between(
        &self,
        room: RoomKey,
        after: Seq,
        last: Seq,
        limit: usize,
    ) -> Vec<Spot> {
        let inner = self.lock();
        inner
            .in_order_after(room, after)
            .take_while(|spot| spot.seq <= last)
            .take(limit)
            .collect()
    }

    /// The end of a room's log as far as it is in the journal.
    pub(in crate::history) fn last_seq(&self, room: RoomKey) -> Option<Seq> {
        let inner = self.lock();
        [inner.older.other(), inner.older]
            .iter()
            .find_map(|half| inner.halves[half.index()].get(&room))
            .map(|tail| tail.after_seq() - 1)
    }

    /// Where an op of a room is in the journal.
    pub(in crate::history) fn find(
        &self,
        room: RoomKey,
        device: DeviceKey,
        counter: u64,
    ) -> Option<Seq> {
        let inner = self.lock();
        inner
            .in_order_after(room, 0)
            .find(|spot| spot.entry.device == device && spot.entry.counter == counter)
            .map(|spot| spot.seq)
    }

    /// The highest counter of a device in the journal.
    pub(in crate::history) fn last_counter(&self, room: RoomKey, device: DeviceKey) -> u64 {
        let inner = self.lock();
        inner
            .in_order_after(room, 0)
            .filter(|spot| spot.entry.device == device)
            .map(|spot| spot.entry.counter)
            .max()
            .unwrap_or(0)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn push(&mut self, half: Half, room: RoomKey, seq: Seq, entry: Entry) {
        let tail = self.halves[half.index()].entry(room).or_default();
        if tail.entries.is_empty() {
            tail.first_seq = seq;
        }
        debug_assert_eq!(tail.after_seq(), seq, "a log has no gaps");
        tail.entries.push(entry);
    }

    fn in_order_after(&self, room: RoomKey, after: Seq) -> impl Iterator<Item = Spot> {
        [self.older, self.older.other()]
            .into_iter()
            .flat_map(move |half| {
                self.halves[half.index()]
                    .get(&room)
                    .into_iter()
                    .flat_map(move |tail| {
                        let passed = (after + 1).saturating_sub(tail.first_seq);
                        let passed = usize::try_from(passed)
                            .unwrap_or(usize::MAX)
                            .min(tail.entries.len());
                        let first_seq = tail.first_seq + passed as u64;
                        tail.entries[passed..]
                            .iter()
                            .zip(first_seq..)
                            .map(move |(entry, seq)| Spot {
                                seq,
                                half,
                                entry: *entry,
                            })
                    })
            })
    }
}

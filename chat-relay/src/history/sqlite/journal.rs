//! The journal: events in the order of arrival, and how they move into the table of events.
//!
//! A commit of a thousand events of as many rooms fills some fifty pages here; in the table, clustered by room, it
//! would dirty a thousand and as many of each index, all of which the write-ahead log takes whole. The journal has
//! two halves. One is written; once it is full the other takes its place, and the full one is moved in portions, all
//! events of a room together, and emptied at once when nothing of it is left to move.
//!
//! Measured with 1000 rooms of 200 events and ten devices each, chat of 128 bytes, on two cores; a commit takes one
//! event of each room, the processor's time includes moving:
//!
//! | way | CPU us an event | median commit ms |
//! |---|---|---|
//! | straight into the table, with the index of ops | 37.7 | 67 |
//! | one table in the order of arrival, with an index by room and one of ops | 33.3 | 58 |
//! | journal of 8 Ki events | 12.6 | 1.2 |
//! | journal of 16 Ki events | 9.7 | 1.6 |
//! | journal of 32 Ki events | 6.9 | 1.9 |
//! | journal of 64 Ki events | 6.6 | 1.2 |
//! | journal of 32 Ki events, with an index by room in place of [`tails`](super::tails) | 8.4 | 4.1 |
//!
//! A portion is committed without waiting for the disk: it says nothing new. If it is lost with the power, the
//! journal still has what it moved, since the log of SQLite only ever loses its end.

use std::{sync::Arc, time::Instant};

use rusqlite::{CachedStatement, Connection, TransactionBehavior, params};

use super::{
    connection::to_sql,
    query::{find, number},
    shared::Shared,
    tails::Half,
};
use crate::history::{NewEntry, RoomKey, is_chat};

/// Bytes of bodies that a half takes at most: it is emptied in one go, which takes a millisecond for some MiB.
const HALF_BYTES: usize = 8 * 1024 * 1024;

/// Events that move in one transaction at most.
const PORTION: usize = 4096;

/// See the [module](self).
pub(super) struct Journal {
    shared: Arc<Shared>,
    /// The half that is written.
    active: Half,
    entries: usize,
    bytes: usize,
    next_key: i64,
    /// Rooms of the other half that have not moved yet; none when it is empty.
    moving: Option<Vec<RoomKey>>,
    full_entries: usize,
}

impl Journal {
    /// Takes up the journal where the last process left it.
    pub(super) fn open(
        connection: &Connection,
        full_entries: usize,
        shared: &Arc<Shared>,
    ) -> rusqlite::Result<Self> {
        let rows = |half: Half| {
            let query = format!(
                "SELECT count(*), coalesce(max(key), 0), coalesce(sum(length(body)), 0) FROM journal_{}",
                half.index()
            );
            connection.query_row(&query, [], |row| {
                Ok((number(row, 0)?, row.get::<_, i64>(1)?, number(row, 2)?))
            })
        };
        let (older, newer) = (shared.tails.older(), shared.tails.older().other());
        let (in_older, in_newer) = (rows(older)?, rows(newer)?);
        // With one half in use, `older` may name the empty one.
        let moving = (in_older.0 > 0 && in_newer.0 > 0).then(|| shared.tails.rooms(older));
        let (active, (entries, _, bytes)) = if in_newer.0 > 0 {
            (newer, in_newer)
        } else {
            (older, in_older)
        };
        Ok(Self {
            shared: Arc::clone(shared),
            active,
            entries: usize::try_from(entries).unwrap_or(usize::MAX),
            bytes: usize::try_from(bytes).unwrap_or(usize::MAX),
            next_key: in_older.1.max(in_newer.1) + 1,
            moving,
            full_entries,
        })
    }

    /// The half that is written.
    pub(super) fn active(&self) -> Half {
        self.active
    }

    /// Writes an event and gives its row.
    pub(super) fn insert(
        &mut self,
        transaction: &Connection,
        room: RoomKey,
        entry: &NewEntry,
    ) -> rusqlite::Result<i64> {
        let key = self.next_key;
        self.insert_into(transaction)?.execute(params![
            key,
            room.0,
            to_sql(entry.seq),
            entry.at,
            entry.member.0,
            entry.device.0,
            to_sql(entry.counter),
            is_chat(&entry.body_json),
            entry.body_json
        ])?;
        self.next_key += 1;
        self.entries += 1;
        self.bytes += entry.body_json.len();
        Ok(key)
    }

    fn insert_into<'c>(
        &self,
        transaction: &'c Connection,
    ) -> rusqlite::Result<CachedStatement<'c>> {
        transaction.prepare_cached(match self.active {
            Half::Zero => {
                "INSERT INTO journal_0 (key, room, seq, at, member, device, counter, is_chat, body)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
            }
            Half::One => {
                "INSERT INTO journal_1 (key, room, seq, at, member, device, counter, is_chat, body)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
            }
        })
    }

    /// Whether there is something to move.
    pub(super) fn is_due(&self) -> bool {
        self.moving.is_some() || self.is_full()
    }

    fn is_full(&self) -> bool {
        self.entries >= self.full_entries || self.bytes >= HALF_BYTES
    }

    /// Moves as many events as until `deadline`, give or take a room's.
    pub(super) fn move_portion(
        &mut self,
        connection: &mut Connection,
        deadline: Instant,
    ) -> rusqlite::Result<()> {
        let half = match &self.moving {
            Some(_) => self.active.other(),
            None if self.is_full() => {
                let full = self.active;
                self.shared.tails.begin_moving(full);
                self.moving = Some(self.shared.tails.rooms(full));
                self.active = full.other();
                (self.entries, self.bytes) = (0, 0);
                full
            }
            None => return Ok(()),
        };
        let mut rooms = self.moving.take().unwrap_or_default();
        let mut moved = Vec::new();
        match self.move_rooms(connection, half, &mut rooms, &mut moved, deadline) {
            Ok(()) => {
                for (room, count) in moved {
                    self.shared.tails.drop_first(half, room, count);
                }
                self.moving = (!rooms.is_empty()).then_some(rooms);
                Ok(())
            }
            Err(error) => {
                self.moving = Some(self.shared.tails.rooms(half));
                Err(error)
            }
        }
    }

    fn move_rooms(
        &self,
        connection: &mut Connection,
        half: Half,
        rooms: &mut Vec<RoomKey>,
        moved: &mut Vec<(RoomKey, usize)>,
        deadline: Instant,
    ) -> rusqlite::Result<()> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut left = PORTION;
        while left > 0
            && Instant::now() < deadline
            && let Some(room) = rooms.pop()
        {
            let Some(tail) = self.shared.tails.part(half, room, left) else {
                continue;
            };
            // An expired room's events go nowhere.
            if find::live(&transaction, room)?.is_some() {
                let mut insert = move_one(&transaction, half)?;
                for entry in &tail.entries {
                    insert.execute([entry.key])?;
                }
            }
            left -= tail.entries.len();
            moved.push((room, tail.entries.len()));
            if left == 0 {
                // There may be more of it.
                rooms.push(room);
            }
        }
        if rooms.is_empty() {
            transaction.execute_batch(&format!("DELETE FROM journal_{}", half.index()))?;
        }
        transaction.commit()
    }
}

/// Events are never there twice. Were one, all would be rolled back: anything less has SQLite copy each page before
/// each statement, for a third of the time.
fn move_one(transaction: &Connection, half: Half) -> rusqlite::Result<CachedStatement<'_>> {
    transaction.prepare_cached(match half {
        Half::Zero => {
            "INSERT OR ROLLBACK INTO events (room, seq, at, member, device, counter, is_chat, body)
             SELECT room, seq, at, member, device, counter, is_chat, body FROM journal_0 WHERE key = ?1"
        }
        Half::One => {
            "INSERT OR ROLLBACK INTO events (room, seq, at, member, device, counter, is_chat, body)
             SELECT room, seq, at, member, device, counter, is_chat, body FROM journal_1 WHERE key = ?1"
        }
    })
}

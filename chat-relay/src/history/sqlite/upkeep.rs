//! Dropping what need not be kept any longer, in portions between the groups of the writer.
//!
//! Events are pruned as far as a snapshot stands for them and only once they have moved out of the journal. A room
//! that expires keeps its row, which answers for its id; its code is free at once, its contents go in portions.

use std::{collections::VecDeque, time::Instant};

use chat_relay_protocol::Seq;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};
use tokio::sync::oneshot;

use super::{
    connection::to_sql,
    leases::{OpenRooms, last_seq},
    query::{events, number},
    tails::Tails,
};
use crate::history::{HistoryError, Retention, RoomKey, Swept};

/// Events that are dropped in one go.
const PORTION: u64 = 256;

/// Something to do in portions.
pub(super) enum Task {
    Prune {
        room: RoomKey,
        before_seq: Seq,
        answer: oneshot::Sender<Result<Seq, HistoryError>>,
    },
    Sweep {
        retention: Retention,
        now_millis: i64,
        /// Rooms up to this one are done.
        done: RoomKey,
        swept: Swept,
        answer: oneshot::Sender<Result<Swept, HistoryError>>,
    },
    /// Clears away what an import or an expiry left when the process ended.
    Leftovers,
}

impl Task {
    pub(super) fn prune(
        room: RoomKey,
        before_seq: Seq,
        answer: oneshot::Sender<Result<Seq, HistoryError>>,
    ) -> Self {
        Self::Prune {
            room,
            before_seq,
            answer,
        }
    }

    pub(super) fn sweep(
        retention: Retention,
        now_millis: i64,
        answer: oneshot::Sender<Result<Swept, HistoryError>>,
    ) -> Self {
        Self::Sweep {
            retention,
            now_millis,
            done: RoomKey(0),
            swept: Swept::default(),
            answer,
        }
    }

    fn fail(self, error: HistoryError) {
        // Who asked may have gone meanwhile.
        match self {
            Self::Prune { answer, .. } => drop(answer.send(Err(error))),
            Self::Sweep { answer, .. } => drop(answer.send(Err(error))),
            Self::Leftovers => {}
        }
    }
}

/// What the writer lends for a portion.
pub(super) struct Around<'a> {
    pub(super) open: &'a OpenRooms,
    pub(super) tails: &'a Tails,
    pub(super) deadline: Instant,
}

/// What is to be done.
#[derive(Default)]
pub(super) struct Upkeep {
    tasks: VecDeque<Task>,
}

impl Upkeep {
    pub(super) fn push(&mut self, task: Task) {
        self.tasks.push_back(task);
    }

    pub(super) fn is_due(&self) -> bool {
        !self.tasks.is_empty()
    }

    /// Does a portion of the first task. A task that fails is answered and given up.
    pub(super) fn portion(&mut self, connection: &mut Connection, around: &Around<'_>) {
        let Some(mut task) = self.tasks.pop_front() else {
            return;
        };
        match run(connection, &mut task, around) {
            Ok(false) => self.tasks.push_front(task),
            Ok(true) => finish(connection, task),
            Err(error) => {
                tracing::warn!(%error, "upkeep of the history failed");
                task.fail(error.into());
            }
        }
    }

    /// Answers what is left with an error.
    pub(super) fn fail_all(&mut self, error: &HistoryError) {
        for task in self.tasks.drain(..) {
            task.fail(error.clone());
        }
    }
}

fn finish(connection: &Connection, task: Task) {
    match task {
        Task::Prune { room, answer, .. } => {
            let gone = events::pruned_seq(connection, room).map_err(HistoryError::from);
            let _ = answer.send(gone);
        }
        Task::Sweep { swept, answer, .. } => drop(answer.send(Ok(swept))),
        Task::Leftovers => {}
    }
}

/// Works until the deadline; whether the task is done.
fn run(
    connection: &mut Connection,
    task: &mut Task,
    around: &Around<'_>,
) -> rusqlite::Result<bool> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut done = false;
    while !done && Instant::now() < around.deadline {
        done = match task {
            Task::Prune {
                room, before_seq, ..
            } => prune_some(&transaction, *room, *before_seq)? == 0,
            Task::Sweep {
                retention,
                now_millis,
                done,
                swept,
                ..
            } => sweep_some(&transaction, around, retention, *now_millis, done, swept)?,
            Task::Leftovers => clear_some(&transaction)?,
        };
    }
    transaction.commit()?;
    Ok(done)
}

/// Drops some of a room's events before `before_seq`; how many.
fn prune_some(transaction: &Connection, room: RoomKey, before_seq: Seq) -> rusqlite::Result<u64> {
    let snapshot: Option<Seq> = transaction
        .prepare_cached("SELECT seq FROM snapshots WHERE room = ?1")?
        .query_row([room.0], |row| number(row, 0))
        .optional()?;
    let gone = events::pruned_seq(transaction, room)?;
    let until = before_seq
        .saturating_sub(1)
        .min(snapshot.unwrap_or(0))
        .min(events::last_in_table(transaction, room)?)
        .min(gone + PORTION);
    if until <= gone {
        return Ok(0);
    }
    // What is dropped of a device is seen for good.
    let mut floor = transaction.prepare_cached(
        "UPDATE devices SET counter_floor = max(counter_floor, ?2) WHERE key = ?1",
    )?;
    let mut highest = transaction.prepare_cached(
        "SELECT device, max(counter) FROM events WHERE room = ?1 AND seq <= ?2 GROUP BY device",
    )?;
    let mut rows = highest.query([room.0, to_sql(until)])?;
    while let Some(row) = rows.next()? {
        floor.execute([row.get::<_, i64>(0)?, row.get::<_, i64>(1)?])?;
    }
    transaction
        .prepare_cached("DELETE FROM events WHERE room = ?1 AND seq <= ?2")?
        .execute([room.0, to_sql(until)])?;
    transaction
        .prepare_cached("UPDATE rooms SET pruned_seq = ?2 WHERE key = ?1")?
        .execute([room.0, to_sql(until)])?;
    Ok(until - gone)
}

/// One step of a sweep; whether all is done. `done` goes up room by room.
fn sweep_some(
    transaction: &Connection,
    around: &Around<'_>,
    retention: &Retention,
    now_millis: i64,
    done: &mut RoomKey,
    swept: &mut Swept,
) -> rusqlite::Result<bool> {
    let next: Option<(i64, i64)> = transaction
        .prepare_cached(
            "SELECT key, used_at FROM rooms WHERE key > ?1 AND state = 'live' ORDER BY key LIMIT 1",
        )?
        .query_row([done.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let before = |age: std::time::Duration| {
        now_millis.saturating_sub(i64::try_from(age.as_millis()).unwrap_or(i64::MAX))
    };
    let Some((key, used_at)) = next else {
        if let Some(known) = retention.expired_known {
            forget(transaction, before(known))?;
        }
        return clear_some(transaction);
    };
    let room = RoomKey(key);
    if let Some(unused) = retention.room_unused
        && used_at < before(unused)
        && !around.open.contains_key(&room)
        && !used_since(transaction, around.tails, room, before(unused))?
    {
        transaction
            .prepare_cached(
                "UPDATE rooms SET state = 'emptying', code = NULL, expired_at = ?2 WHERE key = ?1",
            )?
            .execute([key, now_millis])?;
        swept.rooms_expired += 1;
        *done = room;
        return Ok(false);
    }
    let by_count = match retention.events_per_room {
        Some(most) => (last_seq(transaction, around.tails, room)? + 1).saturating_sub(most),
        None => 0,
    };
    let by_age = match retention.event_age {
        Some(age) => first_since(transaction, room, before(age))?,
        None => 0,
    };
    let pruned = prune_some(transaction, room, by_count.max(by_age))?;
    swept.events_pruned += pruned;
    if pruned == 0 {
        *done = room;
    }
    Ok(false)
}

/// The first event from `since` on of the next portion, or the one after the portion.
fn first_since(transaction: &Connection, room: RoomKey, since: i64) -> rusqlite::Result<Seq> {
    let last_before = transaction
        .prepare_cached(
            "SELECT coalesce(max(seq), 0) FROM
             (SELECT seq, at FROM events WHERE room = ?1 ORDER BY seq LIMIT ?3) WHERE at < ?2",
        )?
        .query_row([room.0, since, to_sql(PORTION)], |row| number(row, 0))?;
    Ok(last_before + 1)
}

/// Whether a room's log has an event from `since` on.
fn used_since(
    transaction: &Connection,
    tails: &Tails,
    room: RoomKey,
    since: i64,
) -> rusqlite::Result<bool> {
    let at = match tails.last_seq(room) {
        Some(seq) => match tails.between(room, seq - 1, seq, 1).pop() {
            Some(spot) => events::in_journal(transaction, &spot)?.map(|event| event.at),
            None => None,
        },
        None => transaction
            .prepare_cached("SELECT at FROM events WHERE room = ?1 ORDER BY seq DESC LIMIT 1")?
            .query_row([room.0], |row| row.get(0))
            .optional()?,
    };
    Ok(at.is_some_and(|at| at >= since))
}

/// Removes the rows of rooms that expired long ago.
fn forget(transaction: &Connection, before: i64) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("DELETE FROM rooms WHERE state = 'expired' AND expired_at < ?1")?
        .execute([before])?;
    Ok(())
}

/// Removes some of the contents of a room that lives no more, or whose import did not end; whether there is none.
pub(in crate::history) fn clear_some(transaction: &Connection) -> rusqlite::Result<bool> {
    let next: Option<(i64, bool)> = transaction
        .prepare_cached(
            "SELECT key, state = 'importing' FROM rooms WHERE state IN ('emptying', 'importing') LIMIT 1",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((room, whole)) = next else {
        return Ok(true);
    };
    for query in [
        "DELETE FROM events WHERE room = ?1 AND seq IN (SELECT seq FROM events WHERE room = ?1 ORDER BY seq LIMIT ?2)",
        "DELETE FROM inbox WHERE (member, seq) IN (SELECT member, seq FROM inbox WHERE room = ?1 LIMIT ?2)",
        "DELETE FROM held WHERE key IN (SELECT key FROM held WHERE room = ?1 LIMIT ?2)",
        "DELETE FROM devices WHERE key IN (SELECT key FROM devices WHERE room = ?1 LIMIT ?2)",
        "DELETE FROM members WHERE key IN (SELECT key FROM members WHERE room = ?1 LIMIT ?2)",
        "DELETE FROM snapshots WHERE room IN (SELECT room FROM snapshots WHERE room = ?1 LIMIT ?2)",
    ] {
        let count = transaction
            .prepare_cached(query)?
            .execute([room, to_sql(PORTION)])?;
        if count > 0 {
            return Ok(false);
        }
    }
    let end = if whole {
        "DELETE FROM rooms WHERE key = ?1"
    } else {
        "UPDATE rooms SET state = 'expired' WHERE key = ?1"
    };
    transaction.prepare_cached(end)?.execute([room])?;
    Ok(false)
}

//! Recognising ops that come again.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::number;
use crate::history::{
    DeviceKey, OpPlace, RoomKey,
    sqlite::{connection::to_sql, tails::Tails},
};

pub(in crate::history::sqlite) fn find(
    connection: &Connection,
    tails: &Tails,
    room: RoomKey,
    device: DeviceKey,
    counter: u64,
) -> rusqlite::Result<Option<OpPlace>> {
    if let Some(seq) = tails.find(room, device, counter) {
        return Ok(Some(OpPlace::Log { seq }));
    }
    let op = params![room.0, device.0, to_sql(counter)];
    let snapshot = connection.unchecked_transaction()?;
    let in_log = snapshot
        .prepare_cached("SELECT seq FROM events WHERE room = ?1 AND device = ?2 AND counter = ?3")?
        .query_row(op, |row| number(row, 0))
        .optional()?;
    if let Some(seq) = in_log {
        return Ok(Some(OpPlace::Log { seq }));
    }
    let is_held = snapshot
        .prepare_cached("SELECT 1 FROM held WHERE room = ?1 AND device = ?2 AND counter = ?3")?
        .exists(op)?;
    if is_held {
        return Ok(Some(OpPlace::Held));
    }
    let in_inbox = snapshot
        .prepare_cached(
            "SELECT seq FROM inbox WHERE room = ?1 AND device = ?2 AND counter = ?3 AND member = sender",
        )?
        .query_row(op, |row| number(row, 0))
        .optional()?;
    if let Some(seq) = in_inbox {
        return Ok(Some(OpPlace::Inbox { seq }));
    }
    let passed = last_counter(&snapshot, tails, room, device)? >= counter;
    Ok(passed.then_some(OpPlace::Passed))
}

pub(in crate::history::sqlite) fn last_counter(
    connection: &Connection,
    tails: &Tails,
    room: RoomKey,
    device: DeviceKey,
) -> rusqlite::Result<u64> {
    // First, as the module of the tails says.
    let in_journal = tails.last_counter(room, device);
    let kept = connection
        .prepare_cached(
            "SELECT max(
                 coalesce((SELECT counter_floor FROM devices WHERE key = ?2), 0),
                 coalesce((SELECT max(counter) FROM events WHERE room = ?1 AND device = ?2), 0),
                 coalesce((SELECT max(counter) FROM held WHERE room = ?1 AND device = ?2), 0),
                 coalesce((SELECT max(counter) FROM inbox WHERE room = ?1 AND device = ?2), 0))",
        )?
        .query_row([room.0, device.0], |row| number(row, 0))?;
    Ok(kept.max(in_journal))
}

//! Keeping a room's snapshot, and trying whether there is room for anything at all.

use chat_relay_protocol::{MAX_MESSAGE_BYTES, Seq};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{connection::to_sql, leases::last_seq, query, requests::Context};
use crate::history::{HistoryError, RoomKey};

pub(super) fn save(
    context: &mut Context<'_>,
    room: RoomKey,
    seq: Seq,
    body: &[u8],
) -> rusqlite::Result<Result<(), HistoryError>> {
    if query::find::live(context.transaction, room)?.is_none() {
        return Ok(Err(HistoryError::NoRoom));
    }
    let last_seq = match context.open.get(&room) {
        Some(open) => open.last_seq,
        None => last_seq(context.transaction, context.tails, room)?,
    };
    let kept: Option<i64> = context
        .transaction
        .prepare_cached("SELECT seq FROM snapshots WHERE room = ?1")?
        .query_row([room.0], |row| row.get(0))
        .optional()?;
    if seq > last_seq || kept.is_some_and(|kept| to_sql(seq) < kept) {
        return Ok(Err(HistoryError::Conflict {
            first_seq: seq + 1,
            last_seq,
        }));
    }
    context
        .transaction
        .prepare_cached("INSERT OR REPLACE INTO snapshots (room, seq, body) VALUES (?1, ?2, ?3)")?
        .execute(params![room.0, to_sql(seq), body])?;
    Ok(Ok(()))
}

/// Takes room for the largest event and gives it back: a full store has none.
pub(super) fn probe(transaction: &Connection) -> rusqlite::Result<Result<(), HistoryError>> {
    transaction
        .prepare_cached("INSERT INTO probe (room_for) VALUES (zeroblob(?1))")?
        .execute([to_sql(MAX_MESSAGE_BYTES as u64)])?;
    transaction
        .prepare_cached("DELETE FROM probe")?
        .execute([])?;
    Ok(Ok(()))
}

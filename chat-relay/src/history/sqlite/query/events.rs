//! Events of a log, put together of the table and the journal.

use chat_relay_protocol::Seq;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{device_id, find, member_id, number};
use crate::history::{
    EventRow, Events, RoomKey,
    sqlite::{
        connection::to_sql,
        tails::{Half, Spot, Tails},
    },
};

/// What an event counts beside its body.
const EVENT_BYTES: usize = 100;

/// Which part of a log.
#[derive(Debug, Clone, Copy)]
pub(in crate::history) struct Piece {
    pub(in crate::history) after: Seq,
    pub(in crate::history) last: Seq,
    pub(in crate::history) chunk_bytes: usize,
}

/// Columns of [`event`], of an event called `e`.
macro_rules! event_columns {
    () => {
        "SELECT e.seq, e.at, m.id, d.id, e.counter, e.body FROM "
    };
}
macro_rules! event_names {
    () => {
        " e JOIN members m ON m.key = e.member JOIN devices d ON d.key = e.device "
    };
}
pub(super) use {event_columns, event_names};

pub(in crate::history::sqlite) fn between(
    connection: &Connection,
    tails: &Tails,
    room: RoomKey,
    piece: Piece,
) -> rusqlite::Result<Events> {
    let spots = spots(tails, room, piece);
    let snapshot = connection.unchecked_transaction()?;
    if find::live(&snapshot, room)?.is_none() {
        // What is left of an expired room is on its way out.
        return Ok(Events::default());
    }
    Ok(Events {
        rows: within(&snapshot, &spots, room, piece)?,
        pruned_seq: pruned_seq(&snapshot, room)?,
    })
}

/// What a piece may need of the journal; looked up before the transaction begins.
pub(in crate::history) fn spots(tails: &Tails, room: RoomKey, piece: Piece) -> Vec<Spot> {
    tails.between(
        room,
        piece.after,
        piece.last,
        piece.chunk_bytes / EVENT_BYTES + 1,
    )
}

/// A piece, within a transaction.
pub(in crate::history) fn within(
    transaction: &Connection,
    spots: &[Spot],
    room: RoomKey,
    piece: Piece,
) -> rusqlite::Result<Vec<EventRow>> {
    let mut rows = Vec::new();
    let mut bytes = 0;
    let mut statement = transaction.prepare_cached(concat!(
        event_columns!(),
        "events",
        event_names!(),
        "WHERE e.room = ?1 AND e.seq > ?2 AND e.seq <= ?3 ORDER BY e.seq"
    ))?;
    let mut found = statement.query(params![room.0, to_sql(piece.after), to_sql(piece.last)])?;
    while bytes < piece.chunk_bytes.max(1)
        && let Some(row) = found.next()?
    {
        let event = event(row)?;
        bytes += event.body_json.len() + EVENT_BYTES;
        rows.push(event);
    }
    let moved = last_in_table(transaction, room)?;
    for spot in spots.iter().filter(|spot| spot.seq > moved) {
        if bytes >= piece.chunk_bytes.max(1) {
            break;
        }
        if let Some(event) = in_journal(transaction, spot)? {
            bytes += event.body_json.len() + EVENT_BYTES;
            rows.push(event);
        }
    }
    Ok(rows)
}

pub(in crate::history::sqlite) fn at(
    connection: &Connection,
    tails: &Tails,
    room: RoomKey,
    mut seqs: Vec<Seq>,
) -> rusqlite::Result<Vec<EventRow>> {
    seqs.sort_unstable();
    seqs.dedup();
    let spots: Vec<_> = seqs
        .iter()
        .map(|seq| tails.between(room, seq.saturating_sub(1), *seq, 1).pop())
        .collect();
    let snapshot = connection.unchecked_transaction()?;
    let mut in_table = snapshot.prepare_cached(concat!(
        event_columns!(),
        "events",
        event_names!(),
        "WHERE e.room = ?1 AND e.seq = ?2"
    ))?;
    let mut rows = Vec::new();
    for (seq, spot) in seqs.iter().zip(spots) {
        let found = in_table
            .query_row(params![room.0, to_sql(*seq)], event)
            .optional()?;
        let found = match (found, spot) {
            (None, Some(spot)) => in_journal(&snapshot, &spot)?,
            (found, _) => found,
        };
        rows.extend(found);
    }
    Ok(rows)
}

/// The last event of a room that is in the table, 0 for none.
pub(in crate::history::sqlite) fn last_in_table(
    connection: &Connection,
    room: RoomKey,
) -> rusqlite::Result<Seq> {
    connection
        .prepare_cached("SELECT coalesce(max(seq), 0) FROM events WHERE room = ?1")?
        .query_row([room.0], |row| number(row, 0))
}

/// The last event of a room that was pruned, 0 for none.
pub(in crate::history::sqlite) fn pruned_seq(
    connection: &Connection,
    room: RoomKey,
) -> rusqlite::Result<Seq> {
    let found = connection
        .prepare_cached("SELECT pruned_seq FROM rooms WHERE key = ?1")?
        .query_row([room.0], |row| number(row, 0))
        .optional()?;
    Ok(found.unwrap_or(0))
}

/// An event of the journal. None when it has moved since its place was looked up.
pub(in crate::history) fn in_journal(
    connection: &Connection,
    spot: &Spot,
) -> rusqlite::Result<Option<EventRow>> {
    let mut statement = connection.prepare_cached(match spot.half {
        Half::Zero => concat!(
            event_columns!(),
            "journal_0",
            event_names!(),
            "WHERE e.key = ?1"
        ),
        Half::One => concat!(
            event_columns!(),
            "journal_1",
            event_names!(),
            "WHERE e.key = ?1"
        ),
    })?;
    statement.query_row([spot.entry.key], event).optional()
}

pub(super) fn event(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    Ok(EventRow {
        seq: number(row, 0)?,
        at: row.get(1)?,
        member: member_id(row, 2)?,
        device: device_id(row, 3)?,
        counter: number(row, 4)?,
        body_json: row.get_ref(5)?.as_str()?.into(),
    })
}

//! Chat messages of a log.

use chat_relay_protocol::Seq;
use rusqlite::{Connection, params};

use super::{
    events::{event, event_columns, event_names, in_journal, last_in_table},
    number,
};
use crate::history::{
    EventRow, MemberKey, RoomKey, is_chat,
    sqlite::connection::to_sql,
    sqlite::tails::{Half, Tails},
};

pub(in crate::history::sqlite) fn before(
    connection: &Connection,
    tails: &Tails,
    room: RoomKey,
    before: Seq,
    limit: usize,
) -> rusqlite::Result<Vec<EventRow>> {
    let spots = tails.between(room, 0, before.saturating_sub(1), usize::MAX);
    let snapshot = connection.unchecked_transaction()?;
    let moved = last_in_table(&snapshot, room)?;
    let mut rows = Vec::new();
    for spot in spots.iter().rev().take_while(|spot| spot.seq > moved) {
        if rows.len() >= limit {
            break;
        }
        rows.extend(in_journal(&snapshot, spot)?.filter(|event| is_chat(&event.body_json)));
    }
    let mut statement = snapshot.prepare_cached(concat!(
        event_columns!(),
        "events",
        event_names!(),
        "WHERE e.room = ?1 AND e.seq < ?2 AND e.is_chat ORDER BY e.seq DESC LIMIT ?3"
    ))?;
    let left = to_sql((limit - rows.len()) as u64);
    for row in statement.query_map(params![room.0, to_sql(before), left], event)? {
        rows.push(row?);
    }
    rows.reverse();
    Ok(rows)
}

pub(in crate::history::sqlite) fn count(
    connection: &Connection,
    tails: &Tails,
    room: RoomKey,
    member: MemberKey,
    after: Seq,
    limit: usize,
) -> rusqlite::Result<usize> {
    let spots = tails.between(room, after, Seq::MAX, usize::MAX);
    let snapshot = connection.unchecked_transaction()?;
    let moved = last_in_table(&snapshot, room)?;
    let count = snapshot
        .prepare_cached(
            "SELECT count(*) FROM
             (SELECT 1 FROM events WHERE room = ?1 AND seq > ?2 AND is_chat AND member <> ?3 LIMIT ?4)",
        )?
        .query_row(params![room.0, to_sql(after), member.0, to_sql(limit as u64)], |row| number(row, 0))?;
    let mut count = usize::try_from(count).unwrap_or(limit);
    for spot in spots.iter().filter(|spot| spot.seq > moved) {
        if count >= limit {
            break;
        }
        let mut of_others = snapshot.prepare_cached(match spot.half {
            Half::Zero => "SELECT 1 FROM journal_0 WHERE key = ?1 AND is_chat AND member <> ?2",
            Half::One => "SELECT 1 FROM journal_1 WHERE key = ?1 AND is_chat AND member <> ?2",
        })?;
        count += usize::from(of_others.exists([spot.entry.key, member.0])?);
    }
    Ok(count)
}

//! Applying a request of an open room within a transaction.

use rusqlite::{Connection, params};

use super::{
    connection::to_sql, journal::Journal, leases::OpenRooms, query::role_text, requests::Append,
    tails::Entry,
};
use crate::history::{Change, HeldEntry, HistoryError, NewDirect, RoomKey};

/// Applies `append`, or refuses it with nothing written. `noted` takes what is in the journal once this commits.
pub(super) fn apply(
    transaction: &Connection,
    append: &Append,
    open: &mut OpenRooms,
    journal: &mut Journal,
    noted: &mut Vec<(RoomKey, u64, Entry)>,
) -> rusqlite::Result<Result<(), HistoryError>> {
    let Some(room) = open.get_mut(&append.room) else {
        return Ok(Err(HistoryError::Superseded));
    };
    if room.lease != Some(append.lease) {
        return Ok(Err(HistoryError::Superseded));
    }
    let in_order = append
        .entries
        .iter()
        .zip(append.first_seq..)
        .all(|(entry, seq)| entry.seq == seq);
    if append.first_seq != room.last_seq + 1 || !in_order {
        room.lease = None;
        return Ok(Err(HistoryError::Conflict {
            first_seq: append.first_seq,
            last_seq: room.last_seq,
        }));
    }
    for entry in &append.entries {
        let key = journal.insert(transaction, append.room, entry)?;
        let entry_of_tail = Entry {
            key,
            device: entry.device,
            counter: entry.counter,
        };
        noted.push((append.room, entry.seq, entry_of_tail));
    }
    room.last_seq += append.entries.len() as u64;
    for change in &append.changes {
        apply_change(transaction, append.room, change)?;
    }
    Ok(Ok(()))
}

fn apply_change(transaction: &Connection, room: RoomKey, change: &Change) -> rusqlite::Result<()> {
    match change {
        Change::Hold(held) => hold(transaction, room, held),
        Change::Unhold { device, counter } => {
            transaction
                .prepare_cached(
                    "DELETE FROM held WHERE room = ?1 AND device = ?2 AND counter = ?3",
                )?
                .execute(params![room.0, device.0, to_sql(*counter)])?;
            keep_counter(transaction, device.0, *counter)
        }
        Change::Standing {
            member,
            role,
            muted,
            removed,
        } => {
            transaction
                .prepare_cached(
                    "UPDATE members SET role = ?2, muted = ?3, removed = ?4 WHERE key = ?1",
                )?
                .execute(params![member.0, role_text(*role), muted, removed])?;
            Ok(())
        }
        Change::Direct(direct) => direct_message(transaction, room, direct),
        Change::Counter { device, counter } => keep_counter(transaction, device.0, *counter),
    }
}

fn hold(transaction: &Connection, room: RoomKey, held: &HeldEntry) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("INSERT INTO held (room, at, member, device, counter, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![
            room.0,
            held.at,
            held.member.0,
            held.device.0,
            to_sql(held.counter),
            held.body_json
        ])?;
    Ok(())
}

fn direct_message(
    transaction: &Connection,
    room: RoomKey,
    direct: &NewDirect,
) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO inbox (member, seq, room, at, sender, receiver, device, counter, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    let mut place = |member: i64, seq: u64| {
        insert.execute(params![
            member,
            to_sql(seq),
            room.0,
            direct.at,
            direct.from.0,
            direct.to.0,
            direct.device.0,
            to_sql(direct.counter),
            direct.text
        ])
    };
    place(direct.from.0, direct.from_seq)?;
    if direct.to != direct.from {
        place(direct.to.0, direct.to_seq)?;
    }
    Ok(())
}

fn keep_counter(transaction: &Connection, device: i64, counter: u64) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("UPDATE devices SET counter_floor = max(counter_floor, ?2) WHERE key = ?1")?
        .execute(params![device, to_sql(counter)])?;
    Ok(())
}

//! Loading a room.

use rusqlite::{Connection, OptionalExtension as _};

use super::{
    device_id,
    events::{in_journal, pruned_seq},
    find::{live, member, member_columns},
    number,
};
use crate::history::{
    DeviceKey, HeldRow, MemberKey, MemberRecord, RoomKey, RoomLoad, Snapshot,
    sqlite::{leases::Opened, tails::Tails},
};

pub(in crate::history::sqlite) fn room(
    connection: &Connection,
    tails: &Tails,
    room: RoomKey,
    opened: Opened,
) -> rusqlite::Result<Option<RoomLoad>> {
    let last = tails
        .between(room, opened.last_seq.saturating_sub(1), opened.last_seq, 1)
        .pop();
    let transaction = connection.unchecked_transaction()?;
    let Some(record) = live(&transaction, room)? else {
        return Ok(None);
    };
    let in_table: Option<i64> = transaction
        .prepare_cached("SELECT at FROM events WHERE room = ?1 ORDER BY seq DESC LIMIT 1")?
        .query_row([room.0], |row| row.get(0))
        .optional()?;
    let in_journal = match last {
        Some(spot) => in_journal(&transaction, &spot)?.map(|event| event.at),
        None => None,
    };
    Ok(Some(RoomLoad {
        lease: opened.lease,
        last_seq: opened.last_seq,
        pruned_seq: pruned_seq(&transaction, room)?,
        last_at: in_journal.or(in_table).unwrap_or(record.created_at),
        members: members(&transaction, room)?,
        held: held(&transaction, room)?,
        snapshot: snapshot(&transaction, room)?,
        record,
    }))
}

pub(in crate::history) fn members(
    connection: &Connection,
    room: RoomKey,
) -> rusqlite::Result<Vec<MemberRecord>> {
    connection
        .prepare_cached(concat!(
            "SELECT ",
            member_columns!(),
            " FROM members m WHERE m.room = ?1 ORDER BY m.key"
        ))?
        .query_map([room.0], |row| member(row, 0))?
        .collect()
}

pub(in crate::history) fn held(
    connection: &Connection,
    room: RoomKey,
) -> rusqlite::Result<Vec<HeldRow>> {
    connection
        .prepare_cached(
            "SELECT h.at, h.member, h.device, d.id, h.counter, h.body FROM held h
             JOIN devices d ON d.key = h.device WHERE h.room = ?1 ORDER BY h.key",
        )?
        .query_map([room.0], |row| {
            Ok(HeldRow {
                at: row.get(0)?,
                member: MemberKey(row.get(1)?),
                device: DeviceKey(row.get(2)?),
                device_id: device_id(row, 3)?,
                counter: number(row, 4)?,
                body_json: row.get_ref(5)?.as_str()?.into(),
            })
        })?
        .collect()
}

pub(in crate::history) fn snapshot(
    connection: &Connection,
    room: RoomKey,
) -> rusqlite::Result<Option<Snapshot>> {
    connection
        .prepare_cached("SELECT seq, body FROM snapshots WHERE room = ?1")?
        .query_row([room.0], |row| {
            Ok(Snapshot {
                seq: number(row, 0)?,
                body: row.get(1)?,
            })
        })
        .optional()
}

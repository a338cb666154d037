//! Finding rooms by name, and whom credentials admit.

use chat_relay_protocol::{DeviceId, RoomId};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{device_id, member_id, number, role, room_id};
use crate::history::{
    Admission, DeviceKey, DeviceRecord, FoundRoom, MemberKey, MemberRecord, RoomKey, RoomRecord,
    SecretHash,
};

/// Columns of [`room`], of a table called `r`.
macro_rules! room_columns {
    () => {
        "r.key, r.id, r.code, r.epoch, r.created_at"
    };
}
/// Columns of [`member`], of a table called `m`.
macro_rules! member_columns {
    () => {
        "m.key, m.id, m.name, m.hue, m.role, m.muted, m.removed, m.read_seq,
         (SELECT coalesce(max(i.seq), 0) FROM inbox i WHERE i.member = m.key), m.created_at"
    };
}
pub(super) use member_columns;

pub(in crate::history::sqlite) fn by_id(
    connection: &Connection,
    id: &RoomId,
) -> rusqlite::Result<FoundRoom> {
    let found = connection
        .prepare_cached(concat!(
            "SELECT ",
            room_columns!(),
            ", r.state FROM rooms r WHERE r.id = ?1"
        ))?
        .query_row([id.as_str()], |row| {
            Ok(match row.get_ref(5)?.as_str()? {
                "live" => FoundRoom::Live(room(row, 0)?),
                "emptying" | "expired" => FoundRoom::Expired,
                _ => FoundRoom::Absent,
            })
        })
        .optional()?;
    Ok(found.unwrap_or(FoundRoom::Absent))
}

pub(in crate::history::sqlite) fn by_code(
    connection: &Connection,
    code: &str,
) -> rusqlite::Result<FoundRoom> {
    let found = connection
        .prepare_cached(concat!(
            "SELECT ",
            room_columns!(),
            " FROM rooms r WHERE r.code = ?1 AND r.state = 'live'"
        ))?
        .query_row([code], |row| room(row, 0))
        .optional()?;
    Ok(found.map_or(FoundRoom::Absent, FoundRoom::Live))
}

/// The room of a key, unless it has expired.
pub(in crate::history::sqlite) fn live(
    connection: &Connection,
    key: RoomKey,
) -> rusqlite::Result<Option<RoomRecord>> {
    connection
        .prepare_cached(concat!(
            "SELECT ",
            room_columns!(),
            " FROM rooms r WHERE r.key = ?1 AND r.state = 'live'"
        ))?
        .query_row([key.0], |row| room(row, 0))
        .optional()
}

macro_rules! admission_query {
    ($condition:literal) => {
        concat!(
            "SELECT ",
            room_columns!(),
            ", ",
            member_columns!(),
            ", d.key, d.id, d.created_at FROM devices d JOIN members m ON m.key = d.member
             JOIN rooms r ON r.key = d.room WHERE r.state = 'live' AND d.secret IS NOT NULL AND ",
            $condition
        )
    };
}

pub(in crate::history::sqlite) fn by_secret(
    connection: &Connection,
    secret: &SecretHash,
) -> rusqlite::Result<Option<Admission>> {
    connection
        .prepare_cached(admission_query!("d.secret = ?1"))?
        .query_row(params![secret], admission)
        .optional()
}

pub(in crate::history::sqlite) fn by_device(
    connection: &Connection,
    device: &DeviceId,
) -> rusqlite::Result<Option<Admission>> {
    connection
        .prepare_cached(admission_query!("d.id = ?1"))?
        .query_row([device.as_str()], admission)
        .optional()
}

fn admission(row: &Row<'_>) -> rusqlite::Result<Admission> {
    let member = member(row, 5)?;
    Ok(Admission {
        room: room(row, 0)?,
        device: DeviceRecord {
            key: DeviceKey(row.get(15)?),
            id: device_id(row, 16)?,
            member: member.key,
            created_at: row.get(17)?,
        },
        member,
    })
}

/// Reads [`room_columns`] from `first` on.
pub(super) fn room(row: &Row<'_>, first: usize) -> rusqlite::Result<RoomRecord> {
    Ok(RoomRecord {
        key: RoomKey(row.get(first)?),
        id: room_id(row, first + 1)?,
        code: row.get(first + 2)?,
        epoch: row.get(first + 3)?,
        created_at: row.get(first + 4)?,
    })
}

/// Reads [`member_columns`] from `first` on.
pub(super) fn member(row: &Row<'_>, first: usize) -> rusqlite::Result<MemberRecord> {
    Ok(MemberRecord {
        key: MemberKey(row.get(first)?),
        id: member_id(row, first + 1)?,
        name: row.get(first + 2)?,
        hue: row.get(first + 3)?,
        role: role(row.get_ref(first + 4)?.as_str()?),
        muted: row.get(first + 5)?,
        removed: row.get(first + 6)?,
        read_seq: number(row, first + 7)?,
        inbox_seq: number(row, first + 8)?,
        created_at: row.get(first + 9)?,
    })
}

//! Making rooms, members and devices, and changing them. A refusal comes before the first write.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::query::{find, role_text};
use crate::history::{
    Admission, DeviceKey, DeviceRecord, HistoryError, MemberKey, MemberRecord, NewDevice,
    NewMember, NewRoom, RoomKey, RoomRecord,
};

type Outcome<T> = rusqlite::Result<Result<T, HistoryError>>;

pub(super) fn create_room(transaction: &Connection, room: &NewRoom) -> Outcome<Admission> {
    if exists(
        transaction,
        "SELECT 1 FROM rooms WHERE code = ?1",
        &room.code,
    )? {
        return Ok(Err(HistoryError::CodeTaken));
    }
    if exists(
        transaction,
        "SELECT 1 FROM rooms WHERE id = ?1",
        room.id.as_str(),
    )? {
        return Ok(Err(id_taken(room.id.as_str())));
    }
    if let Some(taken) = device_taken(transaction, &room.owner.device)? {
        return Ok(Err(taken));
    }
    let key = RoomKey(
        transaction
            .prepare_cached(
                "INSERT INTO rooms (id, state, code, epoch, created_at, used_at) VALUES (?1, 'live', ?2, ?3, ?4, ?4)
                 RETURNING key",
            )?
            .query_row(params![room.id.as_str(), room.code, room.epoch, room.created_at], |row| row.get(0))?,
    );
    let record = RoomRecord {
        key,
        id: room.id.clone(),
        code: room.code.clone(),
        epoch: room.epoch.clone(),
        created_at: room.created_at,
    };
    insert_member(transaction, record, &room.owner).map(Ok)
}

pub(super) fn add_member(
    transaction: &Connection,
    room: RoomKey,
    member: &NewMember,
) -> Outcome<Admission> {
    let Some(record) = find::live(transaction, room)? else {
        return Ok(Err(HistoryError::NoRoom));
    };
    let taken: Option<i64> = transaction
        .prepare_cached("SELECT 1 FROM members WHERE room = ?1 AND id = ?2")?
        .query_row(params![room.0, member.id.as_str()], |row| row.get(0))
        .optional()?;
    if taken.is_some() {
        return Ok(Err(id_taken(member.id.as_str())));
    }
    if let Some(taken) = device_taken(transaction, &member.device)? {
        return Ok(Err(taken));
    }
    transaction
        .prepare_cached("UPDATE rooms SET used_at = max(used_at, ?2) WHERE key = ?1")?
        .execute([room.0, member.created_at])?;
    insert_member(transaction, record, member).map(Ok)
}

pub(super) fn add_device(
    transaction: &Connection,
    member: MemberKey,
    device: &NewDevice,
) -> Outcome<DeviceRecord> {
    let room: Option<i64> = transaction
        .prepare_cached("SELECT room FROM members WHERE key = ?1")?
        .query_row([member.0], |row| row.get(0))
        .optional()?;
    let Some(room) = room else {
        return Ok(Err(HistoryError::NoMember));
    };
    if let Some(taken) = device_taken(transaction, device)? {
        return Ok(Err(taken));
    }
    insert_device(transaction, RoomKey(room), member, device).map(Ok)
}

pub(super) fn remove_device(transaction: &Connection, device: DeviceKey) -> Outcome<()> {
    transaction
        .prepare_cached("UPDATE devices SET secret = NULL WHERE key = ?1")?
        .execute([device.0])?;
    Ok(Ok(()))
}

pub(super) fn keep_member(
    transaction: &Connection,
    member: MemberKey,
    name: &str,
    hue: u8,
) -> Outcome<()> {
    let changed = transaction
        .prepare_cached("UPDATE members SET name = ?2, hue = ?3 WHERE key = ?1")?
        .execute(params![member.0, name, hue])?;
    Ok(if changed == 0 {
        Err(HistoryError::NoMember)
    } else {
        Ok(())
    })
}

pub(super) fn set_code(transaction: &Connection, room: RoomKey, code: &str) -> Outcome<()> {
    let other: Option<i64> = transaction
        .prepare_cached("SELECT key FROM rooms WHERE code = ?1")?
        .query_row([code], |row| row.get(0))
        .optional()?;
    if other.is_some_and(|other| other != room.0) {
        return Ok(Err(HistoryError::CodeTaken));
    }
    let changed = transaction
        .prepare_cached("UPDATE rooms SET code = ?2 WHERE key = ?1 AND state = 'live'")?
        .execute(params![room.0, code])?;
    Ok(if changed == 0 {
        Err(HistoryError::NoRoom)
    } else {
        Ok(())
    })
}

fn insert_member(
    transaction: &Connection,
    room: RoomRecord,
    member: &NewMember,
) -> rusqlite::Result<Admission> {
    let key = MemberKey(
        transaction
            .prepare_cached(
                "INSERT INTO members (room, id, name, hue, role, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 RETURNING key",
            )?
            .query_row(
                params![
                    room.key.0,
                    member.id.as_str(),
                    member.name,
                    member.hue,
                    role_text(member.role),
                    member.created_at
                ],
                |row| row.get(0),
            )?,
    );
    let device = insert_device(transaction, room.key, key, &member.device)?;
    Ok(Admission {
        room,
        member: MemberRecord {
            key,
            id: member.id.clone(),
            name: member.name.clone(),
            hue: member.hue,
            role: member.role,
            muted: false,
            removed: false,
            read_seq: 0,
            inbox_seq: 0,
            created_at: member.created_at,
        },
        device,
    })
}

fn insert_device(
    transaction: &Connection,
    room: RoomKey,
    member: MemberKey,
    device: &NewDevice,
) -> rusqlite::Result<DeviceRecord> {
    let key = transaction
        .prepare_cached(
            "INSERT INTO devices (id, room, member, secret, created_at) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING key",
        )?
        .query_row(
            params![device.id.as_str(), room.0, member.0, device.secret, device.created_at],
            |row| row.get(0),
        )?;
    Ok(DeviceRecord {
        key: DeviceKey(key),
        id: device.id.clone(),
        member,
        created_at: device.created_at,
    })
}

/// Two devices of one secret would be one device.
fn device_taken(
    transaction: &Connection,
    device: &NewDevice,
) -> rusqlite::Result<Option<HistoryError>> {
    let taken: Option<i64> = transaction
        .prepare_cached("SELECT 1 FROM devices WHERE id = ?1 OR secret = ?2")?
        .query_row(params![device.id.as_str(), device.secret], |row| row.get(0))
        .optional()?;
    Ok(taken.map(|_| id_taken(device.id.as_str())))
}

fn exists(transaction: &Connection, query: &str, text: &str) -> rusqlite::Result<bool> {
    let mut statement = transaction.prepare_cached(query)?;
    statement.exists([text])
}

fn id_taken(id: &str) -> HistoryError {
    HistoryError::IdTaken { id: id.to_owned() }
}

//! Writing a dump.

use std::{io::Write, path::Path, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chat_relay_protocol::{DeviceId, MemberId, OpId, RoomId, Seq};
use rusqlite::{Connection, params};

use super::{
    DumpError, Dumped,
    line::{DeviceLine, DirectLine, EventLine, HeldLine, Line, MemberLine, RoomLine, SnapshotLine},
};
use crate::history::{
    OpenError, RoomKey,
    sqlite::{
        connection::{self, Place, Purpose, open_error},
        files,
        query::{device_id, events, load, member_id, number, room_id},
        schema, tables,
        tails::Tails,
    },
};

/// Bytes of a log that are read at a time.
const PIECE_BYTES: usize = 1024 * 1024;
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Writes what the data folder holds, or one room of it. A relay may run on it meanwhile.
///
/// # Errors
/// [`DumpError`]; what was written by then is not a whole dump.
pub fn export(
    data: &Path,
    room: Option<&RoomId>,
    out: &mut dyn Write,
) -> Result<Dumped, DumpError> {
    let path = files::database(data);
    if !path.is_file() {
        return Err(DumpError::NoDatabase { path });
    }
    let place = Place { path, vfs: None };
    let failed = |source| open_error(&place.path, source);
    let connection = connection::open(&place, Purpose::Read).map_err(failed)?;
    connection::configure(&connection, Purpose::Read, BUSY_TIMEOUT).map_err(failed)?;
    let found = schema::version(&connection).map_err(failed)?;
    let path = place.path.clone();
    let needed = tables::VERSION;
    if found > needed {
        let known = needed;
        return Err(OpenError::Version { path, found, known }.into());
    }
    if found < needed {
        return Err(DumpError::OldDatabase {
            path,
            found,
            needed,
        });
    }
    let transaction = connection.unchecked_transaction()?;
    let mut export = Export {
        transaction: &transaction,
        tails: Tails::scan(&transaction)?,
        out,
        dumped: Dumped::default(),
    };
    export.rooms(room)?;
    export
        .out
        .flush()
        .map_err(|source| DumpError::Write { source })?;
    Ok(export.dumped)
}

struct Export<'a> {
    transaction: &'a Connection,
    tails: Tails,
    out: &'a mut dyn Write,
    dumped: Dumped,
}

impl Export<'_> {
    fn rooms(&mut self, only: Option<&RoomId>) -> Result<(), DumpError> {
        let mut rooms = self.transaction.prepare(
            "SELECT key, id, code, epoch, created_at, used_at, pruned_seq FROM rooms
             WHERE state = 'live' AND (?1 IS NULL OR id = ?1) ORDER BY key",
        )?;
        let mut rooms = rooms.query([only.map(RoomId::as_str)])?;
        while let Some(row) = rooms.next()? {
            let key = RoomKey(row.get(0)?);
            let id = room_id(row, 1)?;
            let line = RoomLine {
                id: id.clone(),
                code: row.get(2)?,
                epoch: row.get(3)?,
                created_at: row.get(4)?,
                used_at: row.get(5)?,
                pruned_seq: number(row, 6)?,
            };
            let pruned_seq = line.pruned_seq;
            self.write(&Line::Room(line))?;
            self.people(key, &id)?;
            self.events(key, &id, pruned_seq)?;
            self.directs(key, &id)?;
            self.held(key, &id)?;
            self.dumped.rooms += 1;
        }
        match only {
            Some(id) if self.dumped.rooms == 0 => Err(DumpError::NoRoom { id: id.to_string() }),
            _ => Ok(()),
        }
    }

    fn people(&mut self, key: RoomKey, room: &RoomId) -> Result<(), DumpError> {
        for member in load::members(self.transaction, key)? {
            self.write(&Line::Member(MemberLine {
                room: room.clone(),
                id: member.id,
                name: member.name,
                role: member.role,
                hue: member.hue,
                muted: member.muted,
                removed: member.removed,
                read_seq: member.read_seq,
                created_at: member.created_at,
            }))?;
        }
        let mut devices = self.transaction.prepare_cached(
            "SELECT m.id, d.id, d.secret, d.counter_floor, d.created_at FROM devices d
             JOIN members m ON m.key = d.member WHERE d.room = ?1 ORDER BY d.key",
        )?;
        let mut devices = devices.query([key.0])?;
        while let Some(row) = devices.next()? {
            let secret: Option<[u8; 32]> = row.get(2)?;
            let line = DeviceLine {
                room: room.clone(),
                member: member_id(row, 0)?,
                id: device_id(row, 1)?,
                secret_sha256: secret.map(|secret| crate::secrets::hex(&secret)),
                last_counter: number(row, 3)?,
                created_at: row.get(4)?,
            };
            self.write(&Line::Device(line))?;
        }
        if let Some(snapshot) = load::snapshot(self.transaction, key)? {
            self.write(&Line::Snapshot(SnapshotLine {
                room: room.clone(),
                seq: snapshot.seq,
                body_base64: BASE64_STANDARD.encode(snapshot.body),
            }))?;
        }
        Ok(())
    }

    fn events(&mut self, key: RoomKey, room: &RoomId, pruned_seq: Seq) -> Result<(), DumpError> {
        let mut after = pruned_seq;
        loop {
            let piece = events::Piece {
                after,
                last: Seq::MAX,
                chunk_bytes: PIECE_BYTES,
            };
            let spots = events::spots(&self.tails, key, piece);
            let rows = events::within(self.transaction, &spots, key, piece)?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after = last.seq;
            for row in rows {
                self.dumped.events += 1;
                self.write(&Line::Event(EventLine {
                    room: room.clone(),
                    seq: row.seq,
                    at: row.at,
                    from: row.member,
                    op_id: op_id(row.device, row.counter),
                    body: body(&row.body_json)?,
                }))?;
            }
        }
    }

    fn directs(&mut self, key: RoomKey, room: &RoomId) -> Result<(), DumpError> {
        let mut directs = self.transaction.prepare_cached(
            "SELECT s.at, m.id, s.seq, o.id, r.seq, d.id, s.counter, s.body FROM inbox s
             JOIN inbox r ON r.room = s.room AND r.device = s.device AND r.counter = s.counter AND r.member = s.receiver
             JOIN members m ON m.key = s.sender JOIN members o ON o.key = s.receiver JOIN devices d ON d.key = s.device
             WHERE s.room = ?1 AND s.member = s.sender ORDER BY s.at, s.member, s.seq",
        )?;
        let mut directs = directs.query(params![key.0])?;
        while let Some(row) = directs.next()? {
            let line = DirectLine {
                room: room.clone(),
                at: row.get(0)?,
                from: member_id(row, 1)?,
                from_seq: number(row, 2)?,
                to: member_id(row, 3)?,
                to_seq: number(row, 4)?,
                op_id: op_id(device_id(row, 5)?, number(row, 6)?),
                text: row.get(7)?,
            };
            self.write(&Line::Direct(line))?;
        }
        Ok(())
    }

    fn held(&mut self, key: RoomKey, room: &RoomId) -> Result<(), DumpError> {
        let mut member = self
            .transaction
            .prepare_cached("SELECT id FROM members WHERE key = ?1")?;
        for held in load::held(self.transaction, key)? {
            let from: MemberId = member.query_row([held.member.0], |row| member_id(row, 0))?;
            self.write(&Line::Held(HeldLine {
                room: room.clone(),
                at: held.at,
                from,
                op_id: op_id(held.device_id, held.counter),
                body: body(&held.body_json)?,
            }))?;
        }
        Ok(())
    }

    fn write(&mut self, line: &Line) -> Result<(), DumpError> {
        let write = |source| DumpError::Write { source };
        serde_json::to_writer(&mut *self.out, line).map_err(|error| write(error.into()))?;
        self.out.write_all(b"\n").map_err(write)?;
        self.dumped.lines += 1;
        Ok(())
    }
}

fn op_id(device: DeviceId, counter: u64) -> OpId {
    OpId { device, counter }
}

fn body(json: &str) -> Result<serde_json::Value, DumpError> {
    serde_json::from_str(json).map_err(|error| {
        DumpError::History(crate::history::HistoryError::Damaged {
            reason: format!("a body is not JSON: {error}"),
        })
    })
}

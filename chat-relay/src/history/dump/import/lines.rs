//! Taking the lines over, each by its type.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chat_relay_protocol::RoomId;
use rusqlite::params;

use super::{
    Import,
    checks::{Checked, checked_body, exact, secret, taken},
    room::Room,
};
use crate::{
    history::{
        dump::{
            LineFault,
            line::{
                DeviceLine, DirectLine, EventLine, HeldLine, Line, MemberLine, RoomLine,
                SnapshotLine,
            },
        },
        is_chat,
        sqlite::{connection::to_sql, query::role_text},
    },
    secrets,
};

impl Import<'_> {
    pub(super) fn take(&mut self, line: Line) -> Checked<()> {
        match line {
            Line::Room(line) => self.add_room(line),
            Line::Member(line) => self.add_member(line),
            Line::Device(line) => self.add_device(line),
            Line::Snapshot(line) => self.add_snapshot(&line),
            Line::Event(line) => self.add_event(line),
            Line::Direct(line) => self.add_direct(line),
            Line::Held(line) => self.add_held(line),
        }
    }

    fn add_room(&mut self, line: RoomLine) -> Checked<()> {
        if secrets::normalized_code(&line.code).as_ref() != Some(&line.code) {
            return Err(LineFault::Code { code: line.code }.into());
        }
        self.free(
            "room",
            "SELECT 1 FROM rooms WHERE id = ?1",
            line.id.as_str(),
        )?;
        self.free("code", "SELECT 1 FROM rooms WHERE code = ?1", &line.code)?;
        self.connection
            .prepare_cached(
                "INSERT INTO rooms (id, state, code, epoch, created_at, used_at, pruned_seq)
                 VALUES (?1, 'importing', ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                line.id.as_str(),
                line.code,
                line.epoch,
                line.created_at,
                line.used_at.max(line.created_at),
                exact("pruned_seq", line.pruned_seq)?
            ])?;
        self.dumped.rooms += 1;
        Ok(())
    }

    fn add_member(&mut self, line: MemberLine) -> Checked<()> {
        if line.hue > 7 {
            return Err(LineFault::Hue { actual: line.hue }.into());
        }
        let read_seq = exact("read_seq", line.read_seq)?;
        let connection = self.connection;
        let room = self.room(&line.room)?;
        if room.members.contains_key(&line.id) {
            return Err(taken("member", line.id.as_str()));
        }
        let key = connection
            .prepare_cached(
                "INSERT INTO members (room, id, name, hue, role, muted, removed, read_seq, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) RETURNING key",
            )?
            .query_row(
                params![
                    room.key,
                    line.id.as_str(),
                    line.name,
                    line.hue,
                    role_text(line.role),
                    line.muted,
                    line.removed,
                    read_seq,
                    line.created_at
                ],
                |row| row.get(0),
            )?;
        room.members.insert(line.id, key);
        Ok(())
    }

    fn add_device(&mut self, line: DeviceLine) -> Checked<()> {
        let secret = line.secret_sha256.as_deref().map(secret).transpose()?;
        self.free(
            "device",
            "SELECT 1 FROM devices WHERE id = ?1",
            line.id.as_str(),
        )?;
        if let Some(secret) = &secret {
            let mut same = self
                .connection
                .prepare_cached("SELECT 1 FROM devices WHERE secret = ?1")?;
            if same.exists([secret])? {
                return Err(taken("secret of the device", line.id.as_str()));
            }
        }
        let last_counter = exact("last_counter", line.last_counter)?;
        let connection = self.connection;
        let room = self.room(&line.room)?;
        let member = room.member(&line.member)?;
        let key = connection
            .prepare_cached(
                "INSERT INTO devices (id, room, member, secret, counter_floor, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING key",
            )?
            .query_row(
                params![
                    line.id.as_str(),
                    room.key,
                    member,
                    secret,
                    last_counter,
                    line.created_at
                ],
                |row| row.get(0),
            )?;
        room.devices.insert(line.id, (key, member));
        Ok(())
    }

    fn add_snapshot(&mut self, line: &SnapshotLine) -> Checked<()> {
        let body = BASE64_STANDARD
            .decode(&line.body_base64)
            .map_err(|_| LineFault::Base64)?;
        let connection = self.connection;
        let seq = exact("seq", line.seq)?;
        let room = self.room(&line.room)?;
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO snapshots (room, seq, body) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![room.key, seq, body])?;
        Ok(())
    }

    fn add_event(&mut self, line: EventLine) -> Checked<()> {
        let body = checked_body(line.body)?;
        let connection = self.connection;
        let room = self.room(&line.room)?;
        if line.seq != room.last_seq + 1 {
            let (expected, actual) = (room.last_seq + 1, line.seq);
            return Err(LineFault::Order {
                field: "seq",
                expected,
                actual,
            }
            .into());
        }
        if line.at < room.last_at {
            let (before, actual) = (room.last_at, line.at);
            return Err(LineFault::Time { before, actual }.into());
        }
        let op = room.op(connection, &line.from, &line.op_id)?;
        connection
            .prepare_cached(
                "INSERT INTO events (room, seq, at, member, device, counter, is_chat, body)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                room.key,
                exact("seq", line.seq)?,
                line.at,
                op.member,
                op.device,
                op.counter,
                is_chat(&body),
                body
            ])?;
        (room.last_seq, room.last_at) = (line.seq, line.at);
        self.dumped.events += 1;
        Ok(())
    }

    fn add_direct(&mut self, line: DirectLine) -> Checked<()> {
        let connection = self.connection;
        let room = self.room(&line.room)?;
        let op = room.op(connection, &line.from, &line.op_id)?;
        let receiver = room.member(&line.to)?;
        let mut places = vec![("from_seq", op.member, line.from_seq)];
        if receiver != op.member {
            places.push(("to_seq", receiver, line.to_seq));
        }
        for (field, member, seq) in places {
            let place = params![member, exact(field, seq)?];
            let mut same =
                connection.prepare_cached("SELECT 1 FROM inbox WHERE member = ?1 AND seq = ?2")?;
            if same.exists(place)? {
                return Err(taken(field, &seq.to_string()));
            }
            connection
                .prepare_cached(
                    "INSERT INTO inbox (member, seq, room, at, sender, receiver, device, counter, body)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                )?
                .execute(params![
                    member,
                    to_sql(seq),
                    room.key,
                    line.at,
                    op.member,
                    receiver,
                    op.device,
                    op.counter,
                    line.text
                ])?;
        }
        Ok(())
    }

    fn add_held(&mut self, line: HeldLine) -> Checked<()> {
        let body = checked_body(line.body)?;
        let connection = self.connection;
        let room = self.room(&line.room)?;
        let op = room.op(connection, &line.from, &line.op_id)?;
        connection
            .prepare_cached(
                "INSERT INTO held (room, at, member, device, counter, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![room.key, line.at, op.member, op.device, op.counter, body])?;
        Ok(())
    }

    /// Refuses what is there already.
    fn free(&self, what: &'static str, query: &str, id: &str) -> Checked<()> {
        if self.connection.prepare_cached(query)?.exists([id])? {
            return Err(taken(what, id));
        }
        Ok(())
    }

    /// The room that a line is about.
    fn room(&mut self, id: &RoomId) -> Checked<&mut Room> {
        let room = match self.room.take() {
            Some(room) if room.id == *id => room,
            _ => Room::find(self.connection, id)?,
        };
        Ok(self.room.insert(room))
    }
}

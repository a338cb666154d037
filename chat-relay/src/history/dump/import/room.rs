//! A room that is being imported, as far as its lines have come.

use std::collections::HashMap;

use chat_relay_protocol::{DeviceId, MemberId, OpId, RoomId, Seq};
use rusqlite::{Connection, OptionalExtension as _, ToSql};

use super::checks::{Checked, Refusal, exact, missing};
use crate::history::{
    dump::LineFault,
    sqlite::query::{device_id, member_id},
};

/// A room that is being imported.
pub(super) struct Room {
    pub(super) id: RoomId,
    pub(super) key: i64,
    pub(super) last_seq: Seq,
    pub(super) last_at: i64,
    pub(super) members: HashMap<MemberId, i64>,
    /// Each with its member.
    pub(super) devices: HashMap<DeviceId, (i64, i64)>,
}

/// An op by keys.
pub(super) struct Op {
    pub(super) member: i64,
    pub(super) device: i64,
    pub(super) counter: i64,
}

impl Room {
    pub(super) fn find(connection: &Connection, id: &RoomId) -> Checked<Self> {
        let found: Option<(i64, i64, Option<i64>, i64)> = connection
            .prepare_cached(
                "SELECT r.key, coalesce(e.seq, r.pruned_seq), e.at, r.created_at FROM rooms r
                 LEFT JOIN events e ON e.room = r.key AND e.seq = (SELECT max(seq) FROM events WHERE room = r.key)
                 WHERE r.id = ?1 AND r.state = 'importing'",
            )?
            .query_row([id.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
            .optional()?;
        let (key, last_seq, last_at, created_at) =
            found.ok_or_else(|| missing("room", id.as_str()))?;
        let mut members = HashMap::new();
        let mut statement =
            connection.prepare_cached("SELECT id, key FROM members WHERE room = ?1")?;
        for row in statement.query_map([key], |row| Ok((member_id(row, 0)?, row.get(1)?)))? {
            let (id, key) = row?;
            members.insert(id, key);
        }
        let mut devices = HashMap::new();
        let mut statement =
            connection.prepare_cached("SELECT id, key, member FROM devices WHERE room = ?1")?;
        for row in statement.query_map([key], |row| {
            Ok((device_id(row, 0)?, (row.get(1)?, row.get(2)?)))
        })? {
            let (id, device) = row?;
            devices.insert(id, device);
        }
        Ok(Self {
            id: id.clone(),
            key,
            last_seq: last_seq.unsigned_abs(),
            last_at: last_at.unwrap_or(created_at),
            members,
            devices,
        })
    }

    pub(super) fn member(&self, id: &MemberId) -> Checked<i64> {
        self.members
            .get(id)
            .copied()
            .ok_or_else(|| missing("member", id.as_str()))
    }

    /// Checks an op that nothing else may have come from.
    pub(super) fn op(&self, connection: &Connection, from: &MemberId, id: &OpId) -> Checked<Op> {
        let member = self.member(from)?;
        let (device, owner) = self
            .devices
            .get(&id.device)
            .copied()
            .ok_or_else(|| missing("device", id.device.as_str()))?;
        if owner != member {
            return Err(Refusal::Fault(LineFault::NotTheirs {
                device: id.device.to_string(),
                member: from.to_string(),
            }));
        }
        let counter = exact("counter", id.counter)?;
        let op: [&dyn ToSql; 3] = [&self.key, &device, &counter];
        let seen = connection
            .prepare_cached(
                "SELECT 1 FROM events WHERE room = ?1 AND device = ?2 AND counter = ?3
                 UNION ALL SELECT 1 FROM inbox WHERE room = ?1 AND device = ?2 AND counter = ?3
                 UNION ALL SELECT 1 FROM held WHERE room = ?1 AND device = ?2 AND counter = ?3",
            )?
            .exists(op)?;
        if seen {
            return Err(Refusal::Fault(LineFault::Op {
                device: id.device.to_string(),
                counter: id.counter,
            }));
        }
        Ok(Op {
            member,
            device,
            counter,
        })
    }
}

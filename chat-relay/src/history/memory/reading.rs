//! Reading.

use chat_relay_protocol::{DeviceId, MemberId, RoomId, Seq};

use super::data::{Data, Device, Room};
use crate::history::{
    Admission, DeviceKey, DirectRow, EventRow, Events, FoundRoom, HeldRow, HistoryError, Lease,
    MemberKey, NewEntry, OpPlace, RoomKey, RoomLoad, is_chat,
};

/// What an event counts beside its body.
const EVENT_BYTES: usize = 100;

impl Data {
    pub(super) fn load(&mut self, key: RoomKey) -> Result<RoomLoad, HistoryError> {
        let lease = Lease(self.last_lease + 1);
        let room = self.live(key).ok_or(HistoryError::NoRoom)?;
        let load = RoomLoad {
            record: room.record.clone(),
            lease,
            last_seq: room.last_seq(),
            pruned_seq: room.pruned_seq,
            last_at: room
                .events
                .last()
                .map_or(room.record.created_at, |event| event.at),
            members: room
                .members
                .iter()
                .map(|member| member.record.clone())
                .collect(),
            held: room
                .held
                .iter()
                .filter_map(|held| {
                    Some(HeldRow {
                        at: held.at,
                        member: held.member,
                        device: held.device,
                        device_id: room.device_id(held.device)?,
                        counter: held.counter,
                        body_json: held.body_json.clone(),
                    })
                })
                .collect(),
            snapshot: room.snapshot.clone(),
        };
        self.last_lease = lease.0;
        self.open.insert(key, Some(lease));
        Ok(load)
    }

    pub(super) fn room_by_id(&self, id: &RoomId) -> FoundRoom {
        match self.rooms.values().find(|room| room.record.id == *id) {
            Some(room) if room.expired_at.is_some() => FoundRoom::Expired,
            Some(room) => FoundRoom::Live(room.record.clone()),
            None => FoundRoom::Absent,
        }
    }

    pub(super) fn room_by_code(&self, code: &str) -> FoundRoom {
        let mut live = self.rooms.values().filter(|room| room.expired_at.is_none());
        let found = live.find(|room| room.record.code == code);
        found.map_or(FoundRoom::Absent, |room| {
            FoundRoom::Live(room.record.clone())
        })
    }

    pub(super) fn admission(&self, is_it: impl Fn(&Device) -> bool) -> Option<Admission> {
        let live = self.rooms.values().filter(|room| room.expired_at.is_none());
        live.into_iter().find_map(|room| {
            let device = room.devices.iter().find(|device| is_it(device))?;
            let member = room
                .members
                .iter()
                .find(|member| member.record.key == device.record.member)?;
            Some(Admission {
                room: room.record.clone(),
                member: member.record.clone(),
                device: device.record.clone(),
            })
        })
    }

    pub(super) fn last_counter(&self, room: RoomKey, device: DeviceKey) -> u64 {
        self.live(room).map_or(0, |room| room.last_counter(device))
    }

    pub(super) fn find_op(
        &self,
        room: RoomKey,
        device: DeviceKey,
        counter: u64,
    ) -> Option<OpPlace> {
        let room = self.live(room)?;
        let op = (device, counter);
        if let Some(event) = room
            .events
            .iter()
            .find(|event| (event.device, event.counter) == op)
        {
            return Some(OpPlace::Log { seq: event.seq });
        }
        if room
            .held
            .iter()
            .any(|held| (held.device, held.counter) == op)
        {
            return Some(OpPlace::Held);
        }
        let mut directs = room.members.iter().flat_map(|member| &member.inbox);
        if let Some(direct) = directs.find(|direct| (direct.device, direct.counter) == op) {
            return Some(OpPlace::Inbox {
                seq: direct.from_seq,
            });
        }
        (room.last_counter(device) >= counter).then_some(OpPlace::Passed)
    }

    pub(super) fn events(
        &self,
        room: RoomKey,
        after: Seq,
        last: Seq,
        chunk_bytes: usize,
    ) -> Events {
        let Some(room) = self.live(room) else {
            return Events::default();
        };
        let mut bytes = 0;
        let wanted = room
            .events
            .iter()
            .filter(|event| event.seq > after && event.seq <= last);
        let fitting = wanted.take_while(|event| {
            let fits = bytes < chunk_bytes.max(1);
            bytes += event.body_json.len() + EVENT_BYTES;
            fits
        });
        Events {
            rows: fitting.filter_map(|event| room.row(event)).collect(),
            pruned_seq: room.pruned_seq,
        }
    }

    pub(super) fn events_at(&self, room: RoomKey, seqs: &[Seq]) -> Vec<EventRow> {
        let Some(room) = self.live(room) else {
            return Vec::new();
        };
        let chosen = room.events.iter().filter(|event| seqs.contains(&event.seq));
        chosen.filter_map(|event| room.row(event)).collect()
    }

    pub(super) fn chat_before(&self, room: RoomKey, before: Seq, limit: usize) -> Vec<EventRow> {
        let Some(room) = self.live(room) else {
            return Vec::new();
        };
        let events = room.events.iter().rev().filter(|event| event.seq < before);
        let chat = events.filter(|event| is_chat(&event.body_json));
        let mut rows: Vec<_> = chat
            .take(limit)
            .filter_map(|event| room.row(event))
            .collect();
        rows.reverse();
        rows
    }

    pub(super) fn chat_count(
        &self,
        room: RoomKey,
        member: MemberKey,
        after: Seq,
        limit: usize,
    ) -> usize {
        let events = self.live(room).map_or(&[][..], |room| &room.events);
        let others = events
            .iter()
            .filter(|event| event.seq > after && event.member != member);
        others
            .filter(|event| is_chat(&event.body_json))
            .take(limit)
            .count()
    }

    pub(super) fn inbox(&self, key: MemberKey, after: Seq, limit: usize) -> Vec<DirectRow> {
        let found = self.rooms.values().find_map(|room| {
            let member = room
                .members
                .iter()
                .find(|member| member.record.key == key)?;
            Some((room, member))
        });
        let Some((room, member)) = found else {
            return Vec::new();
        };
        let rows = member.inbox.iter().zip(1..).filter_map(|(direct, seq)| {
            Some(DirectRow {
                seq,
                at: direct.at,
                from: room.member_id(direct.from)?,
                to: room.member_id(direct.to)?,
                device: room.device_id(direct.device)?,
                counter: direct.counter,
                text: direct.text.clone(),
            })
        });
        rows.filter(|row| row.seq > after).take(limit).collect()
    }
}

impl Room {
    fn member_id(&self, key: MemberKey) -> Option<MemberId> {
        let member = self
            .members
            .iter()
            .find(|member| member.record.key == key)?;
        Some(member.record.id.clone())
    }

    fn device_id(&self, key: DeviceKey) -> Option<DeviceId> {
        let device = self
            .devices
            .iter()
            .find(|device| device.record.key == key)?;
        Some(device.record.id.clone())
    }

    fn row(&self, event: &NewEntry) -> Option<EventRow> {
        Some(EventRow {
            seq: event.seq,
            at: event.at,
            member: self.member_id(event.member)?,
            device: self.device_id(event.device)?,
            counter: event.counter,
            body_json: event.body_json.clone(),
        })
    }

    pub(super) fn last_counter(&self, device: DeviceKey) -> u64 {
        let floor = self.devices.iter().find(|kept| kept.record.key == device);
        let events = self
            .events
            .iter()
            .map(|event| (event.device, event.counter));
        let held = self.held.iter().map(|held| (held.device, held.counter));
        let directs = self.members.iter().flat_map(|member| &member.inbox);
        let directs = directs.map(|direct| (direct.device, direct.counter));
        let ops = events
            .chain(held)
            .chain(directs)
            .filter(|(by, _)| *by == device);
        let seen = ops.map(|(_, counter)| counter).max().unwrap_or(0);
        seen.max(floor.map_or(0, |device| device.counter_floor))
    }
}

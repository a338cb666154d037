//! What is held, and how it changes. Each change is refused as a whole, or happens as a whole.

use std::collections::{BTreeMap, HashMap};

use chat_relay_protocol::Seq;

use crate::history::{
    Admission, Change, DeviceKey, DeviceRecord, Done, HeldEntry, HistoryError, Lease, MemberKey,
    MemberRecord, NewDevice, NewDirect, NewEntry, NewMember, NewRoom, RoomAppend, RoomKey,
    RoomRecord, SecretHash, Snapshot,
};

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct Data {
    pub(super) rooms: BTreeMap<RoomKey, Room>,
    /// The lease of each open room; none after a refused write.
    pub(super) open: HashMap<RoomKey, Option<Lease>>,
    last_key: i64,
    pub(super) last_lease: u64,
}

#[derive(Debug)]
pub(super) struct Room {
    pub(super) record: RoomRecord,
    pub(super) expired_at: Option<i64>,
    pub(super) used_at: i64,
    pub(super) pruned_seq: Seq,
    pub(super) members: Vec<Member>,
    pub(super) devices: Vec<Device>,
    pub(super) events: Vec<NewEntry>,
    pub(super) held: Vec<HeldEntry>,
    pub(super) snapshot: Option<Snapshot>,
}

#[derive(Debug)]
pub(super) struct Member {
    pub(super) record: MemberRecord,
    pub(super) inbox: Vec<NewDirect>,
}

#[derive(Debug)]
pub(super) struct Device {
    pub(super) record: DeviceRecord,
    /// None once it was removed.
    pub(super) secret: Option<SecretHash>,
    pub(super) counter_floor: u64,
}

impl Room {
    pub(super) fn last_seq(&self) -> Seq {
        self.events
            .last()
            .map_or(self.pruned_seq, |event| event.seq)
    }

    pub(super) fn device_mut(&mut self, key: DeviceKey) -> Option<&mut Device> {
        self.devices
            .iter_mut()
            .find(|device| device.record.key == key)
    }

    pub(super) fn keep_counter(&mut self, key: DeviceKey, counter: u64) {
        if let Some(device) = self.device_mut(key) {
            device.counter_floor = counter.max(device.counter_floor);
        }
    }

    fn member_mut(&mut self, key: MemberKey) -> Option<&mut Member> {
        self.members
            .iter_mut()
            .find(|member| member.record.key == key)
    }

    fn apply(&mut self, change: Change) {
        match change {
            Change::Hold(held) => self.held.push(held),
            Change::Unhold { device, counter } => {
                self.held
                    .retain(|held| (held.device, held.counter) != (device, counter));
                self.keep_counter(device, counter);
            }
            Change::Standing {
                member,
                role,
                muted,
                removed,
            } => {
                if let Some(Member { record, .. }) = self.member_mut(member) {
                    (record.role, record.muted, record.removed) = (role, muted, removed);
                }
            }
            Change::Direct(direct) => {
                for (key, seq) in [(direct.from, direct.from_seq), (direct.to, direct.to_seq)] {
                    if let Some(member) = self.member_mut(key)
                        && member.record.inbox_seq + 1 == seq
                    {
                        member.record.inbox_seq = seq;
                        member.inbox.push(direct.clone());
                    }
                }
            }
            Change::Counter { device, counter } => self.keep_counter(device, counter),
        }
    }
}

impl Data {
    pub(super) fn live(&self, room: RoomKey) -> Option<&Room> {
        self.rooms
            .get(&room)
            .filter(|room| room.expired_at.is_none())
    }

    pub(super) fn live_mut(&mut self, room: RoomKey) -> Result<&mut Room, HistoryError> {
        self.rooms
            .get_mut(&room)
            .filter(|room| room.expired_at.is_none())
            .ok_or(HistoryError::NoRoom)
    }

    pub(super) fn end_leases(&mut self) {
        self.open.clear();
    }

    pub(super) fn end_lease(&mut self, room: RoomKey) {
        self.open.remove(&room);
    }

    pub(super) fn close(&mut self, room: RoomKey, lease: Lease) {
        if self
            .open
            .get(&room)
            .is_some_and(|now| now.is_none_or(|now| now == lease))
        {
            self.open.remove(&room);
        }
    }

    pub(super) fn append(&mut self, append: RoomAppend) -> (Done, Result<(), HistoryError>) {
        let place = (append.room, append.lease, append.first_seq);
        let outcome = self.append_to(place, append.entries, append.changes);
        (append.done, outcome)
    }

    fn append_to(
        &mut self,
        (key, lease, first_seq): (RoomKey, Lease, Seq),
        entries: Vec<NewEntry>,
        changes: Vec<Change>,
    ) -> Result<(), HistoryError> {
        if self.open.get(&key) != Some(&Some(lease)) {
            return Err(HistoryError::Superseded);
        }
        let room = self.rooms.get_mut(&key).ok_or(HistoryError::NoRoom)?;
        let last_seq = room.last_seq();
        let in_order = entries
            .iter()
            .zip(first_seq..)
            .all(|(entry, seq)| entry.seq == seq);
        if first_seq != last_seq + 1 || !in_order {
            self.open.insert(key, None);
            return Err(HistoryError::Conflict {
                first_seq,
                last_seq,
            });
        }
        room.events.extend(entries);
        changes.into_iter().for_each(|change| room.apply(change));
        Ok(())
    }

    pub(super) fn keep_read(&mut self, key: MemberKey, seq: Seq) {
        if let Ok(member) = self.member_mut(key) {
            member.record.read_seq = seq.max(member.record.read_seq);
        }
    }

    pub(super) fn touch(&mut self, room: RoomKey, now_millis: i64) {
        if let Ok(room) = self.live_mut(room) {
            room.used_at = now_millis.max(room.used_at);
        }
    }

    pub(super) fn save_snapshot(
        &mut self,
        room: RoomKey,
        seq: Seq,
        body: Vec<u8>,
    ) -> Result<(), HistoryError> {
        let room = self.live_mut(room)?;
        let last_seq = room.last_seq();
        if seq > last_seq || room.snapshot.as_ref().is_some_and(|kept| seq < kept.seq) {
            let first_seq = seq + 1;
            return Err(HistoryError::Conflict {
                first_seq,
                last_seq,
            });
        }
        room.snapshot = Some(Snapshot { seq, body });
        Ok(())
    }

    pub(super) fn create_room(&mut self, room: NewRoom) -> Result<Admission, HistoryError> {
        let mut rooms = self.rooms.values();
        if rooms.any(|kept| kept.expired_at.is_none() && kept.record.code == room.code) {
            return Err(HistoryError::CodeTaken);
        }
        if self.rooms.values().any(|kept| kept.record.id == room.id) {
            return Err(taken(room.id.as_str()));
        }
        self.device_free(&room.owner.device)?;
        let key = RoomKey(self.next_key());
        let record = RoomRecord {
            key,
            id: room.id,
            code: room.code,
            epoch: room.epoch,
            created_at: room.created_at,
        };
        let kept = Room {
            record,
            expired_at: None,
            used_at: room.created_at,
            pruned_seq: 0,
            members: Vec::new(),
            devices: Vec::new(),
            events: Vec::new(),
            held: Vec::new(),
            snapshot: None,
        };
        self.rooms.insert(key, kept);
        self.add_member(key, room.owner)
    }

    pub(super) fn add_member(
        &mut self,
        key: RoomKey,
        member: NewMember,
    ) -> Result<Admission, HistoryError> {
        self.device_free(&member.device)?;
        let member_key = MemberKey(self.next_key());
        let room = self.live_mut(key)?;
        if room.members.iter().any(|kept| kept.record.id == member.id) {
            return Err(taken(member.id.as_str()));
        }
        room.used_at = member.created_at.max(room.used_at);
        let record = MemberRecord {
            key: member_key,
            id: member.id,
            name: member.name,
            hue: member.hue,
            role: member.role,
            muted: false,
            removed: false,
            read_seq: 0,
            inbox_seq: 0,
            created_at: member.created_at,
        };
        room.members.push(Member {
            record: record.clone(),
            inbox: Vec::new(),
        });
        let room = room.record.clone();
        let device = self.add_device(member_key, member.device)?;
        Ok(Admission {
            room,
            member: record,
            device,
        })
    }

    pub(super) fn add_device(
        &mut self,
        member: MemberKey,
        device: NewDevice,
    ) -> Result<DeviceRecord, HistoryError> {
        self.device_free(&device)?;
        let key = DeviceKey(self.next_key());
        let has_member =
            |room: &&mut Room| room.members.iter().any(|kept| kept.record.key == member);
        let room = self
            .rooms
            .values_mut()
            .find(has_member)
            .ok_or(HistoryError::NoMember)?;
        let record = DeviceRecord {
            key,
            id: device.id,
            member,
            created_at: device.created_at,
        };
        room.devices.push(Device {
            record: record.clone(),
            secret: Some(device.secret),
            counter_floor: 0,
        });
        Ok(record)
    }

    pub(super) fn remove_device(&mut self, key: DeviceKey) {
        if let Some(device) = self
            .rooms
            .values_mut()
            .find_map(|room| room.device_mut(key))
        {
            device.secret = None;
        }
    }

    pub(super) fn keep_member(
        &mut self,
        key: MemberKey,
        name: String,
        hue: u8,
    ) -> Result<(), HistoryError> {
        let member = self.member_mut(key)?;
        (member.record.name, member.record.hue) = (name, hue);
        Ok(())
    }

    pub(super) fn set_code(&mut self, key: RoomKey, code: String) -> Result<(), HistoryError> {
        let others = self
            .rooms
            .iter()
            .filter(|(other, room)| **other != key && room.expired_at.is_none());
        if others.into_iter().any(|(_, room)| room.record.code == code) {
            return Err(HistoryError::CodeTaken);
        }
        self.live_mut(key)?.record.code = code;
        Ok(())
    }

    fn device_free(&self, device: &NewDevice) -> Result<(), HistoryError> {
        let mut devices = self.rooms.values().flat_map(|room| &room.devices);
        let same =
            |kept: &Device| kept.record.id == device.id || kept.secret == Some(device.secret);
        if devices.any(same) {
            return Err(taken(device.id.as_str()));
        }
        Ok(())
    }

    fn member_mut(&mut self, key: MemberKey) -> Result<&mut Member, HistoryError> {
        let mut rooms = self.rooms.values_mut();
        rooms
            .find_map(|room| room.member_mut(key))
            .ok_or(HistoryError::NoMember)
    }

    fn next_key(&mut self) -> i64 {
        self.last_key += 1;
        self.last_key
    }
}

fn taken(id: &str) -> HistoryError {
    HistoryError::IdTaken { id: id.to_owned() }
}

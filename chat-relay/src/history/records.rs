//! What is read.

use chat_relay_protocol::{DeviceId, MemberId, Role, RoomId, Seq};

use super::keys::{DeviceKey, Lease, MemberKey, RoomKey};

/// A room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomRecord {
    /// Its row.
    pub key: RoomKey,
    /// Its id.
    pub id: RoomId,
    /// The code that admits to it.
    pub code: String,
    /// The epoch of its log.
    pub epoch: String,
    /// When it was made.
    pub created_at: i64,
}

/// What stands under a room's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FoundRoom {
    /// The room.
    Live(RoomRecord),
    /// A room that was here and has expired.
    Expired,
    /// Nothing.
    Absent,
}

/// A member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRecord {
    /// Its row.
    pub key: MemberKey,
    /// Its id.
    pub id: MemberId,
    /// The name to show.
    pub name: String,
    /// 0 to 7.
    pub hue: u8,
    /// What it is.
    pub role: Role,
    /// Whether it may not write.
    pub muted: bool,
    /// Whether it was put out.
    pub removed: bool,
    /// How far it has read.
    pub read_seq: Seq,
    /// The last entry of its inbox.
    pub inbox_seq: Seq,
    /// When it joined.
    pub created_at: i64,
}

/// A device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRecord {
    /// Its row.
    pub key: DeviceKey,
    /// Its id.
    pub id: DeviceId,
    /// Whose it is.
    pub member: MemberKey,
    /// When it joined.
    pub created_at: i64,
}

/// Whom a device's credentials admit, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// The room.
    pub room: RoomRecord,
    /// The member.
    pub member: MemberRecord,
    /// The device.
    pub device: DeviceRecord,
}

/// All that a room's owner needs to open it. The events after the snapshot are read separately.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomLoad {
    /// The room.
    pub record: RoomRecord,
    /// To write with.
    pub lease: Lease,
    /// The end of the log, 0 where it is empty.
    pub last_seq: Seq,
    /// Events up to this one are gone; the snapshot stands for them.
    pub pruned_seq: Seq,
    /// When the last event was taken, or the room was made: the next one is not to be earlier.
    pub last_at: i64,
    /// All who were ever here, in the order of joining.
    pub members: Vec<MemberRecord>,
    /// Ops that wait for approval, in the order of arrival.
    pub held: Vec<HeldRow>,
    /// The latest snapshot.
    pub snapshot: Option<Snapshot>,
}

/// A room as it was after an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The event.
    pub seq: Seq,
    /// What was given to [`History::save_snapshot`](super::History::save_snapshot).
    pub body: Vec<u8>,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// Its place in the log.
    pub seq: Seq,
    /// When the room took it.
    pub at: i64,
    /// Who sent it.
    pub member: MemberId,
    /// On which device.
    pub device: DeviceId,
    /// The op's counter on that device.
    pub counter: u64,
    /// The body as JSON.
    pub body_json: Box<str>,
}

/// A piece of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Events {
    /// The events, oldest first.
    pub rows: Vec<EventRow>,
    /// Events up to this one are gone: who asked for some of them needs the snapshot.
    pub pruned_seq: Seq,
}

/// An op that waits for approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRow {
    /// When the room took it.
    pub at: i64,
    /// Who sent it.
    pub member: MemberKey,
    /// On which device.
    pub device: DeviceKey,
    /// The device's id.
    pub device_id: DeviceId,
    /// The op's counter on that device.
    pub counter: u64,
    /// The body as JSON.
    pub body_json: Box<str>,
}

/// An entry of a member's inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectRow {
    /// Its place in the inbox.
    pub seq: Seq,
    /// When the room took it.
    pub at: i64,
    /// Who sent it.
    pub from: MemberId,
    /// Whom it is for.
    pub to: MemberId,
    /// The device it was sent on.
    pub device: DeviceId,
    /// The op's counter on that device.
    pub counter: u64,
    /// What is written.
    pub text: Box<str>,
}

/// What became of an op.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpPlace {
    /// It is in the log.
    Log {
        /// Where.
        seq: Seq,
    },
    /// It waits for approval.
    Held,
    /// It was a direct message.
    Inbox {
        /// Where in the sender's inbox.
        seq: Seq,
    },
    /// It was seen, or a later one of its device was; where it stands is not known any more, or it never got a
    /// place. It is not to be taken again.
    Passed,
}

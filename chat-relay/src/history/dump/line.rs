//! The lines of a dump, as serde reads and writes them.

use chat_relay_protocol::{DeviceId, MemberId, OpId, Role, RoomId, Seq};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Line {
    Room(RoomLine),
    Member(MemberLine),
    Device(DeviceLine),
    Snapshot(SnapshotLine),
    Event(EventLine),
    Direct(DirectLine),
    Held(HeldLine),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RoomLine {
    pub(super) id: RoomId,
    pub(super) code: String,
    pub(super) epoch: String,
    pub(super) created_at: i64,
    #[serde(default)]
    pub(super) used_at: i64,
    #[serde(default)]
    pub(super) pruned_seq: Seq,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MemberLine {
    pub(super) room: RoomId,
    pub(super) id: MemberId,
    pub(super) name: String,
    pub(super) role: Role,
    #[serde(default)]
    pub(super) hue: u8,
    #[serde(default)]
    pub(super) muted: bool,
    #[serde(default)]
    pub(super) removed: bool,
    #[serde(default)]
    pub(super) read_seq: Seq,
    pub(super) created_at: i64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeviceLine {
    pub(super) room: RoomId,
    pub(super) member: MemberId,
    pub(super) id: DeviceId,
    /// Absent for a device that was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) secret_sha256: Option<String>,
    /// Ops up to this one count as seen.
    #[serde(default)]
    pub(super) last_counter: u64,
    pub(super) created_at: i64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SnapshotLine {
    pub(super) room: RoomId,
    pub(super) seq: Seq,
    pub(super) body_base64: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventLine {
    pub(super) room: RoomId,
    pub(super) seq: Seq,
    pub(super) at: i64,
    pub(super) from: MemberId,
    pub(super) op_id: OpId,
    pub(super) body: Value,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DirectLine {
    pub(super) room: RoomId,
    pub(super) at: i64,
    pub(super) from: MemberId,
    pub(super) from_seq: Seq,
    pub(super) to: MemberId,
    pub(super) to_seq: Seq,
    pub(super) op_id: OpId,
    pub(super) text: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HeldLine {
    pub(super) room: RoomId,
    pub(super) at: i64,
    pub(super) from: MemberId,
    pub(super) op_id: OpId,
    pub(super) body: Value,
}

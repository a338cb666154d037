//! The shapes of the state's JSON, as `web` documents them. Names are camelCase there.

use std::collections::{BTreeMap, BTreeSet};

use chat_relay_protocol::{AnnotationId, DeviceId, MemberId, Role, Tracking, ViewMode};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RoomState<'a> {
    pub(super) room: &'a str,
    pub(super) code: &'a str,
    pub(super) connection: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) retry_in_millis: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) problem: Option<ProblemState<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) notice: Option<NoticeState<'a>>,
    pub(super) pending: usize,
    pub(super) synced: bool,
    #[serde(rename = "self")]
    pub(super) me: SelfState<'a>,
    pub(super) members: Vec<MemberState<'a>>,
    pub(super) settings: SettingsState<'a>,
    pub(super) chat: Vec<ChatState<'a>>,
    pub(super) more_history: bool,
    pub(super) fetching_history: bool,
    pub(super) read_seq: u64,
    pub(super) unread: u32,
    pub(super) held: Vec<HeldState<'a>>,
    pub(super) inbox: Vec<DirectState<'a>>,
    pub(super) annotations: Vec<AnnotationState<'a>>,
    pub(super) alignment: AlignmentState,
}

#[derive(Serialize)]
pub(super) struct ProblemState<'a> {
    pub(super) code: &'a str,
    pub(super) message: &'a str,
    pub(super) retry: bool,
}

#[derive(Serialize)]
pub(super) struct NoticeState<'a> {
    pub(super) number: u64,
    pub(super) code: &'a str,
    pub(super) message: &'a str,
}

#[derive(Serialize)]
pub(super) struct SelfState<'a> {
    pub(super) member: &'a MemberId,
    pub(super) name: &'a str,
    pub(super) hue: u8,
    pub(super) device: &'a DeviceId,
    pub(super) role: Role,
    pub(super) muted: bool,
}

#[derive(Serialize)]
pub(super) struct MemberState<'a> {
    pub(super) member: &'a MemberId,
    pub(super) name: &'a str,
    pub(super) hue: u8,
    pub(super) device: &'a DeviceId,
    pub(super) role: Role,
    pub(super) muted: bool,
    pub(super) presence: PresenceState,
    #[serde(rename = "self")]
    pub(super) me: bool,
}

#[derive(Serialize)]
pub(super) struct PresenceState {
    pub(super) mode: ViewMode,
    pub(super) tracking: Tracking,
    pub(super) aligned: bool,
    pub(super) typing: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SettingsState<'a> {
    pub(super) locked: bool,
    pub(super) approval: bool,
    pub(super) closed: bool,
    pub(super) locked_annotations: &'a [AnnotationId],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChatState<'a> {
    pub(super) key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) seq: Option<u64>,
    pub(super) member: &'a MemberId,
    pub(super) name: &'a str,
    pub(super) hue: u8,
    pub(super) text: &'a str,
    pub(super) at_millis: i64,
    pub(super) pending: bool,
    pub(super) held: bool,
    pub(super) mine: bool,
    pub(super) edited: bool,
    pub(super) deleted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reply_to: Option<u64>,
    pub(super) mentions: &'a [MemberId],
    pub(super) reactions: &'a BTreeMap<String, BTreeSet<MemberId>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HeldState<'a> {
    pub(super) device: &'a DeviceId,
    pub(super) counter: u64,
    pub(super) member: &'a MemberId,
    pub(super) name: &'a str,
    pub(super) hue: u8,
    pub(super) at_millis: i64,
    pub(super) mine: bool,
    /// `chat`, `edit`, `reaction` or `annotation`.
    pub(super) kind: &'static str,
    /// What it says, where it says something.
    pub(super) text: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DirectState<'a> {
    pub(super) key: String,
    /// Who wrote it.
    pub(super) member: &'a MemberId,
    pub(super) name: &'a str,
    pub(super) hue: u8,
    pub(super) to: &'a MemberId,
    pub(super) text: &'a str,
    pub(super) at_millis: i64,
    pub(super) pending: bool,
    pub(super) mine: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AnnotationState<'a> {
    pub(super) id: &'a AnnotationId,
    pub(super) kind: &'a str,
    pub(super) label: &'a str,
    pub(super) member: &'a MemberId,
    pub(super) name: &'a str,
    pub(super) hue: u8,
    pub(super) at_millis: i64,
    pub(super) placed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) position: Option<[f64; 3]>,
    pub(super) pending: bool,
    pub(super) held: bool,
    pub(super) locked: bool,
    pub(super) mine: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AlignmentState {
    pub(super) state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) residual_m: Option<f64>,
    pub(super) defined_by_other: bool,
}

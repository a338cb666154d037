//! The state of a room as the page shows it.

use chat_relay_protocol::{
    AnnotationId, Body, DeviceId, Tracking, ViewMode,
    scene::{FIELD_LABEL, KIND_ANCHOR},
};
use serde::Serialize;

use super::{
    client::{Client, Moment, Problem},
    link::Link,
};
use crate::placement::room_from_object;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RoomState<'a> {
    room: &'a str,
    code: &'a str,
    connection: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_in_millis: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<ProblemState<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<NoticeState<'a>>,
    pending: usize,
    synced: bool,
    #[serde(rename = "self")]
    me: Author<'a>,
    members: Vec<MemberState<'a>>,
    chat: Vec<ChatState<'a>>,
    annotations: Vec<AnnotationState<'a>>,
    alignment: AlignmentState,
}

#[derive(Serialize)]
struct ProblemState<'a> {
    code: &'a str,
    message: &'a str,
    retry: bool,
}

#[derive(Serialize)]
struct NoticeState<'a> {
    number: u64,
    code: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
struct Author<'a> {
    device: &'a str,
    name: &'a str,
    hue: u8,
}

#[derive(Serialize)]
struct MemberState<'a> {
    #[serde(flatten)]
    author: Author<'a>,
    presence: PresenceState,
    #[serde(rename = "self")]
    me: bool,
}

#[derive(Serialize)]
struct PresenceState {
    mode: ViewMode,
    tracking: Tracking,
    aligned: bool,
    typing: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChatState<'a> {
    key: String,
    #[serde(flatten)]
    author: Author<'a>,
    text: &'a str,
    at_millis: i64,
    pending: bool,
    mine: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AnnotationState<'a> {
    id: &'a AnnotationId,
    kind: &'a str,
    label: &'a str,
    #[serde(flatten)]
    author: Author<'a>,
    at_millis: i64,
    placed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<[f64; 3]>,
    pending: bool,
    mine: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AlignmentState {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    residual_m: Option<f64>,
    defined_by_other: bool,
}

impl Client {
    /// The state as JSON, in the shape that `web` documents as `RoomState`.
    pub fn state_json(&self, now: Moment) -> String {
        let state = RoomState {
            room: self.options.room.as_str(),
            code: &self.code,
            connection: self.connection_word(),
            retry_in_millis: match self.link {
                Link::Waiting { until_millis } => {
                    Some(until_millis.saturating_sub(now.monotonic_millis))
                }
                _ => None,
            },
            problem: self.problem.as_ref().map(problem_state),
            notice: self.notice.as_ref().map(|(number, problem)| NoticeState {
                number: *number,
                code: &problem.code,
                message: &problem.message,
            }),
            pending: self.outbox.len(),
            synced: self.is_synced(),
            me: self.author(self.device()),
            members: self.member_states(),
            chat: self.chat_states(),
            annotations: self.annotation_states(),
            alignment: self.alignment_state(),
        };
        // Keys are strings, numbers are checked when they come in, and writing to memory does not fail.
        serde_json::to_string(&state).unwrap_or_default()
    }

    /// Whether the log is complete, as of the relay's last welcome.
    pub fn is_synced(&self) -> bool {
        matches!(self.link, Link::Joined(joined) if self.log.last_seq() >= joined.complete_at)
    }

    fn connection_word(&self) -> &'static str {
        match self.link {
            Link::Joined(_) => "online",
            Link::Closed => "closed",
            _ if !self.online => "offline",
            Link::Idle => "connecting",
            Link::Connecting { .. } if self.problem.is_none() => "connecting",
            Link::Connecting { .. } | Link::Waiting { .. } => "reconnecting",
        }
    }

    /// The name and hue of a device, as far as they were ever heard.
    pub fn name_and_hue(&self, device: &DeviceId) -> (&str, u8) {
        if device == self.device() {
            return (&self.me.name, self.me.hue);
        }
        self.members.name_and_hue(device)
    }

    fn author<'a>(&'a self, device: &'a DeviceId) -> Author<'a> {
        let (name, hue) = self.name_and_hue(device);
        Author {
            device: device.as_str(),
            name,
            hue,
        }
    }

    fn member_states(&self) -> Vec<MemberState<'_>> {
        let others = self
            .members
            .connected()
            .filter(|member| member.device != *self.device());
        std::iter::once(&self.me)
            .chain(others)
            .map(|member| MemberState {
                author: self.author(&member.device),
                presence: PresenceState {
                    mode: member.presence.mode,
                    tracking: member.presence.tracking,
                    aligned: member.presence.aligned,
                    typing: member.presence.typing,
                },
                me: member.device == *self.device(),
            })
            .collect()
    }

    fn chat_states(&self) -> Vec<ChatState<'_>> {
        let logged = self
            .log
            .events()
            .iter()
            .map(|event| (&event.op_id, &event.body, event.at, false));
        let pending = self.outbox.pending().map(|pending| {
            (
                &pending.op.op_id,
                &pending.op.body,
                pending.made_at_unix_millis,
                true,
            )
        });
        logged
            .chain(pending)
            .filter_map(|(op_id, body, at_millis, pending)| match body {
                Body::Chat { text } => Some(ChatState {
                    key: format!("{}:{}", op_id.device, op_id.counter),
                    author: self.author(&op_id.device),
                    text,
                    at_millis,
                    pending,
                    mine: op_id.device == *self.device(),
                }),
                _ => None,
            })
            .collect()
    }

    fn annotation_states(&self) -> Vec<AnnotationState<'_>> {
        let scene = self.scene();
        scene
            .annotations()
            .filter(|(_, annotation)| annotation.kind() != KIND_ANCHOR)
            .map(|(id, annotation)| {
                let position =
                    room_from_object(scene, id).map(|pose| pose.translation_m.to_array());
                AnnotationState {
                    id,
                    kind: annotation.kind(),
                    label: annotation.text(FIELD_LABEL),
                    author: self.author(&annotation.from),
                    at_millis: annotation.at,
                    placed: position.is_some(),
                    position,
                    pending: self.is_pending(id),
                    mine: annotation.from == *self.device(),
                }
            })
            .collect()
    }

    fn alignment_state(&self) -> AlignmentState {
        let alignment = self.alignment();
        let defined = self.scene().second_spot_in_room().is_some();
        AlignmentState {
            state: if self.first_spot().is_some() {
                "first-spot"
            } else if alignment.is_some() {
                "aligned"
            } else if defined {
                "unaligned"
            } else {
                "undefined"
            },
            residual_m: alignment.map(|alignment| alignment.residual_m),
            defined_by_other: defined && !self.frame_is_mine(),
        }
    }
}

fn problem_state(problem: &Problem) -> ProblemState<'_> {
    ProblemState {
        code: &problem.code,
        message: &problem.message,
        retry: problem.retry,
    }
}

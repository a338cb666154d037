//! The state of a room as the page shows it.

mod shapes;

use chat_relay_client::{ChatEntry, ConnectionState, DirectEntry};
use chat_relay_protocol::{
    Body, HeldOp, Member, OpId, RoomSettings, SceneOp,
    scene::{FIELD_LABEL, KIND_ANCHOR},
};

use super::{Moment, client::Client};
use crate::placement::room_from_object;
use shapes::{
    AlignmentState, AnnotationState, ChatState, DirectState, HeldState, MemberState, NoticeState,
    PresenceState, ProblemState, RoomState, SelfState, SettingsState,
};

impl Client {
    /// The state as JSON, in the shape that `web` documents as `RoomState`.
    pub fn state_json(&self, now: Moment) -> String {
        let relay = &self.relay;
        let (settings, chat, inbox) = (relay.settings(), relay.chat_entries(), relay.inbox());
        let me = relay.me();
        let (name, hue) = self.name_and_hue(&me.member);
        let state = RoomState {
            room: relay.options().room.as_str(),
            code: relay.code(),
            connection: connection_word(relay.connection()),
            retry_in_millis: relay.retry_in_millis(now),
            problem: relay.problem().map(|problem| ProblemState {
                code: &problem.code,
                message: &problem.message,
                retry: problem.retry,
            }),
            notice: relay.notice().map(|notice| NoticeState {
                number: notice.number,
                code: &notice.problem.code,
                message: &notice.problem.message,
            }),
            pending: relay.pending_count(),
            synced: relay.is_synced(),
            me: SelfState {
                member: &me.member,
                name,
                hue,
                device: &me.device,
                role: me.role,
                muted: me.muted,
            },
            members: std::iter::once(me)
                .chain(relay.others())
                .map(|member| self.member_state(member))
                .collect(),
            settings: SettingsState {
                locked: settings.locked,
                approval: settings.approval,
                closed: settings.closed,
                locked_annotations: &settings.locked_annotations,
            },
            chat: chat.iter().map(|entry| self.chat_state(entry)).collect(),
            more_history: relay.has_older_messages(),
            fetching_history: relay.is_fetching_messages(),
            read_seq: relay.read_seq(),
            unread: relay.unread(),
            held: relay
                .held()
                .into_iter()
                .map(|held| self.held_state(held))
                .collect(),
            inbox: inbox.iter().map(|entry| self.direct_state(entry)).collect(),
            annotations: self.annotation_states(&settings),
            alignment: self.alignment_state(),
        };
        // Keys are strings, numbers are checked when they come in, and writing to memory does not fail.
        serde_json::to_string(&state).unwrap_or_default()
    }

    fn member_state<'a>(&'a self, member: &'a Member) -> MemberState<'a> {
        let standing = self.relay.standing(&member.member);
        let (name, hue) = self.name_and_hue(&member.member);
        MemberState {
            member: &member.member,
            name,
            hue,
            device: &member.device,
            role: standing.role,
            muted: standing.muted,
            presence: PresenceState {
                mode: member.presence.mode,
                tracking: member.presence.tracking,
                aligned: member.presence.aligned,
                typing: member.presence.typing,
            },
            me: member.device == *self.device(),
        }
    }

    fn chat_state<'a>(&'a self, entry: &'a ChatEntry<'_>) -> ChatState<'a> {
        let message = &*entry.message;
        let (name, hue) = self.name_and_hue(&message.from);
        ChatState {
            key: key(&message.op_id),
            seq: (message.seq > 0).then_some(message.seq),
            member: &message.from,
            name,
            hue,
            text: &message.text,
            at_millis: message.at,
            pending: entry.pending,
            held: entry.held,
            mine: message.from == *self.member(),
            edited: message.edited_at.is_some() && !message.deleted,
            deleted: message.deleted,
            reply_to: message.reply_to,
            mentions: &message.mentions,
            reactions: &message.reactions,
        }
    }

    fn held_state<'a>(&'a self, held: &'a HeldOp) -> HeldState<'a> {
        let (kind, text) = match &held.op.body {
            Body::Chat(chat) => ("chat", chat.text.as_str()),
            Body::ChatEdit { text, .. } => ("edit", text.as_str()),
            Body::Reaction { emoji, .. } => ("reaction", emoji.as_str()),
            Body::Scene {
                op: SceneOp::Put { fields, .. } | SceneOp::Patch { fields, .. },
            } => (
                "annotation",
                fields
                    .get(FIELD_LABEL)
                    .and_then(|label| label.as_str())
                    .unwrap_or_default(),
            ),
            _ => ("annotation", ""),
        };
        let (name, hue) = self.name_and_hue(&held.from);
        HeldState {
            device: &held.op.op_id.device,
            counter: held.op.op_id.counter,
            member: &held.from,
            name,
            hue,
            at_millis: held.at,
            mine: held.from == *self.member(),
            kind,
            text,
        }
    }

    fn direct_state<'a>(&'a self, entry: &'a DirectEntry<'_>) -> DirectState<'a> {
        let direct = &*entry.direct;
        let (name, hue) = self.name_and_hue(&direct.from);
        DirectState {
            key: key(&direct.op_id),
            member: &direct.from,
            name,
            hue,
            to: &direct.to,
            text: &direct.text,
            at_millis: direct.at,
            pending: entry.pending,
            mine: direct.from == *self.member(),
        }
    }

    fn annotation_states(&self, settings: &RoomSettings) -> Vec<AnnotationState<'_>> {
        let scene = self.scene();
        scene
            .annotations()
            .filter(|(_, annotation)| annotation.kind() != KIND_ANCHOR)
            .map(|(id, annotation)| {
                let position =
                    room_from_object(scene, id).map(|pose| pose.translation_m.to_array());
                let (pending, held) = self.relay.annotation_waits(id);
                let (name, hue) = self.name_and_hue(&annotation.from);
                AnnotationState {
                    id,
                    kind: annotation.kind(),
                    label: annotation.text(FIELD_LABEL),
                    member: &annotation.from,
                    name,
                    hue,
                    at_millis: annotation.at,
                    placed: position.is_some(),
                    position,
                    pending,
                    held,
                    locked: settings.locked_annotations.contains(id),
                    mine: annotation.from == *self.member(),
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

fn connection_word(state: ConnectionState) -> &'static str {
    match state {
        ConnectionState::Connecting => "connecting",
        ConnectionState::Online => "online",
        ConnectionState::Reconnecting => "reconnecting",
        ConnectionState::Offline => "offline",
        ConnectionState::Closed => "closed",
    }
}

/// The same before and after the log holds it.
fn key(op_id: &OpId) -> String {
    format!("{}:{}", op_id.device, op_id.counter)
}

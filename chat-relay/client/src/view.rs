//! The room as this device shows it: what the log says, with what is held and what is pending on top.

use std::borrow::Cow;

use chat_relay_protocol::{
    AnnotationId, Body, ChatMessage, Direct, Event, HeldOp, Member, MemberId, OpId, Presence,
    RoomSettings, Scene, Seq, settings::Standing,
};

use crate::{
    client::Client,
    link::{ConnectionState, Link},
    moment::Moment,
    news::{Notice, Problem},
    outbox::Request,
};

/// A message of the chat, as this device shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatEntry<'a> {
    /// What it says; its `seq` is 0 while the log does not hold it.
    pub message: Cow<'a, ChatMessage>,
    /// It, or a change of it, is not in the log yet.
    pub pending: bool,
    /// It, or a change of it, waits for approval.
    pub held: bool,
}

/// A direct message, as this device shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct DirectEntry<'a> {
    /// What it says; its `seq` is 0 while it is in no inbox.
    pub direct: Cow<'a, Direct>,
    /// It is in no inbox yet.
    pub pending: bool,
}

/// An own op that the log does not hold, in the order in which such ops are applied.
struct Overlay<'a> {
    op_id: &'a OpId,
    at: i64,
    body: &'a Body,
    held: bool,
}

impl Client {
    /// The scene with what is held and pending on top: what this device shows.
    pub fn scene(&self) -> &Scene {
        if !self.has_own_scene_ops() {
            return &self.log.scene;
        }
        self.scene_shown.get_or_init(|| {
            let mut scene = self.log.scene.clone();
            for (seq, own) in (self.log.last_seq() + 1..).zip(self.overlay()) {
                scene.apply(&self.as_event(seq, &own));
            }
            scene
        })
    }

    /// The scene of the relay's log, without what is pending.
    pub fn confirmed_scene(&self) -> &Scene {
        &self.log.scene
    }

    /// Counts up whenever the scene may have changed.
    pub fn scene_version(&self) -> u64 {
        self.scene_version
    }

    /// Whose event defined the room's frame, if this device has seen it.
    pub fn frame_defined_by(&self) -> Option<&chat_relay_protocol::DeviceId> {
        self.log.frame_defined_by()
    }

    /// The last event that this device has.
    pub fn last_seq(&self) -> Seq {
        self.log.last_seq()
    }

    /// The messages here, the oldest first: what is in the log, then what is held, then what is pending.
    pub fn chat_entries(&self) -> Vec<ChatEntry<'_>> {
        let logged = self.log.chat.messages();
        let mut entries: Vec<_> = logged
            .map(|message| ChatEntry {
                message: Cow::Borrowed(message),
                pending: false,
                held: false,
            })
            .collect();
        let count = entries.len();
        for overlay in self.overlay() {
            let event = self.as_event(0, &overlay);
            let (pending, held) = (!overlay.held, overlay.held);
            match overlay.body {
                Body::Chat(chat) => entries.push(ChatEntry {
                    message: Cow::Owned(ChatMessage::new(&event, chat)),
                    pending,
                    held,
                }),
                Body::ChatEdit { message: seq, .. }
                | Body::ChatDelete { message: seq }
                | Body::Reaction { message: seq, .. } => {
                    let place = entries[..count].partition_point(|entry| entry.message.seq < *seq);
                    let logged = entries[..count].get_mut(place);
                    if let Some(entry) = logged.filter(|entry| entry.message.seq == *seq) {
                        entry.message.to_mut().amend(&event);
                        entry.pending |= pending;
                        entry.held |= held;
                    }
                }
                _ => {}
            }
        }
        entries
    }

    /// Whether there are messages before the oldest one here.
    pub fn has_older_messages(&self) -> bool {
        self.log.has_older_messages
    }

    /// Whether a page of older messages is on its way.
    pub fn is_fetching_messages(&self) -> bool {
        self.log.is_fetching()
    }

    /// The direct messages here, the oldest first.
    pub fn inbox(&self) -> Vec<DirectEntry<'_>> {
        let arrived = self.inbox.entries().map(|direct| DirectEntry {
            direct: Cow::Borrowed(direct),
            pending: false,
        });
        let pending = self.outbox.pending().filter_map(|op| match &op.request {
            Request::Direct { to, text } => Some(DirectEntry {
                direct: Cow::Owned(Direct {
                    seq: 0,
                    at: op.made_at_unix_millis,
                    from: self.me.member.clone(),
                    to: to.clone(),
                    op_id: op.op_id.clone(),
                    text: text.clone(),
                }),
                pending: true,
            }),
            Request::Append(_) => None,
        });
        arrived.chain(pending).collect()
    }

    /// Ops that wait for approval, the oldest first: own ones, and for an owner everybody's.
    pub fn held(&self) -> Vec<&HeldOp> {
        self.held.all().collect()
    }

    /// Whether an own op about this annotation is not in the log yet: `(pending, held)`.
    pub fn annotation_waits(&self, id: &AnnotationId) -> (bool, bool) {
        let (mut pending, mut held) = (false, false);
        for own in self.overlay() {
            if matches!(own.body, Body::Scene { op } if op.id() == id) {
                pending |= !own.held;
                held |= own.held;
            }
        }
        (pending, held)
    }

    /// Ops that the relay does not hold yet.
    pub fn pending_count(&self) -> usize {
        self.outbox.len()
    }

    /// How the room is set.
    pub fn settings(&self) -> RoomSettings {
        self.log.settings.room()
    }

    /// What a member is, as far as it was heard.
    pub fn standing(&self, member: &MemberId) -> Standing {
        self.log.settings.standing(member)
    }

    /// How far this member has read, on whichever device.
    pub fn read_seq(&self) -> Seq {
        self.reading.read_seq()
    }

    /// Messages of others after that.
    pub fn unread(&self) -> u32 {
        self.reading.unread(&self.log, &self.me.member)
    }

    /// This device, as others see it.
    pub fn me(&self) -> &Member {
        &self.me
    }

    /// Everybody who is connected, other devices of this member included, this device not.
    pub fn others(&self) -> impl Iterator<Item = &Member> {
        self.members
            .connected()
            .filter(|member| member.device != self.options.device)
    }

    /// The name and hue of a member, as far as they were ever heard.
    pub fn name_and_hue(&self, member: &MemberId) -> (&str, u8) {
        if *member == self.me.member {
            return (&self.me.name, self.me.hue);
        }
        self.members.name_and_hue(member)
    }

    /// The code to tell others.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The options that the client was made with; the name is the one to show now.
    pub fn options(&self) -> &crate::Options {
        &self.options
    }

    /// How the connection is.
    pub fn connection(&self) -> ConnectionState {
        match self.link {
            Link::Joined(_) => ConnectionState::Online,
            Link::Closed => ConnectionState::Closed,
            _ if !self.online => ConnectionState::Offline,
            Link::Idle => ConnectionState::Connecting,
            Link::Connecting { .. } if self.problem.is_none() => ConnectionState::Connecting,
            Link::Connecting { .. } | Link::Waiting { .. } => ConnectionState::Reconnecting,
        }
    }

    /// How long until the next attempt to connect, while one is waited for.
    pub fn retry_in_millis(&self, now: Moment) -> Option<u64> {
        match self.link {
            Link::Waiting { until_millis } => {
                Some(until_millis.saturating_sub(now.monotonic_millis))
            }
            _ => None,
        }
    }

    /// Whether the log is complete, as far as the relay has said.
    pub fn is_synced(&self) -> bool {
        matches!(self.link, Link::Joined(joined) if self.log.last_seq() >= joined.complete_at)
            && self.incoming.is_none()
    }

    /// What is wrong with the connection.
    pub fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    /// What the person is to be told, the latest.
    pub fn notice(&self) -> Option<&Notice> {
        self.notice.as_ref()
    }

    /// What this device does just now.
    pub fn presence(&self) -> &Presence {
        &self.me.presence
    }

    fn overlay(&self) -> impl Iterator<Item = Overlay<'_>> {
        let held = self.held.of(&self.me.member).map(|held| Overlay {
            op_id: &held.op.op_id,
            at: held.at,
            body: &held.op.body,
            held: true,
        });
        let pending = self.outbox.pending().filter_map(|op| match &op.request {
            Request::Append(body) => Some(Overlay {
                op_id: &op.op_id,
                at: op.made_at_unix_millis,
                body,
                held: false,
            }),
            Request::Direct { .. } => None,
        });
        held.chain(pending)
    }

    fn has_own_scene_ops(&self) -> bool {
        self.overlay()
            .any(|own| matches!(own.body, Body::Scene { .. } | Body::Room { .. }))
    }

    fn as_event(&self, seq: Seq, own: &Overlay<'_>) -> Event {
        Event {
            seq,
            at: own.at,
            from: self.me.member.clone(),
            op_id: own.op_id.clone(),
            body: own.body.clone(),
        }
    }
}

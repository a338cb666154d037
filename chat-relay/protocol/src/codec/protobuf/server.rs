//! What the relay sends.

use super::{
    all, each, id, needed,
    wire::{self, server_message::Kind},
};
use crate::{
    error::DecodeError,
    message::{ServerMessage, Welcome},
};

impl From<&ServerMessage> for wire::ServerMessage {
    fn from(message: &ServerMessage) -> Self {
        let kind = match message {
            ServerMessage::Welcome(welcome) => Kind::Welcome(welcome.into()),
            ServerMessage::Snapshot(part) => Kind::Snapshot(part.into()),
            ServerMessage::Events { events } => Kind::Events(wire::Events {
                events: each(events),
            }),
            ServerMessage::Ack { op_id, seq } => Kind::Ack(wire::Ack {
                op_id: Some(op_id.into()),
                seq: *seq,
            }),
            ServerMessage::Held { ops } => Kind::Held(wire::Held { ops: each(ops) }),
            ServerMessage::Inbox { entries } => Kind::Inbox(wire::Inbox {
                entries: each(entries),
            }),
            ServerMessage::Joined { member } => Kind::Joined(member.into()),
            ServerMessage::Left { device } => Kind::Left(wire::Left {
                device: device.to_string(),
            }),
            ServerMessage::Presence { members } => Kind::Presence(wire::Presences {
                members: each(members),
            }),
            ServerMessage::Read { seq, unread } => Kind::Read(wire::ReadState {
                seq: *seq,
                unread: *unread,
            }),
            ServerMessage::History {
                before,
                messages,
                more,
            } => Kind::History(wire::History {
                before: *before,
                messages: each(messages),
                more: *more,
            }),
            ServerMessage::Missed { after, last } => Kind::Missed(wire::Missed {
                after: *after,
                last: *last,
            }),
            ServerMessage::Heartbeat { secs } => Kind::Heartbeat(wire::Heartbeat { secs: *secs }),
            ServerMessage::Pong { nonce } => Kind::Pong(wire::Ping { nonce: *nonce }),
            ServerMessage::Error(error) => Kind::Error(error.into()),
            ServerMessage::Unknown => return wire::ServerMessage { kind: None },
        };
        wire::ServerMessage { kind: Some(kind) }
    }
}

impl TryFrom<wire::ServerMessage> for ServerMessage {
    type Error = DecodeError;

    fn try_from(message: wire::ServerMessage) -> Result<Self, DecodeError> {
        Ok(match message.kind {
            None => ServerMessage::Unknown,
            Some(Kind::Welcome(welcome)) => ServerMessage::Welcome(welcome.try_into()?),
            Some(Kind::Snapshot(part)) => ServerMessage::Snapshot(part.try_into()?),
            Some(Kind::Events(events)) => ServerMessage::Events {
                events: all(events.events)?,
            },
            Some(Kind::Ack(ack)) => ServerMessage::Ack {
                op_id: needed(ack.op_id, "op_id")?,
                seq: ack.seq,
            },
            Some(Kind::Held(held)) => ServerMessage::Held {
                ops: all(held.ops)?,
            },
            Some(Kind::Inbox(inbox)) => ServerMessage::Inbox {
                entries: all(inbox.entries)?,
            },
            Some(Kind::Joined(member)) => ServerMessage::Joined {
                member: member.try_into()?,
            },
            Some(Kind::Left(left)) => ServerMessage::Left {
                device: id(left.device, "left.device")?,
            },
            Some(Kind::Presence(presences)) => ServerMessage::Presence {
                members: all(presences.members)?,
            },
            Some(Kind::Read(read)) => ServerMessage::Read {
                seq: read.seq,
                unread: read.unread,
            },
            Some(Kind::History(history)) => ServerMessage::History {
                before: history.before,
                messages: all(history.messages)?,
                more: history.more,
            },
            Some(Kind::Missed(missed)) => ServerMessage::Missed {
                after: missed.after,
                last: missed.last,
            },
            Some(Kind::Heartbeat(heartbeat)) => ServerMessage::Heartbeat {
                secs: heartbeat.secs,
            },
            Some(Kind::Pong(pong)) => ServerMessage::Pong { nonce: pong.nonce },
            Some(Kind::Error(error)) => ServerMessage::Error(error.try_into()?),
        })
    }
}

impl From<&Welcome> for wire::Welcome {
    fn from(welcome: &Welcome) -> Self {
        wire::Welcome {
            room: welcome.room.to_string(),
            code: welcome.code.clone(),
            epoch: welcome.epoch.clone(),
            seq: welcome.seq,
            from_start: welcome.from_start,
            snapshot: welcome.snapshot,
            you: Some((&welcome.you).into()),
            members: each(&welcome.members),
            past_members: each(&welcome.past_members),
            settings: Some((&welcome.settings).into()),
            inbox: welcome.inbox,
            read_seq: welcome.read_seq,
            unread: welcome.unread,
            heartbeat_secs: welcome.heartbeat_secs,
        }
    }
}

impl TryFrom<wire::Welcome> for Welcome {
    type Error = DecodeError;

    fn try_from(welcome: wire::Welcome) -> Result<Self, DecodeError> {
        Ok(Welcome {
            room: id(welcome.room, "welcome.room")?,
            code: welcome.code,
            epoch: welcome.epoch,
            seq: welcome.seq,
            from_start: welcome.from_start,
            snapshot: welcome.snapshot,
            you: needed(welcome.you, "welcome.you")?,
            members: all(welcome.members)?,
            past_members: all(welcome.past_members)?,
            settings: welcome.settings.unwrap_or_default().try_into()?,
            inbox: welcome.inbox,
            read_seq: welcome.read_seq,
            unread: welcome.unread,
            heartbeat_secs: welcome.heartbeat_secs,
        })
    }
}

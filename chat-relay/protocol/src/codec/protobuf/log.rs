//! The log, what is held before it, what is beside it, and what is made of it: events, held ops, direct messages,
//! chat messages, snapshots.

use std::collections::BTreeMap;

use super::{all, each, id, ids, needed, texts, values::spot, wire};
use crate::{
    body::Body,
    chat::ChatMessage,
    error::DecodeError,
    event::Event,
    message::{Direct, HeldOp, SnapshotPart},
    scene::{AnnotationState, FieldState},
    value::Value,
};

impl From<&Event> for wire::Event {
    fn from(event: &Event) -> Self {
        wire::Event {
            seq: event.seq,
            at: event.at,
            from: event.from.to_string(),
            op_id: Some((&event.op_id).into()),
            body: Some((&event.body).into()),
        }
    }
}

impl TryFrom<wire::Event> for Event {
    type Error = DecodeError;

    fn try_from(event: wire::Event) -> Result<Self, DecodeError> {
        Ok(Event {
            seq: event.seq,
            at: event.at,
            from: id(event.from, "event.from")?,
            op_id: needed(event.op_id, "event.op_id")?,
            // A later version says something here; the entries around it still arrive.
            body: event
                .body
                .and_then(|body| body.try_into().ok())
                .unwrap_or(Body::Unknown),
        })
    }
}

impl From<&HeldOp> for wire::HeldOp {
    fn from(held: &HeldOp) -> Self {
        wire::HeldOp {
            from: held.from.to_string(),
            at: held.at,
            op: Some((&held.op).into()),
        }
    }
}

impl TryFrom<wire::HeldOp> for HeldOp {
    type Error = DecodeError;

    fn try_from(held: wire::HeldOp) -> Result<Self, DecodeError> {
        Ok(HeldOp {
            from: id(held.from, "ops.from")?,
            at: held.at,
            op: needed(held.op, "ops.op")?,
        })
    }
}

impl From<&Direct> for wire::Direct {
    fn from(direct: &Direct) -> Self {
        wire::Direct {
            seq: direct.seq,
            at: direct.at,
            from: direct.from.to_string(),
            to: direct.to.to_string(),
            op_id: Some((&direct.op_id).into()),
            text: direct.text.clone(),
        }
    }
}

impl TryFrom<wire::Direct> for Direct {
    type Error = DecodeError;

    fn try_from(direct: wire::Direct) -> Result<Self, DecodeError> {
        Ok(Direct {
            seq: direct.seq,
            at: direct.at,
            from: id(direct.from, "entries.from")?,
            to: id(direct.to, "entries.to")?,
            op_id: needed(direct.op_id, "entries.op_id")?,
            text: direct.text,
        })
    }
}

impl From<&ChatMessage> for wire::ChatMessage {
    fn from(message: &ChatMessage) -> Self {
        let reactions = message.reactions.iter().map(|(emoji, members)| {
            let members = texts(members);
            (emoji.clone(), wire::Members { members })
        });
        wire::ChatMessage {
            seq: message.seq,
            at: message.at,
            from: message.from.to_string(),
            op_id: Some((&message.op_id).into()),
            text: message.text.clone(),
            reply_to: message.reply_to,
            mentions: texts(&message.mentions),
            edited_at: message.edited_at,
            deleted: message.deleted,
            reactions: reactions.collect(),
        }
    }
}

impl TryFrom<wire::ChatMessage> for ChatMessage {
    type Error = DecodeError;

    fn try_from(message: wire::ChatMessage) -> Result<Self, DecodeError> {
        let mut reactions = BTreeMap::new();
        for (emoji, members) in message.reactions {
            reactions.insert(emoji, ids(members.members, "messages.reactions")?);
        }
        Ok(ChatMessage {
            seq: message.seq,
            at: message.at,
            from: id(message.from, "messages.from")?,
            op_id: needed(message.op_id, "messages.op_id")?,
            text: message.text,
            reply_to: message.reply_to,
            mentions: ids(message.mentions, "messages.mentions")?,
            edited_at: message.edited_at,
            deleted: message.deleted,
            reactions,
        })
    }
}

impl From<&AnnotationState> for wire::AnnotationState {
    fn from(state: &AnnotationState) -> Self {
        let field = |(name, field): (&String, &FieldState)| {
            let (seq, value) = (field.seq, Some((&field.value).into()));
            (name.clone(), wire::FieldState { seq, value })
        };
        wire::AnnotationState {
            id: state.id.to_string(),
            from: state.from.to_string(),
            at: state.at,
            fields: state.fields.iter().map(field).collect(),
        }
    }
}

impl TryFrom<wire::AnnotationState> for AnnotationState {
    type Error = DecodeError;

    fn try_from(state: wire::AnnotationState) -> Result<Self, DecodeError> {
        let mut fields = BTreeMap::new();
        for (name, field) in state.fields {
            let value = Value::try_from(field.value.unwrap_or_default())?;
            let seq = field.seq;
            fields.insert(name, FieldState { seq, value });
        }
        Ok(AnnotationState {
            id: id(state.id, "annotations.id")?,
            from: id(state.from, "annotations.from")?,
            at: state.at,
            fields,
        })
    }
}

impl From<&SnapshotPart> for wire::SnapshotPart {
    fn from(part: &SnapshotPart) -> Self {
        wire::SnapshotPart {
            seq: part.seq,
            annotations: each(&part.annotations),
            messages: each(&part.messages),
            more_messages: part.more_messages,
            second_spot_in_room: part.second_spot_in_room.map(Into::into),
            last: part.last,
        }
    }
}

impl TryFrom<wire::SnapshotPart> for SnapshotPart {
    type Error = DecodeError;

    fn try_from(part: wire::SnapshotPart) -> Result<Self, DecodeError> {
        let second_spot = part.second_spot_in_room;
        Ok(SnapshotPart {
            seq: part.seq,
            annotations: all(part.annotations)?,
            messages: all(part.messages)?,
            more_messages: part.more_messages,
            second_spot_in_room: second_spot
                .map(|place| spot(Some(place), "second_spot_in_room"))
                .transpose()?,
            last: part.last,
        })
    }
}

//! What a device sends.

use super::{
    id, needed, shape,
    wire::{self, client_message::Kind},
};
use crate::{
    error::DecodeError,
    message::{ClientMessage, DirectOp, Hello, Resume},
};

impl From<&ClientMessage> for wire::ClientMessage {
    fn from(message: &ClientMessage) -> Self {
        let kind = match message {
            ClientMessage::Hello(hello) => Kind::Hello(hello.into()),
            ClientMessage::Op(op) => Kind::Op(op.into()),
            ClientMessage::Direct(direct) => Kind::Direct(wire::DirectOp {
                op_id: Some((&direct.op_id).into()),
                to: direct.to.to_string(),
                text: direct.text.clone(),
            }),
            ClientMessage::Presence(presence) => Kind::Presence(presence.into()),
            ClientMessage::Read { seq } => Kind::Read(wire::ReadUpTo { seq: *seq }),
            ClientMessage::History { before, limit } => Kind::History(wire::HistoryRequest {
                before: *before,
                limit: *limit,
            }),
            ClientMessage::Heartbeat { secs } => Kind::Heartbeat(wire::Heartbeat { secs: *secs }),
            ClientMessage::Ping { nonce } => Kind::Ping(wire::Ping { nonce: *nonce }),
        };
        wire::ClientMessage { kind: Some(kind) }
    }
}

impl TryFrom<wire::ClientMessage> for ClientMessage {
    type Error = DecodeError;

    fn try_from(message: wire::ClientMessage) -> Result<Self, DecodeError> {
        Ok(match message.kind {
            None => return Err(shape("it is none of the kinds of ClientMessage")),
            Some(Kind::Hello(hello)) => ClientMessage::Hello(hello.into()),
            Some(Kind::Op(op)) => ClientMessage::Op(op.try_into()?),
            Some(Kind::Direct(direct)) => ClientMessage::Direct(DirectOp {
                op_id: needed(direct.op_id, "op_id")?,
                to: id(direct.to, "direct.to")?,
                text: direct.text,
            }),
            Some(Kind::Presence(presence)) => ClientMessage::Presence(presence.try_into()?),
            Some(Kind::Read(read)) => ClientMessage::Read { seq: read.seq },
            Some(Kind::History(history)) => ClientMessage::History {
                before: history.before,
                limit: history.limit,
            },
            Some(Kind::Heartbeat(heartbeat)) => ClientMessage::Heartbeat {
                secs: heartbeat.secs,
            },
            Some(Kind::Ping(ping)) => ClientMessage::Ping { nonce: ping.nonce },
        })
    }
}

impl From<&Hello> for wire::Hello {
    fn from(hello: &Hello) -> Self {
        wire::Hello {
            version: hello.version,
            token: hello.token.clone(),
            name: hello.name.clone(),
            resume: hello.resume.as_ref().map(|resume| wire::Resume {
                epoch: resume.epoch.clone(),
                seq: resume.seq,
                inbox: resume.inbox,
            }),
            presence_millis: hello.presence_millis,
            heartbeat_secs: hello.heartbeat_secs,
        }
    }
}

impl From<wire::Hello> for Hello {
    fn from(hello: wire::Hello) -> Self {
        Hello {
            version: hello.version,
            token: hello.token,
            name: hello.name,
            resume: hello.resume.map(|resume| Resume {
                epoch: resume.epoch,
                seq: resume.seq,
                inbox: resume.inbox,
            }),
            presence_millis: hello.presence_millis,
            heartbeat_secs: hello.heartbeat_secs,
        }
    }
}

//! What goes over a room's socket, in both directions.
//!
//! The order: the device opens `GET /v1/ws?room=ID` with a subprotocol, sends [`Hello`] within five seconds,
//! gets [`Welcome`], then what it missed as [`ServerMessage::Events`], perhaps after a snapshot; from then on both
//! sides send at will.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    body::Body,
    chat::ChatMessage,
    error::WireError,
    event::Event,
    from_map,
    ids::{AnnotationId, DeviceId, MemberId, OpId, RoomId, Seq},
    json::{Fields, FromTree, ShapeError, Tree, by_tree, from_names, unknown_tag},
    role::Role,
    scene::AnnotationState,
    value::Value,
};

/// What a device sends.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientMessage {
    /// The first message.
    Hello(Hello),
    /// Asks the relay to append to the room's log. Repeating it is safe.
    Op(Op),
    /// A message for one member alone. Repeating it is safe.
    Direct(DirectOp),
    /// Replaces what is known of this device just now; not logged.
    Presence(Presence),
    /// This member has read the chat so far.
    Read {
        /// The last event it has seen.
        seq: Seq,
    },
    /// Asks for older messages, answered by [`ServerMessage::History`].
    History {
        /// Messages before this event.
        before: Seq,
        /// At most so many; the relay may send fewer.
        limit: u32,
    },
    /// Asks for another heartbeat interval, as after a change of the network; answered by
    /// [`ServerMessage::Heartbeat`].
    Heartbeat {
        /// The interval wished for, in seconds.
        secs: u32,
    },
    /// Asks for a [`ServerMessage::Pong`] with the same number.
    Ping {
        /// Comes back in the answer.
        nonce: u64,
    },
}

/// Who a device is and what it has already.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hello {
    /// [`crate::PROTOCOL_VERSION`].
    pub version: u32,
    /// What the relay gave out when the device joined the room: its token, or its secret.
    pub token: String,
    /// The name to show; empty keeps the one from joining.
    pub name: String,
    /// Where to go on; absent for the whole log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resume: Option<Resume>,
    /// How often this device wants to hear of the others' presence, in milliseconds: 0 for never, absent for the
    /// relay's default. The relay sends the latest of each that changed, never a queue of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presence_millis: Option<u32>,
    /// The heartbeat interval wished for, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heartbeat_secs: Option<u32>,
}

/// A place in a room's log that a device has reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Resume {
    /// The log's epoch: when it differs from the relay's, the device starts afresh.
    pub epoch: String,
    /// The last event that the device has.
    pub seq: Seq,
    /// The last direct message of its member that the device has.
    pub inbox: Seq,
}

/// A request to append to the log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Op {
    /// Names it for good.
    pub op_id: OpId,
    /// What to append.
    pub body: Body,
}

/// A request to send a direct message.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DirectOp {
    /// Names it for good; counts together with [`Op`]s.
    pub op_id: OpId,
    /// The member that it is for.
    pub to: MemberId,
    /// What is written.
    pub text: String,
}

/// A direct message, as it stands in the inboxes of both who exchange it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Direct {
    /// Its place in the reader's own inbox: gapless from 1.
    pub seq: Seq,
    /// When the relay took it, in milliseconds since the Unix epoch.
    pub at: i64,
    /// Who wrote it.
    pub from: MemberId,
    /// Whom it is for.
    pub to: MemberId,
    /// The op it came from.
    pub op_id: OpId,
    /// What is written.
    pub text: String,
}

/// An op that waits for an owner's approval.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeldOp {
    /// Who sent it.
    pub from: MemberId,
    /// When the relay took it, in milliseconds since the Unix epoch.
    pub at: i64,
    /// What is held.
    pub op: Op,
}

/// What the relay sends.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage {
    /// The answer to [`Hello`].
    Welcome(Welcome),
    /// The room as it was at one event, in one or several parts; the events after it follow.
    Snapshot(SnapshotPart),
    /// Consecutive entries of the log, oldest first. The sender of an op gets its own event too: that is the
    /// acknowledgement.
    Events {
        /// The entries.
        events: Vec<Event>,
    },
    /// An op that the log already holds was sent again.
    Ack {
        /// Which.
        op_id: OpId,
        /// Where it stands.
        seq: Seq,
    },
    /// Ops that wait for approval: to owners, and to the device that sent them.
    Held {
        /// The ops, oldest first.
        ops: Vec<HeldOp>,
    },
    /// Direct messages, consecutive in this member's inbox.
    Inbox {
        /// The messages, oldest first.
        entries: Vec<Direct>,
    },
    /// Somebody came, or changed their name or role.
    Joined {
        /// Who.
        member: Member,
    },
    /// Somebody went.
    Left {
        /// Who.
        device: DeviceId,
    },
    /// What has changed of the members' presence since the last batch. One batch goes to all, so a device finds
    /// its own presence in it too and passes it over.
    Presence {
        /// The latest of each device that changed.
        members: Vec<MemberPresence>,
    },
    /// How far this member has read, on whichever device.
    Read {
        /// The last event seen.
        seq: Seq,
        /// Messages of others after it.
        unread: u32,
    },
    /// The answer to [`ClientMessage::History`].
    History {
        /// From the question.
        before: Seq,
        /// The messages as they are now, oldest first.
        messages: Vec<ChatMessage>,
        /// Whether there are older ones.
        more: bool,
    },
    /// The device took its messages too slowly; these events follow from the log, and presence was passed over.
    Missed {
        /// The last event that it was sent before.
        after: Seq,
        /// The last event that follows.
        last: Seq,
    },
    /// The heartbeat interval from now on, see [`Welcome::heartbeat_secs`].
    Heartbeat {
        /// In seconds.
        secs: u32,
    },
    /// The answer to [`ClientMessage::Ping`].
    Pong {
        /// From the ping.
        nonce: u64,
    },
    /// Something was refused.
    Error(WireError),
    /// A message of a later version, passed over.
    Unknown,
}

/// The state of the room at the start of a connection.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Welcome {
    /// Which room.
    pub room: RoomId,
    /// The code that admits to it.
    pub code: String,
    /// The epoch of its log.
    pub epoch: String,
    /// The last event of the log; everything up to it that the device lacks follows.
    pub seq: Seq,
    /// Whether the device is to drop what it has: a snapshot or the log from 1 follows, not what it missed.
    pub from_start: bool,
    /// Whether a snapshot follows.
    pub snapshot: bool,
    /// This device.
    pub you: Member,
    /// Everybody who is connected, this device included.
    pub members: Vec<Member>,
    /// Those who are not connected but have been, so that their messages bear a name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub past_members: Vec<Person>,
    /// How the room is set.
    pub settings: RoomSettings,
    /// The last direct message of this member; those up to it that the device lacks follow.
    pub inbox: Seq,
    /// How far this member has read the chat, on whichever device.
    pub read_seq: Seq,
    /// Messages of others after it.
    pub unread: u32,
    /// Each side says something at least this often, in seconds, and counts the other as gone after twice that.
    pub heartbeat_secs: u32,
}

/// How a room is set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RoomSettings {
    /// Only owners may write.
    pub locked: bool,
    /// What others than owners write is held for approval.
    pub approval: bool,
    /// The code admits nobody new.
    pub closed: bool,
    /// Annotations that only their makers and owners may change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub locked_annotations: Vec<AnnotationId>,
}

/// A part of a snapshot. The parts of one snapshot are put together.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SnapshotPart {
    /// The last event that the snapshot holds.
    pub seq: Seq,
    /// Annotations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub annotations: Vec<AnnotationState>,
    /// The latest messages; older ones are asked for with [`ClientMessage::History`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<ChatMessage>,
    /// Whether there are older messages than the oldest in the snapshot.
    pub more_messages: bool,
    /// See [`Scene::second_spot_in_room`](crate::Scene::second_spot_in_room).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_spot_in_room: Option<[f64; 3]>,
    /// Whether this is the last part.
    pub last: bool,
}

/// Somebody who is or was in a room.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Person {
    /// Who.
    pub member: MemberId,
    /// The name to show.
    pub name: String,
    /// Which of the eight hues and shapes marks them, 0 to 7.
    pub hue: u8,
    /// What they are in the room.
    pub role: Role,
}

/// A device that is connected, and whose it is. A member with two devices stands in a list twice.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Member {
    /// Whose.
    pub member: MemberId,
    /// Which.
    pub device: DeviceId,
    /// The name to show.
    pub name: String,
    /// Which of the eight hues and shapes marks the member, 0 to 7.
    pub hue: u8,
    /// What the member is in the room.
    pub role: Role,
    /// Whether the member may not write just now.
    pub muted: bool,
    /// What it does just now.
    pub presence: Presence,
}

/// What a device does just now. Fields of a later version survive in `more`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Presence {
    /// Which view it shows.
    pub mode: ViewMode,
    /// How well it knows where it is.
    pub tracking: Tracking,
    /// Whether `room_from_device` is known.
    pub aligned: bool,
    /// The head in the room, when aligned: x y z in metres, then qx qy qz qw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room_from_head: Option<Value>,
    /// Whether somebody is writing a message.
    pub typing: bool,
    /// What a later version says, by names that are neither `type` nor one of the above.
    #[serde(flatten)]
    pub more: BTreeMap<String, Value>,
}

/// Which view a device shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ViewMode {
    /// The room as a 3D view.
    Room3d,
    /// The camera with its feature points.
    Camera,
    /// An AR session.
    Ar,
    /// The page, without a picture; also what a later version says.
    #[default]
    Page,
}

/// How well a device knows where it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tracking {
    /// The picture is followed, or the pose is emulated.
    Limited,
    /// The pose is good.
    Good,
    /// Nothing is tracked; also what a later version says.
    #[default]
    None,
}

/// One device's presence in a batch.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MemberPresence {
    /// Which.
    pub device: DeviceId,
    /// Its latest presence.
    pub presence: Presence,
}

impl FromTree for ClientMessage {
    fn from_tree(tree: Tree) -> Result<Self, ShapeError> {
        let mut fields = Fields::read(tree)?;
        let tag: String = fields.take("type")?;
        match tag.as_str() {
            "hello" => fields.rest().map(Self::Hello),
            "op" => fields.rest().map(Self::Op),
            "direct" => fields.rest().map(Self::Direct),
            "presence" => fields.rest().map(Self::Presence),
            "read" => Ok(Self::Read {
                seq: fields.take("seq")?,
            }),
            "history" => Ok(Self::History {
                before: fields.take("before")?,
                limit: fields.take("limit")?,
            }),
            "heartbeat" => Ok(Self::Heartbeat {
                secs: fields.take("secs")?,
            }),
            "ping" => Ok(Self::Ping {
                nonce: fields.take("nonce")?,
            }),
            _ => Err(unknown_tag(&tag)),
        }
    }
}

impl FromTree for ServerMessage {
    fn from_tree(tree: Tree) -> Result<Self, ShapeError> {
        let mut fields = Fields::read(tree)?;
        let tag: String = fields.take("type")?;
        Ok(match tag.as_str() {
            "welcome" => Self::Welcome(fields.rest()?),
            "snapshot" => Self::Snapshot(fields.rest()?),
            "events" => Self::Events {
                events: fields.take("events")?,
            },
            "ack" => Self::Ack {
                op_id: fields.take("op_id")?,
                seq: fields.take("seq")?,
            },
            "held" => Self::Held {
                ops: fields.take("ops")?,
            },
            "inbox" => Self::Inbox {
                entries: fields.take("entries")?,
            },
            "read" => Self::Read {
                seq: fields.take("seq")?,
                unread: fields.take("unread")?,
            },
            "history" => Self::History {
                before: fields.take("before")?,
                messages: fields.take("messages")?,
                more: fields.take("more")?,
            },
            "missed" => Self::Missed {
                after: fields.take("after")?,
                last: fields.take("last")?,
            },
            "heartbeat" => Self::Heartbeat {
                secs: fields.take("secs")?,
            },
            "joined" => Self::Joined {
                member: fields.take("member")?,
            },
            "left" => Self::Left {
                device: fields.take("device")?,
            },
            "presence" => Self::Presence {
                members: fields.take("members")?,
            },
            "pong" => Self::Pong {
                nonce: fields.take("nonce")?,
            },
            "error" => Self::Error(fields.rest()?),
            _ => Self::Unknown,
        })
    }
}

impl FromTree for Presence {
    fn from_tree(tree: Tree) -> Result<Self, ShapeError> {
        let mut fields = Fields::read(tree)?;
        // Beside a device's own presence, it tells that the message is one.
        let _tag: Option<Value> = fields.take("type")?;
        Ok(Presence {
            mode: fields.optional("mode")?,
            tracking: fields.optional("tracking")?,
            aligned: fields.optional("aligned")?,
            room_from_head: fields.take("room_from_head")?,
            typing: fields.optional("typing")?,
            more: fields.rest()?,
        })
    }
}

from_names!(ViewMode: "room3d" => Room3d, "camera" => Camera, "ar" => Ar; else Page);
from_names!(Tracking: "limited" => Limited, "good" => Good; else None);
from_map!(Hello { version, token, resume, presence_millis, heartbeat_secs; or name });
from_map!(Resume { epoch, seq; or inbox });
from_map!(Op { op_id, body });
from_map!(DirectOp { op_id, to, text });
from_map!(Direct {
    seq,
    at,
    from,
    to,
    op_id,
    text
});
from_map!(HeldOp { from, at, op });
from_map!(Welcome {
    room, code, epoch, seq, from_start, you, members, heartbeat_secs;
    or snapshot, past_members, settings, inbox, read_seq, unread
});
from_map!(RoomSettings {; or locked, approval, closed, locked_annotations });
from_map!(SnapshotPart { seq, second_spot_in_room, last; or annotations, messages, more_messages });
from_map!(Person { member, name, hue; or role });
from_map!(Member { member, device, name, hue; or role, muted, presence });
from_map!(MemberPresence { device, presence });
by_tree!(
    ClientMessage,
    ServerMessage,
    Hello,
    Resume,
    Op,
    DirectOp,
    Direct,
    HeldOp,
    Welcome,
    RoomSettings,
    SnapshotPart,
    Person,
    Member,
    Presence,
    MemberPresence,
    ViewMode,
    Tracking,
);

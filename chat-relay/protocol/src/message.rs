//! What goes over a room's socket, in both directions, and its JSON codec.
//!
//! The order: the device opens `GET /v1/ws?room=ID` with a subprotocol, sends [`Hello`] within five seconds,
//! gets [`Welcome`], then what it missed as [`ServerMessage::Events`]; from then on both sides send at will.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de::Error};

use crate::{
    body::Body,
    error::{DecodeError, WireError},
    ids::{DeviceId, OpId, RoomId, Seq},
    json::{self, Tagged},
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
    /// Replaces what is known of this device just now; not logged.
    Presence(Presence),
    /// Asks for a [`ServerMessage::Pong`] with the same number.
    Ping {
        /// Comes back in the answer.
        nonce: u64,
    },
}

/// Who a device is and what it has already.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    /// [`crate::PROTOCOL_VERSION`].
    pub version: u32,
    /// What the relay gave out when the device joined the room.
    pub token: String,
    /// The name to show; empty keeps the one from joining.
    #[serde(default)]
    pub name: String,
    /// Where to go on; absent for the whole log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<Resume>,
}

/// A place in a room's log that a device has reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resume {
    /// The log's epoch: when it differs from the relay's, the device starts afresh.
    pub epoch: String,
    /// The last event that the device has.
    pub seq: Seq,
}

/// A request to append to the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Op {
    /// Names it for good.
    pub op_id: OpId,
    /// What to append.
    pub body: Body,
}

/// One entry of a room's log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Its place: gapless from 1.
    pub seq: Seq,
    /// When the relay took it, in milliseconds since the Unix epoch.
    pub at: i64,
    /// Who sent it.
    pub from: DeviceId,
    /// The op it came from.
    pub op_id: OpId,
    /// What it says; [`Body::Unknown`] when a later version says something that this one cannot read, so that
    /// the entries around it still arrive.
    #[serde(deserialize_with = "crate::body::known_or_unknown")]
    pub body: Body,
}

/// What the relay sends.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage {
    /// The answer to [`Hello`].
    Welcome(Welcome),
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
    /// Somebody came or changed their name.
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
    /// The answer to [`ClientMessage::Ping`].
    Pong {
        /// From the ping.
        nonce: u64,
    },
    /// Something was refused.
    Error(WireError),
    /// A message of a later version, passed over.
    #[serde(skip)]
    Unknown,
}

/// The state of the room at the start of a connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Welcome {
    /// Which room.
    pub room: RoomId,
    /// The code that admits to it.
    pub code: String,
    /// The epoch of its log.
    pub epoch: String,
    /// The last event of the log; everything up to it that the device lacks follows.
    pub seq: Seq,
    /// Whether what follows starts from 1, not from where the device asked to go on.
    pub from_start: bool,
    /// This device.
    pub you: Member,
    /// Everybody who is connected, this device included.
    pub members: Vec<Member>,
    /// Those who are not connected but whose events are in the log, so that their messages bear a name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub past_members: Vec<Member>,
    /// How long the relay waits for a sign of life before it closes, in seconds.
    pub heartbeat_secs: u32,
}

/// A device that is in a room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// Which.
    pub device: DeviceId,
    /// The name to show.
    pub name: String,
    /// Which of the eight hues and shapes marks it, 0 to 7.
    pub hue: u8,
    /// What it does just now.
    #[serde(default)]
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
    /// What a later version says.
    #[serde(flatten)]
    pub more: BTreeMap<String, Value>,
}

/// Which view a device shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    #[serde(other)]
    Page,
}

/// How well a device knows where it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tracking {
    /// The picture is followed, or the pose is emulated.
    Limited,
    /// The pose is good.
    Good,
    /// Nothing is tracked; also what a later version says.
    #[default]
    #[serde(other)]
    None,
}

/// One device's presence in a batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MemberPresence {
    /// Which.
    pub device: DeviceId,
    /// Its latest presence.
    pub presence: Presence,
}

impl<'de> Deserialize<'de> for ClientMessage {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        let mut fields = Tagged::read(source, "type")?;
        match fields.tag.as_str() {
            "hello" => fields.rest().map(Self::Hello),
            "op" => fields.rest().map(Self::Op),
            "presence" => fields.rest().map(Self::Presence),
            "ping" => Ok(Self::Ping {
                nonce: fields.field("nonce")?,
            }),
            _ => Err(fields.unknown()),
        }
    }
}

impl<'de> Deserialize<'de> for ServerMessage {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        let mut fields = Tagged::read(source, "type")?;
        Ok(match fields.tag.as_str() {
            "welcome" => Self::Welcome(fields.rest()?),
            "events" => Self::Events {
                events: fields.field("events")?,
            },
            "ack" => Self::Ack {
                op_id: fields.field("op_id")?,
                seq: fields.field("seq")?,
            },
            "joined" => Self::Joined {
                member: fields.field("member")?,
            },
            "left" => Self::Left {
                device: fields.field("device")?,
            },
            "presence" => Self::Presence {
                members: fields.field("members")?,
            },
            "pong" => Self::Pong {
                nonce: fields.field("nonce")?,
            },
            "error" => Self::Error(fields.rest()?),
            _ => Self::Unknown,
        })
    }
}

impl<'de> Deserialize<'de> for Presence {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        let mut fields = json::fields(source)?;
        let mut flag = |name| json::take(&mut fields, name).map(Option::unwrap_or_default);
        let (aligned, typing) = (flag("aligned")?, flag("typing")?);
        Ok(Presence {
            mode: json::take::<Option<_>, _>(&mut fields, "mode")?.unwrap_or_default(),
            tracking: json::take::<Option<_>, _>(&mut fields, "tracking")?.unwrap_or_default(),
            aligned,
            room_from_head: json::take(&mut fields, "room_from_head")?,
            typing,
            more: serde_json::from_value(serde_json::Value::Object(fields))
                .map_err(D::Error::custom)?,
        })
    }
}

macro_rules! json_codec {
    ($name:ident) => {
        impl $name {
            /// Encodes for the subprotocol [`crate::SUBPROTOCOL_JSON`].
            ///
            /// # Panics
            /// On a variant `Unknown`, which stands for what this version cannot read and is never sent.
            pub fn to_json(&self) -> String {
                #[allow(
                    clippy::expect_used,
                    reason = "keys are strings and writing to memory does not fail"
                )]
                serde_json::to_string(self).expect("a message encodes")
            }

            /// Decodes what [`Self::to_json`] wrote. Unknown fields are passed over.
            ///
            /// # Errors
            /// [`DecodeError`] when `text` is no message of this protocol.
            pub fn from_json(text: &str) -> Result<Self, DecodeError> {
                json::read(text)
            }
        }
    };
}
json_codec!(ClientMessage);
json_codec!(ServerMessage);

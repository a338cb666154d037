//! The wire format of Sightline rooms, shared by the relay and by `xr-core`.
//!
//! A room is an ordered log of [`Event`]s. A device sends [`ClientMessage`]s, the relay answers with
//! [`ServerMessage`]s; the scene of a room is a fold over its log, [`Scene`]. Everything here is data and
//! pure functions: no socket, no clock, no storage.
//!
//! ```
//! use chat_relay_protocol::{Body, ClientMessage, DeviceId, Op, OpId};
//!
//! let op = Op {
//!     op_id: OpId { device: DeviceId::new("d1").unwrap(), counter: 1 },
//!     body: Body::chat("hello"),
//! };
//! let text = ClientMessage::Op(op.clone()).to_json();
//! assert_eq!(ClientMessage::from_json(&text).unwrap(), ClientMessage::Op(op));
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`ids`] | room, device, operation and annotation identities, sequence numbers |
//! | [`message`] | what goes over the socket in both directions |
//! | [`event`] | the entries of a room's log |
//! | [`body`] | what an event says: chat, scene op, change of the room |
//! | [`value`] | the values of an annotation's fields, and reading poses out of them |
//! | [`bounds`] | how large an op may be, checked on both sides |
//! | [`scene`] | the fold from events to annotations |
//! | [`chat`] | the fold from events to messages, with edits, deletions and reactions |
//! | [`settings`] | the fold from events to roles, locks and the like |
//! | [`role`] | what a member is, and the table of what each may do |
//! | [`rest`] | bodies of the HTTP calls that create and join a room |
//! | [`codec`] | messages to bytes and back: JSON, MessagePack, Protobuf |
//! | [`json`] | trees into these types |
//! | [`error`] | error codes, with a sentence and whether a retry helps |

pub mod body;
pub mod bounds;
pub mod chat;
pub mod codec;
pub mod error;
pub mod event;
pub mod ids;
pub mod json;
pub mod message;
pub mod rest;
pub mod role;
pub mod scene;
pub mod settings;
pub mod value;

pub use body::{Body, Chat, Fields, RoomChange, SceneOp};
pub use bounds::BoundsError;
pub use chat::{ChatFold, ChatMessage};
pub use codec::{Codec, read_json};
pub use error::{DecodeError, ErrorCode, Retry, WireError};
pub use event::Event;
pub use ids::{AnnotationId, DeviceId, IdError, MemberId, OpId, RoomId, Seq};
pub use message::{
    ClientMessage, Direct, DirectOp, HeldOp, Hello, Member, MemberPresence, Op, Person, Presence,
    Resume, RoomSettings, ServerMessage, SnapshotPart, Tracking, ViewMode, Welcome,
};
pub use role::{Action, Role};
pub use scene::{Annotation, AnnotationState, FieldState, Scene};
pub use settings::Settings;
pub use value::{Pose, Value};

/// The version of this protocol; a [`Hello`] names the version it speaks.
pub const PROTOCOL_VERSION: u32 = 1;

/// The WebSocket subprotocol of the JSON codec.
pub const SUBPROTOCOL_JSON: &str = "sightline.v1.json";

/// The largest first message that the relay reads, in bytes.
pub const MAX_HELLO_BYTES: usize = 4096;

/// The WebSocket subprotocol of the MessagePack codec.
pub const SUBPROTOCOL_MSGPACK: &str = "sightline.v1.msgpack";

/// The WebSocket subprotocol of the Protobuf codec.
pub const SUBPROTOCOL_PROTOBUF: &str = "sightline.v1.protobuf";

/// The largest message that the relay reads after the first, in bytes.
pub const MAX_MESSAGE_BYTES: usize = 64 * 1024;

/// The largest message that the relay sends, in bytes: what is longer goes in parts.
pub const MAX_SERVER_MESSAGE_BYTES: usize = 4 * 1024 * 1024;

/// The longest chat message, in Unicode scalar values.
pub const MAX_CHAT_CHARS: usize = 4000;

/// The most members that a message mentions.
pub const MAX_MENTIONS: usize = 32;

/// The longest reaction, in bytes of UTF-8: emoji are made of several characters.
pub const MAX_EMOJI_BYTES: usize = 32;

/// The longest display name, in Unicode scalar values.
pub const MAX_NAME_CHARS: usize = 40;

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
//!     body: Body::Chat { text: "hello".into() },
//! };
//! let text = ClientMessage::Op(op.clone()).to_json();
//! assert_eq!(ClientMessage::from_json(&text).unwrap(), ClientMessage::Op(op));
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`ids`] | room, device, operation and annotation identities, sequence numbers |
//! | [`message`] | what goes over the socket in both directions |
//! | [`body`] | what an event says: chat, scene op, change of the room |
//! | [`value`] | the values of an annotation's fields, and reading poses out of them |
//! | [`bounds`] | how large an op may be, checked on both sides |
//! | [`scene`] | the fold from events to annotations |
//! | [`rest`] | bodies of the HTTP calls that create and join a room |
//! | [`json`] | how text is read into these types |
//! | [`error`] | error codes, with a sentence and whether a retry helps |

pub mod body;
pub mod bounds;
pub mod error;
pub mod ids;
pub mod json;
pub mod message;
pub mod rest;
pub mod scene;
pub mod value;

pub use body::{Body, Fields, RoomChange, SceneOp};
pub use bounds::BoundsError;
pub use error::{DecodeError, ErrorCode, Retry, WireError};
pub use ids::{AnnotationId, DeviceId, IdError, OpId, RoomId, Seq};
pub use message::{
    ClientMessage, Event, Hello, Member, MemberPresence, Op, Presence, Resume, ServerMessage,
    Tracking, ViewMode, Welcome,
};
pub use scene::{Annotation, Scene};
pub use value::{Pose, Value};

/// The version of this protocol; a [`Hello`] names the version it speaks.
pub const PROTOCOL_VERSION: u32 = 1;

/// The WebSocket subprotocol of the JSON codec.
pub const SUBPROTOCOL_JSON: &str = "sightline.v1.json";

/// The largest first message that the relay reads, in bytes.
pub const MAX_HELLO_BYTES: usize = 4096;

/// The largest message that the relay reads after the first, in bytes.
pub const MAX_MESSAGE_BYTES: usize = 64 * 1024;

/// The longest chat message, in Unicode scalar values.
pub const MAX_CHAT_CHARS: usize = 4000;

/// The longest display name, in Unicode scalar values.
pub const MAX_NAME_CHARS: usize = 40;

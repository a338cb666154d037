//! Errors on the wire: a stable code, a sentence a person can act on, and whether a retry helps.

use serde::Serialize;

use crate::{
    from_map,
    ids::OpId,
    json::{Fields, FromTree, ShapeError, Tree, by_tree, unknown_tag},
};

/// A refusal, sent as [`ServerMessage::Error`](crate::ServerMessage::Error) or as the body of an HTTP error.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WireError {
    /// Stable, for programs.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
    /// Whether and when to try again.
    pub retry: Retry,
    /// The op that was refused, when it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub op_id: Option<OpId>,
}

from_map!(WireError {
    code,
    message,
    retry,
    op_id
});
by_tree!(WireError, Retry, ErrorCode);

impl FromTree for Retry {
    fn from_tree(tree: Tree) -> Result<Self, ShapeError> {
        match tree.as_str() {
            Some("never") => return Ok(Retry::Never),
            Some("rejoin") => return Ok(Retry::Rejoin),
            Some("renew") => return Ok(Retry::Renew),
            Some(other) => return Err(unknown_tag(other)),
            None => {}
        }
        let mut later: Fields = Fields::read(Fields::read(tree)?.take("later")?)?;
        Ok(Retry::Later {
            after_millis: later.take("after_millis")?,
        })
    }
}

impl FromTree for ErrorCode {
    fn from_tree(tree: Tree) -> Result<Self, ShapeError> {
        let name = String::from_tree(tree)?;
        let known = ErrorCode::ALL.iter().find(|code| code.name() == name);
        Ok(known.copied().unwrap_or(ErrorCode::Other))
    }
}

impl WireError {
    /// A refusal that is not about an op.
    pub fn new(code: ErrorCode, message: impl Into<String>, retry: Retry) -> Self {
        Self {
            code,
            message: message.into(),
            retry,
            op_id: None,
        }
    }
}

/// Whether trying again helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// The same request is refused again.
    Never,
    /// At once or a little later, the same request.
    Later {
        /// How long to wait at least, in milliseconds.
        after_millis: u64,
    },
    /// After a new join of the room.
    Rejoin,
    /// With a new token, which the device's secret gets.
    Renew,
}

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorCode {
    /// The message is not of this protocol.
    BadMessage,
    /// The message is too long.
    TooLarge,
    /// No hello came in time, or something else came first.
    HelloExpected,
    /// The protocol version is not spoken here.
    Version,
    /// The token is unknown or for another room.
    Unauthorized,
    /// No room has this code or id.
    RoomNotFound,
    /// The room holds no more members.
    RoomFull,
    /// Too many requests.
    RateLimited,
    /// The op's fields are out of bounds.
    InvalidOp,
    /// The op names another device.
    NotYourDevice,
    /// The member's role, or a lock, does not allow it.
    Forbidden,
    /// The member is muted.
    Muted,
    /// What the op is about is not, or no longer, there.
    Gone,
    /// A limit of the room is reached, as the number of annotations.
    LimitReached,
    /// The token has expired.
    TokenExpired,
    /// The member was removed from the room.
    Removed,
    /// The room takes no new members.
    RoomClosed,
    /// The room was not used for so long that it is gone.
    RoomExpired,
    /// The address has too many connections.
    TooManyConnections,
    /// The page comes from an origin that this relay does not serve.
    Origin,
    /// The store cannot take writes.
    Storage,
    /// The relay is shutting down.
    ShuttingDown,
    /// The device fell too far behind and is to resume.
    Lagged,
    /// The same device connected again.
    Replaced,
    /// A code of a later version.
    Other,
}

impl ErrorCode {
    /// All codes of this version.
    pub const ALL: &[ErrorCode] = &[
        ErrorCode::BadMessage,
        ErrorCode::TooLarge,
        ErrorCode::HelloExpected,
        ErrorCode::Version,
        ErrorCode::Unauthorized,
        ErrorCode::RoomNotFound,
        ErrorCode::RoomFull,
        ErrorCode::RateLimited,
        ErrorCode::InvalidOp,
        ErrorCode::NotYourDevice,
        ErrorCode::Forbidden,
        ErrorCode::Muted,
        ErrorCode::Gone,
        ErrorCode::LimitReached,
        ErrorCode::TokenExpired,
        ErrorCode::Removed,
        ErrorCode::RoomClosed,
        ErrorCode::RoomExpired,
        ErrorCode::TooManyConnections,
        ErrorCode::Origin,
        ErrorCode::Storage,
        ErrorCode::ShuttingDown,
        ErrorCode::Lagged,
        ErrorCode::Replaced,
    ];

    /// The code as it stands on the wire.
    pub fn name(self) -> &'static str {
        match self {
            ErrorCode::BadMessage => "bad_message",
            ErrorCode::TooLarge => "too_large",
            ErrorCode::HelloExpected => "hello_expected",
            ErrorCode::Version => "version",
            ErrorCode::Unauthorized => "unauthorized",
            ErrorCode::RoomNotFound => "room_not_found",
            ErrorCode::RoomFull => "room_full",
            ErrorCode::RateLimited => "rate_limited",
            ErrorCode::InvalidOp => "invalid_op",
            ErrorCode::NotYourDevice => "not_your_device",
            ErrorCode::Forbidden => "forbidden",
            ErrorCode::Muted => "muted",
            ErrorCode::Gone => "gone",
            ErrorCode::LimitReached => "limit_reached",
            ErrorCode::TokenExpired => "token_expired",
            ErrorCode::Removed => "removed",
            ErrorCode::RoomClosed => "room_closed",
            ErrorCode::RoomExpired => "room_expired",
            ErrorCode::TooManyConnections => "too_many_connections",
            ErrorCode::Origin => "origin",
            ErrorCode::Storage => "storage",
            ErrorCode::ShuttingDown => "shutting_down",
            ErrorCode::Lagged => "lagged",
            ErrorCode::Replaced => "replaced",
            ErrorCode::Other => "other",
        }
    }
}

/// Why bytes are no message. Sentences for whoever wrote what sent them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// Not JSON.
    #[error("not JSON: {reason}; send one JSON object a message")]
    Json {
        /// What the decoder stumbled over, with line and column.
        reason: String,
    },
    /// Not MessagePack, or with types that no message has.
    #[error("not a MessagePack map with named fields: {reason}")]
    MsgPack {
        /// What the decoder stumbled over.
        reason: String,
    },
    /// Not of the `.proto`.
    #[error("not a message of room.proto: {reason}")]
    Protobuf {
        /// What the decoder stumbled over.
        reason: String,
    },
    /// Readable, but of another shape.
    #[error("not a message of this protocol: {reason}")]
    Shape {
        /// What is missing or out of place.
        reason: String,
    },
    /// A number that is infinite or not a number.
    #[error("every number has to be finite; leave out what is not known")]
    NotFinite,
    /// Maps and lists deeper in each other than any message needs.
    #[error("maps and lists stand at most {limit} deep in each other; send a flatter message")]
    TooDeep {
        /// How deep they may.
        limit: usize,
    },
    /// Longer than a message may be, as it came or inflated.
    #[error(
        "a message has at most {limit_bytes} bytes, also once it is inflated; send less at a time"
    )]
    TooLarge {
        /// How long it may be.
        limit_bytes: usize,
    },
    /// A binary message without a single byte.
    #[error(
        "an empty message; a binary message starts with one byte, 0 for plain or 1 for deflated"
    )]
    Empty,
    /// A binary message that starts with an unknown byte.
    #[error(
        "a binary message starts with 0 for plain or 1 for deflated, this one with {first_byte}"
    )]
    Framing {
        /// What it starts with.
        first_byte: u8,
    },
    /// A deflated body that does not inflate.
    #[error("the body is not raw deflate (RFC 1951, no zlib header): {reason}")]
    Deflate {
        /// What is wrong with it.
        reason: String,
    },
}

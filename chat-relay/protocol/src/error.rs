//! Errors on the wire: a stable code, a sentence a person can act on, and whether a retry helps.

use serde::{Deserialize, Serialize};

use crate::ids::OpId;

/// A refusal, sent as [`ServerMessage::Error`](crate::ServerMessage::Error) or as the body of an HTTP error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WireError {
    /// Stable, for programs.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
    /// Whether and when to try again.
    pub retry: Retry,
    /// The op that was refused, when it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub op_id: Option<OpId>,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
}

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
    #[serde(other, skip_serializing)]
    Other,
}

/// Text that is no message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// Not JSON.
    #[error("not JSON: {reason}")]
    Json {
        /// What the decoder stumbled over, with line and column.
        reason: String,
    },
    /// JSON of another shape.
    #[error("not a message of this protocol: {reason}")]
    Shape {
        /// What is missing or out of place.
        reason: String,
    },
}

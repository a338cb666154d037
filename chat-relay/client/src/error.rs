//! Why the client does not do what it is asked for. What is expected of a network is a state or a notice instead.

use chat_relay_protocol::{BoundsError, Seq};

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The options cannot be read.
    #[error("the options are not the JSON expected: {reason}")]
    Options {
        /// What the decoder stumbled over.
        reason: String,
    },
    /// The relay's address is of another kind.
    #[error("the address of a relay's socket starts with ws:// or wss://, not {url:?}")]
    Address {
        /// What was given.
        url: String,
    },
    /// The relay would refuse this op.
    #[error(transparent)]
    Bounds(#[from] BoundsError),
    /// The op is too long for one message.
    #[error(
        "an op has at most {limit_bytes} bytes as a message, this one {actual_bytes}; send it in parts"
    )]
    TooLong {
        /// How long it is.
        actual_bytes: usize,
        /// How long it may be.
        limit_bytes: usize,
    },
    /// The message is not here.
    #[error("there is no message {seq} here; older ones are fetched first")]
    NoSuchMessage {
        /// The message asked for.
        seq: Seq,
    },
    /// The room was left, or ended.
    #[error("the room is not open; open it again")]
    Closed,
}

//! What the client asks of the edge.

use chat_relay_protocol::Codec;

use crate::link::ConnectionId;

/// What the edge is to do, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// Open a socket with the subprotocol of the codec.
    Connect {
        /// Names it from here on.
        connection: ConnectionId,
        /// Where.
        url: String,
        /// How messages are written on it.
        codec: Codec,
    },
    /// Close the socket; nothing that it still brings matters.
    Disconnect {
        /// Which.
        connection: ConnectionId,
    },
    /// Send a message: text where the codec is, else binary.
    Send {
        /// On which socket.
        connection: ConnectionId,
        /// The message.
        bytes: Vec<u8>,
        /// How it is written.
        codec: Codec,
    },
    /// Save this durably in place of what was saved before, then call [`Client::saved`](crate::Client::saved).
    Persist {
        /// Names what is saved; rises.
        revision: u64,
        /// What to save.
        stored_json: String,
    },
    /// The state has changed.
    Changed,
}

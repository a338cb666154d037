//! The codecs of a room's socket: messages to bytes and back, over one set of types.
//!
//! In: messages, or what came over a socket. Out: bytes at the end of the caller's buffer, or messages and
//! [`DecodeError`]s. Nothing here knows what a message means, nor what a socket is.
//!
//! | codec | subprotocol | a socket's message is |
//! |---|---|---|
//! | JSON | `sightline.v1.json` | text: one JSON object |
//! | MessagePack | `sightline.v1.msgpack` | binary: one byte, then the same object as a map with named fields |
//! | Protobuf | `sightline.v1.protobuf` | binary: one byte, then a message of `proto/sightline/v1/room.proto` |
//!
//! The byte before a binary body says how the body lies there: 0 for plain, 1 for raw deflate (RFC 1951). Fields
//! that this version does not know are passed over in all three.
//!
//! # What comes back
//! Every message comes back equal, whichever codecs it went through. Two things are to be known about
//! [`Value`](crate::Value)s:
//! * whole and other numbers are kept apart, `1` and `1.0` alike. JavaScript writes the number 1 as `1` in JSON, so
//!   whoever cares for the number alone compares [`Value::as_f64`](crate::Value::as_f64);
//! * whole numbers beyond 64 signed bits are rounded to a number, as JavaScript does.
//!
//! # What is refused
//! A body longer than its direction allows, also one that only grows that long when it is inflated; numbers that are
//! not finite; values nested deeper than [`MAX_CLIENT_DEPTH`] or [`MAX_SERVER_DEPTH`]. What is decoded from a
//! client's message never takes more memory than [`MAX_MEMORY_PER_BYTE`] for each of its bytes (inflated, if it was
//! deflated): lengths that a message claims reserve nothing.

#[cfg(any(feature = "msgpack", feature = "protobuf"))]
mod deflate;
mod json;
mod limits;
#[cfg(feature = "msgpack")]
mod msgpack;
#[cfg(feature = "protobuf")]
mod protobuf;
mod tree;

use limits::check_length;
pub use limits::{MAX_CLIENT_DEPTH, MAX_MEMORY_PER_BYTE, MAX_SERVER_DEPTH};

use crate::{
    MAX_MESSAGE_BYTES, MAX_SERVER_MESSAGE_BYTES, SUBPROTOCOL_JSON,
    error::DecodeError,
    ids::OpId,
    json::FromTree,
    message::{ClientMessage, ServerMessage},
};

/// The body from which on [`Codec::encode_server`] and [`Codec::encode_client`] try to compress, in bytes.
pub const COMPRESS_OVER_BYTES: usize = 1024;

/// A codec. Those that this build does not contain are not there to be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// Text, for whoever wants to read along.
    Json,
    /// The same maps as JSON in fewer bytes, with compression.
    #[cfg(feature = "msgpack")]
    MsgPack,
    /// The fewest bytes, with compression.
    #[cfg(feature = "protobuf")]
    Protobuf,
}

/// Reads any of this crate's types, or one made of them, from JSON.
///
/// # Errors
/// [`DecodeError`] when `text` is not JSON, or JSON of another shape.
pub fn read_json<T: FromTree>(text: &str) -> Result<T, DecodeError> {
    json::decode(text.as_bytes(), limits::MAX_JSON_DEPTH)
}

impl Codec {
    /// All codecs of this build, the one that a relay likes best first.
    pub const ALL: &[Codec] = &[
        #[cfg(feature = "protobuf")]
        Codec::Protobuf,
        #[cfg(feature = "msgpack")]
        Codec::MsgPack,
        Codec::Json,
    ];

    /// Its WebSocket subprotocol.
    pub fn subprotocol(self) -> &'static str {
        match self {
            Codec::Json => SUBPROTOCOL_JSON,
            #[cfg(feature = "msgpack")]
            Codec::MsgPack => crate::SUBPROTOCOL_MSGPACK,
            #[cfg(feature = "protobuf")]
            Codec::Protobuf => crate::SUBPROTOCOL_PROTOBUF,
        }
    }

    /// The codec of a WebSocket subprotocol; `None` for one that this build does not contain.
    pub fn from_subprotocol(name: &str) -> Option<Codec> {
        match name {
            SUBPROTOCOL_JSON => Some(Codec::Json),
            #[cfg(feature = "msgpack")]
            crate::SUBPROTOCOL_MSGPACK => Some(Codec::MsgPack),
            #[cfg(feature = "protobuf")]
            crate::SUBPROTOCOL_PROTOBUF => Some(Codec::Protobuf),
            _ => None,
        }
    }

    /// Whether its messages are text messages of the socket, and not binary ones.
    pub fn is_text(self) -> bool {
        self == Codec::Json
    }

    /// Writes a client's message behind what is in `out`; compresses over [`COMPRESS_OVER_BYTES`].
    pub fn encode_client(self, message: &ClientMessage, out: &mut Vec<u8>) {
        self.encode_client_over(message, COMPRESS_OVER_BYTES, out);
    }

    /// Writes a message of the relay behind what is in `out`; compresses over [`COMPRESS_OVER_BYTES`].
    pub fn encode_server(self, message: &ServerMessage, out: &mut Vec<u8>) {
        self.encode_server_over(message, COMPRESS_OVER_BYTES, out);
    }

    /// The same; compresses a body of more than `compress_over_bytes`, if that makes it shorter.
    #[cfg_attr(
        not(any(feature = "msgpack", feature = "protobuf")),
        allow(unused_variables, reason = "JSON is not compressed")
    )]
    pub fn encode_client_over(
        self,
        message: &ClientMessage,
        compress_over_bytes: usize,
        out: &mut Vec<u8>,
    ) {
        match self {
            Codec::Json => json::encode(message, out),
            #[cfg(feature = "msgpack")]
            Codec::MsgPack => deflate::wrap(compress_over_bytes, out, |out| {
                msgpack::encode(message, out);
            }),
            #[cfg(feature = "protobuf")]
            Codec::Protobuf => deflate::wrap(compress_over_bytes, out, |out| {
                protobuf::encode_client(message, out);
            }),
        }
    }

    /// The same; compresses a body of more than `compress_over_bytes`, if that makes it shorter.
    #[cfg_attr(
        not(any(feature = "msgpack", feature = "protobuf")),
        allow(unused_variables, reason = "JSON is not compressed")
    )]
    pub fn encode_server_over(
        self,
        message: &ServerMessage,
        compress_over_bytes: usize,
        out: &mut Vec<u8>,
    ) {
        match self {
            Codec::Json => json::encode(message, out),
            #[cfg(feature = "msgpack")]
            Codec::MsgPack => deflate::wrap(compress_over_bytes, out, |out| {
                msgpack::encode(message, out);
            }),
            #[cfg(feature = "protobuf")]
            Codec::Protobuf => deflate::wrap(compress_over_bytes, out, |out| {
                protobuf::encode_server(message, out);
            }),
        }
    }

    /// Reads a client's message, of at most [`MAX_MESSAGE_BYTES`].
    ///
    /// # Errors
    /// [`DecodeError`] when `bytes` are no message of this protocol.
    pub fn decode_client(self, bytes: &[u8]) -> Result<ClientMessage, DecodeError> {
        match self {
            Codec::Json => {
                check_length(bytes, MAX_MESSAGE_BYTES)?;
                json::decode(bytes, MAX_CLIENT_DEPTH)
            }
            #[cfg(feature = "msgpack")]
            Codec::MsgPack => deflate::unwrap(bytes, MAX_MESSAGE_BYTES, |body| {
                msgpack::decode(body, MAX_CLIENT_DEPTH)
            })?,
            #[cfg(feature = "protobuf")]
            Codec::Protobuf => deflate::unwrap(bytes, MAX_MESSAGE_BYTES, protobuf::decode_client)?,
        }
    }

    /// Reads a message of the relay, of at most [`MAX_SERVER_MESSAGE_BYTES`].
    ///
    /// # Errors
    /// [`DecodeError`] when `bytes` are no message of this protocol.
    pub fn decode_server(self, bytes: &[u8]) -> Result<ServerMessage, DecodeError> {
        match self {
            Codec::Json => {
                check_length(bytes, MAX_SERVER_MESSAGE_BYTES)?;
                json::decode(bytes, MAX_SERVER_DEPTH)
            }
            #[cfg(feature = "msgpack")]
            Codec::MsgPack => deflate::unwrap(bytes, MAX_SERVER_MESSAGE_BYTES, |body| {
                msgpack::decode(body, MAX_SERVER_DEPTH)
            })?,
            #[cfg(feature = "protobuf")]
            Codec::Protobuf => {
                deflate::unwrap(bytes, MAX_SERVER_MESSAGE_BYTES, protobuf::decode_server)?
            }
        }
    }

    /// Which op a client's message is that [`Codec::decode_client`] refused, if it is an op and as much can be
    /// read: so that the op can be refused by name.
    pub fn op_id_of_unreadable(self, bytes: &[u8]) -> Option<OpId> {
        match self {
            Codec::Json => {
                check_length(bytes, MAX_MESSAGE_BYTES).ok()?;
                json::op_id(bytes)
            }
            #[cfg(feature = "msgpack")]
            Codec::MsgPack => deflate::unwrap(bytes, MAX_MESSAGE_BYTES, msgpack::op_id).ok()?,
            #[cfg(feature = "protobuf")]
            Codec::Protobuf => deflate::unwrap(bytes, MAX_MESSAGE_BYTES, protobuf::op_id).ok()?,
        }
    }
}

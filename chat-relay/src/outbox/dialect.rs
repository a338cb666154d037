//! How a message looks on one connection: its codec, and how the transport frames it.
//!
//! A broadcast is encoded and framed once per dialect, however many connections get it: frames of a server carry no
//! mask (RFC 6455, section 5.1), so that the same bytes go to each.

use std::sync::OnceLock;

use bytes::{BufMut as _, Bytes, BytesMut};
use chat_relay_protocol::{Codec, ServerMessage};

use super::closing::Closing;

/// What a connection reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// WebSocket messages of a codec.
    WebSocket(Codec),
    /// Server-sent events with JSON in them.
    EventStream,
}

const DIALECTS: usize = 4;

const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const FINAL: u8 = 0x80;

impl Dialect {
    /// The codec.
    pub(crate) fn codec(self) -> Codec {
        match self {
            Dialect::WebSocket(codec) => codec,
            Dialect::EventStream => Codec::Json,
        }
    }

    /// Codec and transport in a word each, for counting.
    pub(crate) fn names(self) -> (&'static str, &'static str) {
        match self {
            Dialect::WebSocket(Codec::Json) => ("json", "websocket"),
            Dialect::WebSocket(Codec::MsgPack) => ("msgpack", "websocket"),
            Dialect::WebSocket(_) => ("protobuf", "websocket"),
            Dialect::EventStream => ("json", "events"),
        }
    }

    fn index(self) -> usize {
        match self {
            Dialect::WebSocket(Codec::Json) => 0,
            Dialect::WebSocket(Codec::MsgPack) => 1,
            Dialect::WebSocket(_) => 2,
            Dialect::EventStream => 3,
        }
    }

    /// A message as this connection gets it.
    pub(crate) fn message(self, message: &ServerMessage) -> Bytes {
        let mut payload = Vec::with_capacity(128);
        self.codec().encode_server(message, &mut payload);
        self.frame(&payload)
    }

    /// An encoded message as this connection gets it.
    pub(crate) fn frame(self, payload: &[u8]) -> Bytes {
        match self {
            Dialect::WebSocket(codec) => {
                websocket_frame(if codec.is_text() { TEXT } else { BINARY }, payload)
            }
            // JSON holds no line breaks of its own.
            Dialect::EventStream => {
                let mut frame = BytesMut::with_capacity(payload.len() + 8);
                frame.put_slice(b"data: ");
                frame.put_slice(payload);
                frame.put_slice(b"\n\n");
                frame.freeze()
            }
        }
    }

    /// A sign of life that asks for one.
    pub(crate) fn ping(self) -> Bytes {
        match self {
            Dialect::WebSocket(_) => Bytes::from_static(&[FINAL | PING, 0]),
            Dialect::EventStream => Bytes::from_static(b": ping\n\n"),
        }
    }

    /// The end, told to the other side: an error message, then a close frame whose reason is the error's code.
    /// Nothing where there is nobody to tell.
    pub(crate) fn farewell(self, reason: &Closing) -> Bytes {
        let Closing::Told { error, .. } = reason else {
            return Bytes::new();
        };
        let mut frames = BytesMut::from(&self.message(&ServerMessage::Error(error.clone()))[..]);
        if let Dialect::WebSocket(_) = self {
            frames.put_slice(&close_frame(reason));
        }
        frames.freeze()
    }
}

/// The close frame of a WebSocket for a reason; nothing where there is nobody to tell.
pub(crate) fn close_frame(reason: &Closing) -> Bytes {
    let Closing::Told { error, code } = reason else {
        return Bytes::new();
    };
    let mut payload = code.to_be_bytes().to_vec();
    payload.extend_from_slice(error.code.name().as_bytes());
    websocket_frame(CLOSE, &payload)
}

/// A whole message in one frame.
pub(crate) fn websocket_frame(opcode: u8, payload: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(payload.len() + 10);
    frame.put_u8(FINAL | opcode);
    match u16::try_from(payload.len()) {
        Ok(length) if length < 126 => {
            // Below 126: fits.
            frame.put_u8(length.to_be_bytes()[1]);
        }
        Ok(length) => {
            frame.put_u8(126);
            frame.put_u16(length);
        }
        Err(_) => {
            frame.put_u8(127);
            frame.put_u64(payload.len() as u64);
        }
    }
    frame.put_slice(payload);
    frame.freeze()
}

/// A message to many: framed for a dialect when the first connection of it gets it.
pub(crate) struct Broadcast<F> {
    encode: F,
    frames: [Option<Bytes>; DIALECTS],
}

impl<F: Fn(Codec, &mut Vec<u8>)> Broadcast<F> {
    /// `encode` writes the message in a codec.
    pub(crate) fn new(encode: F) -> Self {
        Self {
            encode,
            frames: [const { None }; DIALECTS],
        }
    }

    /// The frame for a dialect.
    pub(crate) fn frame(&mut self, dialect: Dialect) -> Bytes {
        let encode = &self.encode;
        self.frames[dialect.index()]
            .get_or_insert_with(|| {
                let mut payload = Vec::with_capacity(256);
                encode(dialect.codec(), &mut payload);
                dialect.frame(&payload)
            })
            .clone()
    }
}

/// A message for many who ask for it one after the other, from any thread: framed once for each dialect.
#[derive(Debug)]
pub(crate) struct SharedMessage {
    message: ServerMessage,
    frames: [OnceLock<Bytes>; DIALECTS],
}

impl SharedMessage {
    /// Not framed yet.
    pub(crate) fn new(message: ServerMessage) -> Self {
        Self {
            message,
            frames: [const { OnceLock::new() }; DIALECTS],
        }
    }

    /// The frame for a dialect.
    pub(crate) fn frame(&self, dialect: Dialect) -> Bytes {
        self.frames[dialect.index()]
            .get_or_init(|| dialect.message(&self.message))
            .clone()
    }
}

/// A broadcast of a message.
pub(crate) fn broadcast(
    message: &ServerMessage,
) -> Broadcast<impl Fn(Codec, &mut Vec<u8>) + use<'_>> {
    Broadcast::new(|codec: Codec, out: &mut Vec<u8>| codec.encode_server(message, out))
}

#[cfg(test)]
mod tests {
    use chat_relay_protocol::{ErrorCode, Retry, WireError};
    use tokio_tungstenite::tungstenite::{
        Message, WebSocket,
        protocol::{Role, frame::coding::CloseCode},
    };

    use super::*;

    /// Reads frames as a client does.
    fn read(bytes: Bytes) -> WebSocket<std::io::Cursor<Vec<u8>>> {
        WebSocket::from_raw_socket(std::io::Cursor::new(bytes.to_vec()), Role::Client, None)
    }

    #[test]
    fn frames_of_every_length_are_read_as_they_were_written() {
        for length in [0, 1, 125, 126, 127, 65_535, 65_536, 200_000] {
            let payload = "x".repeat(length);
            let frame = Dialect::WebSocket(Codec::Json).frame(payload.as_bytes());
            assert_eq!(read(frame).read().unwrap(), Message::text(payload));
        }
    }

    #[test]
    fn an_end_is_an_error_and_a_close_frame() {
        let error = WireError::new(ErrorCode::RoomFull, "full", Retry::Never);
        let reason = Closing::Told {
            error: error.clone(),
            code: 1013,
        };
        let mut socket = read(Dialect::WebSocket(Codec::Json).farewell(&reason));
        let Message::Text(text) = socket.read().unwrap() else {
            panic!("no text")
        };
        assert_eq!(
            ServerMessage::from_json(&text).unwrap(),
            ServerMessage::Error(error)
        );
        let Message::Close(Some(frame)) = socket.read().unwrap() else {
            panic!("no close")
        };
        assert_eq!(frame.code, CloseCode::Again);
        assert_eq!(frame.reason.as_str(), "room_full");
        let nobody = Dialect::WebSocket(Codec::Json).farewell(&Closing::Gone);
        assert!(nobody.is_empty());
    }

    #[test]
    fn a_broadcast_is_encoded_once_per_dialect() {
        let times = std::cell::Cell::new(0);
        let mut broadcast = Broadcast::new(|_, out: &mut Vec<u8>| {
            times.set(times.get() + 1);
            out.push(b'x');
        });
        for _ in 0..3 {
            broadcast.frame(Dialect::WebSocket(Codec::Json));
            broadcast.frame(Dialect::EventStream);
        }
        assert_eq!(times.get(), 2);
    }
}

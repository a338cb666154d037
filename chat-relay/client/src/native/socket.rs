//! A WebSocket to a relay: opened over a connector's stream, with small buffers.

use std::io;

use bytes::Bytes;
use chat_relay_protocol::{Codec, MAX_SERVER_MESSAGE_BYTES};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        Error, Message, Utf8Bytes, client::IntoClientRequest, http::HeaderValue,
        protocol::WebSocketConfig,
    },
};

use super::connector::{BoxedStream, Connector};

/// Taken at once for each socket.
const READ_BUFFER_BYTES: usize = 4096;
/// What a socket keeps that the network does not take; the client sends one op at a time.
const WRITE_BUFFER_BYTES: usize = 1024 * 1024;

/// An open socket.
pub(super) struct Socket {
    stream: WebSocketStream<BoxedStream>,
    codec: Codec,
}

impl Socket {
    /// Connects and shakes hands; `url` is `ws://host:port/path`.
    pub(super) async fn open(
        connector: &dyn Connector,
        url: &str,
        codec: Codec,
    ) -> Result<Socket, Error> {
        let mut request = url.into_client_request()?;
        let authority = request.uri().authority().map(ToString::to_string);
        let address = authority
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the URL names no host"))?;
        request.headers_mut().insert(
            "Sec-WebSocket-Protocol",
            HeaderValue::from_static(codec.subprotocol()),
        );
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0)
            .max_write_buffer_size(WRITE_BUFFER_BYTES)
            .max_message_size(Some(MAX_SERVER_MESSAGE_BYTES))
            .max_frame_size(Some(MAX_SERVER_MESSAGE_BYTES));
        let stream = connector.connect(&address).await?;
        let (stream, _) = client_async_with_config(request, stream, Some(config)).await?;
        Ok(Socket { stream, codec })
    }

    /// The next message; `None` at the end. Safe to be dropped while it waits.
    pub(super) async fn next(&mut self) -> Option<Bytes> {
        loop {
            match self.stream.next().await? {
                Ok(Message::Text(text)) => return Some(text.into()),
                Ok(Message::Binary(bytes)) => return Some(bytes),
                // Pings are answered by the next write or read.
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
                // What follows a close is the end.
                Ok(Message::Close(_)) => {}
                Err(_) => return None,
            }
        }
    }

    /// Sends a message.
    pub(super) async fn send(&mut self, bytes: Vec<u8>) -> Result<(), Error> {
        let message = if self.codec.is_text() {
            Message::Text(Utf8Bytes::try_from(bytes)?)
        } else {
            Message::Binary(bytes.into())
        };
        self.stream.send(message).await
    }

    /// Says that it closes, and does not wait for the answer.
    pub(super) async fn close(mut self) {
        // The other side may be gone.
        let _gone = self.stream.close(None).await;
    }
}

//! A WebSocket on a [`Link`]: messages in, the outbox out, control frames answered. One task polls it; it holds no
//! buffer while nothing is under way.

use std::{
    future::poll_fn,
    io,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{
    self, Message, WebSocket,
    protocol::{Role, WebSocketConfig},
};

use super::{feed::Feed, link::Link};
use crate::outbox::{Closing, Outbox};

/// What tungstenite takes at once for each connection; it grows for a longer message, and [`Feed`] holds what was
/// read ahead.
const READ_BUFFER_BYTES: usize = 256;
/// How long the other side may take to read why the connection ends.
const CLOSE_PATIENCE: Duration = Duration::from_secs(2);
/// How much is still read of a connection that ends: a socket closed over unread input is reset, and the reset can
/// overtake the reason on its way to the other side.
const LINGER_BYTES: usize = 4 * 1024 * 1024;
/// So many control frames are answered before the thread's other connections get a turn.
const CONTROL_FRAMES_AT_A_TIME: usize = 32;

/// What a connection's task is to do next.
#[derive(Debug)]
pub(super) enum Step {
    /// A message came.
    Message(Payload),
    /// The queue is empty, and there is something to catch up with.
    CatchUp,
    /// The connection ends.
    End(Closing),
}

/// A message as it came.
#[derive(Debug)]
pub(super) enum Payload {
    Text(tungstenite::Utf8Bytes),
    Binary(Bytes),
}

impl Payload {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Payload::Text(text) => text.as_bytes(),
            Payload::Binary(bytes) => bytes,
        }
    }

    pub(super) fn is_text(&self) -> bool {
        matches!(self, Payload::Text(_))
    }
}

/// See the [module](self).
pub(super) struct Socket<L> {
    link: L,
    websocket: WebSocket<Feed>,
    outbox: Outbox,
    /// What was written may still lie in the link, as in a TLS session whose socket took no more.
    needs_flush: bool,
}

impl<L: Link> Socket<L> {
    /// A socket after its opening handshake.
    pub(super) fn new(link: L, outbox: Outbox, max_message_bytes: usize) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0)
            .max_message_size(Some(max_message_bytes))
            .max_frame_size(Some(max_message_bytes));
        Self {
            link,
            websocket: WebSocket::from_raw_socket(Feed::default(), Role::Server, Some(config)),
            outbox,
            needs_flush: false,
        }
    }

    /// Takes messages up to this size from now on.
    pub(super) fn set_max_message_bytes(&mut self, bytes: usize) {
        self.websocket.set_config(|config| {
            config.max_message_size = Some(bytes);
            config.max_frame_size = Some(bytes);
        });
    }

    /// The next thing to do. `heard` is told how many bytes came; while `may_read` says no, nothing is read.
    pub(super) async fn next(
        &mut self,
        heard: impl Fn(usize),
        may_read: impl Fn() -> bool,
    ) -> Step {
        // Who sends without a pause must not have the thread for itself.
        tokio::task::consume_budget().await;
        poll_fn(|context| self.poll_next(context, &heard, &may_read)).await
    }

    fn poll_next(
        &mut self,
        context: &mut Context<'_>,
        heard: &impl Fn(usize),
        may_read: &impl Fn() -> bool,
    ) -> Poll<Step> {
        // Registered first: what is pushed from here on wakes the task.
        self.outbox.register(context.waker());
        if let Some(reason) = self.outbox.closing() {
            return Poll::Ready(Step::End(reason));
        }
        if self.write(context).is_err() {
            return Poll::Ready(Step::End(Closing::Gone));
        }
        if self.outbox.take_behind() {
            return Poll::Ready(Step::CatchUp);
        }
        if !may_read() {
            return Poll::Pending;
        }
        let mut control_frames = 0;
        loop {
            if control_frames == CONTROL_FRAMES_AT_A_TIME {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            match self.websocket.read() {
                Ok(Message::Text(text)) => return Poll::Ready(Step::Message(Payload::Text(text))),
                Ok(Message::Binary(bytes)) => {
                    return Poll::Ready(Step::Message(Payload::Binary(bytes)));
                }
                Ok(Message::Close(_)) => {
                    self.answer_control(context);
                    return Poll::Ready(Step::End(Closing::Gone));
                }
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {
                    control_frames += 1;
                    self.answer_control(context);
                }
                Err(tungstenite::Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                    match ready!(self.fill(context)) {
                        Ok(0) | Err(_) => return Poll::Ready(Step::End(Closing::Gone)),
                        Ok(bytes) => heard(bytes),
                    }
                }
                Err(error) => return Poll::Ready(Step::End(closing_of(&error))),
            }
        }
    }

    fn fill(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let link = &mut self.link;
        self.websocket.get_mut().fill(|buffer| {
            let read = link.poll_read(context, buffer);
            let bytes = match &read {
                Poll::Ready(Ok(bytes)) => *bytes,
                _ => 0,
            };
            (bytes, read)
        })
    }

    /// Pushes what tungstenite answers to a control frame.
    fn answer_control(&mut self, context: &mut Context<'_>) {
        // Writing to memory: what fails here is the closing of a closed connection.
        let _ = self.websocket.flush();
        let output = self.websocket.get_mut().take_output();
        if !output.is_empty() {
            // Without a place for a pong the connection is not idle anyway.
            let _ = self.outbox.push(output.into());
            let _ = self.write(context);
        }
    }

    /// Writes what waits, as far as it is taken, and sends on what the link has taken before.
    fn write(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        if !self.outbox.is_idle() {
            let link = &mut self.link;
            self.needs_flush = true;
            self.outbox
                .drain(|bytes| match link.poll_write(context, bytes) {
                    Poll::Ready(written) => written,
                    Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
                })?;
        }
        if self.needs_flush
            && let Poll::Ready(flushed) = self.link.poll_flush(context)
        {
            flushed?;
            self.needs_flush = false;
        }
        Ok(())
    }

    /// Ends the connection with `farewell` as its last bytes, as far as the other side still listens.
    pub(super) async fn end(mut self, farewell: &[u8]) {
        let mut rest: Vec<u8> = Vec::new();
        for frame in self.outbox.take_frames() {
            rest.extend_from_slice(&frame);
        }
        rest.extend_from_slice(farewell);
        self.outbox.close(Closing::Gone);
        let _ = timeout(CLOSE_PATIENCE, async {
            let link = &mut self.link;
            let mut at = 0;
            while at < rest.len() {
                at += poll_fn(|context| link.poll_write(context, &rest[at..])).await?;
            }
            poll_fn(|context| link.poll_flush(context)).await?;
            poll_fn(|context| link.poll_shutdown(context)).await?;
            let mut buffer = [0; 4096];
            let mut left = LINGER_BYTES;
            while left > 0 {
                match poll_fn(|context| link.poll_read(context, &mut buffer)).await? {
                    0 => break,
                    read => left = left.saturating_sub(read),
                }
            }
            io::Result::Ok(())
        })
        .await;
    }
}

/// Why the framing ends a connection.
fn closing_of(error: &tungstenite::Error) -> Closing {
    use tungstenite::{Error, error::ProtocolError};
    match error {
        Error::Capacity(_) => Closing::too_large(),
        Error::Utf8(_) => Closing::not_utf8(),
        // The other side went without a close frame: common, and nobody is there to be told.
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Closing::Gone,
        Error::Protocol(_) => Closing::malformed_frame(),
        _ => Closing::Gone,
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Arc, Mutex},
        task::Waker,
    };

    use chat_relay_protocol::Codec;
    use tokio::task::yield_now;

    use super::*;
    use crate::outbox::Dialect;

    /// Takes everything at once and sends it on at a flush, as a TLS session does; while its socket is full, the flush
    /// waits.
    #[derive(Clone, Default)]
    struct Session(Arc<Mutex<Inside>>);

    #[derive(Default)]
    struct Inside {
        taken: Vec<u8>,
        sent: Vec<u8>,
        is_full: bool,
        waits: Option<Waker>,
    }

    impl Link for Session {
        fn poll_read(&mut self, _: &mut Context<'_>, _: &mut [u8]) -> Poll<io::Result<usize>> {
            Poll::Pending
        }

        fn poll_write(&mut self, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            self.0.lock().unwrap().taken.extend_from_slice(bytes);
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
            let mut inside = self.0.lock().unwrap();
            if inside.is_full {
                inside.waits = Some(context.waker().clone());
                return Poll::Pending;
            }
            let taken = std::mem::take(&mut inside.taken);
            inside.sent.extend(taken);
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test]
    async fn what_a_full_link_has_taken_is_sent_once_it_has_room() {
        let session = Session::default();
        session.0.lock().unwrap().is_full = true;
        let dialect = Dialect::WebSocket(Codec::Json);
        let outbox = Outbox::new(dialect, 1024, None, Default::default());
        let mut socket = Socket::new(session.clone(), outbox.clone(), 1024);
        let task = tokio::spawn(async move { socket.next(|_| {}, || true).await });
        outbox.push("the end of a burst".into()).unwrap();
        for _ in 0..10 {
            yield_now().await;
        }
        assert!(outbox.is_idle());
        let waker = {
            let mut inside = session.0.lock().unwrap();
            assert_eq!(inside.sent, b"");
            inside.is_full = false;
            inside.waits.take().unwrap()
        };
        // No other frame comes, and nothing is read: the link's word has to do.
        waker.wake();
        for _ in 0..10 {
            yield_now().await;
        }
        assert_eq!(session.0.lock().unwrap().sent, b"the end of a burst");
        task.abort();
    }
}

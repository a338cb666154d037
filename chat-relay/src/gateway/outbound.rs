//! The write pump: replay, then what is queued, and pings in between.

use std::time::Duration;

use chat_relay_protocol::Seq;
use futures_util::{Sink, SinkExt};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_tungstenite::tungstenite::{self, Message, Utf8Bytes};

use super::inbound::Heard;
use crate::{
    outbox::{Closing, OutboxReader, closing},
    store::{Readers, events_message},
};

/// How many queued messages are framed before they are flushed together.
const FLUSH_AFTER: usize = 64;

/// What a newcomer has missed.
pub(super) struct Replay {
    pub(super) room: i64,
    /// The last event that it has.
    pub(super) after: Seq,
    /// The last event before those that come by the outbox.
    pub(super) last: Seq,
    pub(super) chunk_bytes: usize,
}

/// What the write pump works with.
pub(super) struct Outbound<'a, S> {
    pub(super) socket: &'a mut S,
    pub(super) reader: &'a mut OutboxReader,
    pub(super) heard: &'a Heard,
    pub(super) heartbeat_interval: Duration,
}

impl<S> Outbound<'_, S>
where
    S: Sink<Message, Error = tungstenite::Error> + Unpin,
{
    /// Writes `welcome`, the replay and the queue until the connection ends, and says why.
    pub(super) async fn run(
        mut self,
        welcome: Utf8Bytes,
        replay: Replay,
        readers: &Readers,
    ) -> Closing {
        let mut closing = self.reader.closing();
        tokio::select! {
            biased;
            reason = closing.closed() => reason,
            reason = self.write(welcome, replay, readers) => reason,
        }
    }

    async fn write(&mut self, welcome: Utf8Bytes, replay: Replay, readers: &Readers) -> Closing {
        if let Err(reason) = self.send(Message::Text(welcome)).await {
            return reason;
        }
        if let Err(reason) = self.replay(replay, readers).await {
            return reason;
        }
        let mut ticks = interval(self.heartbeat_interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first tick of an interval comes at once.
        ticks.tick().await;
        let mut pinged_at: Option<Instant> = None;
        loop {
            let written = tokio::select! {
                now = ticks.tick() => {
                    if pinged_at.is_some_and(|pinged_at| self.heard.at() < pinged_at) {
                        return Closing::Gone;
                    }
                    pinged_at = Some(now);
                    self.send(Message::Ping(Vec::new().into())).await
                }
                message = self.reader.queue.recv() => match message {
                    Some(message) => self.drain(message).await,
                    None => return Closing::Gone,
                },
            };
            if let Err(reason) = written {
                return reason;
            }
        }
    }

    async fn replay(&mut self, replay: Replay, readers: &Readers) -> Result<(), Closing> {
        let Replay {
            room,
            mut after,
            last,
            chunk_bytes,
        } = replay;
        while after < last {
            let events = readers
                .events(room, after, last, chunk_bytes)
                .await
                .map_err(|error| {
                    tracing::error!(%error, "a room's log cannot be read");
                    Closing::storage()
                })?;
            let Some(end) = events.last() else {
                tracing::error!(after, last, "a room's log ends too early");
                return Err(Closing::storage());
            };
            after = end.seq;
            self.send(Message::Text(events_message(&events))).await?;
        }
        Ok(())
    }

    /// Writes `first` and what is queued behind it, then flushes once.
    async fn drain(&mut self, first: Utf8Bytes) -> Result<(), Closing> {
        let socket = &mut *self.socket;
        let queue = &mut self.reader.queue;
        let write = async {
            socket.feed(Message::Text(first)).await?;
            for _ in 1..FLUSH_AFTER {
                let Ok(message) = queue.try_recv() else { break };
                socket.feed(Message::Text(message)).await?;
            }
            socket.flush().await
        };
        ended(timeout(self.heartbeat_interval * 2, write).await)
    }

    async fn send(&mut self, message: Message) -> Result<(), Closing> {
        ended(timeout(self.heartbeat_interval * 2, self.socket.send(message)).await)
    }
}

fn ended(
    written: Result<Result<(), tungstenite::Error>, tokio::time::error::Elapsed>,
) -> Result<(), Closing> {
    match written {
        Ok(Ok(())) => Ok(()),
        // The other side is gone, or takes nothing for so long that it counts as gone.
        Ok(Err(_)) | Err(_) => Err(Closing::Gone),
    }
}

/// Tells `reason` to the other side as far as it still listens.
pub(super) async fn tell<S>(socket: &mut S, reason: &Closing, patience: Duration)
where
    S: Sink<Message, Error = tungstenite::Error> + Unpin,
{
    let Closing::Told { error, code } = reason else {
        let _ = timeout(patience, socket.close()).await;
        return;
    };
    let message = chat_relay_protocol::ServerMessage::Error(error.clone()).to_json();
    let frame = closing::close_frame(error, *code);
    let _ = timeout(patience, async {
        socket.send(Message::Text(message.into())).await?;
        socket.send(Message::Close(Some(frame))).await
    })
    .await;
}

/// How long and how much is still read of a connection that ends: a socket closed over unread input is reset,
/// and the reset can overtake the reason on its way to the other side.
pub(super) async fn linger<T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin>(
    stream: &mut T,
    patience: Duration,
) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    const MOST_BYTES: usize = 4 * 1024 * 1024;
    let mut buffer = [0; 4096];
    let mut left = MOST_BYTES;
    let _ = timeout(patience, async {
        let _ = stream.shutdown().await;
        while left > 0 {
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(read) => left = left.saturating_sub(read),
            }
        }
    })
    .await;
}

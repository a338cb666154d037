//! One connection, from its first message to its close.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use chat_relay_protocol::{Hello, MAX_MESSAGE_BYTES, ServerMessage, Welcome};
use futures_util::{Sink, Stream, StreamExt};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::Semaphore,
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Message,
        protocol::{Role, WebSocketConfig},
    },
};

use super::{
    hello,
    inbound::{Heard, Inbound},
    outbound::{Outbound, Replay, linger, tell},
};
use crate::{
    app::App,
    names::normalized_name,
    outbox::{Closing, Outbox},
    rooms::{JoinError, Newcomer},
};

/// How long the other side may take to read why the connection ends.
const CLOSE_PATIENCE: Duration = Duration::from_secs(2);
/// What is read at a time. Taken for each connection at once, hence small.
const READ_BUFFER_BYTES: usize = 4096;
const WRITE_BUFFER_BYTES: usize = 16 * 1024;
/// Above the largest message that is sent; a connection whose buffer is that full is not fed any more.
const MAX_WRITE_BUFFER_BYTES: usize = 2 * 1024 * 1024;

/// Serves a connection to `room`, the id that the socket's address named, until it ends.
pub(super) async fn serve<T>(app: Arc<App>, stream: T, room: String)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(MAX_WRITE_BUFFER_BYTES)
        .max_message_size(Some(MAX_MESSAGE_BYTES))
        .max_frame_size(Some(MAX_MESSAGE_BYTES));
    let socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
    let (mut sink, mut source) = socket.split();
    let reason = run(&app, &mut sink, &mut source, &room).await;
    tracing::debug!(room, ?reason, "a connection ended");
    tell(&mut sink, &reason, CLOSE_PATIENCE).await;
    if let Ok(socket) = source.reunite(sink) {
        linger(&mut socket.into_inner(), CLOSE_PATIENCE).await;
    }
}

async fn run<W, R>(app: &App, sink: &mut W, source: &mut R, room: &str) -> Closing
where
    W: Sink<Message, Error = tungstenite::Error> + Unpin,
    R: Stream<Item = Result<Message, tungstenite::Error>> + Unpin,
{
    let mut shutdown = app.shutdown.subscribe();
    let served = async {
        let limits = &app.config.limits;
        let hello = match timeout(limits.hello_timeout, hello::read(source)).await {
            Ok(hello) => hello?,
            Err(_) => return Err(Closing::late_hello()),
        };
        converse(app, sink, source, room, hello).await
    };
    tokio::select! {
        biased;
        () = shutdown.begun() => Closing::shutting_down(crate::shutdown::spread_millis()),
        reason = served => reason.unwrap_or_else(|reason| reason),
    }
}

/// From hello to close. The error is a reason as well: one from before the room was entered.
async fn converse<W, R>(
    app: &App,
    sink: &mut W,
    source: &mut R,
    room: &str,
    hello: Hello,
) -> Result<Closing, Closing>
where
    W: Sink<Message, Error = tungstenite::Error> + Unpin,
    R: Stream<Item = Result<Message, tungstenite::Error>> + Unpin,
{
    let limits = &app.config.limits;
    let readers = app.store.readers();
    let admission = hello::admit(readers, room, &hello.token).await?;
    let (outbox, mut reader) = Outbox::new(limits.send_queue);
    let newcomer = Newcomer {
        device: admission.device.id.clone(),
        name: normalized_name(&hello.name).unwrap_or_else(|| admission.device.name.clone()),
        hue: admission.device.hue,
        outbox: outbox.clone(),
    };
    let seat = app
        .hub
        .join(&admission.room, newcomer, readers)
        .await
        .map_err(|error| match error {
            JoinError::Full => Closing::room_full(),
            JoinError::Store(_) => Closing::storage(),
        })?;
    let device = &admission.device;
    if device.name != seat.you.name || device.hue != Some(seat.you.hue) {
        app.store
            .keep_device(device.key, seat.you.name.clone(), seat.you.hue)
            .await;
    }
    // Read after joining, so that nobody who has said something up to now is in neither list.
    let mut past_members = readers
        .past_members(admission.room.key)
        .await
        .map_err(|_| Closing::storage())?;
    past_members.retain(|past| seat.members.iter().all(|now| now.device != past.device));

    // A device that is ahead of the log, or of another epoch, has a log that is not this one.
    let resumed = hello
        .resume
        .filter(|resume| resume.epoch == admission.room.epoch && resume.seq <= seat.last_seq);
    let welcome = ServerMessage::Welcome(Welcome {
        room: admission.room.id.clone(),
        code: admission.room.code.clone(),
        epoch: admission.room.epoch.clone(),
        seq: seat.last_seq,
        from_start: resumed.is_none(),
        you: seat.you.clone(),
        members: seat.members.clone(),
        past_members,
        heartbeat_secs: heartbeat_secs(limits.heartbeat_interval),
    });
    let replay = Replay {
        room: admission.room.key,
        after: resumed.map_or(0, |resume| resume.seq),
        last: seat.last_seq,
        chunk_bytes: limits.replay_chunk_bytes,
    };
    let heard = Heard::new();
    let inbound = Inbound {
        store: &app.store,
        admission: &admission,
        seat: &seat,
        outbox: &outbox,
        heard: &heard,
        in_flight: Arc::new(Semaphore::new(limits.ops_in_flight)),
        failed: Arc::new(AtomicBool::new(false)),
    };
    let outbound = Outbound {
        socket: sink,
        reader: &mut reader,
        heard: &heard,
        heartbeat_interval: limits.heartbeat_interval,
    };
    Ok(tokio::select! {
        reason = outbound.run(welcome.to_json().into(), replay, readers) => reason,
        reason = inbound.run(source) => reason,
    })
}

/// Two intervals, rounded up.
fn heartbeat_secs(interval: Duration) -> u32 {
    let millis = interval.as_millis() * 2;
    u32::try_from(millis.div_ceil(1000)).unwrap_or(u32::MAX)
}

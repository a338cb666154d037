//! One WebSocket connection, from its first message to its close.

use std::{future::poll_fn, pin::pin, sync::Arc, task::Poll};

use chat_relay_protocol::{Codec, Hello, MAX_HELLO_BYTES};
use tokio::time::timeout;

use super::{
    hello,
    inbound::Inbound,
    link::Link,
    pulse::BeatGuard,
    socket::{Socket, Step},
};
use crate::{
    app::App,
    history::{Admission, DeviceKey, HistoryError},
    names::normalized_name,
    outbox::{Closing, Dialect, Outbox},
    room::{CaughtUp, JoinError, Newcomer, Room, SeatHandle, interval_millis},
    shard::Shard,
};

/// So often a room is looked for anew when it ended meanwhile, or has to settle for a snapshot.
const JOIN_TRIES: usize = 50;

/// Serves a connection to `room`, the id that its address named, until it ends.
pub(super) async fn serve<L: Link>(
    app: Arc<App>,
    shard: Arc<Shard>,
    link: L,
    codec: Codec,
    room: String,
) {
    let limits = &app.config.limits;
    let outbox = Outbox::new(
        Dialect::WebSocket(codec),
        limits.send_queue_bytes,
        link.direct(),
        app.around.metrics.bytes_out.clone(),
    );
    let beat = shard.pulse.admit(outbox.clone());
    let (codec_name, transport) = outbox.dialect().names();
    let counted = app.around.metrics.connections.open(codec_name, transport);
    let mut socket = Socket::new(link, outbox.clone(), MAX_HELLO_BYTES);
    let reason = match converse(&app, &shard, &mut socket, &outbox, &beat, codec, &room).await {
        Ok(never) => match never {},
        Err(reason) => reason,
    };
    drop(beat);
    tracing::debug!(room, reason = reason.name(), "a connection ended");
    counted.close(reason.name());
    Box::pin(socket.end(&outbox.dialect().farewell(&reason))).await;
}

/// From hello to close; the error is why it ends.
///
/// What happens once or seldom is boxed: thousands of connections wait in the loop at the end, and each holds what the
/// largest of its steps needs.
async fn converse<L: Link>(
    app: &App,
    shard: &Shard,
    socket: &mut Socket<L>,
    outbox: &Outbox,
    beat: &BeatGuard,
    codec: Codec,
    room: &str,
) -> Result<std::convert::Infallible, Closing> {
    let (seat, device) = Box::pin(enter(app, shard, socket, outbox, beat, codec, room)).await?;
    let limits = &app.config.limits;
    // Binary messages have a byte in front that tells how they are packed.
    socket.set_max_message_bytes(limits.message_bytes + usize::from(!codec.is_text()));
    let mut inbound = Inbound::new(&seat, device, outbox, beat);
    loop {
        let step = socket
            .next(|bytes| beat.heard(bytes), || inbound.may_read())
            .await;
        match step {
            Step::Message(payload) if payload.is_text() != codec.is_text() => {
                return Err(Closing::wrong_kind());
            }
            Step::Message(payload) => {
                if let Some(later) = inbound.handle(codec, payload.bytes())? {
                    Box::pin(inbound.finish(later)).await?;
                }
            }
            Step::CatchUp => Box::pin(catch_up(&seat, outbox)).await?,
            Step::End(reason) => return Err(reason),
        }
    }
}

/// From the first message into the room.
async fn enter<L: Link>(
    app: &App,
    shard: &Shard,
    socket: &mut Socket<L>,
    outbox: &Outbox,
    beat: &BeatGuard,
    codec: Codec,
    room: &str,
) -> Result<(SeatHandle, DeviceKey), Closing> {
    let hello = timeout(app.config.limits.hello_timeout, hello::read(socket, codec))
        .await
        .unwrap_or_else(|_| Err(Closing::late_hello()))?;
    beat.heard(0);
    app.around.metrics.messages_in.count("hello");
    let joining = async {
        let admission = hello::admit(app, room, &hello.token).await?;
        let device = admission.device.key;
        let seat = join(app, shard, outbox, beat, admission, hello).await?;
        Ok((seat, device))
    };
    unless_closed(outbox, joining).await
}

/// What comes of `joining`, or why the connection ends before that: nobody else looks at its outbox meanwhile.
pub(super) async fn unless_closed<T>(
    outbox: &Outbox,
    joining: impl Future<Output = Result<T, Closing>>,
) -> Result<T, Closing> {
    let mut joining = pin!(joining);
    poll_fn(|context| {
        outbox.register(context.waker());
        match outbox.closing() {
            Some(reason) => Poll::Ready(Err(reason)),
            None => joining.as_mut().poll(context),
        }
    })
    .await
}

/// One piece of what the connection lacks, after word of it to one that was too slow.
pub(super) async fn catch_up(seat: &SeatHandle, outbox: &Outbox) -> Result<(), Closing> {
    if let Some(missed) = seat.room.missed(seat.id) {
        seat.room.around.metrics.dropped.count("lagged");
        outbox.answer(&missed);
    }
    match seat.room.catch_up(seat.id).await {
        Ok(CaughtUp::Level) => Ok(()),
        Ok(CaughtUp::Partly) => {
            outbox.fall_behind();
            Ok(())
        }
        Ok(CaughtUp::TooFar) => Err(Closing::lagged()),
        Err(error) => {
            tracing::error!(%error, "a room's log cannot be read");
            Err(Closing::storage())
        }
    }
}

/// Takes the connection into its room.
pub(super) async fn join(
    app: &App,
    shard: &Shard,
    outbox: &Outbox,
    beat: &BeatGuard,
    admission: Admission,
    hello: Hello,
) -> Result<SeatHandle, Closing> {
    let limits = &app.config.limits;
    let history = &app.around.history;
    let failed = |error: HistoryError| {
        tracing::error!(%error, "a room cannot be loaded");
        match error {
            HistoryError::NoRoom => Closing::room_expired(),
            _ => Closing::storage(),
        }
    };
    let mut newcomer = Newcomer {
        name: normalized_name(&hello.name),
        last_counter: 0,
        outbox: outbox.clone(),
        resume: hello.resume,
        presence_millis: interval_millis(hello.presence_millis, limits),
        heartbeat_secs: beat.negotiate(hello.heartbeat_secs),
        admission,
    };
    for _ in 0..JOIN_TRIES {
        let mut visit = Visit {
            shard,
            room: shard.room(&newcomer.admission.room).await.map_err(failed)?,
            is_seated: false,
        };
        let room = &visit.room;
        // Read once the room is there: what is taken from then on, the room itself knows.
        let device = newcomer.admission.device.key;
        newcomer.last_counter = history
            .last_counter(room.record.key, device)
            .await
            .map_err(failed)?;
        match room.join(&newcomer) {
            Ok(seat) => {
                visit.is_seated = true;
                // A logout of before was not told to the seat.
                return if shard.was_logged_out(&newcomer.admission.device.id) {
                    Err(Closing::logged_out())
                } else {
                    Ok(seat)
                };
            }
            Err(JoinError::Over) => shard.forget_room(room),
            Err(JoinError::TooManyDevices) => return Err(Closing::too_many_devices()),
            Err(JoinError::Removed) => return Err(Closing::removed()),
            // What it comes to is told soon.
            Err(JoinError::Undecided) => return Err(Closing::lagged()),
            Err(JoinError::Full) => return Err(Closing::room_full()),
        }
    }
    Err(Closing::storage())
}

/// A look at a room, which may have been loaded for it: without a seat it is let go, also where the look is broken off.
struct Visit<'a> {
    shard: &'a Shard,
    room: Arc<Room>,
    is_seated: bool,
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        if !self.is_seated {
            self.shard.let_go(&self.room);
        }
    }
}

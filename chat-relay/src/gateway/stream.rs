//! The room by server-sent events and POST, for networks and devices that refuse WebSockets. The messages are those of
//! the JSON codec.
//!
//! `POST /v1/stream?room=ID` with a hello as its body is answered by an event stream: first an event `session` with
//! the name under which the client sends, then every message as an event's data. `POST /v1/stream/SESSION` sends one
//! message. A session's name is a secret of its client, as a token is.

use std::{
    convert::Infallible,
    future::poll_fn,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::{Bytes, BytesMut};
use chat_relay_protocol::{Codec, ErrorCode, Hello, MAX_HELLO_BYTES, Retry, WireError};
use futures_util::Stream;
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};

use super::{
    connection::{catch_up, join, unless_closed},
    hello,
    inbound::Inbound,
    pulse::BeatGuard,
};
use crate::{
    app::App,
    history::Admission,
    http::{
        peer::Peer,
        refusal::{Refusal, closed},
        request::{query_value, read_body},
    },
    outbox::{Closing, Dialect, Outbox},
    secrets,
    shard::Shard,
};

/// So many messages of a client wait to be handled; one more is to be sent later.
const INBOUND_MESSAGES: usize = 16;
/// So many pieces of the stream wait for the socket; then the outbox fills, and the usual rules of a slow client hold.
const OUTBOUND_PIECES: usize = 2;
/// How long the other side may take to read why the stream ends.
const CLOSE_PATIENCE: Duration = Duration::from_secs(2);

/// `POST /v1/stream?room=ID`.
pub(crate) async fn open(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, Refusal> {
    app.origins.check(request.headers())?;
    let peer = request.extensions().get::<Peer>().cloned();
    let guard = match &peer {
        Some(peer) => Some(app.admit(peer, request.headers())?),
        None => None,
    };
    let room = query_value(request.uri(), "room").unwrap_or_default();
    let body = read_body(&app, request.into_body(), MAX_HELLO_BYTES).await?;
    let hello = hello::of_message(Codec::Json.decode_client(&body)).map_err(closed)?;
    let admission = hello::admit(&app, &room, &hello.token)
        .await
        .map_err(closed)?;
    let session = secrets::token().map_err(|_| closed(Closing::storage()))?;

    let (pieces, stream) = mpsc::channel(OUTBOUND_PIECES);
    let (messages, inbound) = mpsc::channel(INBOUND_MESSAGES);
    app.sessions.insert(session.clone(), messages);
    let shard = Arc::clone(app.shards.of(&admission.room.id));
    let alive = app.shutdown.alive();
    let hang_up = peer.map(|peer| {
        // Heartbeats say how long it may take nothing.
        peer.deadline.lift();
        peer.hang_up
    });
    let first = format!("event: session\ndata: {{\"session\":\"{session}\"}}\n\n");
    // There is place: the channel is new.
    let _ = pieces.try_send(Bytes::from(first));
    let connection = Connection {
        app: Arc::clone(&app),
        shard: Arc::clone(&shard),
        pieces,
        inbound,
    };
    shard.spawn(async move {
        let app = Arc::clone(&connection.app);
        connection.serve(admission, hello).await;
        app.sessions.remove(&session);
        drop((alive, guard));
        if let Some(hang_up) = hang_up {
            // What was written last may still be under way; who takes nothing does not keep the socket for it.
            sleep(CLOSE_PATIENCE).await;
            hang_up.notify_one();
        }
    });
    let response = Response::builder()
        .header(header::CONTENT_TYPE, "text/event-stream")
        .header(header::CACHE_CONTROL, "no-store")
        // The socket ends with the stream.
        .header(header::CONNECTION, "close")
        // What proxies gather before they pass it on.
        .header("x-accel-buffering", "no")
        .body(Body::from_stream(Pieces(stream)));
    Ok(response.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response()))
}

/// `POST /v1/stream/SESSION`.
pub(crate) async fn send(
    State(app): State<Arc<App>>,
    Path(session): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Refusal> {
    app.origins.check(&headers)?;
    let messages = app.sessions.get(&session).ok_or_else(|| {
        Refusal::new(
            StatusCode::NOT_FOUND,
            WireError::new(
                ErrorCode::Unauthorized,
                "This session is not open, or no longer. Open the stream again.",
                Retry::Later { after_millis: 100 },
            ),
        )
    })?;
    let body = read_body(&app, body, app.config.limits.message_bytes).await?;
    messages.try_send(body).map_err(|_| {
        Refusal::new(
            StatusCode::TOO_MANY_REQUESTS,
            WireError::new(
                ErrorCode::RateLimited,
                "Messages come faster than they are handled. Wait 100 ms.",
                Retry::Later { after_millis: 100 },
            ),
        )
    })?;
    Ok(StatusCode::ACCEPTED)
}

/// One event stream and what its client posts.
struct Connection {
    app: Arc<App>,
    shard: Arc<Shard>,
    pieces: mpsc::Sender<Bytes>,
    inbound: mpsc::Receiver<Bytes>,
}

enum Next {
    Posted(Bytes),
    Written,
    CatchUp,
    End(Closing),
}

impl Connection {
    async fn serve(mut self, admission: Admission, hello: Hello) {
        let limits = &self.app.config.limits;
        let outbox = Outbox::new(
            Dialect::EventStream,
            limits.send_queue_bytes,
            None,
            self.app.around.metrics.bytes_out.clone(),
        );
        let beat = self.shard.pulse.admit(outbox.clone());
        let (codec, transport) = outbox.dialect().names();
        let counted = self.app.around.metrics.connections.open(codec, transport);
        let reason = match self.converse(&outbox, &beat, admission, hello).await {
            Ok(never) => match never {},
            Err(reason) => reason,
        };
        drop(beat);
        let mut rest = gathered(&outbox);
        rest.extend_from_slice(&outbox.dialect().farewell(&reason));
        outbox.close(Closing::Gone);
        counted.close(reason.name());
        // A client that does not read has no use for the reason.
        let _ = timeout(CLOSE_PATIENCE, self.pieces.send(rest.freeze())).await;
    }

    async fn converse(
        &mut self,
        outbox: &Outbox,
        beat: &BeatGuard,
        admission: Admission,
        hello: Hello,
    ) -> Result<Infallible, Closing> {
        let device = admission.device.key;
        let app = Arc::clone(&self.app);
        app.around.metrics.messages_in.count("hello");
        let joining = join(&app, &self.shard, outbox, beat, admission, hello);
        let seat = tokio::select! {
            seat = unless_closed(outbox, joining) => seat?,
            () = self.pieces.closed() => return Err(Closing::Gone),
        };
        let mut inbound = Inbound::new(&seat, device, outbox, beat);
        loop {
            match self.next(outbox, inbound.may_read()).await {
                Next::Posted(message) => {
                    beat.heard(message.len());
                    if let Some(later) = inbound.handle(Codec::Json, &message)? {
                        inbound.finish(later).await?;
                    }
                }
                // What a socket takes is no sign of life: only what the client posts is.
                Next::Written => {}
                Next::CatchUp => catch_up(&seat, outbox).await?,
                Next::End(reason) => return Err(reason),
            }
        }
    }

    /// Writes what waits as soon as there is place for it, and tells what is to be done. A stream that takes nothing
    /// hinders neither the end nor what its client posts.
    async fn next(&mut self, outbox: &Outbox, may_read: bool) -> Next {
        let mut gone = pin!(self.pieces.closed());
        let mut place = pin!(self.pieces.reserve());
        let inbound = &mut self.inbound;
        poll_fn(|context| {
            outbox.register(context.waker());
            if let Some(reason) = outbox.closing() {
                return Poll::Ready(Next::End(reason));
            }
            if gone.as_mut().poll(context).is_ready() {
                return Poll::Ready(Next::End(Closing::Gone));
            }
            if !outbox.is_idle()
                && let Poll::Ready(place) = place.as_mut().poll(context)
            {
                return Poll::Ready(match place {
                    Ok(place) => {
                        place.send(gathered(outbox).freeze());
                        Next::Written
                    }
                    Err(_) => Next::End(Closing::Gone),
                });
            }
            if outbox.take_behind() {
                return Poll::Ready(Next::CatchUp);
            }
            if may_read && let Poll::Ready(Some(message)) = inbound.poll_recv(context) {
                return Poll::Ready(Next::Posted(message));
            }
            Poll::Pending
        })
        .await
    }
}

/// What waits in an outbox, as one piece.
fn gathered(outbox: &Outbox) -> BytesMut {
    let mut piece = BytesMut::new();
    for frame in outbox.take_frames() {
        piece.extend_from_slice(&frame);
    }
    piece
}

/// The body of the answer.
struct Pieces(mpsc::Receiver<Bytes>);

impl Stream for Pieces {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|piece| piece.map(Ok))
    }
}

//! The read pump: what a device sends, checked, to the store and the room.
//!
//! Errors of single messages are answered and the connection goes on; errors of the framing end it. At most
//! `ops_in_flight` ops of a connection wait for their commit; until one is done nothing more is read, which
//! holds a fast sender back by TCP.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use chat_relay_protocol::{
    ClientMessage, ErrorCode, Op, OpId, Presence, Retry, ServerMessage, WireError,
};
use futures_util::{Stream, StreamExt};
use serde::Deserialize;
use tokio::{sync::Semaphore, time::Instant};
use tokio_tungstenite::tungstenite::{self, Message};

use crate::{
    outbox::{Closing, Outbox, closing::op_error},
    rooms::Seat,
    store::{Admission, Append, Appended, Store, StoreError},
};

/// So many unreadable messages end a connection.
const MAX_BAD_MESSAGES: usize = 10;
/// The largest presence, in bytes of JSON.
const MAX_PRESENCE_BYTES: usize = 2048;

/// When a connection was last heard of. Shared by its two pumps.
#[derive(Debug)]
pub(super) struct Heard {
    start: Instant,
    millis: AtomicU64,
}

impl Heard {
    pub(super) fn new() -> Self {
        Self {
            start: Instant::now(),
            millis: AtomicU64::new(0),
        }
    }

    fn note(&self) {
        // Rounded up: what comes right after a ping must not count as before it.
        let millis = u64::try_from(self.start.elapsed().as_millis() + 1).unwrap_or(u64::MAX);
        self.millis.store(millis, Ordering::Relaxed);
    }

    pub(super) fn at(&self) -> Instant {
        self.start + std::time::Duration::from_millis(self.millis.load(Ordering::Relaxed))
    }
}

/// What the read pump works with.
pub(super) struct Inbound<'a> {
    pub(super) store: &'a Store,
    pub(super) admission: &'a Admission,
    pub(super) seat: &'a Seat,
    pub(super) outbox: &'a Outbox,
    pub(super) heard: &'a Heard,
    pub(super) in_flight: Arc<Semaphore>,
    pub(super) failed: Arc<AtomicBool>,
}

impl Inbound<'_> {
    /// Reads until the connection ends, and says why.
    pub(super) async fn run<S>(&self, mut socket: S) -> Closing
    where
        S: Stream<Item = Result<Message, tungstenite::Error>> + Unpin,
    {
        let mut bad_messages = 0;
        loop {
            let message = match socket.next().await {
                None => return Closing::Gone,
                Some(Err(error)) => return closing_of(&error),
                Some(Ok(message)) => message,
            };
            self.heard.note();
            match message {
                Message::Text(text) => {
                    if let Err(error) = self.handle(&text).await {
                        bad_messages += usize::from(error.code == ErrorCode::BadMessage);
                        if bad_messages >= MAX_BAD_MESSAGES {
                            return Closing::too_many_bad_messages();
                        }
                        self.push(&ServerMessage::Error(error));
                    }
                }
                Message::Binary(_) => return Closing::binary(),
                Message::Close(_) => return Closing::Gone,
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    async fn handle(&self, text: &str) -> Result<(), WireError> {
        match ClientMessage::from_json(text) {
            Ok(ClientMessage::Op(op)) => self.append(op).await,
            Ok(ClientMessage::Presence(presence)) => self.set_presence(presence, text.len()),
            Ok(ClientMessage::Ping { nonce }) => {
                self.push(&ServerMessage::Pong { nonce });
                Ok(())
            }
            Ok(ClientMessage::Hello(_)) => Err(WireError::new(
                ErrorCode::BadMessage,
                "A hello comes once, as the first message.",
                Retry::Never,
            )),
            Err(error) => Err(match unreadable_op(text) {
                Some(op_id) => op_error(
                    ErrorCode::InvalidOp,
                    format!("The op cannot be read: {error}."),
                    Retry::Never,
                    op_id,
                ),
                None => WireError::new(
                    ErrorCode::BadMessage,
                    format!("The message cannot be read: {error}."),
                    Retry::Never,
                ),
            }),
        }
    }

    async fn append(&self, op: Op) -> Result<(), WireError> {
        if op.op_id.device != self.admission.device.id {
            return Err(op_error(
                ErrorCode::NotYourDevice,
                format!("The op names the device {}, not this one.", op.op_id.device),
                Retry::Never,
                op.op_id,
            ));
        }
        let body = op
            .check()
            .map_err(|error| error.to_string())
            .and_then(|()| serde_json::to_string(&op.body).map_err(|error| error.to_string()))
            .map_err(|reason| {
                op_error(
                    ErrorCode::InvalidOp,
                    format!("The op is refused: {reason}."),
                    Retry::Never,
                    op.op_id.clone(),
                )
            })?;
        let Ok(permit) = Arc::clone(&self.in_flight).acquire_owned().await else {
            return Ok(());
        };
        let outbox = self.outbox.clone();
        let op_id = op.op_id.clone();
        let append = Append {
            room: self.admission.room.key,
            room_id: self.admission.room.id.clone(),
            device: self.admission.device.key,
            device_id: self.admission.device.id.clone(),
            counter: op.op_id.counter,
            body,
            failed: Arc::clone(&self.failed),
            answer: Box::new(move |appended| {
                drop(permit);
                answer(&outbox, op_id, appended);
            }),
        };
        self.store.append(append).await;
        Ok(())
    }

    fn set_presence(&self, presence: Presence, bytes: usize) -> Result<(), WireError> {
        if bytes > MAX_PRESENCE_BYTES {
            return Err(WireError::new(
                ErrorCode::TooLarge,
                format!("A presence may have {MAX_PRESENCE_BYTES} bytes."),
                Retry::Never,
            ));
        }
        self.seat.set_presence(presence);
        Ok(())
    }

    fn push(&self, message: &ServerMessage) {
        self.outbox.push(message.to_json().into());
    }
}

/// Tells what became of an op. A new one is answered by its own event, which the room sends to all.
fn answer(outbox: &Outbox, op_id: OpId, appended: Result<Appended, StoreError>) {
    let message = match appended {
        Ok(Appended::New) => return,
        Ok(Appended::Already { seq }) => ServerMessage::Ack { op_id, seq },
        Ok(Appended::Passed) => ServerMessage::Error(op_error(
            ErrorCode::InvalidOp,
            "A later op of this device is in the log already; this one cannot come after it.",
            Retry::Never,
            op_id,
        )),
        Err(_) => {
            outbox.close(Closing::op_not_stored(op_id));
            return;
        }
    };
    outbox.push(message.to_json().into());
}

/// The name of an op whose body cannot be read, so that its device can let go of it.
fn unreadable_op(text: &str) -> Option<OpId> {
    #[derive(Deserialize)]
    struct Named {
        r#type: String,
        op_id: OpId,
    }
    let named: Named = serde_json::from_str(text).ok()?;
    (named.r#type == "op").then_some(named.op_id)
}

/// Why the framing ends a connection.
pub(super) fn closing_of(error: &tungstenite::Error) -> Closing {
    use tungstenite::Error;
    match error {
        Error::Capacity(_) => Closing::too_large(),
        Error::Utf8(_) => Closing::not_utf8(),
        // The other side went without a close frame: common, and nobody is there to be told.
        Error::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake) => {
            Closing::Gone
        }
        Error::Protocol(_) => Closing::malformed_frame(),
        _ => Closing::Gone,
    }
}

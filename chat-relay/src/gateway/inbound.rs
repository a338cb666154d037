//! What a device sends, checked, to its room. The same for every transport.
//!
//! Errors of single messages are answered and the connection goes on; a device that goes on sending what cannot be
//! read, or far more than it may, is told so and closed.

use chat_relay_protocol::{
    BoundsError, ClientMessage, Codec, DecodeError, DirectOp, ErrorCode, Op, OpId, Presence, Retry,
    Seq, ServerMessage, WireError,
};
use tokio::time::Instant;

use super::pulse::BeatGuard;
use crate::{
    config::Limits,
    history::{DeviceKey, HistoryError, OpPlace},
    metrics::Metrics,
    outbox::{Closing, Outbox, closing::op_error},
    rate_limit::Bucket,
    room::{SeatHandle, Submitted, rate_limited},
};

/// So many unreadable messages end a connection.
const MAX_BAD_MESSAGES: u32 = 10;
/// So many messages over the limit, one after the other, end a connection.
const MAX_OVER_LIMIT: u32 = 200;
/// So many of them are forgiven in a second, whatever else it sends.
const FORGIVEN_PER_SEC: u32 = 20;
/// The largest presence, in bytes as it came.
const MAX_PRESENCE_BYTES: usize = 2048;

/// What is left to do of a message, and has to wait for the history.
#[derive(Debug)]
pub(super) enum Later {
    /// What became of an op that was sent again.
    LookUp(OpId),
    /// A page of old messages.
    Page { before: Seq, limit: usize },
}

impl Later {
    /// A new op is answered by its own event, which goes to all.
    fn of(submitted: Submitted, op_id: OpId) -> Option<Self> {
        (submitted == Submitted::Passed).then_some(Self::LookUp(op_id))
    }
}

/// A connection's side of the conversation.
pub(super) struct Inbound<'a> {
    pub(super) seat: &'a SeatHandle,
    pub(super) device: DeviceKey,
    pub(super) outbox: &'a Outbox,
    pub(super) beat: &'a BeatGuard,
    pub(super) metrics: &'a Metrics,
    limits: &'a Limits,
    messages: Bucket,
    presences: Bucket,
    bad_messages: u32,
    /// What is left of the patience with messages over the limit.
    over_limit: Bucket,
}

impl<'a> Inbound<'a> {
    pub(super) fn new(
        seat: &'a SeatHandle,
        device: DeviceKey,
        outbox: &'a Outbox,
        beat: &'a BeatGuard,
    ) -> Self {
        let around = &seat.room.around;
        let limits = &around.limits;
        let now = Instant::now();
        Self {
            seat,
            device,
            outbox,
            beat,
            metrics: &around.metrics,
            limits,
            messages: Bucket::new(
                limits.connection_messages_per_sec,
                limits.connection_messages_burst,
                now,
            ),
            presences: Bucket::new(limits.presence_per_sec, limits.presence_per_sec, now),
            bad_messages: 0,
            // The one that finds it empty ends the connection.
            over_limit: Bucket::new(FORGIVEN_PER_SEC, MAX_OVER_LIMIT - 1, now),
        }
    }

    /// Whether the next message may be read: not while so many ops wait for their commit.
    pub(super) fn may_read(&self) -> bool {
        self.seat.in_flight() < self.limits.ops_in_flight
    }

    /// Handles a message, as far as that goes without waiting.
    ///
    /// # Errors
    /// Why the connection ends.
    pub(super) fn handle(&mut self, codec: Codec, bytes: &[u8]) -> Result<Option<Later>, Closing> {
        self.beat.is_lively();
        let now = Instant::now();
        let handled = match codec.decode_client(bytes) {
            Ok(message) => self.act(message, bytes.len(), now),
            Err(error) => Err(self.unreadable(&error, codec.op_id_of_unreadable(bytes), now)),
        };
        match handled {
            Ok(later) => Ok(later),
            Err(error) => {
                self.refuse(error)?;
                Ok(None)
            }
        }
    }

    /// Does what has to wait for the history.
    ///
    /// # Errors
    /// Why the connection ends.
    pub(super) async fn finish(&mut self, later: Later) -> Result<(), Closing> {
        let finished = match later {
            Later::LookUp(op_id) => self.look_up(op_id).await,
            Later::Page { before, limit } => self.page(before, limit).await,
        };
        finished.or_else(|error| self.refuse(error))
    }

    fn refuse(&mut self, error: WireError) -> Result<(), Closing> {
        self.count(&error)?;
        self.outbox.answer(&ServerMessage::Error(error));
        Ok(())
    }

    fn count(&mut self, error: &WireError) -> Result<(), Closing> {
        self.metrics.refused.count(error.code.name());
        if error.code == ErrorCode::BadMessage {
            self.bad_messages += 1;
            if self.bad_messages >= MAX_BAD_MESSAGES {
                return Err(Closing::too_many_bad_messages());
            }
        }
        if let (ErrorCode::RateLimited, Retry::Later { after_millis }) = (error.code, error.retry) {
            self.over_limit
                .spend(Instant::now())
                .map_err(|_| Closing::flooding(after_millis))?;
        }
        Ok(())
    }

    /// The answer to what cannot be read, which counts like any other message.
    fn unreadable(&mut self, error: &DecodeError, op_id: Option<OpId>, now: Instant) -> WireError {
        if let Err(limited) = self.spend(now, op_id.as_ref()) {
            return limited;
        }
        match op_id {
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
        }
    }

    fn act(
        &mut self,
        message: ClientMessage,
        bytes: usize,
        now: Instant,
    ) -> Result<Option<Later>, WireError> {
        self.metrics.messages_in.count(name_of(&message));
        match message {
            ClientMessage::Presence(presence) => self.set_presence(presence, bytes, now)?,
            ClientMessage::Op(op) => return self.submit(op, now),
            ClientMessage::Direct(op) => return self.submit_direct(op, now),
            ClientMessage::Ping { nonce } => {
                self.spend(now, None)?;
                self.outbox.answer(&ServerMessage::Pong { nonce });
            }
            ClientMessage::Read { seq } => {
                self.spend(now, None)?;
                self.seat.room.read_up_to(self.seat.id, seq);
            }
            ClientMessage::Heartbeat { secs } => {
                self.spend(now, None)?;
                let secs = self.beat.negotiate(Some(secs));
                self.outbox.answer(&ServerMessage::Heartbeat { secs });
            }
            ClientMessage::History { before, limit } => {
                self.spend(now, None)?;
                let most = self.limits.history_page_events;
                let limit = usize::try_from(limit).unwrap_or(most).clamp(1, most);
                return Ok(Some(Later::Page { before, limit }));
            }
            ClientMessage::Hello(_) => {
                self.spend(now, None)?;
                return Err(WireError::new(
                    ErrorCode::BadMessage,
                    "A hello comes once, as the first message.",
                    Retry::Never,
                ));
            }
        }
        Ok(None)
    }

    async fn page(&self, before: Seq, limit: usize) -> Result<(), WireError> {
        let (messages, more) = self.seat.room.page(before, limit).await.map_err(storage)?;
        self.outbox.answer(&ServerMessage::History {
            before,
            messages,
            more,
        });
        Ok(())
    }

    fn spend(&mut self, now: Instant, op_id: Option<&OpId>) -> Result<(), WireError> {
        self.messages.spend(now).map_err(|wait| {
            let nobody = || OpId {
                device: self.seat.device.clone(),
                counter: 0,
            };
            let mut error = rate_limited("This connection", wait, op_id.unwrap_or(&nobody()));
            error.op_id = op_id.cloned();
            error
        })
    }

    fn set_presence(
        &mut self,
        presence: Presence,
        bytes: usize,
        now: Instant,
    ) -> Result<(), WireError> {
        self.presences.spend(now).map_err(|wait| {
            let after_millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1);
            WireError::new(
                ErrorCode::RateLimited,
                format!("Presence comes more often than it may. Wait {after_millis} ms."),
                Retry::Later { after_millis },
            )
        })?;
        if bytes > MAX_PRESENCE_BYTES {
            return Err(WireError::new(
                ErrorCode::TooLarge,
                format!("A presence may have {MAX_PRESENCE_BYTES} bytes."),
                Retry::Never,
            ));
        }
        presence.check().map_err(|error| {
            let code = match error {
                BoundsError::HeavyPresence { .. } => ErrorCode::TooLarge,
                _ => ErrorCode::InvalidOp,
            };
            let message = format!("The presence is refused: {error}.");
            WireError::new(code, message, Retry::Never)
        })?;
        self.seat.room.set_presence(self.seat.id, presence, now);
        Ok(())
    }

    fn submit(&mut self, op: Op, now: Instant) -> Result<Option<Later>, WireError> {
        let op_id = op.op_id.clone();
        self.spend(now, Some(&op_id))?;
        op.check().map_err(|error| invalid(&error, &op_id))?;
        let submitted = self.seat.room.submit(self.seat.id, op, now)?;
        Ok(Later::of(submitted, op_id))
    }

    fn submit_direct(&mut self, op: DirectOp, now: Instant) -> Result<Option<Later>, WireError> {
        let op_id = op.op_id.clone();
        self.spend(now, Some(&op_id))?;
        op.check().map_err(|error| invalid(&error, &op_id))?;
        let submitted = self.seat.room.submit_direct(self.seat.id, op, now)?;
        Ok(Later::of(submitted, op_id))
    }

    /// Tells what became of an op that was sent again.
    async fn look_up(&self, op_id: OpId) -> Result<(), WireError> {
        let room = &self.seat.room;
        let place = room
            .around
            .history
            .find_op(room.record.key, self.device, op_id.counter)
            .await
            .map_err(|error| WireError {
                op_id: Some(op_id.clone()),
                ..storage(error)
            })?;
        match place {
            Some(OpPlace::Log { seq }) => self.outbox.answer(&ServerMessage::Ack { op_id, seq }),
            Some(OpPlace::Held) => {
                // If it is decided meanwhile, the log says how.
                if let Some(held) = room.held(&op_id) {
                    self.outbox.answer(&ServerMessage::Held { ops: vec![held] });
                }
            }
            Some(OpPlace::Inbox { .. }) => {
                self.outbox.answer(&ServerMessage::Ack { op_id, seq: 0 })
            }
            // Its event is gone, with all that a snapshot stands for.
            Some(OpPlace::Passed) if room.pruned_seq() > 0 => {
                let seq = room.pruned_seq();
                self.outbox.answer(&ServerMessage::Ack { op_id, seq });
            }
            Some(OpPlace::Passed) | None => {
                return Err(op_error(
                    ErrorCode::InvalidOp,
                    "A later op of this device is in the log already; this one cannot come after it.",
                    Retry::Never,
                    op_id,
                ));
            }
        }
        Ok(())
    }
}

/// A message's type, for counting.
fn name_of(message: &ClientMessage) -> &'static str {
    match message {
        ClientMessage::Hello(_) => "hello",
        ClientMessage::Op(_) => "op",
        ClientMessage::Direct(_) => "direct",
        ClientMessage::Presence(_) => "presence",
        ClientMessage::Read { .. } => "read",
        ClientMessage::History { .. } => "history",
        ClientMessage::Heartbeat { .. } => "heartbeat",
        ClientMessage::Ping { .. } => "ping",
    }
}

fn invalid(error: &chat_relay_protocol::BoundsError, op_id: &OpId) -> WireError {
    op_error(
        ErrorCode::InvalidOp,
        format!("The op is refused: {error}."),
        Retry::Never,
        op_id.clone(),
    )
}

fn storage(error: HistoryError) -> WireError {
    tracing::error!(%error, "the history cannot be read");
    WireError::new(
        ErrorCode::Storage,
        "The relay cannot read its store just now.",
        Retry::Later { after_millis: 2000 },
    )
}

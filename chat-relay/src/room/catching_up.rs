//! What a connection is sent from the log: what it missed before it came, and what it missed because it was slow.

use chat_relay_protocol::{Direct, OpId, Seq, ServerMessage};

use super::{
    Room,
    encoding::{EventText, pieces, write_events},
    seats::SeatId,
};
use crate::{history::HistoryError, outbox::Broadcast};

/// So many entries of an inbox are read at a time.
const INBOX_ENTRIES: usize = 200;

/// How a piece of catching up ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CaughtUp {
    /// There is more: to be called again once what was pushed is written.
    Partly,
    /// The connection is level with the room, and hears events as they are committed.
    Level,
    /// The log no longer holds what it lacks: it is to come again, for a snapshot.
    TooFar,
}

impl Room {
    /// Pushes the next piece of what a connection lacks. To be called while nothing waits in its outbox.
    ///
    /// # Errors
    /// What the history failed with.
    pub(crate) async fn catch_up(&self, id: SeatId) -> Result<CaughtUp, HistoryError> {
        let (after, last, inbox_after, inbox_last) = {
            let mut inner = self.lock();
            if let Some(told) = inner.tell_next_part(id) {
                return Ok(told);
            }
            let Some(lacks) = inner.lacks(id) else {
                return Ok(CaughtUp::Level);
            };
            lacks
        };
        let history = &self.around.history;
        if after < last {
            let chunk = self.around.limits.replay_chunk_bytes;
            let events = history.events(self.record.key, after, last, chunk).await?;
            if events.pruned_seq > after {
                // Who comes again gets a snapshot.
                let mut inner = self.lock();
                inner.pruned_seq = inner.pruned_seq.max(events.pruned_seq);
                inner.state.forget_through(events.pruned_seq);
                return Ok(CaughtUp::TooFar);
            }
            let texts: Vec<EventText> = events.rows.into_iter().map(EventText::from).collect();
            if texts.first().map(|event| event.seq) != Some(after + 1) {
                return Err(HistoryError::Damaged {
                    reason: format!("a log has no event {}", after + 1),
                });
            }
            self.push_events(id, &texts);
        } else if inbox_after < inbox_last {
            let Some(member) = self.member_key(id) else {
                return Ok(CaughtUp::Level);
            };
            let rows = history.inbox(member, inbox_after, INBOX_ENTRIES).await?;
            let entries: Vec<Direct> = rows
                .into_iter()
                .filter(|row| row.seq <= inbox_last)
                .map(|row| Direct {
                    seq: row.seq,
                    at: row.at,
                    from: row.from,
                    to: row.to,
                    op_id: OpId {
                        device: row.device,
                        counter: row.counter,
                    },
                    text: row.text.into(),
                })
                .collect();
            let Some(last) = entries.last().map(|entry| entry.seq) else {
                return Err(HistoryError::Damaged {
                    reason: format!("an inbox has no entry {}", inbox_after + 1),
                });
            };
            self.push_inbox(id, entries, last);
        }
        let mut inner = self.lock();
        Ok(if inner.go_live_if_level(id) {
            CaughtUp::Level
        } else {
            CaughtUp::Partly
        })
    }

    /// What a slow connection is told before it catches up, once: the events that it is about to get late.
    pub(crate) fn missed(&self, id: SeatId) -> Option<ServerMessage> {
        let mut inner = self.lock();
        let (after, last, ..) = inner.lacks(id)?;
        let was_slow = std::mem::take(&mut inner.seats.get_mut(id)?.was_slow);
        (was_slow && after < last).then_some(ServerMessage::Missed { after, last })
    }

    fn member_key(&self, id: SeatId) -> Option<crate::history::MemberKey> {
        let inner = self.lock();
        let seat = inner.seats.get(id)?;
        inner.key_of(&seat.member)
    }

    fn push_events(&self, id: SeatId, texts: &[EventText]) {
        let mut inner = self.lock();
        let Some(seat) = inner.seats.get_mut(id) else {
            return;
        };
        for piece in pieces(texts) {
            let Some(last) = piece.last() else { continue };
            let mut message =
                Broadcast::new(|codec, out: &mut Vec<u8>| write_events(piece, codec, out));
            let frame = message.frame(seat.outbox.dialect());
            if seat.outbox.push(frame).is_err() {
                return;
            }
            seat.sent_seq = last.seq;
        }
    }

    fn push_inbox(&self, id: SeatId, entries: Vec<Direct>, last: Seq) {
        let mut inner = self.lock();
        let Some(seat) = inner.seats.get_mut(id) else {
            return;
        };
        let message = ServerMessage::Inbox { entries };
        let frame = seat.outbox.dialect().message(&message);
        if seat.outbox.push(frame).is_ok() {
            seat.sent_inbox = last;
        }
    }
}

//! How far members have read, and pages of old messages.

use std::sync::Arc;

use chat_relay_protocol::{Body, ChatMessage, Seq, ServerMessage};

use super::{Room, joining::MOST_UNREAD, seats::SeatId};
use crate::history::HistoryError;

impl Room {
    /// A member has read up to an event; its other devices hear of it. What lies behind what was read before, or
    /// ahead of the log, changes nothing.
    pub(crate) fn read_up_to(&self, id: SeatId, seq: Seq) {
        let mut guard = self.lock();
        let inner = &mut *guard;
        let Some(member) = inner.seats.get(id).map(|seat| seat.member.clone()) else {
            return;
        };
        let committed_seq = inner.committed_seq;
        let Some(entry) = inner.members.get_mut(&member) else {
            return;
        };
        if seq <= entry.read_seq || seq > committed_seq {
            return;
        }
        entry.read_seq = seq;
        self.around.history.keep_read(entry.key, seq);
        let unread = inner.state.unread(&member, seq, MOST_UNREAD);
        let message = ServerMessage::Read {
            seq,
            unread: u32::try_from(unread).unwrap_or(u32::MAX),
        };
        inner
            .seats
            .tell_some(&message, |seat| seat.member == member);
    }

    /// The messages before an event as they are now, oldest first, and whether there are older ones.
    ///
    /// # Errors
    /// What the history failed with.
    pub(crate) async fn page(
        self: &Arc<Self>,
        before: Seq,
        limit: usize,
    ) -> Result<(Vec<ChatMessage>, bool), HistoryError> {
        let (page, more, committed_seq) = {
            let inner = self.lock();
            let mut page = inner.state.page_before(before, limit + 1);
            let more = page.len() > limit;
            page.truncate(limit);
            (page, more, inner.committed_seq)
        };
        // What is not committed yet is not told yet, by whichever way.
        let told = |seq: &Seq| *seq <= committed_seq;
        let mut seqs: Vec<Seq> = page
            .iter()
            .flat_map(|(seq, amendments)| amendments.iter().chain([seq]))
            .copied()
            .filter(told)
            .collect();
        seqs.sort_unstable();
        let history = &self.around.history;
        let rows = history.events_at(self.record.key, seqs).await?;
        let mut messages = std::collections::BTreeMap::<Seq, ChatMessage>::new();
        for row in rows {
            let event = super::encoding::EventText::from(row).event();
            match &event.body {
                Body::Chat(chat) => {
                    messages.insert(event.seq, ChatMessage::new(&event, chat));
                }
                Body::ChatEdit { message, .. }
                | Body::ChatDelete { message }
                | Body::Reaction { message, .. } => {
                    if let Some(message) = messages.get_mut(message) {
                        message.amend(&event);
                    }
                }
                _ => {}
            }
        }
        Ok((messages.into_values().collect(), more))
    }
}

//! How far members have read, and pages of old messages.

use std::{collections::BTreeMap, sync::Arc};

use chat_relay_protocol::{Body, ChatMessage, Seq, ServerMessage};

use super::{Room, joining::MOST_UNREAD, seats::SeatId};
use crate::history::HistoryError;

/// So many messages are read at a time.
const GROUP_MESSAGES: usize = 20;
/// A page ends where it is larger than this.
const PAGE_BYTES: usize = 1024 * 1024;

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
        let unread = inner
            .state
            .unread(&member, seq..=committed_seq, MOST_UNREAD);
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
        let (page, mut more, committed_seq) = {
            let inner = self.lock();
            let mut page = inner.state.page_before(before, limit + 1);
            let more = page.len() > limit;
            page.truncate(limit);
            (page, more, inner.committed_seq)
        };
        let mut messages = BTreeMap::new();
        let mut bytes = 0;
        let mut groups = page.chunks(GROUP_MESSAGES).peekable();
        while let Some(group) = groups.next() {
            let read = self.read_messages(group, committed_seq).await?;
            if let Some((gone, _)) = group
                .iter()
                .find(|(seq, _)| *seq <= committed_seq && !read.contains_key(seq))
            {
                // The log was pruned since it was loaded: this one and all before it are gone.
                self.lock().state.forget_through(*gone);
                messages.extend(read);
                more = false;
                break;
            }
            bytes += read.values().map(ChatMessage::weight).sum::<usize>();
            messages.extend(read);
            if bytes > PAGE_BYTES && groups.peek().is_some() {
                more = true;
                break;
            }
            // A thread has other rooms, too.
            tokio::task::yield_now().await;
        }
        Ok((messages.into_values().collect(), more))
    }

    /// Messages, each with the events that changed it, as they are after an event. What is not committed yet is not
    /// told yet, by whichever way.
    async fn read_messages(
        &self,
        group: &[(Seq, Vec<Seq>)],
        committed_seq: Seq,
    ) -> Result<BTreeMap<Seq, ChatMessage>, HistoryError> {
        let mut seqs: Vec<Seq> = group
            .iter()
            .flat_map(|(seq, changed_by)| changed_by.iter().chain([seq]))
            .copied()
            .filter(|seq| *seq <= committed_seq)
            .collect();
        seqs.sort_unstable();
        let rows = self.around.history.events_at(self.record.key, seqs).await?;
        let mut messages = BTreeMap::<Seq, ChatMessage>::new();
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
        Ok(messages)
    }
}

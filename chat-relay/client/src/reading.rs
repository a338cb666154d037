//! How far this member has read the chat, on whichever device, and how much there is after that.

use chat_relay_protocol::{MemberId, Seq};

use crate::log::Log;

/// Counted up to where the snapshot ends that is on its way, as far as this device can tell.
pub(crate) const TO_THE_SNAPSHOT: Seq = Seq::MAX;

/// See the module.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Reading {
    read_seq: Seq,
    /// What the relay counted when it was told last, and up to which event.
    told_unread: u32,
    told_at: Seq,
    /// What the relay has not been told yet.
    untold: bool,
}

impl Reading {
    pub(crate) fn restored(read_seq: Seq) -> Reading {
        Reading {
            read_seq,
            ..Reading::default()
        }
    }

    pub(crate) fn read_seq(&self) -> Seq {
        self.read_seq
    }

    /// The relay says how far this member has read, and counts up to `at`.
    pub(crate) fn told(&mut self, seq: Seq, unread: u32, at: Seq) {
        if seq >= self.read_seq {
            *self = Reading {
                read_seq: seq,
                told_unread: unread,
                told_at: at,
                untold: false,
            };
        }
    }

    /// A new connection: what was read meanwhile is to be told.
    pub(crate) fn welcome(&mut self, seq: Seq, unread: u32, at: Seq) {
        self.told(seq, unread, at);
        self.untold = self.read_seq > seq;
    }

    /// The snapshot that was on its way is here.
    pub(crate) fn snapshot(&mut self, seq: Seq) {
        if self.told_at == TO_THE_SNAPSHOT {
            self.told_at = seq;
        }
    }

    /// The person has read up to an event. `true` when that is news.
    pub(crate) fn read(&mut self, seq: Seq) -> bool {
        if seq <= self.read_seq {
            return false;
        }
        self.read_seq = seq;
        self.untold = true;
        self.told_unread = 0;
        self.told_at = seq;
        true
    }

    /// What the relay is to be told now.
    pub(crate) fn take_untold(&mut self) -> Option<Seq> {
        std::mem::take(&mut self.untold).then_some(self.read_seq)
    }

    /// Messages of others after what was read. Where they reach back further than the messages here, the relay's count
    /// stands in for those that are not; until the log is as far as the relay counted, that count holds.
    pub(crate) fn unread(&self, log: &Log, me: &MemberId) -> u32 {
        if log.last_seq() < self.told_at {
            return self.told_unread;
        }
        let oldest = log.chat.messages().next().map_or(0, |message| message.seq);
        let is_whole = !log.has_older_messages || oldest <= self.read_seq + 1;
        let after = if is_whole {
            self.read_seq
        } else {
            self.told_at.max(self.read_seq)
        };
        let counted = log
            .chat
            .messages()
            .rev()
            .take_while(|message| message.seq > after)
            .filter(|message| message.from != *me && !message.deleted)
            .count();
        let counted = u32::try_from(counted).unwrap_or(u32::MAX);
        if is_whole {
            counted
        } else {
            counted.saturating_add(self.told_unread)
        }
    }
}

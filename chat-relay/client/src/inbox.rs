//! Direct messages of this member, as far as this device has them: gapless, the latest kept.

use std::collections::VecDeque;

use chat_relay_protocol::{Direct, Seq};

use crate::log::Gap;

/// So many are kept.
const KEPT: usize = 200;

/// See the module.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inbox {
    entries: VecDeque<Direct>,
    /// The last one, as far as the relay has said.
    complete_at: Seq,
}

impl Inbox {
    /// What was stored.
    pub(crate) fn restored(entries: Vec<Direct>) -> Inbox {
        Inbox {
            entries: entries.into(),
            complete_at: 0,
        }
    }

    /// The relay says which one is the last; those up to it that are not here follow.
    pub(crate) fn welcome(&mut self, last: Seq) {
        self.complete_at = last;
    }

    /// Whether all are here, as far as the relay has said.
    pub(crate) fn is_whole(&self) -> bool {
        self.last_seq() >= self.complete_at
    }

    /// The last one here, 0 for none.
    pub(crate) fn last_seq(&self) -> Seq {
        self.entries.back().map_or(0, |direct| direct.seq)
    }

    pub(crate) fn entries(&self) -> impl DoubleEndedIterator<Item = &Direct> {
        self.entries.iter()
    }

    /// Takes one in. `Ok(false)` when it is here already.
    pub(crate) fn push(&mut self, direct: Direct) -> Result<bool, Gap> {
        if direct.seq <= self.last_seq() {
            return Ok(false);
        }
        if direct.seq > self.last_seq() + 1 {
            return Err(Gap);
        }
        self.entries.push_back(direct);
        if self.entries.len() > KEPT {
            self.entries.pop_front();
        }
        Ok(true)
    }
}

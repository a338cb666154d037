//! Direct messages of this member, as far as this device has them: gapless from 1, the latest kept.

use std::collections::VecDeque;

use chat_relay_protocol::{Direct, Seq};
use serde::{Deserialize, Serialize};

use crate::log::Gap;

/// So many are kept.
const KEPT: usize = 200;

/// See the module.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Inbox {
    last_seq: Seq,
    entries: VecDeque<Direct>,
}

impl Inbox {
    pub(crate) fn last_seq(&self) -> Seq {
        self.last_seq
    }

    pub(crate) fn entries(&self) -> impl DoubleEndedIterator<Item = &Direct> {
        self.entries.iter()
    }

    /// Takes one in. `Ok(false)` when it is here already.
    pub(crate) fn push(&mut self, direct: Direct) -> Result<bool, Gap> {
        if direct.seq <= self.last_seq {
            return Ok(false);
        }
        if direct.seq > self.last_seq + 1 {
            return Err(Gap);
        }
        self.last_seq = direct.seq;
        self.entries.push_back(direct);
        if self.entries.len() > KEPT {
            self.entries.pop_front();
        }
        Ok(true)
    }
}

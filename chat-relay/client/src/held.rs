//! Ops that wait for an owner's approval: own ones, and for an owner everybody's.
//!
//! The relay tells them anew at each welcome. An own op leaves the outbox when it is told as held: from then on the
//! relay keeps it.

use std::collections::BTreeMap;

use chat_relay_protocol::{HeldOp, MemberId, OpId};

/// See the module.
#[derive(Debug, Clone, Default)]
pub(crate) struct Held {
    ops: BTreeMap<OpId, Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    held: HeldOp,
    /// Told by an earlier connection and not by this one yet.
    is_old: bool,
}

impl Held {
    /// A new connection: what it does not tell again was decided meanwhile.
    pub(crate) fn welcome(&mut self) {
        for entry in self.ops.values_mut() {
            entry.is_old = true;
        }
    }

    /// All decisions of the past are here: what was not told again is gone.
    pub(crate) fn forget_old(&mut self) {
        self.ops.retain(|_, entry| !entry.is_old);
    }

    pub(crate) fn told(&mut self, held: HeldOp) {
        let entry = Entry {
            held,
            is_old: false,
        };
        self.ops.insert(entry.held.op.op_id.clone(), entry);
    }

    /// It was decided.
    pub(crate) fn decided(&mut self, op_id: &OpId) -> Option<HeldOp> {
        self.ops.remove(op_id).map(|entry| entry.held)
    }

    /// All, the oldest first.
    pub(crate) fn all(&self) -> Vec<&HeldOp> {
        let mut ops: Vec<_> = self.ops.values().map(|entry| &entry.held).collect();
        ops.sort_by_key(|held| held.at);
        ops
    }

    /// Those of one member, the oldest first.
    pub(crate) fn of(&self, member: &MemberId) -> Vec<&HeldOp> {
        let mut ops = self.all();
        ops.retain(|held| held.from == *member);
        ops
    }
}

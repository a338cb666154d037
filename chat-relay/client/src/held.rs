//! Ops that wait for an owner's approval: own ones, and for an owner everybody's.
//!
//! The relay tells them anew at each welcome. An own op leaves the outbox when it is told as held: from then on the
//! relay keeps it.

use chat_relay_protocol::{Body, HeldOp, MemberId, OpId, Scene, SceneOp};

/// See the module.
#[derive(Debug, Clone, Default)]
pub(crate) struct Held {
    /// The oldest first, as the relay tells them.
    ops: Vec<Entry>,
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
        for entry in &mut self.ops {
            entry.is_old = true;
        }
    }

    /// All decisions of the past are here: what was not told again is gone. `true` when there was any.
    pub(crate) fn forget_old(&mut self) -> bool {
        let count = self.ops.len();
        self.ops.retain(|entry| !entry.is_old);
        self.ops.len() < count
    }

    pub(crate) fn told(&mut self, held: HeldOp) {
        let is_old = false;
        match self.place(&held.op.op_id) {
            Some(place) => self.ops[place].is_old = is_old,
            None => self.ops.push(Entry { held, is_old }),
        }
    }

    /// It was decided. `true` when it waited.
    pub(crate) fn decided(&mut self, op_id: &OpId) -> bool {
        self.take(op_id).is_some()
    }

    /// It was not approved. With an annotation goes what its maker wanted to change of it. `true` when it waited.
    pub(crate) fn rejected(&mut self, op_id: &OpId, scene: &Scene) -> bool {
        let Some(rejected) = self.take(op_id) else {
            return false;
        };
        let puts = |held: &HeldOp| match &held.op.body {
            Body::Scene {
                op: SceneOp::Put { id, .. },
            } => Some(id.clone()),
            _ => None,
        };
        let Some(id) = puts(&rejected) else {
            return true;
        };
        let again = self
            .of(&rejected.from)
            .any(|held| puts(held).as_ref() == Some(&id));
        if !again && scene.get(&id).is_none() {
            self.ops.retain(|Entry { held, .. }| {
                let about = matches!(&held.op.body, Body::Scene { op } if *op.id() == id);
                !(about && held.from == rejected.from)
            });
        }
        true
    }

    fn take(&mut self, op_id: &OpId) -> Option<HeldOp> {
        let place = self.place(op_id)?;
        Some(self.ops.remove(place).held)
    }

    /// All, the oldest first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &HeldOp> {
        self.ops.iter().map(|entry| &entry.held)
    }

    /// Those of one member, the oldest first.
    pub(crate) fn of<'a>(&'a self, member: &'a MemberId) -> impl Iterator<Item = &'a HeldOp> {
        self.all().filter(|held| held.from == *member)
    }

    fn place(&self, op_id: &OpId) -> Option<usize> {
        self.all().position(|held| held.op.op_id == *op_id)
    }
}

//! Ops of this device that the relay does not hold yet: for the log, and direct messages.
//!
//! An op gets its counter when it is made, is saved, and only then sent; it stays here until its own event (or
//! an acknowledgement, or word that it is held for approval) says that the relay has it. One op is under way at a time:
//! the relay takes only rising counters, so that an op sent after one that was refused for the moment would shut the
//! refused one out.

use std::collections::VecDeque;

use chat_relay_protocol::{
    Body, ClientMessage, DeviceId, DirectOp, MemberId, Op, OpId, SceneOp, Seq,
};

/// What an op asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// To append to the log.
    Append(Body),
    /// To be put into the inboxes of two members.
    Direct {
        /// The other one.
        to: MemberId,
        /// What is written.
        text: String,
    },
}

/// An op that waits.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PendingOp {
    pub(crate) op_id: OpId,
    pub(crate) request: Request,
    /// When it was made, in milliseconds since the Unix epoch.
    pub(crate) made_at_unix_millis: i64,
    /// It may be sent once this revision of the stored state is saved.
    saved_with: u64,
    /// The relay said that its log holds the op, at the latest at this event, or for 0 an inbox. It may be on its way.
    acknowledged: Option<Seq>,
}

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Outbox {
    device: DeviceId,
    next_counter: u64,
    pending: VecDeque<PendingOp>,
    under_way: Option<u64>,
    hold_until_millis: u64,
}

impl Request {
    /// Whether it takes an own change back: only an undo depends on who changed what last.
    pub(crate) fn is_undo(&self) -> bool {
        matches!(self, Request::Append(Body::Scene { op: SceneOp::Patch { only_if_seq, .. } }) if !only_if_seq.is_empty())
    }

    /// The request as it goes to the relay.
    pub(crate) fn to_message(&self, op_id: OpId) -> ClientMessage {
        match self {
            Request::Append(body) => ClientMessage::Op(Op {
                op_id,
                body: body.clone(),
            }),
            Request::Direct { to, text } => ClientMessage::Direct(DirectOp {
                op_id,
                to: to.clone(),
                text: text.clone(),
            }),
        }
    }
}

impl Outbox {
    pub(crate) fn new(device: DeviceId, next_counter: u64) -> Outbox {
        Outbox {
            device,
            next_counter,
            pending: VecDeque::new(),
            under_way: None,
            hold_until_millis: 0,
        }
    }

    /// Puts a stored op back in its place; it is saved already.
    pub(crate) fn restore(&mut self, counter: u64, request: Request, made_at_unix_millis: i64) {
        let op_id = OpId {
            device: self.device.clone(),
            counter,
        };
        self.see_counter(&op_id);
        let after = |op: &PendingOp| op.op_id.counter > counter;
        let place = self.pending.iter().position(after);
        let op = PendingOp {
            op_id,
            request,
            made_at_unix_millis,
            saved_with: 0,
            acknowledged: None,
        };
        self.pending.insert(place.unwrap_or(self.pending.len()), op);
    }

    /// The counter that the next op gets.
    pub(crate) fn next_counter(&self) -> u64 {
        self.next_counter
    }

    /// What the next op is called.
    pub(crate) fn next_op_id(&self) -> OpId {
        OpId {
            device: self.device.clone(),
            counter: self.next_counter,
        }
    }

    /// Makes an op, to be sent once revision `saved_with` is saved.
    pub(crate) fn push(
        &mut self,
        request: Request,
        made_at_unix_millis: i64,
        saved_with: u64,
    ) -> OpId {
        let op_id = self.next_op_id();
        self.next_counter += 1;
        self.pending.push_back(PendingOp {
            op_id: op_id.clone(),
            request,
            made_at_unix_millis,
            saved_with,
            acknowledged: None,
        });
        op_id
    }

    pub(crate) fn pending(&self) -> impl Iterator<Item = &PendingOp> {
        self.pending.iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.pending.len()
    }

    /// The op to send now, if there is one; it counts as under way from here on.
    pub(crate) fn take_next(&mut self, saved_revision: u64, now_millis: u64) -> Option<&PendingOp> {
        if self.under_way.is_some() || now_millis < self.hold_until_millis {
            return None;
        }
        let next = self.pending.iter().find(|op| op.acknowledged.is_none())?;
        if next.saved_with > saved_revision {
            return None;
        }
        self.under_way = Some(next.op_id.counter);
        Some(next)
    }

    /// The time has come to `now_millis`: what was held back until then is no more.
    pub(crate) fn end_hold(&mut self, now_millis: u64) {
        if now_millis >= self.hold_until_millis {
            self.hold_until_millis = 0;
        }
    }

    /// When a held-back op may be sent again.
    pub(crate) fn held_until_millis(&self) -> Option<u64> {
        let waits =
            self.under_way.is_none() && self.pending.iter().any(|op| op.acknowledged.is_none());
        (waits && self.hold_until_millis > 0).then_some(self.hold_until_millis)
    }

    /// The relay has the op. `true` when it was pending.
    pub(crate) fn settle(&mut self, op_id: &OpId) -> bool {
        self.see_counter(op_id);
        self.remove(op_id).is_some()
    }

    /// The relay says that the op is in its log, at `seq` or before it, or, for 0, in the inbox.
    pub(crate) fn acknowledge(&mut self, op_id: &OpId, seq: Seq) {
        self.see_counter(op_id);
        self.landed(op_id);
        if let Some(op) = self.find(op_id) {
            op.acknowledged = Some(seq);
        }
    }

    /// This device has the log up to `last_seq`, and perhaps all of the inbox: what stands there by the relay's word does
    /// not come any more if it has not come. `true` when there was any.
    pub(crate) fn settle_reached(&mut self, last_seq: Seq, inbox_is_whole: bool) -> bool {
        let count = self.pending.len();
        self.pending.retain(|op| match op.acknowledged {
            None => true,
            Some(0) => !inbox_is_whole,
            Some(seq) => seq > last_seq,
        });
        self.pending.len() < count
    }

    /// The relay will never take the op: gives it back.
    pub(crate) fn refuse(&mut self, op_id: &OpId) -> Option<PendingOp> {
        self.remove(op_id)
    }

    /// The log is another one: what takes changes back names them by their numbers in the former one.
    pub(crate) fn forget_undos(&mut self) {
        self.pending.retain(|op| !op.request.is_undo());
    }

    /// The op under way is to be sent again, not before `until_millis`.
    pub(crate) fn hold(&mut self, until_millis: u64) {
        self.under_way = None;
        self.hold_until_millis = until_millis;
    }

    /// The op under way, when an error does not say which op it is about.
    pub(crate) fn under_way(&self) -> Option<OpId> {
        self.under_way.map(|counter| OpId {
            device: self.device.clone(),
            counter,
        })
    }

    /// What was under way may or may not have arrived: it is sent again on the next connection.
    pub(crate) fn connection_lost(&mut self) {
        self.under_way = None;
        self.hold_until_millis = 0;
        for op in &mut self.pending {
            op.acknowledged = None;
        }
    }

    fn find(&mut self, op_id: &OpId) -> Option<&mut PendingOp> {
        self.pending.iter_mut().find(|op| op.op_id == *op_id)
    }

    fn remove(&mut self, op_id: &OpId) -> Option<PendingOp> {
        self.landed(op_id);
        let index = self.pending.iter().position(|op| op.op_id == *op_id)?;
        self.pending.remove(index)
    }

    fn landed(&mut self, op_id: &OpId) {
        if op_id.device == self.device && self.under_way == Some(op_id.counter) {
            self.under_way = None;
        }
    }

    /// A counter once used by this device is never given out again, even if what was stored got lost.
    fn see_counter(&mut self, op_id: &OpId) {
        if op_id.device == self.device {
            self.next_counter = self.next_counter.max(op_id.counter + 1);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]
mod tests {
    use super::*;

    fn chat(text: &str) -> Request {
        Request::Append(Body::chat(text))
    }

    fn outbox() -> Outbox {
        Outbox::new(DeviceId::new("d").unwrap(), 1)
    }

    #[test]
    fn an_op_waits_until_it_is_saved() {
        let mut outbox = outbox();
        outbox.push(chat("a"), 0, 1);
        assert!(outbox.take_next(0, 0).is_none());
        assert!(outbox.take_next(1, 0).is_some());
    }

    #[test]
    fn one_op_is_under_way_at_a_time_and_order_is_kept() {
        let mut outbox = outbox();
        let a = outbox.push(chat("a"), 0, 1);
        let b = outbox.push(chat("b"), 0, 2);
        assert_eq!(
            outbox.take_next(2, 0).map(|op| op.op_id.clone()),
            Some(a.clone())
        );
        assert!(outbox.take_next(2, 0).is_none());
        assert!(outbox.settle(&a));
        assert_eq!(outbox.take_next(2, 0).map(|op| op.op_id.clone()), Some(b));
    }

    #[test]
    fn a_lost_connection_sends_again() {
        let mut outbox = outbox();
        let a = outbox.push(chat("a"), 0, 1);
        outbox.take_next(1, 0);
        outbox.connection_lost();
        assert_eq!(outbox.take_next(1, 0).map(|op| op.op_id.clone()), Some(a));
    }

    #[test]
    fn an_acknowledged_op_stays_until_its_event_and_does_not_block() {
        let mut outbox = outbox();
        let a = outbox.push(chat("a"), 0, 1);
        let b = outbox.push(chat("b"), 0, 1);
        outbox.take_next(1, 0);
        outbox.acknowledge(&a, 9);
        assert!(!outbox.settle_reached(5, true));
        assert_eq!(outbox.len(), 2);
        assert_eq!(outbox.take_next(1, 0).map(|op| op.op_id.clone()), Some(b));
        assert!(outbox.settle(&a));
    }

    #[test]
    fn a_direct_message_waits_for_the_inbox_though_the_log_is_long() {
        let mut outbox = outbox();
        let request = Request::Direct {
            to: MemberId::new("m").unwrap(),
            text: "psst".into(),
        };
        let op_id = outbox.push(request, 0, 1);
        outbox.take_next(1, 0);
        outbox.acknowledge(&op_id, 0);
        assert!(!outbox.settle_reached(9, false));
        assert!(outbox.take_next(1, 0).is_none());
        assert!(outbox.settle(&op_id));
    }

    #[test]
    fn what_the_log_and_the_inbox_have_passed_does_not_wait_for_them() {
        let mut outbox = outbox();
        let a = outbox.push(chat("a"), 0, 1);
        let b = outbox.push(chat("b"), 0, 1);
        // The relay's log begins after event 9 by now: the op stood somewhere before.
        outbox.acknowledge(&a, 9);
        outbox.acknowledge(&b, 0);
        assert!(!outbox.settle_reached(8, false));
        assert!(outbox.settle_reached(9, false));
        assert_eq!(
            outbox.pending().map(|op| &op.op_id).collect::<Vec<_>>(),
            [&b]
        );
        assert!(outbox.settle_reached(9, true));
        assert_eq!(outbox.len(), 0);
    }

    #[test]
    fn a_held_op_goes_later() {
        let mut outbox = outbox();
        outbox.push(chat("a"), 0, 1);
        outbox.take_next(1, 10);
        outbox.hold(50);
        assert_eq!(outbox.held_until_millis(), Some(50));
        assert!(outbox.take_next(1, 49).is_none());
        outbox.end_hold(49);
        assert_eq!(outbox.held_until_millis(), Some(50));
        // Also while something else keeps the op back: nobody is to be woken for it again and again.
        outbox.end_hold(50);
        assert_eq!(outbox.held_until_millis(), None);
        assert!(outbox.take_next(1, 50).is_some());
    }

    #[test]
    fn counters_seen_in_the_log_are_not_used_again() {
        let mut outbox = outbox();
        outbox.settle(&OpId {
            device: DeviceId::new("d").unwrap(),
            counter: 41,
        });
        assert_eq!(outbox.push(chat("a"), 0, 1).counter, 42);
    }
}

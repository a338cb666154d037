//! What is told after one commit.

use chat_relay_protocol::{Direct, HeldOp, MemberId, OpId};
use tokio::time::Instant;

use super::{encoding::EventText, seats::SeatId};

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) seat: Option<SeatId>,
    pub(super) op_id: Option<OpId>,
    pub(super) taken_at: Option<Instant>,
    pub(super) events: Vec<EventText>,
    /// Members whose standing the events change, and whether that makes them owners.
    pub(super) subjects: Vec<(MemberId, bool)>,
    pub(super) held: Option<HeldOp>,
    /// A direct message as it stands in the sender's inbox, and in the receiver's.
    pub(super) direct: Option<Box<(Direct, Direct)>>,
}

impl Told {
    pub(super) fn held(held: HeldOp) -> Self {
        Self {
            held: Some(held),
            ..Self::default()
        }
    }

    pub(super) fn direct(in_senders: Direct, in_receivers: Direct) -> Self {
        Self {
            direct: Some(Box::new((in_senders, in_receivers))),
            ..Self::default()
        }
    }

    pub(super) fn event(&mut self, event: EventText, subject: Option<(MemberId, bool)>) {
        self.events.push(event);
        self.subjects.extend(subject);
    }

    pub(super) fn by(mut self, seat: SeatId, op_id: &OpId, taken_at: Instant) -> Self {
        self.seat = Some(seat);
        self.op_id = Some(op_id.clone());
        self.taken_at = Some(taken_at);
        self
    }

    pub(super) fn is_about(&self, op_id: &OpId) -> bool {
        self.op_id.as_ref() == Some(op_id)
    }
}

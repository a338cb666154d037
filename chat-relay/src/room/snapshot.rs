//! The room at one event, in parts, for newcomers that need all of it. One is made for all who come at the same event,
//! and lives for as long as one of them lacks a part.

use chat_relay_protocol::{Seq, ServerMessage, SnapshotPart};

use super::state::RoomState;
use crate::outbox::SharedMessage;

/// About how many bytes of messages or of annotations go into one part.
const PART_BYTES: usize = 64 * 1024;

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Snapshot {
    /// The last event that it holds.
    pub(super) seq: Seq,
    parts: Vec<SharedMessage>,
}

/// How far a newcomer has been told a snapshot.
#[derive(Debug, Clone)]
pub(super) struct Telling {
    pub(super) snapshot: std::sync::Arc<Snapshot>,
    /// The part that comes next.
    pub(super) next: usize,
}

impl Snapshot {
    /// The state at `seq`.
    pub(super) fn of(state: &RoomState, seq: Seq) -> Self {
        Self {
            seq,
            parts: parts(state, seq)
                .into_iter()
                .map(|part| SharedMessage::new(ServerMessage::Snapshot(part)))
                .collect(),
        }
    }

    /// A part; none behind the last.
    pub(super) fn part(&self, index: usize) -> Option<&SharedMessage> {
        self.parts.get(index)
    }
}

fn parts(state: &RoomState, seq: Seq) -> Vec<SnapshotPart> {
    let empty = SnapshotPart {
        seq,
        ..SnapshotPart::default()
    };
    let mut parts = vec![SnapshotPart {
        more_messages: state.has_older_messages(),
        second_spot_in_room: state.scene.second_spot_in_room(),
        ..empty.clone()
    }];
    let mut bytes = 0;
    // The part that the next item of so many bytes goes into.
    let mut place = |parts: &mut Vec<SnapshotPart>, item_bytes: usize| {
        if bytes > 0 && bytes + item_bytes > PART_BYTES {
            parts.push(empty.clone());
            bytes = 0;
        }
        bytes += item_bytes;
        parts.len() - 1
    };
    for message in state.recent() {
        let at = place(&mut parts, message.weight());
        parts[at].messages.push(message.clone());
    }
    for (id, annotation) in state.scene.annotations() {
        let at = place(&mut parts, annotation.weight());
        parts[at].annotations.extend(state.scene.state(id));
    }
    if let Some(last) = parts.last_mut() {
        last.last = true;
    }
    parts
}

#[cfg(test)]
mod tests {
    use chat_relay_protocol::{Body, DeviceId, Event, MemberId, OpId};

    use super::*;

    #[test]
    fn long_messages_go_into_several_parts_and_nothing_is_lost() {
        let mut state = RoomState::default();
        for seq in 1..=60 {
            state.apply(&Event {
                seq,
                at: 0,
                from: MemberId::new("m1").unwrap(),
                op_id: OpId {
                    device: DeviceId::new("d1").unwrap(),
                    counter: seq,
                },
                body: Body::chat("\u{1f600}".repeat(1000)),
            });
        }
        let parts = parts(&state, 60);
        assert!(parts.len() > 3);
        assert!(parts.iter().all(|part| part.seq == 60));
        let last: Vec<_> = parts.iter().map(|part| part.last).collect();
        assert_eq!(last.iter().filter(|last| **last).count(), 1);
        assert_eq!(last.last(), Some(&true));
        let seqs: Vec<_> = parts
            .iter()
            .flat_map(|part| part.messages.iter().map(|message| message.seq))
            .collect();
        assert_eq!(seqs, (1..=60).collect::<Vec<_>>());
    }
}

//! A room from the history: the latest snapshot and the events after it.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Arc, Mutex, Weak},
};

use chat_relay_protocol::{HeldOp, Op, OpId};
use tokio::time::Instant;

use super::{
    HeldEntry, Inner, MemberEntry, Room, Surroundings, byte_budget::ByteBudget,
    encoding::EventText, seats::Seats, state::RoomState,
};
use crate::{
    history::{HeldRow, HistoryError, RoomKey, RoomLoad},
    mailbox::Mailbox,
    rate_limit::Bucket,
};

/// How much of a log is read at a time.
const CHUNK_BYTES: usize = 1024 * 1024;

impl Room {
    /// Loads a room.
    ///
    /// # Errors
    /// What the history failed with, or [`HistoryError::Damaged`] where what it holds makes no room.
    pub(crate) async fn load(
        around: Surroundings,
        mailbox: Mailbox<Room>,
        key: RoomKey,
    ) -> Result<Arc<Self>, HistoryError> {
        let load = around.history.load_room(key).await?;
        let (mut state, mut seq) = stored_state(&load)?;
        let snapshot_seq = seq;
        // Before the events: one that mutes a member says nothing of its role.
        for member in &load.members {
            state.settings.admit(&member.id, member.role);
        }
        while seq < load.last_seq {
            let events = around
                .history
                .events(key, seq, load.last_seq, CHUNK_BYTES)
                .await?;
            let Some(last) = events.rows.last() else {
                return Err(HistoryError::Damaged {
                    reason: format!("a log has no event {}", seq + 1),
                });
            };
            seq = last.seq;
            for row in events.rows {
                state.apply(&EventText::from(row).event());
            }
        }
        state.forget_through(load.pruned_seq);
        state.durable_seq = load.last_seq;
        let state_at = state.last_at;
        let limits = &around.limits;
        let bucket = Bucket::new(
            limits.room_messages_per_sec,
            limits.room_messages_burst,
            Instant::now(),
        );
        let members: HashMap<_, _> = load
            .members
            .iter()
            .map(|member| (member.id.clone(), MemberEntry::of(member)))
            .collect();
        let inner = Inner {
            lease: load.lease,
            state,
            held: held(&load),
            members,
            seats: Seats::default(),
            changed: super::changed::Changed::default(),
            last_seq: load.last_seq,
            last_at: load.last_at.max(state_at),
            committed_seq: load.last_seq,
            touched_at: None,
            pruned_seq: load.pruned_seq,
            snapshot_seq,
            saving_snapshot: false,
            under_way: VecDeque::new(),
            counters: HashMap::new(),
            bucket,
            bytes: ByteBudget::new(
                limits.room_bytes_per_sec,
                limits.room_bytes_burst,
                Instant::now(),
            ),
            snapshot: Weak::new(),
            snapshot_waits: false,
            over: false,
            ticking: false,
        };
        Ok(Arc::new(Self {
            record: load.record,
            around,
            mailbox,
            inner: Mutex::new(inner),
        }))
    }
}

fn stored_state(load: &RoomLoad) -> Result<(RoomState, u64), HistoryError> {
    let Some(snapshot) = &load.snapshot else {
        return Ok((RoomState::default(), 0));
    };
    match RoomState::from_bytes(&snapshot.body) {
        Ok(state) => Ok((state, snapshot.seq)),
        // The log is the truth: as long as it is whole, a snapshot that cannot be read costs time only.
        Err(error) if load.pruned_seq == 0 => {
            tracing::warn!(room = %load.record.id, %error, "a snapshot cannot be read: folding the whole log");
            Ok((RoomState::default(), 0))
        }
        Err(error) => Err(HistoryError::Damaged {
            reason: format!(
                "the snapshot of room {} cannot be read: {error}",
                load.record.id
            ),
        }),
    }
}

fn held(load: &RoomLoad) -> BTreeMap<OpId, HeldEntry> {
    load.held
        .iter()
        .filter_map(|row| held_entry(load, row))
        .collect()
}

fn held_entry(load: &RoomLoad, row: &HeldRow) -> Option<(OpId, HeldEntry)> {
    let from = load
        .members
        .iter()
        .find(|member| member.key == row.member)?;
    let op_id = OpId {
        device: row.device_id.clone(),
        counter: row.counter,
    };
    let body = chat_relay_protocol::read_json(&row.body_json).ok()?;
    let held = HeldOp {
        from: from.id.clone(),
        at: row.at,
        op: Op {
            op_id: op_id.clone(),
            body,
        },
    };
    let device = row.device;
    Some((op_id, HeldEntry { held, device }))
}

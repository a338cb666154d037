//! What is kept without haste: read positions and rooms' last use. Gathered in memory, written together once a
//! second at most. Losing the last second of it with the power does no harm.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use chat_relay_protocol::Seq;
use rusqlite::{Connection, TransactionBehavior, params};

use super::connection::to_sql;
use crate::history::{MemberKey, RoomKey};

/// How long something waits at most.
const WAIT: Duration = Duration::from_secs(1);

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct Lazy {
    reads: HashMap<MemberKey, Seq>,
    uses: HashMap<RoomKey, i64>,
    due: Option<Instant>,
}

impl Lazy {
    pub(super) fn read(&mut self, member: MemberKey, seq: Seq) {
        let kept = self.reads.entry(member).or_default();
        *kept = seq.max(*kept);
        self.wait();
    }

    pub(super) fn used(&mut self, room: RoomKey, now_millis: i64) {
        let kept = self.uses.entry(room).or_default();
        *kept = now_millis.max(*kept);
        self.wait();
    }

    fn wait(&mut self) {
        self.due.get_or_insert_with(|| Instant::now() + WAIT);
    }

    /// When it is to be written, if there is anything.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Writes all of it. What could not be written is tried again later.
    pub(super) fn write(&mut self, connection: &mut Connection) -> rusqlite::Result<()> {
        if self.due.is_none() {
            return Ok(());
        }
        self.due = Some(Instant::now() + WAIT);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut read = transaction
                .prepare_cached("UPDATE members SET read_seq = max(read_seq, ?2) WHERE key = ?1")?;
            for (member, seq) in &self.reads {
                read.execute(params![member.0, to_sql(*seq)])?;
            }
            let mut used = transaction
                .prepare_cached("UPDATE rooms SET used_at = max(used_at, ?2) WHERE key = ?1")?;
            for (room, at) in &self.uses {
                used.execute(params![room.0, at])?;
            }
        }
        transaction.commit()?;
        *self = Self::default();
        Ok(())
    }
}

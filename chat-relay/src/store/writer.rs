//! The one thread that writes. Group commit: everything that was queued while a commit ran goes into the next
//! transaction. An answer, and the event itself, leave only after the commit; when it fails, everything in it
//! failed and nothing of it is kept.

use std::{
    collections::HashMap,
    fs::File,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use chat_relay_protocol::{RoomId, Seq};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use tokio::sync::mpsc;

use super::{
    OnCommit, RoomRecord, StoreError, StoredEvent,
    request::{Append, Appended, Applied, NewDevice, Write},
};
use crate::secrets;

/// How often a new room's code is drawn again when it is taken.
const CODE_DRAWS: usize = 32;
/// What a probe asks room for.
#[allow(clippy::cast_possible_wrap, reason = "64 KiB")]
const MAX_MESSAGE_BYTES: i64 = chat_relay_protocol::MAX_MESSAGE_BYTES as i64;

/// When the last commit was.
#[derive(Debug, Default)]
pub(super) struct Health {
    committed: Mutex<Option<Instant>>,
}

impl Health {
    pub(super) fn committed_within(&self, duration: Duration, now: Instant) -> bool {
        let committed = *self
            .committed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        committed.is_some_and(|at| now.saturating_duration_since(at) < duration)
    }

    fn set(&self, committed: Option<Instant>) {
        *self
            .committed
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = committed;
    }
}

/// The state of the writer's thread.
pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) queue: mpsc::Receiver<Write>,
    pub(super) batch_limit: usize,
    pub(super) on_commit: OnCommit,
    pub(super) health: Arc<Health>,
    /// The time of the last event, in milliseconds since the Unix epoch: time never runs backwards in a log.
    pub(super) last_at: i64,
    /// Held while the thread runs.
    pub(super) _lock: File,
}

/// What a transaction has gathered.
#[derive(Default)]
struct Gathered {
    last_seqs: HashMap<i64, Seq>,
    events: Vec<(RoomId, Vec<StoredEvent>)>,
}

impl Writer {
    /// Runs until [`Write::Stop`] or until nobody can send any more.
    pub(super) fn run(mut self) {
        let mut running = true;
        while running {
            let Some(first) = self.queue.blocking_recv() else {
                return;
            };
            let mut batch = vec![first];
            while batch.len() < self.batch_limit {
                match self.queue.try_recv() {
                    Ok(write) => batch.push(write),
                    Err(_) => break,
                }
            }
            running = !batch.iter().any(|write| matches!(write, Write::Stop));
            self.commit(batch);
        }
    }

    fn commit(&mut self, batch: Vec<Write>) {
        match self.transact(&batch) {
            Ok((applied, events)) => {
                // What fits into rows that are there already says nothing of new ones.
                let grew = |write: &Write| matches!(write, Write::Append(_) | Write::Probe { .. });
                if batch.iter().any(grew) {
                    self.health.set(Some(Instant::now()));
                }
                for (room, events) in events {
                    (self.on_commit)(&room, events);
                }
                for (write, applied) in batch.into_iter().zip(applied) {
                    write.answer(Ok(applied));
                }
            }
            Err(error) => {
                tracing::error!(%error, "the store did not take {} writes", batch.len());
                self.health.set(None);
                for write in batch {
                    write.answer(Err(error.clone()));
                }
            }
        }
    }

    /// Applies a batch in one transaction. Dropping the transaction on an error rolls it back.
    #[allow(clippy::type_complexity, reason = "read in one place, right above")]
    fn transact(
        &mut self,
        batch: &[Write],
    ) -> Result<(Vec<Applied>, Vec<(RoomId, Vec<StoredEvent>)>), StoreError> {
        let at = now_millis().max(self.last_at);
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut gathered = Gathered::default();
        let applied = batch
            .iter()
            .map(|write| apply(&transaction, write, at, &mut gathered))
            .collect::<Result<Vec<_>, _>>()?;
        for (room, seq) in &gathered.last_seqs {
            transaction
                .prepare_cached("UPDATE rooms SET last_seq = ?2 WHERE key = ?1")?
                .execute(params![room, to_sql(*seq)])?;
        }
        transaction.commit()?;
        self.last_at = at;
        Ok((applied, gathered.events))
    }
}

fn apply(
    transaction: &Transaction<'_>,
    write: &Write,
    at: i64,
    gathered: &mut Gathered,
) -> Result<Applied, StoreError> {
    match write {
        Write::Append(append) => apply_append(transaction, append, at, gathered),
        Write::CreateRoom { device, .. } => create_room(transaction, device, at),
        Write::AddDevice { room, device, .. } => {
            insert_device(transaction, *room, device, at)?;
            Ok(Applied::Done)
        }
        Write::KeepDevice { key, name, hue } => {
            transaction
                .prepare_cached("UPDATE devices SET name = ?2, hue = ?3 WHERE key = ?1")?
                .execute(params![key, name, hue])?;
            Ok(Applied::Done)
        }
        Write::Probe { .. } => {
            // Room for the largest event is taken and given back: a full store has none.
            transaction
                .prepare_cached("INSERT INTO probe (room_for) VALUES (zeroblob(?1))")?
                .execute([MAX_MESSAGE_BYTES])?;
            transaction
                .prepare_cached("DELETE FROM probe")?
                .execute([])?;
            Ok(Applied::Done)
        }
        Write::Stop => Ok(Applied::Done),
    }
}

fn apply_append(
    transaction: &Transaction<'_>,
    append: &Append,
    at: i64,
    gathered: &mut Gathered,
) -> Result<Applied, StoreError> {
    if append.failed.load(Ordering::Acquire) {
        return Ok(Applied::Refused(StoreError::new(
            "an earlier op of this device failed",
        )));
    }
    let counter = to_sql(append.counter);
    let last_counter: i64 = transaction
        .prepare_cached("SELECT last_counter FROM devices WHERE key = ?1")?
        .query_row([append.device], |row| row.get(0))?;
    if counter <= last_counter {
        let seq: Option<i64> = transaction
            .prepare_cached("SELECT seq FROM events WHERE device = ?1 AND counter = ?2")?
            .query_row([append.device, counter], |row| row.get(0))
            .optional()?;
        return Ok(Applied::Appended(match seq {
            Some(seq) => Appended::Already {
                seq: seq.unsigned_abs(),
            },
            None => Appended::Passed,
        }));
    }
    let last_seq = match gathered.last_seqs.get(&append.room) {
        Some(seq) => *seq,
        None => transaction
            .prepare_cached("SELECT last_seq FROM rooms WHERE key = ?1")?
            .query_row([append.room], |row| row.get::<_, i64>(0))?
            .unsigned_abs(),
    };
    let seq = last_seq + 1;
    transaction
        .prepare_cached(
            "INSERT INTO events (room, seq, at, device, counter, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            append.room,
            to_sql(seq),
            at,
            append.device,
            counter,
            append.body
        ])?;
    transaction
        .prepare_cached("UPDATE devices SET last_counter = ?2 WHERE key = ?1")?
        .execute([append.device, counter])?;
    gathered.last_seqs.insert(append.room, seq);
    gathered.push(
        &append.room_id,
        StoredEvent::new(seq, at, &append.device_id, append.counter, &append.body),
    );
    Ok(Applied::Appended(Appended::New))
}

impl Gathered {
    fn push(&mut self, room: &RoomId, event: StoredEvent) {
        match self.events.iter_mut().find(|(id, _)| id == room) {
            Some((_, events)) => events.push(event),
            None => self.events.push((room.clone(), vec![event])),
        }
    }
}

fn create_room(
    transaction: &Transaction<'_>,
    device: &NewDevice,
    at: i64,
) -> Result<Applied, StoreError> {
    let id = RoomId::new(random(secrets::id('r'))?)
        .map_err(|error| StoreError::new(error.to_string()))?;
    let epoch = random(secrets::id('e'))?;
    let code = free_code(transaction)?;
    let key: i64 = transaction
        .prepare_cached(
            "INSERT INTO rooms (id, code, epoch, created_at) VALUES (?1, ?2, ?3, ?4) RETURNING key",
        )?
        .query_row(params![id.as_str(), code, epoch, at], |row| row.get(0))?;
    insert_device(transaction, key, device, at)?;
    Ok(Applied::Room(RoomRecord {
        key,
        id,
        code,
        epoch,
    }))
}

fn free_code(transaction: &Transaction<'_>) -> Result<String, StoreError> {
    for _ in 0..CODE_DRAWS {
        let code = random(secrets::room_code())?;
        let taken: bool = transaction
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM rooms WHERE code = ?1)")?
            .query_row([&code], |row| row.get(0))?;
        if !taken {
            return Ok(code);
        }
    }
    Err(StoreError::new("no room code is free"))
}

fn insert_device(
    transaction: &Transaction<'_>,
    room: i64,
    device: &NewDevice,
    at: i64,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO devices (id, room, token_hash, name, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            device.id.as_str(),
            room,
            device.token_hash,
            device.name,
            at
        ])?;
    Ok(())
}

fn random(text: Result<String, crate::Error>) -> Result<String, StoreError> {
    text.map_err(|error| StoreError::new(error.to_string()))
}

/// Sequence numbers and checked counters are below 2^53.
fn to_sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn now_millis() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_millis()).ok())
        .unwrap_or(0)
}

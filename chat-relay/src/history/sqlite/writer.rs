//! The one thread that writes. Group commit: everything that was queued while a commit ran goes into the next
//! transaction. Answers leave only after the commit; when it fails, everything in it failed and nothing of it is
//! kept, and the rooms of it have to be loaded again.

use std::{
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use super::{
    append,
    checkpoint::Checkpoints,
    connection::is_damage,
    files::Folder,
    journal::Journal,
    lazy::Lazy,
    leases::{OpenRooms, Opened, open_room},
    requests::{Append, Context, Request},
    shared::Shared,
    tails::Entry,
    upkeep::{Around, Task, Upkeep},
};
use crate::history::{GroupReport, HistoryError, Lease, RoomKey};

/// Bytes of bodies that go into one transaction, give or take one request.
const GROUP_BYTES: usize = 8 * 1024 * 1024;
/// After a group of so many entries or more, the next one waits for more to come: a commit costs the same for one
/// entry as for a hundred, and who sends that much waits for others anyway.
const BUSY_ENTRIES: usize = 6;
/// How long it waits.
const BUSY_WAIT: Duration = Duration::from_millis(4);
/// How long a portion between two groups takes at most, give or take one step.
const PORTION: Duration = Duration::from_millis(5);
/// How long portions wait after one that failed.
const PORTION_PAUSE: Duration = Duration::from_secs(1);

/// What a writer is made of.
pub(super) struct Parts {
    pub(super) connection: Connection,
    pub(super) queue: mpsc::Receiver<Request>,
    pub(super) shared: Arc<Shared>,
    pub(super) journal: Journal,
    pub(super) checkpoints: Checkpoints,
    pub(super) group_entries: usize,
    /// Held while the thread runs.
    pub(super) folder: Folder,
}

/// The state of the writer's thread.
pub(super) struct Writer {
    parts: Parts,
    open: OpenRooms,
    last_lease: u64,
    lazy: Lazy,
    upkeep: Upkeep,
    /// Portions wait until then.
    paused: Option<Instant>,
    /// The last group had many entries.
    busy: bool,
}

/// What comes next.
enum Next {
    Request(Request),
    Between,
    End,
}

/// What a transaction has gathered.
#[derive(Default)]
struct Group {
    /// What is in the journal once it commits.
    noted: Vec<(RoomKey, u64, Entry)>,
    /// What each request came to.
    outcomes: Vec<Outcome>,
}

enum Outcome {
    Append(Result<(), HistoryError>),
    Open(Result<Opened, HistoryError>),
    Other,
}

impl Writer {
    pub(super) fn new(parts: Parts) -> Self {
        let mut upkeep = Upkeep::default();
        upkeep.push(Task::Leftovers);
        Self {
            parts,
            open: OpenRooms::new(),
            last_lease: 0,
            lazy: Lazy::default(),
            upkeep,
            paused: None,
            busy: false,
        }
    }

    /// Runs until [`Request::Stop`] or until nobody can send any more.
    pub(super) fn run(mut self) {
        loop {
            match self.next() {
                Next::End => break,
                Next::Between => {}
                Next::Request(first) => {
                    let (batch, stop) = self.gather(first);
                    self.commit(batch);
                    if stop {
                        break;
                    }
                }
            }
            self.between();
        }
        self.end();
    }

    fn next(&self) -> Next {
        let now = Instant::now();
        let works = self.parts.journal.is_due() || self.upkeep.is_due();
        let works_at = works.then(|| self.paused.unwrap_or(now));
        let wake = [works_at, self.lazy.due()].into_iter().flatten().min();
        let received = match wake {
            Some(at) => self
                .parts
                .queue
                .recv_timeout(at.saturating_duration_since(now)),
            None => self
                .parts
                .queue
                .recv()
                .map_err(|_| mpsc::RecvTimeoutError::Disconnected),
        };
        match received {
            Ok(request) => Next::Request(request),
            Err(mpsc::RecvTimeoutError::Timeout) => Next::Between,
            Err(mpsc::RecvTimeoutError::Disconnected) => Next::End,
        }
    }

    /// Takes what else is queued, as much as goes into one transaction.
    fn gather(&mut self, first: Request) -> (Vec<Request>, bool) {
        if self.busy {
            std::thread::sleep(BUSY_WAIT);
        }
        let mut batch = Vec::new();
        let (mut entries, mut bytes) = (0, 0);
        let mut next = Some(first);
        while let Some(request) = next {
            match request {
                Request::Stop => return (batch, true),
                Request::KeepRead { member, seq } => self.lazy.read(member, seq),
                Request::Touch { room, now_millis } => self.lazy.used(room, now_millis),
                Request::Upkeep(task) => self.upkeep.push(task),
                request => {
                    if let Request::Append(append) = &request {
                        entries += append.entries.len();
                        bytes += append
                            .entries
                            .iter()
                            .map(|entry| entry.body_json.len())
                            .sum::<usize>();
                    }
                    batch.push(request);
                }
            }
            let full = entries >= self.parts.group_entries
                || bytes >= GROUP_BYTES
                || batch.len() >= self.parts.group_entries;
            next = if full {
                None
            } else {
                self.parts.queue.try_recv().ok()
            };
        }
        self.busy = entries >= BUSY_ENTRIES;
        (batch, false)
    }

    /// Commits a batch and answers it.
    fn commit(&mut self, batch: Vec<Request>) {
        if batch.is_empty() {
            return;
        }
        let started = Instant::now();
        if batch
            .iter()
            .any(|request| matches!(request, Request::Open { .. }))
        {
            // What is loaded is to hold it. A full store may not take it: it is then kept in memory.
            self.write_lazy();
        }
        let mut batch = batch;
        let mut group = Group::default();
        let written = match self.parts.shared.broken() {
            Some(error) => Err(error),
            None => self
                .transact(&mut batch, &mut group)
                .map_err(|error| self.failed(error)),
        };
        let report = GroupReport {
            duration: started.elapsed(),
            requests: batch.len(),
            entries: group.noted.len(),
            committed: written.is_ok(),
        };
        let error = written.err();
        if let Some(error) = &error {
            tracing::error!(%error, "the history did not take {} requests", batch.len());
            self.parts.shared.set_committed(None);
            for request in &batch {
                if let Request::Append(Append { room, .. }) | Request::Open { room, .. } = request {
                    self.open.remove(room);
                }
            }
        } else {
            self.parts.shared.set_committed(Some(Instant::now()));
            self.parts
                .shared
                .tails
                .add(self.parts.journal.active(), &mut group.noted);
        }
        self.answer(batch, group, error.as_ref());
        (self.parts.shared.on_group)(&report);
        self.parts.checkpoints.after_commit(&self.parts.connection);
    }

    fn transact(&mut self, batch: &mut [Request], group: &mut Group) -> rusqlite::Result<()> {
        let Self {
            parts,
            open,
            last_lease,
            ..
        } = self;
        let transaction = parts
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        for request in batch {
            let outcome = match request {
                Request::Append(append) => Outcome::Append(append::apply(
                    &transaction,
                    append,
                    open,
                    &mut parts.journal,
                    &mut group.noted,
                )?),
                Request::Work(work) => {
                    let mut context = Context {
                        transaction: &transaction,
                        open,
                        tails: &parts.shared.tails,
                    };
                    work.run(&mut context)?;
                    Outcome::Other
                }
                Request::Open { room, .. } => {
                    *last_lease += 1;
                    Outcome::Open(open_room(
                        &transaction,
                        &parts.shared,
                        open,
                        *room,
                        Lease(*last_lease),
                    )?)
                }
                Request::CloseRoom { room, lease } => {
                    // Its end is still known here: what was appended to it is not in the journal's tails yet.
                    if let Some(open) = open.get_mut(room)
                        && open.lease == Some(*lease)
                    {
                        open.lease = None;
                    }
                    Outcome::Other
                }
                _ => Outcome::Other,
            };
            group.outcomes.push(outcome);
        }
        transaction.commit()
    }

    fn answer(&mut self, batch: Vec<Request>, group: Group, failed: Option<&HistoryError>) {
        let mut outcomes = group.outcomes.into_iter();
        for request in batch {
            let outcome = outcomes.next();
            match request {
                Request::Append(append) => {
                    self.parts.shared.unqueued(append.entries.len());
                    append.done.call(match (failed, outcome) {
                        (Some(error), _) => Err(error.clone()),
                        (None, Some(Outcome::Append(outcome))) => outcome,
                        (None, _) => Err(HistoryError::Closed),
                    });
                }
                Request::Work(work) => work.answer(failed),
                Request::Open { room, answer } => {
                    let opened = match (failed, outcome) {
                        // Reading goes on where writing does not.
                        (Some(_), _) => self.open_to_read(room),
                        (None, Some(Outcome::Open(outcome))) => outcome,
                        (None, _) => Err(HistoryError::Closed),
                    };
                    let _ = answer.send(opened);
                }
                // It was closed, unless it was opened again since.
                Request::CloseRoom { room, .. }
                    if self
                        .open
                        .get(&room)
                        .is_some_and(|open| open.lease.is_none()) =>
                {
                    self.open.remove(&room);
                }
                _ => {}
            }
        }
    }

    fn open_to_read(&mut self, room: RoomKey) -> Result<Opened, HistoryError> {
        self.last_lease += 1;
        let lease = Lease(self.last_lease);
        open_room(
            &self.parts.connection,
            &self.parts.shared,
            &mut self.open,
            room,
            lease,
        )?
    }

    /// What a failed transaction means for the next ones.
    fn failed(&self, error: rusqlite::Error) -> HistoryError {
        let lost = error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure);
        let damaged = is_damage(&error);
        let error = if lost {
            HistoryError::DiskFailed {
                reason: error.to_string(),
            }
        } else {
            HistoryError::from(error)
        };
        if lost || damaged {
            self.parts.shared.set_broken(&error);
        }
        error
    }

    /// Does a portion of what else there is to do.
    fn between(&mut self) {
        let now = Instant::now();
        if self.lazy.due().is_some_and(|due| due <= now) {
            self.write_lazy();
        }
        if let Some(error) = self.parts.shared.broken() {
            self.upkeep.fail_all(&error);
            self.paused = Some(now + PORTION_PAUSE);
        }
        if self.paused.is_some_and(|until| now < until) {
            return;
        }
        self.paused = None;
        if !self.parts.journal.is_due() && !self.upkeep.is_due() {
            return;
        }
        if let Err(error) = self.portion(now + PORTION) {
            tracing::warn!(%error, "the journal did not move");
            self.failed(error);
            self.paused = Some(now + PORTION_PAUSE);
        }
    }

    fn portion(&mut self, deadline: Instant) -> rusqlite::Result<()> {
        let connection = &mut self.parts.connection;
        connection.execute_batch("PRAGMA synchronous = NORMAL")?;
        let moved = if self.parts.journal.is_due() {
            self.parts.journal.move_portion(connection, deadline)
        } else {
            let around = Around {
                open: &self.open,
                tails: &self.parts.shared.tails,
                deadline,
            };
            self.upkeep.portion(connection, &around);
            Ok(())
        };
        connection.execute_batch("PRAGMA synchronous = FULL")?;
        self.parts.checkpoints.after_commit(connection);
        moved
    }

    fn write_lazy(&mut self) {
        if self.parts.shared.broken().is_none()
            && let Err(error) = self.lazy.write(&mut self.parts.connection)
        {
            tracing::warn!(%error, "read positions were not kept");
            self.failed(error);
        }
    }

    fn end(mut self) {
        self.write_lazy();
        self.upkeep.fail_all(&HistoryError::Closed);
        self.parts.shared.set_committed(None);
        let broken = self.parts.shared.broken().is_some();
        let Parts {
            connection,
            folder,
            queue,
            checkpoints,
            ..
        } = self.parts;
        // What is still queued answers that the history is closed, as it is dropped.
        drop(queue);
        checkpoints.end();
        if !broken {
            Checkpoints::finish(&connection);
        }
        let closed = connection.close();
        if let Err((_, error)) = &closed {
            tracing::warn!(%error, "the database was not closed in order");
        }
        if closed.is_ok()
            && !broken
            && let Err(error) = folder.end()
        {
            tracing::warn!(%error, "the end was not noted: the database will be looked through at the next start");
        }
    }
}

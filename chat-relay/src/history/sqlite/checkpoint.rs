//! Copying the write-ahead log into the database, on a thread of its own: in the commit itself it would hold a group
//! up by some ten milliseconds now and then.
//!
//! A copy that runs beside the writer lets the log begin anew only where the writer pauses in time. Under a load
//! that never pauses the log grows, until the writer itself takes the little that is left to copy at that moment.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::JoinHandle,
    time::Duration,
};

use rusqlite::{Connection, wal::CheckpointMode};

use super::{
    config::SqliteConfig,
    connection::{self, Place, Purpose},
};
use crate::history::OpenError;

/// A log of so many times what is copied at a time is to begin anew: 32 MiB.
const LONG: i32 = 8;
/// The writer copies the rest for that once it is this part of what is copied at a time: a millisecond or two.
const LITTLE: i32 = 4;
/// From so many times on it copies whatever is left: 128 MiB.
const TOO_LONG: i32 = 32;

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Checkpoints {
    wake: mpsc::SyncSender<()>,
    running: Arc<AtomicBool>,
    pages: i32,
    thread: JoinHandle<()>,
}

impl Checkpoints {
    /// Starts the thread, which ends when this is dropped.
    pub(super) fn start(place: &Place, config: &SqliteConfig) -> Result<Self, OpenError> {
        let (wake, woken) = mpsc::sync_channel(1);
        let running = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&running);
        let (place, busy_timeout) = (place.clone(), config.busy_timeout);
        let thread = std::thread::Builder::new()
            .name("history-checkpoint".into())
            .spawn(move || {
                let mut kept: Option<Connection> = None;
                while woken.recv().is_ok() {
                    flag.store(true, Ordering::Relaxed);
                    let copied = copy(kept.take(), &place, busy_timeout);
                    flag.store(false, Ordering::Relaxed);
                    match copied {
                        Ok(connection) => kept = Some(connection),
                        Err(error) => tracing::warn!(%error, "the write-ahead log was not copied"),
                    }
                }
            })
            .map_err(|source| OpenError::Thread { source })?;
        Ok(Self {
            wake,
            running,
            pages: i32::try_from(config.checkpoint_pages)
                .unwrap_or(i32::MAX)
                .max(1),
            thread,
        })
    }

    /// Called by the writer after a commit.
    pub(super) fn after_commit(&self, connection: &Connection) {
        if let Err(error) = self.look_after(connection) {
            tracing::warn!(%error, "the write-ahead log was not copied");
        }
    }

    /// Ends the thread.
    pub(super) fn end(self) {
        drop(self.wake);
        // It does not panic; if it did, its connection is closed all the same.
        let _ = self.thread.join();
    }

    /// Copies all of the log and empties it, as far as nobody reads.
    pub(super) fn finish(connection: &Connection) {
        if let Err(error) = connection.wal_checkpoint_v2(None::<&str>, CheckpointMode::TRUNCATE) {
            tracing::warn!(%error, "the write-ahead log was not copied");
        }
    }

    fn look_after(&self, connection: &Connection) -> rusqlite::Result<()> {
        let (pages, copied) = connection.wal_checkpoint_v2(None::<&str>, CheckpointMode::NOOP)?;
        if self.running.load(Ordering::Relaxed) {
            return Ok(());
        }
        let left = pages - copied;
        let long = pages >= self.pages.saturating_mul(LONG);
        if long && (left <= self.pages / LITTLE || pages >= self.pages.saturating_mul(TOO_LONG)) {
            connection.wal_checkpoint_v2(None::<&str>, CheckpointMode::PASSIVE)?;
        } else if long || left >= self.pages {
            // When it was told already, it comes round to it.
            let _ = self.wake.try_send(());
        }
        Ok(())
    }
}

/// Copies what can be copied just now. Gives the connection back for the next time.
fn copy(
    kept: Option<Connection>,
    place: &Place,
    busy_timeout: Duration,
) -> rusqlite::Result<Connection> {
    let connection = match kept {
        Some(connection) => connection,
        None => {
            let connection = connection::open(place, Purpose::Checkpoint)?;
            connection::configure(&connection, Purpose::Checkpoint, busy_timeout)?;
            connection
        }
    };
    connection.wal_checkpoint_v2(None::<&str>, CheckpointMode::PASSIVE)?;
    Ok(connection)
}

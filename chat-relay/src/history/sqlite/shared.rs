//! What the threads of a history share.

use std::{
    fmt,
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use super::tails::Tails;
use crate::history::{HistoryError, OnGroup};

/// For how long after a commit nobody asks whether writes are taken.
const LATELY: Duration = Duration::from_secs(1);

pub(super) struct Shared {
    /// What of the journal has not moved.
    pub(super) tails: Tails,
    pub(super) on_group: OnGroup,
    queued_entries: AtomicUsize,
    committed: Mutex<Option<Instant>>,
    /// Why nothing is written any more.
    broken: OnceLock<HistoryError>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Shared {
    pub(super) fn new(tails: Tails, on_group: OnGroup) -> Self {
        Self {
            tails,
            on_group,
            queued_entries: AtomicUsize::new(0),
            committed: Mutex::default(),
            broken: OnceLock::new(),
        }
    }

    pub(super) fn queued(&self, entries: usize) {
        self.queued_entries.fetch_add(entries, Ordering::Relaxed);
    }

    pub(super) fn unqueued(&self, entries: usize) {
        self.queued_entries.fetch_sub(entries, Ordering::Relaxed);
    }

    pub(super) fn queued_entries(&self) -> usize {
        self.queued_entries.load(Ordering::Relaxed)
    }

    pub(super) fn committed_lately(&self) -> bool {
        let committed = *self
            .committed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        self.broken.get().is_none() && committed.is_some_and(|at| at.elapsed() < LATELY)
    }

    pub(super) fn set_committed(&self, committed: Option<Instant>) {
        *self
            .committed
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = committed;
    }

    /// From now on every write is refused with this.
    pub(super) fn set_broken(&self, error: &HistoryError) {
        if self.broken.set(error.clone()).is_ok() {
            tracing::error!(%error, "nothing is written any more");
        }
    }

    pub(super) fn broken(&self) -> Option<HistoryError> {
        self.broken.get().cloned()
    }
}

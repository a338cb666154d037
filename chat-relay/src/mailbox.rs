//! How a room speaks to the shard that it lives on, by letters and a list of rooms to be ticked.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::{
    runtime::Handle,
    sync::{Notify, mpsc},
};

use crate::history::HistoryError;

/// What a room of type `R` holds of its shard.
pub(crate) struct Mailbox<R> {
    runtime: Handle,
    letters: mpsc::UnboundedSender<Letter<R>>,
    ticks: Arc<Ticks<R>>,
}

/// What a room tells its shard.
pub(crate) enum Letter<R> {
    /// The history has done a request of a room, or could not.
    Done(Arc<R>, Result<(), HistoryError>),
    /// Nobody is in a room any more.
    Emptied(Arc<R>),
}

/// Rooms that want to be ticked.
pub(crate) struct Ticks<R> {
    rooms: Mutex<Vec<Arc<R>>>,
    added: Notify,
}

impl<R> Clone for Mailbox<R> {
    fn clone(&self) -> Self {
        Self {
            runtime: self.runtime.clone(),
            letters: self.letters.clone(),
            ticks: Arc::clone(&self.ticks),
        }
    }
}

impl<R> Mailbox<R> {
    /// One whose tasks run on `runtime`, and where its letters and ticks come.
    pub(crate) fn new(
        runtime: Handle,
    ) -> (Self, mpsc::UnboundedReceiver<Letter<R>>, Arc<Ticks<R>>) {
        let (letters, mail) = mpsc::unbounded_channel();
        let ticks = Arc::new(Ticks {
            rooms: Mutex::default(),
            added: Notify::new(),
        });
        let mailbox = Self {
            runtime,
            letters,
            ticks: Arc::clone(&ticks),
        };
        (mailbox, mail, ticks)
    }

    /// A request of a room is done; called on the history's thread.
    pub(crate) fn done(&self, room: Arc<R>, result: Result<(), HistoryError>) {
        // Without a shard the relay is gone.
        let _ = self.letters.send(Letter::Done(room, result));
    }

    /// Nobody is in a room any more.
    pub(crate) fn emptied(&self, room: &Arc<R>) {
        let _ = self.letters.send(Letter::Emptied(Arc::clone(room)));
    }

    /// Ticks a room until it has nothing due.
    pub(crate) fn tick(&self, room: &Arc<R>) {
        self.ticks.lock().push(Arc::clone(room));
        self.ticks.added.notify_one();
    }

    /// Runs a task on the shard's thread.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(task);
    }
}

impl<R> Ticks<R> {
    /// Waits for the next room that is added.
    pub(crate) fn added(&self) -> tokio::sync::futures::Notified<'_> {
        self.added.notified()
    }

    /// Takes the rooms that were added.
    pub(crate) fn take(&self) -> Vec<Arc<R>> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<R>>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

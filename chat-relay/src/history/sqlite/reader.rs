//! The threads that read, each on a connection of its own, beside the writer: the write-ahead log lets them see the
//! last commit at their start, whatever is written meanwhile.

use std::{
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::JoinHandle,
    time::Duration,
};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{
    config::SqliteConfig,
    connection::{self, Place, Purpose, is_damage},
    shared::Shared,
    tails::Tails,
};
use crate::history::{Answer, HistoryError, OpenError};

/// Gets none when there is no connection to be had.
type Query = Box<dyn FnOnce(Result<&Connection, HistoryError>, &Shared) -> Outcome + Send>;

/// Whether the connection is fit for another query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Fine,
    Failed,
}

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Readers {
    queries: Mutex<Option<mpsc::Sender<Query>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Readers {
    /// Starts the threads. They end when this is closed or dropped.
    pub(super) fn start(
        place: &Place,
        config: &SqliteConfig,
        shared: &Arc<Shared>,
    ) -> Result<Self, OpenError> {
        let (queries, queue) = mpsc::channel();
        let queue = Arc::new(Mutex::new(queue));
        let mut threads = Vec::new();
        for number in 0..config.readers.max(1) {
            let thread = Reader {
                place: place.clone(),
                busy_timeout: config.busy_timeout,
                queue: Arc::clone(&queue),
                shared: Arc::clone(shared),
            };
            let thread = std::thread::Builder::new()
                .name(format!("history-read-{number}"))
                .spawn(move || thread.run())
                .map_err(|source| OpenError::Thread { source })?;
            threads.push(thread);
        }
        Ok(Self {
            queries: Mutex::new(Some(queries)),
            threads: Mutex::new(threads),
        })
    }

    /// Has `query` run on one of the threads.
    pub(super) fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection, &Tails) -> rusqlite::Result<T> + Send + 'static,
    ) -> Answer<'static, T> {
        let (answer, answered) = oneshot::channel();
        let query: Query = Box::new(move |connection, shared| {
            let result = match connection {
                Ok(connection) => query(connection, &shared.tails).map_err(|error| {
                    let damaged = is_damage(&error);
                    let error = HistoryError::from(error);
                    if damaged {
                        shared.set_broken(&error);
                    }
                    error
                }),
                Err(error) => Err(error),
            };
            let outcome = if result.is_ok() {
                Outcome::Fine
            } else {
                Outcome::Failed
            };
            // Who asked may have gone meanwhile.
            let _ = answer.send(result);
            outcome
        });
        if let Some(queries) = &*self.queries.lock().unwrap_or_else(PoisonError::into_inner) {
            // Dropped with the threads, which drops the answer.
            let _ = queries.send(query);
        }
        Box::pin(async move { answered.await.unwrap_or(Err(HistoryError::Closed)) })
    }

    /// Lets the threads end once what was asked for is answered, and gives them to be waited for.
    pub(super) fn close(&self) -> Vec<JoinHandle<()>> {
        self.queries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Reader {
    place: Place,
    busy_timeout: Duration,
    queue: Arc<Mutex<mpsc::Receiver<Query>>>,
    shared: Arc<Shared>,
}

impl Reader {
    fn run(self) {
        let mut kept = None;
        loop {
            // Whoever waits holds the lock; the others wait for that.
            let query = self
                .queue
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .recv();
            let Ok(query) = query else {
                return;
            };
            let opened = match kept.take() {
                Some(connection) => Ok(connection),
                None => self.open(),
            };
            let outcome = match &opened {
                Ok(connection) => query(Ok(connection), &self.shared),
                Err(error) => query(Err(error.clone()), &self.shared),
            };
            if outcome == Outcome::Fine {
                kept = opened.ok();
            }
        }
    }

    fn open(&self) -> Result<Connection, HistoryError> {
        let connection = connection::open(&self.place, Purpose::Read)?;
        connection::configure(&connection, Purpose::Read, self.busy_timeout)?;
        Ok(connection)
    }
}

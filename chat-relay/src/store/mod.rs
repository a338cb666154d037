//! The log of every room, in one SQLite file. In: appends, new rooms and devices, from any task. Out: answers
//! after the commit that made them durable, and committed events in order.
//!
//! One thread writes ([`writer`]); readers have connections of their own ([`reader`]), which WAL lets them use
//! meanwhile. Nothing here knows sockets or messages beyond the JSON of an event.

mod event;
mod reader;
mod request;
mod schema;
mod writer;

use std::{
    fs::{self, File, TryLockError},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use chat_relay_protocol::{DeviceId, RoomId};
use tokio::sync::{mpsc, oneshot};

use crate::{config::Limits, error::Error};

pub(crate) use event::{StoredEvent, events_message};
pub(crate) use reader::{Admission, Readers};
pub(crate) use request::{Append, Appended};
use request::{NewDevice, Write};

/// The store cannot take the write, or not be read.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the store is not available: {reason}")]
pub(crate) struct StoreError {
    reason: String,
}

impl StoreError {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::new(error.to_string())
    }
}

/// A room as the store knows it. `key` is its row.
#[derive(Debug, Clone)]
pub(crate) struct RoomRecord {
    pub(crate) key: i64,
    pub(crate) id: RoomId,
    pub(crate) code: String,
    pub(crate) epoch: String,
}

/// A device as the store knows it. `key` is its row; `hue` is there once it was connected.
#[derive(Debug, Clone)]
pub(crate) struct DeviceRecord {
    pub(crate) key: i64,
    pub(crate) id: DeviceId,
    pub(crate) name: String,
    pub(crate) hue: Option<u8>,
}

/// Called on the writer's thread after a commit, with consecutive events of one room.
pub(crate) type OnCommit = Box<dyn Fn(&RoomId, Vec<StoredEvent>) + Send>;

/// The store.
#[derive(Debug)]
pub(crate) struct Store {
    writes: mpsc::Sender<Write>,
    readers: Readers,
    health: Arc<writer::Health>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Store {
    /// Opens the store in `folder`, which is made when absent, and starts its writer.
    ///
    /// # Errors
    /// [`Error`] when the folder or the database cannot be used, or another relay uses them.
    pub(crate) fn open(folder: &Path, limits: &Limits, on_commit: OnCommit) -> Result<Self, Error> {
        let lock = lock_folder(folder)?;
        let path = folder.join("relay.sqlite");
        let connection = schema::open(&path, limits)?;
        let (writes, queue) = mpsc::channel(limits.store_queue);
        let health = Arc::new(writer::Health::default());
        let writer = writer::Writer {
            connection,
            queue,
            batch_limit: limits.commit_batch,
            on_commit,
            health: Arc::clone(&health),
            last_at: 0,
            _lock: lock,
        };
        let thread = std::thread::Builder::new()
            .name("store".into())
            .spawn(move || writer.run())
            .map_err(|error| Error::System {
                what: "thread",
                reason: error.to_string(),
            })?;
        Ok(Self {
            writes,
            readers: Readers::new(path, limits.store_busy_timeout),
            health,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Reading.
    pub(crate) fn readers(&self) -> &Readers {
        &self.readers
    }

    /// Makes a room and its first device.
    pub(crate) async fn create_room(
        &self,
        device: DeviceId,
        name: String,
        token_hash: [u8; 32],
    ) -> Result<RoomRecord, StoreError> {
        let (answer, answered) = oneshot::channel();
        let device = NewDevice {
            id: device,
            name,
            token_hash,
        };
        self.write(Write::CreateRoom { device, answer }).await?;
        answered.await.map_err(|_| closed())?
    }

    /// Adds a device to a room.
    pub(crate) async fn add_device(
        &self,
        room: i64,
        device: DeviceId,
        name: String,
        token_hash: [u8; 32],
    ) -> Result<(), StoreError> {
        let (answer, answered) = oneshot::channel();
        let device = NewDevice {
            id: device,
            name,
            token_hash,
        };
        self.write(Write::AddDevice {
            room,
            device,
            answer,
        })
        .await?;
        answered.await.map_err(|_| closed())?
    }

    /// Keeps a device's name and hue, without an answer: they come again with its next hello.
    pub(crate) async fn keep_device(&self, key: i64, name: String, hue: u8) {
        // A store that is closing has no use for it.
        let _ = self.write(Write::KeepDevice { key, name, hue }).await;
    }

    /// Asks for an append; the answer goes to [`Append::answer`]. Waits while the store's queue is full.
    pub(crate) async fn append(&self, append: Append) {
        if let Err(mpsc::error::SendError(Write::Append(append))) =
            self.writes.send(Write::Append(append)).await
        {
            (append.answer)(Err(closed()));
        }
    }

    /// Whether the store takes writes: true after a commit in the last second, else one is tried.
    pub(crate) async fn is_ready(&self, patience: Duration) -> bool {
        if self.health.committed_within(Duration::from_secs(1), Instant::now()) {
            return true;
        }
        let (answer, answered) = oneshot::channel();
        let probe = async {
            self.write(Write::Probe { answer }).await?;
            answered.await.map_err(|_| closed())?
        };
        matches!(tokio::time::timeout(patience, probe).await, Ok(Ok(())))
    }

    /// Commits what is queued and ends the writer.
    pub(crate) async fn close(&self) {
        let _ = self.write(Write::Stop).await;
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread {
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }

    async fn write(&self, write: Write) -> Result<(), StoreError> {
        self.writes.send(write).await.map_err(|_| closed())
    }
}

fn closed() -> StoreError {
    StoreError::new("it is closed")
}

/// Keeps a second relay out of `folder` for as long as the file is open, whatever ends the process.
fn lock_folder(folder: &Path) -> Result<File, Error> {
    let unusable = |source| Error::DataFolder {
        path: folder.to_path_buf(),
        source,
    };
    fs::create_dir_all(folder).map_err(unusable)?;
    let lock = File::create(folder.join("relay.lock")).map_err(unusable)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(Error::DataFolderInUse {
            path: folder.to_path_buf(),
        }),
        Err(TryLockError::Error(source)) => Err(unusable(source)),
    }
}

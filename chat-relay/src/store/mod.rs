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
        if self
            .health
            .committed_within(Duration::from_secs(1), Instant::now())
        {
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

#[cfg(test)]
mod tests {
    use std::sync::{Mutex as StdMutex, atomic::AtomicBool};

    use super::*;

    type Answers = Arc<StdMutex<Vec<(u64, Option<Appended>)>>>;

    struct Bench {
        store: Store,
        room: RoomRecord,
        device: DeviceRecord,
        committed: Arc<StdMutex<Vec<u64>>>,
        answers: Answers,
    }

    impl Bench {
        async fn open(folder: &Path, limits: &Limits) -> Self {
            let committed = Arc::new(StdMutex::new(Vec::new()));
            let log = Arc::clone(&committed);
            let on_commit = move |_: &RoomId, events: Vec<StoredEvent>| {
                log.lock().unwrap().extend(events.iter().map(|e| e.seq));
            };
            let store = Store::open(folder, limits, Box::new(on_commit)).unwrap();
            let id = DeviceId::new("d1").unwrap();
            let room = store.create_room(id, "Ada".into(), [1; 32]).await.unwrap();
            let admission = store.readers().admission([1; 32]).await.unwrap().unwrap();
            Self {
                store,
                room,
                device: admission.device,
                committed,
                answers: Answers::default(),
            }
        }

        async fn append(&self, counter: u64, failed: &Arc<AtomicBool>) {
            let answers = Arc::clone(&self.answers);
            let append = Append {
                room: self.room.key,
                room_id: self.room.id.clone(),
                device: self.device.key,
                device_id: self.device.id.clone(),
                counter,
                body: r#"{"kind":"chat","text":"x"}"#.into(),
                failed: Arc::clone(failed),
                answer: Box::new(move |answer| {
                    answers.lock().unwrap().push((counter, answer.ok()));
                }),
            };
            self.store.append(append).await;
        }

        /// What was answered; the store answers in order, so that a probe comes after.
        async fn answers(&self) -> Vec<(u64, Option<Appended>)> {
            let (answer, answered) = oneshot::channel();
            self.store.write(Write::Probe { answer }).await.unwrap();
            let _ = answered.await.unwrap();
            std::mem::take(&mut *self.answers.lock().unwrap())
        }
    }

    #[tokio::test]
    async fn a_repeated_op_is_recognised_and_a_passed_one_refused() {
        let folder = tempfile::tempdir().unwrap();
        let bench = Bench::open(folder.path(), &Limits::default()).await;
        let fine = Arc::new(AtomicBool::new(false));
        for counter in [1, 5, 5, 3, 1, 6] {
            bench.append(counter, &fine).await;
        }
        let expected = [
            (1, Some(Appended::New)),
            (5, Some(Appended::New)),
            (5, Some(Appended::Already { seq: 2 })),
            (3, Some(Appended::Passed)),
            (1, Some(Appended::Already { seq: 1 })),
            (6, Some(Appended::New)),
        ];
        assert_eq!(bench.answers().await, expected);
        assert_eq!(*bench.committed.lock().unwrap(), [1, 2, 3]);
    }

    #[tokio::test]
    async fn after_a_failed_op_its_sender_has_to_start_over() {
        let folder = tempfile::tempdir().unwrap();
        let limits = Limits {
            store_busy_timeout: Duration::from_millis(10),
            ..Limits::default()
        };
        let bench = Bench::open(folder.path(), &limits).await;
        let other = rusqlite::Connection::open(folder.path().join("relay.sqlite")).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let flag = Arc::new(AtomicBool::new(false));
        bench.append(1, &flag).await;
        assert_eq!(bench.answers().await, [(1, None)]);
        assert!(!bench.store.is_ready(Duration::from_secs(5)).await);
        other.execute_batch("ROLLBACK").unwrap();

        // Were 2 taken now, 1 could never follow.
        bench.append(2, &flag).await;
        assert_eq!(bench.answers().await, [(2, None)]);
        let flag = Arc::new(AtomicBool::new(false));
        bench.append(1, &flag).await;
        bench.append(2, &flag).await;
        let expected = [(1, Some(Appended::New)), (2, Some(Appended::New))];
        assert_eq!(bench.answers().await, expected);
        assert_eq!(*bench.committed.lock().unwrap(), [1, 2]);
        assert!(bench.store.is_ready(Duration::from_secs(5)).await);
    }

    #[tokio::test]
    async fn a_closed_store_answers_everything_and_frees_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let bench = Bench::open(folder.path(), &Limits::default()).await;
        let again = Store::open(folder.path(), &Limits::default(), Box::new(|_, _| {}));
        assert!(matches!(again, Err(Error::DataFolderInUse { .. })));
        bench.store.close().await;
        bench.append(1, &Arc::default()).await;
        assert_eq!(*bench.answers.lock().unwrap(), [(1, None)]);
        Store::open(folder.path(), &Limits::default(), Box::new(|_, _| {})).unwrap();
    }

    #[tokio::test]
    async fn a_database_of_a_later_version_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("relay.sqlite");
        let later = rusqlite::Connection::open(&path).unwrap();
        later.pragma_update(None, "user_version", 99).unwrap();
        let error =
            Store::open(folder.path(), &Limits::default(), Box::new(|_, _| {})).unwrap_err();
        assert!(
            matches!(error, Error::DatabaseVersion { found: 99, .. }),
            "{error}"
        );
    }
}

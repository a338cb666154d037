//! The history of one machine, in one SQLite file. In and out: as [`History`] says.
//!
//! ```text
//! requests -> writer thread -> group commit -> done, on_group
//!                  |  between groups: portions of the journal, of a sweep
//!                  '- signals -> checkpoint thread
//! reading  -> reader threads, with connections of their own
//! ```
//!
//! Events go into a *journal* first, in the order of arrival, and from there into the table that is clustered by
//! room, many of a room at a time; [`journal`] has the measurements that led there. What of the journal has not
//! moved yet is known in memory ([`tails`]).
//!
//! Nothing here knows sockets, rooms in memory, or what a body means.

mod append;
mod checkpoint;
mod config;
pub(in crate::history) mod connection;
pub(in crate::history) mod files;
mod journal;
mod lazy;
mod leases;
mod migrate;
mod people;
pub(in crate::history) mod query;
mod reader;
mod requests;
pub(in crate::history) mod schema;
mod shared;
mod snapshots;
pub(in crate::history) mod tables;
pub(in crate::history) mod tails;
pub(in crate::history) mod upkeep;
mod writer;

#[cfg(test)]
mod faults;
#[cfg(test)]
mod measure;
#[cfg(test)]
mod power_loss;

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::JoinHandle,
    time::Duration,
};

use chat_relay_protocol::{DeviceId, RoomId, Seq};
use tokio::sync::oneshot;

use super::{
    Admission, Answer, DeviceKey, DeviceRecord, DirectRow, EventRow, Events, FoundRoom,
    GroupReport, History, HistoryError, Lease, MemberKey, NewDevice, NewMember, NewRoom, OnGroup,
    OpPlace, OpenError, Retention, RoomAppend, RoomKey, RoomLoad, SecretHash, Swept,
};
pub use config::SqliteConfig;
use requests::{Context, Request};
use tails::Tails;

/// The history of one machine.
#[derive(Debug)]
pub struct SqliteHistory {
    requests: mpsc::Sender<Request>,
    readers: reader::Readers,
    shared: Arc<shared::Shared>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl SqliteHistory {
    /// Opens the history in `folder`, which is made when absent, and starts its threads.
    ///
    /// # Errors
    /// [`OpenError`] when the folder or the database cannot be used; both are left as they are then.
    pub fn open(
        folder: &Path,
        config: &SqliteConfig,
        on_group: OnGroup,
    ) -> Result<Self, OpenError> {
        Self::open_on(folder, config, on_group, None)
    }

    /// The same on a file system of SQLite's that was registered under a name.
    pub(super) fn open_on(
        folder: &Path,
        config: &SqliteConfig,
        on_group: OnGroup,
        vfs: Option<&'static str>,
    ) -> Result<Self, OpenError> {
        let mut folder = files::Folder::take(folder)?;
        let place = connection::Place {
            path: folder.database(),
            vfs,
        };
        let database = |source| connection::open_error(&place.path, source);
        let connection = schema::open(&place, config, folder.ended_badly)?;
        folder.begin()?;
        let tails = Tails::scan(&connection).map_err(database)?;
        let shared = Arc::new(shared::Shared::new(tails, on_group));
        let journal = journal::Journal::open(&connection, config.journal_entries, &shared)
            .map_err(database)?;
        let readers = reader::Readers::start(&place, config, &shared)?;
        let checkpoints = checkpoint::Checkpoints::start(&place, config)?;
        let (requests, queue) = mpsc::channel();
        let writer = writer::Writer::new(writer::Parts {
            connection,
            queue,
            shared: Arc::clone(&shared),
            journal,
            checkpoints,
            group_entries: config.group_entries,
            folder,
        });
        let thread = std::thread::Builder::new()
            .name("history".into())
            .spawn(move || writer.run())
            .map_err(|source| OpenError::Thread { source })?;
        Ok(Self {
            requests,
            readers,
            shared,
            writer: Mutex::new(Some(thread)),
        })
    }

    /// Has `work` done in a transaction of the writer's.
    fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Context<'_>) -> rusqlite::Result<Result<T, HistoryError>>
        + Send
        + 'static,
    ) -> Answer<'_, T> {
        let (request, answer) = requests::asked(work);
        // A closed writer drops the request, and with it the answer's other end.
        let _ = self.requests.send(request);
        Box::pin(async move { answer.await.unwrap_or(Err(HistoryError::Closed)) })
    }

    fn tell(&self, request: Request) {
        // What has no answer is of no use to a closed writer.
        let _ = self.requests.send(request);
    }

    fn upkeep<T: Send + 'static>(
        &self,
        request: impl FnOnce(oneshot::Sender<Result<T, HistoryError>>) -> upkeep::Task,
    ) -> Answer<'_, T> {
        let (answer, answered) = oneshot::channel();
        self.tell(Request::Upkeep(request(answer)));
        Box::pin(async move { answered.await.unwrap_or(Err(HistoryError::Closed)) })
    }
}

impl History for SqliteHistory {
    fn load_room(&self, room: RoomKey) -> Answer<'_, RoomLoad> {
        let (answer, answered) = oneshot::channel();
        self.tell(Request::Open { room, answer });
        Box::pin(async move {
            let opened = answered.await.unwrap_or(Err(HistoryError::Closed))?;
            self.readers
                .read(move |connection, tails| query::load::room(connection, tails, room, opened))
                .await?
                .ok_or(HistoryError::NoRoom)
        })
    }

    fn append(&self, append: RoomAppend) {
        self.shared.queued(append.entries.len());
        if let Err(mpsc::SendError(request)) = self.requests.send(Request::append(append)) {
            if let Request::Append(append) = request {
                self.shared.unqueued(append.entries.len());
                append.done.call(Err(HistoryError::Closed));
            }
            (self.shared.on_group)(&GroupReport {
                duration: Duration::ZERO,
                requests: 1,
                entries: 0,
                committed: false,
            });
        }
    }

    fn keep_read(&self, member: MemberKey, seq: Seq) {
        self.tell(Request::KeepRead { member, seq });
    }

    fn touch_room(&self, room: RoomKey, now_millis: i64) {
        self.tell(Request::Touch { room, now_millis });
    }

    fn close_room(&self, room: RoomKey, lease: Lease) {
        self.tell(Request::CloseRoom { room, lease });
    }

    fn save_snapshot(&self, room: RoomKey, seq: Seq, body: Vec<u8>) -> Answer<'_, ()> {
        self.write(move |context| snapshots::save(context, room, seq, &body))
    }

    fn queued_entries(&self) -> usize {
        self.shared.queued_entries()
    }

    fn create_room(&self, room: NewRoom) -> Answer<'_, Admission> {
        self.write(move |context| people::create_room(context.transaction, &room))
    }

    fn add_member(&self, room: RoomKey, member: NewMember) -> Answer<'_, Admission> {
        self.write(move |context| people::add_member(context.transaction, room, &member))
    }

    fn add_device(&self, member: MemberKey, device: NewDevice) -> Answer<'_, DeviceRecord> {
        self.write(move |context| people::add_device(context.transaction, member, &device))
    }

    fn remove_device(&self, device: DeviceKey) -> Answer<'_, ()> {
        self.write(move |context| people::remove_device(context.transaction, device))
    }

    fn keep_member(&self, member: MemberKey, name: String, hue: u8) -> Answer<'_, ()> {
        self.write(move |context| people::keep_member(context.transaction, member, &name, hue))
    }

    fn set_code(&self, room: RoomKey, code: String) -> Answer<'_, ()> {
        self.write(move |context| people::set_code(context.transaction, room, &code))
    }

    fn room_by_id(&self, id: RoomId) -> Answer<'_, FoundRoom> {
        self.readers
            .read(move |connection, _| query::find::by_id(connection, &id))
    }

    fn room_by_code(&self, code: String) -> Answer<'_, FoundRoom> {
        self.readers
            .read(move |connection, _| query::find::by_code(connection, &code))
    }

    fn admission_by_secret(&self, secret: SecretHash) -> Answer<'_, Option<Admission>> {
        self.readers
            .read(move |connection, _| query::find::by_secret(connection, &secret))
    }

    fn admission_by_device(&self, device: DeviceId) -> Answer<'_, Option<Admission>> {
        self.readers
            .read(move |connection, _| query::find::by_device(connection, &device))
    }

    fn last_counter(&self, room: RoomKey, device: DeviceKey) -> Answer<'_, u64> {
        self.readers.read(move |connection, tails| {
            query::ops::last_counter(connection, tails, room, device)
        })
    }

    fn find_op(
        &self,
        room: RoomKey,
        device: DeviceKey,
        counter: u64,
    ) -> Answer<'_, Option<OpPlace>> {
        self.readers.read(move |connection, tails| {
            query::ops::find(connection, tails, room, device, counter)
        })
    }

    fn events(
        &self,
        room: RoomKey,
        after: Seq,
        last: Seq,
        chunk_bytes: usize,
    ) -> Answer<'_, Events> {
        self.readers.read(move |connection, tails| {
            query::events::between(
                connection,
                tails,
                room,
                query::events::Piece {
                    after,
                    last,
                    chunk_bytes,
                },
            )
        })
    }

    fn events_at(&self, room: RoomKey, seqs: Vec<Seq>) -> Answer<'_, Vec<EventRow>> {
        self.readers
            .read(move |connection, tails| query::events::at(connection, tails, room, seqs))
    }

    fn chat_before(&self, room: RoomKey, before: Seq, limit: usize) -> Answer<'_, Vec<EventRow>> {
        self.readers.read(move |connection, tails| {
            query::chat::before(connection, tails, room, before, limit)
        })
    }

    fn chat_count(
        &self,
        room: RoomKey,
        member: MemberKey,
        after: Seq,
        limit: usize,
    ) -> Answer<'_, usize> {
        self.readers.read(move |connection, tails| {
            query::chat::count(connection, tails, room, member, after, limit)
        })
    }

    fn inbox(&self, member: MemberKey, after: Seq, limit: usize) -> Answer<'_, Vec<DirectRow>> {
        self.readers
            .read(move |connection, _| query::inbox::after(connection, member, after, limit))
    }

    fn prune(&self, room: RoomKey, before_seq: Seq) -> Answer<'_, Seq> {
        self.upkeep(|answer| upkeep::Task::prune(room, before_seq, answer))
    }

    fn sweep(&self, retention: Retention, now_millis: i64) -> Answer<'_, Swept> {
        self.upkeep(|answer| upkeep::Task::sweep(retention, now_millis, answer))
    }

    fn probe(&self) -> Answer<'_, ()> {
        if self.shared.committed_lately() {
            return Box::pin(async { Ok(()) });
        }
        self.write(|context| snapshots::probe(context.transaction))
    }

    fn close(&self) -> Answer<'_, ()> {
        self.tell(Request::Stop);
        let writer = self
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        Box::pin(async move {
            let mut threads = self.readers.close();
            threads.extend(writer);
            let ended = tokio::task::spawn_blocking(|| {
                for thread in threads {
                    // One that panicked has ended, too.
                    let _ = thread.join();
                }
            });
            let _ = ended.await;
            Ok(())
        })
    }
}

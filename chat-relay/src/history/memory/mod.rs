//! A history in memory, for tests and the simulated network. No thread, no disk, no clock but tokio's: under paused
//! time it runs as fast as it can, and always in the same way.
//!
//! What is asked for gathers for [`MemoryConfig::commit_delay`] and then becomes durable together, as a group commit
//! does it. It can be told to fail, and to lose what was not yet committed.

mod data;
mod reading;
mod retention;
#[cfg(test)]
mod tests;

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chat_relay_protocol::{DeviceId, RoomId, Seq};
use tokio::sync::oneshot;

use super::{
    Admission, Answer, DeviceKey, DeviceRecord, DirectRow, EventRow, Events, FoundRoom,
    GroupReport, History, HistoryError, Lease, MemberKey, NewDevice, NewMember, NewRoom, OnGroup,
    OpPlace, Retention, RoomAppend, RoomKey, RoomLoad, SecretHash, Swept,
};
use data::Data;

/// How a [`MemoryHistory`] works.
#[derive(Debug, Clone)]
pub struct MemoryConfig {
    /// From a request until it is durable, at most.
    pub commit_delay: Duration,
}

impl Default for MemoryConfig {
    fn default() -> Self {
        Self {
            commit_delay: Duration::from_millis(1),
        }
    }
}

/// A history in memory. Clones share what they hold. Requests have to come from within a tokio runtime with time.
#[derive(Clone)]
pub struct MemoryHistory {
    shared: Arc<Shared>,
    config: MemoryConfig,
}

impl std::fmt::Debug for MemoryHistory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryHistory")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

struct Shared {
    state: Mutex<State>,
    on_group: OnGroup,
}

#[derive(Default)]
struct State {
    data: Data,
    queue: Vec<Job>,
    /// Whether a commit is under way.
    scheduled: bool,
    failing: bool,
    closed: bool,
}

/// Gets the data, or why there is none to be had.
type Work = Box<dyn FnOnce(Result<&mut Data, HistoryError>) + Send>;

enum Job {
    Append(RoomAppend),
    Work(Work),
}

impl MemoryHistory {
    /// An empty history.
    pub fn new(config: MemoryConfig, on_group: OnGroup) -> Self {
        Self {
            shared: Arc::new(Shared {
                state: Mutex::default(),
                on_group,
            }),
            config,
        }
    }

    /// From now on every group fails, until told otherwise.
    pub fn set_failing(&self, failing: bool) {
        self.shared.lock().failing = failing;
    }

    /// Loses what has not been committed, and every lease: as if the process had been killed and started again.
    pub fn crash(&self) {
        let mut state = self.shared.lock();
        let lost = mem::take(&mut state.queue);
        state.data.end_leases();
        drop(state);
        self.shared.refuse(lost, &HistoryError::Closed);
    }

    /// Drops what may be dropped of a room's log at once, between two commits; up to which event all are gone.
    pub fn prune_now(&self, room: RoomKey) -> Seq {
        self.shared.lock().data.prune(room, Seq::MAX).1
    }

    fn push(&self, job: Job) {
        let mut state = self.shared.lock();
        if state.closed {
            drop(state);
            self.shared.refuse(vec![job], &HistoryError::Closed);
            return;
        }
        state.queue.push(job);
        let schedule = !mem::replace(&mut state.scheduled, true);
        // Without a runtime what follows ends in a panic, and takes back that it is scheduled.
        drop(state);
        if schedule {
            // Runs, or is dropped with its runtime: the next request begins another one then.
            let mut scheduled = Scheduled {
                shared: Arc::clone(&self.shared),
                ran: false,
            };
            let delay = self.config.commit_delay;
            tokio::spawn(async move {
                tokio::time::sleep(delay).await;
                scheduled.ran = true;
                scheduled.shared.commit();
            });
        }
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Data) -> Result<T, HistoryError> + Send + 'static,
    ) -> Answer<'_, T> {
        let (answer, answered) = oneshot::channel();
        self.push(Job::Work(Box::new(move |data| {
            // Who asked may have gone meanwhile.
            let _ = answer.send(data.and_then(work));
        })));
        Box::pin(async move { answered.await.unwrap_or(Err(HistoryError::Closed)) })
    }

    fn tell(&self, work: impl FnOnce(&mut Data) + Send + 'static) {
        self.push(Job::Work(Box::new(move |data| {
            if let Ok(data) = data {
                work(data);
            }
        })));
    }

    fn read<T: Send + 'static>(&self, query: impl FnOnce(&Data) -> T) -> Answer<'_, T> {
        let state = self.shared.lock();
        let answer = if state.closed {
            Err(HistoryError::Closed)
        } else {
            Ok(query(&state.data))
        };
        Box::pin(async move { answer })
    }
}

/// A commit that is under way.
struct Scheduled {
    shared: Arc<Shared>,
    ran: bool,
}

impl Drop for Scheduled {
    fn drop(&mut self) {
        if !self.ran {
            self.shared.lock().scheduled = false;
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Commits what is queued. Callbacks run once the state is free again: they may ask for more.
    fn commit(&self) {
        let mut state = self.lock();
        state.scheduled = false;
        let jobs = mem::take(&mut state.queue);
        if jobs.is_empty() {
            return;
        }
        if state.failing {
            for job in &jobs {
                if let Job::Append(append) = job {
                    state.data.end_lease(append.room);
                }
            }
            drop(state);
            let error = HistoryError::Unavailable {
                reason: "it was told to fail".into(),
            };
            self.refuse(jobs, &error);
            return;
        }
        let mut report = GroupReport {
            duration: Duration::ZERO,
            requests: jobs.len(),
            entries: 0,
            committed: true,
        };
        let mut dones = Vec::new();
        for job in jobs {
            match job {
                Job::Append(append) => {
                    report.entries += append.entries.len();
                    let (done, outcome) = state.data.append(append);
                    dones.push((done, outcome));
                }
                Job::Work(work) => work(Ok(&mut state.data)),
            }
        }
        drop(state);
        for (done, outcome) in dones {
            done(outcome);
        }
        (self.on_group)(&report);
    }

    fn refuse(&self, jobs: Vec<Job>, error: &HistoryError) {
        let report = GroupReport {
            duration: Duration::ZERO,
            requests: jobs.len(),
            entries: 0,
            committed: false,
        };
        for job in jobs {
            match job {
                Job::Append(append) => (append.done)(Err(error.clone())),
                Job::Work(work) => work(Err(error.clone())),
            }
        }
        (self.on_group)(&report);
    }
}

impl History for MemoryHistory {
    fn load_room(&self, room: RoomKey) -> Answer<'_, RoomLoad> {
        self.write(move |data| data.load(room))
    }

    fn append(&self, append: RoomAppend) {
        self.push(Job::Append(append));
    }

    fn keep_read(&self, member: MemberKey, seq: Seq) {
        self.tell(move |data| data.keep_read(member, seq));
    }

    fn touch_room(&self, room: RoomKey, now_millis: i64) {
        self.tell(move |data| data.touch(room, now_millis));
    }

    fn close_room(&self, room: RoomKey, lease: Lease) {
        self.tell(move |data| data.close(room, lease));
    }

    fn save_snapshot(&self, room: RoomKey, seq: Seq, body: Vec<u8>) -> Answer<'_, ()> {
        self.write(move |data| data.save_snapshot(room, seq, body))
    }

    fn queued_entries(&self) -> usize {
        let state = self.shared.lock();
        let entries = state.queue.iter().map(|job| match job {
            Job::Append(append) => append.entries.len(),
            Job::Work(_) => 0,
        });
        entries.sum()
    }

    fn create_room(&self, room: NewRoom) -> Answer<'_, Admission> {
        self.write(move |data| data.create_room(room))
    }

    fn add_member(&self, room: RoomKey, member: NewMember) -> Answer<'_, Admission> {
        self.write(move |data| data.add_member(room, member))
    }

    fn add_device(&self, member: MemberKey, device: NewDevice) -> Answer<'_, DeviceRecord> {
        self.write(move |data| data.add_device(member, device))
    }

    fn remove_device(&self, device: DeviceKey) -> Answer<'_, ()> {
        self.write(move |data| {
            data.remove_device(device);
            Ok(())
        })
    }

    fn keep_member(&self, member: MemberKey, name: String, hue: u8) -> Answer<'_, ()> {
        self.write(move |data| data.keep_member(member, name, hue))
    }

    fn set_code(&self, room: RoomKey, code: String) -> Answer<'_, ()> {
        self.write(move |data| data.set_code(room, code))
    }

    fn room_by_id(&self, id: RoomId) -> Answer<'_, FoundRoom> {
        self.read(|data| data.room_by_id(&id))
    }

    fn room_by_code(&self, code: String) -> Answer<'_, FoundRoom> {
        self.read(|data| data.room_by_code(&code))
    }

    fn admission_by_secret(&self, secret: SecretHash) -> Answer<'_, Option<Admission>> {
        self.read(|data| data.admission(|device| device.secret == Some(secret)))
    }

    fn admission_by_device(&self, device: DeviceId) -> Answer<'_, Option<Admission>> {
        self.read(|data| data.admission(|kept| kept.secret.is_some() && kept.record.id == device))
    }

    fn last_counter(&self, room: RoomKey, device: DeviceKey) -> Answer<'_, u64> {
        self.read(|data| data.last_counter(room, device))
    }

    fn find_op(
        &self,
        room: RoomKey,
        device: DeviceKey,
        counter: u64,
    ) -> Answer<'_, Option<OpPlace>> {
        self.read(|data| data.find_op(room, device, counter))
    }

    fn events(
        &self,
        room: RoomKey,
        after: Seq,
        last: Seq,
        chunk_bytes: usize,
    ) -> Answer<'_, Events> {
        self.read(|data| data.events(room, after, last, chunk_bytes))
    }

    fn events_at(&self, room: RoomKey, seqs: Vec<Seq>) -> Answer<'_, Vec<EventRow>> {
        self.read(|data| data.events_at(room, &seqs))
    }

    fn chat_before(&self, room: RoomKey, before: Seq, limit: usize) -> Answer<'_, Vec<EventRow>> {
        self.read(|data| data.chat_before(room, before, limit))
    }

    fn chat_count(
        &self,
        room: RoomKey,
        member: MemberKey,
        after: Seq,
        limit: usize,
    ) -> Answer<'_, usize> {
        self.read(|data| data.chat_count(room, member, after, limit))
    }

    fn inbox(&self, member: MemberKey, after: Seq, limit: usize) -> Answer<'_, Vec<DirectRow>> {
        self.read(|data| data.inbox(member, after, limit))
    }

    fn prune(&self, room: RoomKey, before_seq: Seq) -> Answer<'_, Seq> {
        self.write(move |data| Ok(data.prune(room, before_seq).1))
    }

    fn sweep(&self, retention: Retention, now_millis: i64) -> Answer<'_, Swept> {
        self.write(move |data| Ok(data.sweep(&retention, now_millis)))
    }

    fn probe(&self) -> Answer<'_, ()> {
        self.write(|_| Ok(()))
    }

    fn close(&self) -> Answer<'_, ()> {
        self.shared.commit();
        self.shared.lock().closed = true;
        Box::pin(async { Ok(()) })
    }
}

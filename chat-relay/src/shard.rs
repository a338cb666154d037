//! The threads that rooms live on. Each shard is one single-threaded runtime with a part of the rooms: a room's
//! connections, its commits and its ticks all run there, so that its lock is never waited for.
//!
//! In: rooms by id, word from the history, rooms that want to be ticked. Out: tasks on the shard's runtime. Which
//! shard a room is on is a hash of its id.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chat_relay_protocol::{DeviceId, RoomId};
use tokio::{
    runtime::Handle,
    sync::{OnceCell, mpsc},
    time::{Instant, sleep_until},
};

use crate::{
    error::Error,
    gateway::pulse::Pulse,
    history::{HistoryError, RoomRecord},
    mailbox::{Letter, Mailbox, Ticks},
    room::{Room, Surroundings},
};

/// So many rooms are told of their commits before others get a turn.
const ROOMS_AT_A_TIME: usize = 16;
/// So long it is known that a device was logged out: longer than any way into a room.
const LOGGED_OUT_KNOWN: Duration = Duration::from_secs(300);
/// Ticks that fall due within so much of each other are done together.
const TICK_GRAIN: Duration = Duration::from_millis(5);

/// All shards of a relay.
#[derive(Clone)]
pub(crate) struct Shards(Arc<[Arc<Shard>]>);

/// One thread's part of the rooms.
pub(crate) struct Shard {
    runtime: Handle,
    rooms: Mutex<HashMap<RoomId, Arc<OnceCell<Arc<Room>>>>>,
    mailbox: Mailbox<Room>,
    around: Surroundings,
    /// Devices that were logged out of late, and when.
    logged_out: Mutex<HashMap<DeviceId, Instant>>,
    /// The connections of the shard's rooms.
    pub(crate) pulse: Arc<Pulse>,
}

impl Shards {
    /// One shard on the runtime that this is called on, and `others` more, each on a thread of its own.
    ///
    /// # Errors
    /// [`Error::System`] when there is no thread.
    pub(crate) fn start(others: usize, around: &Surroundings) -> Result<Self, Error> {
        let mut shards = vec![Shard::start(Handle::current(), around.clone())];
        for index in 0..others {
            let runtime = thread_runtime(index)?;
            shards.push(Shard::start(runtime, around.clone()));
        }
        Ok(Self(shards.into()))
    }

    /// The shard that a room is on.
    pub(crate) fn of(&self, room: &RoomId) -> &Arc<Shard> {
        let mut hasher = DefaultHasher::new();
        room.hash(&mut hasher);
        let index = hasher.finish() % self.0.len() as u64;
        &self.0[usize::try_from(index).unwrap_or(0)]
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Shard>> {
        self.0.iter()
    }
}

/// A single-threaded runtime on a thread of its own, which runs for as long as the process does.
fn thread_runtime(index: usize) -> Result<Handle, Error> {
    let failed = |error: std::io::Error| Error::System {
        what: "thread",
        reason: error.to_string(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(failed)?;
    let handle = runtime.handle().clone();
    std::thread::Builder::new()
        .name(format!("shard-{}", index + 1))
        .spawn(move || runtime.block_on(std::future::pending::<()>()))
        .map_err(failed)?;
    Ok(handle)
}

impl Shard {
    fn start(runtime: Handle, around: Surroundings) -> Arc<Self> {
        let (mailbox, mail, ticks) = Mailbox::new(runtime.clone());
        let pulse = Arc::new(Pulse::new(&around.limits, around.metrics.bytes_in.clone()));
        let shard = Arc::new(Self {
            mailbox,
            runtime: runtime.clone(),
            rooms: Mutex::default(),
            logged_out: Mutex::default(),
            around,
            pulse: Arc::clone(&pulse),
        });
        runtime.spawn(read_mail(Arc::downgrade(&shard), mail));
        runtime.spawn(tick(Arc::downgrade(&ticks)));
        runtime.spawn(pulse.run());
        shard
    }

    /// Runs a connection on the shard's thread.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(task);
    }

    /// The runtime of the shard's thread.
    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// The room, loaded if it was not.
    ///
    /// # Errors
    /// What the history failed with.
    pub(crate) async fn room(&self, record: &RoomRecord) -> Result<Arc<Room>, HistoryError> {
        let wait = Wait {
            shard: self,
            id: &record.id,
            cell: Arc::clone(self.lock().entry(record.id.clone()).or_default()),
        };
        let load = || Room::load(self.around.clone(), self.mailbox.clone(), record.key);
        wait.cell.get_or_try_init(load).await.cloned()
    }

    /// The room, if it is loaded.
    pub(crate) fn loaded(&self, id: &RoomId) -> Option<Arc<Room>> {
        self.lock().get(id)?.get().cloned()
    }

    /// Forgets a room that is over, so that who asks next loads it anew.
    pub(crate) fn forget_room(&self, room: &Arc<Room>) {
        let mut rooms = self.lock();
        let is_it = rooms
            .get(&room.record.id)
            .and_then(|cell| cell.get())
            .is_some_and(|other| Arc::ptr_eq(other, room));
        if is_it {
            rooms.remove(&room.record.id);
        }
    }

    /// Lets go of a room that was looked at, where nobody is in it.
    pub(crate) fn let_go(&self, room: &Arc<Room>) {
        self.mailbox.emptied(room);
    }

    /// Ends the connection of a device that was removed, also one that is on its way into its room.
    pub(crate) fn log_out(&self, room: &RoomId, device: &DeviceId) {
        let now = Instant::now();
        {
            let mut devices = lock(&self.logged_out);
            devices.retain(|_, at| now.duration_since(*at) < LOGGED_OUT_KNOWN);
            devices.insert(device.clone(), now);
        }
        if let Some(room) = self.loaded(room) {
            room.log_out(device);
        }
    }

    /// Whether a device was logged out while it may have been on its way in.
    pub(crate) fn was_logged_out(&self, device: &DeviceId) -> bool {
        lock(&self.logged_out).contains_key(device)
    }

    /// How many rooms are loaded.
    pub(crate) fn rooms(&self) -> usize {
        self.lock().len()
    }

    fn put_away(&self, room: &Arc<Room>) {
        // Joins take the room from the map, then its lock: one that comes after this finds it over, and asks anew.
        if room.put_away() {
            self.forget_room(room);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RoomId, Arc<OnceCell<Arc<Room>>>>> {
        lock(&self.rooms)
    }
}

/// A wait for a room's load, which may fail and may be broken off: who waits last for a room that does not come forgets
/// it.
struct Wait<'a> {
    shard: &'a Shard,
    id: &'a RoomId,
    cell: Arc<OnceCell<Arc<Room>>>,
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        if self.cell.get().is_some() {
            return;
        }
        let mut rooms = self.shard.lock();
        let ours = Arc::as_ptr(&self.cell);
        // Under the lock, so that one of several that go at once sees that it is the last.
        drop(std::mem::take(&mut self.cell));
        let is_last = rooms.get(self.id).is_some_and(|cell| {
            std::ptr::eq(Arc::as_ptr(cell), ours)
                && Arc::strong_count(cell) == 1
                && cell.get().is_none()
        });
        if is_last {
            rooms.remove(self.id);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tells rooms of what the history has done. What has come together is told together: events of one room that were
/// committed in one go are one message.
async fn read_mail(shard: std::sync::Weak<Shard>, mut mail: mpsc::UnboundedReceiver<Letter<Room>>) {
    let mut letters = Vec::new();
    loop {
        if mail.recv_many(&mut letters, 4096).await == 0 {
            return;
        }
        let Some(shard) = shard.upgrade() else { return };
        let mut done: Vec<(Arc<Room>, usize)> = Vec::new();
        let mut places: HashMap<usize, usize> = HashMap::new();
        for letter in letters.drain(..) {
            match letter {
                Letter::Done(room, Ok(())) => {
                    let place = *places.entry(address(&room)).or_insert_with(|| {
                        done.push((Arc::clone(&room), 0));
                        done.len() - 1
                    });
                    done[place].1 += 1;
                }
                Letter::Done(room, Err(error)) => {
                    // What was done before is told before.
                    if let Some(place) = places.remove(&address(&room)) {
                        let (room, count) = &mut done[place];
                        room.committed(std::mem::take(count));
                    }
                    room.failed(&error);
                }
                Letter::Emptied(room) => shard.put_away(&room),
            }
        }
        drop(places);
        for (told, (room, count)) in done.into_iter().enumerate() {
            if count > 0 {
                room.committed(count);
            }
            if told % ROOMS_AT_A_TIME == ROOMS_AT_A_TIME - 1 {
                tokio::task::yield_now().await;
            }
        }
    }
}

/// Tells rooms apart while they are held.
fn address(room: &Arc<Room>) -> usize {
    Arc::as_ptr(room).addr()
}

/// Ticks the rooms that have something due.
async fn tick(ticks: std::sync::Weak<Ticks<Room>>) {
    let mut due: Vec<(Instant, Arc<Room>)> = Vec::new();
    loop {
        let Some(ticks) = ticks.upgrade() else { return };
        let added = ticks.added();
        let now = Instant::now();
        due.extend(ticks.take().into_iter().map(|room| (now, room)));
        due.retain_mut(|(at, room)| {
            if *at > now + TICK_GRAIN {
                return true;
            }
            match room.tick(now.max(*at)) {
                Some(next) => {
                    *at = next;
                    true
                }
                None => false,
            }
        });
        let next = due.iter().map(|(at, _)| *at).min();
        tokio::select! {
            () = added => {}
            () = async {
                match next {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            } => {}
        }
    }
}

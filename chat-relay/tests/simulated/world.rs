//! The hosts, the network and the clock of one run.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    time::{Duration, UNIX_EPOCH},
};

use chat_relay::{
    Config, Relay,
    clock::Clock,
    history::{MemoryConfig, MemoryHistory},
    metrics::Metrics,
};
use chat_relay_client::Client;
use chat_relay_protocol::Seq;
use tempfile::TempDir;
use turmoil::{Sim, net::TcpListener};

use crate::{
    deeds,
    dice::Dice,
    phone::{Entrance, Phone},
    truth::Archive,
    weather::Weather,
};

pub(crate) const PORT: u16 = 80;
pub(crate) const RELAY_HOST: &str = "relay";
/// How much time passes at a time.
pub(crate) const TICK: Duration = Duration::from_millis(10);
const EPOCH: Duration = Duration::from_secs(1_790_000_000);
/// How long the weather lasts.
const WEATHER: Duration = Duration::from_secs(40);
/// How long everything may take to come to rest after it.
const CALM: Duration = Duration::from_secs(120);
/// So long nothing may change before it counts as rest.
const REST: Duration = Duration::from_secs(3);

/// See the [module](self).
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) sim: Sim<'static>,
    pub(crate) history: MemoryHistory,
    /// Events that the history no longer holds.
    pub(crate) archive: Archive,
    pub(crate) phones: Vec<Arc<Phone>>,
    pub(crate) dice: Dice,
    pub(crate) weather: Weather,
    /// What the relay's clock shows.
    clock_unix_millis: Arc<AtomicI64>,
    /// By how much it is wrong.
    pub(crate) clock_error_millis: i64,
    panics: usize,
    _data: TempDir,
}

/// How a device stands, in brief.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Standing {
    pending: usize,
    is_synced: bool,
    last_seq: Seq,
}

impl World {
    /// A world in which all phones are in the room.
    pub(crate) fn begin(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let panics = panics_here();
        let sim = turmoil::Builder::new()
            .rng_seed(dice.bits())
            .epoch(UNIX_EPOCH + EPOCH)
            .tick_duration(TICK)
            .simulation_duration(Duration::from_secs(3600))
            .min_message_latency(Duration::from_millis(1))
            .max_message_latency(Duration::from_millis(dice.between(5, 400)))
            .repair_rate(0.3)
            .tcp_capacity(8)
            .enable_random_order()
            .build();
        let commit_delay = Duration::from_millis(dice.between(1, 120));
        let entrances = [
            Entrance::Creates,
            Entrance::Joins,
            Entrance::Joins,
            Entrance::IsSecondOf(1),
        ];
        let phones: Vec<_> = entrances
            .into_iter()
            .enumerate()
            .map(|(index, entrance)| Arc::new(Phone::new(index, entrance, &mut dice)))
            .collect();
        let mut world = Self {
            seed,
            sim,
            history: MemoryHistory::new(MemoryConfig { commit_delay }, Box::new(|_| {})),
            archive: Archive::default(),
            weather: Weather::new(phones.len(), &mut dice),
            phones,
            dice,
            clock_unix_millis: Arc::default(),
            clock_error_millis: 0,
            panics,
            _data: tempfile::tempdir().unwrap(),
        };
        world.add_hosts();
        world.step_until("join", Duration::from_secs(30), |world| {
            world.phones.iter().all(|phone| phone.is_running())
        });
        world
    }

    fn add_hosts(&mut self) {
        let config = relay_config(self._data.path().to_path_buf(), &mut self.dice);
        let history = self.history.clone();
        let millis = Arc::clone(&self.clock_unix_millis);
        let clock = Clock::new(move || millis.load(Ordering::Relaxed));
        self.sim.host(RELAY_HOST, move || {
            serve(config.clone(), history.clone(), clock.clone())
        });
        for phone in &self.phones {
            let (phone, all) = (Arc::clone(phone), self.phones.clone());
            self.sim.host(phone.host.clone(), move || {
                Arc::clone(&phone).live(all.clone())
            });
        }
    }

    /// One tick for everybody.
    pub(crate) fn step(&mut self) {
        let now = i64::try_from(self.sim.since_epoch().as_millis()).unwrap();
        self.clock_unix_millis
            .store(now + self.clock_error_millis, Ordering::Relaxed);
        self.sim.step().unwrap();
    }

    fn step_until(&mut self, what: &str, within: Duration, holds: impl Fn(&mut Self) -> bool) {
        let until = self.sim.elapsed() + within;
        while !holds(self) {
            assert!(
                self.sim.elapsed() < until,
                "seed {}: no end to {what} within {within:?}",
                self.seed
            );
            self.step();
        }
    }

    /// People do things while the network and the hosts fail them.
    pub(crate) fn live_through_weather(&mut self) {
        let until = self.sim.elapsed() + WEATHER;
        while self.sim.elapsed() < until {
            self.change_weather();
            if self.dice.one_in(8) {
                let phone = Arc::clone(self.dice.pick(&self.phones).unwrap());
                deeds::ask(&phone, &self.phones, &mut self.dice);
            }
            self.step();
        }
    }

    /// The weather clears, and all comes to rest.
    pub(crate) fn settle(&mut self) {
        self.clear_weather();
        let until = self.sim.elapsed() + CALM;
        let mut last = Vec::new();
        let mut since = self.sim.elapsed();
        loop {
            let now = self.standings();
            let end = self.archive.last_seq(&self.history, &self.phones);
            let settled = now.iter().all(|standing| {
                standing.is_some_and(|standing| {
                    standing.pending == 0 && standing.is_synced && standing.last_seq == end
                })
            });
            if !settled || now != last {
                since = self.sim.elapsed();
            }
            if self.sim.elapsed() > since + REST {
                break;
            }
            assert!(
                self.sim.elapsed() < until,
                "seed {}: no rest within {CALM:?}; the log ends at {end}, the phones stand at {now:#?}",
                self.seed
            );
            last = now;
        }
        assert_eq!(
            panics_here(),
            self.panics,
            "seed {}: a task has panicked",
            self.seed
        );
    }

    fn standings(&mut self) -> Vec<Option<Standing>> {
        self.look(|client| Standing {
            pending: client.pending_count(),
            is_synced: client.is_synced(),
            last_seq: client.last_seq(),
        })
    }

    /// What each phone shows; none of one that is busy. Takes a few ticks.
    pub(crate) fn look<T: Send + 'static>(
        &mut self,
        look: impl Fn(&Client) -> T + Clone + Send + 'static,
    ) -> Vec<Option<T>> {
        let slots: Vec<_> = self
            .phones
            .iter()
            .map(|phone| {
                let slot = Arc::new(std::sync::Mutex::new(None));
                let (look, into) = (look.clone(), Arc::clone(&slot));
                phone.ask(move |client, _| *into.lock().unwrap() = Some(look(client)));
                slot
            })
            .collect();
        for _ in 0..10 {
            self.step();
        }
        slots
            .into_iter()
            .map(|slot| slot.lock().unwrap().take())
            .collect()
    }
}

/// What runs on the relay's host.
async fn serve(config: Config, history: MemoryHistory, clock: Clock) -> turmoil::Result {
    let relay = Relay::without_listener(config, Arc::new(history), clock, Metrics::new())?;
    let listener = TcpListener::bind((IpAddr::from(crate::phone::EVERYWHERE), PORT)).await?;
    loop {
        let (stream, address) = listener.accept().await?;
        tokio::spawn(relay.serve(stream, address));
    }
}

/// A relay with its limits narrow in places, so that ways are taken that are seldom otherwise.
fn relay_config(data: std::path::PathBuf, dice: &mut Dice) -> Config {
    let mut config = Config {
        data,
        workers: 1,
        ..Config::default()
    };
    let limits = &mut config.limits;
    limits.heartbeat_interval = Duration::from_secs(3);
    limits.heartbeat_min = Duration::from_secs(1);
    // Snapshots in place of what was missed, and for the next load.
    if dice.one_in(2) {
        limits.replay_events = 15;
    }
    if dice.one_in(2) {
        limits.snapshot_every_events = 10;
    }
    // Catching up in small pieces.
    if dice.one_in(2) {
        limits.replay_chunk_bytes = 300;
    }
    // Slow connections.
    if dice.one_in(3) {
        limits.send_queue_bytes = 2048;
    }
    // Ops that are to come again later.
    if dice.one_in(3) {
        limits.connection_messages_per_sec = 3;
        limits.connection_messages_burst = 6;
    }
    if dice.one_in(3) {
        limits.ops_in_flight = 1;
    }
    config
}

/// How many panics this thread has seen: a task that panics ends without a word otherwise.
fn panics_here() -> usize {
    use std::sync::Once;
    thread_local! {
        static SEEN: AtomicUsize = const { AtomicUsize::new(0) };
    }
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let former = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            SEEN.with(|seen| seen.fetch_add(1, Ordering::Relaxed));
            former(info);
        }));
    });
    SEEN.with(|seen| seen.load(Ordering::Relaxed))
}

//! One device on a host of its own. Its page can be loaded again: what its storage holds and what it joined with is all
//! that is left then. What it was asked for and what it heard is kept for the verdict.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    net::Ipv4Addr,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use chat_relay_client::{
    Client, Moment, News,
    native::{
        Connector, Device, Handle,
        rest::{self, CallError},
    },
};
use chat_relay_protocol::{Codec, OpId, Retry, rest::Joined};
use tokio::{sync::mpsc, time::sleep};
use turmoil::net::TcpStream;

use crate::{dice::Dice, world::PORT};

const RELAY: &str = "relay:80";

/// How a phone comes into the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entrance {
    /// It makes the room.
    Creates,
    /// It joins by the code.
    Joins,
    /// It is a further device of the member of this phone.
    IsSecondOf(usize),
}

/// See the [module](self).
pub(crate) struct Phone {
    pub(crate) index: usize,
    pub(crate) host: String,
    pub(crate) entrance: Entrance,
    pub(crate) codec: Codec,
    seed: u64,
    save_millis: u64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    joined: Option<Joined>,
    stored: Option<String>,
    handle: Option<Handle>,
    news: Option<mpsc::UnboundedReceiver<News>>,
    loads: u64,
    /// Counters of the ops that it was asked for and has not lost.
    asked: BTreeSet<u64>,
    /// Those of them that may hang on an annotation that waits for approval.
    hanging: BTreeSet<u64>,
    /// What the relay refused for good, and why.
    refused: BTreeMap<u64, BTreeSet<&'static str>>,
    /// What was heard since each load of the page.
    heard: Vec<Vec<News>>,
}

impl Phone {
    pub(crate) fn new(index: usize, entrance: Entrance, dice: &mut Dice) -> Self {
        Self {
            index,
            host: format!("phone{index}"),
            entrance,
            codec: *dice.pick(Codec::ALL).unwrap(),
            seed: dice.bits(),
            save_millis: dice.below(60),
            state: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn joined(&self) -> Option<Joined> {
        self.lock().joined.clone()
    }

    pub(crate) fn is_running(&self) -> bool {
        self.lock().handle.is_some()
    }

    pub(crate) fn asked(&self) -> BTreeSet<u64> {
        self.lock().asked.clone()
    }

    pub(crate) fn note_hanging(&self, counters: std::ops::Range<u64>) {
        self.lock().hanging.extend(counters);
    }

    pub(crate) fn hangs(&self, counter: u64) -> bool {
        self.lock().hanging.contains(&counter)
    }

    pub(crate) fn refused(&self) -> BTreeMap<u64, BTreeSet<&'static str>> {
        self.listen();
        self.lock().refused.clone()
    }

    pub(crate) fn heard(&self) -> Vec<Vec<News>> {
        self.listen();
        self.lock().heard.clone()
    }

    /// Has something done with the client; ops that come of it are noted. `false` when the phone takes nothing now.
    pub(crate) fn ask(
        self: &Arc<Self>,
        deed: impl FnOnce(&mut Client, Moment) + Send + 'static,
    ) -> bool {
        let Some(handle) = self.lock().handle.clone() else {
            return false;
        };
        let phone = Arc::clone(self);
        handle.post(move |client, now| {
            let before = client.next_op_id().counter;
            deed(client, now);
            let after = client.next_op_id().counter;
            phone.lock().asked.extend(before..after);
        })
    }

    /// Takes in what was heard.
    fn listen(&self) {
        let mut state = self.lock();
        let State {
            news: Some(news),
            refused,
            heard,
            joined: Some(joined),
            ..
        } = &mut *state
        else {
            return;
        };
        while let Ok(news) = news.try_recv() {
            if let News::Refused(error) = &news
                && let Some(OpId { device, counter }) = &error.op_id
                && *device == joined.device
                && error.retry == Retry::Never
            {
                refused
                    .entry(*counter)
                    .or_default()
                    .insert(error.code.name());
            }
            heard.last_mut().unwrap().push(news);
        }
    }

    /// The page is about to be loaded again: what was not stored is lost. It was never sent either.
    pub(crate) fn forget(&self) {
        self.listen();
        let mut state = self.lock();
        state.handle = None;
        state.news = None;
        let stored: Option<serde_json::Value> = state
            .stored
            .as_deref()
            .map(|json| serde_json::from_str(json).unwrap());
        let next_counter = stored.map_or(0, |stored| stored["next_counter"].as_u64().unwrap());
        state.asked.retain(|counter| *counter < next_counter);
    }

    /// What runs on the phone's host.
    pub(crate) async fn live(self: Arc<Self>, all: Vec<Arc<Phone>>) -> turmoil::Result {
        let connector: Arc<dyn Connector> = Arc::new(connect);
        if self.joined().is_none() {
            let joined = self.join(&connector, &all).await;
            self.lock().joined = Some(joined);
        }
        self.load(connector);
        std::future::pending().await
    }

    /// The page is there: the device runs with what was stored.
    fn load(self: &Arc<Self>, connector: Arc<dyn Connector>) {
        let (news, heard) = mpsc::unbounded_channel();
        let storage = {
            let phone = Arc::clone(self);
            move |stored_json| {
                let phone = Arc::clone(&phone);
                async move {
                    sleep(Duration::from_millis(phone.save_millis)).await;
                    phone.lock().stored = Some(stored_json);
                }
            }
        };
        let mut state = self.lock();
        state.loads += 1;
        let unix_millis = turmoil::since_epoch().unwrap().as_millis();
        let device = Device::new(connector, RELAY, state.joined.as_ref().unwrap())
            .codec(self.codec)
            .seed(self.seed.wrapping_add(state.loads))
            .unix_millis(i64::try_from(unix_millis).unwrap())
            .options(|options| options.heartbeat_secs = Some(2))
            .news(news)
            .storage(state.stored.clone(), storage);
        state.handle = Some(device.spawn());
        state.news = Some(heard);
        state.heard.push(Vec::new());
    }

    async fn join(&self, connector: &Arc<dyn Connector>, all: &[Arc<Phone>]) -> Joined {
        loop {
            if let Some(Ok(joined)) = self.try_to_join(connector, all).await {
                return joined;
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    async fn try_to_join(
        &self,
        connector: &Arc<dyn Connector>,
        all: &[Arc<Phone>],
    ) -> Option<Result<Joined, CallError>> {
        Some(match self.entrance {
            Entrance::Creates => rest::create_room(connector, RELAY, &self.host).await,
            Entrance::Joins => {
                let code = all[0].joined()?.code;
                rest::join_room(connector, RELAY, &code, &self.host).await
            }
            Entrance::IsSecondOf(first) => {
                let secret = all[first].joined()?.secret;
                rest::add_device(connector, RELAY, &secret).await
            }
        })
    }
}

/// Opens a stream of the simulated network; `address` is the relay's.
fn connect(_address: String) -> impl Future<Output = io::Result<TcpStream>> + Send {
    TcpStream::connect(("relay", PORT))
}

/// Where a host listens for everybody.
pub(crate) const EVERYWHERE: Ipv4Addr = Ipv4Addr::UNSPECIFIED;

//! The driver over tokio: one task for each device, which owns its [`Client`] and does what that asks for.
//!
//! In: [`Options`], a [`Connector`] that opens byte streams (TCP, or a simulated network), and what a program does
//! through a [`Handle`]. Out: a socket that comes back by itself, and what happened, as [`News`]. Time is tokio's
//! alone, so that a paused or simulated clock rules everything here. There is no TLS: a program that needs it connects
//! through a [`Connector`] of its own.
//!
//! ```no_run
//! use chat_relay_client::native::{Device, rest};
//!
//! # async fn chat() -> Result<(), Box<dyn std::error::Error>> {
//! let relay = "127.0.0.1:8787";
//! let joined = rest::create_room(&rest::tcp(), relay, "Ada").await?;
//! let ada = Device::new(rest::tcp(), relay, &joined).spawn();
//! ada.update(|client, now| client.chat("hello", now)).await.ok_or("gone")??;
//! ada.until(|client| client.pending_count() == 0).await;
//! # Ok(())
//! # }
//! ```

mod connector;
mod driver;
pub mod rest;
mod socket;
mod storage;

use std::sync::Arc;

use chat_relay_protocol::{Codec, rest::Joined};
use tokio::sync::{mpsc, oneshot, watch};

pub use connector::{BoxedStream, Connecting, Connector, Stream, Tcp};
pub use storage::{Saving, Storage};

use crate::{Client, Moment, News, Options};

/// So many changes of a handle wait for the driver.
const COMMANDS: usize = 64;

/// A device that is about to connect.
pub struct Device {
    options: Options,
    connector: Arc<dyn Connector>,
    seed: u64,
    unix_millis: i64,
    listener: Option<Listener>,
    storage: Option<Box<dyn Storage>>,
}

/// Is told what happens in the device's task, with the client as it is after that.
type Listener = Box<dyn FnMut(&Client, News) + Send>;

impl Device {
    /// A device that has joined a room of the relay at `address` (`host:port`). It writes JSON and has no storage.
    pub fn new(connector: Arc<dyn Connector>, address: &str, joined: &Joined) -> Device {
        let options = Options::of_joined(format!("ws://{address}/v1/ws"), joined);
        // Differs between the devices of a room, so that they do not come back in one wave.
        let seed = joined
            .device
            .as_str()
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        Device {
            options,
            connector,
            seed,
            unix_millis: 1,
            listener: None,
            storage: None,
        }
    }

    /// How its messages are written.
    #[must_use]
    pub fn codec(mut self, codec: Codec) -> Device {
        self.options.codec = codec;
        self
    }

    /// Other choices of the client's. A storage is not among them, see [`Device::storage`].
    #[must_use]
    pub fn options(mut self, change: impl FnOnce(&mut Options)) -> Device {
        change(&mut self.options);
        self.options.persists = self.storage.is_some();
        self
    }

    /// Where it keeps its state, and what is kept there already. Ops are sent once they are kept, and go out again
    /// after a restart.
    #[must_use]
    pub fn storage(mut self, stored_json: Option<String>, storage: impl Storage) -> Device {
        self.options.stored_json = stored_json;
        self.options.persists = true;
        self.storage = Some(Box::new(storage));
        self
    }

    /// What the waits between attempts follow.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Device {
        self.seed = seed;
        self
    }

    /// The time when it starts, since the Unix epoch: the counters of its ops begin there. A device that has sent ops
    /// before needs a later time than then; a new one needs none.
    #[must_use]
    pub fn unix_millis(mut self, unix_millis: i64) -> Device {
        self.unix_millis = unix_millis;
        self
    }

    /// Where to tell what happens, one by one. What nobody takes piles up there.
    #[must_use]
    pub fn news(self, news: mpsc::UnboundedSender<News>) -> Device {
        self.listen(move |_, happened| {
            // Nobody may be left who wants to hear.
            let _unheard = news.send(happened);
        })
    }

    /// Who is told what happens, one by one, in the device's own task: at once, and holding it up.
    #[must_use]
    pub fn listen(mut self, listener: impl FnMut(&Client, News) + Send + 'static) -> Device {
        self.options.tells_news = true;
        self.listener = Some(Box::new(listener));
        self
    }

    /// Starts the device's task on this runtime, which connects.
    pub fn spawn(self) -> Handle {
        let (commands, inbox) = mpsc::channel(COMMANDS);
        let (changed, changes) = watch::channel(0);
        tokio::spawn(driver::run(self, inbox, changed));
        Handle { commands, changes }
    }
}

/// Something to be done with a client.
type Command = Box<dyn FnOnce(&mut Client, Moment) + Send>;

/// A running device. When all its handles are dropped it leaves.
#[derive(Debug, Clone)]
pub struct Handle {
    commands: mpsc::Sender<Command>,
    changes: watch::Receiver<u64>,
}

impl Handle {
    /// Does something with the client, in its task; `None` when that has ended.
    pub async fn update<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Client, Moment) -> T + Send + 'static,
    ) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        let command: Command = Box::new(move |client, now| {
            // Who asked may have stopped waiting.
            let _unheard = answer.send(change(client, now));
        });
        self.commands.send(command).await.ok()?;
        answered.await.ok()
    }

    /// Has something done with the client and does not wait for it. `false` when too much waits already, or the task
    /// has ended.
    pub fn post(&self, change: impl FnOnce(&mut Client, Moment) + Send + 'static) -> bool {
        self.commands.try_send(Box::new(change)).is_ok()
    }

    /// Waits until something holds of the client; `false` when its task ended before.
    pub async fn until(
        &self,
        holds: impl Fn(&Client) -> bool + Send + Sync + Clone + 'static,
    ) -> bool {
        let mut changes = self.changes.clone();
        loop {
            changes.mark_unchanged();
            let check = holds.clone();
            match self.update(move |client, _| check(client)).await {
                Some(true) => return true,
                Some(false) => {}
                None => return false,
            }
            if changes.changed().await.is_err() {
                return false;
            }
        }
    }

    /// Counts up whenever the client's state has changed.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.clone()
    }

    /// Leaves the room.
    pub async fn close(&self) {
        self.update(|client, _| client.close()).await;
    }
}

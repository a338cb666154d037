//! A device that is about to connect.

use std::sync::Arc;

use chat_relay_protocol::{Codec, rest::Joined};
use tokio::sync::mpsc;

use super::{connector::Connector, storage::Storage};
use crate::{Client, News, Options};

/// A device that is about to connect.
pub struct Device {
    pub(super) options: Options,
    pub(super) connector: Arc<dyn Connector>,
    pub(super) seed: u64,
    pub(super) unix_millis: i64,
    pub(super) listener: Option<Listener>,
    pub(super) storage: Option<Box<dyn Storage>>,
}

/// Is told what happens in the device's task, with the client as it is after that.
pub(super) type Listener = Box<dyn FnMut(&Client, News) + Send>;

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
}

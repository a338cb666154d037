//! The room's client of this crate in the simulated network of the relay's client.

use chat_relay_client as relay;
use chat_relay_client::simulation::{Driven, World as RelayWorld};
use xr_core::room::{Client, Moment, Options};

/// A client with its device's frame.
pub(crate) struct Simulated(pub(crate) Client);

impl Driven for Simulated {
    fn open(options: Options, seed: u64, now: Moment) -> Simulated {
        Simulated(Client::new(options, seed, now))
    }

    fn client(&self) -> &relay::Client {
        self.0.relay()
    }

    fn update<T>(
        &mut self,
        now: Moment,
        change: impl FnOnce(&mut relay::Client, Moment) -> T,
    ) -> T {
        self.0.update(now, change)
    }
}

pub(crate) type World = RelayWorld<Simulated>;

/// A device's client with the time, to do something with it.
pub(crate) fn device(world: &mut World, index: usize) -> (&mut Client, Moment) {
    let now = world.now();
    (&mut world.devices[index].driven.0, now)
}

/// A device's client, to look at.
pub(crate) fn seen(world: &World, index: usize) -> &Client {
    &world.devices[index].driven.0
}

/// The state that a page would show.
pub(crate) fn state(world: &World, index: usize) -> serde_json::Value {
    serde_json::from_str(&seen(world, index).state_json(world.now())).unwrap()
}

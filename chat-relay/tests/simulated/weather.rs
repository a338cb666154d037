//! What happens to the network and the hosts: links that are cut, in one direction or both, that hold messages back, or
//! get slower; messages that are lost; pages that are loaded again; a relay that is killed, with a goodbye of its
//! system's or without one, and comes back with a wrong clock; a disk that takes nothing; old events that are dropped.

use std::time::Duration;

use chat_relay_client::Client;

use crate::{
    dice::Dice,
    world::{RELAY_HOST, World},
};

/// See the [module](self).
pub(crate) struct Weather {
    /// Until when each phone's link is out of order.
    links: Vec<Option<Duration>>,
    /// Until when the relay is down.
    relay_down: Option<Duration>,
    /// Until when the disk takes nothing.
    disk_fails: Option<Duration>,
    /// How often a link forgets what is on its way.
    fail_rate: f64,
    pub(crate) tally: WeatherTally,
}

/// How often what happened.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct WeatherTally {
    pub(crate) cuts: usize,
    pub(crate) holds: usize,
    pub(crate) kills: usize,
    pub(crate) reloads: usize,
    pub(crate) disk_failures: usize,
    pub(crate) pruned: usize,
}

impl Weather {
    pub(crate) fn new(phones: usize, dice: &mut Dice) -> Self {
        Self {
            links: vec![None; phones],
            relay_down: None,
            disk_fails: None,
            fail_rate: *dice.pick(&[0.0, 0.002, 0.01]).unwrap(),
            tally: WeatherTally::default(),
        }
    }
}

impl World {
    /// Ends what is over, and now and then begins something new.
    pub(crate) fn change_weather(&mut self) {
        let now = self.sim.elapsed();
        let over = |until: Option<Duration>| until.is_some_and(|until| until <= now);
        self.sim.set_fail_rate(self.weather.fail_rate);
        for index in 0..self.phones.len() {
            if over(self.weather.links[index]) {
                self.mend(index);
            }
        }
        if over(self.weather.relay_down) {
            self.start_relay();
        }
        if over(self.weather.disk_fails) {
            self.weather.disk_fails = None;
            self.history.set_failing(false);
        }
        let index = usize::try_from(self.dice.below(self.phones.len() as u64)).unwrap();
        match self.dice.below(1000) {
            0..=3 => self.cut(index),
            4..=6 => self.hold(index),
            7..=9 => self.slow_down(index),
            10..=12 => self.reload(index),
            13 | 14 => self.kill_relay(),
            15 => self.fail_disk(),
            18 | 19 => self.prune(),
            16 | 17 => {
                self.phones[index].ask(Client::network_changed);
            }
            _ => {}
        }
    }

    /// Everything works from here on.
    pub(crate) fn clear_weather(&mut self) {
        self.sim.set_fail_rate(0.0);
        self.weather.disk_fails = None;
        self.history.set_failing(false);
        if self.weather.relay_down.is_some() {
            self.start_relay();
        }
        for index in 0..self.phones.len() {
            self.mend(index);
            let link_latency = Duration::from_millis(20);
            let host = self.phones[index].host.clone();
            self.sim.set_link_latency(RELAY_HOST, host, link_latency);
        }
    }

    /// For up to `most_millis` from now.
    fn for_a_while(&mut self, most_millis: u64) -> Option<Duration> {
        Some(self.sim.elapsed() + Duration::from_millis(self.dice.between(50, most_millis)))
    }

    fn cut(&mut self, index: usize) {
        if self.weather.links[index].is_some() {
            return;
        }
        let host = self.phones[index].host.clone();
        match self.dice.below(4) {
            0 => self.sim.partition_oneway(RELAY_HOST, host),
            1 => self.sim.partition_oneway(host, RELAY_HOST),
            _ => self.sim.partition(RELAY_HOST, host),
        }
        // Some systems notice.
        if self.dice.one_in(2) {
            self.phones[index].ask(|client, now| client.set_online(false, now));
        }
        self.weather.links[index] = self.for_a_while(9000);
        self.weather.tally.cuts += 1;
    }

    fn hold(&mut self, index: usize) {
        if self.weather.links[index].is_none() {
            self.sim.hold(RELAY_HOST, self.phones[index].host.clone());
            self.weather.links[index] = self.for_a_while(5000);
            self.weather.tally.holds += 1;
        }
    }

    fn slow_down(&mut self, index: usize) {
        let most = Duration::from_millis(self.dice.between(2, 900));
        let host = self.phones[index].host.clone();
        self.sim
            .set_link_max_message_latency(RELAY_HOST, host, most);
    }

    fn mend(&mut self, index: usize) {
        // What was held arrives; what was lost stays lost.
        self.sim
            .release(RELAY_HOST, self.phones[index].host.clone());
        self.weather.links[index] = None;
        self.phones[index].ask(|client, now| client.set_online(true, now));
    }

    fn reload(&mut self, index: usize) {
        let phone = std::sync::Arc::clone(&self.phones[index]);
        phone.forget();
        self.stop(index..index + 1, |world| {
            world.sim.bounce(phone.host.clone())
        });
        self.weather.tally.reloads += 1;
    }

    /// Stops something that closes streams of these phones. The order in which a runtime that ends drops its tasks is no
    /// part of the seed, and each message draws its delay: goodbyes are held for a moment, so that they draw none.
    fn stop(&mut self, phones: std::ops::Range<usize>, stop: impl FnOnce(&mut Self)) {
        let whole: Vec<usize> = phones
            .filter(|index| self.weather.links[*index].is_none())
            .collect();
        self.sim.set_fail_rate(0.0);
        for index in &whole {
            self.sim.hold(RELAY_HOST, self.phones[*index].host.clone());
        }
        stop(self);
        for index in whole {
            self.sim
                .release(RELAY_HOST, self.phones[index].host.clone());
        }
    }

    fn kill_relay(&mut self) {
        if self.weather.relay_down.is_some() {
            return;
        }
        if self.dice.one_in(2) {
            // The plug is pulled: nobody is told that the sockets are gone.
            for index in 0..self.phones.len() {
                self.sim
                    .partition(RELAY_HOST, self.phones[index].host.clone());
                self.weather.links[index] = self.for_a_while(2000);
            }
        }
        self.stop(0..self.phones.len(), |world| world.sim.crash(RELAY_HOST));
        self.history.crash();
        self.weather.relay_down = self.for_a_while(4000);
        self.weather.tally.kills += 1;
    }

    fn start_relay(&mut self) {
        self.weather.relay_down = None;
        self.clock_error_millis = i64::try_from(self.dice.below(20_000)).unwrap() - 10_000;
        self.sim.bounce(RELAY_HOST);
    }

    /// Drops the events that a snapshot stands for.
    fn prune(&mut self) {
        self.weather.tally.pruned += self.archive.prune(&self.history, &self.phones);
    }

    fn fail_disk(&mut self) {
        self.history.set_failing(true);
        self.weather.disk_fails = self.for_a_while(400);
        self.weather.tally.disk_failures += 1;
    }
}

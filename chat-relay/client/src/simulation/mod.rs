//! A relay and its network in one thread, for tests: connections that deliver late, in order, sometimes twice, and
//! break with what is on its way; restarts; a log that starts a new epoch; snapshots; storage that takes its time.
//!
//! [`World`] drives anything that has a [`Client`] in it, see [`Driven`]. All of it follows one seed.

mod authority;
mod relay;

use std::collections::VecDeque;

use chat_relay_protocol::{ClientMessage, Codec, DeviceId, MemberId, Role, ServerMessage};

use crate::{Client, ConnectionId, Effect, Moment, News, Options};
pub use relay::{Relay, To};

/// Something with a client in it.
pub trait Driven {
    /// A client that has what was stored.
    fn open(options: Options, seed: u64, now: Moment) -> Self;
    /// The client.
    fn client(&self) -> &Client;
    /// Changes the client.
    fn update<T>(&mut self, now: Moment, change: impl FnOnce(&mut Client, Moment) -> T) -> T;
}

impl Driven for Client {
    fn open(options: Options, seed: u64, now: Moment) -> Client {
        Client::new(options, seed, now)
    }

    fn client(&self) -> &Client {
        self
    }

    fn update<T>(&mut self, now: Moment, change: impl FnOnce(&mut Client, Moment) -> T) -> T {
        change(self, now)
    }
}

/// One device with its socket and its storage.
pub struct Device<D> {
    /// The client under test.
    pub driven: D,
    /// Its device.
    pub id: DeviceId,
    /// Whose it is.
    pub member: MemberId,
    /// What the storage holds.
    pub stored: Option<String>,
    /// What it told so far.
    pub news: Vec<News>,
    /// The latest connection that it asked for.
    pub connection: ConnectionId,
    socket: Option<Socket>,
    /// Saves under way, oldest first.
    saving: VecDeque<(u64, String)>,
    seed: u64,
}

struct Socket {
    id: ConnectionId,
    codec: Codec,
    opened: bool,
    greeted: bool,
    to_relay: VecDeque<Vec<u8>>,
    to_device: VecDeque<Vec<u8>>,
}

/// A relay with its devices.
pub struct World<D> {
    /// The relay's side of the room.
    pub relay: Relay,
    /// The devices.
    pub devices: Vec<Device<D>>,
    /// The time that has passed, in milliseconds.
    pub now_millis: u64,
    /// While it is down nobody connects.
    pub relay_up: bool,
    /// How the devices write.
    pub codec: Codec,
    random: u64,
}

const START_UNIX_MILLIS: i64 = 1_790_000_000_000;

impl<D: Driven> World<D> {
    /// Devices of a member each; the first is the owner.
    pub fn new(device_count: usize, seed: u64) -> World<D> {
        let members: Vec<usize> = (0..device_count).collect();
        World::of_members(&members, Codec::Json, seed)
    }

    /// One device for each number, which says whose it is; member 0 is the owner.
    ///
    /// # Panics
    /// Never: such names are ids.
    pub fn of_members(members: &[usize], codec: Codec, seed: u64) -> World<D> {
        let mut world = World {
            relay: Relay::new(),
            devices: Vec::new(),
            now_millis: 0,
            relay_up: true,
            codec,
            random: seed,
        };
        for (index, member) in members.iter().enumerate() {
            #[allow(clippy::unwrap_used, reason = "letters and digits make an id")]
            let (id, member_id) = (
                DeviceId::new(format!("d{index}")).unwrap(),
                MemberId::new(format!("m{member}")).unwrap(),
            );
            let role = if *member == 0 {
                Role::Owner
            } else {
                Role::Editor
            };
            world.relay.admit(&id, &member_id, role);
            let seed = world.random_bits();
            let driven = D::open(options(&id, &member_id, codec, None), seed, world.now());
            world.devices.push(Device {
                driven,
                id,
                member: member_id,
                stored: None,
                news: Vec::new(),
                connection: ConnectionId(0),
                socket: None,
                saving: VecDeque::new(),
                seed,
            });
            world.update(index, Client::start);
        }
        world
    }

    /// The time.
    pub fn now(&self) -> Moment {
        Moment {
            monotonic_millis: self.now_millis,
            unix_millis: START_UNIX_MILLIS.saturating_add_unsigned(self.now_millis),
        }
    }

    /// A device's client.
    pub fn client(&self, index: usize) -> &Client {
        self.devices[index].driven.client()
    }

    /// Changes a device's client.
    pub fn update<T>(&mut self, index: usize, change: impl FnOnce(&mut Client, Moment) -> T) -> T {
        let now = self.now();
        self.devices[index].driven.update(now, change)
    }

    /// A device hears something that the relay did not say.
    pub fn inject(&mut self, index: usize, message: &ServerMessage) {
        let mut bytes = Vec::new();
        self.codec.encode_server(message, &mut bytes);
        let connection = self.devices[index].connection;
        self.update(index, |client, now| {
            client.socket_message(connection, &bytes, now);
        });
    }

    /// The next 64 random bits (SplitMix64).
    pub fn random_bits(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A random number below `count`.
    pub fn random_below(&mut self, count: u64) -> u64 {
        self.random_bits() % count.max(1)
    }

    /// The page is loaded again: what the storage holds is all that is left.
    pub fn reload(&mut self, index: usize) {
        let (now, codec) = (self.now(), self.codec);
        let device = &mut self.devices[index];
        device.socket = None;
        device.saving.clear();
        device.news.clear();
        device.seed += 1;
        let options = options(&device.id, &device.member, codec, device.stored.clone());
        device.driven = D::open(options, device.seed, now);
        self.update(index, Client::start);
    }

    /// The connection breaks with everything on its way.
    pub fn cut(&mut self, index: usize) {
        if let Some(socket) = self.devices[index].socket.take() {
            self.update(index, |client, now| client.socket_closed(socket.id, now));
        }
    }

    /// All connections break.
    pub fn cut_all(&mut self) {
        for index in 0..self.devices.len() {
            self.cut(index);
        }
    }

    /// Carries out what the clients ask for and lets some of what is on its way arrive.
    pub fn step(&mut self) {
        self.now_millis += 1 + self.random_below(40);
        for index in 0..self.devices.len() {
            self.carry_out(index);
            if self.random_below(3) > 0 {
                self.save_one(index);
            }
            self.open(index);
            for _ in 0..self.random_below(4) {
                self.relay_reads(index);
            }
            for _ in 0..self.random_below(4) {
                self.device_reads(index);
            }
            let due = self.client(index).next_wake_millis();
            if due.is_some_and(|due| due <= self.now_millis) {
                self.update(index, Client::tick);
            }
            self.carry_out(index);
        }
    }

    /// Runs until nothing is pending anywhere, at most `steps`.
    ///
    /// # Panics
    /// When something still is.
    pub fn settle(&mut self, steps: usize) {
        self.relay_up = true;
        for _ in 0..steps {
            self.step();
            let end = self.relay.last_seq();
            let settled = self.devices.iter().all(|device| {
                let client = device.driven.client();
                client.pending_count() == 0
                    && client.is_synced()
                    && client.last_seq() == end
                    && device
                        .socket
                        .as_ref()
                        .is_some_and(|socket| socket.to_device.is_empty())
            });
            if settled {
                return;
            }
        }
        panic!("the room does not settle within {steps} steps");
    }

    /// Carries out what a client asks for.
    pub fn carry_out(&mut self, index: usize) {
        while let Some(effect) = self.update(index, |client, _| client.take_effect()) {
            let device = &mut self.devices[index];
            match effect {
                Effect::Connect {
                    connection,
                    url,
                    codec,
                } => {
                    assert_eq!(url, "ws://relay.test/v1/ws?room=r");
                    device.connection = connection;
                    device.socket = Some(Socket {
                        id: connection,
                        codec,
                        opened: false,
                        greeted: false,
                        to_relay: VecDeque::new(),
                        to_device: VecDeque::new(),
                    });
                }
                Effect::Disconnect { connection } => {
                    device.socket.take_if(|socket| socket.id == connection);
                }
                Effect::Send {
                    connection,
                    bytes,
                    codec,
                } => {
                    if let Some(socket) = &mut device.socket {
                        assert_eq!(socket.id, connection, "sent on a socket of the past");
                        assert_persisted(codec, &bytes, device.stored.as_deref());
                        socket.to_relay.push_back(bytes);
                    }
                }
                Effect::Persist {
                    revision,
                    stored_json,
                } => device.saving.push_back((revision, stored_json)),
                Effect::Changed => {}
            }
        }
        while let Some(news) = self.update(index, |client, _| client.take_news()) {
            self.devices[index].news.push(news);
        }
    }

    /// Saves until the storage holds what the client has asked to be saved.
    pub fn save_all(&mut self, index: usize) {
        self.carry_out(index);
        while !self.devices[index].saving.is_empty() {
            self.save_one(index);
        }
    }

    fn save_one(&mut self, index: usize) {
        let device = &mut self.devices[index];
        if let Some((revision, stored)) = device.saving.pop_front() {
            device.stored = Some(stored);
            self.update(index, |client, now| client.saved(revision, now));
            self.carry_out(index);
        }
    }

    fn open(&mut self, index: usize) {
        let up = self.relay_up;
        let Some(socket) = &mut self.devices[index].socket else {
            return;
        };
        if !up {
            self.cut(index);
        } else if !socket.opened {
            socket.opened = true;
            let id = socket.id;
            self.update(index, |client, now| client.socket_opened(id, now));
            self.carry_out(index);
        }
    }

    fn relay_reads(&mut self, index: usize) {
        let Some(socket) = &mut self.devices[index].socket else {
            return;
        };
        let Some(bytes) = socket.to_relay.pop_front() else {
            return;
        };
        let Ok(message) = socket.codec.decode_client(&bytes) else {
            panic!("a client sent what nobody can read");
        };
        let device = self.devices[index].id.clone();
        let at = self.now().unix_millis;
        let luck = self.random_bits();
        if let ClientMessage::Hello(hello) = message {
            assert_eq!(hello.token, format!("secret of {device}"));
            for message in self.relay.greet(&device, hello) {
                self.tell(index, &message, false);
            }
            if let Some(socket) = &mut self.devices[index].socket {
                socket.greeted = true;
            }
            return;
        }
        for (to, message) in self.relay.take(&device, message, at, luck) {
            for other in 0..self.devices.len() {
                let Device { id, member, .. } = &self.devices[other];
                let is_meant = match &to {
                    To::Device(to) => to == id,
                    To::Member(to) => to == member,
                    To::MemberAndOwners(to) => to == member || self.relay.is_owner(member),
                    To::All => true,
                };
                if is_meant {
                    let twice = self.random_below(4) == 0;
                    self.tell(other, &message, twice);
                }
            }
        }
    }

    /// Puts a message on its way; events sometimes with a repetition.
    fn tell(&mut self, index: usize, message: &ServerMessage, twice: bool) {
        let Some(socket) = &mut self.devices[index].socket else {
            return;
        };
        let is_greeting = !socket.greeted && socket.opened;
        if !socket.greeted && !is_greeting {
            return;
        }
        let message = match message {
            ServerMessage::Events { events } if twice => ServerMessage::Events {
                events: [events.as_slice(), events.as_slice()].concat(),
            },
            message => message.clone(),
        };
        let mut bytes = Vec::new();
        socket.codec.encode_server(&message, &mut bytes);
        socket.to_device.push_back(bytes);
    }

    fn device_reads(&mut self, index: usize) {
        let Some(socket) = &mut self.devices[index].socket else {
            return;
        };
        let id = socket.id;
        if let Some(bytes) = socket.to_device.pop_front() {
            self.update(index, |client, now| client.socket_message(id, &bytes, now));
            self.carry_out(index);
        }
    }
}

fn options(
    device: &DeviceId,
    member: &MemberId,
    codec: Codec,
    stored_json: Option<String>,
) -> Options {
    let json = format!(
        r#"{{"wsUrl":"ws://relay.test/v1/ws","room":"r","member":"{member}","device":"{device}","secret":"secret of {device}","name":"name of {member}"}}"#
    );
    #[allow(clippy::expect_used, reason = "ids need no escaping")]
    let options = Options::from_json(&json).expect("options");
    Options {
        stored_json,
        codec,
        tells_news: true,
        ..options
    }
}

/// An op goes out only when a reload from here would still know its counter.
fn assert_persisted(codec: Codec, bytes: &[u8], stored: Option<&str>) {
    let counter = match codec.decode_client(bytes) {
        Ok(ClientMessage::Op(op)) => op.op_id.counter,
        Ok(ClientMessage::Direct(op)) => op.op_id.counter,
        _ => return,
    };
    let stored = stored.and_then(|json| serde_json::from_str::<serde_json::Value>(json).ok());
    let next = stored.and_then(|stored| stored["next_counter"].as_u64());
    assert!(
        next.is_some_and(|next| next > counter),
        "an op was sent before its counter was saved"
    );
}

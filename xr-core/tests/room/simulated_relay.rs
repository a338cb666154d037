//! A relay and its network in one thread: connections that deliver late, in order, sometimes twice, and break with
//! what is on its way; restarts; a log that starts a new epoch; storage that takes its time.

use std::collections::{BTreeMap, VecDeque};

use chat_relay_protocol::{
    ClientMessage, DeviceId, ErrorCode, Event, Member, OpId, Presence, Retry, RoomId,
    ServerMessage, Welcome, WireError,
};
use xr_core::{
    random::Random,
    room::{Client, ConnectionId, Effect, Moment, Options},
};

/// The relay's side of one room.
pub(crate) struct Relay {
    pub(crate) log: Vec<Event>,
    pub(crate) epoch: u32,
    last_counters: BTreeMap<DeviceId, u64>,
    /// One in this many ops is refused for the moment; 0 for none.
    pub(crate) refuse_one_in: u64,
    /// Ops that the relay saw, repeats too.
    pub(crate) ops_seen: usize,
}

impl Relay {
    pub(crate) fn new() -> Relay {
        Relay {
            log: Vec::new(),
            epoch: 1,
            last_counters: BTreeMap::new(),
            refuse_one_in: 0,
            ops_seen: 0,
        }
    }

    /// The log is found again under another name, as after a move to another store.
    pub(crate) fn new_epoch(&mut self) {
        self.epoch += 1;
    }
}

/// One device with its socket and its storage.
pub(crate) struct Device {
    pub(crate) client: Client,
    pub(crate) id: DeviceId,
    connection: Option<Socket>,
    /// Saves under way, oldest first.
    saving: VecDeque<(u64, String)>,
    /// What the storage holds.
    pub(crate) stored: Option<String>,
    seed: u64,
}

struct Socket {
    id: ConnectionId,
    opened: bool,
    greeted: bool,
    to_relay: VecDeque<String>,
    to_device: VecDeque<String>,
}

pub(crate) struct World {
    pub(crate) relay: Relay,
    pub(crate) devices: Vec<Device>,
    pub(crate) now_millis: u64,
    pub(crate) random: Random,
    /// While it is down nobody connects.
    pub(crate) relay_up: bool,
}

const START_UNIX_MILLIS: i64 = 1_790_000_000_000;

impl World {
    pub(crate) fn new(device_count: usize, seed: u64) -> World {
        let mut world = World {
            relay: Relay::new(),
            devices: Vec::new(),
            now_millis: 0,
            random: Random::new(seed),
            relay_up: true,
        };
        for index in 0..device_count {
            let id = DeviceId::new(format!("d{index}")).unwrap();
            let client_seed = world.random.bits();
            let client = Client::new(options(&id, None), client_seed, world.now());
            world.devices.push(Device {
                client,
                id,
                connection: None,
                saving: VecDeque::new(),
                stored: None,
                seed: client_seed,
            });
            let now = world.now();
            world.devices[index].client.start(now);
        }
        world
    }

    pub(crate) fn now(&self) -> Moment {
        Moment {
            monotonic_millis: self.now_millis,
            unix_millis: START_UNIX_MILLIS + i64::try_from(self.now_millis).unwrap(),
        }
    }

    /// The page is loaded again: what the storage holds is all that is left.
    pub(crate) fn reload(&mut self, index: usize) {
        let now = self.now();
        let device = &mut self.devices[index];
        device.connection = None;
        device.saving.clear();
        device.seed += 1;
        let options = options(&device.id, device.stored.clone());
        device.client = Client::new(options, device.seed, now);
        device.client.start(now);
    }

    /// The connection breaks with everything on its way.
    pub(crate) fn cut(&mut self, index: usize) {
        let now = self.now();
        let device = &mut self.devices[index];
        if let Some(socket) = device.connection.take() {
            device.client.socket_closed(socket.id, now);
        }
    }

    pub(crate) fn cut_all(&mut self) {
        for index in 0..self.devices.len() {
            self.cut(index);
        }
    }

    /// Carries out what the clients ask for and lets some of what is on its way arrive.
    pub(crate) fn step(&mut self) {
        self.now_millis += 1 + self.random.below(40);
        for index in 0..self.devices.len() {
            self.carry_out(index);
            if self.random.below(3) > 0 {
                self.save_one(index);
            }
            self.open(index);
            for _ in 0..self.random.below(4) {
                self.relay_reads(index);
            }
            for _ in 0..self.random.below(4) {
                self.device_reads(index);
            }
            let now = self.now();
            let device = &mut self.devices[index];
            if device
                .client
                .next_wake_millis()
                .is_some_and(|due| due <= now.monotonic_millis)
            {
                device.client.tick(now);
            }
            self.carry_out(index);
        }
    }

    /// Runs until nothing is pending anywhere, at most `steps`.
    pub(crate) fn settle(&mut self, steps: usize) {
        self.relay_up = true;
        for _ in 0..steps {
            self.step();
            let end = self.relay.log.len();
            if self.devices.iter().all(|device| {
                device.client.pending_count() == 0
                    && device.client.is_synced()
                    && device.client.events().len() == end
            }) {
                return;
            }
        }
        panic!("the room does not settle within {steps} steps");
    }

    fn carry_out(&mut self, index: usize) {
        let device = &mut self.devices[index];
        while let Some(effect) = device.client.take_effect() {
            match effect {
                Effect::Connect { connection, url } => {
                    assert_eq!(url, "ws://relay.test/v1/ws?room=r");
                    device.connection = Some(Socket {
                        id: connection,
                        opened: false,
                        greeted: false,
                        to_relay: VecDeque::new(),
                        to_device: VecDeque::new(),
                    });
                }
                Effect::Disconnect { connection } => {
                    device.connection.take_if(|socket| socket.id == connection);
                }
                Effect::Send { connection, text } => {
                    if let Some(socket) = &mut device.connection {
                        assert_eq!(socket.id, connection, "sent on a socket of the past");
                        assert_persisted(&text, device.stored.as_deref());
                        socket.to_relay.push_back(text);
                    }
                }
                Effect::Persist {
                    revision,
                    stored_json,
                } => device.saving.push_back((revision, stored_json)),
                _ => {}
            }
        }
    }

    fn save_one(&mut self, index: usize) {
        let now = self.now();
        let device = &mut self.devices[index];
        if let Some((revision, stored)) = device.saving.pop_front() {
            device.stored = Some(stored);
            device.client.saved(revision, now);
            self.carry_out(index);
        }
    }

    fn open(&mut self, index: usize) {
        let (now, up) = (self.now(), self.relay_up);
        let device = &mut self.devices[index];
        let Some(socket) = &mut device.connection else {
            return;
        };
        if up && !socket.opened {
            socket.opened = true;
            let id = socket.id;
            device.client.socket_opened(id, now);
            self.carry_out(index);
        } else if !up {
            self.cut(index);
        }
    }

    fn relay_reads(&mut self, index: usize) {
        let Some(socket) = &mut self.devices[index].connection else {
            return;
        };
        let Some(text) = socket.to_relay.pop_front() else {
            return;
        };
        let from = self.devices[index].id.clone();
        match ClientMessage::from_json(&text).unwrap() {
            ClientMessage::Hello(hello) => {
                assert_eq!(hello.token, format!("token of {from}"));
                self.greet(index, hello.resume.map(|at| (at.epoch, at.seq)));
            }
            ClientMessage::Op(op) => self.append(index, op.op_id, op.body),
            ClientMessage::Ping { nonce } => self.tell(index, &ServerMessage::Pong { nonce }),
            ClientMessage::Presence(_) => {}
        }
    }

    fn greet(&mut self, index: usize, resume: Option<(String, u64)>) {
        let epoch = format!("e{}", self.relay.epoch);
        let end = self.relay.log.len();
        let start = resume
            .filter(|(its_epoch, seq)| *its_epoch == epoch && *seq <= end as u64)
            .map(|(_, seq)| usize::try_from(seq).unwrap());
        let members: Vec<Member> = self.devices.iter().map(|d| member(&d.id)).collect();
        let welcome = Welcome {
            room: RoomId::new("r").unwrap(),
            code: "ABC234".into(),
            epoch,
            seq: end as u64,
            from_start: start.is_none(),
            you: member(&self.devices[index].id),
            members,
            past_members: Vec::new(),
            heartbeat_secs: 30,
        };
        self.tell(index, &ServerMessage::Welcome(welcome));
        let missed = self.relay.log[start.unwrap_or(0)..].to_vec();
        for part in missed.chunks(7) {
            let events = part.to_vec();
            self.tell(index, &ServerMessage::Events { events });
        }
        if let Some(socket) = &mut self.devices[index].connection {
            socket.greeted = true;
        }
    }

    fn append(&mut self, index: usize, op_id: OpId, body: chat_relay_protocol::Body) {
        self.relay.ops_seen += 1;
        assert_eq!(op_id.device, self.devices[index].id);
        assert_eq!(body.check(), Ok(()));
        let refuse = self.relay.refuse_one_in;
        if refuse > 0 && self.random.below(refuse) == 0 {
            let error = WireError {
                code: ErrorCode::RateLimited,
                message: "slower, please".into(),
                retry: Retry::Later { after_millis: 60 },
                op_id: Some(op_id),
            };
            self.tell(index, &ServerMessage::Error(error));
            return;
        }
        let last = self
            .relay
            .last_counters
            .entry(op_id.device.clone())
            .or_insert(0);
        if op_id.counter <= *last {
            let held = self.relay.log.iter().find(|event| event.op_id == op_id);
            let seq = held.expect("a counter came that was passed over").seq;
            self.tell(index, &ServerMessage::Ack { op_id, seq });
            return;
        }
        *last = op_id.counter;
        let event = Event {
            seq: self.relay.log.len() as u64 + 1,
            at: self.now().unix_millis,
            from: op_id.device.clone(),
            op_id,
            body,
        };
        self.relay.log.push(event.clone());
        for to in 0..self.devices.len() {
            let greeted = self.devices[to]
                .connection
                .as_ref()
                .is_some_and(|socket| socket.greeted);
            if greeted {
                let mut events = vec![event.clone()];
                if self.random.below(4) == 0 {
                    events.extend_from_within(..);
                }
                self.tell(to, &ServerMessage::Events { events });
            }
        }
    }

    fn tell(&mut self, index: usize, message: &ServerMessage) {
        if let Some(socket) = &mut self.devices[index].connection {
            socket.to_device.push_back(message.to_json());
        }
    }

    fn device_reads(&mut self, index: usize) {
        let now = self.now();
        let device = &mut self.devices[index];
        let Some(socket) = &mut device.connection else {
            return;
        };
        let id = socket.id;
        if let Some(text) = socket.to_device.pop_front() {
            device.client.socket_message(id, &text, now);
            self.carry_out(index);
        }
    }
}

fn member(id: &DeviceId) -> Member {
    Member {
        device: id.clone(),
        name: format!("name of {id}"),
        hue: 3,
        presence: Presence::default(),
    }
}

fn options(device: &DeviceId, stored_json: Option<String>) -> Options {
    let json = serde_json::json!({
        "wsUrl": "ws://relay.test/v1/ws",
        "room": "r",
        "device": device.as_str(),
        "token": format!("token of {device}"),
        "name": format!("name of {device}"),
        "storedJson": stored_json,
    });
    Options::from_json(&json.to_string()).unwrap()
}

/// An op goes out only when a reload from here would still know its counter.
fn assert_persisted(text: &str, stored: Option<&str>) {
    let Ok(ClientMessage::Op(op)) = ClientMessage::from_json(text) else {
        return;
    };
    let stored: serde_json::Value =
        serde_json::from_str(stored.expect("an op was sent before anything was saved")).unwrap();
    let next = stored["nextCounter"].as_u64().unwrap();
    assert!(next > op.op_id.counter, "sent before its counter was saved");
}

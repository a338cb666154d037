//! `kill -9` at random moments under load: nothing that was acknowledged is lost or doubled, and everybody's log goes
//! on as the server's.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it unwraps"
)]
#![allow(
    clippy::print_stdout,
    reason = "a failing test shows in which round it was"
)]

mod client;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use chat_relay_protocol::{
    AnnotationId, AnnotationState, Body, ClientMessage, Codec, DirectOp, ErrorCode, Event,
    MemberId, Scene, SceneOp, ServerMessage, Value,
};
use client::{Device, PATIENCE, encoded, program::run};
use futures_util::SinkExt;
use tokio::{sync::watch, time::timeout};

const ROOMS: usize = 3;
/// Ops that a writer has under way.
const UNDER_WAY: usize = 16;
/// Limits out of the way, and snapshots often enough that some are due in the middle of it.
const ARGUMENTS: [&str; 10] = [
    "--set",
    "limits.connection_messages_burst=1000000",
    "--set",
    "limits.room_messages_burst=1000000",
    "--set",
    "limits.join_burst=1000000",
    "--set",
    "limits.snapshot_every_events=150",
    "--set",
    "limits.replay_events=1000",
];

/// Numbers that are the same in each run of a seed (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// A device that keeps what it sent until it hears what became of it.
struct Writer {
    device: Device,
    random: Random,
    /// The other members of its room.
    others: Vec<MemberId>,
    pending: BTreeMap<u64, ClientMessage>,
    /// Where the relay said that an op stands which was sent again.
    acked: BTreeMap<u64, u64>,
    refused: BTreeSet<u64>,
    /// Annotations that it has put.
    put: Vec<AnnotationId>,
}

impl Writer {
    fn make(&mut self) -> ClientMessage {
        let n = self.device.counter + 1;
        let old = |random: &mut Random, put: &[AnnotationId]| {
            let back = random.below(6).min(put.len() as u64);
            let index = put.len() - usize::try_from(back).unwrap();
            put.get(index).or(put.last()).cloned()
        };
        let scene = |op| Body::Scene { op };
        let id = old(&mut self.random, &self.put);
        let body = match (self.random.below(100), id) {
            (0..15, _) => {
                let to = self.random.below(self.others.len() as u64);
                let op_id = self.device.op(Body::Unknown).op_id;
                return ClientMessage::Direct(DirectOp {
                    op_id,
                    to: self.others[usize::try_from(to).unwrap()].clone(),
                    text: format!("direct {n}"),
                });
            }
            (15..30, _) => {
                let id = AnnotationId::new(format!("{}-{n}", self.device.id())).unwrap();
                self.put.push(id.clone());
                scene(SceneOp::Put {
                    id,
                    fields: [("kind".to_owned(), "stroke".into())].into(),
                })
            }
            (30..42, Some(id)) => scene(SceneOp::Patch {
                id,
                fields: [("label".to_owned(), Value::Text(format!("{n}")))].into(),
                only_if_seq: [].into(),
            }),
            (42..50, Some(id)) => scene(SceneOp::Append {
                id,
                field: "points".into(),
                values: vec![Value::Integer(i64::try_from(n).unwrap())],
            }),
            (50..54, Some(id)) => scene(SceneOp::Delete { id }),
            _ => Body::chat(format!("chat {n} of {}", self.device.id())),
        };
        ClientMessage::Op(self.device.op(body))
    }

    /// Writes until the relay goes away. `seen` is called with how many events came.
    async fn write(&mut self, seen: impl Fn(usize)) {
        loop {
            while self.pending.len() < UNDER_WAY {
                let message = self.make();
                self.pending.insert(self.device.counter, message.clone());
                let message = encoded(self.device.socket.codec, &message);
                if self.device.socket.stream.send(message).await.is_err() {
                    // What it was told before is read all the same.
                    while let Ok(message) = self.device.socket.next_or_close().await {
                        self.take(message);
                    }
                    return;
                }
            }
            match self.device.socket.next_or_close().await {
                Ok(message) => seen(self.take(message)),
                Err(_) => return,
            }
        }
    }

    /// Takes a message in; tells how many events it brought.
    fn take(&mut self, message: ServerMessage) -> usize {
        match message {
            ServerMessage::Events { events } => {
                let own = |event: &&Event| event.op_id.device == *self.device.id();
                let counters: Vec<u64> = events
                    .iter()
                    .filter(own)
                    .map(|event| event.op_id.counter)
                    .collect();
                for counter in counters {
                    self.pending.remove(&counter);
                }
                let count = events.len();
                self.device.note(events);
                return count;
            }
            ServerMessage::Inbox { entries } => {
                for entry in &entries {
                    if entry.op_id.device == *self.device.id() {
                        self.pending.remove(&entry.op_id.counter);
                    }
                }
                self.device.note_inbox(entries);
            }
            ServerMessage::Ack { op_id, seq } => {
                self.pending.remove(&op_id.counter);
                self.acked.insert(op_id.counter, seq);
            }
            ServerMessage::Error(error) => {
                // A patch of what was deleted meanwhile, also of one whose refusal was lost with the relay.
                let known = [
                    ErrorCode::Gone,
                    ErrorCode::InvalidOp,
                    ErrorCode::LimitReached,
                ];
                assert!(known.contains(&error.code), "{error:?}");
                let counter = error.op_id.unwrap().counter;
                assert!(self.pending.remove(&counter).is_some());
                self.refused.insert(counter);
            }
            _ => {}
        }
        0
    }

    /// Connects again and sends what is pending, the oldest first, until it knows what became of all of it.
    async fn return_to(self, address: SocketAddr) -> Writer {
        let mut writer = Writer {
            device: self.device.reconnect(address).await,
            ..self
        };
        let welcome = &writer.device.welcome;
        assert!(!welcome.from_start && !welcome.snapshot);
        let (seq, inbox) = (welcome.seq, welcome.inbox);
        // Some wait for what they missed, some do not.
        if writer.random.below(2) == 0 {
            writer.catch_up(seq, inbox).await;
        }
        let again: Vec<ClientMessage> = writer.pending.values().cloned().collect();
        for message in &again {
            writer.device.socket.send(message).await;
        }
        while !writer.pending.is_empty() {
            let message = writer.device.socket.next().await;
            writer.take(message);
        }
        writer.catch_up(seq, inbox).await;
        writer
    }

    /// Reads until it has the events and the direct messages up to these.
    async fn catch_up(&mut self, seq: u64, inbox: u64) {
        let lacks = |device: &Device| {
            device.log.last().map_or(0, |event| event.seq) < seq
                || device.inbox.last().map_or(0, |entry| entry.seq) < inbox
        };
        while lacks(&self.device) {
            let message = self.device.socket.next().await;
            self.take(message);
        }
    }
}

/// A room with those who write in it, and one who compares.
struct Room {
    code: String,
    auditor: Device,
    writers: Vec<Writer>,
    /// So many events have been compared.
    compared: usize,
    /// The ops of each writer that have a place, in the log or in an inbox.
    placed: Vec<BTreeSet<u64>>,
    /// So many entries of each writer's inbox have been looked at.
    inboxes: Vec<usize>,
}

impl Room {
    async fn make(address: SocketAddr, random: &mut Random) -> Self {
        let auditor = Device::create(address, "Auditor").await;
        let code = auditor.joined.code.clone();
        let mut writers = Vec::new();
        for codec in [Codec::Json, Codec::MsgPack, Codec::Protobuf] {
            writers.push(Writer {
                device: Device::join_as(codec, address, &code, codec.subprotocol()).await,
                random: Random(random.next()),
                others: Vec::new(),
                pending: BTreeMap::new(),
                acked: BTreeMap::new(),
                refused: BTreeSet::new(),
                put: Vec::new(),
            });
        }
        let members: Vec<_> = writers
            .iter()
            .map(|writer| writer.device.member())
            .collect();
        for writer in &mut writers {
            let others = members.iter().filter(|id| **id != writer.device.member());
            writer.others = others.cloned().collect();
        }
        Self {
            code,
            auditor,
            compared: 0,
            placed: vec![BTreeSet::new(); writers.len()],
            inboxes: vec![0; writers.len()],
            writers,
        }
    }

    /// After a kill: what anybody was told is there, and everybody goes on with the same log.
    async fn audit(mut self, address: SocketAddr) -> Self {
        self.auditor = self.auditor.reconnect(address).await;
        let last = self.auditor.welcome.seq;
        self.auditor.until_seq(last).await;
        for writer in &self.writers {
            let told = &writer.device.log;
            assert!(told.len() <= self.auditor.log.len(), "told and lost");
            assert_eq!(
                told[self.compared..],
                self.auditor.log[self.compared..told.len()]
            );
        }
        let mut writers = Vec::new();
        for writer in self.writers {
            writers.push(writer.return_to(address).await);
        }
        self.writers = writers;
        // All that was sent is told by now, so that the longest log is the whole one.
        let logs = self.writers.iter().map(|writer| writer.device.log.len());
        let last = logs.max().unwrap_or(0);
        self.auditor.until_seq(last as u64).await;
        for writer in &mut self.writers {
            writer.catch_up(last as u64, 0).await;
            assert_eq!(
                writer.device.log[self.compared..],
                self.auditor.log[self.compared..]
            );
        }
        self.account();
        self
    }

    /// Each op that was ever sent has one place, in the order of its device, or was refused.
    fn account(&mut self) {
        for event in &self.auditor.log[self.compared..] {
            let writer = self
                .writers
                .iter()
                .position(|writer| *writer.device.id() == event.op_id.device);
            let placed = &mut self.placed[writer.unwrap()];
            assert!(placed.insert(event.op_id.counter), "twice: {event:?}");
        }
        let log = &self.auditor.log;
        for (index, writer) in self.writers.iter().enumerate() {
            let id = writer.device.id();
            let own = log[self.compared..]
                .iter()
                .filter(|event| event.op_id.device == *id);
            let counters: Vec<u64> = own.map(|event| event.op_id.counter).collect();
            assert!(counters.is_sorted(), "{counters:?}");
            for entry in &writer.device.inbox[self.inboxes[index]..] {
                if entry.op_id.device == *id {
                    let is_new = self.placed[index].insert(entry.op_id.counter);
                    assert!(is_new, "twice: {entry:?}");
                }
            }
            let placed = &self.placed[index];
            assert!(placed.is_disjoint(&writer.refused));
            let all: BTreeSet<u64> = placed.union(&writer.refused).copied().collect();
            assert!(all.into_iter().eq(1..=writer.device.counter));
            for (counter, seq) in &writer.acked {
                let Some(index) = seq.checked_sub(1) else {
                    continue;
                };
                let event = &log[usize::try_from(index).unwrap()];
                assert_eq!((&event.op_id.device, event.op_id.counter), (id, *counter));
            }
        }
        for (writer, looked_at) in self.writers.iter().zip(&mut self.inboxes) {
            *looked_at = writer.device.inbox.len();
        }
        self.compared = log.len();
    }

    /// At the end: the relay's own scene is what the log makes of it, and inboxes are alike on both sides.
    async fn compare_state(&mut self, address: SocketAddr) {
        let mut folded = Scene::default();
        self.auditor
            .log
            .iter()
            .for_each(|event| folded.apply(event));
        let mut newcomer = Device::join(address, &self.code, "Newcomer").await;
        assert!(newcomer.welcome.snapshot, "the log is long enough for one");
        let mut scene = Scene::default();
        loop {
            let part = newcomer
                .until(|message| match message {
                    ServerMessage::Snapshot(part) => Some(part),
                    _ => None,
                })
                .await;
            assert_eq!(part.seq, self.auditor.log.len() as u64);
            part.annotations
                .into_iter()
                .for_each(|state| scene.restore(state));
            if part.last {
                break;
            }
        }
        assert_eq!(states(&scene), states(&folded));

        for writer in &mut self.writers {
            let mut fresh = writer.device.link(address).await;
            let last = fresh.welcome.inbox;
            while (fresh.inbox.len() as u64) < last {
                if let ServerMessage::Inbox { entries } = fresh.socket.next().await {
                    fresh.note_inbox(entries);
                }
            }
            // The others sent the last of it after this one had come back.
            writer.catch_up(0, last).await;
            assert!(fresh.inbox == writer.device.inbox, "inboxes differ");
        }
        for entry in self.writers.iter().flat_map(|writer| &writer.device.inbox) {
            let both = self.writers.iter().filter(|other| {
                let member = other.device.member();
                member == entry.from || member == entry.to
            });
            for reader in both {
                let entries = reader.device.inbox.iter();
                let count = entries.filter(|other| other.op_id == entry.op_id).count();
                assert_eq!(count, 1, "{entry:?}");
            }
        }
    }
}

fn states(scene: &Scene) -> Vec<AnnotationState> {
    let ids = scene.annotations().map(|(id, _)| id);
    ids.filter_map(|id| scene.state(id)).collect()
}

async fn rounds(rounds: usize, seed: u64) {
    let mut random = Random(seed);
    let data = tempfile::tempdir().unwrap();
    let (mut child, mut address) = run(data.path(), &ARGUMENTS).await;
    let mut rooms = Vec::new();
    for _ in 0..ROOMS {
        rooms.push(Room::make(address, &mut random).await);
    }
    for round in 1..=rounds {
        // In the middle of the load, each time at another point of it and of a commit.
        let enough = usize::try_from(30 + random.below(600)).unwrap();
        let more = Duration::from_micros(random.below(4000));
        let came = Arc::new(AtomicUsize::new(0));
        let (reached, mut at) = watch::channel(0);
        let mut tasks = Vec::new();
        for room in &mut rooms {
            for mut writer in std::mem::take(&mut room.writers) {
                let (came, reached) = (Arc::clone(&came), reached.clone());
                tasks.push(tokio::spawn(async move {
                    let seen = |count| {
                        let before = came.fetch_add(count, Ordering::Relaxed);
                        reached.send_replace(before + count);
                    };
                    writer.write(seen).await;
                    writer
                }));
            }
        }
        timeout(PATIENCE, at.wait_for(|count| *count >= enough))
            .await
            .unwrap()
            .unwrap();
        tokio::time::sleep(more).await;
        child.start_kill().unwrap();
        child.wait().await.unwrap();
        let mut writers = Vec::new();
        for task in tasks {
            writers.push(task.await.unwrap());
        }
        for room in rooms.iter_mut().rev() {
            room.writers = writers.split_off(writers.len() - 3);
        }
        println!("round {round} of seed {seed}: killed {more:?} after {enough} events");
        (child, address) = run(data.path(), &ARGUMENTS).await;
        let mut audited = Vec::new();
        for room in rooms {
            audited.push(room.audit(address).await);
        }
        rooms = audited;
    }
    for room in &mut rooms {
        room.compare_state(address).await;
    }
    child.kill().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_or_doubled_in_20_kills() {
    rounds(20, 5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: some minutes"]
async fn nothing_acknowledged_is_lost_or_doubled_in_200_kills() {
    rounds(200, 55).await;
}

//! What an append costs. Not part of the test command:
//! `cargo test --release -p chat-relay --lib -- --ignored --nocapture what_an_append_costs`, with `JOURNAL_ENTRIES` for
//! another size of the journal.

use std::{
    fs,
    sync::{Arc, Mutex, mpsc},
    time::{Duration, Instant},
};

use chat_relay_protocol::{Body, DeviceId, MemberId, Role, RoomId};

use super::{SqliteConfig, SqliteHistory};
use crate::history::{
    DeviceKey, GroupReport, History, Lease, MemberKey, NewDevice, NewEntry, NewMember, NewRoom,
    RoomAppend, RoomKey,
};

const ROOMS: u64 = 1000;
const DEVICES_PER_ROOM: usize = 10;

struct Room {
    key: RoomKey,
    lease: Lease,
    last_seq: u64,
    member: MemberKey,
    devices: Vec<DeviceKey>,
}

async fn rooms(history: &SqliteHistory) -> Vec<Room> {
    let mut rooms = Vec::new();
    for number in 0..ROOMS {
        let device = |of_room: usize| {
            let mut secret = [0; 32];
            secret[..8].copy_from_slice(&number.to_le_bytes());
            secret[8] = u8::try_from(of_room).unwrap();
            NewDevice {
                id: DeviceId::new(format!("d{number}-{of_room}")).unwrap(),
                secret,
                created_at: 0,
            }
        };
        let made = history.create_room(NewRoom {
            id: RoomId::new(format!("r{number}")).unwrap(),
            code: format!("C{number}"),
            epoch: "e".into(),
            created_at: 0,
            owner: NewMember {
                id: MemberId::new("m1").unwrap(),
                name: "Ada".into(),
                hue: 0,
                role: Role::Owner,
                created_at: 0,
                device: device(0),
            },
        });
        let made = made.await.unwrap();
        let mut devices = vec![made.device.key];
        for of_room in 1..DEVICES_PER_ROOM {
            devices.push(
                history
                    .add_device(made.member.key, device(of_room))
                    .await
                    .unwrap()
                    .key,
            );
        }
        let lease = history.load_room(made.room.key).await.unwrap().lease;
        rooms.push(Room {
            key: made.room.key,
            lease,
            last_seq: 0,
            member: made.member.key,
            devices,
        });
    }
    rooms
}

/// How much is written, and how fast.
#[derive(Debug, Clone, Copy)]
struct Load {
    name: &'static str,
    rounds: u32,
    /// An event each.
    rooms_per_round: usize,
    pace: Duration,
}

const LOADS: [Load; 3] = [
    Load {
        name: "to fill",
        rounds: 200,
        rooms_per_round: 1000,
        pace: Duration::ZERO,
    },
    Load {
        name: "saturated, 1000 a commit",
        rounds: 400,
        rooms_per_round: 1000,
        pace: Duration::ZERO,
    },
    Load {
        name: "1000 a second",
        rounds: 4000,
        rooms_per_round: 5,
        pace: Duration::from_millis(5),
    },
];

/// One event in each of so many rooms; waits until all are durable.
fn round(
    history: &SqliteHistory,
    rooms: &mut [Room],
    number: usize,
    load: &Load,
    body: &str,
) -> Duration {
    let started = Instant::now();
    let (done, all_done) = mpsc::channel();
    let stride = [7, 11, 13, 17, 19, 23, 29, 31][number % 8];
    for index in 0..load.rooms_per_round {
        let room = (number * load.rooms_per_round + index) * stride % rooms.len();
        let room = &mut rooms[room];
        room.last_seq += 1;
        let done = done.clone();
        history.append(RoomAppend {
            room: room.key,
            lease: room.lease,
            first_seq: room.last_seq,
            entries: vec![NewEntry {
                seq: room.last_seq,
                at: 1_700_000_000_000,
                member: room.member,
                device: room.devices[number % room.devices.len()],
                counter: room.last_seq,
                body_json: body.into(),
            }],
            changes: Vec::new(),
            done: Box::new(move |result| {
                result.unwrap();
                drop(done);
            }),
        });
    }
    drop(done);
    let _: Result<(), _> = all_done.recv();
    started.elapsed()
}

/// Time on a processor of all threads of this process, by the kernel.
fn cpu() -> Duration {
    let threads = fs::read_dir("/proc/self/task").unwrap();
    let nanos = threads.map(|thread| {
        let text = fs::read_to_string(thread.unwrap().path().join("schedstat")).unwrap_or_default();
        text.split(' ')
            .next()
            .and_then(|nanos| nanos.parse().ok())
            .unwrap_or(0)
    });
    Duration::from_nanos(nanos.sum())
}

/// Without files: the program and the index of the write-ahead log.
fn resident_kib() -> u64 {
    let text = fs::read_to_string("/proc/self/statm").unwrap();
    let pages: Vec<u64> = text
        .split(' ')
        .map_while(|pages| pages.parse().ok())
        .collect();
    (pages[1] - pages[2]) * 4
}

#[tokio::test]
#[ignore = "long: a measurement"]
async fn what_an_append_costs() {
    let body = serde_json::to_string(&Body::chat("x".repeat(128))).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let groups = Arc::new(Mutex::new(Vec::<GroupReport>::new()));
    let log = Arc::clone(&groups);
    let before_kib = resident_kib();
    let on_group = Box::new(move |report: &GroupReport| log.lock().unwrap().push(*report));
    let mut config = SqliteConfig::default();
    if let Ok(entries) = std::env::var("JOURNAL_ENTRIES") {
        config.journal_entries = entries.parse().unwrap();
    }
    let history = SqliteHistory::open(folder.path(), &config, on_group).unwrap();
    let mut rooms = rooms(&history).await;
    for load in &LOADS {
        groups.lock().unwrap().clear();
        let (cpu_before, started) = (cpu(), Instant::now());
        let mut rounds: Vec<_> = (0..load.rounds)
            .map(|number| {
                std::thread::sleep((load.pace * number).saturating_sub(started.elapsed()));
                round(&history, &mut rooms, number as usize, load, &body)
            })
            .collect();
        let (spent, wall) = (cpu() - cpu_before, started.elapsed());
        let groups = std::mem::take(&mut *groups.lock().unwrap());
        let mut commits: Vec<_> = groups.iter().map(|group| group.duration).collect();
        commits.sort_unstable();
        rounds.sort_unstable();
        let events = load.rounds as usize * load.rooms_per_round;
        let part = |sorted: &[Duration], percent: usize| {
            sorted[(sorted.len() - 1) * percent / 100].as_secs_f64() * 1e3
        };
        println!(
            "{}: {:.2} us CPU an event, {:.0} events/s, {} groups; commit ms p50 {:.2} p99 {:.2} max {:.2}; \
             round ms p50 {:.2} p99 {:.2} max {:.2}; +{} KiB resident, log {} KiB, database {} KiB",
            load.name,
            spent.as_secs_f64() * 1e6 / events as f64,
            events as f64 / wall.as_secs_f64(),
            groups.len(),
            part(&commits, 50),
            part(&commits, 99),
            part(&commits, 100),
            part(&rounds, 50),
            part(&rounds, 99),
            part(&rounds, 100),
            resident_kib() - before_kib,
            fs::metadata(folder.path().join("relay.sqlite-wal"))
                .unwrap()
                .len()
                / 1024,
            fs::metadata(folder.path().join("relay.sqlite"))
                .unwrap()
                .len()
                / 1024,
        );
    }
    history.close().await.unwrap();
}

//! Devices in rooms: joining, talking, resuming, presence.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it unwraps"
)]

mod client;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chat_relay::{
    Relay,
    clock::Clock,
    history::{
        FoundRoom, History, MemoryConfig, MemoryHistory, Retention, SqliteConfig, SqliteHistory,
    },
    metrics::Metrics,
};
use chat_relay_protocol::{
    Body, ClientMessage, ErrorCode, Presence, Resume, ServerMessage, SnapshotPart, ViewMode,
    rest::{Info, Joined},
};
use client::{
    Device, PATIENCE, Socket, config, create_room, get, hello, join_room, post, start, start_with,
};
use tokio::time::timeout;

#[tokio::test]
async fn two_devices_share_a_room_by_its_code() {
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let address = relay.http_address();

    let mut ada = Device::create(address, "Ada").await;
    assert_eq!(ada.welcome.code, ada.joined.code);
    assert!(ada.welcome.from_start);
    assert_eq!(ada.welcome.you.hue, 0);
    let typed = format!(
        "{} {}",
        &ada.joined.code[..3].to_lowercase(),
        &ada.joined.code[3..]
    );
    let mut ben = Device::join(address, &typed, "Ben").await;
    assert_eq!(ben.welcome.you.hue, 1);
    let names = |device: &Device| -> Vec<String> {
        device
            .welcome
            .members
            .iter()
            .map(|m| m.name.clone())
            .collect()
    };
    assert_eq!(names(&ben).len(), 2);
    let came = ada
        .until(|message| match message {
            ServerMessage::Joined { member } => Some(member),
            _ => None,
        })
        .await;
    assert_eq!((came.name.as_str(), came.hue), ("Ben", 1));

    let op = ada.chat("hello \"Ben\"").await;
    ben.until_seq(1).await;
    ada.until_seq(1).await;
    assert_eq!(ben.texts(), ["hello \"Ben\""]);
    assert_eq!(ben.log, ada.log);
    assert_eq!(ben.log[0].op_id, op.op_id);
    assert_eq!(ben.log[0].from, ada.member());

    let gone = ben.id().clone();
    drop(ben);
    let left = ada
        .until(|message| match message {
            ServerMessage::Left { device } => Some(device),
            _ => None,
        })
        .await;
    assert_eq!(left, gone);
    relay.shutdown().await;
}

#[tokio::test]
async fn a_resumed_device_gets_exactly_what_it_missed() {
    let data = tempfile::tempdir().unwrap();
    // Small pieces, so that the replay takes several.
    let relay = start_with(data.path(), |config| config.limits.replay_chunk_bytes = 300).await;
    let address = relay.http_address();
    let mut ada = Device::create(address, "Ada").await;
    let mut ben = Device::join(address, &ada.joined.code.clone(), "Ben").await;
    ada.chat("before").await;
    ben.until_seq(1).await;
    let (joined, resume, log) = (ben.joined.clone(), ben.resume(), ben.log.clone());
    drop(ben);
    for n in 0..20 {
        ada.chat(&format!("missed {n}")).await;
    }
    ada.until_seq(21).await;

    let mut ben = Device::connect(address, joined, Some(resume), log, 0).await;
    assert!(!ben.welcome.from_start);
    assert_eq!(ben.welcome.seq, 21);
    ben.until_seq(21).await;
    assert_eq!(ben.log, ada.log);
    relay.shutdown().await;
}

#[tokio::test]
async fn who_lacks_events_that_were_dropped_meanwhile_gets_a_snapshot_and_what_follows() {
    const DROPPED: u64 = 12;
    let data = tempfile::tempdir().unwrap();
    // What stands in the journal is not dropped yet.
    let sqlite = SqliteConfig {
        journal_entries: 2,
        ..SqliteConfig::default()
    };
    let history: Arc<dyn History> =
        Arc::new(SqliteHistory::open(data.path(), &sqlite, Box::new(|_| {})).unwrap());
    let mut config = config(data.path());
    config.limits.snapshot_every_events = DROPPED;
    let relay = Relay::start_with(
        config,
        Arc::clone(&history),
        Clock::system(),
        Metrics::new(),
    )
    .await
    .unwrap();
    let address = relay.http_address();
    let mut ada = Device::create(address, "Ada").await;
    let mut ben = Device::join(address, &ada.joined.code.clone(), "Ben").await;
    ben.say(Body::chat("1")).await;
    let (joined, resume, log) = (ben.joined.clone(), ben.resume(), ben.log.clone());
    drop(ben);
    for n in 2..=DROPPED + 3 {
        ada.say(Body::chat(n.to_string())).await;
    }
    // The relay does not know of it: the room is loaded.
    let FoundRoom::Live(room) = history.room_by_id(joined.room.clone()).await.unwrap() else {
        panic!("no room");
    };
    let dropped = async {
        // The snapshot is stored some time after its last event was told.
        while history.prune(room.key, DROPPED + 1).await.unwrap() < DROPPED {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, dropped).await.unwrap();

    let mut ben = Device::connect(address, joined.clone(), Some(resume.clone()), log, 1).await;
    let (error, close) = ben.socket.ending().await;
    assert_eq!(error.code, ErrorCode::Lagged);
    assert_eq!(close.reason.as_str(), "lagged");

    let mut ben = Device::connect(address, joined, Some(resume), ada.log.clone(), 1).await;
    assert!(ben.welcome.snapshot);
    let mut snapshot = SnapshotPart::default();
    while !snapshot.last {
        snapshot = ben
            .until(|message| match message {
                ServerMessage::Snapshot(part) => Some(part),
                _ => None,
            })
            .await;
    }
    assert_eq!(snapshot.seq, DROPPED + 3);
    let texts: Vec<_> = snapshot
        .messages
        .iter()
        .map(|message| &message.text)
        .collect();
    let all: Vec<_> = (1..=DROPPED + 3).map(|n| n.to_string()).collect();
    assert_eq!(texts, all.iter().collect::<Vec<_>>());
    // Ops of before are still known, and new ones follow.
    ben.counter = 0;
    let repeated = ben.op(Body::chat("1"));
    ben.socket.send(&ClientMessage::Op(repeated.clone())).await;
    let acked = ben
        .until(|message| match message {
            ServerMessage::Ack { op_id, seq } => Some((op_id, seq)),
            _ => None,
        })
        .await;
    assert_eq!(acked, (repeated.op_id, DROPPED));
    assert_eq!(ben.say(Body::chat("after")).await, DROPPED + 4);
    ada.until_seq(DROPPED + 4).await;
    assert_eq!(ada.texts().last(), Some(&"after"));
    relay.shutdown().await;
}

#[tokio::test]
async fn a_room_that_is_visited_stays_and_one_that_is_left_can_be_pruned() {
    const DAY_MILLIS: i64 = 86_400_000;
    let data = tempfile::tempdir().unwrap();
    let commit_delay = Duration::from_millis(1);
    let history = MemoryHistory::new(MemoryConfig { commit_delay }, Box::new(|_| {}));
    let mut config = config(data.path());
    config.limits.retention_days = 30;
    let now = Arc::new(AtomicI64::new(1_790_000_000_000));
    let clock = Clock::new({
        let now = Arc::clone(&now);
        move || now.load(Ordering::Relaxed)
    });
    let relay = Relay::start_with(config, Arc::new(history.clone()), clock, Metrics::new())
        .await
        .unwrap();
    let address = relay.http_address();
    let mut ada = Device::create(address, "Ada").await;
    ada.say(Body::chat("long ago")).await;
    now.fetch_add(100 * DAY_MILLIS, Ordering::Relaxed);
    // Somebody looks in with the device's secret, and says nothing.
    let joined = Joined {
        token: ada.joined.secret.clone(),
        ..ada.joined.clone()
    };
    let resume = Some(ada.resume());
    drop(Device::connect(address, joined.clone(), resume, Vec::new(), 1).await);
    drop(ada);
    now.fetch_add(100 * DAY_MILLIS, Ordering::Relaxed);
    let retention = Retention {
        event_age: Some(Duration::from_secs(30 * 86_400)),
        events_per_room: None,
        room_unused: Some(Duration::from_secs(180 * 86_400)),
        expired_known: None,
    };
    let swept = async {
        loop {
            // The room is put away, and its snapshot stored, some time after the last has left.
            let at = now.load(Ordering::Relaxed);
            let swept = history.sweep(retention, at).await.unwrap();
            assert_eq!(swept.rooms_expired, 0);
            if swept.events_pruned > 0 {
                return swept.events_pruned;
            }
        }
    };
    assert_eq!(timeout(PATIENCE, swept).await.unwrap(), 1);
    let again = Device::connect(address, joined, None, Vec::new(), 1).await;
    assert!(again.welcome.snapshot);
    drop(again);

    // Nobody comes for half a year more, from when the last has left.
    let expired = async {
        let mut swept = 0;
        while swept == 0 {
            let at = now.fetch_add(181 * DAY_MILLIS, Ordering::Relaxed) + 181 * DAY_MILLIS;
            swept = history.sweep(retention, at).await.unwrap().rooms_expired;
        }
    };
    timeout(PATIENCE, expired).await.unwrap();
    relay.shutdown().await;
}

#[tokio::test]
async fn a_newcomer_gets_its_snapshot_from_a_room_that_never_rests() {
    let data = tempfile::tempdir().unwrap();
    let commit_delay = Duration::from_millis(20);
    let history = MemoryHistory::new(MemoryConfig { commit_delay }, Box::new(|_| {}));
    let mut config = config(data.path());
    config.limits.replay_events = 5;
    config.limits.connection_messages_per_sec = 100_000;
    config.limits.connection_messages_burst = 100_000;
    let relay = Relay::start_with(config, Arc::new(history), Clock::system(), Metrics::new())
        .await
        .unwrap();
    let address = relay.http_address();
    let mut ada = Device::create(address, "Ada").await;
    let code = ada.joined.code.clone();
    for n in 0..10 {
        ada.say(Body::chat(n.to_string())).await;
    }
    let (stop, mut stopped) = tokio::sync::oneshot::channel::<()>();
    let writer = tokio::spawn(async move {
        // Something is under way all the time.
        let mut sent = 10;
        while stopped.try_recv().is_err() {
            for _ in 0..8 {
                ada.send(Body::chat("more")).await;
                sent += 1;
            }
            ada.until_seq(sent - 4).await;
        }
        ada.until_seq(sent).await;
        ada
    });
    let mut ben = Device::join(address, &code, "Ben").await;
    assert!(ben.welcome.snapshot);
    let mut parts = Vec::new();
    while parts.last().is_none_or(|part: &SnapshotPart| !part.last) {
        match ben.socket.next().await {
            ServerMessage::Snapshot(part) => parts.push(part),
            ServerMessage::Events { .. } => panic!("events before the snapshot is whole"),
            _ => {}
        }
    }
    let seq = parts[0].seq;
    assert!(seq >= ben.welcome.seq);
    stop.send(()).unwrap();
    let ada = writer.await.unwrap();
    ben.log = ada.log[..usize::try_from(seq).unwrap()].to_vec();
    ben.until_seq(ada.log.len() as u64).await;
    assert_eq!(ben.log, ada.log);
    let told = parts.iter().flat_map(|part| &part.messages);
    let last = told.map(|message| message.seq).max();
    assert_eq!(last, Some(seq));
    relay.shutdown().await;
}

#[tokio::test]
async fn a_device_of_another_epoch_or_ahead_of_the_log_starts_afresh() {
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let address = relay.http_address();
    let mut ada = Device::create(address, "Ada").await;
    ada.chat("one").await;
    ada.until_seq(1).await;
    let epoch = ada.welcome.epoch.clone();
    for (epoch, seq) in [("another".to_owned(), 1), (epoch, 7)] {
        let resume = Some(Resume {
            epoch,
            seq,
            inbox: 0,
        });
        let mut again = Device::connect(address, ada.joined.clone(), resume, Vec::new(), 0).await;
        assert!(again.welcome.from_start);
        again.until_seq(1).await;
        assert_eq!(again.texts(), ["one"]);
    }
    relay.shutdown().await;
}

#[tokio::test]
async fn a_relay_that_starts_again_finds_the_rooms_as_they_were() {
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let address = relay.http_address();
    let mut ada = Device::create(address, "Ada").await;
    let mut ben = Device::join(address, &ada.joined.code.clone(), "Ben").await;
    let op = ada.chat("kept").await;
    ada.until_seq(1).await;
    relay.shutdown().await;
    let (error, close) = ada.socket.ending().await;
    assert_eq!(error.code, chat_relay_protocol::ErrorCode::ShuttingDown);
    assert!(matches!(
        error.retry,
        chat_relay_protocol::Retry::Later {
            after_millis: 500..2500
        }
    ));
    assert_eq!(u16::from(close.code), 1012);
    assert_eq!(close.reason.as_str(), "shutting_down");

    let relay = start(data.path()).await;
    let address = relay.http_address();
    let epoch = ada.welcome.epoch.clone();
    let mut ada = ada.reconnect(address).await;
    assert_eq!(ada.welcome.epoch, epoch);
    assert!(!ada.welcome.from_start);
    assert_eq!(ada.welcome.past_members[0].name, "Ben");

    // What was sent before is sent again, as after a lost answer: it is there once.
    ada.socket.send(&ClientMessage::Op(op.clone())).await;
    let acked = ada
        .until(|message| match message {
            ServerMessage::Ack { op_id, seq } => Some((op_id, seq)),
            _ => None,
        })
        .await;
    assert_eq!(acked, (op.op_id, 1));
    ada.chat("new").await;
    ada.until_seq(2).await;
    ben = ben.reconnect(address).await;
    ben.until_seq(2).await;
    assert_eq!(ben.texts(), ["kept", "new"]);
    drop(ada);

    // Who is gone keeps a name.
    ben.until(|message| matches!(message, ServerMessage::Left { .. }).then_some(()))
        .await;
    let ben = ben.reconnect(address).await;
    assert_eq!(ben.welcome.past_members[0].name, "Ada");
    relay.shutdown().await;
}

#[tokio::test]
async fn the_same_device_connecting_again_replaces_itself() {
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let address = relay.http_address();
    let mut first = Device::create(address, "Ada").await;
    let second = Device::connect(address, first.joined.clone(), None, Vec::new(), 0).await;
    let (error, close) = first.socket.ending().await;
    assert_eq!(error.code, chat_relay_protocol::ErrorCode::Replaced);
    assert_eq!(u16::from(close.code), 4001);
    assert_eq!(second.welcome.you.hue, 0);
    assert_eq!(second.welcome.members.len(), 1);
    relay.shutdown().await;
}

#[tokio::test]
async fn a_name_given_with_hello_stays() {
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let address = relay.http_address();
    let joined = create_room(address, "").await;
    for (sent, expected) in [("", "Guest"), ("  Ada \\n L ", "Ada L"), ("", "Ada L")] {
        let mut socket = Socket::open(address, &joined.room).await;
        let hello = hello(&joined.token, None).to_json();
        let hello = hello.replace("\"name\":\"\"", &format!("\"name\":\"{sent}\""));
        socket.send_text(hello).await;
        let ServerMessage::Welcome(welcome) = socket.next().await else {
            panic!("no welcome");
        };
        assert_eq!(welcome.you.name, expected);
        // The name is committed by now: the store answers in order.
        let _: Joined = join_room(address, &joined.code, "x").await;
    }
    relay.shutdown().await;
}

#[tokio::test]
async fn presence_is_conflated_into_one_batch_with_the_latest() {
    let data = tempfile::tempdir().unwrap();
    let relay = start_with(data.path(), |config| config.limits.presence_per_sec = 1000).await;
    let address = relay.http_address();
    let mut ada = Device::create(address, "Ada").await;
    let mut ben = Device::join(address, &ada.joined.code.clone(), "Ben").await;
    for n in 0..500_i64 {
        let mut presence = Presence {
            mode: ViewMode::Ar,
            ..Presence::default()
        };
        presence
            .more
            .insert("n".into(), chat_relay_protocol::Value::Integer(n));
        ada.socket.send(&ClientMessage::Presence(presence)).await;
    }
    let mut batches = 0;
    let last = loop {
        let members = ben
            .until(|message| match message {
                ServerMessage::Presence { members } => Some(members),
                _ => None,
            })
            .await;
        batches += 1;
        assert_eq!(members.len(), 1);
        assert_eq!(&members[0].device, ada.id());
        if let Some(chat_relay_protocol::Value::Integer(499)) = members[0].presence.more.get("n") {
            break members[0].presence.clone();
        }
    };
    assert_eq!(last.mode, ViewMode::Ar);
    assert!(batches < 50, "{batches} batches of 500 messages");

    // A newcomer sees it at once.
    let cleo = Device::join(address, &ada.joined.code.clone(), "Cleo").await;
    let seen = cleo
        .welcome
        .members
        .iter()
        .find(|m| &m.device == ada.id())
        .unwrap();
    assert_eq!(seen.presence, last);
    relay.shutdown().await;
}

#[tokio::test]
async fn presence_goes_out_while_somebody_types() {
    let data = tempfile::tempdir().unwrap();
    let relay = start_with(data.path(), |config| {
        config.limits.typing_expiry = 10 * client::PATIENCE;
    })
    .await;
    let address = relay.http_address();
    let mut ada = Device::create(address, "Ada").await;
    let mut ben = Device::join(address, &ada.joined.code.clone(), "Ben").await;
    let typing = Presence {
        typing: true,
        ..Presence::default()
    };
    ada.socket.send(&ClientMessage::Presence(typing)).await;
    for mode in [ViewMode::Ar, ViewMode::Page, ViewMode::Ar] {
        let ours = ben.id().clone();
        let presence = Presence {
            mode,
            ..Presence::default()
        };
        ben.socket.send(&ClientMessage::Presence(presence)).await;
        ada.until(|message| match message {
            ServerMessage::Presence { members } => members
                .iter()
                .any(|member| member.device == ours && member.presence.mode == mode)
                .then_some(()),
            _ => None,
        })
        .await;
    }
    relay.shutdown().await;
}

#[tokio::test]
async fn eight_writers_make_one_gapless_log_that_all_see_alike() {
    const WRITERS: u64 = 8;
    const EACH: u64 = 50;
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let address = relay.http_address();
    let first = Device::create(address, "0").await;
    let code = first.joined.code.clone();
    let mut devices = vec![first];
    for n in 1..WRITERS {
        devices.push(Device::join(address, &code, &n.to_string()).await);
    }
    let writers = devices.into_iter().map(|mut device| {
        tokio::spawn(async move {
            for n in 0..EACH {
                device.chat(&n.to_string()).await;
            }
            device.until_seq(WRITERS * EACH).await;
            device
        })
    });
    let mut logs = Vec::new();
    for writer in writers.collect::<Vec<_>>() {
        logs.push(writer.await.unwrap().log);
    }
    for log in &logs {
        assert_eq!(log, &logs[0]);
    }
    for device in logs[0]
        .iter()
        .map(|e| &e.from)
        .collect::<std::collections::BTreeSet<_>>()
    {
        let counters: Vec<u64> = logs[0]
            .iter()
            .filter(|event| &event.from == device)
            .map(|event| event.op_id.counter)
            .collect();
        assert_eq!(counters, (1..=EACH).collect::<Vec<_>>());
    }
    relay.shutdown().await;
}

#[tokio::test]
async fn codes_cannot_be_tried_in_a_row_and_a_class_can_join_at_once() {
    let data = tempfile::tempdir().unwrap();
    let relay = start_with(data.path(), |config| {
        config.limits.join_refill_per_sec = 0.0001;
    })
    .await;
    let address = relay.http_address();
    let room = create_room(address, "Teacher").await;
    for _ in 0..35 {
        join_room(address, &room.code, "Pupil").await;
    }
    let wrong = r#"{"code":"CCC-CCC","name":""}"#;
    let mut statuses = Vec::new();
    for _ in 0..10 {
        statuses.push(post(address, "/v1/rooms/join", wrong).await.status);
    }
    assert_eq!(statuses[0], 404);
    assert_eq!(*statuses.last().unwrap(), 429);
    let answer = post(address, "/v1/rooms", r#"{"name":""}"#).await;
    assert_eq!(answer.status, 429);
    assert!(answer.header("Retry-After").is_some());
    relay.shutdown().await;
}

#[tokio::test]
async fn the_relay_says_what_and_how_it_is() {
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let address = relay.http_address();
    let info: Info = get(address, "/v1/info").await.json();
    assert_eq!(info.version, env!("CARGO_PKG_VERSION"));
    assert_eq!(info.lan_urls, Vec::<String>::new());
    for path in ["/healthz", "/readyz"] {
        assert_eq!(get(address, path).await.status, 200, "{path}");
    }
    assert_eq!(get(address, "/v1/nothing").await.status, 404);
    relay.shutdown().await;
}

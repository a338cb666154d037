//! The room by server-sent events and POST: what a socket does, a stream does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it unwraps"
)]

#[path = "../client/mod.rs"]
mod client;
mod stream;

use std::time::Duration;

use chat_relay_protocol::{
    Body, ClientMessage, ErrorCode, MAX_CHAT_CHARS, Op, Presence, Retry, RoomChange, ServerMessage,
    ViewMode, WireError,
};
use client::{
    Device, PATIENCE, create_room, error_of, get, hello, join_room, post, start, start_with,
};
use stream::{Came, Stream};
use tokio::{net::TcpStream, time::timeout};

#[tokio::test]
async fn a_stream_hears_and_says_what_a_socket_does() {
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let address = relay.http_address();
    let mut ada = Device::create(address, "Ada").await;
    ada.say(Body::chat("before")).await;
    let joined = join_room(address, &ada.joined.code, "Ben").await;
    let (mut ben, welcome) = Stream::open(address, joined, None).await;
    let head = ben.head.to_ascii_lowercase();
    for line in ["content-type: text/event-stream", "cache-control: no-store"] {
        assert!(head.contains(line), "{head}");
    }
    assert!(welcome.from_start);
    assert_eq!((welcome.seq, welcome.members.len()), (1, 2));
    ben.until_seq(1).await;

    // Both ways, and line breaks in a text do not break an event.
    let text = "two\nlines\n\n\u{1F600}";
    let seq = ben.say(text).await;
    ada.until_seq(seq).await;
    assert_eq!(ada.texts(), ["before", text]);
    ada.say(Body::chat("after")).await;
    ben.until_seq(3).await;
    assert_eq!(ben.log, ada.log);

    // Presence both ways, and the answer to a ping.
    let presence = |mode| {
        ClientMessage::Presence(Presence {
            mode,
            ..Presence::default()
        })
    };
    ben.send(&presence(ViewMode::Ar)).await;
    let id = ben.joined.device.clone();
    ada.until(|message| match message {
        ServerMessage::Presence { members } => members
            .iter()
            .any(|member| member.device == id && member.presence.mode == ViewMode::Ar)
            .then_some(()),
        _ => None,
    })
    .await;
    ada.socket.send(&presence(ViewMode::Camera)).await;
    let id = ada.id().clone();
    ben.pick(|message| match message {
        ServerMessage::Presence { members } => members
            .iter()
            .any(|member| member.device == id && member.presence.mode == ViewMode::Camera)
            .then_some(()),
        _ => None,
    })
    .await;
    ben.send(&ClientMessage::Ping { nonce: 5 }).await;
    ben.pick(|message| matches!(message, ServerMessage::Pong { nonce: 5 }).then_some(()))
        .await;

    // What is refused is refused in the stream.
    let mut op = ben.op(Body::chat("x"));
    op.op_id.device = ada.id().clone();
    ben.send(&ClientMessage::Op(op)).await;
    let error = ben.pick(error_of).await;
    assert_eq!(error.code, ErrorCode::NotYourDevice);
    relay.shutdown().await;
}

#[tokio::test]
async fn who_breaks_off_is_missed_at_once_and_resumes() {
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let address = relay.http_address();
    let mut ada = Device::create(address, "Ada").await;
    let joined = join_room(address, &ada.joined.code, "Ben").await;
    let (mut ben, welcome) = Stream::open(address, joined, None).await;
    ben.say("one").await;
    let id = ben.joined.device.clone();
    let (session, log) = (ben.session.clone(), ben.log.clone());
    let (joined, resume) = (ben.joined.clone(), ben.resume(&welcome.epoch));
    let broken = std::time::Instant::now();
    drop(ben);
    ada.until(|message| match message {
        ServerMessage::Left { device } => (device == id).then_some(()),
        _ => None,
    })
    .await;
    // Far less than a heartbeat interval.
    assert!(broken.elapsed() < Duration::from_secs(10));
    // The session went with it, as soon as the connection is done.
    let ping = ClientMessage::Ping { nonce: 1 }.to_json();
    let path = format!("/v1/stream/{session}");
    while post(address, &path, &ping).await.status != 404 {}

    ada.say(Body::chat("missed")).await;
    let (mut ben, welcome) = Stream::open(address, joined, Some(resume)).await;
    ben.log = log;
    ben.counter = 1;
    assert!(!welcome.from_start);
    ben.until_seq(2).await;
    assert_eq!(ben.log, ada.log);
    ben.say("again").await;

    // An op that was sent before is acknowledged, not doubled.
    let again = Op {
        op_id: ben.log[0].op_id.clone(),
        body: ben.log[0].body.clone(),
    };
    ben.send(&ClientMessage::Op(again)).await;
    let seq = ben
        .pick(|message| match message {
            ServerMessage::Ack { seq, .. } => Some(seq),
            _ => None,
        })
        .await;
    assert_eq!(seq, 1);
    relay.shutdown().await;
}

#[tokio::test]
async fn who_is_not_admitted_gets_an_answer_and_no_stream() {
    let data = tempfile::tempdir().unwrap();
    let relay = start_with(data.path(), |config| config.limits.members_per_room = 1).await;
    let address = relay.http_address();
    let room = create_room(address, "Ada").await;
    let path = format!("/v1/stream?room={}", room.room);
    let of = |message: ClientMessage| message.to_json();
    for (path, body, status, code) in [
        (
            &path,
            of(hello("forged", None)),
            401,
            ErrorCode::Unauthorized,
        ),
        (
            &path,
            of(ClientMessage::Ping { nonce: 1 }),
            400,
            ErrorCode::HelloExpected,
        ),
        (
            &"/v1/stream?room=r-nowhere".to_owned(),
            of(hello(&room.token, None)),
            404,
            ErrorCode::RoomNotFound,
        ),
        (
            &"/v1/stream".to_owned(),
            of(hello(&room.token, None)),
            404,
            ErrorCode::RoomNotFound,
        ),
    ] {
        let answer = post(address, path, &body).await;
        assert_eq!(answer.status, status, "{body}");
        assert_eq!(answer.json::<WireError>().code, code, "{body}");
    }
    assert_eq!(get(address, &path).await.status, 405);

    // What only the room knows comes in the stream, and ends it.
    let _ada = Device::connect(address, room.clone(), None, Vec::new(), 0).await;
    let ben = join_room(address, &room.code, "Ben").await;
    let mut full = Stream::begin(address, ben, None).await;
    let error = full.ending().await;
    assert_eq!(error.code, ErrorCode::RoomFull);
    assert!(matches!(error.retry, Retry::Later { .. }));
    relay.shutdown().await;
}

#[tokio::test]
async fn a_session_is_its_clients_alone_and_a_message_has_its_bounds() {
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let address = relay.http_address();
    let room = create_room(address, "Ada").await;
    let (mut ada, _) = Stream::open(address, room.clone(), None).await;
    let other = join_room(address, &room.code, "Ben").await;
    let (ben, _) = Stream::open(address, other, None).await;
    assert_ne!(ada.session, ben.session);
    let wrong = format!("/v1/stream/{}x", ada.session);
    let answer = post(address, &wrong, r#"{"type":"ping","nonce":1}"#).await;
    assert_eq!(answer.status, 404);

    let path = format!("/v1/stream/{}", ada.session);
    let answer = post(address, &path, &" ".repeat(70_000)).await;
    assert_eq!(answer.status, 413);
    assert_eq!(answer.json::<WireError>().code, ErrorCode::TooLarge);
    assert_eq!(post(address, &path, "garbage").await.status, 202);
    let error = ada.pick(error_of).await;
    assert_eq!(error.code, ErrorCode::BadMessage);
    // The rules of a socket hold: much garbage ends it.
    for _ in 0..9 {
        post(address, &path, "garbage").await;
    }
    assert_eq!(ada.ending().await.code, ErrorCode::BadMessage);
    relay.shutdown().await;
}

#[tokio::test]
async fn a_member_that_is_removed_is_told_in_its_stream() {
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let address = relay.http_address();
    let mut ada = Device::create(address, "Ada").await;
    let joined = join_room(address, &ada.joined.code, "Ben").await;
    let (mut ben, _) = Stream::open(address, joined, None).await;
    let change = RoomChange::Remove {
        member: ben.joined.member.clone(),
    };
    ada.say(Body::Room { change }).await;
    let error = ben.ending().await;
    assert_eq!(
        (error.code, error.retry),
        (ErrorCode::Removed, Retry::Never)
    );
    relay.shutdown().await;
}

#[tokio::test]
async fn a_stream_that_is_not_read_stalls_nobody_and_its_socket_is_let_go() {
    let data = tempfile::tempdir().unwrap();
    let relay = start_with(data.path(), |config| {
        config.limits.connection_messages_burst = 1_000_000;
        config.limits.connection_bytes_burst = 1_000_000_000;
        config.limits.room_bytes_burst = 1_000_000_000;
        config.limits.room_messages_burst = 1_000_000;
        config.limits.heartbeat_interval = Duration::from_secs(1);
        config.limits.heartbeat_min = Duration::from_millis(200);
        // Ada's, Ben's, and one for calls.
        config.limits.connections = 3;
    })
    .await;
    let address = relay.http_address();
    let mut ada = Device::create(address, "Ada").await;
    let joined = join_room(address, &ada.joined.code, "Ben").await;
    let (ben, welcome) = Stream::open(address, joined.clone(), None).await;
    let id = ben.joined.device.clone();
    let line = "\u{1F600}".repeat(MAX_CHAT_CHARS);
    let mut left = false;
    while !left {
        let op = ada.chat(&line).await;
        while ada.log.iter().all(|event| event.op_id != op.op_id) {
            match ada.socket.next().await {
                ServerMessage::Events { events } => ada.note(events),
                ServerMessage::Left { device } => left |= device == id,
                ServerMessage::Error(error) => panic!("{error:?}"),
                _ => {}
            }
        }
    }
    // Its socket is still open on this side; the relay has let go of it all the same: two more fit.
    let held = TcpStream::connect(address).await.unwrap();
    let answer = timeout(PATIENCE, get(address, "/healthz")).await.unwrap();
    assert_eq!(answer.status, 200);
    drop(held);

    // It comes back and gets what it missed, as it was.
    let resume = Some(ben.resume(&welcome.epoch));
    let (mut again, _) = Stream::open(address, joined, resume).await;
    again.until_seq(ada.log.len() as u64).await;
    assert_eq!(again.log, ada.log);
    relay.shutdown().await;
}

#[tokio::test]
async fn a_stream_that_is_read_late_is_told_what_it_missed() {
    let data = tempfile::tempdir().unwrap();
    let relay = start_with(data.path(), |config| {
        config.limits.connection_messages_burst = 1_000_000;
        config.limits.connection_bytes_burst = 1_000_000_000;
        config.limits.room_bytes_burst = 1_000_000_000;
        config.limits.room_messages_burst = 1_000_000;
    })
    .await;
    let address = relay.http_address();
    let mut ada = Device::create(address, "Ada").await;
    let joined = join_room(address, &ada.joined.code, "Ben").await;
    let (mut ben, _) = Stream::open(address, joined, None).await;
    let line = "\u{1F600}".repeat(MAX_CHAT_CHARS);
    let mut last = 0;
    for _ in 0..700 {
        last = ada.say(Body::chat(line.as_str())).await;
    }
    let mut missed = 0;
    while ben.log.last().map_or(0, |event| event.seq) < last {
        match ben.next().await {
            Came::Message(ServerMessage::Events { events }) => ben.note(events),
            Came::Message(ServerMessage::Missed { after, last }) => missed += last - after,
            Came::Message(ServerMessage::Error(error)) => panic!("{error:?}"),
            Came::End => panic!("the stream ended"),
            _ => {}
        }
    }
    assert!(missed > 50, "{missed}");
    assert_eq!(ben.log, ada.log);
    relay.shutdown().await;
}

#[tokio::test]
async fn a_quiet_stream_stays_while_its_client_posts_signs_of_life() {
    let data = tempfile::tempdir().unwrap();
    let relay = start_with(data.path(), |config| {
        config.limits.heartbeat_interval = Duration::from_secs(1);
        config.limits.heartbeat_min = Duration::from_millis(200);
    })
    .await;
    let address = relay.http_address();
    let room = create_room(address, "Ada").await;
    let silent = join_room(address, &room.code, "Silent").await;
    let gone = silent.device.clone();
    let (mut ada, welcome) = Stream::open(address, room, None).await;
    assert_eq!(welcome.heartbeat_secs, 1);
    // This one reads nothing and posts nothing, but its socket takes what is written.
    let _silent = Stream::open(address, silent, None).await;
    let (mut pings, mut left) = (0, false);
    while pings < 4 || !left {
        match ada.next().await {
            Came::Comment => {
                pings += 1;
                ada.post(&ClientMessage::Ping { nonce: pings }).await;
            }
            Came::End => panic!("the stream ended"),
            Came::Message(ServerMessage::Left { device }) => left |= device == gone,
            Came::Message(message) => assert!(error_of(message).is_none()),
        }
    }
    ada.say("still here").await;
    relay.shutdown().await;
}

#[tokio::test]
async fn streams_are_told_of_the_end_however_late_their_turn_comes() {
    let data = tempfile::tempdir().unwrap();
    let relay = start_with(data.path(), |config| {
        // Longer than open requests are given.
        config.limits.drain = Duration::from_millis(2500);
    })
    .await;
    let address = relay.http_address();
    let room = create_room(address, "0").await;
    let mut streams = vec![Stream::open(address, room.clone(), None).await.0];
    for n in 1..6 {
        let joined = join_room(address, &room.code, &n.to_string()).await;
        streams.push(Stream::open(address, joined, None).await.0);
    }
    let ended = tokio::spawn(relay.shutdown());
    let mut hints = Vec::new();
    for stream in &mut streams {
        let error = stream.ending().await;
        assert_eq!(error.code, ErrorCode::ShuttingDown);
        let Retry::Later { after_millis } = error.retry else {
            panic!("{:?}", error.retry);
        };
        hints.push(after_millis);
    }
    hints.sort_unstable();
    hints.dedup();
    assert!(hints.len() > 1, "{hints:?}");
    timeout(PATIENCE, ended).await.unwrap().unwrap();
}

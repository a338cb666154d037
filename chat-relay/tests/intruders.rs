//! What a relay answers to those who do not keep to the protocol, and that others do not feel it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it unwraps"
)]

mod client;

use std::time::Duration;

use chat_relay_protocol::{
    AnnotationId, Body, ClientMessage, ErrorCode, MAX_CHAT_CHARS, Op, OpId, Retry, RoomId, SceneOp,
    ServerMessage, WireError, rest::Joined,
};
use client::{
    Device, Socket, call, code_of, create_room, error_of, hello, post, request, start, start_with,
};
use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::{
    Bytes, Error, Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

/// Sends `first` in place of a hello, and gives how the relay ends the connection.
async fn end_of_first(
    address: std::net::SocketAddr,
    room: &RoomId,
    first: Message,
) -> (WireError, u16) {
    let mut socket = Socket::open(address, room).await;
    socket.stream.send(first).await.unwrap();
    let (error, close) = socket.ending().await;
    (error, close.code.into())
}

fn text(text: impl Into<String>) -> Message {
    Message::Text(text.into().into())
}

#[tokio::test]
async fn each_wrong_first_message_gets_its_answer() {
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let address = relay.http_address();
    let mut witness = Device::create(address, "Witness").await;
    let Joined { room, token, .. } = witness.joined.clone();
    let other = create_room(address, "Other").await;
    let nowhere = RoomId::new("r-nowhere").unwrap();
    let right = hello(&token, None).to_json();

    let cases = [
        (
            "garbage",
            &room,
            text("garbage"),
            ErrorCode::BadMessage,
            1008,
        ),
        (
            "no hello",
            &room,
            text(r#"{"type":"ping","nonce":1}"#),
            ErrorCode::HelloExpected,
            1008,
        ),
        (
            "binary",
            &room,
            Message::Binary(right.clone().into()),
            ErrorCode::BadMessage,
            1003,
        ),
        (
            "version",
            &room,
            text(right.replace("\"version\":1", "\"version\":9")),
            ErrorCode::Version,
            1008,
        ),
        (
            "large",
            &room,
            text(format!("{right}{}", " ".repeat(5000))),
            ErrorCode::TooLarge,
            1009,
        ),
        (
            "huge",
            &room,
            text(" ".repeat(200_000)),
            ErrorCode::TooLarge,
            1009,
        ),
        (
            "forged",
            &room,
            text(hello("forged", None).to_json()),
            ErrorCode::Unauthorized,
            1008,
        ),
        (
            "empty token",
            &room,
            text(hello("", None).to_json()),
            ErrorCode::Unauthorized,
            1008,
        ),
        (
            "other room's",
            &room,
            text(hello(&other.token, None).to_json()),
            ErrorCode::Unauthorized,
            1008,
        ),
        (
            "no such room",
            &nowhere,
            text(right.clone()),
            ErrorCode::RoomNotFound,
            1008,
        ),
        ("not UTF-8", &room, not_utf8(), ErrorCode::BadMessage, 1007),
    ];
    for (name, room, first, code, close) in cases {
        let (error, closed) = end_of_first(address, room, first).await;
        assert_eq!((error.code, closed), (code, close), "{name}");
        assert!(error.message.ends_with('.'), "{name}: {}", error.message);
        if code == ErrorCode::Unauthorized || code == ErrorCode::RoomNotFound {
            assert_eq!(error.retry, Retry::Rejoin, "{name}");
        }
    }

    witness.chat("unharmed").await;
    witness.until_seq(1).await;
    relay.shutdown().await;
}

fn not_utf8() -> Message {
    let frame = Frame::message(
        Bytes::from_static(b"\xff\xfe"),
        OpCode::Data(Data::Text),
        true,
    );
    Message::Frame(frame)
}

#[tokio::test]
async fn a_late_hello_is_not_waited_for() {
    let data = tempfile::tempdir().unwrap();
    let relay = start_with(data.path(), |config| {
        config.limits.hello_timeout = Duration::from_millis(20);
    })
    .await;
    let joined = create_room(relay.http_address(), "Ada").await;
    let mut socket = Socket::open(relay.http_address(), &joined.room).await;
    let (error, close) = socket.ending().await;
    assert_eq!(error.code, ErrorCode::HelloExpected);
    assert_eq!(u16::from(close.code), 1008);
    assert_eq!(close.reason.as_str(), "hello_expected");
    relay.shutdown().await;
}

#[tokio::test]
async fn wrong_messages_are_answered_and_the_connection_goes_on() {
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let address = relay.http_address();
    let mut ada = Device::create(address, "Ada").await;
    let ben = Device::join(address, &ada.joined.code.clone(), "Ben").await;

    let long = "x".repeat(MAX_CHAT_CHARS + 1);
    let id = AnnotationId::new("a").unwrap();
    let no_kind = Body::Scene {
        op: SceneOp::Put {
            id,
            fields: [("label".to_owned(), "x".into())].into(),
        },
    };
    let mut ops = vec![
        (Body::Chat { text: long }, ErrorCode::InvalidOp),
        (Body::Chat { text: " ".into() }, ErrorCode::InvalidOp),
        (no_kind, ErrorCode::InvalidOp),
    ]
    .into_iter()
    .map(|(body, code)| (ada.op(body), code))
    .collect::<Vec<_>>();
    let mut foreign = ada.op(Body::Chat { text: "x".into() });
    foreign.op_id.device = ben.id().clone();
    ops.push((foreign, ErrorCode::NotYourDevice));
    let mut zero = ada.op(Body::Chat { text: "x".into() });
    zero.op_id.counter = 0;
    ops.push((zero, ErrorCode::InvalidOp));
    for (op, code) in ops {
        ada.socket.send(&ClientMessage::Op(op.clone())).await;
        let error = ada.until(error_of).await;
        assert_eq!((error.code, error.op_id), (code, Some(op.op_id)));
        assert_eq!(error.retry, Retry::Never);
    }

    // Ops that cannot be read are named, so that their device can let go of them.
    for body in [
        r#"{"kind":"hologram"}"#,
        r#"{"kind":"scene","op":{"type":"explode"}}"#,
        r#"{"kind":"scene","op":{"type":"delete","id":"no spaces"}}"#,
        r#"{"kind":"room","change":{"type":"paint"}}"#,
        r#"{"kind":"chat"}"#,
    ] {
        let device = ada.id().clone();
        let op = format!(
            r#"{{"type":"op","op_id":{{"device":"{device}","counter":77}},"body":{body}}}"#
        );
        ada.socket.send_text(op).await;
        let error = ada.until(error_of).await;
        assert_eq!(error.code, ErrorCode::InvalidOp, "{body}");
        assert_eq!(
            error.op_id,
            Some(OpId {
                device,
                counter: 77
            }),
            "{body}"
        );
    }

    for (message, code) in [
        ("{".to_owned(), ErrorCode::BadMessage),
        (r#"{"type":"sing"}"#.to_owned(), ErrorCode::BadMessage),
        (
            hello(&ada.joined.token, None).to_json(),
            ErrorCode::BadMessage,
        ),
        (
            format!(r#"{{"type":"presence","x":"{}"}}"#, "y".repeat(3000)),
            ErrorCode::TooLarge,
        ),
    ] {
        ada.socket.send_text(message).await;
        assert_eq!(code_of(&ada.until(error_of).await), code);
    }

    ada.chat("still here").await;
    ada.until_seq(1).await;
    // A later op is in the log: what should have come before it is refused for good.
    let passed = Op {
        op_id: OpId {
            device: ada.id().clone(),
            counter: 1,
        },
        body: Body::Chat {
            text: "late".into(),
        },
    };
    ada.socket.send(&ClientMessage::Op(passed)).await;
    assert_eq!(code_of(&ada.until(error_of).await), ErrorCode::InvalidOp);
    ada.settle().await;
    assert_eq!(ada.texts(), ["still here"]);
    relay.shutdown().await;
}

#[tokio::test]
async fn too_much_garbage_oversize_and_binary_end_one_connection_only() {
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let address = relay.http_address();
    let mut witness = Device::create(address, "Witness").await;
    let code = witness.joined.code.clone();
    let cases = [
        (vec![text("garbage"); 10], ErrorCode::BadMessage, 1008),
        (vec![text("x".repeat(100_000))], ErrorCode::TooLarge, 1009),
        (vec![text("x".repeat(3_000_000))], ErrorCode::TooLarge, 1009),
        (
            vec![Message::Binary(vec![1, 2, 3].into())],
            ErrorCode::BadMessage,
            1003,
        ),
        (vec![not_utf8()], ErrorCode::BadMessage, 1007),
    ];
    for (messages, code_expected, close_expected) in cases {
        let mut intruder = Device::join(address, &code, "Intruder").await;
        for message in messages {
            intruder.socket.stream.send(message).await.unwrap();
        }
        let (error, close) = intruder.socket.ending().await;
        assert_eq!(
            (error.code, u16::from(close.code)),
            (code_expected, close_expected)
        );
        let gone = intruder.id().clone();
        witness
            .until(|message| match message {
                ServerMessage::Left { device } => (device == gone).then_some(()),
                _ => None,
            })
            .await;
    }
    witness.chat("unharmed").await;
    witness.until_seq(1).await;
    relay.shutdown().await;
}

#[tokio::test]
async fn foreign_pages_and_other_protocols_are_kept_out() {
    let data = tempfile::tempdir().unwrap();
    let relay = start_with(data.path(), |config| {
        config.allow_origins = vec!["https://school.example".into()];
    })
    .await;
    let address = relay.http_address();
    let room = create_room(address, "Ada").await;
    for (origin, expected) in [
        ("https://evil.example".to_owned(), 403),
        ("null".to_owned(), 403),
        (format!("http://{address}"), 101),
        ("https://school.example".to_owned(), 101),
    ] {
        let mut request = request(address, room.room.as_str());
        request
            .headers_mut()
            .insert("Origin", origin.parse().unwrap());
        let status = match Socket::try_open(address, request).await {
            Ok(_) => 101,
            Err(Error::Http(response)) => response.status().as_u16(),
            Err(other) => panic!("{other}"),
        };
        assert_eq!(status, expected, "{origin}");
    }
    let mut without = request(address, room.room.as_str());
    without.headers_mut().remove("Sec-WebSocket-Protocol");
    let Err(Error::Http(response)) = Socket::try_open(address, without).await else {
        panic!("taken without the subprotocol");
    };
    assert_eq!(response.status(), 400);
    let plain = client::get(address, "/v1/ws").await;
    assert_eq!(plain.status, 426);
    assert_eq!(plain.json::<WireError>().code, ErrorCode::BadMessage);

    let create = |origin: &'static str| async move {
        let headers = [origin, "Content-Type: application/json"];
        call(address, "POST", "/v1/rooms", &headers, r#"{"name":"x"}"#).await
    };
    let refused = create("Origin: https://evil.example").await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.json::<WireError>().code, ErrorCode::Origin);
    let allowed = create("Origin: https://school.example").await;
    assert_eq!(allowed.status, 201);
    assert_eq!(
        allowed.header("Access-Control-Allow-Origin"),
        Some("https://school.example")
    );
    let preflight = [
        "Origin: https://school.example",
        "Access-Control-Request-Method: POST",
    ];
    let preflight = call(address, "OPTIONS", "/v1/rooms", &preflight, "").await;
    assert_eq!(preflight.status, 204);
    relay.shutdown().await;
}

#[tokio::test]
async fn rest_refuses_what_it_cannot_read() {
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let address = relay.http_address();
    let large = format!(r#"{{"name":"{}"}}"#, "x".repeat(5000));
    for (path, body, status, code) in [
        ("/v1/rooms", "{", 400, ErrorCode::BadMessage),
        ("/v1/rooms", r#"{"nome":"x"}"#, 400, ErrorCode::BadMessage),
        ("/v1/rooms", &large, 413, ErrorCode::TooLarge),
        (
            "/v1/rooms/join",
            r#"{"code":"?","name":"x"}"#,
            404,
            ErrorCode::RoomNotFound,
        ),
    ] {
        let answer = post(address, path, body).await;
        assert_eq!(answer.status, status, "{body:.30}");
        assert_eq!(answer.json::<WireError>().code, code, "{body:.30}");
    }
    relay.shutdown().await;
}

#[tokio::test]
async fn a_full_room_says_so() {
    let data = tempfile::tempdir().unwrap();
    let relay = start_with(data.path(), |config| config.limits.members_per_room = 1).await;
    let address = relay.http_address();
    let ada = Device::create(address, "Ada").await;
    let ben = client::join_room(address, &ada.joined.code, "Ben").await;
    let first = text(hello(&ben.token, None).to_json());
    let (error, close) = end_of_first(address, &ben.room, first).await;
    assert_eq!((error.code, close), (ErrorCode::RoomFull, 1013));
    relay.shutdown().await;
}

#[tokio::test]
async fn who_never_reads_stalls_nobody_and_resumes_later() {
    const EVENTS: u64 = 800;
    let data = tempfile::tempdir().unwrap();
    let relay = start_with(data.path(), |config| config.limits.send_queue = 64).await;
    let address = relay.http_address();
    let mut ada = Device::create(address, "Ada").await;
    let stalled = Device::join(address, &ada.joined.code.clone(), "Stalled").await;
    let gone = stalled.id().clone();
    // 16 KB each: more than the sockets' buffers hold.
    let line = "\u{1F600}".repeat(MAX_CHAT_CHARS);
    let mut left = false;
    for seq in 1..=EVENTS {
        ada.chat(&line).await;
        while ada.log.last().map_or(0, |event| event.seq) < seq {
            match ada.socket.next().await {
                ServerMessage::Events { events } => ada.note(events),
                ServerMessage::Left { device } => left |= device == gone,
                _ => {}
            }
        }
    }
    if !left {
        ada.until(|message| matches!(message, ServerMessage::Left { .. }).then_some(()))
            .await;
    }

    // What it can still read is in order; then it ends, with the reason if there was time to tell it.
    let mut stalled = stalled;
    loop {
        match stalled.socket.next_or_close().await {
            Ok(ServerMessage::Events { events }) => stalled.note(events),
            Ok(ServerMessage::Error(error)) => assert_eq!(error.code, ErrorCode::Lagged),
            Ok(_) => {}
            Err(_) => break,
        }
    }
    let mut again = stalled.reconnect(address).await;
    again.until_seq(EVENTS).await;
    assert_eq!(again.log, ada.log);
    relay.shutdown().await;
}

#[tokio::test]
async fn a_dead_peer_is_noticed_and_a_quiet_one_is_not_taken_for_dead() {
    let data = tempfile::tempdir().unwrap();
    let relay = start_with(data.path(), |config| {
        config.limits.heartbeat_interval = Duration::from_millis(300);
    })
    .await;
    let address = relay.http_address();
    let mut quiet = Device::create(address, "Quiet").await;
    assert_eq!(quiet.welcome.heartbeat_secs, 1);
    for _ in 0..3 {
        // Nothing reads this one's socket, so that no ping is answered.
        let dead = Device::join(address, &quiet.joined.code.clone(), "Dead").await;
        quiet
            .until(|message| match message {
                ServerMessage::Left { device } => (&device == dead.id()).then_some(()),
                _ => None,
            })
            .await;
    }
    quiet.chat("alive").await;
    quiet.until_seq(1).await;
    relay.shutdown().await;
}

#[tokio::test]
async fn an_open_socket_counts_as_a_connection() {
    let data = tempfile::tempdir().unwrap();
    let relay = start_with(data.path(), |config| config.limits.connections = 1).await;
    let address = relay.http_address();
    let device = Device::create(address, "Ada").await;
    let mut waiting = Box::pin(client::get(address, "/healthz"));
    let early = tokio::time::timeout(Duration::from_millis(200), &mut waiting).await;
    assert!(early.is_err(), "a second connection was served");
    drop(device);
    assert_eq!(waiting.await.status, 200);
    relay.shutdown().await;
}

//! The first message of a socket.

use std::time::Duration;

use chat_relay::{
    history::{History as _, Retention, SqliteConfig, SqliteHistory},
    tokens::{Claims, Tokens},
};
use chat_relay_protocol::{
    Body, ClientMessage, Codec, ErrorCode, Hello, MAX_HELLO_BYTES, Role, RoomChange, RoomId,
    ServerMessage, rest::Joined,
};
use futures_util::SinkExt;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::{
    Bytes, Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

use super::{
    case::{Case, Setup},
    client::{Device, Socket, create_room, encoded, framed, hello, start},
};

const DAY: Duration = Duration::from_secs(86_400);

pub(crate) async fn late_hello(setup: Setup) -> Case {
    let case = setup
        .start(|config| config.limits.hello_timeout = Duration::from_millis(1500))
        .await;
    let room = case.admission().await.room;
    let mut socket = Socket::open(case.address, &room).await;
    case.closes(&mut socket).await;
    case
}

pub(crate) async fn half_a_hello(setup: Setup) -> Case {
    let case = setup
        .start(|config| config.limits.hello_timeout = Duration::from_millis(1500))
        .await;
    let room = case.admission().await.room;
    let mut socket = Socket::open(case.address, &room).await;
    let Message::Text(text) = encoded(Codec::Json, &hello("x", None)) else {
        panic!("JSON is text");
    };
    // A masked frame of 100 bytes, of which some come.
    let mut half = vec![0x81, 0x80 | 100, 0, 0, 0, 0];
    half.extend_from_slice(&text.as_bytes()[..20]);
    socket.stream.get_mut().write_all(&half).await.unwrap();
    case.closes(&mut socket).await;
    case
}

pub(crate) async fn no_hello(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    let room = case.admission().await.room;
    case.closes_after(&room, &ClientMessage::Ping { nonce: 1 })
        .await;
    case
}

pub(crate) async fn garbage_first(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    let room = case.admission().await.room;
    for codec in Codec::ALL {
        for garbage in ["garbage", "", "\u{0}\u{1}", "{\"type\":\"hello\"}"] {
            let mut socket = Socket::open_as(*codec, case.address, &room).await;
            let message = framed(*codec, garbage.into());
            socket.stream.send(message).await.unwrap();
            case.closes(&mut socket).await;
        }
    }
    case
}

pub(crate) async fn large_hello(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    let room = case.admission().await.room;
    for bytes in [MAX_HELLO_BYTES + 1, 200_000] {
        for codec in Codec::ALL {
            let mut socket = Socket::open_as(*codec, case.address, &room).await;
            let message = framed(*codec, vec![b' '; bytes]);
            socket.stream.send(message).await.unwrap();
            case.closes(&mut socket).await;
        }
    }
    // In fragments, none of which is too large.
    let mut socket = Socket::open(case.address, &room).await;
    for n in 0..3 {
        let opcode = OpCode::Data(if n == 0 { Data::Text } else { Data::Continue });
        let part = Frame::message(Bytes::from(vec![b' '; 2000]), opcode, false);
        socket.stream.send(Message::Frame(part)).await.unwrap();
    }
    case.closes(&mut socket).await;
    case
}

pub(crate) async fn other_version(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    let Joined { room, token, .. } = case.admission().await;
    for version in [0, 2, u32::MAX] {
        let ClientMessage::Hello(right) = hello(&token, None) else {
            panic!("no hello");
        };
        let first = ClientMessage::Hello(Hello { version, ..right });
        case.closes_after(&room, &first).await;
    }
    case
}

pub(crate) async fn forged_token(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    let Joined {
        room,
        member,
        device,
        token,
        secret,
        ..
    } = case.admission().await;
    // Signed by a key that is not the relay's.
    let other = tempfile::tempdir().unwrap();
    let tokens = Tokens::open(other.path(), Duration::from_secs(900), &[]).unwrap();
    let claims = Claims {
        room: room.to_string(),
        member: member.to_string(),
        device: device.to_string(),
        role: "owner".into(),
    };
    let (head, rest) = token.split_once('.').unwrap();
    let signature = rest.split_once('.').unwrap().1;
    // {"alg":"none"}
    let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", rest.split_once('.').unwrap().0);
    for forged in [
        String::new(),
        "forged".into(),
        tokens.issue(&claims, now_secs()),
        format!("{token}x"),
        format!("{head}.e30.{signature}"),
        unsigned,
        format!("{secret}x"),
        device.to_string(),
    ] {
        case.closes_after(&room, &hello(&forged, None)).await;
    }
    case
}

fn now_secs() -> u64 {
    let now = std::time::SystemTime::now();
    now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

pub(crate) async fn expired_token(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    let joined = case.admission().await;
    // By the relay's own key, a while ago.
    let tokens = Tokens::open(case.data.path(), Duration::from_secs(900), &[]).unwrap();
    let claims = Claims {
        room: joined.room.to_string(),
        member: joined.member.to_string(),
        device: joined.device.to_string(),
        role: "editor".into(),
    };
    let expired = tokens.issue(&claims, now_secs() - 1000);
    case.closes_after(&joined.room, &hello(&expired, None))
        .await;
    // A fresh one of the same kind is good.
    let fresh = Joined {
        token: tokens.issue(&claims, now_secs()),
        ..joined
    };
    Device::connect(case.address, fresh, None, Vec::new(), 0).await;
    case
}

pub(crate) async fn token_of_another_room(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    let other = case.elsewhere().await;
    let room = case.admission().await.room;
    for token in [&other.token, &other.secret] {
        case.closes_after(&room, &hello(token, None)).await;
    }
    case
}

pub(crate) async fn no_such_room(setup: Setup) -> Case {
    let case = setup.start(|_| {}).await;
    let token = case.admission().await.token;
    let nowhere = RoomId::new("r-nowhere").unwrap();
    case.closes_after(&nowhere, &hello(&token, None)).await;
    let mut socket = Socket::try_open(case.address, super::client::request(case.address, "%00%ff"))
        .await
        .unwrap();
    socket.send(&hello(&token, None)).await;
    case.closes(&mut socket).await;
    case
}

pub(crate) async fn expired_room(setup: Setup) -> Case {
    let relay = start(setup.data.path()).await;
    let old = create_room(relay.http_address(), "Old").await;
    relay.shutdown().await;
    let config = SqliteConfig::default();
    let history = SqliteHistory::open(setup.data.path(), &config, Box::new(|_| {})).unwrap();
    let retention = Retention {
        event_age: None,
        events_per_room: None,
        room_unused: Some(DAY),
        expired_known: None,
    };
    let now = i64::try_from(now_secs()).unwrap() * 1000;
    let later = now + i64::try_from((2 * DAY).as_millis()).unwrap();
    let swept = history.sweep(retention, later).await.unwrap();
    assert_eq!(swept.rooms_expired, 1);
    history.close().await.unwrap();
    drop(history);

    let case = setup.start(|_| {}).await;
    for token in [&old.token, &old.secret] {
        case.closes_after(&old.room, &hello(token, None)).await;
    }
    case
}

pub(crate) async fn full_room(setup: Setup) -> Case {
    // The owner and the two who talk.
    let case = setup
        .start(|config| config.limits.members_per_room = 3)
        .await;
    let Joined { room, token, .. } = case.admission().await;
    case.closes_after(&room, &hello(&token, None)).await;
    case
}

pub(crate) async fn too_many_devices(setup: Setup) -> Case {
    let case = setup
        .start(|config| config.limits.devices_per_member = 2)
        .await;
    let mut first = case.join().await;
    let mut second = first.link(case.address).await;
    let bearer = format!("Authorization: Bearer {}", first.joined.token);
    let answer = super::client::call(case.address, "POST", "/v1/devices", &[&bearer], "").await;
    let third: Joined = answer.json();
    case.closes_after(&third.room, &hello(&third.token, None))
        .await;
    first.say(Body::chat("one")).await;
    second.say(Body::chat("two")).await;
    case
}

pub(crate) async fn many_hellos(setup: Setup) -> Case {
    // A budget of 30, and half a hello a second.
    const HELLOS: usize = 30;
    let case = setup.start(|_| {}).await;
    let Joined { room, token, .. } = case.admission().await;
    let first = hello(&token, None);
    let hellos = hellos_taken(&case, &room, &first).await;
    assert!((HELLOS..2 * HELLOS).contains(&hellos), "{hellos}");
    for codec in Codec::ALL {
        hellos_taken(&case, &room, &first).await;
        let mut socket = Socket::open_as(*codec, case.address, &room).await;
        socket.send(&first).await;
        case.closes(&mut socket).await;
    }
    // A stream is no other way in.
    hellos_taken(&case, &room, &first).await;
    let path = format!("/v1/stream?room={room}");
    let answer = super::client::post(case.address, &path, &first.to_json()).await;
    assert_eq!(answer.status, 429);
    assert!(answer.header("Retry-After").is_some());
    // Another device has a budget of its own.
    case.join().await.say(Body::chat("still here")).await;
    case
}

/// Connects until that is too often; tells how often it was not.
async fn hellos_taken(case: &Case, room: &RoomId, first: &ClientMessage) -> usize {
    for taken in 0..100 {
        let mut socket = Socket::open(case.address, room).await;
        socket.send(first).await;
        match socket.next().await {
            ServerMessage::Welcome(_) => {}
            ServerMessage::Error(error) => {
                assert_eq!(error.code, ErrorCode::RateLimited);
                return taken;
            }
            other => panic!("{other:?}"),
        }
    }
    panic!("every hello was taken");
}

pub(crate) async fn removed_member(setup: Setup) -> Case {
    let mut case = setup.start(|_| {}).await;
    let gone = case.admission().await;
    assert_eq!(gone.role, Role::Editor);
    // Known to the room once it has been there.
    drop(Device::connect(case.address, gone.clone(), None, Vec::new(), 0).await);
    let change = RoomChange::Remove {
        member: gone.member.clone(),
    };
    case.owner.say(Body::Room { change }).await;
    for token in [&gone.token, &gone.secret] {
        case.closes_after(&gone.room, &hello(token, None)).await;
    }
    case
}

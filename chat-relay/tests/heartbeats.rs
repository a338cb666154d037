//! Heartbeats over real sockets: dead peers are noticed, quiet ones are not taken for dead, intervals are agreed on.
//! What a round does and when is tested under a paused clock, beside the code.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it unwraps"
)]

mod client;

use std::time::{Duration, Instant};

use chat_relay_protocol::{Body, ClientMessage, Codec, Hello, ServerMessage};
use client::{Device, Socket, create_room, hello, start_with};

fn hurried(config: &mut chat_relay::Config) {
    config.limits.heartbeat_interval = Duration::from_secs(1);
    config.limits.heartbeat_min = Duration::from_millis(200);
}

#[tokio::test]
async fn a_dead_peer_is_noticed_and_a_quiet_one_is_not_taken_for_dead() {
    let data = tempfile::tempdir().unwrap();
    let relay = start_with(data.path(), hurried).await;
    let address = relay.http_address();
    let mut quiet = Device::create(address, "Quiet").await;
    assert_eq!(quiet.welcome.heartbeat_secs, 1);
    for codec in Codec::ALL {
        // Nothing reads this one's socket, so that no ping is answered.
        let code = quiet.joined.code.clone();
        let began = Instant::now();
        let dead = Device::join_as(*codec, address, &code, "Dead").await;
        quiet
            .until(|message| match message {
                ServerMessage::Left { device } => (&device == dead.id()).then_some(()),
                _ => None,
            })
            .await;
        // Two intervals, and what a busy machine takes.
        assert!(began.elapsed() < Duration::from_secs(8));
    }
    quiet.say(Body::chat("alive")).await;
    relay.shutdown().await;
}

#[tokio::test]
async fn an_interval_is_agreed_on_and_can_be_changed() {
    let data = tempfile::tempdir().unwrap();
    let relay = start_with(data.path(), |_| {}).await;
    let address = relay.http_address();
    let room = create_room(address, "Ada").await;
    for (wish, agreed) in [(None, 30), (Some(1), 5), (Some(60), 60), (Some(9999), 120)] {
        let mut socket = Socket::open(address, &room.room).await;
        let ClientMessage::Hello(usual) = hello(&room.token, None) else {
            panic!("no hello");
        };
        let first = Hello {
            heartbeat_secs: wish,
            ..usual
        };
        socket.send(&ClientMessage::Hello(first)).await;
        let ServerMessage::Welcome(welcome) = socket.next().await else {
            panic!("no welcome");
        };
        assert_eq!(welcome.heartbeat_secs, agreed, "{wish:?}");
        for (wish, agreed) in [(0, 5), (45, 45), (u32::MAX, 120)] {
            socket.send(&ClientMessage::Heartbeat { secs: wish }).await;
            let ServerMessage::Heartbeat { secs } = socket.next().await else {
                panic!("no answer");
            };
            assert_eq!(secs, agreed, "{wish}");
        }
    }
    relay.shutdown().await;
}

#[tokio::test]
async fn who_is_quiet_is_told_of_a_longer_interval() {
    let data = tempfile::tempdir().unwrap();
    let relay = start_with(data.path(), hurried).await;
    let address = relay.http_address();
    let mut ada = Device::create(address, "Ada").await;
    ada.socket.send(&ClientMessage::Heartbeat { secs: 1 }).await;
    let mut told = Vec::new();
    while told.len() < 2 {
        told.push(
            ada.until(|message| match message {
                ServerMessage::Heartbeat { secs } => Some(secs),
                _ => None,
            })
            .await,
        );
    }
    assert_eq!(told, [1, 2]);
    ada.say(Body::chat("still here")).await;
    relay.shutdown().await;
}

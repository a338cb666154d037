//! For how long a relay bears with a connection that does not get on, under a paused clock and without a network.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it unwraps"
)]

mod client;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use chat_relay::{
    Config, Relay,
    clock::Clock,
    history::{MemoryConfig, MemoryHistory},
    metrics::Metrics,
};
use chat_relay_protocol::{
    Body, ClientMessage, ErrorCode, Hello, Op, OpId, ServerMessage, rest::Joined,
};
use client::{encoded, hello, request};
use futures_util::{SinkExt, StreamExt};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    time::{Instant, sleep, timeout},
};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

/// More than any wait here.
const LONG: Duration = Duration::from_secs(1000);

/// A relay whose store takes `commit_delay` for everything that it writes, and for opening a room.
fn relay(commit_delay: Duration) -> (Relay, TempDir) {
    let data = tempfile::tempdir().unwrap();
    let mut config = Config {
        workers: 1,
        data: data.path().to_path_buf(),
        ..Config::default()
    };
    config.limits.drain = Duration::ZERO;
    config.limits.heartbeat_max = LONG;
    let history = MemoryHistory::new(MemoryConfig { commit_delay }, Box::new(|_| {}));
    let clock = Clock::system();
    let relay = Relay::without_listener(config, Arc::new(history), clock, Metrics::new());
    (relay.unwrap(), data)
}

fn address() -> SocketAddr {
    "127.0.0.1:1".parse().unwrap()
}

/// The client's end of a connection of which `bytes` are under way at most.
fn connect(relay: &Relay, bytes: usize) -> DuplexStream {
    let (ours, theirs) = duplex(bytes);
    tokio::spawn(relay.serve(theirs, address()));
    ours
}

/// The body of what is answered.
async fn call(relay: &Relay, method: &str, path: &str, body: &str) -> String {
    let mut stream = connect(relay, 4096);
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

async fn create_room(relay: &Relay) -> Joined {
    let answer = call(relay, "POST", "/v1/rooms", r#"{"name":"Ada"}"#).await;
    serde_json::from_str(&answer).unwrap()
}

/// A WebSocket on which a hello was said that wishes for such heartbeats.
async fn say_hello(
    relay: &Relay,
    joined: &Joined,
    heartbeat_secs: Option<u32>,
    bytes: usize,
) -> WebSocketStream<DuplexStream> {
    let stream = connect(relay, bytes);
    let request = request(address(), joined.room.as_str());
    let (mut socket, _) = client_async(request, stream).await.unwrap();
    let ClientMessage::Hello(usual) = hello(&joined.token, None) else {
        panic!("no hello");
    };
    send(
        &mut socket,
        &ClientMessage::Hello(Hello {
            heartbeat_secs,
            ..usual
        }),
    )
    .await;
    socket
}

async fn send(socket: &mut WebSocketStream<DuplexStream>, message: &ClientMessage) {
    let message = encoded(chat_relay_protocol::Codec::Json, message);
    socket.send(message).await.unwrap();
}

/// The next message, none at the end.
async fn next(socket: &mut WebSocketStream<DuplexStream>) -> Option<ServerMessage> {
    loop {
        match timeout(LONG, socket.next()).await.expect("nothing came")? {
            Ok(Message::Text(text)) => return Some(ServerMessage::from_json(&text).unwrap()),
            Ok(Message::Close(_)) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_reads_ends_its_connection() {
    let (relay, _data) = relay(Duration::ZERO);
    let (mut ours, theirs) = duplex(128);
    let serving = tokio::spawn(relay.serve(theirs, address()));
    let start = Instant::now();
    ours.write_all(b"GET /v1/info HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    timeout(LONG, serving).await.expect("it ends").unwrap();
    assert_eq!(start.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_websocket_may_take_nothing_for_as_long_as_its_heartbeats_say() {
    let (relay, _data) = relay(Duration::from_millis(1));
    let room = create_room(&relay).await;
    let mut slow = say_hello(&relay, &room, Some(120), 256).await;
    assert!(matches!(
        next(&mut slow).await,
        Some(ServerMessage::Welcome(_))
    ));
    let code = &room.code;
    let body = format!(r#"{{"code":"{code}","name":"Ben"}}"#);
    let answer = call(&relay, "POST", "/v1/rooms/join", &body).await;
    let ben: Joined = serde_json::from_str(&answer).unwrap();
    let mut writer = say_hello(&relay, &ben, Some(120), 64 * 1024).await;
    let op_id = OpId {
        device: ben.device.clone(),
        counter: 1,
    };
    let text = "x".repeat(2000);
    let op = Op {
        op_id,
        body: Body::chat(text.as_str()),
    };
    send(&mut writer, &ClientMessage::Op(op)).await;
    sleep(Duration::from_secs(100)).await;
    loop {
        match next(&mut slow).await.expect("it is still there") {
            ServerMessage::Events { events } => {
                assert_eq!(events[0].body, Body::chat(text.as_str()));
                break;
            }
            ServerMessage::Error(error) => panic!("{error:?}"),
            _ => {}
        }
    }
}

/// That no room is in memory.
async fn holds_no_room(relay: &Relay) {
    sleep(Duration::from_secs(1)).await;
    let metrics = call(relay, "GET", "/metrics", "").await;
    assert!(metrics.contains("\nchat_relay_rooms_open 0\n"), "{metrics}");
}

#[tokio::test(start_paused = true)]
async fn who_falls_silent_while_its_room_is_loaded_is_let_go() {
    let (relay, _data) = relay(LONG);
    let room = create_room(&relay).await;
    let start = Instant::now();
    let mut socket = say_hello(&relay, &room, None, 4096).await;
    assert_eq!(next(&mut socket).await, None);
    // Two intervals.
    assert!(start.elapsed() < Duration::from_secs(70));
    holds_no_room(&relay).await;
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_its_room_is_told_that_the_relay_ends() {
    let (relay, _data) = relay(LONG);
    let room = create_room(&relay).await;
    let mut socket = say_hello(&relay, &room, None, 4096).await;
    sleep(Duration::from_secs(1)).await;
    let start = Instant::now();
    tokio::spawn(relay.shutdown());
    let Some(ServerMessage::Error(error)) = next(&mut socket).await else {
        panic!("no error");
    };
    assert_eq!(error.code, ErrorCode::ShuttingDown);
    assert!(start.elapsed() < Duration::from_secs(1));
}

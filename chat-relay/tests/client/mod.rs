//! A device of a room and an HTTP caller for the relay's tests, over plain sockets. Every wait has a limit, so
//! that a lost message fails a test instead of hanging it.

#![allow(dead_code, reason = "each test program uses a part of it")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it unwraps"
)]

pub(crate) mod program;

use std::{net::SocketAddr, path::Path, time::Duration};

use chat_relay::{Config, Relay};
use chat_relay_protocol::{
    Body, ClientMessage, Codec, DeviceId, Direct, ErrorCode, Event, Hello, MemberId, Op, OpId,
    Resume, RoomId, ServerMessage, Welcome, WireError, rest::Joined,
};
use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::IntoClientRequest, http, protocol::CloseFrame},
};

/// How long a test waits for what has to come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A relay on a free port that keeps its files in `data`.
pub(crate) async fn start(data: &Path) -> Relay {
    start_with(data, |_| {}).await
}

/// A relay whose configuration `change` has seen.
pub(crate) async fn start_with(data: &Path, change: impl FnOnce(&mut Config)) -> Relay {
    let mut config = config(data);
    change(&mut config);
    Relay::start(config).await.unwrap()
}

/// The configuration of a relay on a free port that keeps its files in `data`.
pub(crate) fn config(data: &Path) -> Config {
    let mut config = Config {
        port: 0,
        https_port: 0,
        workers: 1,
        data: data.to_path_buf(),
        ..Config::default()
    };
    config.limits.drain = Duration::ZERO;
    config
}

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Reads to the end of a connection that brings one answer.
    pub(crate) async fn read(stream: &mut TcpStream) -> Answer {
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let split = answer
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .unwrap();
        let head = String::from_utf8(answer[..split].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer {
            status,
            head,
            body: answer[split + 4..].to_vec(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub(crate) fn json<T: serde::de::DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
}

/// Calls over plain HTTP; `headers` are whole lines.
pub(crate) async fn call(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[&str],
    body: &str,
) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n",
        body.len()
    );
    for line in headers {
        head.push_str(line);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body.as_bytes()).await.unwrap();
    timeout(PATIENCE, Answer::read(&mut stream)).await.unwrap()
}

pub(crate) async fn get(address: SocketAddr, path: &str) -> Answer {
    call(address, "GET", path, &[], "").await
}

pub(crate) async fn post(address: SocketAddr, path: &str, body: &str) -> Answer {
    call(
        address,
        "POST",
        path,
        &["Content-Type: application/json"],
        body,
    )
    .await
}

/// Makes a room.
pub(crate) async fn create_room(address: SocketAddr, name: &str) -> Joined {
    let answer = post(address, "/v1/rooms", &format!(r#"{{"name":"{name}"}}"#)).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

/// Joins a room by its code.
pub(crate) async fn join_room(address: SocketAddr, code: &str, name: &str) -> Joined {
    let body = format!(r#"{{"code":"{code}","name":"{name}"}}"#);
    let answer = post(address, "/v1/rooms/join", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// An opened socket, before hello.
pub(crate) struct Socket {
    pub(crate) stream: WebSocketStream<TcpStream>,
    pub(crate) codec: Codec,
}

/// The opening handshake's request.
pub(crate) fn request(address: SocketAddr, room: &str) -> http::Request<()> {
    request_as(Codec::Json, address, room)
}

/// The same with another codec.
pub(crate) fn request_as(codec: Codec, address: SocketAddr, room: &str) -> http::Request<()> {
    let mut request = format!("ws://{address}/v1/ws?room={room}")
        .into_client_request()
        .unwrap();
    request.headers_mut().insert(
        "Sec-WebSocket-Protocol",
        codec.subprotocol().parse().unwrap(),
    );
    request
}

/// A message as it goes over a socket.
pub(crate) fn encoded(codec: Codec, message: &ClientMessage) -> Message {
    let mut bytes = Vec::new();
    codec.encode_client(message, &mut bytes);
    framed(codec, bytes)
}

/// What a codec wrote, as the kind of message that it wants.
pub(crate) fn framed(codec: Codec, bytes: Vec<u8>) -> Message {
    if codec.is_text() {
        Message::Text(String::from_utf8(bytes).unwrap().into())
    } else {
        Message::Binary(bytes.into())
    }
}

impl Socket {
    pub(crate) async fn open(address: SocketAddr, room: &RoomId) -> Socket {
        Self::open_as(Codec::Json, address, room).await
    }

    pub(crate) async fn open_as(codec: Codec, address: SocketAddr, room: &RoomId) -> Socket {
        let request = request_as(codec, address, room.as_str());
        let mut socket = Self::try_open(address, request).await.unwrap();
        socket.codec = codec;
        socket
    }

    pub(crate) async fn try_open(
        address: SocketAddr,
        request: http::Request<()>,
    ) -> Result<Socket, Error> {
        let stream = TcpStream::connect(address).await.unwrap();
        let (stream, _) = timeout(PATIENCE, client_async(request, stream))
            .await
            .unwrap()?;
        let codec = Codec::Json;
        Ok(Socket { stream, codec })
    }

    pub(crate) async fn send(&mut self, message: &ClientMessage) {
        let message = encoded(self.codec, message);
        self.stream.send(message).await.unwrap();
    }

    pub(crate) async fn send_text(&mut self, text: impl Into<String>) {
        let message = Message::Text(text.into().into());
        self.stream.send(message).await.unwrap();
    }

    /// The next message of the protocol; pings are answered on the way.
    pub(crate) async fn next(&mut self) -> ServerMessage {
        match self.next_or_close().await {
            Ok(message) => message,
            Err(close) => panic!("the relay closed: {close:?}"),
        }
    }

    /// The next message, or how the relay closed.
    pub(crate) async fn next_or_close(&mut self) -> Result<ServerMessage, Option<CloseFrame>> {
        // One limit for all that is passed over: a relay's pings do not prolong it.
        let limit = Instant::now() + PATIENCE;
        loop {
            let message = timeout_at(limit, self.stream.next())
                .await
                .expect("nothing came");
            match message {
                Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => {
                    assert_eq!(message.is_text(), self.codec.is_text());
                    return Ok(self.codec.decode_server(&message.into_data()).unwrap());
                }
                Some(Ok(Message::Close(frame))) => return Err(frame),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(None),
            }
        }
    }

    /// Reads on to the error that ends the connection, and the close frame behind it.
    pub(crate) async fn ending(&mut self) -> (WireError, CloseFrame) {
        let mut error = None;
        loop {
            match self.next_or_close().await {
                Ok(ServerMessage::Error(told)) => error = Some(told),
                Ok(_) => {}
                Err(close) => {
                    let close = close.expect("a close frame");
                    return (error.expect("an error before the close"), close);
                }
            }
        }
    }
}

/// A device in a room.
pub(crate) struct Device {
    pub(crate) socket: Socket,
    pub(crate) joined: Joined,
    pub(crate) welcome: Welcome,
    pub(crate) counter: u64,
    /// Every event that came, in the order it came.
    pub(crate) log: Vec<Event>,
    /// Every direct message that came.
    pub(crate) inbox: Vec<Direct>,
}

impl Device {
    /// Makes a room and connects to it.
    pub(crate) async fn create(address: SocketAddr, name: &str) -> Device {
        let joined = create_room(address, name).await;
        Self::connect(address, joined, None, Vec::new(), 0).await
    }

    /// Makes a room and connects to it with the device's secret in place of its token.
    pub(crate) async fn create_with_secret(address: SocketAddr, name: &str) -> Device {
        let joined = create_room(address, name).await;
        let token = joined.token.clone();
        let with_secret = Joined {
            token: joined.secret.clone(),
            ..joined
        };
        let mut device = Self::connect(address, with_secret, None, Vec::new(), 0).await;
        device.joined.token = token;
        device
    }

    /// Joins a room and connects to it.
    pub(crate) async fn join(address: SocketAddr, code: &str, name: &str) -> Device {
        let joined = join_room(address, code, name).await;
        Self::connect(address, joined, None, Vec::new(), 0).await
    }

    /// The same with another codec.
    pub(crate) async fn join_as(
        codec: Codec,
        address: SocketAddr,
        code: &str,
        name: &str,
    ) -> Device {
        let joined = join_room(address, code, name).await;
        Self::connect_as(codec, address, joined, None, Vec::new(), 0).await
    }

    /// Connects again with what it has.
    pub(crate) async fn reconnect(self, address: SocketAddr) -> Device {
        let (resume, codec) = (self.resume(), self.socket.codec);
        drop(self.socket);
        let (joined, log, counter) = (self.joined, self.log, self.counter);
        let mut device = Self::connect_as(codec, address, joined, Some(resume), log, counter).await;
        if !device.welcome.from_start {
            device.inbox = self.inbox;
        }
        device
    }

    pub(crate) fn resume(&self) -> Resume {
        Resume {
            epoch: self.welcome.epoch.clone(),
            seq: self.log.last().map_or(0, |event| event.seq),
            inbox: self.inbox.last().map_or(0, |direct| direct.seq),
        }
    }

    pub(crate) async fn connect(
        address: SocketAddr,
        joined: Joined,
        resume: Option<Resume>,
        log: Vec<Event>,
        counter: u64,
    ) -> Device {
        Self::connect_as(Codec::Json, address, joined, resume, log, counter).await
    }

    pub(crate) async fn connect_as(
        codec: Codec,
        address: SocketAddr,
        joined: Joined,
        resume: Option<Resume>,
        log: Vec<Event>,
        counter: u64,
    ) -> Device {
        let mut socket = Socket::open_as(codec, address, &joined.room).await;
        socket.send(&hello(&joined.token, resume)).await;
        let ServerMessage::Welcome(welcome) = socket.next().await else {
            panic!("no welcome came first");
        };
        Device {
            socket,
            joined,
            welcome,
            counter,
            log,
            inbox: Vec::new(),
        }
    }

    /// A further device of the same member.
    pub(crate) async fn link(&self, address: SocketAddr) -> Device {
        let bearer = format!("Authorization: Bearer {}", self.joined.token);
        let answer = call(address, "POST", "/v1/devices", &[&bearer], "").await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        Self::connect(address, answer.json(), None, Vec::new(), 0).await
    }

    pub(crate) fn member(&self) -> MemberId {
        self.joined.member.clone()
    }

    /// Reads until an op of this device is refused.
    pub(crate) async fn refused(&mut self, op: &Op) -> WireError {
        let op_id = Some(op.op_id.clone());
        self.until(|message| error_of(message).filter(|error| error.op_id == op_id))
            .await
    }

    /// Sends an op and reads its refusal.
    pub(crate) async fn refusal_of(&mut self, body: Body) -> ErrorCode {
        let op = self.send(body).await;
        self.refused(&op).await.code
    }

    /// Sends an op and reads until its event is in the log; returns its place.
    pub(crate) async fn say(&mut self, body: Body) -> u64 {
        let op = self.send(body).await;
        loop {
            if let Some(event) = self.log.iter().rev().find(|event| event.op_id == op.op_id) {
                return event.seq;
            }
            match self.socket.next().await {
                ServerMessage::Events { events } => self.note(events),
                ServerMessage::Error(error) => panic!("refused: {error:?}"),
                ServerMessage::Inbox { entries } => self.note_inbox(entries),
                _ => {}
            }
        }
    }

    pub(crate) fn id(&self) -> &DeviceId {
        &self.joined.device
    }

    /// The next op of this device.
    pub(crate) fn op(&mut self, body: Body) -> Op {
        self.counter += 1;
        Op {
            op_id: OpId {
                device: self.joined.device.clone(),
                counter: self.counter,
            },
            body,
        }
    }

    /// Sends a chat message; returns its op.
    pub(crate) async fn chat(&mut self, text: &str) -> Op {
        self.send(Body::chat(text)).await
    }

    /// Sends an op; returns it.
    pub(crate) async fn send(&mut self, body: Body) -> Op {
        let op = self.op(body);
        self.socket.send(&ClientMessage::Op(op.clone())).await;
        op
    }

    /// The next message that is no event; events go into the log, which has to stay gapless.
    pub(crate) async fn next(&mut self) -> ServerMessage {
        loop {
            let message = self.socket.next().await;
            match message {
                ServerMessage::Events { events } => self.note(events),
                ServerMessage::Inbox { entries } => self.note_inbox(entries),
                message => return message,
            }
        }
    }

    /// Reads until the log has an event with `seq`.
    pub(crate) async fn until_seq(&mut self, seq: u64) {
        while self.log.last().map_or(0, |event| event.seq) < seq {
            match self.socket.next().await {
                ServerMessage::Events { events } => self.note(events),
                ServerMessage::Inbox { entries } => self.note_inbox(entries),
                _ => {}
            }
        }
    }

    /// Reads until a message of which `pick` makes something; passes over others.
    pub(crate) async fn until<T>(&mut self, pick: impl Fn(ServerMessage) -> Option<T>) -> T {
        loop {
            if let Some(picked) = pick(self.next().await) {
                return picked;
            }
        }
    }

    pub(crate) fn note(&mut self, events: Vec<Event>) {
        for event in events {
            let last = self.log.last().map_or(0, |event| event.seq);
            assert_eq!(event.seq, last + 1, "events are gapless and in order");
            self.log.push(event);
        }
    }

    pub(crate) fn note_inbox(&mut self, entries: Vec<Direct>) {
        for entry in entries {
            let follows = |last: &Direct| entry.seq == last.seq + 1;
            assert!(self.inbox.last().is_none_or(follows), "an inbox is gapless");
            self.inbox.push(entry);
        }
    }

    /// The texts of the chat in the log.
    pub(crate) fn texts(&self) -> Vec<&str> {
        self.log
            .iter()
            .filter_map(|event| match &event.body {
                Body::Chat(chat) => Some(chat.text.as_str()),
                _ => None,
            })
            .collect()
    }

    /// Sends a ping and reads until its answer: then everything sent before has been handled, and single
    /// messages before have been answered.
    pub(crate) async fn settle(&mut self) {
        self.socket.send(&ClientMessage::Ping { nonce: 99 }).await;
        self.until(|message| matches!(message, ServerMessage::Pong { nonce: 99 }).then_some(()))
            .await;
    }
}

pub(crate) fn hello(token: &str, resume: Option<Resume>) -> ClientMessage {
    ClientMessage::Hello(Hello {
        version: 1,
        token: token.into(),
        name: String::new(),
        resume,
        presence_millis: None,
        heartbeat_secs: None,
    })
}

/// The code of an error message, if it is one.
pub(crate) fn error_of(message: ServerMessage) -> Option<WireError> {
    match message {
        ServerMessage::Error(error) => Some(error),
        _ => None,
    }
}

pub(crate) fn code_of(error: &WireError) -> ErrorCode {
    error.code
}

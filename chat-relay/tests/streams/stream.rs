//! An event stream as its client reads it: HTTP/1.1 and server-sent events by hand.

use std::net::SocketAddr;

use chat_relay_protocol::{
    Body, ClientMessage, Event, Op, OpId, Resume, ServerMessage, Welcome, WireError, rest::Joined,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::client::{Answer, PATIENCE, error_of, hello, post};

/// An open event stream.
pub(crate) struct Stream {
    address: SocketAddr,
    socket: TcpStream,
    /// The answer's head.
    pub(crate) head: String,
    /// Bytes that came and are not read yet.
    came: Vec<u8>,
    /// The text of the body that is not taken yet.
    text: String,
    pub(crate) session: String,
    pub(crate) joined: Joined,
    pub(crate) log: Vec<Event>,
    pub(crate) counter: u64,
}

/// What a stream brings.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "one is there at a time")]
pub(crate) enum Came {
    Message(ServerMessage),
    Comment,
    End,
}

impl Stream {
    pub(crate) async fn open(
        address: SocketAddr,
        joined: Joined,
        resume: Option<Resume>,
    ) -> (Self, Welcome) {
        let mut stream = Self::begin(address, joined, resume).await;
        assert!(stream.head.starts_with("HTTP/1.1 200"), "{}", stream.head);
        match stream.next().await {
            Came::Message(ServerMessage::Welcome(welcome)) => (stream, welcome),
            other => panic!("no welcome came first but {other:?}"),
        }
    }

    /// Opens a stream and reads its session.
    pub(crate) async fn begin(address: SocketAddr, joined: Joined, resume: Option<Resume>) -> Self {
        let mut socket = TcpStream::connect(address).await.unwrap();
        let body = hello(&joined.token, resume).to_json();
        let request = format!(
            "POST /v1/stream?room={} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {}\r\n\r\n{body}",
            joined.room,
            body.len()
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut stream = Self {
            address,
            socket,
            head: String::new(),
            came: Vec::new(),
            text: String::new(),
            session: String::new(),
            joined,
            log: Vec::new(),
            counter: 0,
        };
        stream.head = stream.until(b"\r\n\r\n").await.unwrap();
        let session = stream.event().await.unwrap();
        let data = session.strip_prefix("event: session\ndata: ").unwrap();
        let named: serde_json::Value = serde_json::from_str(data).unwrap();
        stream.session = named["session"].as_str().unwrap().into();
        assert!(stream.session.len() >= 32, "a session is a secret");
        stream
    }

    /// The bytes up to a mark, without it; `None` at the end.
    async fn until(&mut self, mark: &[u8]) -> Option<String> {
        loop {
            let at = self.came.windows(mark.len()).position(|some| some == mark);
            if let Some(at) = at {
                let rest = self.came.split_off(at + mark.len());
                let mut text = std::mem::replace(&mut self.came, rest);
                text.truncate(at);
                return Some(String::from_utf8(text).unwrap());
            }
            if !self.fill().await {
                return None;
            }
        }
    }

    async fn fill(&mut self) -> bool {
        let mut buffer = vec![0; 64 * 1024];
        let read = timeout(PATIENCE, self.socket.read(&mut buffer))
            .await
            .expect("nothing came");
        match read {
            Ok(0) | Err(_) => false,
            Ok(read) => {
                self.came.extend_from_slice(&buffer[..read]);
                true
            }
        }
    }

    /// The next event, or comment, as it stands in the stream: chunks of HTTP/1.1 are put together.
    async fn event(&mut self) -> Option<String> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let event = event.to_owned();
                self.text = rest.to_owned();
                return Some(event);
            }
            let length = self.until(b"\r\n").await?;
            let length = usize::from_str_radix(&length, 16).unwrap();
            while self.came.len() < length + 2 {
                if !self.fill().await {
                    return None;
                }
            }
            let rest = self.came.split_off(length + 2);
            let chunk = std::mem::replace(&mut self.came, rest);
            if length == 0 {
                return None;
            }
            self.text
                .push_str(std::str::from_utf8(&chunk[..length]).unwrap());
        }
    }

    pub(crate) async fn next(&mut self) -> Came {
        let Some(event) = self.event().await else {
            return Came::End;
        };
        match event.strip_prefix("data: ") {
            Some(data) => Came::Message(ServerMessage::from_json(data).unwrap()),
            None => {
                assert!(event.starts_with(':'), "{event}");
                Came::Comment
            }
        }
    }

    /// Reads until a message of which `pick` makes something; events go into the log.
    pub(crate) async fn pick<T>(&mut self, pick: impl Fn(ServerMessage) -> Option<T>) -> T {
        loop {
            match self.next().await {
                Came::Message(ServerMessage::Events { events }) => self.note(events),
                Came::Message(message) => {
                    if let Some(picked) = pick(message) {
                        return picked;
                    }
                }
                Came::Comment => {}
                Came::End => panic!("the stream ended"),
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

    pub(crate) async fn until_seq(&mut self, seq: u64) {
        while self.log.last().map_or(0, |event| event.seq) < seq {
            match self.next().await {
                Came::Message(ServerMessage::Events { events }) => self.note(events),
                Came::End => panic!("the stream ended"),
                _ => {}
            }
        }
    }

    /// Reads on to the error that ends the stream.
    pub(crate) async fn ending(&mut self) -> WireError {
        let mut told = None;
        loop {
            match self.next().await {
                Came::Message(message) => told = error_of(message).or(told),
                Came::Comment => {}
                Came::End => return told.expect("an error before the end"),
            }
        }
    }

    pub(crate) async fn post(&self, message: &ClientMessage) -> Answer {
        let path = format!("/v1/stream/{}", self.session);
        post(self.address, &path, &message.to_json()).await
    }

    pub(crate) async fn send(&self, message: &ClientMessage) {
        let answer = self.post(message).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
    }

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

    /// Sends an op and waits for its event.
    pub(crate) async fn say(&mut self, text: &str) -> u64 {
        let op = self.op(Body::chat(text));
        self.send(&ClientMessage::Op(op.clone())).await;
        loop {
            if let Some(event) = self.log.iter().find(|event| event.op_id == op.op_id) {
                return event.seq;
            }
            match self.next().await {
                Came::Message(ServerMessage::Events { events }) => self.note(events),
                Came::Message(ServerMessage::Error(error)) => panic!("{error:?}"),
                Came::End => panic!("the stream ended"),
                _ => {}
            }
        }
    }

    pub(crate) fn resume(&self, epoch: &str) -> Resume {
        Resume {
            epoch: epoch.into(),
            seq: self.log.last().map_or(0, |event| event.seq),
            inbox: 0,
        }
    }
}

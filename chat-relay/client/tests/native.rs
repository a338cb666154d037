//! The driver over tokio, against a relay of a few lines over pipes, under a paused clock.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "the helpers of tests stop the test too"
)]

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use chat_relay_client::{
    ConnectionState, News,
    native::{Connector, Device, Handle},
};
use chat_relay_protocol::{
    ClientMessage, Codec, DeviceId, Event, Member, MemberId, Presence, Role, RoomId, RoomSettings,
    ServerMessage, Welcome, rest::Joined,
};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::{
    io::DuplexStream,
    sync::{Notify, mpsc},
    time::Instant,
};
use tokio_tungstenite::{
    accept_hdr_async,
    tungstenite::{
        Message,
        handshake::server::{Request, Response},
    },
};

/// A relay with one room and its log.
#[derive(Default)]
struct Relay {
    log: Mutex<Vec<Event>>,
    connections: AtomicUsize,
    /// Breaks all connections.
    cut: Notify,
    /// Refuses to be reached.
    down: AtomicBool,
    /// Says nothing any more, and does not close either.
    silent: AtomicBool,
}

fn joined() -> Joined {
    Joined {
        room: RoomId::new("r").unwrap(),
        code: "ABC234".into(),
        member: MemberId::new("m").unwrap(),
        device: DeviceId::new("d").unwrap(),
        role: Role::Owner,
        token: "a.b.c".into(),
        expires_at: 0,
        secret: "secret".into(),
    }
}

impl Relay {
    fn connector(self: &Arc<Self>, codec: Codec) -> Arc<dyn Connector> {
        let relay = Arc::clone(self);
        Arc::new(move |address: String| {
            let relay = Arc::clone(&relay);
            async move {
                assert_eq!(address, "relay.test:80");
                if relay.down.load(Ordering::Relaxed) {
                    return Err(std::io::ErrorKind::ConnectionRefused.into());
                }
                let (ours, theirs) = tokio::io::duplex(4096);
                tokio::spawn(async move { relay.serve(theirs, codec).await });
                Ok(ours)
            }
        })
    }

    #[allow(
        clippy::result_large_err,
        reason = "the shape of tungstenite's callback"
    )]
    async fn serve(self: Arc<Self>, stream: DuplexStream, codec: Codec) {
        self.connections.fetch_add(1, Ordering::Relaxed);
        let choose = |request: &Request, mut response: Response| {
            assert_eq!(request.uri(), "/v1/ws?room=r");
            let wanted = request.headers()["Sec-WebSocket-Protocol"].clone();
            assert_eq!(wanted, codec.subprotocol());
            response
                .headers_mut()
                .insert("Sec-WebSocket-Protocol", wanted);
            Ok(response)
        };
        let mut socket = accept_hdr_async(stream, choose).await.unwrap();
        loop {
            let message = tokio::select! {
                () = self.cut.notified() => return,
                message = socket.next() => message,
            };
            let bytes = match message {
                Some(Ok(Message::Text(text))) if codec.is_text() => text.into(),
                Some(Ok(Message::Binary(bytes))) if !codec.is_text() => bytes,
                Some(Ok(Message::Text(_) | Message::Binary(_))) => panic!("of the wrong kind"),
                Some(Ok(_)) => continue,
                _ => return,
            };
            for answer in self.answers(codec.decode_client(&bytes).unwrap()) {
                if self.silent.load(Ordering::Relaxed) {
                    continue;
                }
                let mut bytes = Vec::new();
                codec.encode_server(&answer, &mut bytes);
                let message = if codec.is_text() {
                    Message::text(String::from_utf8(bytes).unwrap())
                } else {
                    Message::binary(bytes)
                };
                if socket.send(message).await.is_err() {
                    return;
                }
            }
        }
    }

    fn answers(&self, message: ClientMessage) -> Vec<ServerMessage> {
        let mut log = self.log.lock().unwrap();
        match message {
            ClientMessage::Hello(hello) => {
                assert_eq!(hello.token, "secret");
                let resume = hello.resume.map_or(0, |resume| resume.seq);
                let missed = log[usize::try_from(resume).unwrap()..].to_vec();
                let mut answers = vec![ServerMessage::Welcome(welcome(log.len() as u64))];
                if !missed.is_empty() {
                    answers.push(ServerMessage::Events { events: missed });
                }
                answers
            }
            ClientMessage::Op(op) => {
                let event = Event {
                    seq: log.len() as u64 + 1,
                    at: 0,
                    from: joined().member,
                    op_id: op.op_id,
                    body: op.body,
                };
                log.push(event.clone());
                vec![ServerMessage::Events {
                    events: vec![event],
                }]
            }
            ClientMessage::Ping { nonce } => vec![ServerMessage::Pong { nonce }],
            _ => Vec::new(),
        }
    }
}

fn welcome(seq: u64) -> Welcome {
    let you = Member {
        member: joined().member,
        device: joined().device,
        name: "Ada".into(),
        hue: 1,
        role: Role::Owner,
        muted: false,
        presence: Presence::default(),
    };
    Welcome {
        room: joined().room,
        code: joined().code,
        epoch: "e".into(),
        seq,
        from_start: false,
        snapshot: false,
        you: you.clone(),
        members: vec![you],
        past_members: Vec::new(),
        settings: RoomSettings::default(),
        inbox: 0,
        read_seq: 0,
        unread: 0,
        heartbeat_secs: 30,
    }
}

async fn say(device: &Handle, text: &'static str) {
    device
        .update(move |client, now| client.chat(text, now))
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_is_said_arrives_in_every_codec() {
    for codec in Codec::ALL {
        let relay = Arc::new(Relay::default());
        let connector = relay.connector(*codec);
        let device = Device::new(connector, "relay.test:80", &joined())
            .codec(*codec)
            .spawn();
        say(&device, "hello").await;
        assert!(device.until(|client| client.last_seq() == 1).await);
        assert_eq!(
            device.update(|client, _| client.pending_count()).await,
            Some(0)
        );
        device.close().await;
    }
}

#[tokio::test(start_paused = true)]
async fn it_comes_back_after_a_broken_connection_and_a_time_without_a_relay() {
    let relay = Arc::new(Relay::default());
    let (news, mut heard) = mpsc::unbounded_channel();
    let device = Device::new(relay.connector(Codec::Json), "relay.test:80", &joined())
        .news(news)
        .spawn();
    say(&device, "one").await;
    assert!(device.until(|client| client.last_seq() == 1).await);
    relay.down.store(true, Ordering::Relaxed);
    relay.cut.notify_waiters();
    let lost = |state| state == ConnectionState::Reconnecting;
    assert!(device.until(move |client| lost(client.connection())).await);
    say(&device, "two").await;
    say(&device, "three").await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    relay.down.store(false, Ordering::Relaxed);
    assert!(device.until(|client| client.last_seq() == 3).await);
    assert_eq!(relay.connections.load(Ordering::Relaxed), 2);
    let counters: Vec<_> = relay
        .log
        .lock()
        .unwrap()
        .iter()
        .map(|e| e.op_id.counter)
        .collect();
    assert!(counters.is_sorted_by(|a, b| a < b), "{counters:?}");
    let mut seqs = Vec::new();
    while let Ok(news) = heard.try_recv() {
        if let News::Event(event) = news {
            seqs.push(event.seq);
        }
    }
    assert_eq!(seqs, [1, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_falls_silent_is_given_up_after_two_intervals() {
    let relay = Arc::new(Relay::default());
    let device = Device::new(relay.connector(Codec::Json), "relay.test:80", &joined()).spawn();
    assert!(device.until(|client| client.is_synced()).await);
    let start = Instant::now();
    relay.silent.store(true, Ordering::Relaxed);
    let lost = |state| state == ConnectionState::Reconnecting;
    assert!(device.until(move |client| lost(client.connection())).await);
    let took = start.elapsed();
    assert!((50..=60).contains(&took.as_secs()), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn it_ends_with_its_last_handle() {
    let relay = Arc::new(Relay::default());
    let device = Device::new(relay.connector(Codec::Json), "relay.test:80", &joined()).spawn();
    assert!(device.until(|client| client.is_synced()).await);
    let mut changes = device.changes();
    drop(device);
    while changes.changed().await.is_ok() {}
    assert_eq!(Arc::strong_count(&relay), 1, "the connection was closed");
}

#[tokio::test(start_paused = true)]
async fn what_is_stored_is_sent_after_a_restart_and_nothing_before_it_is_stored() {
    let save = Duration::from_millis(250);
    let relay = Arc::new(Relay::default());
    relay.down.store(true, Ordering::Relaxed);
    let kept: Arc<Mutex<Option<String>>> = Arc::default();
    let start = || {
        let (stored, kept) = (kept.lock().unwrap().clone(), Arc::clone(&kept));
        let connector = relay.connector(Codec::Json);
        let device = Device::new(connector, "relay.test:80", &joined());
        let storage = move |stored_json| {
            let kept = Arc::clone(&kept);
            async move {
                tokio::time::sleep(save).await;
                *kept.lock().unwrap() = Some(stored_json);
            }
        };
        device.storage(stored, storage).spawn()
    };
    let device = start();
    say(&device, "offline").await;
    tokio::time::sleep(2 * save).await;
    drop(device);

    relay.down.store(false, Ordering::Relaxed);
    let device = start();
    assert!(device.until(|client| client.pending_count() == 0).await);
    assert_eq!(relay.log.lock().unwrap().len(), 1);
    let said = Instant::now();
    say(&device, "online").await;
    assert!(device.until(|client| client.pending_count() == 0).await);
    assert!(said.elapsed() >= save, "sent before it was stored");
}

//! The program itself: how it refuses to start, how it ends, and what is left after it was killed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it unwraps"
)]

mod client;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::Path,
    process::{Output, Stdio},
};

use chat_relay_protocol::{Body, ClientMessage, Event, Op, ServerMessage};
use client::{Device, PATIENCE, start};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

fn program(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chat-relay"));
    command
        .args([
            "serve",
            "--ready-json",
            "--port",
            "0",
            "--https-port",
            "0",
            "--data",
        ])
        .arg(data)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Starts the program and reads where it is.
async fn run(data: &Path) -> (Child, SocketAddr) {
    let mut child = program(data).spawn().unwrap();
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    timeout(PATIENCE, out.read_line(&mut line))
        .await
        .unwrap()
        .unwrap();
    let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(ready["event"], "ready");
    let url = ready["url"].as_str().unwrap();
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    (child, address.parse().unwrap())
}

#[tokio::test]
async fn what_hinders_a_start_is_one_sentence_and_status_1() {
    let data = tempfile::tempdir().unwrap();
    let taken = start(data.path()).await;
    let port = taken.http_address().port().to_string();
    let free = tempfile::tempdir().unwrap();
    let not_pem = free.path().join("not.pem");
    std::fs::write(&not_pem, "not PEM").unwrap();
    let not_pem = not_pem.to_str().unwrap();
    let cases: [(&Path, &[&str], &str); 6] = [
        (
            free.path(),
            &["--port", &port],
            "choose another one with --port",
        ),
        (
            free.path(),
            &["--web", "/nowhere/dist"],
            "name its folder with --web",
        ),
        (
            free.path(),
            &["--tls-cert", "/nowhere.pem", "--tls-key", not_pem],
            "/nowhere.pem",
        ),
        (
            free.path(),
            &["--tls-cert", not_pem, "--tls-key", not_pem],
            "--tls-cert and --tls-key",
        ),
        (
            free.path(),
            &["--allow-origin", "school"],
            "https://school.example",
        ),
        (data.path(), &[], "another relay uses the data folder"),
    ];
    for (data, arguments, expected) in cases {
        let mut command = program(data);
        // The last of a repeated option holds.
        command.args(arguments);
        let output: Output = timeout(PATIENCE, command.output()).await.unwrap().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains(expected), "{arguments:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{arguments:?}: {said}");
        assert!(output.stdout.is_empty());
    }
    taken.shutdown().await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_signal_ends_it_cleanly() {
    for signal in ["-TERM", "-INT"] {
        let data = tempfile::tempdir().unwrap();
        let (mut child, address) = run(data.path()).await;
        let mut device = Device::create(address, "Ada").await;
        device.chat("kept").await;
        device.until_seq(1).await;
        let id = child.id().unwrap().to_string();
        Command::new("kill")
            .args([signal, &id])
            .status()
            .await
            .unwrap();
        let (error, close) = device.socket.ending().await;
        assert_eq!(error.code, chat_relay_protocol::ErrorCode::ShuttingDown);
        assert_eq!(u16::from(close.code), 1012);
        let status = timeout(PATIENCE, child.wait()).await.unwrap().unwrap();
        assert!(status.success(), "{signal}: {status}");
        let mut said = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .await
            .unwrap();
        assert_eq!(said, "", "{signal}");
        let relay = start(data.path()).await;
        let mut device = device.reconnect(relay.http_address()).await;
        device.settle().await;
        assert_eq!(device.texts(), ["kept"]);
        relay.shutdown().await;
    }
}

/// A writer that keeps its ops until they are acknowledged, as a device does.
struct Writer {
    device: Device,
    pending: BTreeMap<u64, Op>,
}

impl Writer {
    /// Sends until the relay goes away; the log holds what was acknowledged or seen. Calls `seen` with its length.
    async fn write(&mut self, seen: impl Fn(usize)) {
        use futures_util::{SinkExt, StreamExt};
        use tokio_tungstenite::tungstenite::Message;
        loop {
            while self.pending.len() < 16 {
                let op = self.device.op(Body::Chat {
                    text: format!("from {}", self.device.id()),
                });
                self.pending.insert(op.op_id.counter, op.clone());
                let message = Message::Text(ClientMessage::Op(op).to_json().into());
                if self.device.socket.stream.send(message).await.is_err() {
                    return;
                }
            }
            let message = timeout(PATIENCE, self.device.socket.stream.next())
                .await
                .expect("nothing came");
            match message {
                Some(Ok(Message::Text(text))) => {
                    self.take(ServerMessage::from_json(&text).unwrap())
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return,
            }
            seen(self.device.log.len());
        }
    }

    fn take(&mut self, message: ServerMessage) {
        match message {
            ServerMessage::Events { events } => {
                for event in &events {
                    if &event.from == self.device.id() {
                        self.pending.remove(&event.op_id.counter);
                    }
                }
                self.device.note(events);
            }
            ServerMessage::Ack { op_id, .. } => {
                self.pending.remove(&op_id.counter);
            }
            _ => {}
        }
    }

    /// Connects again and sends what is pending, oldest first, until all of it is acknowledged.
    async fn return_to(self, address: SocketAddr) -> Writer {
        let mut writer = Writer {
            device: self.device.reconnect(address).await,
            pending: self.pending,
        };
        assert!(!writer.device.welcome.from_start);
        for op in writer.pending.values() {
            writer
                .device
                .socket
                .send(&ClientMessage::Op(op.clone()))
                .await;
        }
        while !writer.pending.is_empty() {
            let message = writer.device.socket.next().await;
            writer.take(message);
        }
        writer
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_or_doubled_when_it_is_killed() {
    const ROUNDS: usize = 6;
    const WRITERS: usize = 4;
    let data = tempfile::tempdir().unwrap();
    let (mut child, mut address) = run(data.path()).await;
    let first = Device::create(address, "0").await;
    let code = first.joined.code.clone();
    let mut writers = Vec::new();
    for n in 0..WRITERS {
        let device = Device::join(address, &code, &n.to_string()).await;
        writers.push(Writer {
            device,
            pending: BTreeMap::new(),
        });
    }
    drop(first);

    for round in 1..=ROUNDS {
        // Killed in the middle of the load, each time at another point of it.
        let enough = writers[0].device.log.len() + 100 + 37 * round;
        let (reached, mut at) = tokio::sync::watch::channel(0);
        let tasks: Vec<_> = writers
            .into_iter()
            .map(|mut writer| {
                let reached = reached.clone();
                tokio::spawn(async move {
                    writer
                        .write(|len| {
                            reached.send_replace(len);
                        })
                        .await;
                    writer
                })
            })
            .collect();
        timeout(PATIENCE, at.wait_for(|len| *len >= enough))
            .await
            .unwrap()
            .unwrap();
        child.start_kill().unwrap();
        child.wait().await.unwrap();
        writers = Vec::new();
        for task in tasks {
            writers.push(task.await.unwrap());
        }
        let seen: Vec<Event> = writers
            .iter()
            .map(|writer| &writer.device.log)
            .max_by_key(|log| log.len())
            .unwrap()
            .clone();

        (child, address) = run(data.path()).await;
        // A newcomer sees everything that anybody was told of, in the same places.
        let mut fresh = Device::join(address, &code, "fresh").await;
        let last = fresh.welcome.seq;
        fresh.until_seq(last).await;
        assert_eq!(fresh.log[..seen.len()], seen[..], "round {round}");
        let mut returned = Vec::new();
        for writer in writers {
            returned.push(writer.return_to(address).await);
        }
        writers = returned;
    }

    let mut fresh = Device::join(address, &code, "fresh").await;
    let last = fresh.welcome.seq;
    fresh.until_seq(last).await;
    for writer in &writers {
        // Nothing is pending, so every op that was ever sent is there: once, and in order.
        let counters: Vec<u64> = fresh
            .log
            .iter()
            .filter(|event| &event.from == writer.device.id())
            .map(|event| event.op_id.counter)
            .collect();
        assert_eq!(counters, (1..=writer.device.counter).collect::<Vec<_>>());
    }
    let total: u64 = writers.iter().map(|writer| writer.device.counter).sum();
    assert_eq!(total, last);
    child.kill().await.unwrap();
}

//! The program itself: how it refuses to start, and how it ends.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it unwraps"
)]

mod client;

use std::{path::Path, process::Output};

use client::{
    Device, PATIENCE,
    program::{program, run},
    start,
};
use tokio::{io::AsyncReadExt, process::Command, time::timeout};

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
        let (mut child, address) = run(data.path(), &[]).await;
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

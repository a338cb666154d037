//! A store that takes no writes: told as such, never a false acknowledgement, and all is well afterwards.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it unwraps"
)]

mod client;

use std::time::Duration;

use chat_relay_protocol::{ClientMessage, ErrorCode, Op, Retry, ServerMessage};
use client::{Device, get, post, start, start_with};

/// Sends until the store refuses; returns the refused op.
async fn fill(device: &mut Device) -> Op {
    let line = "x".repeat(4000);
    loop {
        let op = device.chat(&line).await;
        let seq = device.log.len();
        while device.log.len() == seq {
            match device.socket.next().await {
                ServerMessage::Events { events } => device.note(events),
                ServerMessage::Error(error) => {
                    assert_eq!(error.code, ErrorCode::Storage);
                    assert_eq!(error.op_id, Some(op.op_id.clone()));
                    assert!(matches!(error.retry, Retry::Later { .. }));
                    return op;
                }
                _ => {}
            }
        }
    }
}

#[tokio::test]
async fn a_full_store_refuses_and_keeps_what_it_has() {
    let data = tempfile::tempdir().unwrap();
    let relay = start_with(data.path(), |config| {
        config.limits.store_bytes = Some(256 * 1024);
    })
    .await;
    let address = relay.http_address();
    let mut ada = Device::create(address, "Ada").await;
    let refused = fill(&mut ada).await;
    let kept = ada.log.clone();
    assert!(kept.len() > 10, "{}", kept.len());
    assert_eq!(get(address, "/readyz").await.status, 503);
    assert_eq!(get(address, "/healthz").await.status, 200);

    // Reading goes on, with exactly what was acknowledged.
    let mut reader = Device::connect(address, ada.joined.clone(), None, Vec::new(), 0).await;
    reader.until_seq(kept.len() as u64).await;
    assert_eq!(reader.log, kept);
    reader.settle().await;
    assert_eq!(reader.log, kept);
    relay.shutdown().await;

    // With room again, the refused op is taken, once, right behind.
    let relay = start(data.path()).await;
    let address = relay.http_address();
    assert_eq!(get(address, "/readyz").await.status, 200);
    let mut ada = reader.reconnect(address).await;
    ada.socket.send(&ClientMessage::Op(refused.clone())).await;
    ada.until_seq(kept.len() as u64 + 1).await;
    assert_eq!(ada.log.last().unwrap().op_id, refused.op_id);
    relay.shutdown().await;
}

#[tokio::test]
async fn a_store_held_by_another_process_is_waited_out() {
    let data = tempfile::tempdir().unwrap();
    let relay = start_with(data.path(), |config| {
        config.limits.store_busy_timeout = Duration::from_millis(20);
    })
    .await;
    let address = relay.http_address();
    let mut ada = Device::create(address, "Ada").await;
    let other = rusqlite::Connection::open(data.path().join("relay.sqlite")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let op = ada.chat("held").await;
    let (error, close) = ada.socket.ending().await;
    assert_eq!(error.code, ErrorCode::Storage);
    assert_eq!(u16::from(close.code), 1011);
    assert_eq!(get(address, "/readyz").await.status, 503);
    let answer = post(address, "/v1/rooms", r#"{"name":"x"}"#).await;
    assert_eq!(answer.status, 503);
    other.execute_batch("ROLLBACK").unwrap();

    assert_eq!(get(address, "/readyz").await.status, 200);
    let mut ada = ada.reconnect(address).await;
    ada.socket.send(&ClientMessage::Op(op)).await;
    ada.until_seq(1).await;
    assert_eq!(ada.texts(), ["held"]);
    relay.shutdown().await;
}

//! `/metrics` as it is asked for: who gets it, and what stands there of HTTP.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it unwraps"
)]

mod client;

use chat_relay::{Config, Relay};
use client::{call, get, post, start, start_with};

#[tokio::test]
async fn they_are_for_this_machine_and_not_for_those_behind_its_proxy() {
    let data = tempfile::tempdir().unwrap();
    let relay = start_with(data.path(), |config| {
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    let address = relay.http_address();
    assert_eq!(get(address, "/metrics").await.status, 200);
    for lines in [
        &["X-Forwarded-For: 198.51.100.1"][..],
        &["X-Forwarded-For: 127.0.0.1"],
        &["Forwarded: for=127.0.0.1"],
        // The proxy wrote one of them, and who asked the other one.
        &[
            "Forwarded: for=198.51.100.1",
            "X-Forwarded-For: 198.51.100.2",
        ],
        &["X-Forwarded-For: unknown"],
    ] {
        let answer = call(address, "GET", "/metrics", lines, "").await;
        assert_eq!(answer.status, 404, "{lines:?}");
    }
    relay.shutdown().await;
}

#[tokio::test]
async fn refusals_over_http_are_counted() {
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let address = relay.http_address();
    let wrong = r#"{"code":"ZZZZZZ","name":"x"}"#;
    for _ in 0..2 {
        assert_eq!(post(address, "/v1/rooms/join", wrong).await.status, 404);
    }
    assert_eq!(get(address, "/v1/ws").await.status, 426);
    let text = get(address, "/metrics").await.text();
    for line in [
        "chat_relay_refused_total{code=\"room_not_found\"} 2\n",
        "chat_relay_refused_total{code=\"bad_message\"} 1\n",
        "chat_relay_refused_total{code=\"rate_limited\"} 0\n",
    ] {
        assert!(text.contains(line), "{line}{text}");
    }
    relay.shutdown().await;
}

#[tokio::test]
async fn a_taken_address_for_them_is_told_with_the_key_that_chooses_it() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let data = tempfile::tempdir().unwrap();
    let config = Config {
        port: 0,
        https_port: 0,
        workers: 1,
        data: data.path().to_path_buf(),
        metrics_bind: Some(taken.local_addr().unwrap()),
        ..Config::default()
    };
    let Err(error) = Relay::start(config).await else {
        panic!("the address was free");
    };
    let told = error.to_string();
    assert!(told.ends_with("with the key metrics_bind"), "{told}");
}

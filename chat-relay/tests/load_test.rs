//! A load test against a relay in the same process: what comes out, what it writes, and what it says when the relay does
//! not let it in.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it unwraps"
)]

mod client;

use chat_relay::{
    Relay,
    config::arguments::{Arguments, Command},
    load_test::{self, Options},
};
use clap::Parser as _;
use client::{start, start_with};

fn options(relay: &Relay, more: &[&str]) -> Options {
    let url = format!("http://{}", relay.http_address());
    let line = ["chat-relay", "loadtest", &url, "--ramp-up-secs=0"];
    let line = line.iter().chain(more);
    let Command::Loadtest(options) = Arguments::parse_from(line).command else {
        panic!("not loadtest");
    };
    *options
}

#[tokio::test]
async fn twenty_members_get_everything_and_it_is_written_down() {
    let data = tempfile::tempdir().unwrap();
    let relay = start(data.path()).await;
    let report = data.path().join("report.html");
    let json = data.path().join("figures.json");
    let options = options(
        &relay,
        &[
            "--members=20",
            "--room=7",
            "--duration-secs=2",
            "--chat-per-sec=3",
            "--scene-per-sec=5",
            "--presence-per-sec=10",
            "--reconnects-per-min=20",
            &format!("--report={}", report.display()),
            &format!("--json={}", json.display()),
        ],
    );
    let summary = load_test::run(&options).await.unwrap();
    let table = load_test::table(&summary);
    assert!(summary.is_whole(), "{table}");
    assert!(table.contains("log: whole"), "{table}");
    assert!(summary.errors.is_empty(), "{table}");
    assert!((200..500).contains(&summary.ops), "{table}");
    assert_eq!(summary.events, summary.ops);
    assert_eq!(summary.deliveries, summary.deliveries_expected, "{table}");
    assert_eq!(summary.own.count, summary.ops);
    assert!(summary.poses_heard > summary.poses, "{table}");
    assert!(summary.reconnects > 0, "{table}");
    assert!(summary.own.p50_millis > 0.0 && summary.own.p50_millis <= summary.own.max_millis);

    load_test::write(&options, &summary).unwrap();
    let page = std::fs::read_to_string(&report).unwrap();
    assert_well_formed(&page);
    assert_eq!(page.matches("<svg").count(), 3);
    assert!(!page.contains("NaN") && !page.contains("inf"));
    for loads in ["src=", "href=", "@import", "url(", "<script"] {
        assert!(!page.contains(loads), "the report loads something: {loads}");
    }
    let figures: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&json).unwrap()).unwrap();
    assert_eq!(figures["ops"], summary.ops);
    assert_eq!(figures["faults"]["lost"], 0);
    relay.shutdown().await;
}

#[tokio::test]
async fn a_relay_that_refuses_is_explained_with_its_setting() {
    for (more, change, setting) in [
        (
            ["--members=200", "--room=10"],
            None,
            "--set limits.join_burst=2800",
        ),
        (
            ["--members=6", "--room=3"],
            Some("connections"),
            "--set limits.connections_per_address=106",
        ),
        (
            ["--members=6", "--room=6"],
            Some("room"),
            "--set limits.members_per_room=6",
        ),
    ] {
        let data = tempfile::tempdir().unwrap();
        let relay = start_with(data.path(), |config| match change {
            Some("connections") => config.limits.connections_per_address = 4,
            Some(_) => config.limits.members_per_room = 4,
            None => {}
        })
        .await;
        let refused = load_test::run(&options(&relay, &more)).await.unwrap_err();
        let words = refused.to_string();
        assert!(words.contains(setting), "{words}");
        relay.shutdown().await;
    }
}

#[tokio::test]
async fn the_program_fails_in_words_where_there_is_no_relay() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    drop(silent);
    for (url, words) in [
        (format!("http://{address}"), "cannot be reached"),
        ("https://127.0.0.1:1".into(), "by plain HTTP"),
    ] {
        let mut program = tokio::process::Command::new(env!("CARGO_BIN_EXE_chat-relay"));
        let ended = program.args(["loadtest", &url]).output().await.unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(1), "{said}");
        assert!(said.contains(words), "{said}");
    }
}

/// Each element of a page is closed, in order, and no text holds half a tag.
fn assert_well_formed(page: &str) {
    let mut open = Vec::new();
    let body = page.strip_prefix("<!doctype html>").unwrap();
    for piece in body.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap();
        assert!(
            name_of(tag) == "style" || !text.contains('>'),
            "a stray bracket after <{tag}>: {text}"
        );
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        let name = name_of(tag);
        match tag.strip_prefix('/') {
            Some(closed) => assert_eq!(open.pop(), Some(closed), "</{closed}>"),
            None if tag.ends_with('/') => {}
            None => open.push(name),
        }
    }
    assert!(open.is_empty(), "never closed: {open:?}");
}

fn name_of(tag: &str) -> &str {
    tag.split([' ', '/']).next().unwrap()
}

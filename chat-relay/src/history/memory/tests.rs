//! What only a history in memory does: virtual time, failures on demand, crashes.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::time::Instant;

use super::{MemoryConfig, MemoryHistory};
use crate::history::{
    GroupReport, HistoryError,
    conformance::bench::{Writing, chat},
};

fn slow() -> MemoryConfig {
    MemoryConfig {
        commit_delay: Duration::from_millis(250),
    }
}

#[tokio::test(start_paused = true)]
async fn a_commit_takes_the_time_it_was_given() {
    let groups = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&groups);
    let on_group = Box::new(move |report: &GroupReport| {
        log.lock().unwrap().push((report.requests, report.entries))
    });
    let history = MemoryHistory::new(slow(), on_group);
    let started = Instant::now();
    let mut ada = Writing::begin(&history, "a").await;
    assert_eq!(started.elapsed(), Duration::from_millis(500));
    ada.say(3).await;
    assert_eq!(started.elapsed(), Duration::from_millis(750));
    assert_eq!(*groups.lock().unwrap(), [(1, 0), (1, 0), (3, 3)]);
}

#[tokio::test(start_paused = true)]
async fn a_group_that_fails_leaves_nothing_and_ends_the_lease() {
    let history = MemoryHistory::new(slow(), Box::new(|_| {}));
    let mut ada = Writing::begin(&history, "a").await;
    ada.say(1).await;
    history.set_failing(true);
    let lost = ada.ask(2, vec![ada.entry(2, 2, chat("lost"))], Vec::new());
    assert!(matches!(
        lost.await.unwrap(),
        Err(HistoryError::Unavailable { .. })
    ));
    history.set_failing(false);
    let late = ada.ask(2, vec![ada.entry(2, 3, chat("late"))], Vec::new());
    assert_eq!(late.await.unwrap(), Err(HistoryError::Superseded));
    assert_eq!(ada.load().await.last_seq, 1);
    ada.say(1).await;
    assert_eq!(ada.seqs().await, [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_crash_loses_what_was_not_committed() {
    let history = MemoryHistory::new(slow(), Box::new(|_| {}));
    let mut ada = Writing::begin(&history, "a").await;
    ada.say(1).await;
    let lost = ada.ask(2, vec![ada.entry(2, 2, chat("lost"))], Vec::new());
    history.crash();
    assert_eq!(lost.await.unwrap(), Err(HistoryError::Closed));
    let late = ada.ask(2, vec![ada.entry(2, 2, chat("late"))], Vec::new());
    assert_eq!(late.await.unwrap(), Err(HistoryError::Superseded));
    assert_eq!(ada.load().await.last_seq, 1);
}

#[test]
fn a_runtime_that_ends_takes_its_commit_along() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap()
    };
    let history = MemoryHistory::new(slow(), Box::new(|_| {}));
    let first = runtime();
    let mut ada = first.block_on(Writing::begin(&history, "a"));
    let guard = first.enter();
    let lost = ada.ask(1, vec![ada.entry(1, 1, chat("x"))], Vec::new());
    drop(guard);
    drop(first);
    history.crash();
    runtime().block_on(async {
        assert_eq!(lost.await.unwrap(), Err(HistoryError::Closed));
        assert_eq!(ada.load().await.last_seq, 0);
        ada.say(1).await;
    });
}

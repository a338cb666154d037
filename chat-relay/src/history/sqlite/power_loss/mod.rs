//! Power loss: what was acknowledged is there afterwards, once and in order, whatever of the rest reached the disk.
//!
//! SQLite writes through a file system of its own here ([`file_system`]), which notes what was written and what of it
//! was synchronised ([`disk`]). At moments drawn from a seed it keeps what a disk might hold if the power went away
//! just then: all that was synchronised, and of the rest some writes whole, some in part, some not at all. Each such
//! picture is then opened as a relay would open it.

mod disk;
mod file_system;
mod seed;

use std::{path::Path, sync::Arc};

use chat_relay_protocol::Seq;

use super::{SqliteConfig, SqliteHistory};
use crate::history::{
    History, RoomAppend, RoomKey,
    conformance::bench::{Writing, chat},
};
use disk::{Acknowledged, Disk, Picture};
use seed::Seed;

fn config() -> SqliteConfig {
    SqliteConfig {
        journal_entries: 60,
        checkpoint_pages: 40,
        ..SqliteConfig::default()
    }
}

fn text(room: RoomKey, seq: Seq) -> Box<str> {
    let long = if seq.is_multiple_of(37) { 9000 } else { 40 };
    chat(&format!("{} {seq} {}", room.0, "x".repeat(long)))
}

/// Writes to a few rooms until the disk has been pictured `cuts` times.
async fn pictures(seed: u64, cuts: usize, lying: bool) -> Vec<Picture> {
    let folder = tempfile::tempdir().unwrap();
    let acknowledged = Acknowledged::default();
    let disk = Disk::watch(
        folder.path(),
        Seed::new(seed),
        Arc::clone(&acknowledged),
        lying,
    );
    let vfs = Some(file_system::name());
    let history = SqliteHistory::open_on(folder.path(), &config(), Box::new(|_| {}), vfs).unwrap();
    let mut seed = Seed::new(seed ^ 0x5eed);
    let mut rooms: Vec<Writing<'_>> = Vec::new();
    let mut waiting = Vec::new();
    while disk.pictures() < cuts {
        if rooms.len() < 3 {
            let room = Writing::begin(&history, &rooms.len().to_string()).await;
            acknowledged.lock().unwrap().insert(room.room, 0);
            rooms.push(room);
        }
        let writing = seed.below(rooms.len() as u64);
        let writing = &mut rooms[usize::try_from(writing).unwrap()];
        let count = 1 + seed.below(12);
        let (room, first_seq) = (writing.room, writing.last_seq + 1);
        let last_seq = writing.last_seq + count;
        let entries = (first_seq..=last_seq).map(|seq| writing.entry(seq, seq, text(room, seq)));
        let noted = Arc::clone(&acknowledged);
        let (answer, answered) = tokio::sync::oneshot::channel();
        history.append(RoomAppend {
            room,
            lease: writing.lease,
            first_seq,
            entries: entries.collect(),
            changes: Vec::new(),
            done: Box::new(move |result| {
                result.unwrap();
                noted.lock().unwrap().insert(room, last_seq);
                let _ = answer.send(());
            }),
        });
        writing.last_seq = last_seq;
        waiting.push(answered);
        if seed.below(3) == 0 {
            for answered in waiting.drain(..) {
                answered.await.unwrap();
            }
        }
        if seed.below(40) == 0 {
            for answered in waiting.drain(..) {
                answered.await.unwrap();
            }
            history
                .save_snapshot(room, last_seq, vec![7; 3000])
                .await
                .unwrap();
            history
                .prune(room, last_seq.saturating_sub(100))
                .await
                .unwrap();
        }
    }
    history.close().await.unwrap();
    disk.take()
}

/// Opens what a power cut left. Gives what is wrong with it.
async fn fault(picture: &Picture) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    picture.write(folder.path());
    let history = match SqliteHistory::open(folder.path(), &config(), Box::new(|_| {})) {
        Ok(history) => history,
        Err(error) => return Some(error.to_string()),
    };
    let mut found = None;
    for (room, last_seq) in &picture.acknowledged {
        found = found.or(fault_of_room(&history, *room, *last_seq).await);
    }
    history.close().await.unwrap();
    found.or_else(|| fault_of_file(folder.path()))
}

async fn fault_of_room(
    history: &SqliteHistory,
    room: RoomKey,
    acknowledged: Seq,
) -> Option<String> {
    let Ok(load) = history.load_room(room).await else {
        return Some(format!("room {} is gone", room.0));
    };
    if load.last_seq < acknowledged {
        return Some(format!(
            "{} ends at {}, {acknowledged} was acknowledged",
            room.0, load.last_seq
        ));
    }
    let events = history.events(room, 0, Seq::MAX, usize::MAX).await.unwrap();
    let seqs: Vec<_> = events.rows.iter().map(|row| row.seq).collect();
    if seqs != (events.pruned_seq + 1..=load.last_seq).collect::<Vec<Seq>>() {
        return Some(format!("{} has gaps: {seqs:?}", room.0));
    }
    if events.pruned_seq > load.snapshot.map_or(0, |snapshot| snapshot.seq) {
        return Some(format!("{} is pruned without a snapshot", room.0));
    }
    let wrong = events
        .rows
        .iter()
        .find(|row| row.counter != row.seq || row.body_json != text(room, row.seq));
    wrong.map(|row| format!("{} has a wrong event at {}", room.0, row.seq))
}

fn fault_of_file(folder: &Path) -> Option<String> {
    let connection = rusqlite::Connection::open(folder.join("relay.sqlite")).unwrap();
    let answer: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    (answer != "ok").then_some(answer)
}

#[tokio::test]
async fn what_was_acknowledged_outlives_the_power() {
    for seed in 1..=5 {
        let pictures = pictures(seed, 40, false).await;
        assert!(
            pictures.iter().filter(|picture| picture.lost > 0).count() > 10,
            "hardly anything was lost"
        );
        for (number, picture) in pictures.iter().enumerate() {
            let fault = fault(picture).await;
            assert_eq!(fault, None, "seed {seed}, picture {number}");
        }
    }
}

/// That the test above can fail.
#[tokio::test]
async fn a_disk_that_only_says_it_synchronised_is_found_out() {
    let pictures = pictures(4, 10, true).await;
    let mut faults = 0;
    for picture in &pictures {
        faults += usize::from(fault(picture).await.is_some());
    }
    assert!(faults > 5, "{faults}");
}

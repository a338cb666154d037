//! What goes wrong with disks, files and other processes: told as such, nothing acknowledged that is not there, and
//! nothing that was there lost.

use std::{
    fs,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use chat_relay_protocol::{Role, Seq};

use super::{SqliteConfig, SqliteHistory};
use crate::history::{
    FoundRoom, History, HistoryError, OpPlace, OpenError, Retention, RoomKey,
    conformance::bench::{Writing, chat},
};

fn open(folder: &Path, config: &SqliteConfig) -> SqliteHistory {
    SqliteHistory::open(folder, config, Box::new(|_| {})).unwrap()
}

fn open_error(folder: &Path) -> OpenError {
    SqliteHistory::open(folder, &SqliteConfig::default(), Box::new(|_| {})).unwrap_err()
}

/// A journal that moves after every few events.
fn moving() -> SqliteConfig {
    SqliteConfig {
        journal_entries: 3,
        ..SqliteConfig::default()
    }
}

fn database(folder: &Path) -> PathBuf {
    folder.join("relay.sqlite")
}

fn count(folder: &Path, table: &str) -> u64 {
    let connection = rusqlite::Connection::open(database(folder)).unwrap();
    let query = format!("SELECT count(*) FROM {table}");
    connection
        .query_row(&query, [], |row| super::query::number(row, 0))
        .unwrap()
}

/// A closed history of one room with so many events, most of them moved.
async fn closed_with(folder: &Path, events: u64) -> RoomKey {
    let history = open(folder, &moving());
    let mut ada = Writing::begin(&history, "a").await;
    ada.say(events).await;
    let room = ada.room;
    // The journal moves before anything else is done.
    history.sweep(Retention::default(), 0).await.unwrap();
    history.close().await.unwrap();
    room
}

/// Appends until it is refused; how many were taken.
async fn fill(ada: &mut Writing<'_>) -> (u64, HistoryError) {
    loop {
        let seq = ada.last_seq + 1;
        let entry = ada.entry(seq, seq, chat(&"x".repeat(4000)));
        match ada.ask(seq, vec![entry], Vec::new()).await.unwrap() {
            Ok(()) => ada.last_seq = seq,
            Err(error) => return (ada.last_seq, error),
        }
    }
}

#[tokio::test]
async fn a_full_store_refuses_and_keeps_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    for journal_entries in [3, 10_000] {
        let folder = folder.path().join(journal_entries.to_string());
        let small = SqliteConfig {
            max_bytes: Some(512 * 1024),
            journal_entries,
            ..SqliteConfig::default()
        };
        let history = open(&folder, &small);
        let mut ada = Writing::begin(&history, "a").await;
        let (taken, error) = fill(&mut ada).await;
        assert_eq!(error, HistoryError::Full);
        assert!(taken > 10, "{taken}");
        assert_eq!(history.probe().await, Err(HistoryError::Full));
        let late = ada.ask(
            taken + 1,
            vec![ada.entry(taken + 1, taken + 1, chat("x"))],
            Vec::new(),
        );
        assert_eq!(late.await.unwrap(), Err(HistoryError::Superseded));

        // Reading goes on, with exactly what was acknowledged; so does loading.
        assert_eq!(ada.load().await.last_seq, taken);
        assert_eq!(ada.seqs().await, (1..=taken).collect::<Vec<Seq>>());
        history.close().await.unwrap();

        let history = open(&folder, &SqliteConfig::default());
        let mut ada = ada.on(&history);
        assert_eq!(ada.load().await.last_seq, taken);
        history.probe().await.unwrap();
        ada.say(1).await;
        assert_eq!(ada.seqs().await, (1..=taken + 1).collect::<Vec<Seq>>());
        history.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_store_held_by_another_process_is_waited_out() {
    let folder = tempfile::tempdir().unwrap();
    let impatient = SqliteConfig {
        busy_timeout: Duration::from_millis(10),
        ..SqliteConfig::default()
    };
    let history = open(folder.path(), &impatient);
    let mut ada = Writing::begin(&history, "a").await;
    let other = rusqlite::Connection::open(database(folder.path())).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = ada
        .ask(1, vec![ada.entry(1, 1, chat("x"))], Vec::new())
        .await
        .unwrap();
    assert!(
        matches!(refused, Err(HistoryError::Unavailable { .. })),
        "{refused:?}"
    );
    assert!(history.probe().await.is_err());
    other.execute_batch("ROLLBACK").unwrap();
    // The one after it must not slip in.
    let next = ada
        .ask(1, vec![ada.entry(1, 2, chat("y"))], Vec::new())
        .await
        .unwrap();
    assert_eq!(next, Err(HistoryError::Superseded));
    assert_eq!(ada.load().await.last_seq, 0);
    ada.say(2).await;
    history.probe().await.unwrap();
    history.close().await.unwrap();
}

#[tokio::test]
async fn a_folder_is_one_process_own() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(folder.path(), &SqliteConfig::default());
    assert!(matches!(open_error(folder.path()), OpenError::InUse { .. }));
    history.close().await.unwrap();
    open(folder.path(), &SqliteConfig::default())
        .close()
        .await
        .unwrap();
}

#[test]
fn a_folder_that_cannot_be_written_is_said_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    assert!(matches!(open_error(&file), OpenError::Folder { .. }));
    assert!(matches!(
        open_error(&file.join("in-it")),
        OpenError::Folder { .. }
    ));
    // A database that is a folder cannot be opened either.
    fs::create_dir(database(folder.path())).unwrap();
    let error = open_error(folder.path());
    assert!(
        matches!(error, OpenError::Folder { .. } | OpenError::Database { .. }),
        "{error}"
    );
}

#[test]
fn a_database_of_a_later_version_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let later = rusqlite::Connection::open(database(folder.path())).unwrap();
    later
        .execute_batch("CREATE TABLE t (x); PRAGMA user_version = 99")
        .unwrap();
    drop(later);
    let before = fs::read(database(folder.path())).unwrap();
    let error = open_error(folder.path());
    assert!(
        matches!(error, OpenError::Version { found: 99, .. }),
        "{error}"
    );
    assert_eq!(fs::read(database(folder.path())).unwrap(), before);
}

/// What the test does to a database file.
type Damage = fn(&Path);

#[tokio::test]
async fn a_damaged_database_is_refused_and_left_as_it_is() {
    let cases: [(&str, bool, Damage); 6] = [
        ("garbage", false, |path| {
            fs::write(path, vec![0x5a; 100_000]).unwrap()
        }),
        ("short garbage", false, |path| {
            fs::write(path, b"hello").unwrap()
        }),
        ("header", false, |path| {
            write_at(path, 0, b"SQLite format 2\0")
        }),
        ("cut off", false, |path| {
            let file = fs::File::options().write(true).open(path).unwrap();
            let length = file.metadata().unwrap().len();
            file.set_len(length / 2).unwrap();
        }),
        ("emptied beside its log", false, |path| {
            fs::write(path, b"").unwrap();
            fs::write(path.with_extension("sqlite-wal"), vec![1; 5000]).unwrap();
        }),
        ("pages overwritten after an unclean end", true, |path| {
            for page in 3..20 {
                write_at(path, page * 4096, &[0xff; 200]);
            }
        }),
    ];
    for (what, unclean, damage) in cases {
        let folder = tempfile::tempdir().unwrap();
        closed_with(folder.path(), 600).await;
        let path = database(folder.path());
        damage(&path);
        if unclean {
            fs::write(folder.path().join("relay.lock"), "in use\n").unwrap();
        }
        let before = fs::read(&path).unwrap();
        for _ in 0..2 {
            let error = open_error(folder.path());
            assert!(
                matches!(error, OpenError::Damaged { .. }),
                "{what}: {error}"
            );
            assert!(
                error.to_string().contains("restore a backup"),
                "{what}: {error}"
            );
            assert_eq!(fs::read(&path).unwrap(), before, "{what}");
        }
    }
}

fn write_at(path: &Path, offset: u64, bytes: &[u8]) {
    let file = fs::File::options().write(true).open(path).unwrap();
    file.write_all_at(bytes, offset).unwrap();
}

#[tokio::test]
async fn damage_that_shows_while_running_stops_the_writing() {
    let folder = tempfile::tempdir().unwrap();
    let room = closed_with(folder.path(), 2000).await;
    let path = database(folder.path());
    let pages = fs::metadata(&path).unwrap().len() / 4096;
    // Leaves the first tables alone: it ended well, so that nothing looks for it.
    for page in pages / 2..pages {
        write_at(&path, page * 4096, &[0xff; 100]);
    }
    let history = open(folder.path(), &SqliteConfig::default());
    let error = history
        .events(room, 0, Seq::MAX, usize::MAX)
        .await
        .unwrap_err();
    assert!(matches!(error, HistoryError::Damaged { .. }), "{error}");
    assert_eq!(history.probe().await, Err(error.clone()));
    history.close().await.unwrap();
    // It did not end well: the next start looks.
    assert!(matches!(
        open_error(folder.path()),
        OpenError::Damaged { .. }
    ));
}

/// What a killed process leaves: the files as they are, without an end.
fn killed(folder: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for name in ["relay.sqlite", "relay.sqlite-wal", "relay.lock"] {
        fs::copy(folder.join(name), copy.path().join(name)).unwrap();
    }
    copy
}

#[tokio::test]
async fn a_killed_process_leaves_all_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let config = SqliteConfig {
        journal_entries: 40,
        ..SqliteConfig::default()
    };
    let history = open(folder.path(), &config);
    let mut ada = Writing::begin(&history, "a").await;
    let mut bob = Writing::begin(&history, "b").await;
    for _ in 0..30 {
        ada.say(7).await;
        bob.say(1).await;
        let copy = killed(folder.path());
        let again = open(copy.path(), &config);
        for writing in [&ada, &bob] {
            let last_seq = writing.last_seq;
            let mut writing = writing.on(&again);
            assert_eq!(writing.load().await.last_seq, last_seq);
            assert_eq!(writing.seqs().await, (1..=last_seq).collect::<Vec<Seq>>());
            // It goes on from there.
            writing.say(50).await;
            assert_eq!(
                writing.seqs().await,
                (1..=last_seq + 50).collect::<Vec<Seq>>()
            );
        }
        again.close().await.unwrap();
    }
    history.close().await.unwrap();
}

#[tokio::test]
async fn what_is_pruned_or_has_expired_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(folder.path(), &moving());
    let mut ada = Writing::begin(&history, "a").await;
    let mut bob = Writing::begin(&history, "b").await;
    ada.say(700).await;
    bob.say(700).await;
    history.save_snapshot(ada.room, 600, vec![1]).await.unwrap();
    history.save_snapshot(bob.room, 600, vec![1]).await.unwrap();
    ada.say(10).await;
    assert_eq!(history.prune(ada.room, Seq::MAX).await.unwrap(), 600);
    assert_eq!(ada.seqs().await, (601..=710).collect::<Vec<Seq>>());
    let place = history.find_op(ada.room, ada.device, 600).await.unwrap();
    assert_eq!(place, Some(OpPlace::Passed));
    let retention = Retention {
        events_per_room: Some(200),
        ..Retention::default()
    };
    let swept = history.sweep(retention, 0).await.unwrap();
    assert_eq!(swept.events_pruned, 500);
    bob.close();
    let retention = Retention {
        room_unused: Some(Duration::from_secs(1)),
        ..Retention::default()
    };
    assert_eq!(
        history
            .sweep(retention, 1_000_000)
            .await
            .unwrap()
            .rooms_expired,
        1
    );
    history.close().await.unwrap();
    assert_eq!(
        count(folder.path(), "events")
            + count(folder.path(), "journal_0")
            + count(folder.path(), "journal_1"),
        110
    );
    assert_eq!(count(folder.path(), "members"), 1);
    assert_eq!(count(folder.path(), "snapshots"), 1);
    assert_eq!(count(folder.path(), "rooms"), 2);
}

/// The tables of version 1, as that version made them.
const TABLES_1: &str = "
CREATE TABLE rooms (key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, code TEXT NOT NULL UNIQUE, epoch TEXT NOT NULL,
    last_seq INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL) STRICT;
CREATE TABLE devices (key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, room INTEGER NOT NULL REFERENCES rooms (key),
    token_hash BLOB NOT NULL UNIQUE, name TEXT NOT NULL, hue INTEGER, last_counter INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL) STRICT;
CREATE INDEX devices_by_room ON devices (room);
CREATE TABLE events (room INTEGER NOT NULL REFERENCES rooms (key), seq INTEGER NOT NULL, at INTEGER NOT NULL,
    device INTEGER NOT NULL REFERENCES devices (key), counter INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (room, seq)) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX events_by_op ON events (device, counter);
CREATE TABLE probe (room_for BLOB NOT NULL) STRICT;
INSERT INTO rooms VALUES (1, 'r1', 'CDFGHJ', 'e1', 2, 100), (2, 'r2', 'CDFGHK', 'e2', 0, 100);
INSERT INTO devices VALUES (1, 'dada', 1, zeroblob(32), 'Ada', 3, 9, 100),
    (2, 'dbob', 1, x'0101010101010101010101010101010101010101010101010101010101010101', 'Bob', NULL, 0, 101);
INSERT INTO events VALUES (1, 1, 200, 1, 4, '{\"kind\":\"chat\",\"text\":\"x\"}'),
    (1, 2, 201, 1, 9, '{\"kind\":\"scene\",\"op\":{\"type\":\"delete\",\"id\":\"a\"}}');
PRAGMA user_version = 1;
";

#[tokio::test]
async fn a_database_of_version_1_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let old = rusqlite::Connection::open(database(folder.path())).unwrap();
    old.execute_batch(TABLES_1).unwrap();
    drop(old);
    let history = open(folder.path(), &SqliteConfig::default());
    let ada = history.admission_by_secret([0; 32]).await.unwrap().unwrap();
    assert_eq!(
        (
            ada.member.id.as_str(),
            ada.member.name.as_str(),
            ada.member.role
        ),
        ("mada", "Ada", Role::Owner)
    );
    assert_eq!(ada.device.id.as_str(), "dada");
    let bob = history.admission_by_secret([1; 32]).await.unwrap().unwrap();
    assert_eq!(
        (bob.member.id.as_str(), bob.member.role),
        ("mbob", Role::Editor)
    );
    let FoundRoom::Live(room) = history.room_by_code("CDFGHJ".into()).await.unwrap() else {
        panic!("the room is gone");
    };
    let load = history.load_room(room.key).await.unwrap();
    assert_eq!(
        (load.last_seq, load.last_at, load.members.len()),
        (2, 201, 2)
    );
    let events = history
        .events(room.key, 0, 9, usize::MAX)
        .await
        .unwrap()
        .rows;
    assert_eq!(
        events
            .iter()
            .map(|row| (row.seq, row.counter))
            .collect::<Vec<_>>(),
        [(1, 4), (2, 9)]
    );
    assert_eq!(history.chat_before(room.key, 9, 9).await.unwrap().len(), 1);
    let place = history.find_op(room.key, ada.device.key, 4).await.unwrap();
    assert_eq!(place, Some(OpPlace::Log { seq: 1 }));
    assert_eq!(
        history
            .last_counter(room.key, ada.device.key)
            .await
            .unwrap(),
        9
    );
    history.close().await.unwrap();
    open(folder.path(), &SqliteConfig::default())
        .close()
        .await
        .unwrap();
}

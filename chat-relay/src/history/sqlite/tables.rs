//! The tables.

/// The version of the tables below, kept in `user_version`.
pub(in crate::history) const VERSION: i64 = 2;

/// Rows refer to each other by key; that what they refer to is there is seen to by the code that writes them.
///
/// * `rooms.state`: `live`; `emptying`, then `expired`, where the row only answers for the id; `importing` while it is
///   not complete. `rooms.code` is null in all but the first.
/// * `events` is clustered by room and place, which is how it is read; `events_by_op` finds a repeated op, by room
///   first so that what moves together lies together.
/// * `journal_0`, `journal_1`: events in the order of arrival, on their way to `events`.
/// * `devices.secret` is null once the device was removed; `counter_floor`: ops up to this one were seen, whatever
///   else is known of them.
/// * `inbox`: a direct message stands there once for each of its two members.
pub(super) const TABLES: &str = "
CREATE TABLE rooms (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('live', 'emptying', 'expired', 'importing')),
    code TEXT UNIQUE,
    epoch TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    pruned_seq INTEGER NOT NULL DEFAULT 0,
    expired_at INTEGER
) STRICT;
CREATE INDEX rooms_to_clear ON rooms (key) WHERE state IN ('emptying', 'importing');
CREATE TABLE members (
    key INTEGER PRIMARY KEY,
    room INTEGER NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    hue INTEGER NOT NULL,
    role TEXT NOT NULL,
    muted INTEGER NOT NULL DEFAULT 0,
    removed INTEGER NOT NULL DEFAULT 0,
    read_seq INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    UNIQUE (room, id)
) STRICT;
CREATE TABLE devices (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    room INTEGER NOT NULL,
    member INTEGER NOT NULL,
    secret BLOB UNIQUE,
    counter_floor INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX devices_by_room ON devices (room);
CREATE TABLE events (
    room INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    member INTEGER NOT NULL,
    device INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    is_chat INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (room, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX events_by_op ON events (room, device, counter);
CREATE INDEX events_of_chat ON events (room, seq, member) WHERE is_chat;
CREATE TABLE journal_0 (
    key INTEGER PRIMARY KEY,
    room INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    member INTEGER NOT NULL,
    device INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    is_chat INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE TABLE journal_1 (
    key INTEGER PRIMARY KEY,
    room INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    member INTEGER NOT NULL,
    device INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    is_chat INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE TABLE snapshots (
    room INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE TABLE held (
    key INTEGER PRIMARY KEY,
    room INTEGER NOT NULL,
    at INTEGER NOT NULL,
    member INTEGER NOT NULL,
    device INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (room, device, counter)
) STRICT;
CREATE TABLE inbox (
    member INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    room INTEGER NOT NULL,
    at INTEGER NOT NULL,
    sender INTEGER NOT NULL,
    receiver INTEGER NOT NULL,
    device INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (member, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX inbox_by_op ON inbox (room, device, counter);
CREATE TABLE probe (
    room_for BLOB NOT NULL
) STRICT;
";

//! Bringing the tables of an earlier version up to date, in one transaction.

use rusqlite::Connection;

use super::tables::{TABLES, VERSION};

/// Version 1 knew devices only: each becomes a member of its own with that device. The first of a room made the
/// room, so that it becomes the owner; the others could write, so that they become editors.
const FROM_1: &str = "
INSERT INTO rooms (key, id, state, code, epoch, created_at, used_at)
SELECT r.key, r.id, 'live', r.code, r.epoch, r.created_at,
       max(r.created_at, coalesce((SELECT e.at FROM old_events e WHERE e.room = r.key ORDER BY e.seq DESC LIMIT 1), 0))
FROM old_rooms r;
INSERT INTO members (key, room, id, name, hue, role, created_at)
SELECT d.key, d.room, CASE WHEN d.id LIKE 'd_%' THEN 'm' || substr(d.id, 2) ELSE d.id END, d.name,
       coalesce(d.hue, d.key % 8),
       CASE WHEN d.key = (SELECT min(o.key) FROM old_devices o WHERE o.room = d.room) THEN 'owner' ELSE 'editor' END,
       d.created_at
FROM old_devices d;
INSERT INTO devices (key, id, room, member, secret, counter_floor, created_at)
SELECT key, id, room, key, token_hash, last_counter, created_at FROM old_devices;
INSERT INTO events (room, seq, at, member, device, counter, is_chat, body)
SELECT room, seq, at, device, device, counter, substr(body, 1, 15) = '{\"kind\":\"chat\",', body FROM old_events;
";

/// From version 1.
pub(super) fn from_1(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(
        "DROP INDEX devices_by_room;
         DROP INDEX events_by_op;
         DROP TABLE probe;
         ALTER TABLE rooms RENAME TO old_rooms;
         ALTER TABLE devices RENAME TO old_devices;
         ALTER TABLE events RENAME TO old_events;",
    )?;
    transaction.execute_batch(TABLES)?;
    transaction.execute_batch(FROM_1)?;
    transaction.execute_batch(
        "DROP TABLE old_events;
         DROP TABLE old_devices;
         DROP TABLE old_rooms;",
    )?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}

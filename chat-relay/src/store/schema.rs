//! The tables, and how a connection to them is set up.

use std::path::Path;

use rusqlite::Connection;

use crate::{config::Limits, error::Error};

/// The version of the tables below, kept in `user_version`.
const VERSION: i64 = 1;

/// `events` is clustered by room and seq, which is how it is read; the index finds a repeated op.
const TABLES: &str = "
CREATE TABLE rooms (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    code TEXT NOT NULL UNIQUE,
    epoch TEXT NOT NULL,
    last_seq INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE devices (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    room INTEGER NOT NULL REFERENCES rooms (key),
    token_hash BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    hue INTEGER,
    last_counter INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX devices_by_room ON devices (room);
CREATE TABLE events (
    room INTEGER NOT NULL REFERENCES rooms (key),
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    device INTEGER NOT NULL REFERENCES devices (key),
    counter INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (room, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX events_by_op ON events (device, counter);
CREATE TABLE probe (
    room_for BLOB NOT NULL
) STRICT;
";

/// Opens the database for writing, and makes or checks its tables.
///
/// # Errors
/// [`Error::Database`] or [`Error::DatabaseVersion`].
pub(super) fn open(path: &Path, limits: &Limits) -> Result<Connection, Error> {
    let failed = |source| Error::Database {
        path: path.to_path_buf(),
        source,
    };
    let mut connection = Connection::open(path).map_err(failed)?;
    configure(&connection, limits).map_err(failed)?;
    let found = version(&connection).map_err(failed)?;
    match found {
        VERSION => {}
        0 => create(&mut connection).map_err(failed)?,
        found => {
            return Err(Error::DatabaseVersion {
                path: path.to_path_buf(),
                found,
                known: VERSION,
            });
        }
    }
    Ok(connection)
}

fn configure(connection: &Connection, limits: &Limits) -> rusqlite::Result<()> {
    connection.busy_timeout(limits.store_busy_timeout)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    if let Some(bytes) = limits.store_bytes {
        let page_bytes: i64 = connection.query_row("PRAGMA page_size", [], |row| row.get(0))?;
        let pages = i64::try_from(bytes).unwrap_or(i64::MAX) / page_bytes.max(1);
        // SQLite answers with the limit that holds now, which is never below the present size.
        connection.query_row(
            &format!("PRAGMA max_page_count = {}", pages.max(1)),
            [],
            |_| Ok(()),
        )?;
    }
    connection.set_prepared_statement_cache_capacity(32);
    Ok(())
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

fn create(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(TABLES)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}

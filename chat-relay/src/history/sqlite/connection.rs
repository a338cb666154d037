//! How a connection to the database is opened and set up, and what SQLite's errors mean here.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::history::{HistoryError, OpenError};

/// Where the database is.
#[derive(Debug, Clone)]
pub(in crate::history) struct Place {
    pub(in crate::history) path: PathBuf,
    /// The name of one of SQLite's file systems; none for the usual one.
    pub(in crate::history) vfs: Option<&'static str>,
}

/// What a connection is for. Pages of the cache are 4 KiB: the sizes are what is measured to serve, and keep the
/// whole store below 16 MiB. No memory map: a failing disk would end the process by a signal in place of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::history) enum Purpose {
    /// The writer: the inner pages of the trees, and what one portion of the journal touches.
    Write,
    /// Reading only.
    Read,
    /// Copying the write-ahead log into the database.
    Checkpoint,
}

impl Purpose {
    fn cache_kib(self) -> i64 {
        match self {
            Self::Write => 4096,
            Self::Read => 1024,
            Self::Checkpoint => 64,
        }
    }
}

/// Opens the database, without touching it yet.
pub(in crate::history) fn open(place: &Place, purpose: Purpose) -> rusqlite::Result<Connection> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if purpose == Purpose::Write {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    match place.vfs {
        Some(vfs) => Connection::open_with_flags_and_vfs(&place.path, flags, vfs),
        None => Connection::open_with_flags(&place.path, flags),
    }
}

/// Sets a connection up. Only [`Purpose::Write`] may change the file.
pub(in crate::history) fn configure(
    connection: &Connection,
    purpose: Purpose,
    busy_timeout: Duration,
) -> rusqlite::Result<()> {
    connection.busy_timeout(busy_timeout)?;
    connection.pragma_update(None, "cache_size", -purpose.cache_kib())?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(64);
    match purpose {
        Purpose::Write => {
            connection.pragma_update(None, "journal_mode", "WAL")?;
            // The checkpoint thread does it.
            connection.pragma_update(None, "wal_autocheckpoint", 0)?;
            connection.pragma_update(None, "synchronous", "FULL")?;
        }
        Purpose::Read => connection.pragma_update(None, "query_only", true)?,
        Purpose::Checkpoint => connection.pragma_update(None, "synchronous", "FULL")?,
    }
    Ok(())
}

/// Whether the file itself is at fault.
pub(in crate::history) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    ) || matches!(error, rusqlite::Error::FromSqlConversionFailure(..))
}

/// What an error at opening means.
pub(in crate::history) fn open_error(path: &Path, source: rusqlite::Error) -> OpenError {
    let path = path.to_path_buf();
    if is_damage(&source) {
        OpenError::Damaged {
            path,
            reason: source.to_string(),
        }
    } else {
        OpenError::Database { path, source }
    }
}

impl From<rusqlite::Error> for HistoryError {
    fn from(error: rusqlite::Error) -> Self {
        let reason = error.to_string();
        if is_damage(&error) {
            return Self::Damaged { reason };
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            _ => Self::Unavailable { reason },
        }
    }
}

/// Sequence numbers and counters are below 2^53.
pub(in crate::history) fn to_sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

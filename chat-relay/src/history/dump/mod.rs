//! A whole history as text, to keep, to move, to look into, to write by hand: JSON Lines, one thing a line.
//!
//! | `type` | fields beside `type` |
//! |---|---|
//! | `room` | `id` `code` `epoch` `created_at` `used_at`? `pruned_seq`? |
//! | `member` | `room` `id` `name` `role` `hue`? `muted`? `removed`? `read_seq`? `created_at` |
//! | `device` | `room` `member` `id` `secret_sha256`? `last_counter`? `created_at` |
//! | `snapshot` | `room` `seq` `body_base64` |
//! | `event` | `room` `seq` `at` `from` `op_id` `body` |
//! | `direct` | `room` `at` `from` `from_seq` `to` `to_seq` `op_id` `text` |
//! | `held` | `room` `at` `from` `op_id` `body` |
//!
//! Fields marked `?` may be absent. Times are in milliseconds since the Unix epoch, `secret_sha256` is in hexadecimal,
//! `op_id` and `body` are as on the wire. A line comes after those that it refers to; a room's events come in order.
//! Direct messages may come in any order; in the end no inbox has a gap. Lines of different rooms may alternate.
//!
//! An export reads beside a relay that runs, as it was at one moment. An import needs the folder for itself. Only what
//! is whole is imported: of a file with a fault nothing stays.

mod export;
mod fault;
mod import;
mod line;
#[cfg(test)]
mod tests;

use std::{io, path::PathBuf};

use super::{HistoryError, OpenError};

pub use export::export;
pub use fault::LineFault;
pub use import::import;

/// How much was written or read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dumped {
    /// Rooms.
    pub rooms: u64,
    /// Events of their logs.
    pub events: u64,
    /// Lines in all.
    pub lines: u64,
}

/// Why an export or an import came to nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DumpError {
    /// The database does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// There is no database.
    #[error("there is no database {}: name the relay's data folder with --data", path.display())]
    NoDatabase {
        /// The file.
        path: PathBuf,
    },
    /// The database is of an earlier version.
    #[error("the database {} is of version {found}, an export needs {needed}: start this relay on it once", path.display())]
    OldDatabase {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The version of this relay.
        needed: i64,
    },
    /// There is no such room.
    #[error("there is no room {id}, or it has expired: look for its id in its address")]
    NoRoom {
        /// The id.
        id: String,
    },
    /// The dump cannot be read.
    #[error("cannot read the dump ({source}): check the file")]
    Read {
        /// What the system said.
        source: io::Error,
    },
    /// The dump cannot be written.
    #[error("cannot write the dump ({source}): check the disk")]
    Write {
        /// What the system said.
        source: io::Error,
    },
    /// A line is at fault. Nothing was imported.
    #[error("line {number}: {fault}; nothing was imported")]
    Line {
        /// From 1.
        number: u64,
        /// What is wrong.
        fault: LineFault,
    },
    /// What a room needs is missing at the end of the file. Nothing was imported.
    #[error("room {room}: {fault}; nothing was imported")]
    Room {
        /// The room.
        room: String,
        /// What is wrong.
        fault: LineFault,
    },
    /// The database failed meanwhile.
    #[error(transparent)]
    History(#[from] HistoryError),
}

impl From<rusqlite::Error> for DumpError {
    fn from(error: rusqlite::Error) -> Self {
        Self::History(error.into())
    }
}

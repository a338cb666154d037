//! Why a request was refused, and why a store does not open. Each says what to do about it.

use std::{io, path::PathBuf};

/// Why a request came to nothing. Nothing of it was kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// The log does not end right before the request.
    #[error("the log ends at {last_seq}, not right before {first_seq}: load the room again")]
    Conflict {
        /// What the request began with.
        first_seq: u64,
        /// Where the log ends.
        last_seq: u64,
    },
    /// The lease has ended: the room was loaded again, has expired, or a write to it failed.
    #[error("the room is not open to this lease any more: load the room again")]
    Superseded,
    /// There is no such room, or it has expired.
    #[error("there is no such room: it may have expired, make another one")]
    NoRoom,
    /// There is no such member.
    #[error("there is no such member: join the room again")]
    NoMember,
    /// Another room has this code.
    #[error("another room has this code: draw another one")]
    CodeTaken,
    /// The id is in use.
    #[error("the id {id} is in use: draw another one")]
    IdTaken {
        /// The id.
        id: String,
    },
    /// The disk, or the size that the store was allowed, is full.
    #[error("the store is full: free some disk, or allow it a larger size")]
    Full,
    /// The database turned out to be damaged.
    #[error(
        "the database is damaged ({reason}): stop the relay and restore a backup, or move the file away"
    )]
    Damaged {
        /// What was found.
        reason: String,
    },
    /// The disk failed in the middle of a write.
    #[error(
        "the disk failed ({reason}): nothing is written until the relay is started again; look at the disk first"
    )]
    DiskFailed {
        /// What was said.
        reason: String,
    },
    /// The store could not write or read.
    #[error(
        "the store is not available ({reason}): try again later; if it stays so, look at the disk"
    )]
    Unavailable {
        /// What it said.
        reason: String,
    },
    /// The store is closed.
    #[error("the store is closed: the relay is ending, try again later")]
    Closed,
}

/// Why a store does not open.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The data folder cannot be used.
    #[error("cannot use the data folder {} ({source}): make it writable, or name another one with --data", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process uses the data folder.
    #[error("another relay uses the data folder {}: stop it, or name another folder with --data", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The database cannot be opened.
    #[error("cannot open the database {} ({source}): make it writable, or name another folder with --data", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The file is no database, or a damaged one. It is left as it is.
    #[error(
        "the database {} is damaged ({reason}): restore a backup of it, or move it away together with the files \
         beside it whose names begin the same to start afresh; it was left as it is", path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// The database was written by a later version.
    #[error("the database {} is of version {found}, this relay reads up to {known}: run a newer chat-relay", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version that this relay reads.
        known: i64,
    },
    /// The system gave no thread.
    #[error("the system gave no thread ({source}): allow this user more of them")]
    Thread {
        /// What it said.
        source: io::Error,
    },
}

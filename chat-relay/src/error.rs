//! Why a relay does not start. Each says in one sentence what to do about it.

use std::{io, net::SocketAddr, path::PathBuf};

/// Why a relay does not start, or ends badly.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another program listens there.
    #[error(
        "port {port} is in use: stop the program that uses it, or choose another one with {flag}"
    )]
    PortInUse {
        /// The port.
        port: u16,
        /// The option that chooses another one.
        flag: &'static str,
    },
    /// The address cannot be listened on.
    #[error(
        "cannot listen on {address} ({source}): choose an address of this machine with --bind and a port with {flag}"
    )]
    Listen {
        /// Where.
        address: SocketAddr,
        /// The option that chooses another port.
        flag: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The folder of the page is not there or has no page.
    #[error("there is no page in {}: build it, or name its folder with --web", path.display())]
    NoPage {
        /// The folder.
        path: PathBuf,
    },
    /// The data folder cannot be used.
    #[error("cannot use the data folder {} ({source}): make it writable, or name another one with --data", path.display())]
    DataFolder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another relay uses the data folder.
    #[error("another relay uses the data folder {}: stop it, or name another folder with --data", path.display())]
    DataFolderInUse {
        /// The folder.
        path: PathBuf,
    },
    /// The database cannot be opened.
    #[error("cannot open the database {} ({source}): move it away to start afresh, or name another folder with --data", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The database was written by a later version.
    #[error("the database {} is of version {found}, this relay reads up to {known}: run a newer chat-relay", path.display())]
    DatabaseVersion {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version that this relay reads.
        known: i64,
    },
    /// The history does not open.
    #[error(transparent)]
    History(#[from] crate::history::OpenError),
    /// A certificate or key given by the operator cannot be used.
    #[error("cannot use {} ({reason}): give a PEM file that this user can read with --tls-cert and --tls-key", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file of the relay's own certificate authority cannot be read, made or written.
    #[error("cannot keep the certificate authority in {} ({reason}): make the folder writable, or remove it to start a new authority", path.display())]
    Authority {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A key that tokens are signed or verified with cannot be used.
    #[error("cannot use the token key {} ({reason}): give a file of at least 32 bytes that this user can read; a key of the relay's own is made anew when its file is removed", path.display())]
    TokenKey {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// An origin is not of the form `scheme://host[:port]`.
    #[error(
        "{origin:?} is no origin: give --allow-origin a scheme and a host only, as https://school.example"
    )]
    Origin {
        /// What was given.
        origin: String,
    },
    /// The system gave no thread or no random numbers.
    #[error("the system gave no {what} ({reason})")]
    System {
        /// What was asked for.
        what: &'static str,
        /// What it said.
        reason: String,
    },
}

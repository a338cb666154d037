//! How a history works.

use std::time::Duration;

/// How a [`SqliteHistory`](super::SqliteHistory) works.
#[derive(Debug, Clone)]
pub struct SqliteConfig {
    /// Entries of logs that go into one transaction at most.
    pub group_entries: usize,
    /// The size that the database may reach, in bytes; none for the disk's.
    pub max_bytes: Option<u64>,
    /// How long a commit waits for another process that holds the database.
    pub busy_timeout: Duration,
    /// Threads that read.
    pub readers: usize,
    /// Entries that the journal gathers before they move into the table of events.
    pub journal_entries: usize,
    /// Pages of 4 KiB that the write-ahead log gathers before they are copied into the database.
    pub checkpoint_pages: u32,
}

impl Default for SqliteConfig {
    fn default() -> Self {
        Self {
            group_entries: 4096,
            max_bytes: None,
            busy_timeout: Duration::from_secs(2),
            readers: 2,
            journal_entries: 32 * 1024,
            checkpoint_pages: 1000,
        }
    }
}

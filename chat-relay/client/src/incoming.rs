//! A snapshot under way.

use chat_relay_protocol::SnapshotPart;

/// A snapshot of which not all parts are here yet.
#[derive(Debug, Clone)]
pub(crate) struct Incoming {
    pub(crate) epoch: String,
    pub(crate) parts: SnapshotPart,
}

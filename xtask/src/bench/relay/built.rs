//! What was built to be measured.

use std::path::PathBuf;

/// Where the built programs are. Of a server that takes no part, nothing is there.
pub(super) struct Built {
    pub(super) load_client: PathBuf,
    pub(super) bare_hub: PathBuf,
    pub(super) go_hub: PathBuf,
    /// The peers in Node, beside their packages.
    pub(super) node: PathBuf,
    pub(super) relay: PathBuf,
}

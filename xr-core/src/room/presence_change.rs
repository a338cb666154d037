//! What the page says of itself.

use chat_relay_protocol::{Tracking, ViewMode, from_map};

use crate::error::Error;

/// What the page says of itself; what is left out stays as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PresenceChange {
    /// Which view it shows.
    pub mode: Option<ViewMode>,
    /// How well it is tracked.
    pub tracking: Option<Tracking>,
    /// Whether somebody is writing.
    pub typing: Option<bool>,
}

from_map!(PresenceChange {
    mode,
    tracking,
    typing
});

impl PresenceChange {
    /// Reads a change from JSON.
    ///
    /// # Errors
    /// [`Error::BadJson`].
    pub fn from_json(json: &str) -> Result<PresenceChange, Error> {
        chat_relay_protocol::read_json(json).map_err(|error| Error::BadJson {
            what: "presence",
            reason: error.to_string(),
        })
    }
}

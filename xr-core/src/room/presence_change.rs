//! What the page says of itself.

use chat_relay_protocol::{Tracking, ViewMode};
use serde::Deserialize;

use crate::error::Error;

/// What the page says of itself; what is left out stays as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub struct PresenceChange {
    /// Which view it shows.
    #[serde(default)]
    pub mode: Option<ViewMode>,
    /// How well it is tracked.
    #[serde(default)]
    pub tracking: Option<Tracking>,
    /// Whether somebody is writing.
    #[serde(default)]
    pub typing: Option<bool>,
}

impl PresenceChange {
    /// Reads a change from JSON.
    ///
    /// # Errors
    /// [`Error::BadJson`].
    pub fn from_json(json: &str) -> Result<PresenceChange, Error> {
        chat_relay_protocol::json::read(json).map_err(|error| Error::BadJson {
            what: "presence",
            reason: error.to_string(),
        })
    }
}

//! What the page tells a room at its start, and of itself later.

use chat_relay_protocol::{DeviceId, RoomId, Tracking, ViewMode};
use serde::Deserialize;

use super::BackoffConfig;
use crate::error::Error;

/// How to get into a room: what the relay answered when the device joined, and what was stored.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Options {
    /// The relay's socket, as `wss://host/v1/ws`; the room is added as a query.
    pub ws_url: String,
    /// The room.
    pub room: RoomId,
    /// The code to tell others; the relay's answer replaces it.
    #[serde(default)]
    pub code: String,
    /// This device.
    pub device: DeviceId,
    /// Admits this device.
    pub token: String,
    /// The name to show; empty keeps the one from joining.
    #[serde(default)]
    pub name: String,
    /// What [`Effect::Persist`](super::Effect::Persist) gave last, if anything is stored.
    #[serde(default)]
    pub stored_json: Option<String>,
    /// Waits between attempts to connect.
    #[serde(skip)]
    pub backoff: BackoffConfig,
}

impl Options {
    /// Reads the options from JSON with camelCase names.
    ///
    /// # Errors
    /// [`Error::BadJson`]; [`Error::BadArgument`] when `wsUrl` is no WebSocket URL.
    pub fn from_json(json: &str) -> Result<Options, Error> {
        let options: Options =
            chat_relay_protocol::json::read(json).map_err(|error| Error::BadJson {
                what: "options",
                reason: error.to_string(),
            })?;
        if options.ws_url.starts_with("ws://") || options.ws_url.starts_with("wss://") {
            Ok(options)
        } else {
            Err(Error::BadArgument {
                what: "wsUrl",
                reason: "it starts with ws:// or wss://".into(),
            })
        }
    }

    /// The URL to open.
    pub(crate) fn socket_url(&self) -> String {
        let joint = if self.ws_url.contains('?') { '&' } else { '?' };
        format!("{}{joint}room={}", self.ws_url, self.room)
    }
}

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

//! How to get into a room, and how to be in it.

use chat_relay_protocol::{
    Codec, DeviceId, MemberId, Role, RoomId,
    json::{Fields, FromTree, ShapeError, Tree},
    rest::Joined,
};

use crate::{backoff::BackoffConfig, error::Error};

/// What the relay answered when the device joined, what was stored, and a few choices.
#[derive(Debug, Clone)]
pub struct Options {
    /// The relay's socket, as `wss://host/v1/ws`; the room is added as a query.
    pub ws_url: String,
    /// The room.
    pub room: RoomId,
    /// The code to tell others; the relay's answer replaces it.
    pub code: String,
    /// The member that this device is of.
    pub member: MemberId,
    /// This device.
    pub device: DeviceId,
    /// What the member was when the device joined, to go by until the relay says what it is.
    pub role: Role,
    /// The device's secret, which admits it for as long as the room lives.
    pub secret: String,
    /// The name to show; empty keeps the one from joining.
    pub name: String,
    /// What [`Effect::Persist`](crate::Effect::Persist) gave last, if anything is stored.
    pub stored_json: Option<String>,
    /// How often to hear of the others' presence, in milliseconds; 0 for never. Own presence is sent as often.
    pub presence_millis: Option<u32>,
    /// The heartbeat interval to wish for, in seconds. Who wishes takes part in choosing it, see
    /// [`Client::network_changed`](crate::Client::network_changed).
    pub heartbeat_secs: Option<u32>,
    /// How messages are written.
    pub codec: Codec,
    /// Waits between attempts to connect.
    pub backoff: BackoffConfig,
    /// Whether there is a storage. Without, ops are sent unsaved, and nothing is left of them after a restart.
    pub persists: bool,
    /// Whether to tell what happens one by one, by [`Client::take_news`](crate::Client::take_news); needs the feature
    /// `news`.
    pub tells_news: bool,
}

impl FromTree for Options {
    fn from_tree(tree: Tree) -> Result<Self, ShapeError> {
        let mut fields = Fields::read(tree)?;
        Ok(Options {
            ws_url: fields.take("wsUrl")?,
            room: fields.take("room")?,
            code: fields.optional("code")?,
            member: fields.take("member")?,
            device: fields.take("device")?,
            role: fields.optional("role")?,
            secret: fields.take("secret")?,
            name: fields.optional("name")?,
            stored_json: fields.take("storedJson")?,
            presence_millis: fields.take("presenceMillis")?,
            heartbeat_secs: fields.take("heartbeatSecs")?,
            codec: Codec::Json,
            backoff: BackoffConfig::default(),
            persists: true,
            tells_news: false,
        })
    }
}

impl Options {
    /// Options for a device that has just joined, with no storage.
    pub fn of_joined(ws_url: impl Into<String>, joined: &Joined) -> Options {
        Options {
            ws_url: ws_url.into(),
            room: joined.room.clone(),
            code: joined.code.clone(),
            member: joined.member.clone(),
            device: joined.device.clone(),
            role: joined.role,
            secret: joined.secret.clone(),
            name: String::new(),
            stored_json: None,
            presence_millis: None,
            heartbeat_secs: None,
            codec: Codec::Json,
            backoff: BackoffConfig::default(),
            persists: false,
            tells_news: false,
        }
    }

    /// Reads the options from JSON with camelCase names.
    ///
    /// # Errors
    /// [`Error::Options`]; [`Error::Address`] when `wsUrl` is no WebSocket URL.
    pub fn from_json(json: &str) -> Result<Options, Error> {
        let options: Options =
            chat_relay_protocol::read_json(json).map_err(|error| Error::Options {
                reason: error.to_string(),
            })?;
        if options.ws_url.starts_with("ws://") || options.ws_url.starts_with("wss://") {
            Ok(options)
        } else {
            Err(Error::Address {
                url: options.ws_url,
            })
        }
    }

    /// The URL to open.
    pub(crate) fn socket_url(&self) -> String {
        let joint = if self.ws_url.contains('?') { '&' } else { '?' };
        format!("{}{joint}room={}", self.ws_url, self.room)
    }
}

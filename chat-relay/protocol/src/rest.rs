//! Bodies of the HTTP calls. Errors are a [`WireError`](crate::WireError) with a fitting status.
//!
//! | call | body | answer |
//! |---|---|---|
//! | `POST /v1/rooms` | [`CreateRoom`] | 201, [`Joined`] |
//! | `POST /v1/rooms/join` | [`JoinRoom`] | 200, [`Joined`] |
//! | `POST /v1/devices` | none, with the token as `Authorization: Bearer` | 201, [`Joined`]: a further device of the member |
//! | `POST /v1/token` | [`Renew`] | 200, [`Renewed`] |
//! | `POST /v1/logout` | none, with the token or the secret as `Authorization: Bearer` | 204: the device is forgotten |
//! | `GET /v1/info` | none | 200, [`Info`] |
//! | `GET /healthz` | none | 200 while the process runs |
//! | `GET /readyz` | none | 200 while the store takes writes, else 503 |

use serde::{Deserialize, Serialize};

use crate::{
    ids::{DeviceId, MemberId, RoomId},
    role::Role,
};

/// Makes a room and joins it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CreateRoom {
    /// The name to show for the joining member.
    pub name: String,
}

/// Joins a room by its code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JoinRoom {
    /// Six characters; case, spaces and hyphens do not matter.
    pub code: String,
    /// The name to show for the joining member.
    pub name: String,
}

/// A device's place in a room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Joined {
    /// The room.
    pub room: RoomId,
    /// The code to tell others.
    pub code: String,
    /// The member that joined.
    pub member: MemberId,
    /// This device from now on.
    pub device: DeviceId,
    /// What the member is in the room.
    pub role: Role,
    /// Admits this device for a while; for [`Hello`](crate::Hello) and for the calls above.
    pub token: String,
    /// When the token ends, in seconds since the Unix epoch.
    pub expires_at: i64,
    /// Admits this device for as long as the room lives, and gets new tokens. To be kept, and kept secret.
    pub secret: String,
}

/// Asks for a new token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Renew {
    /// The device's secret.
    pub secret: String,
}

/// A new token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Renewed {
    /// The token.
    pub token: String,
    /// When it ends, in seconds since the Unix epoch.
    pub expires_at: i64,
}

/// How this relay is reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Info {
    /// The relay's version.
    pub version: String,
    /// Addresses that devices in the same network can open, the best first; empty when it serves this
    /// machine only.
    pub lan_urls: Vec<String>,
    /// Where a device learns to trust the relay's own certificate authority, if it uses one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust_url: Option<String>,
}

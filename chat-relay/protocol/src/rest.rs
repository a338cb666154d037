//! Bodies of the HTTP calls. Errors are a [`WireError`](crate::WireError) with a fitting status.
//!
//! | call | body | answer |
//! |---|---|---|
//! | `POST /v1/rooms` | [`CreateRoom`] | 201, [`Joined`] |
//! | `POST /v1/rooms/join` | [`JoinRoom`] | 200, [`Joined`] |
//! | `GET /v1/info` | none | 200, [`Info`] |
//! | `GET /healthz` | none | 200 while the process runs |
//! | `GET /readyz` | none | 200 while the store takes writes, else 503 |

use serde::{Deserialize, Serialize};

use crate::ids::{DeviceId, RoomId};

/// Makes a room and joins it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CreateRoom {
    /// The name to show for the joining device.
    pub name: String,
}

/// Joins a room by its code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JoinRoom {
    /// Six characters; case, spaces and hyphens do not matter.
    pub code: String,
    /// The name to show for the joining device.
    pub name: String,
}

/// A device's place in a room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Joined {
    /// The room.
    pub room: RoomId,
    /// The code to tell others.
    pub code: String,
    /// This device from now on.
    pub device: DeviceId,
    /// Admits this device; for [`Hello`](crate::Hello).
    pub token: String,
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

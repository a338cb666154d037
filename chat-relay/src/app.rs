//! What the parts of a relay share: made once at the start, handed to every connection.

use std::{net::IpAddr, sync::Arc};

use axum::http::{HeaderMap, StatusCode};
use chat_relay_protocol::{ErrorCode, Retry, WireError, rest::Info};
use tokio::sync::Semaphore;

use crate::{
    address_limits::{AddressGuard, AddressLimits},
    config::Config,
    gateway::sessions::Sessions,
    history::DeviceKey,
    http::{client_address::Proxies, origin::Origins, page::Page, peer::Peer, refusal::Refusal},
    rate_limit::RateLimit,
    room::Surroundings,
    shard::Shards,
    shutdown::Shutdown,
    tokens::Tokens,
};

/// How long a client waits that its address has too many connections.
const ADDRESS_FULL_MILLIS: u64 = 10_000;

/// What the parts of a relay share.
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) around: Surroundings,
    pub(crate) shards: Shards,
    pub(crate) tokens: Tokens,
    pub(crate) origins: Origins,
    pub(crate) proxies: Proxies,
    /// WebSockets and event streams, by the address that counts for them.
    pub(crate) addresses: Arc<AddressLimits>,
    /// Sockets, whatever is spoken on them, by the address at their other end.
    pub(crate) sockets: Arc<AddressLimits>,
    /// By [`network`](crate::rate_limit::network).
    pub(crate) join_limit: RateLimit<IpAddr>,
    pub(crate) hello_limit: RateLimit<DeviceKey>,
    /// Bounds how many connections there are.
    pub(crate) open: Arc<Semaphore>,
    /// Of event streams.
    pub(crate) sessions: Sessions,
    pub(crate) page: Option<Page>,
    pub(crate) info: Info,
    pub(crate) shutdown: Shutdown,
}

impl App {
    /// Counts a WebSocket or an event stream for the address that it came from.
    pub(crate) fn admit(&self, peer: &Peer, headers: &HeaderMap) -> Result<AddressGuard, Refusal> {
        let address = self.proxies.client(peer.address.ip(), headers);
        self.addresses.admit(address).map_err(|full| {
            let message = format!(
                "This address has {} connections open, more are not allowed. An operator can allow a school more.",
                full.limit
            );
            let retry = Retry::Later {
                after_millis: ADDRESS_FULL_MILLIS,
            };
            Refusal::new(
                StatusCode::TOO_MANY_REQUESTS,
                WireError::new(ErrorCode::TooManyConnections, message, retry),
            )
        })
    }
}

//! Who is at the other end of a connection.

use std::{net::SocketAddr, sync::Arc};

use tokio::sync::{Notify, OwnedSemaphorePermit};

use super::write_deadline::Lift;
use crate::{address_limits::AddressGuard, app::App};

/// Who is at the other end of a connection; an extension of every request.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    /// What the connection counts for; a WebSocket takes it along.
    pub(crate) open: Arc<Open>,
    /// Ends the connection whatever it is at, as when it takes nothing of an answer that does not end.
    pub(crate) hang_up: Arc<Notify>,
    /// Of what is written to it.
    pub(crate) deadline: Lift,
}

/// A connection's part of what may be open at a time, over all and of its address, for as long as this is kept.
#[derive(Debug)]
pub(crate) struct Open {
    #[allow(dead_code, reason = "held, not read")]
    permit: OwnedSemaphorePermit,
    /// None for a trusted proxy, whose connections are those of many.
    #[allow(dead_code, reason = "held, not read")]
    of_address: Option<AddressGuard>,
}

impl Peer {
    /// The other end of a connection that `permit` counts; none where its address has all the sockets that it may have.
    pub(super) fn admit(
        app: &App,
        address: SocketAddr,
        permit: OwnedSemaphorePermit,
    ) -> Option<Self> {
        let of_address = if app.proxies.trusts(address.ip()) {
            None
        } else {
            match app.sockets.admit(address.ip()) {
                Ok(guard) => Some(guard),
                Err(full) => {
                    app.around.metrics.dropped.count("address");
                    tracing::debug!(%address, limit = full.limit, "an address has too many sockets");
                    return None;
                }
            }
        };
        Some(Self {
            address,
            open: Arc::new(Open { permit, of_address }),
            hang_up: Arc::default(),
            deadline: Lift::default(),
        })
    }
}

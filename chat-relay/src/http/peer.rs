//! Who is at the other end of a connection.

use std::{net::SocketAddr, sync::Arc};

use tokio::sync::{Notify, OwnedSemaphorePermit};

use super::write_deadline::Lift;

/// Who is at the other end of a connection; an extension of every request.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    /// The connection's part of what may be open at a time; a WebSocket takes it along.
    pub(crate) permit: Arc<OwnedSemaphorePermit>,
    /// Ends the connection whatever it is at, as when it takes nothing of an answer that does not end.
    pub(crate) hang_up: Arc<Notify>,
    /// Of what is written to it.
    pub(crate) deadline: Lift,
}

impl Peer {
    /// The other end of a connection that `permit` counts.
    pub(super) fn new(address: SocketAddr, permit: OwnedSemaphorePermit) -> Self {
        Self {
            address,
            permit: Arc::new(permit),
            hang_up: Arc::default(),
            deadline: Lift::default(),
        }
    }
}

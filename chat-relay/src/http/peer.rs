//! Who is at the other end of a connection.

use std::{net::SocketAddr, sync::Arc};

use tokio::sync::{Notify, OwnedSemaphorePermit};

use super::write_deadline::Lift;
use crate::address_limits::AddressGuard;

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

impl Open {
    /// What a permit, and a guard of the address where it is counted, stand for.
    pub(super) fn new(permit: OwnedSemaphorePermit, of_address: Option<AddressGuard>) -> Self {
        Self { permit, of_address }
    }
}

impl Peer {
    /// The other end of a connection that is counted.
    pub(super) fn new(address: SocketAddr, open: Open) -> Self {
        Self {
            address,
            open: Arc::new(open),
            hang_up: Arc::default(),
            deadline: Lift::default(),
        }
    }
}

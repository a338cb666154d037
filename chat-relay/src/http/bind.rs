//! Listening on an address, with a queue that a class-room, or all clients after a restart, fit into at once.
//!
//! The kernel finishes handshakes by itself and keeps the connections until they are accepted. Is its queue full, it
//! drops the last step of a handshake without a word: the client takes itself for connected and is not, until a
//! retransmission a second or more later. The queue that `TcpListener::bind` asks for is too short for that.

use std::{io, net::SocketAddr};

use tokio::net::{TcpListener, TcpSocket};

/// How many connections may wait to be accepted; the kernel cuts it to `net.core.somaxconn`, 4096 by default.
const BACKLOG: u32 = 4096;

/// Listens on `address`.
///
/// # Errors
/// What the system said.
pub(crate) fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // A restart is not to wait for the old connections' ends; elsewhere the option means that others may take over.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

#[cfg(test)]
mod tests {
    use std::{net::TcpStream, time::Duration};

    use super::*;

    #[tokio::test]
    async fn hundreds_may_come_before_the_first_is_taken() {
        const CLIENTS: usize = 400;
        let listener = bind(([127, 0, 0, 1], 0).into()).unwrap();
        let address = listener.local_addr().unwrap();
        let mut clients = Vec::new();
        for n in 0..CLIENTS {
            let client = TcpStream::connect_timeout(&address, Duration::from_secs(5));
            clients.push(client.unwrap_or_else(|error| panic!("client {n}: {error}")));
        }
        // A client of a full queue takes itself for connected: what counts is whom the listener has.
        for n in 0..CLIENTS {
            let accepted =
                tokio::time::timeout(Duration::from_millis(500), listener.accept()).await;
            assert!(accepted.is_ok(), "only {n} of {CLIENTS} were in the queue");
        }
    }

    #[tokio::test]
    async fn a_taken_port_is_refused() {
        let listener = bind(([127, 0, 0, 1], 0).into()).unwrap();
        let again = bind(listener.local_addr().unwrap()).unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AddrInUse);
    }
}

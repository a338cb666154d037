//! What is read off a request besides its body.

use std::{net::SocketAddr, sync::Arc};

use axum::http::Uri;
use tokio::sync::OwnedSemaphorePermit;

/// Who is at the other end of a connection; an extension of every request.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    /// The connection's part of what may be open at a time; a WebSocket takes it along.
    pub(crate) permit: Arc<OwnedSemaphorePermit>,
}

/// The first value of `name` in an address's query, decoded.
pub(crate) fn query_value(uri: &Uri, name: &str) -> Option<String> {
    uri.query()?.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        (key == name).then(|| {
            percent_encoding::percent_decode_str(value)
                .decode_utf8_lossy()
                .into_owned()
        })
    })
}

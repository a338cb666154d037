//! What the parts of a relay share: made once at the start, handed to every connection.

use chat_relay_protocol::rest::Info;

use crate::{
    config::Config,
    http::{origin::Origins, page::Page},
    rate_limit::RateLimit,
    rooms::Hub,
    shutdown::Shutdown,
    store::Store,
};

/// What the parts of a relay share.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) store: Store,
    pub(crate) hub: Hub,
    pub(crate) origins: Origins,
    pub(crate) join_limit: RateLimit,
    pub(crate) page: Option<Page>,
    pub(crate) info: Info,
    pub(crate) shutdown: Shutdown,
}

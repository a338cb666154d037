//! The Sightline relay: rooms over WebSocket on an embedded store, the built page, and the certificates that a
//! phone needs to open it, all from one process and one origin.
//!
//! ```no_run
//! # async fn run() -> Result<(), chat_relay::Error> {
//! let relay = chat_relay::Relay::start(chat_relay::Config::default()).await?;
//! println!("rooms at http://{}/", relay.http_address());
//! relay.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`config`] | what a relay is told, and the command line |
//! | `app` | what the parts share |
//! | `relay` | a running relay: wiring, start, end |
//! | `routes` | which address is answered by what |
//! | `http` | the page, REST, origins, listeners |
//! | `gateway` | WebSockets: handshake, hello, the two pumps of a connection |
//! | `outbox` | the bounded queue to a connection, and why one ends |
//! | `rooms` | a task per room: members, presence, who hears what |
//! | `store` | the log, in SQLite, with group commit |
//! | `certificates` | the relay's own authority, its leaf, TLS |
//! | `trust` | the page where a phone learns to trust it |
//! | `banner` | what the terminal shows |
//! | [`shutdown`] | the end |
//!
//! The protocol itself is `chat-relay-protocol`. What is *not* here: nothing of the scene's meaning. The relay
//! orders, keeps and passes on; it checks bounds and who sends, and folds nothing.

mod app;
mod banner;
mod certificates;
pub mod config;
mod error;
mod gateway;
mod http;
mod names;
mod outbox;
mod rate_limit;
mod relay;
mod rooms;
mod routes;
mod secrets;
pub mod shutdown;
mod store;
mod trust;

pub use banner::{banner, qr_code};
pub use config::{Config, Limits, TlsFiles};
pub use error::Error;
pub use relay::Relay;

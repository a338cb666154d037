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
//! | `secure` | taking a port, and HTTPS before it serves |
//! | `drain` | the end of the connections |
//! | `upkeep` | old events and unused rooms go |
//! | `routes` | which address is answered by what |
//! | `http` | the page, REST, origins, listeners |
//! | `gateway` | connections: handshake, hello, what devices send, heartbeats |
//! | `outbox` | what goes out to a connection, and why one ends |
//! | `room` | one room: its order, its members, what they hear |
//! | `shard` | the threads that rooms live on |
//! | `mailbox` | how a room speaks to its shard |
//! | [`history`] | what is kept: logs, members, snapshots, in SQLite or in memory |
//! | [`tokens`] | what admits a device for a quarter of an hour |
//! | `certificates` | the relay's own authority, its leaf, TLS |
//! | `trust` | the page where a phone learns to trust it |
//! | `banner` | what the terminal shows |
//! | [`logging`] | what is written to the log, and what never is |
//! | [`metrics`] | what is counted and measured, for Prometheus |
//! | [`open_files`] | as many connections as there may be files |
//! | [`shutdown`] | the end |
//! | [`load_test`] | members without people, to try a relay with |
//!
//! The protocol itself, and the folds from a log to a scene, a chat and the members' standing, are
//! `chat-relay-protocol`. What is *not* here: the scene's meaning. The relay orders, keeps and passes on; it checks
//! bounds, limits and who may do what.

mod address_limits;
mod app;
mod banner;
mod certificates;
pub mod clock;
pub mod config;
mod drain;
mod error;
mod gateway;
pub mod history;
mod http;
pub mod load_test;
pub mod logging;
mod mailbox;
pub mod metrics;
mod names;
pub mod open_files;
mod outbox;
mod rate_limit;
mod relay;
mod room;
mod routes;
mod secrets;
mod secure;
mod shard;
pub mod shutdown;
pub mod tokens;
mod trust;
mod upkeep;

pub use banner::{banner, qr_code};
pub use config::{Config, Limits, TlsFiles};
pub use error::Error;
pub use gateway::echo::serve as echo;
pub use relay::Relay;

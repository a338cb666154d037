//! Connections: the opening handshake, the first message, what devices send, heartbeats.
//!
//! | file | what |
//! |---|---|
//! | `upgrade` | `GET /v1/ws`: the opening handshake |
//! | `link` | the byte stream under a connection |
//! | `feed`, `socket` | a WebSocket on it: messages in, the outbox out |
//! | `connection` | a WebSocket connection from hello to close |
//! | `stream` | the same by server-sent events and POST, where WebSockets are refused |
//! | `sessions` | the open ones of `stream` |
//! | `hello` | the first message, and whom it admits |
//! | `inbound` | what a device sends, to its room |
//! | `pulse` | heartbeats |
//! | `echo` | the very same sockets, answering what they hear: for conformance tests |

mod connection;
pub(crate) mod echo;
mod feed;
pub(crate) mod hello;
mod inbound;
pub(crate) mod link;
pub(crate) mod pulse;
pub(crate) mod sessions;
mod socket;
pub(crate) mod stream;
mod upgrade;

pub(crate) use upgrade::upgrade;

//! The client of one Sightline room, without sockets, clocks, storage or randomness of its own: it runs in a browser,
//! under tokio (feature `native`), and under a simulated network (feature `simulation`).
//!
//! In: what a person does ([`Client::chat`], [`Client::send`], ...), what the socket brings, the time ([`Moment`]), and
//! word that the stored state is saved. Out: [`Effect`]s for the edge to carry out, and the room as it is: scene, chat,
//! members, settings, inbox. The edge calls [`Client::take_effect`] until there is none after every input, and
//! [`Client::tick`] at [`Client::next_wake_millis`].
//!
//! ```
//! use chat_relay_client::{Client, Effect, Moment, Options};
//!
//! let options = Options::from_json(
//!     r#"{"wsUrl": "ws://127.0.0.1/v1/ws", "room": "r1", "member": "m1", "device": "d1", "secret": "s"}"#,
//! )?;
//! let now = Moment { monotonic_millis: 0, unix_millis: 1_790_000_000_000 };
//! let mut client = Client::new(options, 7, now);
//! client.chat("hello", now)?;
//! assert_eq!(client.pending_count(), 1);
//! client.start(now);
//! # let mut connects = false;
//! while let Some(effect) = client.take_effect() {
//!     // Open the socket, send the message, save the text.
//!     # connects |= matches!(effect, Effect::Connect { .. });
//! }
//! # assert!(connects);
//! # Ok::<(), chat_relay_client::Error>(())
//! ```
//!
//! | module | idea |
//! |---|---|
//! | `client` | the inputs, and the order things happen in |
//! | `effect` | what the client asks of the edge |
//! | `news` | what a program is told |
//! | `moment` | time |
//! | `link` | the connection: when to connect, greet, ping, give up |
//! | `backoff` | how long to wait before the next attempt |
//! | `incoming` | a snapshot under way |
//! | `messages` | what each message of the relay changes |
//! | `refusals` | what each refusal changes |
//! | `log` | the room as far as the relay's log says: scene, chat, settings |
//! | `outbox` | own ops that the relay's log does not hold yet |
//! | `held` | ops that wait for an owner's approval |
//! | `inbox` | direct messages |
//! | `reading` | how far this member has read |
//! | `undo` | taking an own change back |
//! | `edits` | what a person does, as ops |
//! | `view` | the room as this device shows it, with what is pending on top |
//! | `members` | who is there |
//! | `storage` | what is kept between visits |
//! | `native` | the driver over tokio |
//! | `simulation` | a relay and its network for tests |
//!
//! Own ops show at once; when the relay's order comes, what is pending is applied again on top of it, so that every
//! device ends with the same room.
//!
//! The client greets with the device's *secret*, which admits for as long as the room lives. It needs no short-lived
//! tokens, and so nothing here renews one.

mod backoff;
mod client;
mod edits;
mod effect;
mod error;
mod held;
mod inbox;
mod incoming;
mod link;
mod log;
mod members;
mod messages;
mod moment;
#[cfg(feature = "native")]
pub mod native;
mod news;
mod options;
mod outbox;
mod reading;
mod refusals;
#[cfg(feature = "simulation")]
pub mod simulation;
mod storage;
mod undo;
mod view;

pub use backoff::BackoffConfig;
pub use client::Client;
pub use effect::Effect;
pub use error::Error;
pub use link::{ConnectionId, ConnectionState};
pub use moment::Moment;
pub use news::{News, Notice, Problem};
pub use options::Options;
pub use outbox::Request;
pub use view::{ChatEntry, DirectEntry};

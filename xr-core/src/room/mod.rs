//! The room as one device has it: the client of the relay, without sockets, clocks or storage.
//!
//! In: what a person does ([`Client::chat`], [`Client::place_pin_in_device`], ...), what the socket brings, the time
//! ([`Moment`]), and word that the stored state is saved. Out: [`Effect`]s for the edge to carry out, the scene,
//! and the state for the page as JSON. The edge (the `web` modules in a browser, a simulated relay in tests) calls
//! [`Client::take_effect`] until there is none after every input, and [`Client::tick`] at [`Client::next_wake_millis`].
//!
//! | file | idea |
//! |---|---|
//! | `client` | the inputs, the outputs, and the order they happen in |
//! | `link` | the connection: when to connect, greet, ping, give up |
//! | `backoff` | how long to wait before the next attempt |
//! | `messages` | what each message of the relay changes |
//! | `log` | the events of the room and the scene they fold to |
//! | `outbox` | own ops that the relay's log does not hold yet |
//! | `edits` | what a person does, as ops |
//! | `aligning` | how an AR session finds its place in the room |
//! | `device_frame` | what is known of that place: spots, alignment, origin anchor |
//! | `members` | who is there |
//! | `storage` | what is kept between visits |
//! | `state` | the JSON that the page shows |
//!
//! Own ops show at once; when the relay's order comes, the scene is folded again from the log and then what is
//! still pending, so that every device ends with the same scene.

mod aligning;
mod backoff;
mod client;
mod device_frame;
mod edits;
mod link;
mod log;
mod members;
mod messages;
mod options;
mod outbox;
mod state;
mod storage;

pub use backoff::BackoffConfig;
pub use client::{Client, Effect, Moment};
pub use device_frame::AlignmentEvent;
pub use edits::MAX_LABEL_CHARS;
pub use link::ConnectionId;
pub use options::{Options, PresenceChange};

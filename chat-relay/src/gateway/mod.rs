//! WebSockets. A connection's way: [`upgrade`] checks the HTTP request and takes the socket over;
//! [`connection`] runs it from hello to close, with [`hello`] admitting it and [`inbound`] and [`outbound`] as
//! its two pumps; [`outbox`] is the bounded queue others write to; [`closing`] says why it ended.

mod closing;
mod connection;
mod hello;
mod inbound;
mod outbound;
mod outbox;
mod upgrade;

pub(crate) use closing::Closing;
pub(crate) use hello::normalized_name;
pub(crate) use outbox::Outbox;
pub(crate) use upgrade::upgrade;

//! WebSockets. A connection's way: [`upgrade`] checks the HTTP request and takes the socket over;
//! [`connection`] runs it from hello to close, with [`hello`] admitting it and [`inbound`] and [`outbound`] as
//! its two pumps. Others reach a connection through its [`crate::outbox`].

mod connection;
mod hello;
mod inbound;
mod outbound;
mod upgrade;

pub(crate) use upgrade::upgrade;

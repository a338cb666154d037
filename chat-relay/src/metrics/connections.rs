//! Connections from their start to their end: how many there are, by codec and transport, and why they ended.

use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

use super::named::Named;

/// Why connections end: `gone` is one that broke or went, `heartbeat` one that fell silent, the others are codes on the
/// wire.
const REASONS: &[&str] = &[
    "gone",
    "heartbeat",
    "bad_message",
    "too_large",
    "hello_expected",
    "version",
    "unauthorized",
    "room_not_found",
    "room_full",
    "rate_limited",
    "token_expired",
    "removed",
    "room_expired",
    "too_many_connections",
    "storage",
    "shutting_down",
    "lagged",
    "replaced",
];

type ByCodec = Family<[(&'static str, &'static str); 2], Gauge>;

/// Connections that speak the protocol: WebSockets, and streams of server-sent events.
#[derive(Debug, Clone)]
pub struct Connections {
    open: ByCodec,
    opened: Counter,
    closed: Named,
}

/// A connection that is open, and counts as such for as long as this is kept.
#[derive(Debug)]
pub struct OpenConnection {
    open: Gauge,
    closed: Named,
    is_counted: bool,
}

impl Connections {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let open = ByCodec::default();
        let opened = Counter::default();
        registry.register(
            "connections_open",
            "Connections that are open",
            open.clone(),
        );
        registry.register("connections_opened", "Connections so far", opened.clone());
        let closed = Named::register(
            registry,
            "connections_closed",
            "Connections that ended",
            "reason",
            REASONS,
        );
        Self {
            open,
            opened,
            closed,
        }
    }

    /// Counts a connection: `codec` is `json`, `msgpack` or `protobuf`, `transport` `websocket` or `events`. This
    /// looks the two up under a lock that is only shared: once a connection, not once a message.
    pub fn open(&self, codec: &'static str, transport: &'static str) -> OpenConnection {
        let open = self
            .open
            .get_or_create(&[("codec", codec), ("transport", transport)])
            .clone();
        open.inc();
        self.opened.inc();
        OpenConnection {
            open,
            closed: self.closed.clone(),
            is_counted: true,
        }
    }
}

impl OpenConnection {
    /// Ends it for a reason, which is the code of the error where there was one. Dropped without, it is `gone`.
    pub fn close(mut self, reason: &str) {
        self.end(reason);
    }

    fn end(&mut self, reason: &str) {
        if std::mem::take(&mut self.is_counted) {
            self.open.dec();
            self.closed.count(reason);
        }
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.end("gone");
    }
}

//! What a running relay counts and measures, and the text of it that Prometheus fetches from `/metrics`.
//!
//! [`Metrics`] is made once and cloned freely: all clones are the same atomics. Who counts on every message keeps the
//! handle (`metrics.deliveries.clone()`, `metrics.messages_in.of("op")`), and then no step takes a lock. Nothing here
//! names a room, a member or an address: those are neither few nor the operator's business.
//!
//! | file | what |
//! |---|---|
//! | `named` | one counter per name of a fixed list |
//! | `histogram` | a histogram of atomics; that of the crate prometheus-client takes a lock at each observation |
//! | `connections` | a connection from its start to its end |
//! | `process` | CPU, memory and open files of this process |
//!
//! The registry and the text come from prometheus-client, the Prometheus project's own library for Rust: no global
//! state, and four small crates besides.

mod connections;
mod histogram;
mod named;
mod process;

use std::sync::Arc;

use prometheus_client::{
    encoding::prometheus_text,
    metrics::{counter::Counter, gauge::Gauge, info::Info},
    registry::Registry,
};

pub use connections::{Connections, OpenConnection};
pub use histogram::Histogram;
pub use named::Named;

/// The media type of [`Metrics::encode`].
pub const CONTENT_TYPE: &str = prometheus_text::CONTENT_TYPE;

/// Types of messages that clients send.
const MESSAGES: &[&str] = &[
    "hello",
    "op",
    "direct",
    "presence",
    "read",
    "history",
    "heartbeat",
    "ping",
];

/// Why something was not passed on at once: `lagged` connections get it later from the log. `address` is a socket of an
/// address that has as many as it may have.
const DROPS: &[&str] = &["lagged", "conflated", "address"];

/// Codes of errors, as on the wire.
const CODES: &[&str] = &[
    "bad_message",
    "too_large",
    "hello_expected",
    "version",
    "unauthorized",
    "room_not_found",
    "room_full",
    "rate_limited",
    "invalid_op",
    "not_your_device",
    "forbidden",
    "muted",
    "gone",
    "limit_reached",
    "token_expired",
    "removed",
    "room_closed",
    "room_expired",
    "too_many_connections",
    "origin",
    "storage",
    "shutting_down",
    "lagged",
    "replaced",
];

/// Seconds of a commit or a fan-out, in nanoseconds: from a tenth of a millisecond to five seconds.
const LATENCIES_NANOS: &[u64] = &[
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
    250_000_000,
    500_000_000,
    1_000_000_000,
    2_500_000_000,
    5_000_000_000,
];

/// Requests in a commit.
const BATCHES: &[u64] = &[1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/// Everything that is counted and measured.
#[derive(Debug, Clone)]
pub struct Metrics {
    /// Connections, from their start to their end.
    pub connections: Connections,
    /// Rooms in memory.
    pub rooms_open: Gauge,
    /// Members that are connected, over all rooms.
    pub members_connected: Gauge,
    /// Messages from clients, by type.
    pub messages_in: Named,
    /// Messages handed to sockets: one that goes to ten members counts ten.
    pub deliveries: Counter,
    /// Bytes read from clients, before TLS and framing are taken off.
    pub bytes_in: Counter,
    /// Bytes written to clients.
    pub bytes_out: Counter,
    /// What was not passed on, by reason.
    pub dropped: Named,
    /// Errors that were sent to clients, by code.
    pub refused: Named,
    /// Requests that wait for the store.
    pub store_queue: Gauge,
    /// Bytes that wait in the send queues of all connections.
    pub send_queue_bytes: Gauge,
    /// How long a transaction took, from its begin to the end of its commit.
    pub commit_seconds: Histogram,
    /// How many requests went into a transaction.
    pub commit_batch: Histogram,
    /// How long an op took from its acceptance to the last socket's write.
    pub fan_out_seconds: Histogram,
    registry: Arc<Registry>,
}

impl Metrics {
    /// Everything at zero.
    pub fn new() -> Self {
        let mut registry = Registry::default();
        process::register(&mut registry);
        let relay = registry.sub_registry_with_prefix("chat_relay");
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        relay.register("build", "This relay's build", version);
        let mut metrics = Self {
            connections: Connections::register(relay),
            rooms_open: gauge(relay, "rooms_open", "Rooms in memory"),
            members_connected: gauge(relay, "members_connected", "Members that are connected"),
            messages_in: Named::register(
                relay,
                "messages_in",
                "Messages from clients",
                "type",
                MESSAGES,
            ),
            deliveries: counter(relay, "deliveries", "Messages handed to sockets"),
            bytes_in: counter(relay, "received_bytes", "Bytes read from clients"),
            bytes_out: counter(relay, "sent_bytes", "Bytes written to clients"),
            dropped: Named::register(relay, "dropped", "What was not passed on", "reason", DROPS),
            refused: Named::register(relay, "refused", "Errors sent to clients", "code", CODES),
            store_queue: gauge(relay, "store_queue", "Requests that wait for the store"),
            send_queue_bytes: gauge(
                relay,
                "send_queue_bytes",
                "Bytes that wait for sockets in all send queues",
            ),
            commit_seconds: Histogram::of_nanos(LATENCIES_NANOS),
            commit_batch: Histogram::of_counts(BATCHES),
            fan_out_seconds: Histogram::of_nanos(LATENCIES_NANOS),
            registry: Arc::default(),
        };
        for (name, help, histogram) in [
            (
                "commit_seconds",
                "Time of a transaction",
                &metrics.commit_seconds,
            ),
            (
                "commit_batch",
                "Requests in a transaction",
                &metrics.commit_batch,
            ),
            (
                "fan_out_seconds",
                "Time from an op's acceptance to the last socket's write",
                &metrics.fan_out_seconds,
            ),
        ] {
            relay.register(name, help, histogram.clone());
        }
        metrics.registry = Arc::new(registry);
        metrics
    }

    /// The state of everything now, in the text format of Prometheus ([`CONTENT_TYPE`]).
    pub fn encode(&self) -> String {
        let mut text = String::with_capacity(16 * 1024);
        if let Err(error) = prometheus_text::encode(&mut text, &self.registry) {
            // Writing to a string does not fail; a metric that cannot say itself would.
            tracing::warn!(%error, "the metrics could not be written");
        }
        text
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

fn gauge(registry: &mut Registry, name: &str, help: &str) -> Gauge {
    let gauge = Gauge::default();
    registry.register(name, help, gauge.clone());
    gauge
}

fn counter(registry: &mut Registry, name: &str, help: &str) -> Counter {
    let counter = Counter::default();
    registry.register(name, help, counter.clone());
    counter
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, time::Duration};

    use super::*;

    /// The samples of a text by name and labels; panics at a line that is none, and at a sample without a type.
    fn samples(text: &str) -> BTreeMap<String, f64> {
        let mut types = Vec::new();
        let mut samples = BTreeMap::new();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                types.push(rest.split_once(' ').unwrap().0.to_owned());
            } else if !line.starts_with("# HELP ") {
                let (name, value) = line.rsplit_once(' ').unwrap();
                let bare = name.split('{').next().unwrap();
                let known = |of: &String| {
                    bare == of
                        || ["_bucket", "_sum", "_count"]
                            .iter()
                            .any(|end| bare == format!("{of}{end}"))
                };
                assert!(types.iter().any(known), "{line}");
                let value = value.parse().unwrap();
                assert!(
                    samples.insert(name.to_owned(), value).is_none(),
                    "twice: {name}"
                );
            }
        }
        samples
    }

    #[test]
    fn what_is_counted_stands_in_the_text() {
        let metrics = Metrics::new();
        let clone = metrics.clone();
        clone.rooms_open.set(3);
        clone.deliveries.inc_by(7);
        clone.messages_in.of("op").inc();
        clone.messages_in.count("op");
        clone.messages_in.count("a message of tomorrow");
        clone.refused.count("rate_limited");
        clone.dropped.count("lagged");
        clone.store_queue.inc();
        clone.send_queue_bytes.inc_by(1000);
        clone.send_queue_bytes.dec_by(400);
        let samples = samples(&metrics.encode());
        for (name, value) in [
            ("chat_relay_rooms_open", 3.0),
            ("chat_relay_deliveries_total", 7.0),
            ("chat_relay_messages_in_total{type=\"op\"}", 2.0),
            ("chat_relay_messages_in_total{type=\"other\"}", 1.0),
            ("chat_relay_messages_in_total{type=\"presence\"}", 0.0),
            ("chat_relay_refused_total{code=\"rate_limited\"}", 1.0),
            ("chat_relay_dropped_total{reason=\"lagged\"}", 1.0),
            ("chat_relay_store_queue", 1.0),
            ("chat_relay_send_queue_bytes", 600.0),
            (
                concat!(
                    "chat_relay_build_info{version=\"",
                    env!("CARGO_PKG_VERSION"),
                    "\"}"
                ),
                1.0,
            ),
        ] {
            assert_eq!(samples.get(name), Some(&value), "{name} in {samples:#?}");
        }
    }

    #[test]
    fn histograms_add_up() {
        let metrics = Metrics::new();
        for millis in [1, 2, 20, 9_000] {
            metrics
                .commit_seconds
                .observe_duration(Duration::from_millis(millis));
        }
        metrics.commit_batch.observe(3);
        let samples = samples(&metrics.encode());
        let bucket =
            |le: &str| samples[&format!("chat_relay_commit_seconds_bucket{{le=\"{le}\"}}")];
        assert_eq!(bucket("0.0005"), 0.0);
        assert_eq!(bucket("0.001"), 1.0);
        assert_eq!(bucket("0.0025"), 2.0);
        assert_eq!(bucket("5"), 3.0);
        assert_eq!(bucket("+Inf"), 4.0);
        assert_eq!(samples["chat_relay_commit_seconds_count"], 4.0);
        assert!((samples["chat_relay_commit_seconds_sum"] - 9.023).abs() < 1e-9);
        assert_eq!(samples["chat_relay_commit_batch_sum"], 3.0);
    }

    #[test]
    fn connections_are_open_until_they_end() {
        let metrics = Metrics::new();
        let json = metrics.connections.open("json", "websocket");
        let binary = metrics.connections.open("msgpack", "websocket");
        json.close("lagged");
        let now = samples(&metrics.encode());
        let open = |codec: &str| {
            format!("chat_relay_connections_open{{codec=\"{codec}\",transport=\"websocket\"}}")
        };
        assert_eq!((now[&open("json")], now[&open("msgpack")]), (0.0, 1.0));
        assert_eq!(
            now["chat_relay_connections_closed_total{reason=\"lagged\"}"],
            1.0
        );
        drop(binary);
        let now = samples(&metrics.encode());
        assert_eq!(now[&open("msgpack")], 0.0);
        assert_eq!(
            now["chat_relay_connections_closed_total{reason=\"gone\"}"],
            1.0
        );
        assert_eq!(now["chat_relay_connections_opened_total"], 2.0);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_process_is_measured() {
        let metrics = Metrics::new();
        let before = samples(&metrics.encode());
        let files: Vec<_> = (0..10)
            .map(|_| std::fs::File::open("/dev/null").unwrap())
            .collect();
        let after = samples(&metrics.encode());
        // Other tests open and close files of the same process meanwhile: ten at once stay well above that.
        assert!(after["process_open_fds"] >= 13.0, "{after:#?}");
        assert!(after["process_max_fds"] >= after["process_open_fds"]);
        assert!(after["process_resident_memory_bytes"] > 1e6);
        assert!(after["process_cpu_seconds_total"] >= before["process_cpu_seconds_total"]);
        assert!(after["process_start_time_seconds"] > 1.7e9);
        drop(files);
    }
}

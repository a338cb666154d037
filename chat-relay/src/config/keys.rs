//! Every key of the configuration: its name in the file, the field that it sets, what it may be and what it means.
//! The page `docs/configuration.md` is this table; a test compares the two.

use toml::Value;

use super::{
    Config, TlsFiles,
    allowed::Allowed::{self, *},
    setting::{Setting as _, Unit},
};

/// A key of the configuration.
pub(super) struct Key {
    /// Its name, with dots between the tables of the file.
    pub(super) name: &'static str,
    /// What it may be.
    pub(super) allowed: Allowed,
    /// What it means, for the page.
    pub(super) meaning: &'static str,
    /// The value in a configuration; `None` when it is not set.
    pub(super) read: fn(&Config) -> Option<Value>,
    /// Sets it to a value that `allowed` admits; `None` when the field cannot hold it all the same.
    pub(super) write: fn(&mut Config, &Value) -> Option<()>,
}

/// What the environment variables of the relay begin with.
pub(super) const VARIABLES: &str = "CHAT_RELAY_";

/// The key called `name`.
pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// The known key that looks most like `name`.
pub(super) fn nearest(name: &str) -> &'static str {
    // A key in the wrong table is likelier than one misspelt beyond recognition.
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let distance = |key: &&Key| {
        let whole = strsim::damerau_levenshtein(key.name, name);
        let leaf = strsim::damerau_levenshtein(&last(key.name), &last(name));
        (2 * leaf + whole, key.name.len())
    };
    KEYS.iter().min_by_key(distance).map_or("", |key| key.name)
}

const MANY: u64 = 1_000_000;
const DAY_SECS: u64 = 86_400;
const CENTURY_DAYS: u64 = 36_500;
const GIB: u64 = 1 << 30;

macro_rules! keys {
    ($($name:literal: $($field:ident).+, $allowed:expr, $meaning:literal;)*) => {
        &[$(Key {
            name: $name,
            allowed: $allowed,
            meaning: $meaning,
            read: |config| config.$($field).+.shown(Unit::of($name)),
            write: |config, value| config.$($field).+.set(value, Unit::of($name)),
        },)* Key {
            name: "tls_cert",
            allowed: Text("a file (PEM)"),
            meaning: "certificate chain, the leaf first, in place of the relay's own authority",
            read: |config| config.tls.as_ref()?.certificate.shown(Unit::One),
            write: |config, value| tls(config).certificate.set(value, Unit::One),
        }, Key {
            name: "tls_key",
            allowed: Text("a file (PEM)"),
            meaning: "private key of `tls_cert`",
            read: |config| config.tls.as_ref()?.key.shown(Unit::One),
            write: |config, value| tls(config).key.set(value, Unit::One),
        }]
    };
}

/// The two files, of which one is still empty when only the other key is set; `check` finds that.
fn tls(config: &mut Config) -> &mut TlsFiles {
    config.tls.get_or_insert_with(|| TlsFiles {
        certificate: Default::default(),
        key: Default::default(),
    })
}

/// All keys; those without a table first, as TOML wants it.
pub(super) fn in_order() -> impl Iterator<Item = &'static Key> {
    let limits = |key: &&Key| key.name.contains('.');
    KEYS.iter()
        .filter(move |key| !limits(key))
        .chain(KEYS.iter().filter(limits))
}

/// All keys.
pub(super) static KEYS: &[Key] = keys! {
    "bind": bind, Address, "address to listen on";
    "port": port, Whole(0, 65_535), "port of plain HTTP; 0 takes a free one";
    "https_port": https_port, Whole(0, 65_535), "port of HTTPS, used with `lan` or `tls_cert`; 0 takes a free one";
    "data": data, Text("a folder"), "folder of everything that is kept; made when absent";
    "web": web, Text("a folder"), "folder of the built page, in place of the one in the program";
    "lan": lan, Switch, "serve the other machines of this network too, by HTTPS; `bind` is then `0.0.0.0` by default";
    "public_url": public_url, Text("an address, as \"https://relay.example/\""),
        "what to tell others when they come by a name or through a proxy";
    "allow_origins": allow_origins, Texts("origins, as \"https://school.example\""),
        "origins of other pages that may use this relay";
    "trusted_proxies": trusted_proxies, Networks,
        "proxies whose `Forwarded` or `X-Forwarded-For` is believed; everybody else's is passed over";
    "token_keys": token_keys, KeyFiles,
        "keys (32 bytes or more each) of programs that sign tokens for this relay; `id` is the token's `kid`";
    "metrics_bind": metrics_bind, Socket,
        "a listener of its own for `/metrics`, open to all who reach it; without it, `/metrics` stands beside \
         everything else, for this machine only";
    "workers": workers, Whole(0, 1024), "threads that serve rooms; 0 is one a core";
    "log_format": log_format, Word(&["text", "json"]), "a line for people or an object of JSON a line, on stderr";
    "log_level": log_level, Word(&["error", "warn", "info", "debug", "trace"]), "from which level on is logged";

    "limits.connections": limits.connections, Whole(1, 10 * MANY), "connections at a time, HTTP and WebSocket";
    "limits.connections_per_address": limits.connections_per_address, Whole(1, 10 * MANY),
        "connections of one address; an IPv6 address counts by its /64";
    "limits.address_allowances": limits.address_allowances, NetworkNumbers(1, 10 * MANY),
        "another number for each address of a network, as a school's behind one; the narrowest network decides";
    "limits.join_burst": limits.join_burst, Whole(10, MANY),
        "what an address may spend on joining at once: a join costs 1, making a room 5, a wrong code 10";
    "limits.join_refill_per_sec": limits.join_refill_per_sec, Number(0.001, 1e6),
        "what it regains of that in a second";
    "limits.hello_timeout_secs": limits.hello_timeout, Whole(1, 60), "how long a new socket may take to say hello";
    "limits.heartbeat_default_secs": limits.heartbeat_interval, Whole(1, 3600),
        "how often a socket is pinged unless it asks otherwise; dead after two intervals without a sign of life";
    "limits.heartbeat_min_secs": limits.heartbeat_min, Whole(1, 3600), "shortest interval that a client may ask for";
    "limits.heartbeat_max_secs": limits.heartbeat_max, Whole(1, 3600), "longest interval that a client may ask for";
    "limits.message_bytes": limits.message_bytes, Whole(1024, 65_536), "size of one message of a client";
    "limits.connection_messages_per_sec": limits.connection_messages_per_sec, Whole(1, MANY),
        "messages a second of one connection, in the long run";
    "limits.connection_messages_burst": limits.connection_messages_burst, Whole(1, MANY),
        "messages of one connection at once";
    "limits.room_messages_per_sec": limits.room_messages_per_sec, Whole(1, MANY),
        "messages a second of one room's connections together, in the long run";
    "limits.room_messages_burst": limits.room_messages_burst, Whole(1, MANY), "the same at once";
    "limits.connection_bytes_per_sec": limits.connection_bytes_per_sec, Whole(1024, GIB),
        "bytes of ops a second that one connection may bring into the log, in the long run, as JSON";
    "limits.connection_bytes_burst": limits.connection_bytes_burst, Whole(65_536, GIB), "the same at once";
    "limits.room_bytes_per_sec": limits.room_bytes_per_sec, Whole(1024, GIB),
        "bytes of ops a second that one room's connections together may bring into the log, in the long run";
    "limits.room_bytes_burst": limits.room_bytes_burst, Whole(65_536, GIB), "the same at once";
    "limits.send_queue_bytes": limits.send_queue_bytes, Whole(16_384, GIB),
        "bytes that wait for a slow socket; with more it is told `missed` and catches up from the log";
    "limits.ops_in_flight": limits.ops_in_flight, Whole(1, 65_536),
        "ops of one socket that wait for their commit; further ones are not read until then";
    "limits.presence_interval_millis": limits.presence_interval, Whole(33, 2000),
        "how often changes of presence go out, unless a client chooses otherwise; rounded up to 33, 50, 100, 200, \
         500, 1000 or 2000";
    "limits.presence_interval_min_millis": limits.presence_interval_min, Whole(33, 2000),
        "shortest interval of presence that a client may choose; rounded up in the same way";
    "limits.presence_per_sec": limits.presence_per_sec, Whole(1, 10_000),
        "presence messages a second of one connection";
    "limits.typing_expiry_secs": limits.typing_expiry, Whole(1, 60),
        "how long somebody counts as typing after the last word of it";
    "limits.members_per_room": limits.members_per_room, Whole(1, 100_000), "members connected to one room";
    "limits.devices_per_member": limits.devices_per_member, Whole(1, 1000), "devices of one member connected at a time";
    "limits.annotations_per_room": limits.annotations_per_room, Whole(1, MANY), "annotations in a room";
    "limits.annotation_bytes": limits.annotation_bytes, Whole(1024, 64 * MANY),
        "size of one annotation, all its fields";
    "limits.scene_bytes": limits.scene_bytes, Whole(65_536, GIB), "size of all annotations of a room";
    "limits.held_ops_per_room": limits.held_ops_per_room, Whole(1, 100_000), "ops of a room that wait for approval";
    "limits.replay_events": limits.replay_events, Whole(1, MANY),
        "missed events that are sent one by one; who missed more gets a snapshot";
    "limits.replay_chunk_bytes": limits.replay_chunk_bytes, Whole(1024, 16 * MANY),
        "size of a piece of replay, as JSON; a single larger event still goes";
    "limits.snapshot_every_events": limits.snapshot_every_events, Whole(10, MANY),
        "events from one stored snapshot to the next; with retention, one is also stored when a room empties";
    "limits.history_page_events": limits.history_page_events, Whole(1, 10_000),
        "messages on one page of history, which also ends at about 1 MiB";
    "limits.retention_events": limits.retention_events, Whole(0, 1_000 * MANY),
        "latest events of a room that are kept; older ones go as far as a stored snapshot stands for them; 0 keeps all";
    "limits.retention_days": limits.retention_days, Whole(0, CENTURY_DAYS),
        "days that an event is kept; then it goes once a stored snapshot stands for it; 0 keeps it for as long as its \
         room";
    "limits.room_expiry_days": limits.room_expiry_days, Whole(0, CENTURY_DAYS),
        "days without a visit after which a room is removed; 0 keeps it for ever";
    "limits.token_lifetime_secs": limits.token_lifetime, Whole(30, DAY_SECS), "how long a token admits";
    "limits.store_queue": limits.store_queue, Whole(1, MANY),
        "entries that wait for the store before further ops are refused for the moment with `rate_limited`";
    "limits.commit_batch": limits.commit_batch, Whole(1, 100_000), "requests in one transaction at most";
    "limits.store_busy_timeout_millis": limits.store_busy_timeout, Whole(0, 60_000),
        "how long a commit waits for another process that holds the database";
    "limits.max_store_mib": limits.store_bytes, Whole(1, 1 << 24),
        "largest size of the database; without it, the disk's";
    "limits.drain_secs": limits.drain, Whole(0, 600), "over how long the closes of a shutdown are spread";
    "limits.shutdown_grace_secs": limits.shutdown_grace, Whole(0, 600), "how long sockets then have to close";
};

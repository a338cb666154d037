//! How much of everything, and how long. Every field has a default that suits a lap-top and a ten-thousand
//! connections server alike; its range and its key in the file stand in `keys`.
//!
//! Nothing is checked here: a test may set what no operator can.

use std::time::Duration;

use ipnet::IpNet;

/// How much of everything, and how long.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// How long a new socket may take to say hello.
    pub hello_timeout: Duration,
    /// How often a socket is pinged unless it asks otherwise; one that gives no sign of life for two intervals is
    /// closed.
    pub heartbeat_interval: Duration,
    /// The shortest interval that a client may ask for.
    pub heartbeat_min: Duration,
    /// The longest interval that a client may ask for.
    pub heartbeat_max: Duration,
    /// How often changes of presence go out to a room, unless a client chooses otherwise.
    pub presence_interval: Duration,
    /// The shortest interval of presence that a client may choose.
    pub presence_interval_min: Duration,
    /// How many presence messages one connection may send in a second.
    pub presence_per_sec: u32,
    /// How long somebody counts as typing after the last word of it.
    pub typing_expiry: Duration,
    /// The size of one message from a client, in bytes.
    pub message_bytes: usize,
    /// How many bytes wait for a slow socket; with more it is told `missed` and catches up from the log.
    pub send_queue_bytes: usize,
    /// How many ops of one socket may wait for their commit; further ones are not read until then.
    pub ops_in_flight: usize,
    /// How many messages a second one connection may send, in the long run.
    pub connection_messages_per_sec: u32,
    /// How many messages one connection may send at once.
    pub connection_messages_burst: u32,
    /// How many messages a second all connections of one room may send together, in the long run.
    pub room_messages_per_sec: u32,
    /// How many messages all connections of one room may send at once.
    pub room_messages_burst: u32,
    /// How many bytes of ops a second one connection may bring into the log, in the long run.
    pub connection_bytes_per_sec: u32,
    /// How many bytes of ops one connection may bring into the log at once; the last one may go beyond.
    pub connection_bytes_burst: u32,
    /// How many bytes of ops a second all connections of one room may bring into the log, in the long run.
    pub room_bytes_per_sec: u32,
    /// How many bytes of ops all connections of one room may bring into the log at once.
    pub room_bytes_burst: u32,
    /// How many requests wait for the store before ops are refused for the moment.
    pub store_queue: usize,
    /// How many requests go into one transaction at most.
    pub commit_batch: usize,
    /// The size that the database may reach, in bytes; none for the disk's.
    pub store_bytes: Option<u64>,
    /// How long a commit waits for another process that holds the database.
    pub store_busy_timeout: Duration,
    /// The size of a piece of replay, in bytes of JSON; a single larger event still goes.
    pub replay_chunk_bytes: usize,
    /// How many missed events are sent one by one; who missed more gets a snapshot.
    pub replay_events: u64,
    /// A snapshot of a room's scene is kept every so many events.
    pub snapshot_every_events: u64,
    /// How many of a room's latest events are kept, older ones only until a stored snapshot stands for them; 0 keeps
    /// all.
    pub retention_events: u64,
    /// How many days an event is kept, and then until a stored snapshot stands for it; 0 keeps it for as long as its
    /// room.
    pub retention_days: u32,
    /// After how many days without a visit a room is removed; 0 keeps it for ever.
    pub room_expiry_days: u32,
    /// How many messages one page of history holds.
    pub history_page_events: usize,
    /// How many members may be connected to one room.
    pub members_per_room: usize,
    /// How many devices of one member may be connected at a time.
    pub devices_per_member: usize,
    /// How many annotations a room may hold.
    pub annotations_per_room: usize,
    /// The size of one annotation with all its fields, in bytes.
    pub annotation_bytes: usize,
    /// The size of all annotations of a room, in bytes.
    pub scene_bytes: usize,
    /// How many ops of a room may wait for an owner's approval.
    pub held_ops_per_room: usize,
    /// How many connections, HTTP or WebSocket, are open at a time.
    pub connections: usize,
    /// How many of them one address may have; an IPv6 address counts by its /64.
    pub connections_per_address: usize,
    /// Another number for the addresses of a network, as a school's behind one address: each counted address in it
    /// may have so many. The narrowest network that holds an address decides.
    pub address_allowances: Vec<(IpNet, usize)>,
    /// What an address may spend on joining rooms at once: a join costs 1, making a room 5, a wrong code 10.
    pub join_burst: u32,
    /// What an address regains of that in a second.
    pub join_refill_per_sec: f64,
    /// How long a token admits after it was given out; a device renews it with its secret.
    pub token_lifetime: Duration,
    /// Over how long the closes of a shutdown are spread, so that not all come back at once.
    pub drain: Duration,
    /// How long a shutdown waits for sockets to close after that.
    pub shutdown_grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            hello_timeout: Duration::from_secs(5),
            heartbeat_interval: Duration::from_secs(30),
            heartbeat_min: Duration::from_secs(5),
            heartbeat_max: Duration::from_secs(120),
            presence_interval: Duration::from_millis(100),
            presence_interval_min: Duration::from_millis(33),
            presence_per_sec: 60,
            typing_expiry: Duration::from_secs(6),
            message_bytes: 64 * 1024,
            send_queue_bytes: 256 * 1024,
            ops_in_flight: 64,
            connection_messages_per_sec: 50,
            connection_messages_burst: 200,
            room_messages_per_sec: 1000,
            room_messages_burst: 4000,
            connection_bytes_per_sec: 256 * 1024,
            connection_bytes_burst: 2 * 1024 * 1024,
            room_bytes_per_sec: 2 * 1024 * 1024,
            room_bytes_burst: 16 * 1024 * 1024,
            store_queue: 16 * 1024,
            commit_batch: 4096,
            store_bytes: None,
            store_busy_timeout: Duration::from_secs(2),
            replay_chunk_bytes: 128 * 1024,
            replay_events: 2000,
            snapshot_every_events: 1000,
            retention_events: 0,
            retention_days: 0,
            room_expiry_days: 180,
            history_page_events: 200,
            members_per_room: 100,
            devices_per_member: 8,
            annotations_per_room: 5000,
            annotation_bytes: 128 * 1024,
            scene_bytes: 16 * 1024 * 1024,
            held_ops_per_room: 500,
            connections: 20_000,
            connections_per_address: 256,
            address_allowances: Vec::new(),
            join_burst: 100,
            join_refill_per_sec: 1.0,
            token_lifetime: Duration::from_secs(900),
            drain: Duration::from_secs(5),
            shutdown_grace: Duration::from_secs(5),
        }
    }
}

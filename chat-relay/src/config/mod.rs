//! What a relay is told: where it listens, what it keeps where, and its limits. The command line is read in
//! [`arguments`]; a test or an embedding program fills a [`Config`] itself.

pub mod arguments;

use std::{
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    time::Duration,
};

/// Everything that [`Relay::start`](crate::Relay::start) needs.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address to listen on, for HTTP and HTTPS.
    pub bind: IpAddr,
    /// The port of plain HTTP; 0 takes a free one.
    pub port: u16,
    /// The port of HTTPS, used with `lan` or `tls`; 0 takes a free one.
    pub https_port: u16,
    /// The folder that the relay keeps its files in; made when absent.
    pub data: PathBuf,
    /// The built page; without it, `/` says how to give one.
    pub web: Option<PathBuf>,
    /// Whether other machines of the network are served: by HTTPS, with a certificate for this machine's
    /// addresses. `bind` has to be an address that they reach, as `0.0.0.0`.
    pub lan: bool,
    /// A certificate to use in place of one from the relay's own authority.
    pub tls: Option<TlsFiles>,
    /// What others open, when it is not an address of this machine: behind a proxy, or by a name.
    pub public_url: Option<String>,
    /// Origins, as `https://school.example`, whose pages may use this relay beside its own.
    pub allow_origins: Vec<String>,
    /// How much of everything.
    pub limits: Limits,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 8080,
            https_port: 8443,
            data: PathBuf::from(".sightline"),
            web: None,
            lan: false,
            tls: None,
            public_url: None,
            allow_origins: Vec::new(),
            limits: Limits::default(),
        }
    }
}

/// A certificate chain and its key, both PEM.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// The chain, the leaf first.
    pub certificate: PathBuf,
    /// The private key of the leaf.
    pub key: PathBuf,
}

/// How much of everything, and how long.
#[derive(Debug, Clone)]
pub struct Limits {
    /// How long a new socket may take to say hello.
    pub hello_timeout: Duration,
    /// How often a socket is pinged; one that gives no sign of life for two intervals is closed.
    pub heartbeat_interval: Duration,
    /// How often changes of presence go out to a room.
    pub presence_interval: Duration,
    /// How many messages wait for a slow socket before it is told `lagged` and closed.
    pub send_queue: usize,
    /// How many ops of one socket may wait for their commit; further ones are not read until then.
    pub ops_in_flight: usize,
    /// How many requests wait for the store before senders are held back.
    pub store_queue: usize,
    /// How many requests go into one transaction at most.
    pub commit_batch: usize,
    /// The size that the database may reach, in bytes; none for the disk's.
    pub store_bytes: Option<u64>,
    /// How long a commit waits for another process that holds the database.
    pub store_busy_timeout: Duration,
    /// The size of a piece of replay, in bytes of JSON; a single larger event still goes.
    pub replay_chunk_bytes: usize,
    /// How many devices may be connected to one room.
    pub members_per_room: usize,
    /// How many connections, HTTP or WebSocket, are open at a time.
    pub connections: usize,
    /// What an address may spend on joining rooms at once: a join costs 1, making a room 5, a wrong code 10.
    pub join_burst: u32,
    /// What an address regains of that in a second.
    pub join_refill_per_sec: f64,
    /// How long a shutdown waits for sockets to close.
    pub shutdown_grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            hello_timeout: Duration::from_secs(5),
            heartbeat_interval: Duration::from_secs(20),
            presence_interval: Duration::from_millis(100),
            send_queue: 256,
            ops_in_flight: 64,
            store_queue: 1024,
            commit_batch: 512,
            store_bytes: None,
            store_busy_timeout: Duration::from_secs(2),
            replay_chunk_bytes: 128 * 1024,
            members_per_room: 100,
            connections: 10_000,
            join_burst: 100,
            join_refill_per_sec: 1.0,
            shutdown_grace: Duration::from_secs(5),
        }
    }
}

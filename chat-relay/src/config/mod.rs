//! What a relay is told: where it listens, what it keeps where, and its limits. An operator tells it in a file, the
//! environment and flags ([`load`]); a test or an embedding program fills a [`Config`] itself.
//!
//! | file | what |
//! |---|---|
//! | [`limits`] | how much of everything |
//! | [`arguments`] | the command line |
//! | `keys` | every key: its name, what it may be, what it means |
//! | `setting` | a field against a value of TOML |
//! | `allowed` | what a value may be, and reading one from text |
//! | `layers` | file, environment and flags, each over the one before |
//! | `check` | what only all values together show, and what only this machine shows |
//!
//! The layers are own code over `toml`. figment would do the layering, but its last release is of May 2024 and still
//! reads TOML by `toml` 0.8, it stops at the first wrong value, and it has no word on unknown keys: what is left of it
//! would be a merge of maps.

mod allowed;
pub mod arguments;
mod check;
mod keys;
mod layers;
pub mod limits;
mod setting;

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use ipnet::IpNet;

pub use check::{effective, of_this_machine};
pub use layers::load;
pub use limits::Limits;

/// Everything that [`Relay::start`](crate::Relay::start) needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The address to listen on, for HTTP and HTTPS.
    pub bind: IpAddr,
    /// The port of plain HTTP; 0 takes a free one.
    pub port: u16,
    /// The port of HTTPS, used with `lan` or `tls`; 0 takes a free one.
    pub https_port: u16,
    /// The folder that the relay keeps its files in; made when absent.
    pub data: PathBuf,
    /// The built page; without it, the one in the program, or a word on how to give one.
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
    /// The networks of proxies whose word on a client's address is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Keys whose tokens are taken beside the relay's own.
    pub token_keys: Vec<TokenKeyFile>,
    /// Where `/metrics` is answered by itself; without it, beside everything else.
    pub metrics_bind: Option<SocketAddr>,
    /// How many threads serve rooms; 0 for one a core.
    pub workers: usize,
    /// The form of the log.
    pub log_format: LogFormat,
    /// From which level on something is logged.
    pub log_level: LogLevel,
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
            trusted_proxies: Vec::new(),
            token_keys: Vec::new(),
            metrics_bind: None,
            workers: 0,
            log_format: LogFormat::default(),
            log_level: LogLevel::default(),
            limits: Limits::default(),
        }
    }
}

/// A certificate chain and its key, both PEM.
#[derive(Debug, Clone, PartialEq)]
pub struct TlsFiles {
    /// The chain, the leaf first.
    pub certificate: PathBuf,
    /// The private key of the leaf.
    pub key: PathBuf,
}

/// A key that an embedding program signs its own tokens with.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenKeyFile {
    /// What tokens call the key, in `kid`.
    pub id: String,
    /// The file that holds the key: at least 32 bytes, taken as they are.
    pub file: PathBuf,
}

/// The form of the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// A line for people.
    #[default]
    Text,
    /// An object of JSON a line.
    Json,
}

/// From which level on something is logged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogLevel {
    /// Only what failed for good.
    Error,
    /// And what an operator should look at.
    #[default]
    Warn,
    /// And starts, ends, rooms that come and go.
    Info,
    /// And every connection.
    Debug,
    /// And everything else.
    Trace,
}

/// Something wrong in a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it was said: a file, an environment variable, a flag; empty when only all values together show it.
    pub origin: String,
    /// The name of the key.
    pub key: String,
    /// What is wrong, and what is allowed.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in [&self.origin, &self.key] {
            if !part.is_empty() {
                write!(f, "{part}: ")?;
            }
        }
        f.write_str(&self.message)
    }
}

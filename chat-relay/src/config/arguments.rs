//! The command line.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
};

use clap::{Args, Parser, Subcommand};

use super::{Config, Limits, TlsFiles};

/// The Sightline relay: rooms, their page and their certificates from one process.
#[derive(Debug, Parser)]
#[command(name = "chat-relay", version)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the relay's program does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve rooms and the page until Ctrl-C.
    #[command(args_override_self = true)]
    Serve(Serve),
}

/// The options of `serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1", conflicts_with = "lan")]
    pub bind: IpAddr,
    /// Port of plain HTTP; 0 takes a free one
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
    /// Port of HTTPS, used with --lan or --tls-cert; 0 takes a free one
    #[arg(long, default_value_t = 8443)]
    pub https_port: u16,
    /// Folder for the database and the certificates
    #[arg(long, value_name = "DIR", default_value = ".sightline")]
    pub data: PathBuf,
    /// Folder of the built page
    #[arg(long, value_name = "DIR")]
    pub web: Option<PathBuf>,
    /// Serve the other machines of this network too, by HTTPS
    #[arg(long)]
    pub lan: bool,
    /// Certificate chain (PEM) to use instead of the relay's own authority
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Private key (PEM) of --tls-cert
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Address to tell others, when they reach this relay by a name or through a proxy
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Origin of another page that may use this relay, as `https://school.example`; can be repeated
    #[arg(long, value_name = "ORIGIN")]
    pub allow_origin: Vec<String>,
    /// Largest size of the database, in MiB; without it, the disk's
    #[arg(long, value_name = "MIB")]
    pub max_store_mib: Option<u64>,
    /// Print one line of JSON when ready, in place of the banner
    #[arg(long)]
    pub ready_json: bool,
}

impl Serve {
    /// The configuration that the options describe.
    pub fn config(&self) -> Config {
        Config {
            bind: if self.lan {
                Ipv4Addr::UNSPECIFIED.into()
            } else {
                self.bind
            },
            port: self.port,
            https_port: self.https_port,
            data: self.data.clone(),
            web: self.web.clone(),
            lan: self.lan,
            tls: self
                .tls_cert
                .clone()
                .zip(self.tls_key.clone())
                .map(|(certificate, key)| TlsFiles { certificate, key }),
            public_url: self.public_url.clone(),
            allow_origins: self.allow_origin.clone(),
            limits: Limits {
                store_bytes: self
                    .max_store_mib
                    .map(|mib| mib.saturating_mul(1024 * 1024)),
                ..Limits::default()
            },
        }
    }
}

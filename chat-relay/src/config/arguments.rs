//! The command line.

use std::{net::IpAddr, path::PathBuf};

use chat_relay_protocol::RoomId;
use clap::{Args, Parser, Subcommand};

use super::{
    Config, Problem,
    layers::{self, Raw, Said},
};
use crate::load_test;

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
    Serve(Box<Serve>),
    /// Write rooms, members and logs as JSON Lines; a relay may run on the folder meanwhile.
    Export {
        /// Folder of the database
        #[arg(long, value_name = "DIR", default_value = ".sightline")]
        data: PathBuf,
        /// One room only, by its id
        #[arg(long, value_name = "ID")]
        room: Option<RoomId>,
        /// File to write [default: standard output]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Read what `export` wrote; all of it, or nothing. No relay may run on the folder.
    Import {
        /// File to read; - for standard input
        file: PathBuf,
        /// Folder of the database, made when absent
        #[arg(long, value_name = "DIR", default_value = ".sightline")]
        data: PathBuf,
    },
    /// Echo messages, for conformance tests of the connection code; prints the address it listens on.
    Echo {
        /// Port to listen on, of this machine only; 0 takes a free one
        #[arg(long, default_value_t = 0)]
        port: u16,
    },
    /// Try a relay with members that chat, change the scene and move about; prints what came of it.
    Loadtest(Box<load_test::Options>),
}

/// The options of `serve`. What is left out comes from the environment, the file or the defaults, in this order.
#[derive(Debug, Default, Args)]
pub struct Serve {
    /// Address to listen on [default: 127.0.0.1]
    #[arg(long, conflicts_with = "lan")]
    pub bind: Option<IpAddr>,
    /// Port of plain HTTP; 0 takes a free one [default: 8080]
    #[arg(long)]
    pub port: Option<u16>,
    /// Port of HTTPS, used with --lan or --tls-cert; 0 takes a free one [default: 8443]
    #[arg(long)]
    pub https_port: Option<u16>,
    /// Folder for the database and the certificates [default: .sightline]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
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
    /// Configuration file (TOML); docs/configuration.md has its keys
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Any key of the configuration, as `limits.members_per_room=50`; can be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = layers::of_assignment)]
    pub set: Vec<Said>,
    /// Threads that serve rooms; 0 is one a core [default: 0]
    #[arg(long, value_name = "N")]
    pub workers: Option<usize>,
    /// Print the effective configuration and all that is wrong with it, and end: status 0, or 2 with a problem
    #[arg(long)]
    pub check_config: bool,
    /// Print one line of JSON when ready, in place of the banner
    #[arg(long)]
    pub ready_json: bool,
}

impl Serve {
    /// The configuration that file, environment and these options describe, and all that is wrong with them.
    pub fn config(&self) -> (Config, Vec<Problem>) {
        layers::load(self.config.as_deref(), std::env::vars_os(), self.said())
    }

    /// What the flags say.
    fn said(&self) -> Vec<Said> {
        let text = |path: &PathBuf| path.display().to_string();
        let flags = [
            ("--bind", "bind", self.bind.map(|bind| bind.to_string())),
            ("--port", "port", self.port.map(|port| port.to_string())),
            (
                "--https-port",
                "https_port",
                self.https_port.map(|port| port.to_string()),
            ),
            ("--data", "data", self.data.as_ref().map(text)),
            ("--web", "web", self.web.as_ref().map(text)),
            ("--lan", "lan", self.lan.then(|| "true".into())),
            ("--lan", "bind", self.lan.then(|| "0.0.0.0".into())),
            ("--tls-cert", "tls_cert", self.tls_cert.as_ref().map(text)),
            ("--tls-key", "tls_key", self.tls_key.as_ref().map(text)),
            ("--public-url", "public_url", self.public_url.clone()),
            (
                "--allow-origin",
                "allow_origins",
                (!self.allow_origin.is_empty()).then(|| self.allow_origin.join(",")),
            ),
            (
                "--workers",
                "workers",
                self.workers.map(|workers| workers.to_string()),
            ),
            (
                "--max-store-mib",
                "limits.max_store_mib",
                self.max_store_mib.map(|mib| mib.to_string()),
            ),
        ];
        flags
            .into_iter()
            .filter_map(|(origin, key, value)| {
                Some(Said {
                    origin: origin.into(),
                    key: key.into(),
                    value: Raw::Text(value?),
                })
            })
            .chain(self.set.iter().cloned())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn serve(arguments: &[&str]) -> Serve {
        let line = ["chat-relay", "serve"].iter().chain(arguments);
        let Command::Serve(serve) = Arguments::parse_from(line).command else {
            panic!("not serve");
        };
        *serve
    }

    #[test]
    fn flags_lie_over_everything() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("relay.toml");
        std::fs::write(
            &file,
            "bind = \"127.0.0.2\"\ndata = \"of the file\"\nport = 1\n",
        )
        .unwrap();
        let file = file.to_str().unwrap();
        let serve = serve(&[
            "--config",
            file,
            "--lan",
            "--port",
            "2",
            "--port",
            "3",
            "--set",
            "limits.connections=5",
            "--max-store-mib",
            "2",
            "--allow-origin",
            "https://a.example",
            "--allow-origin",
            "https://b.example",
        ]);
        let (config, problems) =
            layers::load(serve.config.as_deref(), std::iter::empty(), serve.said());
        assert_eq!(problems, []);
        assert!(config.lan && config.bind.is_unspecified());
        assert_eq!((config.port, config.limits.connections), (3, 5));
        assert_eq!(config.data, Path::new("of the file"));
        assert_eq!(config.limits.store_bytes, Some(2 << 20));
        assert_eq!(
            config.allow_origins,
            ["https://a.example", "https://b.example"]
        );
    }

    #[test]
    fn without_flags_everything_is_the_default() {
        let (config, problems) = layers::load(None, std::iter::empty(), serve(&[]).said());
        assert_eq!(problems, []);
        assert_eq!(config, Config::default());
    }
}

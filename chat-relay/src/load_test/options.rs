//! What a load test is told on the command line.

use std::path::PathBuf;

use chat_relay_protocol::{Codec, MAX_CHAT_CHARS};
use clap::{Args, value_parser};

/// What follows the options in `--help`.
const LIMITS: &str = "A relay lets one address join about 100 times and have 256 connections. For more members, \
start it with higher limits, for 2000 members for example:

  chat-relay serve --set limits.join_burst=10000 --set limits.connections_per_address=3000

A join costs 1 of the first, making a room 5. A test that is refused says which limits it needs. This is no neutral \
benchmark: its members fold the room as a real client does, in this one process. That is `cargo xtask bench relay`.

Exit status: 0 when the log came whole to everybody, 1 when not, or when the test could not run.";

/// The options of `loadtest`.
#[derive(Debug, Clone, Args)]
#[command(after_help = LIMITS)]
pub struct Options {
    /// The relay, by plain HTTP
    #[arg(default_value = "http://127.0.0.1:8080")]
    pub url: String,
    /// Members, each with a connection of its own
    #[arg(long, default_value_t = 50, value_parser = value_parser!(u32).range(1..=1_000_000))]
    pub members: u32,
    /// Members of a room
    #[arg(long, default_value_t = 10, value_parser = value_parser!(u32).range(1..=100_000))]
    pub room: u32,
    /// Chat messages of a member in a second
    #[arg(long, default_value_t = 0.2, value_name = "RATE", value_parser = rate)]
    pub chat_per_sec: f64,
    /// Length of a chat message
    #[arg(long, default_value_t = 128, value_name = "N",
          value_parser = value_parser!(u32).range(16..=MAX_CHAT_CHARS as i64))]
    pub chat_bytes: u32,
    /// Changes of the scene of a member in a second: an annotation is put, patched, appended to
    #[arg(long, default_value_t = 0.5, value_name = "RATE", value_parser = rate)]
    pub scene_per_sec: f64,
    /// Head poses of a member in a second; members ask to hear of the others as often. 0 for none
    #[arg(long, default_value_t = 2.0, value_name = "RATE", value_parser = pose_rate)]
    pub presence_per_sec: f64,
    /// How often a member breaks its connection and resumes, in a minute
    #[arg(long, default_value_t = 0.0, value_name = "RATE", value_parser = rate)]
    pub reconnects_per_min: f64,
    /// Codecs, which members take in turns: json, msgpack, protobuf
    #[arg(long, value_delimiter = ',', value_name = "LIST", value_parser = codec,
          default_value = "json,msgpack,protobuf")]
    pub codecs: Vec<Codec>,
    /// Over how long the members come
    #[arg(long, default_value_t = 5, value_name = "SECS", value_parser = value_parser!(u32).range(0..=3600))]
    pub ramp_up_secs: u32,
    /// How long the load lasts once all are there
    #[arg(long, default_value_t = 20, value_name = "SECS", value_parser = value_parser!(u32).range(1..=86_400))]
    pub duration_secs: u32,
    /// Decides who does what when
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Where to write the report
    #[arg(long, default_value = "loadtest.html", value_name = "FILE")]
    pub report: PathBuf,
    /// Where to write the figures as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

impl Options {
    /// How many rooms there are.
    pub(super) fn rooms(&self) -> u32 {
        self.members.div_ceil(self.room)
    }

    /// What all joins cost, see `limits.join_burst`.
    pub(super) fn join_cost(&self) -> u32 {
        self.members + 4 * self.rooms()
    }
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if (0.0..=1000.0).contains(&rate) => Ok(rate),
        _ => Err("a rate is a number from 0 to 1000".into()),
    }
}

fn pose_rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if (0.0..=30.0).contains(&rate) => Ok(rate),
        _ => Err("a relay takes 0 to 30 poses a second".into()),
    }
}

fn codec(text: &str) -> Result<Codec, String> {
    let name = format!("sightline.v1.{text}");
    Codec::from_subprotocol(&name).ok_or_else(|| "codecs are json, msgpack and protobuf".into())
}

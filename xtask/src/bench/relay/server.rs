//! The servers that are measured beside each other: how each is started, and what the load client says to it.

use std::ffi::OsString;
use std::path::Path;

use super::built::Built;
use super::process::Launch;

/// A server of the bench.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(super) enum Server {
    /// Minimal rooms on tokio-tungstenite, without tokens, order or history
    Bare,
    /// uWebSockets, the C++ server, in Node
    Uws,
    /// A hub on gorilla/websocket
    Go,
    /// A hub on Node's ws
    Ws,
    /// Ours: tokens, order and durable history
    Relay,
}

/// Limits of our relay that a crowd from one machine would meet, by their names in the configuration's `[limits]`.
const RAISED_LIMITS: [(&str, &str); 7] = [
    ("CHAT_RELAY_LIMITS__CONNECTIONS", "100000"),
    ("CHAT_RELAY_LIMITS__CONNECTIONS_PER_ADDRESS", "100000"),
    ("CHAT_RELAY_LIMITS__CONNECTION_MESSAGES_PER_SEC", "1000000"),
    ("CHAT_RELAY_LIMITS__CONNECTION_MESSAGES_BURST", "1000000"),
    ("CHAT_RELAY_LIMITS__ROOM_MESSAGES_PER_SEC", "1000000"),
    ("CHAT_RELAY_LIMITS__ROOM_MESSAGES_BURST", "1000000"),
    ("CHAT_RELAY_LIMITS__MEMBERS_PER_ROOM", "1000"),
];

impl Server {
    /// All, in the order in which they take turns.
    pub(super) const ALL: [Self; 5] = [Self::Bare, Self::Uws, Self::Go, Self::Ws, Self::Relay];

    /// A word for file names and options.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Uws => "uws",
            Self::Go => "go",
            Self::Ws => "ws",
            Self::Relay => "relay",
        }
    }

    /// The name in the table.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Bare => "bare hub",
            Self::Uws => "uWebSockets",
            Self::Go => "Go gorilla",
            Self::Ws => "Node ws",
            Self::Relay => "chat-relay",
        }
    }

    /// How the server is started on a port of loopback; `data` is the folder of one that keeps something.
    pub(super) fn launch(self, built: &Built, port: u16, data: &Path) -> Launch {
        let port = port.to_string();
        match self {
            // Buffers of 4 KiB for reading, and one thread that looks for sockets every 512 polls.
            Self::Bare => {
                let mut launch = Launch::new(&built.bare_hub, [&port, "4096", "1"]);
                launch.environment = [("CT", "1"), ("EI", "512")].map(owned).to_vec();
                launch
            }
            Self::Uws => Launch::new(
                "node",
                [built.node.join("uwshub.js").into(), port.into()] as [OsString; 2],
            ),
            Self::Ws => Launch::new(
                "node",
                [built.node.join("wshub.js").into(), port.into()] as [OsString; 2],
            ),
            Self::Go => {
                let mut launch =
                    Launch::new(&built.go_hub, ["-addr", &format!("127.0.0.1:{port}")]);
                launch.environment = vec![owned(("GOMAXPROCS", "1"))];
                launch
            }
            Self::Relay => {
                let words = ["serve", "--port", &port, "--workers", "1", "--data"];
                let mut launch = Launch::new(&built.relay, words);
                launch.arguments.push(data.into());
                launch.environment = RAISED_LIMITS.map(owned).to_vec();
                launch
            }
        }
    }

    /// What the load client is told about the server's protocol, in its templates; nothing for a hub that sends on
    /// whatever comes.
    pub(super) fn client_arguments(self) -> &'static [&'static str] {
        match self {
            Self::Bare | Self::Uws | Self::Go | Self::Ws => &[],
            Self::Relay => &[
                "--path",
                "/v1/ws?room=r{room5}",
                "--header",
                "Sec-WebSocket-Protocol: sightline.v1.json",
                "--on-open",
                r#"{"type":"hello","version":1,"token":"bench-{id6}"}"#,
                "--wait-for",
                r#""type":"welcome""#,
                "--send",
                r#"{"type":"op","op_id":{"device":"d{id6}","counter":{seq}},"body":{"kind":"chat","text":"{mark}{pad}"}}"#,
            ],
        }
    }

    /// Whether the server has to know rooms and devices before they come.
    pub(super) fn is_seeded(self) -> bool {
        self == Self::Relay
    }
}

fn owned<'a>((name, value): (&'a str, &str)) -> (&'a str, String) {
    (name, value.to_owned())
}

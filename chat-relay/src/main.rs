//! `chat-relay serve`: the relay as a program.

use std::{
    io::{IsTerminal as _, Write as _},
    process::ExitCode,
};

use chat_relay::{
    Relay,
    config::arguments::{Arguments, Command, Serve},
};
use clap::Parser as _;

fn main() -> ExitCode {
    let Command::Serve(serve) = Arguments::parse().command;
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(tracing::Level::WARN)
        .init();
    match run(&serve) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A closed terminal is no reason to fail differently.
            let _ = writeln!(std::io::stderr(), "chat-relay: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(serve: &Serve) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let relay = Relay::start(serve.config()).await?;
        let mut out = std::io::stdout();
        let text = if serve.ready_json {
            let ready = serde_json::json!({
                "event": "ready",
                "url": relay.url(),
                "lan_urls": relay.lan_urls(),
                "trust_url": relay.trust_url(),
            });
            format!("{ready}\n")
        } else {
            chat_relay::banner(&relay, out.is_terminal())
        };
        // Who reads it may have gone: the relay serves all the same.
        let _ = out.write_all(text.as_bytes());
        let _ = out.flush();
        chat_relay::shutdown::signal().await?;
        relay.shutdown().await;
        Ok(())
    })
}

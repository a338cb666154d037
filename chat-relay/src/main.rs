//! `chat-relay serve`: the relay as a program.

use std::{io::Write as _, process::ExitCode};

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
        let url = format!("http://{}/", relay.http_address());
        let line = serde_json::json!({ "event": "ready", "url": url, "lan_urls": [] });
        let mut out = std::io::stdout();
        let _ = writeln!(out, "{line}");
        let _ = out.flush();
        chat_relay::shutdown::signal().await?;
        relay.shutdown().await;
        Ok(())
    })
}

//! `chat-relay serve`: the relay as a program.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, IsTerminal as _, Write as _},
    path::Path,
    process::ExitCode,
};

use chat_relay::{
    Config, Relay,
    config::{
        Problem,
        arguments::{Arguments, Command, Serve},
        effective, of_this_machine,
    },
    history::dump,
    load_test, logging, open_files,
};
use chat_relay_protocol::RoomId;
use clap::Parser as _;

fn main() -> ExitCode {
    let serve = match Arguments::parse().command {
        Command::Serve(serve) => serve,
        Command::Echo { port } => return finish(echo(port)),
        Command::Export { data, room, out } => {
            return finish(export(&data, room.as_ref(), out.as_deref()));
        }
        Command::Import { file, data } => return finish(import(&file, &data)),
        Command::Loadtest(options) => return load_test(&options),
    };
    let (mut config, mut problems) = serve.config();
    if serve.check_config {
        problems.extend(of_this_machine(&config));
        let _ = io::stdout().write_all(effective(&config).as_bytes());
    }
    if !problems.is_empty() {
        return refuse(&problems);
    }
    if serve.check_config {
        return ExitCode::SUCCESS;
    }
    logging::start(config.log_format, config.log_level);
    open_files::fit(&mut config.limits, open_files::raise());
    finish(run(&serve, config))
}

/// Says what went wrong, if anything.
fn finish(ended: anyhow::Result<()>) -> ExitCode {
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A closed terminal is no reason to fail differently.
            let _ = writeln!(io::stderr(), "chat-relay: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Says everything that is wrong with the configuration.
fn refuse(problems: &[Problem]) -> ExitCode {
    for problem in problems {
        let _ = writeln!(io::stderr(), "chat-relay: {problem}");
    }
    ExitCode::from(2)
}

/// Writes a dump, and says on stderr how much that was.
fn export(data: &Path, room: Option<&RoomId>, out: Option<&Path>) -> anyhow::Result<()> {
    let mut out: Box<dyn io::Write> = match out {
        Some(path) => Box::new(BufWriter::new(File::create(path)?)),
        None => Box::new(BufWriter::new(io::stdout())),
    };
    let dumped = dump::export(data, room, &mut out)?;
    out.flush()?;
    tell(&format!("{} rooms, {} events", dumped.rooms, dumped.events));
    Ok(())
}

fn import(file: &Path, data: &Path) -> anyhow::Result<()> {
    let dumped = if file == Path::new("-") {
        dump::import(data, &mut io::stdin().lock())?
    } else {
        let file = File::open(file)
            .map_err(|error| anyhow::anyhow!("cannot read {} ({error})", file.display()))?;
        dump::import(data, &mut BufReader::new(file))?
    };
    tell(&format!("{} rooms, {} events", dumped.rooms, dumped.events));
    Ok(())
}

fn tell(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Tries a relay; fails too when the log did not come whole to everybody.
fn load_test(options: &load_test::Options) -> ExitCode {
    open_files::raise();
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let summary = runtime.block_on(load_test::run(options))?;
        let _ = io::stdout().write_all(load_test::table(&summary).as_bytes());
        load_test::write(options, &summary)?;
        anyhow::Ok(summary.is_whole())
    };
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => finish(Err(error)),
    }
}

/// Echoes until a signal.
fn echo(port: u16) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let address = (std::net::Ipv4Addr::LOCALHOST, port).into();
        let listening = |address| {
            let mut out = io::stdout();
            let _ = writeln!(out, "ws://{address}/");
            let _ = out.flush();
        };
        tokio::select! {
            ended = chat_relay::echo(address, listening) => ended?,
            signal = chat_relay::shutdown::signal() => signal?,
        }
        Ok(())
    })
}

fn run(serve: &Serve, config: Config) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let relay = Relay::start(config).await?;
        let mut out = io::stdout();
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

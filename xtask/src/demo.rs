//! `cargo xtask demo`: builds everything, then becomes one process, the relay, that serves page, rooms and
//! certificates from one origin.
//!
//! Needs nothing but Rust and Node. `--smoke` serves on loopback from a temporary folder instead, opens the page in
//! headless Chromium with the generated sequence as its camera, waits for the first tracked points and for a chat
//! message to go round between two pages, and prints the times.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::workspace::{self, Workspace, answer};
use crate::{sequence, toolchain, web};

/// How the demo is served.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The port of the page on this machine.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The port of the page for phones in the same network, over HTTPS.
    #[arg(long, default_value_t = 8443)]
    https_port: u16,
    /// Serve this machine only.
    #[arg(long)]
    local: bool,
    /// A certificate chain (PEM) that phones trust already, in place of the relay's own authority.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The private key (PEM) of --tls-cert.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Try it in headless Chromium, print the times, and end.
    #[arg(long)]
    smoke: bool,
}

/// Runs the demo until Ctrl-C, or the smoke test to its end.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    // What cannot work is said before minutes go into building.
    toolchain::require_node()?;
    if !options.smoke {
        require_free("127.0.0.1", options.port, "--port")?;
        if !options.local {
            require_free("0.0.0.0", options.port, "--port")?;
            require_free("0.0.0.0", options.https_port, "--https-port")?;
        }
    }
    web::build(workspace)?;
    println!("building the relay ...");
    workspace::run(&mut workspace.cargo([
        "build",
        "--quiet",
        "--release",
        "--package=chat-relay",
    ]))?;
    let relay = workspace.binary("release", "chat-relay");
    if options.smoke {
        smoke(workspace, &relay)
    } else {
        serve(workspace, &relay, options)
    }
}

fn serve(workspace: &Workspace, relay: &Path, options: &Options) -> Result<ExitCode> {
    let mut command = workspace.command(relay);
    command
        .arg("serve")
        .args([
            "--port",
            &options.port.to_string(),
            "--https-port",
            &options.https_port.to_string(),
        ])
        .args(["--data", ".sightline", "--web", "web/dist"]);
    if !options.local {
        command.arg("--lan");
    }
    for (option, file) in [
        ("--tls-cert", &options.tls_cert),
        ("--tls-key", &options.tls_key),
    ] {
        if let Some(file) = file {
            // The relay runs in the repository's root, whatever folder this command was given in.
            command.arg(option).arg(std::path::absolute(file)?);
        }
    }
    become_process(command)
}

/// Leaves the terminal, its signals and the exit status to the program.
#[cfg(unix)]
fn become_process(mut command: Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    Err(command.exec()).context("cannot start the relay")
}

#[cfg(not(unix))]
fn become_process(mut command: Command) -> Result<ExitCode> {
    let status = command.status().context("cannot start the relay")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn smoke(workspace: &Workspace, relay: &Path) -> Result<ExitCode> {
    let chromium = std::env::var_os("CHROMIUM").unwrap_or_else(|| "chromium".into());
    if answer(Command::new(&chromium).arg("--version")).is_none() {
        bail!(
            "Chromium is missing: install the package `chromium`, or name the program in CHROMIUM"
        );
    }
    let sequence = sequence::ensure(workspace, &sequence::Build::alone())?;
    let status = workspace
        .command("node")
        .arg("web/tests/smoke.mjs")
        .env("SIGHTLINE_RELAY", relay)
        .env("SIGHTLINE_SEQUENCE", sequence)
        .status()
        .context("cannot start Node")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn require_free(address: &str, port: u16, option: &str) -> Result<()> {
    match TcpListener::bind((address, port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            bail!(
                "port {port} is in use: end the program that has it, or choose another with {option}"
            )
        }
        Err(error) => Err(error)
            .with_context(|| format!("port {port} cannot be opened: choose another with {option}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_one_sentence() {
        let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = require_free("127.0.0.1", port, "--port")
            .unwrap_err()
            .to_string();
        assert_eq!(
            error,
            format!(
                "port {port} is in use: end the program that has it, or choose another with --port"
            )
        );
    }
}

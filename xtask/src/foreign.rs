//! Clients that nobody here wrote against the relay: `ws` of npm, `websockets` of PyPI, a page in Chromium.
//!
//! In: the built program. Out: their tests, counted as their runners report them. The clients are in
//! `chat-relay/tests/foreign`; each test starts a relay of its own.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::stage::Stage;
use crate::workspace::Workspace;
use crate::{python, toolchain, web};

/// Where the clients are.
const FOLDER: &str = "chat-relay/tests/foreign";
/// The browser, unless the environment names another in `CHROMIUM`.
const CHROMIUM: &str = "/usr/bin/chromium";

/// Runs all clients against `relay`, and skips those whose tools are missing.
///
/// # Errors
///
/// When a client's test fails.
pub(crate) fn run(workspace: &Workspace, relay: &Path, stage: &mut Stage) -> Result<()> {
    toolchain::require_node()?;
    web::install(workspace)?;
    web::install_in(workspace, FOLDER)?;
    let mut node = workspace.command("node");
    node.args(["--test", "--test-reporter=spec", "--test-concurrency=1"])
        .arg(file(workspace, "ws.test.mjs"));
    let browser = std::env::var_os("CHROMIUM").unwrap_or_else(|| CHROMIUM.into());
    if Path::new(&browser).is_file() {
        node.arg(file(workspace, "page.test.mjs"));
    } else {
        stage.skip(&format!(
            "there is no {}: no page spoke to the relay; install chromium, or name one in CHROMIUM",
            Path::new(&browser).display()
        ));
    }
    stage.run(speaking_to(relay, &mut node))?;
    let requirements = file(workspace, "requirements.txt");
    match python::environment(workspace, "foreign-python", &requirements) {
        Ok(programs) => {
            let mut python = workspace.command(python::program(&programs, "python"));
            python.arg(file(workspace, "websockets_test.py"));
            stage.run(speaking_to(relay, &mut python))
        }
        Err(missing) => {
            stage.skip(&format!("{missing}: no Python spoke to the relay"));
            Ok(())
        }
    }
}

fn file(workspace: &Workspace, name: &str) -> std::path::PathBuf {
    workspace.path(&format!("{FOLDER}/{name}"))
}

fn speaking_to<'a>(relay: &Path, command: &'a mut Command) -> &'a mut Command {
    command.env("SIGHTLINE_RELAY", relay)
}

//! Whether the tools that cannot be installed from here are there: Node, and rustup's WASM target.
//!
//! What is missing is one sentence that says what to do.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::{self, Workspace, answer};

/// The target of the module.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The oldest Node that builds and tests the page.
const OLDEST_NODE: u32 = 20;

/// Makes sure that Rust can build for the browser; adds the target through rustup when it is missing.
pub(crate) fn require_wasm_target(workspace: &Workspace) -> Result<()> {
    let folder = answer(workspace.command("rustc").args([
        "--print",
        "target-libdir",
        "--target",
        WASM_TARGET,
    ]))
    .context("rustc does not answer: install Rust with rustup (rustup.rs)")?;
    if std::path::Path::new(&folder).is_dir() {
        return Ok(());
    }
    println!("adding Rust's target {WASM_TARGET}");
    workspace::run(workspace.command("rustup").args(["target", "add", WASM_TARGET])).with_context(|| {
        format!("Rust's target {WASM_TARGET} is missing and could not be added: run `rustup target add {WASM_TARGET}`")
    })
}

/// Makes sure that Node and npm are there and new enough.
pub(crate) fn require_node() -> Result<()> {
    let version = answer(Command::new("node").arg("--version"));
    check_node(version.as_deref())?;
    answer(Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" }).arg("--version"))
        .map(drop)
        .context("npm is missing: it comes with Node; install Node again with it")
}

fn check_node(version: Option<&str>) -> Result<()> {
    let Some(version) = version else {
        bail!(
            "Node is missing: install Node {OLDEST_NODE} or newer (nodejs.org, or your system's packages)"
        );
    };
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(major) if major >= OLDEST_NODE => Ok(()),
        _ => bail!("Node {version} is too old: install Node {OLDEST_NODE} or newer"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_must_be_there_and_new_enough() {
        assert!(check_node(Some("v20.1.0")).is_ok());
        assert!(check_node(Some("v24.0.0")).is_ok());
        assert!(
            check_node(Some("v18.19.0"))
                .unwrap_err()
                .to_string()
                .contains("too old")
        );
        assert!(
            check_node(None)
                .unwrap_err()
                .to_string()
                .contains("missing")
        );
    }
}

//! What the bench is made of and does not own: the load client and the peers, which lie outside the repository, and the
//! programs of the system that build and hold them.
//!
//! Everything is built under `target/relay-bench`; nothing is written where the sources are. What is missing is
//! collected first and named together, each with what to do.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Result};

use super::built::Built;
use super::load::{Measure, Plan};
use super::process;
use super::server::Server;
use crate::toolchain;
use crate::workspace::{self, Workspace, answer};

/// The environment variable that names the folder of load client and peers.
pub(super) const FOLDER_VARIABLE: &str = "SIGHTLINE_RELAY_BENCH";

/// Where Debian puts Go packages.
const GO_PATH: &str = "/usr/share/gocode";

/// npm packages of the peers; uWebSockets is pinned to the one whose binaries npm has.
const NODE_PACKAGES: [&str; 2] = ["ws@8", "uwebsockets@3.0.6"];

/// The folder of load client and peers, found.
pub(super) struct Sources {
    folder: PathBuf,
}

/// Looks for everything that a run needs.
///
/// # Errors
///
/// One sentence for each thing that is missing.
pub(super) fn find(
    workspace: &Workspace,
    servers: &[Server],
    plans: &[Plan],
) -> std::result::Result<Sources, Vec<String>> {
    let mut missing = Vec::new();
    if !cfg!(target_os = "linux") {
        missing.push("Linux: processes are pinned and measured through it".to_owned());
    }
    for (program, asked) in [("taskset", "--version"), ("setpriv", "--version")] {
        if answer(workspace.command(program).arg(asked)).is_none() {
            missing.push(format!("{program}: install Debian's util-linux"));
        }
    }
    if thread::available_parallelism().is_ok_and(|cpus| cpus.get() < 2) {
        missing.push("a second CPU: server and load client take one each".to_owned());
    }
    missing.extend(few_files(plans));
    if servers.contains(&Server::Go) {
        if answer(workspace.command("go").arg("version")).is_none() {
            missing.push("Go: install Debian's golang-go".to_owned());
        }
        if !Path::new(GO_PATH)
            .join("src/github.com/gorilla/websocket")
            .is_dir()
        {
            missing.push(
                "gorilla/websocket: install Debian's golang-github-gorilla-websocket-dev"
                    .to_owned(),
            );
        }
    }
    if in_node(servers)
        && let Err(error) = toolchain::require_node()
    {
        missing.push(format!("{error:#}"));
    }
    let folder = std::env::var_os(FOLDER_VARIABLE)
        .map_or_else(|| workspace.path("../shared/relay-bench"), PathBuf::from);
    if !folder.join("loadclient/Cargo.toml").is_file() || !folder.join("peers").is_dir() {
        missing.push(format!(
            "load client and peers: {} has no loadclient and peers; name their folder in {FOLDER_VARIABLE}",
            folder.display()
        ));
    }
    if missing.is_empty() {
        Ok(Sources { folder })
    } else {
        Err(missing)
    }
}

fn in_node(servers: &[Server]) -> bool {
    servers.contains(&Server::Uws) || servers.contains(&Server::Ws)
}

/// Whether processes may open as many files as the plans have connections.
fn few_files(plans: &[Plan]) -> Option<String> {
    let open_files = process::open_files().ok()?;
    let needed = plans
        .iter()
        .filter(|plan| plan.measure != Measure::Many)
        .map(|plan| plan.connections)
        .max()?;
    (needed > Plan::most_connections(open_files)).then(|| {
        format!(
            "a hard limit of open files over {needed}: it is {open_files}; raise it (`ulimit -Hn`, or LimitNOFILE= of the \
             session's unit), or use --quick"
        )
    })
}

impl Sources {
    /// Builds the load client and the servers that take part.
    pub(super) fn build(&self, workspace: &Workspace, servers: &[Server]) -> Result<Built> {
        let home = workspace.target("relay-bench");
        fs::create_dir_all(&home)?;
        let built = Built {
            load_client: self.rust(workspace, &home, "loadclient", "loadclient")?,
            bare_hub: if servers.contains(&Server::Bare) {
                self.rust(workspace, &home, "peers/rust", "bare-hub")?
            } else {
                PathBuf::new()
            },
            go_hub: home.join("go/gohub"),
            node: home.join("node"),
            relay: workspace.binary("release", "chat-relay"),
        };
        if servers.contains(&Server::Go) {
            self.go(workspace, &built.go_hub)?;
        }
        if in_node(servers) {
            self.node(workspace, &built.node)?;
        }
        if servers.contains(&Server::Relay) {
            println!("building the relay ...");
            workspace::run(&mut workspace.cargo([
                "build",
                "--quiet",
                "--release",
                "--package=chat-relay",
            ]))?;
        }
        Ok(built)
    }

    /// Builds a Rust package from a copy below the target folder: cargo writes a lock file beside a manifest that has
    /// none, and the sources are to stay as they are.
    fn rust(
        &self,
        workspace: &Workspace,
        home: &Path,
        inside: &str,
        program: &str,
    ) -> Result<PathBuf> {
        println!("building {program} ...");
        let from = self.folder.join(inside);
        let copy = home.join("sources").join(program);
        mirror(&from, &copy)?;
        // A package of its own, although it lies inside this workspace.
        let manifest = copy.join("Cargo.toml");
        let text = fs::read_to_string(from.join("Cargo.toml"))? + "\n[workspace]\n";
        write_if_other(&manifest, text.as_bytes())?;
        let target = home.join("cargo");
        workspace::run(
            workspace
                .cargo(["build", "--quiet", "--release", "--manifest-path"])
                .arg(&manifest)
                .env("CARGO_TARGET_DIR", &target),
        )?;
        Ok(target.join("release").join(program))
    }

    /// Builds the Go peer against Debian's packages.
    fn go(&self, workspace: &Workspace, program: &Path) -> Result<()> {
        println!("building the Go hub ...");
        let mut command = workspace.command("go");
        command
            .current_dir(self.folder.join("peers/go"))
            .args(["build", "-o"])
            .arg(program)
            .env("GOPATH", GO_PATH)
            .env("GO111MODULE", "off")
            .env("GOCACHE", program.with_file_name("cache"));
        workspace::run(&mut command)
    }

    /// Puts the peers in Node beside their packages, which are installed once.
    fn node(&self, workspace: &Workspace, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder)?;
        for script in ["uwshub.js", "wshub.js"] {
            let from = self.folder.join("peers/node").join(script);
            let content =
                fs::read(&from).with_context(|| format!("{} is missing", from.display()))?;
            write_if_other(&folder.join(script), &content)?;
        }
        let has = |name: &str| folder.join("node_modules").join(name).is_dir();
        if has("ws") && has("uwebsockets") {
            return Ok(());
        }
        println!("installing npm packages of the peers ...");
        // Without a manifest npm would look for one further up.
        write_if_other(&folder.join("package.json"), b"{ \"private\": true }\n")?;
        workspace::run(
            workspace
                .npm(&["install", "--no-audit", "--no-fund", "--loglevel=error"])
                .args(NODE_PACKAGES)
                .current_dir(folder),
        )
    }
}

/// Copies the source files of a package that differ, so that what is unchanged is not built again. Its build outputs
/// are left.
fn mirror(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    let entries =
        fs::read_dir(from).with_context(|| format!("{} cannot be read", from.display()))?;
    for entry in entries {
        let entry = entry?;
        let (source, copy) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            if entry.file_name() != "target" {
                mirror(&source, &copy)?;
            }
        } else if entry.file_name() != "Cargo.toml" {
            write_if_other(&copy, &fs::read(&source)?)?;
        }
    }
    Ok(())
}

/// Writes a file unless it says that already.
fn write_if_other(file: &Path, content: &[u8]) -> Result<()> {
    if fs::read(file).is_ok_and(|old| old == content) {
        return Ok(());
    }
    fs::write(file, content).with_context(|| format!("{} cannot be written", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_writes_what_differs_only() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(from.join("src")).unwrap();
        fs::create_dir_all(from.join("target")).unwrap();
        fs::write(from.join("src/main.rs"), "fn main() {}").unwrap();
        fs::write(from.join("target/big"), "").unwrap();
        mirror(&from, &to).unwrap();
        let written = || {
            fs::metadata(to.join("src/main.rs"))
                .unwrap()
                .modified()
                .unwrap()
        };
        let first = written();
        mirror(&from, &to).unwrap();
        assert_eq!(written(), first);
        assert!(!to.join("target").exists());
        fs::write(from.join("src/main.rs"), "fn main() { }").unwrap();
        mirror(&from, &to).unwrap();
        assert_eq!(
            fs::read_to_string(to.join("src/main.rs")).unwrap(),
            "fn main() { }"
        );
    }
}

//! `cargo xtask dist`: what ships, in `target/dist`.
//!
//! | file | what |
//! |---|---|
//! | `chat-relay` | the relay with the built page in it: whoever starts it needs neither Rust nor Node |
//! | `sightline-xr-VERSION.tgz` | the npm package |
//! | `Containerfile`, `chat-relay.service`, `chat-relay.toml` | how to run it in a container and under systemd |
//! | `LICENSE-*`, `configuration.md`, `limits.md` | what an operator reads |
//! | `SHA256SUMS` | for `sha256sum --check` |
//!
//! At the end the program is started in an empty folder, and has to serve its page there.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::workspace::{self, Workspace, answer};
use crate::{toolchain, web};

/// What is copied as it is.
const COPIED: [&str; 7] = [
    "chat-relay/deploy/Containerfile",
    "chat-relay/deploy/chat-relay.service",
    "chat-relay/deploy/chat-relay.toml",
    "chat-relay/docs/configuration.md",
    "chat-relay/docs/limits.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
];

/// How long the program may take to start and to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// How it is built.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// A page that is built already, in place of one built now; there is no npm package then.
    #[arg(long, value_name = "DIR")]
    page: Option<PathBuf>,
}

/// Builds everything into `target/dist`, and tries the program.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    toolchain::require_node()?;
    let dist = workspace.target("dist");
    match fs::remove_dir_all(&dist) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).context("cannot empty target/dist");
        }
        _ => fs::create_dir_all(&dist)?,
    }
    let page = match &options.page {
        // The build runs elsewhere than this command.
        Some(page) => {
            fs::canonicalize(page).with_context(|| format!("there is no {}", page.display()))?
        }
        None => {
            web::build(workspace)?;
            workspace.path("web/dist")
        }
    };
    let program = build_relay(workspace, &page, &dist)?;
    if options.page.is_none() {
        let into = dist.display().to_string();
        workspace::run(&mut workspace.npm(&["pack", "--silent", "--pack-destination", &into]))?;
    }
    for file in COPIED {
        let path = workspace.path(file);
        let name = path.file_name().context("a file has a name")?;
        fs::copy(&path, dist.join(name)).with_context(|| format!("cannot copy {file}"))?;
    }
    try_out(&program, &page)?;
    write_sums(workspace, &dist)?;
    println!("{}", dist.display());
    Ok(())
}

/// Builds the relay around the page and copies it to `dist`.
fn build_relay(workspace: &Workspace, page: &Path, dist: &Path) -> Result<PathBuf> {
    println!("building the relay ...");
    let host = answer(Command::new("rustc").arg("-vV")).context("cannot start rustc")?;
    let host = host
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .context("rustc does not say what machine this is")?;
    workspace::run(
        workspace
            .cargo([
                "--config",
                &web::machine_paths_removed(workspace, host),
                "build",
                "--quiet",
                "--profile=shipped",
                "--package=chat-relay",
                "--features=embedded-page",
            ])
            .env("SIGHTLINE_PAGE", page),
    )?;
    let built = workspace.binary("shipped", "chat-relay");
    let name = built.file_name().context("a program has a name")?;
    let program = dist.join(name);
    fs::copy(&built, &program).context("cannot copy the relay")?;
    Ok(program)
}

/// Starts the program where nothing else is and fetches the page from it.
fn try_out(program: &Path, page: &Path) -> Result<()> {
    let empty = tempfile::tempdir()?;
    let mut relay = Command::new(program)
        .args(["serve", "--ready-json", "--port=0", "--data=data"])
        .current_dir(empty.path())
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("the relay that was built does not start")?;
    let fetched = relay
        .stdout
        .take()
        .context("it has an output")
        .and_then(|out| {
            let mut line = String::new();
            BufReader::new(out).read_line(&mut line)?;
            let ready: serde_json::Value = serde_json::from_str(&line)
                .context("the relay that was built did not get ready")?;
            let url = ready["url"]
                .as_str()
                .context("it does not say where it is")?;
            get(url.trim_start_matches("http://").trim_end_matches('/'))
        });
    relay.kill()?;
    relay.wait()?;
    let fetched = fetched?;
    let expected = fs::read(page.join("index.html"))?;
    ensure!(
        fetched.starts_with(b"HTTP/1.1 200 ") && fetched.ends_with(&expected),
        "the relay that was built does not serve its page: {}",
        String::from_utf8_lossy(&fetched)
    );
    println!("the relay serves its page from an empty folder");
    Ok(())
}

/// The whole answer to `GET /`.
fn get(address: &str) -> Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

/// Writes `SHA256SUMS` of all files in `dist`.
fn write_sums(workspace: &Workspace, dist: &Path) -> Result<()> {
    let sums = answer(
        workspace
            .command("node")
            .arg(workspace.path("xtask/sums.mjs"))
            .arg(dist),
    );
    let Some(sums) = sums.filter(|sums| !sums.is_empty()) else {
        bail!("xtask/sums.mjs failed on {}", dist.display());
    };
    fs::write(dist.join("SHA256SUMS"), sums + "\n")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_that_everybody_computes() {
        let workspace = Workspace::find().unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("b"), "").unwrap();
        fs::write(folder.path().join("a"), "abc").unwrap();
        write_sums(&workspace, folder.path()).unwrap();
        let sums = fs::read_to_string(folder.path().join("SHA256SUMS")).unwrap();
        assert_eq!(
            sums,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a\n\
             e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  b\n"
        );
    }

    #[test]
    fn everything_that_is_copied_is_there() {
        let workspace = Workspace::find().unwrap();
        for file in COPIED {
            assert!(workspace.path(file).is_file(), "{file}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_serves_no_page_is_found() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        fs::write(&program, "#!/bin/sh\necho '{}'\n").unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let error = try_out(&program, folder.path()).unwrap_err().to_string();
        assert!(error.contains("does not say where it is"), "{error}");
    }
}

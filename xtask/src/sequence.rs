//! `cargo xtask sequence`: the generated camera sequence that the smoke test, the browser tests and the benches watch.
//!
//! It is written once by `slam simulate` into `target/sequence/KEY`, where KEY stands for the simulator's sources and
//! its arguments: an unchanged simulator writes nothing again.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::Hasher;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::workspace::{self, Workspace};

/// What of `slam` decides how the sequence looks; what is absent counts as empty.
const SOURCES: [&str; 6] = [
    "slam/src/simulator",
    "slam/src/simulator.rs",
    "slam/src/cli",
    "slam/src/bin",
    "slam/src/dataset",
    "slam/src/main.rs",
];

/// Five seconds at 30 Hz; the fake camera of a browser starts again at the end.
const ARGUMENTS: [&str; 4] = ["--frames", "150", "--seed", "1"];

/// How `slam`'s command line is built: inside `test` with the packages and features of its other stages, so that
/// nothing is built twice.
pub(crate) struct Build(Vec<String>);

impl Build {
    /// The command line on its own.
    pub(crate) fn alone() -> Self {
        Self(
            ["--package=slam", "--features=cli"]
                .map(str::to_owned)
                .to_vec(),
        )
    }

    /// The command line as a part of a larger selection of packages and features.
    pub(crate) fn within(selection: Vec<String>) -> Self {
        Self(selection)
    }
}

/// The folder of the sequence, which is written first if it is not there yet. `SIGHTLINE_SEQUENCE` names a folder to
/// take instead.
pub(crate) fn ensure(workspace: &Workspace, build: &Build) -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("SIGHTLINE_SEQUENCE") {
        return Ok(PathBuf::from(folder));
    }
    let mut hasher = DefaultHasher::new();
    ARGUMENTS
        .iter()
        .for_each(|argument| hasher.write(argument.as_bytes()));
    for source in SOURCES {
        hash_tree(&workspace.path(source), &mut hasher)?;
    }
    let folder = workspace.target(&format!("sequence/{:016x}", hasher.finish()));
    if folder.join("sequence.mjpeg").is_file() {
        return Ok(folder);
    }
    workspace::run(
        workspace
            .cargo(["build", "--quiet", "--bin", "slam"])
            .args(&build.0),
    )?;
    // Under another name until it is whole, so that an interrupted run leaves nothing that looks finished.
    let partial = folder.with_extension("partial");
    if partial.exists() {
        fs::remove_dir_all(&partial)?;
    }
    fs::create_dir_all(&partial)?;
    println!("writing the generated sequence to {}", folder.display());
    workspace::run(
        workspace
            .command(workspace.binary("debug", "slam"))
            .arg("simulate")
            .arg("--out")
            .arg(&partial)
            .args(ARGUMENTS),
    )?;
    fs::rename(&partial, &folder).context("cannot name the finished sequence")?;
    Ok(folder)
}

/// Sixteen hexadecimal digits that stand for the names and contents of all files under these paths of the repository.
pub(crate) fn key(workspace: &Workspace, sources: &[&str]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for source in sources {
        hash_tree(&workspace.path(source), &mut hasher)?;
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// Hashes the names and contents of all files under a path, in order.
fn hash_tree(path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    if path.is_dir() {
        let mut entries = fs::read_dir(path)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<Vec<_>, _>>()?;
        entries.sort();
        for entry in entries {
            hash_tree(&entry, hasher)?;
        }
    } else if path.is_file() {
        hasher.write(path.file_name().unwrap_or_default().as_encoded_bytes());
        hasher.write(&fs::read(path)?);
    }
    Ok(())
}

//! Programs of PyPI for tests, in virtual environments of their own under `target/`.
//!
//! What hinders an environment is a sentence to skip by: Python is no part of what builds this repository.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::workspace::{Workspace, answer};

/// The folder of programs in an environment.
const PROGRAMS: &str = if cfg!(windows) { "Scripts" } else { "bin" };

/// What an environment notes of the packages in it.
const INSTALLED: &str = "installed-requirements.txt";

/// Makes the environment `name` with the packages of `requirements`, unless it is there, and gives its folder of
/// programs.
///
/// # Errors
///
/// What is missing, and what to do about it.
pub(crate) fn environment(
    workspace: &Workspace,
    name: &str,
    requirements: &Path,
) -> Result<PathBuf, String> {
    let wanted = fs::read(requirements)
        .map_err(|error| format!("{} cannot be read: {error}", requirements.display()))?;
    let folder = workspace.target(name);
    let programs = folder.join(PROGRAMS);
    let installed = folder.join(INSTALLED);
    if fs::read(&installed).is_ok_and(|known| known == wanted) {
        return Ok(programs);
    }
    let python = if cfg!(windows) { "python" } else { "python3" };
    if answer(workspace.command(python).arg("--version")).is_none() {
        return Err(format!(
            "{python} is not here: install Python 3 with its module venv"
        ));
    }
    println!("building {name} ...");
    let ran = |command: &mut std::process::Command| {
        let status = command.stdin(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    let venv = ["-m", "venv", "--clear"];
    if !ran(workspace.command(python).args(venv).arg(&folder)) {
        return Err(format!(
            "{python} makes no virtual environment: install python3-venv"
        ));
    }
    let pip = ["-m", "pip", "install", "--quiet"];
    let mut install = workspace.command(program(&programs, "python"));
    install.args(pip).arg("--disable-pip-version-check");
    if !ran(install.arg("--requirement").arg(requirements)) {
        return Err(format!(
            "pip could not install {}: go online once",
            requirements.display()
        ));
    }
    fs::write(&installed, wanted)
        .map_err(|error| format!("{} cannot be written: {error}", installed.display()))?;
    Ok(programs)
}

/// A program in an environment's folder of programs.
pub(crate) fn program(programs: &Path, name: &str) -> PathBuf {
    programs.join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

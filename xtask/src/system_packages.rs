//! The system packages that the tests need, by their Debian names: browsers, software graphics drivers, OpenCV, a C++
//! compiler, Python.
//!
//! On Debian and Ubuntu, as root or where sudo asks for no password, what is missing is installed; elsewhere it is
//! named, and what needs it is skipped.

use anyhow::Result;

use crate::stage::Stage;
use crate::workspace::{Workspace, answer};

/// One package each, or the first of several names that the system knows.
const PACKAGES: [&[&str]; 18] = [
    &["chromium"],
    &["firefox-esr", "firefox"],
    &["webkit2gtk-driver"],
    &["xvfb"],
    &["mesa-vulkan-drivers"],
    &["libvulkan1"],
    &["libegl1"],
    &["libegl-mesa0"],
    &["libgles2"],
    &["fonts-dejavu-core"],
    &["libopencv-dev"],
    &["pkg-config", "pkgconf"],
    &[
        "libclang-14-dev",
        "libclang-19-dev",
        "libclang-18-dev",
        "libclang-17-dev",
        "libclang-16-dev",
        "libclang-15-dev",
    ],
    &[
        "clang-14", "clang-19", "clang-18", "clang-17", "clang-16", "clang-15",
    ],
    &["g++"],
    &["git"],
    &["python3"],
    &["python3-venv"],
];

/// Installs what is missing, or skips with the names of it.
pub(crate) fn install(workspace: &Workspace, stage: &mut Stage) -> Result<()> {
    if answer(workspace.command("apt-get").arg("--version")).is_none() {
        let names: Vec<_> = PACKAGES.iter().map(|names| names[0]).collect();
        stage.skip(&format!(
            "not a Debian system; the tests need what Debian calls {}",
            names.join(", ")
        ));
        return Ok(());
    }
    let missing: Vec<_> = PACKAGES
        .iter()
        .filter(|names| !names.iter().any(|name| is_installed(workspace, name)))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let Some(apt_get) = apt_get(workspace) else {
        let names: Vec<_> = missing.iter().map(|names| names[0]).collect();
        stage.skip(&format!(
            "neither root nor sudo without a password; install {}",
            names.join(", ")
        ));
        return Ok(());
    };
    let run = |stage: &mut Stage, arguments: &[&str]| {
        let mut command = workspace.command(apt_get[0]);
        stage.run(
            command
                .args(&apt_get[1..])
                .args(arguments)
                .env("DEBIAN_FRONTEND", "noninteractive"),
        )
    };
    run(stage, &["update", "-q"])?;
    let mut install = vec!["install", "-q", "-y", "--no-install-recommends"];
    for names in missing {
        match names.iter().find(|name| is_known(workspace, name)) {
            Some(name) => install.push(name),
            None => stage.skip(&format!(
                "this system has no package {}",
                names.join(" or ")
            )),
        }
    }
    run(stage, &install)
}

/// True when OpenCV and what its bindings need can be linked.
pub(crate) fn has_opencv(workspace: &Workspace) -> bool {
    answer(
        workspace
            .command("pkg-config")
            .args(["--exists", "opencv4"]),
    )
    .is_some()
}

fn is_installed(workspace: &Workspace, package: &str) -> bool {
    answer(workspace.command("dpkg-query").args([
        "--show",
        "--showformat=${db:Status-Status}",
        package,
    ]))
    .is_some_and(|status| status == "installed")
}

fn is_known(workspace: &Workspace, package: &str) -> bool {
    answer(
        workspace
            .command("apt-cache")
            .args(["show", "--no-all-versions", package]),
    )
    .is_some_and(|text| !text.is_empty())
}

/// How apt-get is called with the rights to install.
fn apt_get(workspace: &Workspace) -> Option<Vec<&'static str>> {
    if answer(workspace.command("id").arg("-u")).is_some_and(|id| id == "0") {
        return Some(vec!["apt-get"]);
    }
    answer(workspace.command("sudo").args(["-n", "true"])).map(|_| vec!["sudo", "-n", "apt-get"])
}

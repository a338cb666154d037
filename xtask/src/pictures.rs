//! `cargo xtask pictures`: copies chosen pictures of the browser tests to `docs/pictures`, for the README.
//!
//! All of them show the generated sequence or an emulated room, never anybody's camera.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;

/// The pictures of the README, by the names under which the browser tests save them.
const CHOSEN: [&str; 6] = [
    "start-phone-light.png",
    "camera-webgpu-phone-portrait.jpg",
    "camera-webgl2-phone-landscape.jpg",
    "room-two-pages-laptop-light.png",
    "room-two-pages-phone-dark.png",
    "ar-pin-one-view.jpg",
];

/// What a picture of the README may weigh.
const LARGEST_BYTES: u64 = 300_000;

/// Copies the chosen pictures; one that is missing or too heavy is an error.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let folder = workspace.path("docs/pictures");
    fs::create_dir_all(&folder)?;
    for name in CHOSEN {
        let picture = workspace.target("pictures").join(name);
        let bytes = fs::metadata(&picture)
            .with_context(|| {
                format!("{name} is missing: run `cargo xtask test --only browser` first")
            })?
            .len();
        if bytes > LARGEST_BYTES {
            bail!("{name} weighs {bytes} bytes, more than {LARGEST_BYTES}");
        }
        fs::copy(&picture, folder.join(name))?;
        println!("docs/pictures/{name}: {} KB", bytes / 1000);
    }
    Ok(())
}

//! The bench `size`: every shipped file raw, gzipped and in brotli, what camera mode downloads in all, and what comes
//! later.
//!
//! What camera mode downloads is not guessed from names: headless Chromium opens the page in camera mode once with
//! each view and lists what it asked the relay for.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Row;
use crate::workspace::Workspace;

/// What camera mode downloads may weigh with each view, the tracker apart, in brotli bytes (1 KB = 1000 bytes).
const BUDGETS: [(&str, f64); 2] = [("webgpu", 300_000.0), ("webgl2", 950_000.0)];

/// The tracker's module, and what it may weigh: less than a quarter of a second at 10 Mbit/s. A sixth of it is the front
/// end's work on the GPU, most of that wgpu; the shaders are 9 KB.
const TRACKER: &str = "sightline_tracker_bg.wasm";
const TRACKER_BUDGET: f64 = 290_000.0;

/// The reader of models, which comes with the first model and not with camera mode, and what it may weigh. Most of it is
/// the reader of JSON, a struct of the file at a time.
const MODELS: &str = "sightline_models_bg.wasm";
const MODELS_BUDGET: f64 = 90_000.0;

/// How the files of the views begin that show models alone, which camera mode does not.
const MODEL_VIEW: &str = "sightline_model_view_";

/// The post-processing of videos, of which the page of streams downloads one, and what it may weigh. Over WebGL2 nearly
/// all of it is wgpu with its shader compiler.
const STREAMS: [(&str, f64); 2] = [("webgpu", 60_000.0), ("webgl2", 700_000.0)];

/// How its files begin.
const STREAMS_FILE: &str = "sightline_streams_";

/// Sizes of one file as it can be sent.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

/// Rows for each file of `web/dist` and for camera mode with each view.
pub(super) fn measure(workspace: &Workspace, relay: &Path) -> Result<Vec<Row>> {
    let dist = workspace.path("web/dist");
    let mut files = Vec::new();
    list(&dist, &mut files)?;
    files.sort();
    let mut rows = Vec::new();
    for file in &files {
        let sizes = sizes(file)?;
        let name = file
            .strip_prefix(&dist)?
            .display()
            .to_string()
            .replace('\\', "/");
        #[allow(
            clippy::cast_precision_loss,
            reason = "files are far smaller than 2^53 bytes"
        )]
        let brotli = Row::plain(name, sizes.brotli as f64, "B")
            .note(format!("raw {}, gzip {}", sizes.raw, sizes.gzip));
        rows.push(brotli);
    }
    let mut tracker = 0;
    for (view, budget) in BUDGETS {
        let loaded = loaded_by_camera_mode(workspace, relay, view)?;
        let mut total = 0;
        for path in &loaded {
            let brotli = sizes(&dist.join(path))
                .with_context(|| format!("camera mode loads {path}, which is no file"))?
                .brotli;
            if path.ends_with(TRACKER) {
                tracker = brotli;
            } else {
                total += brotli;
            }
        }
        #[allow(
            clippy::cast_precision_loss,
            reason = "files are far smaller than 2^53 bytes"
        )]
        let row = Row::plain(
            format!("camera mode with {view}, all downloads but the tracker, brotli"),
            total as f64,
            "B",
        )
        .at_most(budget)
        .note(format!("{} files", loaded.len()));
        rows.push(row);
    }
    #[allow(
        clippy::cast_precision_loss,
        reason = "files are far smaller than 2^53 bytes"
    )]
    let row = Row::plain("the tracker, brotli", tracker as f64, "B").at_most(TRACKER_BUDGET);
    rows.push(row);
    let models = sizes(&dist.join("wasm").join(MODELS))?.brotli;
    #[allow(
        clippy::cast_precision_loss,
        reason = "files are far smaller than 2^53 bytes"
    )]
    let row = Row::plain("the reader of models, brotli", models as f64, "B").at_most(MODELS_BUDGET);
    rows.push(row);
    for (view, _) in BUDGETS {
        let file = dist.join(format!("wasm/{MODEL_VIEW}{view}_bg.wasm"));
        let brotli = sizes(&file)?.brotli;
        #[allow(
            clippy::cast_precision_loss,
            reason = "files are far smaller than 2^53 bytes"
        )]
        let row = Row::plain(format!("the view with {view}, brotli"), brotli as f64, "B")
            .note("with models");
        rows.push(row);
    }
    for (backend, budget) in STREAMS {
        let brotli = sizes(&dist.join(format!("wasm/{STREAMS_FILE}{backend}_bg.wasm")))?.brotli;
        #[allow(
            clippy::cast_precision_loss,
            reason = "files are far smaller than 2^53 bytes"
        )]
        let row = Row::plain(
            format!("post-processing of videos with {backend}, brotli"),
            brotli as f64,
            "B",
        )
        .at_most(budget);
        rows.push(row);
    }
    Ok(rows)
}

/// The paths inside `web/dist` that camera mode asks for with one view.
fn loaded_by_camera_mode(
    workspace: &Workspace,
    relay: &Path,
    view: &str,
) -> Result<BTreeSet<String>> {
    let output = workspace
        .command("node")
        .arg("web/tests/downloads.mjs")
        .arg(view)
        .env("SIGHTLINE_RELAY", relay)
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start Node")?;
    if !output.status.success() {
        bail!("the downloads of camera mode with {view} could not be listed");
    }
    let text = String::from_utf8(output.stdout)?;
    let last = text.lines().last().context("no list of downloads")?;
    let list: Value = serde_json::from_str(last).context("the list of downloads is not JSON")?;
    let paths: BTreeSet<_> = list
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|path| path.as_str().map(str::to_owned))
        .collect();
    // A list without the module would make any budget hold.
    for needed in [
        "sightline_tracker".to_owned(),
        format!("sightline_view_{view}"),
    ] {
        if !paths
            .iter()
            .any(|path| path.contains(&needed) && path.ends_with(".wasm"))
        {
            bail!("camera mode with {view} did not load {needed}: {paths:?}");
        }
    }
    if let Some(path) = paths.iter().find(|path| {
        [MODELS, MODEL_VIEW, STREAMS_FILE]
            .iter()
            .any(|part| path.contains(part))
    }) {
        bail!("camera mode with {view} loads {path}, though it shows neither model nor stream");
    }
    Ok(paths)
}

/// All files under a folder but compressed twins and type declarations, which no page loads.
fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in
        fs::read_dir(folder).with_context(|| format!("{} is not built", folder.display()))?
    {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else if !path
            .extension()
            .is_some_and(|ending| ending == "br" || ending == "gz" || ending == "map")
            && !path.to_string_lossy().ends_with(".d.ts")
        {
            files.push(path);
        }
    }
    Ok(())
}

/// The sizes of a file and of its twins; a file without a twin is sent as it is.
fn sizes(file: &Path) -> Result<Sizes> {
    let raw = fs::metadata(file)?.len();
    let twin = |ending: &str| {
        fs::metadata(format!("{}.{ending}", file.display())).map_or(raw, |twin| twin.len())
    };
    Ok(Sizes {
        raw,
        gzip: twin("gz"),
        brotli: twin("br"),
    })
}

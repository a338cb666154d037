//! The front end's ways to do its work: pixel by pixel, on vectors, on the GPU; natively and in Chromium's worker.
//!
//! The adapter is whatever the machine has, and named in the first row of each; a software adapter is called one. The
//! bars of a real GPU are for real GPUs: on a software adapter their rows stand without a verdict.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::super::slam::kitchen_median_cm;
use super::super::{Row, printed_rows};
use crate::web::{self, ARTEFACTS, Build};
use crate::workspace::Workspace;

/// A frame to its pose at 1,200 points on a real GPU, and how much sooner than the plain way.
const MOST_MILLIS: f64 = 19.0;
const LEAST_GAIN: f64 = 1.7;
/// The kitchen's error on the GPU, in that on the processor.
const MOST_ERROR_RATIO: f64 = 1.1;
/// What the shaders may add to a download, in brotli bytes (1 KB = 1000 bytes).
const SHADERS_BUDGET: f64 = 20_000.0;

/// Measures on a folder of frames.
pub(super) fn measure(workspace: &Workspace, sequence: &Path, is_long: bool) -> Result<Vec<Row>> {
    let program = workspace.measuring_program("slam", "measure_engines", "cli,gpu")?;
    let frames = workspace.target("bench/frames");
    let mut native = workspace.command(&program);
    native.arg(sequence).arg("--write").arg(&frames);
    if is_long {
        native.arg("--long");
    }
    let mut rows = native_rows(&printed_rows(&mut native)?)?;

    let plain = workspace.target("bench/wasm-plain");
    let vectors = workspace.target("bench/wasm");
    for (folder, build) in [
        (&plain, Build::without_vectors()),
        (&vectors, Build::default()),
    ] {
        std::fs::create_dir_all(folder)?;
        web::build_artefact(
            workspace,
            ARTEFACTS[0],
            &build.with("measure"),
            "sightline_measure",
            folder,
        )?;
    }
    let mut browser = workspace.command("node");
    browser
        .arg("web/tests/measure_front_end.mjs")
        .args([&plain, &vectors, &frames]);
    if is_long {
        browser.arg("--long");
    }
    rows.extend(printed_rows(&mut browser)?.iter().map(plain_row));
    rows.push(shaders(workspace)?);
    rows.extend(kitchen(workspace)?);
    Ok(rows)
}

fn plain_row(value: &Value) -> Row {
    let text = |name: &str| value[name].as_str().unwrap_or_default();
    let figure = value["value"].as_f64().unwrap_or(f64::NAN);
    let row = Row::plain(text("measure"), figure, text("unit")).note(text("note"));
    // Whatever grows over 10,000 frames grows for ever.
    if text("measure").contains("grown over") {
        row.at_most(0.0)
    } else {
        row
    }
}

/// The rows as they are, and with bars where the adapter is a real one.
fn native_rows(printed: &[Value]) -> Result<Vec<Row>> {
    let named = |name: &str| {
        printed
            .iter()
            .find(|row| row["measure"] == name)
            .with_context(|| format!("nothing measured {name}"))
    };
    let adapter = named("adapter")?["note"].as_str().unwrap_or_default();
    let is_real = !adapter.contains("software");
    let mut rows: Vec<_> = printed.iter().map(plain_row).collect();
    let value = |name: &str| Ok::<_, anyhow::Error>(named(name)?["value"].as_f64());
    let [plain, vectors, gpu] = [
        value("frame to pose, 1200 points, cpu plain")?,
        value("frame to pose, 1200 points, cpu simd")?,
        value("frame to pose, 1200 points, gpu")?,
    ]
    .map(|millis| millis.unwrap_or(f64::NAN));
    let barred = |row: Row, bar: f64| if is_real { row.at_most(bar) } else { row };
    let note = if is_real {
        adapter.to_owned()
    } else {
        format!("{adapter}; the bar is for a real GPU, which this machine has not")
    };
    rows.push(barred(
        Row::plain("frame to pose on the GPU", gpu, "ms").note(note.clone()),
        MOST_MILLIS,
    ));
    rows.push(barred(
        Row::plain("frame to pose, GPU to plain", gpu / plain, "x").note(note.clone()),
        1.0 / LEAST_GAIN,
    ));
    rows.push(Row::plain("frame to pose, GPU to SIMD", gpu / vectors, "x").note(note));
    Ok(rows)
}

/// What the shaders weigh, all together as they are in the module.
fn shaders(workspace: &Workspace) -> Result<Row> {
    let folder = workspace.path("slam/src/gpu");
    let mut text = Vec::new();
    for entry in std::fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "wgsl") {
            text.extend(std::fs::read(&path)?);
        }
    }
    let compressed = web::brotli_bytes(workspace, &text)?;
    #[allow(
        clippy::cast_precision_loss,
        reason = "files are far smaller than 2^53 bytes"
    )]
    let row = Row::plain("shaders of the front end, brotli", compressed as f64, "B")
        .at_most(SHADERS_BUDGET)
        .note(format!("raw {}", text.len()));
    Ok(row)
}

/// The kitchen row of the bench `slam`, both ways.
fn kitchen(workspace: &Workspace) -> Result<Vec<Row>> {
    let Some([cpu, gpu]) = kitchen_median_cm(workspace)? else {
        return Ok(Vec::new());
    };
    Ok(vec![
        Row::plain("kitchen, as returned, CPU", cpu, "cm").note("median of 5 seeds"),
        Row::plain("kitchen, as returned, GPU", gpu, "cm").note("median of 5 seeds"),
        Row::plain("kitchen, GPU to CPU", gpu / cpu, "x").at_most(MOST_ERROR_RATIO),
    ])
}

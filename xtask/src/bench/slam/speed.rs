//! Row 5: milliseconds and memory of the tracker in WASM under Node, on one thread, with nothing beside it.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::figure::Figure;
use super::runs::{Program, kitchen, output, read};
use crate::web::{self, ARTEFACTS, Build};
use crate::{toolchain, workspace};

/// A simulated sequence to walk to and fro for the session.
const SESSION: &str = "classroom-walk";
/// 45 minutes at 30 Hz, and what a bench has time for.
const LONG_FRAMES: usize = 81_000;
const SHORT_FRAMES: usize = 3_000;
/// Times are no matter of seeds; three show what the machine adds.
const ROUNDS: u64 = 3;

/// Measures on the kitchen sequence where it is, and a session on a simulated one.
pub(super) fn measure(program: &Program, long: bool) -> Result<Vec<Figure>> {
    toolchain::require_node()?;
    toolchain::require_wasm_target(program.workspace)?;
    let bindings = program.workspace.target("bench/wasm");
    std::fs::create_dir_all(&bindings)?;
    web::build_artefact(
        program.workspace,
        ARTEFACTS[0],
        &Build::default().with("measure"),
        "sightline_measure",
        &bindings,
    )?;
    let mut figures = times(program, &bindings)?;
    figures.extend(session(
        program,
        &bindings,
        if long { LONG_FRAMES } else { SHORT_FRAMES },
        long,
    )?);
    Ok(figures)
}

fn times(program: &Program, bindings: &Path) -> Result<Vec<Figure>> {
    let (mut median, mut p95, mut together, mut native, mut allocations) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    if let Some(folder) = kitchen() {
        // A run of the host leaves the frames for WASM, and says how fast it is itself.
        let once = Program {
            workspace: program.workspace,
            path: program.path.clone(),
            cache: program.cache.clone(),
            seeds: 1,
        };
        let folder = folder.display().to_string();
        let arguments = ["kitchen", "--data", &folder].map(str::to_owned);
        for run in read(&once.output(&arguments)?)? {
            native.push(run.one("track_median_ms"));
            allocations.push(run.one("steady_allocations"));
        }
        for round in 0..ROUNDS.min(program.seeds) {
            let said = node(program, bindings, "kitchen", &["speed", &round.to_string()])?;
            for (figures, name) in [
                (&mut median, "track_median_ms"),
                (&mut p95, "track_p95_ms"),
                (&mut together, "together_mean_ms"),
            ] {
                figures.push(said[name].as_f64().unwrap_or(f64::NAN));
            }
        }
    }
    let note = "kitchen, 640x480, known camera; Node, 1 thread";
    Ok(vec![
        Figure::new("5", "wasm, track, median", "ms", median)
            .at_most(6.0)
            .aiming_at(4.0)
            .note(note),
        Figure::new("5", "wasm, track, 95%", "ms", p95).at_most(12.0),
        Figure::new(
            "5",
            "wasm, track and map_step a frame, mean",
            "ms",
            together,
        )
        .at_most(16.0),
        Figure::new("5", "host, track, median", "ms", native),
        Figure::new(
            "5",
            "allocations of track between keyframes, warm",
            "",
            allocations,
        )
        .at_most(0.0)
        .note("on the host; also asserted by slam/tests/tracker_allocation.rs"),
    ])
}

fn session(program: &Program, bindings: &Path, frames: usize, long: bool) -> Result<Vec<Figure>> {
    let clip = program.cache.join(format!("{SESSION}.json"));
    if !clip.is_file() {
        // It renders the frames before it measures.
        program.output(&["room", SESSION].map(str::to_owned))?;
    }
    let said = node(
        program,
        bindings,
        SESSION,
        &["session", &frames.to_string()],
    )?;
    let one = |name: &str| vec![said[name].as_f64().unwrap_or(f64::NAN)];
    let length = format!("session of {frames} frames");
    let windows = said["windows"].as_array().map_or(0, Vec::len);
    let note = format!(
        "{SESSION} to and fro at 30 Hz{}; {} keyframes, {} landmarks at the end, {:.1}% tracked",
        if long {
            ""
        } else {
            "; --long takes 45 minutes"
        },
        said["keyframes"],
        said["landmarks"],
        said["tracked_percent"].as_f64().unwrap_or(f64::NAN),
    );
    Ok(vec![
        Figure::new(
            "5",
            format!("wasm memory, {length}"),
            "MB",
            one("memory_mb"),
        )
        .at_most(128.0)
        .note(note),
        // "Like": within a quarter.
        Figure::new(
            "5",
            format!("wasm, last to second part, {length}"),
            "x",
            one("last_to_second"),
        )
        .at_most(1.25)
        .note(format!("median of track, {windows} parts of the session")),
    ])
}

/// Runs the measuring script on a clip of the cache.
fn node(program: &Program, bindings: &Path, clip: &str, arguments: &[&str]) -> Result<Value> {
    let mut command = program.workspace.command("node");
    command
        .arg("web/tests/measure_slam.mjs")
        .arg(bindings)
        .arg(program.cache.join(clip))
        .args(arguments);
    println!("measuring {} ...", workspace::words(&command));
    serde_json::from_slice(&output(&mut command)?).context("measure_slam.mjs prints no JSON")
}

//! The bench `render`: what frames of a class-room cost in wasm, over WebGPU and WebGL2, beside three.js; how long
//! pipelines take, and what points cost.
//!
//! What is drawn stands in `render/scenes/src/class_room`, how it is measured in `web/tests/render_bench`. Figures of a
//! GPU are named with its adapter; their bars hold for real ones.

use anyhow::Result;
use serde_json::Value;

use super::{Row, printed_rows};
use crate::render_bench;
use crate::toolchain;
use crate::web;
use crate::workspace::Workspace;

/// CPU time of a frame in that of three.js: what the issue allows, and what we aim at.
const MOST_CPU: f64 = 0.8;
const CPU_GOAL: f64 = 0.5;
/// WebGPU in terms of WebGL2: frames a second, memory, time until all pipelines are ready. Goals for real GPUs.
const FRAMES_GOAL: f64 = 1.5;
const MEMORY_GOAL: f64 = 0.77;
const READY_GOAL: f64 = 0.375;

/// How long to measure.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// Rounds in which all sides take turns.
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// Frames of each figure in a round.
    #[arg(long, default_value_t = 24)]
    frames: u32,
    /// Also whether 10,000 frames leave anything behind.
    #[arg(long)]
    long: bool,
}

/// Measures; the rows of all sides, then how they compare.
pub(super) fn measure(workspace: &Workspace, options: &Options) -> Result<Vec<Row>> {
    toolchain::require_node()?;
    toolchain::require_wasm_target(workspace)?;
    web::install(workspace)?;
    let wasm = render_bench::build(workspace)?;
    let room = render_bench::class_room(workspace)?;
    let mut command = workspace.command("node");
    command
        .arg("web/tests/render_bench/measure.mjs")
        .args([&wasm, &room])
        .args(["--rounds", &options.rounds.to_string()])
        .args(["--frames", &options.frames.to_string()]);
    if options.long {
        command.arg("--long");
    }
    Ok(rows(&printed_rows(&mut command)?))
}

fn rows(printed: &[Value]) -> Vec<Row> {
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let mut rows: Vec<_> = printed
        .iter()
        .map(|row| {
            let value = row["value"].as_f64().unwrap_or(f64::NAN);
            let plain = Row::plain(text(row, "measure"), value, text(row, "unit"));
            let plain = plain.note(text(row, "note"));
            match plain.unit.as_str() {
                "/s" => plain.larger_is_better(),
                // Whatever grows over 10,000 frames grows for ever.
                "B" => plain.at_most(0.0),
                _ => plain,
            }
        })
        .collect();
    let value = |measure: &str| {
        let row = printed.iter().find(|row| row["measure"] == measure);
        row.and_then(|row| row["value"].as_f64())
            .unwrap_or(f64::NAN)
    };
    let adapter = printed
        .iter()
        .find(|row| row["measure"] == "adapter, WebGPU")
        .map(|row| text(row, "note"))
        .unwrap_or_default();
    let three = value("three webgl2: CPU, models and shadows, moving");
    for backend in ["webgpu", "webgl2"] {
        let whole = value(&format!("sightline {backend}: CPU, whole room, moving"));
        let models = value(&format!(
            "sightline {backend}: CPU, models and shadows, moving"
        ));
        rows.push(
            Row::plain(
                format!("{backend}: CPU, whole room, to three.js' models and shadows"),
                whole / three,
                "x",
            )
            .at_most(MOST_CPU)
            .aiming_at(CPU_GOAL)
            .note("three.js over WebGL2, its faster renderer"),
        );
        rows.push(
            Row::plain(
                format!("{backend}: CPU, models and shadows, to three.js"),
                models / three,
                "x",
            )
            .aiming_at(CPU_GOAL),
        );
    }
    let to_webgl2 = |measure: &str| {
        value(&format!("sightline webgpu: {measure}"))
            / value(&format!("sightline webgl2: {measure}"))
    };
    rows.push(
        Row::plain(
            "WebGPU to WebGL2: frames a second, whole room",
            to_webgl2("frames a second, whole room"),
            "x",
        )
        .larger_is_better()
        .aiming_at(FRAMES_GOAL)
        .note(adapter.clone()),
    );
    rows.push(
        Row::plain(
            "WebGPU to WebGL2: peak memory of page and GPU process",
            to_webgl2("peak memory of page and GPU process"),
            "x",
        )
        .aiming_at(MEMORY_GOAL)
        .note(adapter.clone()),
    );
    rows.push(
        Row::plain(
            "WebGPU to WebGL2: until ready",
            to_webgl2("until ready"),
            "x",
        )
        .aiming_at(READY_GOAL)
        .note(adapter),
    );
    rows
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sides_are_compared() {
        let row = |measure: &str, value: f64, unit: &str| json!({ "measure": measure, "value": value, "unit": unit, "note": "" });
        let rows = rows(&[
            row("three webgl2: CPU, models and shadows, moving", 2.0, "ms"),
            row("sightline webgpu: CPU, whole room, moving", 1.0, "ms"),
            row("sightline webgl2: CPU, whole room, moving", 1.8, "ms"),
            row(
                "sightline webgl2: wasm memory grown over 10,000 frames",
                65536.0,
                "B",
            ),
        ]);
        let met = |measure: &str| {
            let found = rows.iter().find(|row| row.measure.starts_with(measure));
            found.and_then(Row::met)
        };
        assert_eq!(met("webgpu: CPU, whole"), Some(true));
        assert_eq!(met("webgl2: CPU, whole"), Some(false));
        assert_eq!(met("sightline webgl2: wasm"), Some(false));
        // What was not measured meets nothing.
        assert!(rows.iter().any(|row| row.value.is_nan()));
    }
}

//! The bench `frontend`: Lucas-Kanade alone and the whole front end, on the host and in WASM under Node, against
//! OpenCV on the same frames.
//!
//! The three programs take turns, three rounds each, so that a machine that slows down slows all of them; figures are
//! medians over the rounds.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Row;
use crate::web::{self, ARTEFACTS};
use crate::workspace::{self, Workspace};
use crate::{system_packages, toolchain};

/// How often the programs take turns.
const ROUNDS: usize = 3;

/// Figures of one program by name, in milliseconds, one a round.
type Figures = BTreeMap<String, Vec<f64>>;

/// Measures on a folder of frames (`list.txt` and `frames/`).
///
/// # Errors
///
/// When OpenCV or Node is missing: a ratio without its peer would say nothing.
pub(super) fn measure(workspace: &Workspace, sequence: &Path) -> Result<Vec<Row>> {
    toolchain::require_node()?;
    if !system_packages::has_opencv(workspace) {
        bail!("OpenCV is missing: install libopencv-dev, libclang-14-dev and clang-14");
    }
    let example = "measure_front_end";
    workspace::run(&mut workspace.cargo([
        "build",
        "--quiet",
        "--release",
        "--package=slam",
        "--features=cli,opencv",
        "--example",
        example,
    ]))?;
    let folder = workspace.target("bench/wasm");
    std::fs::create_dir_all(&folder)?;
    web::build_artefact(
        workspace,
        ARTEFACTS[0],
        &["measure"],
        "sightline_measure",
        &folder,
    )?;

    let host_program = workspace.target(&format!(
        "release/examples/{example}{}",
        std::env::consts::EXE_SUFFIX
    ));
    let frames = sequence.join("pairs.gray");
    // The same decoded frames for both, so that no decoder stands between them.
    workspace::run(
        workspace
            .command(&host_program)
            .arg("--decode")
            .arg(sequence)
            .arg(&frames),
    )?;
    let (mut host, mut wasm) = (Figures::new(), Figures::new());
    for round in 1..=ROUNDS {
        println!("round {round} of {ROUNDS}");
        collect(workspace.command(&host_program).arg(&frames), &mut host)?;
        collect(
            workspace
                .command("node")
                .arg("web/tests/measure_tracker.mjs")
                .arg(&folder)
                .arg(&frames),
            &mut wasm,
        )?;
    }
    rows(&host, &wasm)
}

/// Runs a program whose last line is a JSON object of milliseconds by name.
fn collect(command: &mut Command, figures: &mut Figures) -> Result<()> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start a measuring program")?;
    if !output.status.success() {
        bail!("{} failed", workspace::words(command));
    }
    let text = String::from_utf8(output.stdout)?;
    let line = text
        .lines()
        .last()
        .context("a measuring program printed nothing")?;
    let object: Value =
        serde_json::from_str(line).with_context(|| format!("not a JSON object: {line}"))?;
    for (name, value) in object.as_object().context("not a JSON object")? {
        figures
            .entry(name.clone())
            .or_default()
            .push(value.as_f64().context("not a number")?);
    }
    Ok(())
}

fn rows(host: &Figures, wasm: &Figures) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (place, figures) in [("host", host), ("wasm", wasm)] {
        for (name, values) in figures {
            let spread = values
                .iter()
                .map(|value| format!("{value:.2}"))
                .collect::<Vec<_>>()
                .join(" ");
            rows.push(Row::plain(format!("{place}: {name}"), median(values), "ms").note(spread));
        }
    }
    let (of_host, of_wasm) = (
        |name: &str| figure(host, name),
        |name: &str| figure(wasm, name),
    );
    let opencv = of_host("lucas_kanade_opencv")?;
    rows.push(Row::plain(
        "Lucas-Kanade alone, host / OpenCV",
        of_host("lucas_kanade")? / opencv,
        "x",
    ));
    rows.push(
        Row::plain(
            "Lucas-Kanade alone, wasm / OpenCV",
            of_wasm("lucas_kanade")? / opencv,
            "x",
        )
        .at_most(1.5)
        .aiming_at(1.2)
        .note("one thread each, 1,200 points, 640x480, window 15, four levels"),
    );
    Ok(rows)
}

fn figure(figures: &Figures, name: &str) -> Result<f64> {
    figures
        .get(name)
        .map(|values| median(values))
        .with_context(|| format!("nothing measured {name}"))
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_of_medians() {
        let figures = |pairs: &[(&str, [f64; 3])]| -> Figures {
            pairs
                .iter()
                .map(|(name, values)| ((*name).to_owned(), values.to_vec()))
                .collect()
        };
        let host = figures(&[
            ("lucas_kanade", [5.0, 4.0, 90.0]),
            ("lucas_kanade_opencv", [4.0, 4.0, 1.0]),
        ]);
        let wasm = figures(&[("lucas_kanade", [6.0, 5.0, 7.0])]);
        let rows = rows(&host, &wasm).unwrap();
        let last = rows.last().unwrap();
        assert_eq!((last.value, last.met()), (1.5, Some(true)));
        assert!(super::rows(&host, &Figures::new()).is_err());
    }
}

//! The bench `frontend`: Lucas-Kanade alone and the whole front end, on the host and in WASM under Node, against
//! OpenCV on the same pairs of frames; then the ways to do the front end's work beside each other (`engines`).
//!
//! The host's program chooses the pairs and leaves them, decoded, for the other. Both take turns, three rounds each,
//! so that a machine that slows down slows all of them; figures are medians over the rounds.

mod engines;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{Row, printed_rows};
use crate::web::{self, ARTEFACTS, Build};
use crate::workspace::Workspace;
use crate::{system_packages, toolchain};

/// What to measure.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// Only the ways to do the front end's work, not the comparison with OpenCV
    #[arg(long)]
    only_engines: bool,
    /// Also memory over 10,000 frames on the GPU
    #[arg(long)]
    long: bool,
}

/// How often the programs take turns.
const ROUNDS: usize = 3;

/// What `slam`'s example and `measure_tracker.mjs` call Lucas-Kanade alone.
const OPENCV: &str = "opencv lucas-kanade host";
const HOST: &str = "lucas-kanade host";
const WASM: &str = "lucas-kanade wasm";

/// The figures of a measure, one a round, with its unit and remark.
#[derive(Debug, Clone, Default)]
struct Figures {
    values: Vec<f64>,
    unit: String,
    note: String,
}

type Measures = BTreeMap<String, Figures>;

/// Measures on a folder of frames (`list.txt` and `frames/`).
///
/// # Errors
///
/// When OpenCV or Node is missing: a ratio without its peer would say nothing.
pub(super) fn measure(
    workspace: &Workspace,
    sequence: &Path,
    options: &Options,
) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    if !options.only_engines {
        rows = beside_opencv(workspace, sequence)?;
    }
    rows.extend(engines::measure(workspace, sequence, options.long)?);
    Ok(rows)
}

/// Lucas-Kanade and the front end beside OpenCV.
fn beside_opencv(workspace: &Workspace, sequence: &Path) -> Result<Vec<Row>> {
    toolchain::require_node()?;
    if !system_packages::has_opencv(workspace) {
        bail!("OpenCV is missing: install libopencv-dev, libclang-14-dev and clang-14");
    }
    let program = workspace.measuring_program("slam", "measure_front_end", "cli,opencv")?;
    let bindings = workspace.target("bench/wasm");
    std::fs::create_dir_all(&bindings)?;
    web::build_artefact(
        workspace,
        ARTEFACTS[0],
        &Build::default().with("measure"),
        "sightline_measure",
        &bindings,
    )?;

    let pairs = workspace.target("bench/pairs");
    let mut measures = Measures::new();
    for round in 1..=ROUNDS {
        println!("round {round} of {ROUNDS}");
        let mut host = workspace.command(&program);
        collect(host.arg(sequence).arg("--write").arg(&pairs), &mut measures)?;
        let mut wasm = workspace.command("node");
        wasm.arg("web/tests/measure_tracker.mjs")
            .arg(&bindings)
            .arg(&pairs);
        collect(&mut wasm, &mut measures)?;
    }
    rows(&measures)
}

/// Runs a program that prints a JSON array of `{ measure, value, unit, note }`, and adds its figures to the others'.
fn collect(command: &mut Command, measures: &mut Measures) -> Result<()> {
    for row in printed_rows(command)? {
        let text = |name: &str| row[name].as_str().map(str::to_owned);
        let figures = measures
            .entry(text("measure").context("a row without a measure")?)
            .or_default();
        figures
            .values
            .push(row["value"].as_f64().context("a row without a value")?);
        figures.unit = text("unit").unwrap_or_default();
        figures.note = text("note").unwrap_or_default();
    }
    Ok(())
}

fn rows(measures: &Measures) -> Result<Vec<Row>> {
    let median_of = |name: &str| {
        measures
            .get(name)
            .map(|figures| median(&figures.values))
            .with_context(|| format!("nothing measured {name}"))
    };
    let mut rows: Vec<_> = measures
        .iter()
        .map(|(name, figures)| {
            Row::plain(name, median(&figures.values), &figures.unit).note(&figures.note)
        })
        .collect();
    let of_opencv = median_of(OPENCV)?;
    let rounds = |name: &str| {
        measures[name]
            .values
            .iter()
            .map(|value| format!("{value:.2}"))
            .collect::<Vec<_>>()
            .join(" ")
    };
    rows.push(Row::plain("lucas-kanade alone, wasm to OpenCV", median_of(WASM)? / of_opencv, "x").at_most(1.5).aiming_at(
        1.2,
    ).note(format!(
        "1 thread each, 1,200 points, 640x480, window 15, 4 levels, forward; ms a round: wasm {}, OpenCV {}",
        rounds(WASM),
        rounds(OPENCV)
    )));
    rows.push(Row::plain(
        "lucas-kanade alone, host to OpenCV",
        median_of(HOST)? / of_opencv,
        "x",
    ));
    Ok(rows)
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
        let measures = |pairs: &[(&str, [f64; 3])]| -> Measures {
            pairs
                .iter()
                .map(|(name, values)| {
                    let figures = Figures {
                        values: values.to_vec(),
                        unit: "ms".to_owned(),
                        note: String::new(),
                    };
                    ((*name).to_owned(), figures)
                })
                .collect()
        };
        let all = measures(&[
            (HOST, [5.0, 4.0, 90.0]),
            (OPENCV, [4.0, 4.0, 1.0]),
            (WASM, [6.0, 5.0, 7.0]),
        ]);
        let rows = rows(&all).unwrap();
        let ratio = rows
            .iter()
            .find(|row| row.measure.contains("wasm to OpenCV"))
            .unwrap();
        assert_eq!((ratio.value, ratio.met()), (1.5, Some(true)));
        assert!(super::rows(&measures(&[(HOST, [1.0; 3])])).is_err());
    }
}

//! `cargo xtask bench NAME`: measures, prints a table, and writes `target/bench/NAME.json`.
//!
//! A row is `{ "measure", "value", "unit", "target", "goal", "met", "note" }`: `target` is the bar that an issue set,
//! `goal` what we aim at past it, `met` is against the target and null where there is none. What is missed is printed
//! again at the end, in red. A row also says `better`: `smaller` or `larger`; its target is a ceiling or a floor. The
//! bench `slam` has rows of its own, over seeds: see [`slam`].

mod codec;
mod front_end;
mod relay;
mod render;
mod render_reference;
mod size;
mod slam;
mod streams;

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::sequence;
use crate::web;
use crate::workspace::{self, Workspace};

/// Which bench to run.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Debug, Clone, clap::Subcommand)]
enum Bench {
    /// The codecs of a room's socket: bytes and nanoseconds for each kind of message, and what compression costs.
    Codec,
    /// The front end: against OpenCV, and its ways to work, natively and in Chromium: plain, on vectors, on the GPU.
    Frontend(front_end::Options),
    /// The relay beside four other servers: memory, deliveries, latency and CPU at 10,000 connections.
    Relay(relay::Options),
    /// Frames of a class-room in Chromium over WebGPU and WebGL2, beside three.js: CPU, GPU, memory, pipelines.
    Render(render::Options),
    /// Pictures of models beside those of three.js: the mean FLIP of each, and a report with the pairs.
    RenderReference(render_reference::Options),
    /// Raw, gzip and brotli sizes of every shipped file, with budgets.
    Size,
    /// The tracker: errors on recorded and simulated sequences, speed and memory in WASM, beside its peers.
    Slam(slam::Options),
    /// Videos at a poor bit rate through a real connection, before and after post-processing: SSIM with what was sent.
    Streams(streams::Options),
}

/// One measured figure.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    measure: String,
    value: f64,
    unit: String,
    target: Option<f64>,
    goal: Option<f64>,
    better: Better,
    note: String,
}

/// Which way a figure improves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Better {
    Smaller,
    Larger,
}

impl Row {
    /// A figure without a bar.
    pub(crate) fn plain(measure: impl Into<String>, value: f64, unit: impl Into<String>) -> Self {
        Self {
            measure: measure.into(),
            value,
            unit: unit.into(),
            target: None,
            goal: None,
            better: Better::Smaller,
            note: String::new(),
        }
    }

    /// The same with the largest value that an issue allows.
    pub(crate) fn at_most(mut self, target: f64) -> Self {
        self.target = Some(target);
        self
    }

    /// The same with the smallest value that an issue allows.
    pub(crate) fn at_least(mut self, target: f64) -> Self {
        self.target = Some(target);
        self.larger_is_better()
    }

    /// The same as a figure that improves upwards.
    pub(crate) fn larger_is_better(mut self) -> Self {
        self.better = Better::Larger;
        self
    }

    /// The same with the value that we aim at past the target.
    pub(crate) fn aiming_at(mut self, goal: f64) -> Self {
        self.goal = Some(goal);
        self
    }

    /// The same with a remark.
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    fn met(&self) -> Option<bool> {
        // A figure that could not be computed (NaN) meets nothing.
        self.target.map(|target| match self.better {
            Better::Smaller => self.value <= target,
            Better::Larger => self.value >= target,
        })
    }

    fn to_json(&self) -> Value {
        json!({
            "measure": self.measure, "value": self.value, "unit": self.unit, "target": self.target,
            "goal": self.goal, "better": self.better.word(), "met": self.met(), "note": self.note,
        })
    }

    fn line(&self) -> String {
        let bar = |value: Option<f64>| value.map_or_else(String::new, number);
        let met = match self.met() {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "",
        };
        format!(
            "{:<52}{:>11} {:<6}{:>9}{:>9}  {met:<8}{}",
            self.measure,
            number(self.value),
            self.unit,
            bar(self.target),
            bar(self.goal),
            self.note
        )
    }
}

impl Better {
    fn word(self) -> &'static str {
        match self {
            Self::Smaller => "smaller",
            Self::Larger => "larger",
        }
    }
}

/// Runs a bench from whatever state the tree is in.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    match &options.bench {
        Bench::Codec => {
            codec::run(workspace)?;
            Ok(ExitCode::SUCCESS)
        }
        Bench::Frontend(options) => {
            web::build(workspace)?;
            let sequence = sequence::ensure(workspace, &sequence::Build::alone())?;
            report(
                workspace,
                "frontend",
                &front_end::measure(workspace, &sequence, options)?,
            )?;
            Ok(ExitCode::SUCCESS)
        }
        Bench::Relay(options) => relay::run(workspace, options),
        Bench::Render(options) => {
            report(workspace, "render", &render::measure(workspace, options)?)?;
            Ok(ExitCode::SUCCESS)
        }
        Bench::RenderReference(options) => {
            let rows = render_reference::measure(workspace, options)?;
            report(workspace, "render-reference", &rows)?;
            Ok(ExitCode::SUCCESS)
        }
        Bench::Size => {
            web::build(workspace)?;
            workspace::run(&mut workspace.cargo(["build", "--quiet", "--package=chat-relay"]))?;
            size(workspace, &workspace.binary("debug", "chat-relay"))?;
            Ok(ExitCode::SUCCESS)
        }
        Bench::Slam(options) => {
            slam::run(workspace, options)?;
            Ok(ExitCode::SUCCESS)
        }
        Bench::Streams(options) => {
            let rows = streams::measure(workspace, options)?;
            report(workspace, "streams", &rows)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The bench `size` over what is in `web/dist`.
///
/// # Errors
///
/// When a budget is broken.
pub(crate) fn size(workspace: &Workspace, relay: &Path) -> Result<()> {
    let rows = size::measure(workspace, relay)?;
    let missed = report(workspace, "size", &rows)?;
    if missed > 0 {
        bail!("{missed} size budgets are broken");
    }
    Ok(())
}

/// Prints and writes the rows; gives how many targets are missed.
fn report(workspace: &Workspace, name: &str, rows: &[Row]) -> Result<usize> {
    println!(
        "\n{:<52}{:>11} {:<6}{:>9}{:>9}",
        "measure", "value", "", "target", "goal"
    );
    rows.iter().for_each(|row| println!("{}", row.line()));
    let folder = workspace.target("bench");
    fs::create_dir_all(&folder)?;
    let json: Vec<_> = rows.iter().map(Row::to_json).collect();
    let file = folder.join(format!("{name}.json"));
    fs::write(&file, serde_json::to_string_pretty(&json)? + "\n")?;
    println!("written to {}", file.display());
    let missed: Vec<_> = rows.iter().filter(|row| row.met() == Some(false)).collect();
    for row in &missed {
        println!("\x1b[31mmissed: {}\x1b[0m", row.line().trim_end());
    }
    Ok(missed.len())
}

/// Runs a program that prints a JSON array.
fn printed_rows(command: &mut Command) -> Result<Vec<Value>> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start a measuring program")?;
    if !output.status.success() {
        bail!("{} failed", workspace::words(command));
    }
    let printed: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("{} prints no JSON", workspace::words(command)))?;
    printed.as_array().cloned().context("no array of rows")
}

/// Whole numbers without a point, others with three digits behind it.
fn number(value: f64) -> String {
    if value.fract() == 0.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.3}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_met_only_within_its_target() {
        let row = Row::plain("a", 2.0, "ms");
        assert_eq!(row.met(), None);
        assert_eq!(row.clone().at_most(2.0).met(), Some(true));
        assert_eq!(row.clone().at_most(1.9).met(), Some(false));
        assert_eq!(
            Row::plain("a", f64::NAN, "ms").at_most(1.9).met(),
            Some(false)
        );
        assert_eq!(row.to_json()["met"], Value::Null);
        assert_eq!(row.to_json()["better"], "smaller");
    }

    #[test]
    fn a_floor_is_met_from_above() {
        let row = Row::plain("a", 2.0, "/s").at_least(2.0);
        assert_eq!(row.met(), Some(true));
        assert_eq!(row.clone().at_least(2.1).met(), Some(false));
        assert_eq!(row.to_json()["better"], "larger");
        let unknown = Row::plain("a", f64::NAN, "/s").at_least(2.0);
        assert_eq!(unknown.met(), Some(false));
    }
}

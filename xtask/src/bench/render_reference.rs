//! The bench `render-reference`: models drawn by three.js and by Sightline in one Chromium, and how their pictures
//! differ.
//!
//! What is drawn, and how, stands in `web/tests/render_reference`; the differences are measured by the example `flip`.
//! The report with the pictures of both sides is `target/bench/render-reference/index.html`. Models of the folder that
//! `SIGHTLINE_MODELS` names are drawn too.

use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;

use super::Row;
use crate::toolchain;
use crate::web;
use crate::workspace::{self, Workspace};

/// The folder of the bench, which has npm packages of its own.
const FOLDER: &str = "web/tests/render_reference";

/// What to draw.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// Only this case; may be given several times.
    #[arg(long, value_name = "CASE")]
    only: Vec<String>,
    /// Draw the reference alone and compare nothing.
    #[arg(long)]
    only_three: bool,
    /// Draw over WebGPU rather than over WebGL2.
    #[arg(long)]
    webgpu: bool,
}

/// Draws and compares; a row a case.
pub(super) fn measure(workspace: &Workspace, options: &Options) -> Result<Vec<Row>> {
    if options.only_three {
        toolchain::require_node()?;
        web::install(workspace)?;
    } else {
        web::build(workspace)?;
    }
    web::install_in(workspace, FOLDER)?;
    let report = workspace.target("bench/render-reference");
    let mut command = workspace.command("node");
    command
        .arg(format!("{FOLDER}/compare.mjs"))
        .arg("--out")
        .arg(&report);
    for case in &options.only {
        command.args(["--only", case]);
    }
    if options.webgpu {
        let side = workspace.path(&format!("{FOLDER}/sightline_webgpu_side.mjs"));
        command.arg("--sightline").arg(side);
    }
    if options.only_three {
        command.arg("--only-three");
    } else {
        workspace::run(&mut workspace.cargo([
            "build",
            "--quiet",
            "--package=xtask",
            "--example=flip",
        ]))?;
        command.env("FLIP", workspace.binary("debug/examples", "flip"));
    }
    workspace::run(&mut command)?;
    let results = fs::read(report.join("results.json")).context("the report has no results")?;
    rows(&serde_json::from_slice(&results)?)
}

/// A row for each case that was compared.
fn rows(results: &Value) -> Result<Vec<Row>> {
    let limit = results["limit"].as_f64().context("no limit")?;
    let cases = results["rows"].as_array().context("no rows")?;
    let row = |case: &Value| {
        let name = case["name"].as_str()?;
        let row = Row::plain(name, case["mean"].as_f64()?, "FLIP");
        Some(if case["isOptional"] == true {
            row.note("optional")
        } else {
            row.at_most(limit)
        })
    };
    Ok(cases.iter().filter_map(row).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_optional_case_has_no_bar() {
        let case = |name: &str, mean: Option<f64>, optional: bool| json!({ "name": name, "mean": mean, "isOptional": optional });
        let results = json!({ "limit": 0.05, "rows": [
            case("wrong", Some(0.2), false), case("shadow", Some(0.2), true), case("alone", None, false),
        ] });
        let rows = rows(&results).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].met(), Some(false));
        assert_eq!(rows[1].met(), None);
    }
}

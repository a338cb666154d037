//! `cargo xtask test`: every test of the repository, in an order that fails fast, and one line of counts at the end.
//!
//! All host stages select the same packages with the same features, so that clippy, tests and docs share what cargo
//! built. Tests on real data run where `SIGHTLINE_DATA` is set; under `REQUIRE_ALL=1` a skip is a failure.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use crate::stage::{Runner, Stage};
use crate::toolchain::{self, WASM_TARGET};
use crate::workspace::Workspace;
use crate::{
    bench, conformance as autobahn, foreign as foreign_clients, licences, render_bench, sequence,
    system_packages, web,
};

/// Which tests to run.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Also what takes longer than a CI run has.
    #[arg(long)]
    long: bool,
    /// Only this stage; may be given several times.
    #[arg(long, value_name = "STAGE")]
    only: Vec<String>,
    /// Go on after a stage that failed.
    #[arg(long)]
    keep_going: bool,
}

/// What every stage knows.
struct Run<'a> {
    workspace: &'a Workspace,
    long: bool,
}

type Body = fn(&Run, &mut Stage) -> Result<()>;

/// The stages by name. What is quick and often broken comes first.
const STAGES: [(&str, Body); 17] = [
    ("packages", packages),
    ("format", format),
    ("licences", check_licences),
    ("architecture", architecture),
    ("page-check", page_check),
    ("clippy-host", clippy_host),
    ("clippy-wasm", clippy_wasm),
    ("rust", rust),
    ("conformance", conformance),
    ("docs", docs),
    ("module", module),
    ("foreign", foreign),
    ("wasm", wasm),
    ("page", page),
    ("size", size),
    ("browser", browser),
    ("engines", engines),
];

/// Runs the stages and tells by the exit status whether all is well.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    let names: Vec<_> = STAGES.iter().map(|(name, _)| *name).collect();
    if let Some(unknown) = options
        .only
        .iter()
        .find(|name| !names.contains(&name.as_str()))
    {
        bail!(
            "there is no stage {unknown}; the stages are {}",
            names.join(", ")
        );
    }
    let require_all = std::env::var_os("REQUIRE_ALL").is_some_and(|value| value == "1");
    let run = Run {
        workspace,
        long: options.long,
    };
    let mut runner = Runner::new(options.keep_going);
    for (name, body) in STAGES {
        if options.only.is_empty() || options.only.iter().any(|only| only == name) {
            runner.stage(name, |stage| body(&run, stage));
        }
    }
    Ok(runner.finish(require_all))
}

impl Run<'_> {
    /// The packages and features of all host stages; xtask is apart, because it is built already.
    fn selection(&self) -> Vec<String> {
        let mut features = "--features=slam/cli,slam/gpu".to_owned();
        if system_packages::has_opencv(self.workspace) {
            features.push_str(",slam/opencv");
        }
        vec![
            "--workspace".to_owned(),
            "--exclude=xtask".to_owned(),
            features,
        ]
    }

    /// `cargo` with the environment of tests.
    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = self.workspace.cargo(arguments);
        set_environment(&mut command);
        command
    }

    /// Builds the relay as the host stages did.
    fn build_relay(&self) -> Command {
        let mut command = self.cargo(&["build", "--quiet", "--bin", "chat-relay"]);
        command.args(self.selection());
        command
    }

    /// The generated sequence, made with what the host stages built.
    fn sequence(&self) -> Result<std::path::PathBuf> {
        sequence::ensure(self.workspace, &sequence::Build::within(self.selection()))
    }

    /// Runs the tests of a folder under Node, one file after the other: they measure times, and browsers are heavy.
    fn node_tests(
        &self,
        stage: &mut Stage,
        folder: &str,
        environment: &[(&str, PathBuf)],
    ) -> Result<()> {
        toolchain::require_node()?;
        web::install(self.workspace)?;
        stage.run(&mut self.build_relay())?;
        let mut files: Vec<_> = std::fs::read_dir(self.workspace.path(folder))?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
            .collect();
        files.sort();
        if files.is_empty() {
            bail!("{folder} has no tests");
        }
        let mut command = self.workspace.command("node");
        command
            .args(["--test", "--test-reporter=spec", "--test-concurrency=1"])
            .args(files)
            .env(
                "SIGHTLINE_RELAY",
                self.workspace.binary("debug", "chat-relay"),
            )
            .env("SIGHTLINE_SEQUENCE", self.sequence()?)
            .env("SIGHTLINE_PICTURES", self.workspace.target("pictures"))
            .envs(environment.iter().map(|(name, path)| (name, path)));
        set_environment(&mut command);
        stage.run(&mut command)
    }
}

/// Graphics come from Mesa's software driver where it is there, so that pictures are the same on every machine.
fn set_environment(command: &mut Command) {
    let lavapipe = Path::new("/usr/share/vulkan/icd.d/lvp_icd.x86_64.json");
    if lavapipe.is_file() {
        command.env("VK_ICD_FILENAMES", lavapipe);
    }
}

fn packages(run: &Run, stage: &mut Stage) -> Result<()> {
    system_packages::install(run.workspace, stage)
}

fn format(run: &Run, stage: &mut Stage) -> Result<()> {
    stage.run(&mut run.cargo(&["fmt", "--all", "--check"]))
}

fn check_licences(run: &Run, _: &mut Stage) -> Result<()> {
    licences::run(run.workspace)
}

/// The tests of xtask: among them those that read the layers off `cargo metadata`.
fn architecture(run: &Run, stage: &mut Stage) -> Result<()> {
    stage.run(&mut run.cargo(&["test", "--quiet", "--package=xtask"]))?;
    stage.run(&mut run.cargo(&[
        "clippy",
        "--quiet",
        "--package=xtask",
        "--all-targets",
        "--",
        "--deny=warnings",
    ]))
}

fn page_check(run: &Run, stage: &mut Stage) -> Result<()> {
    toolchain::require_node()?;
    web::install(run.workspace)?;
    for script in ["check", "lint"] {
        stage.run(&mut run.workspace.npm(&["run", "--silent", script]))?;
    }
    stage.run(&mut run.workspace.npm(&["test", "--silent"]))
}

fn clippy_host(run: &Run, stage: &mut Stage) -> Result<()> {
    stage.run(
        run.cargo(&["clippy", "--all-targets"])
            .args(run.selection())
            .args(["--", "--deny=warnings"]),
    )
}

fn clippy_wasm(run: &Run, stage: &mut Stage) -> Result<()> {
    toolchain::require_wasm_target(run.workspace)?;
    let measured = render_bench::ARTEFACTS_TO_MEASURE;
    for artefact in web::ARTEFACTS.into_iter().chain(measured) {
        let mut command = run.cargo(&[
            "clippy",
            "--package=xr-core",
            "--lib",
            "--no-default-features",
        ]);
        command.args([
            "--target",
            WASM_TARGET,
            "--features",
            &artefact.features.join(","),
            "--",
            "--deny=warnings",
        ]);
        stage.run(&mut command)?;
    }
    Ok(())
}

fn rust(run: &Run, stage: &mut Stage) -> Result<()> {
    let mut command = run.cargo(&["test", "--no-fail-fast", "--lib", "--bins", "--tests"]);
    command.args(run.selection()).args(["--", "--show-output"]);
    if run.long {
        command.arg("--include-ignored");
    }
    if std::env::var_os("SIGHTLINE_DATA").is_none() {
        command.args(["--skip", "on_real_data"]);
        println!("SIGHTLINE_DATA is not set: the tests on real data are no part of this run");
    }
    let result = stage.run(&mut command);
    if !system_packages::has_opencv(run.workspace) {
        stage.skip("OpenCV is not here: the front end was not compared with it");
    }
    result
}

/// The connection code against cases that others wrote.
fn conformance(run: &Run, stage: &mut Stage) -> Result<()> {
    stage.run(&mut run.build_relay())?;
    let relay = run.workspace.binary("debug", "chat-relay");
    autobahn::run(run.workspace, &relay, stage)
}

fn docs(run: &Run, stage: &mut Stage) -> Result<()> {
    stage.run(
        run.cargo(&["doc", "--no-deps"])
            .args(run.selection())
            .env("RUSTDOCFLAGS", "--deny=warnings"),
    )?;
    stage.run(run.cargo(&["test", "--doc"]).args(run.selection()))
}

fn module(run: &Run, _: &mut Stage) -> Result<()> {
    toolchain::require_wasm_target(run.workspace)?;
    web::build_module(run.workspace)
}

/// Clients that nobody here wrote against the relay.
fn foreign(run: &Run, stage: &mut Stage) -> Result<()> {
    stage.run(
        run.cargo(&["build", "--quiet", "--bin", "chat-relay"])
            .args(run.selection()),
    )?;
    foreign_clients::run(
        run.workspace,
        &run.workspace.binary("debug", "chat-relay"),
        stage,
    )
}

fn wasm(run: &Run, stage: &mut Stage) -> Result<()> {
    run.node_tests(stage, "web/tests/wasm", &[])
}

fn page(run: &Run, _: &mut Stage) -> Result<()> {
    web::build_page(run.workspace)
}

fn size(run: &Run, _: &mut Stage) -> Result<()> {
    bench::size(run.workspace, &run.workspace.binary("debug", "chat-relay"))
}

fn browser(run: &Run, stage: &mut Stage) -> Result<()> {
    stage.run(&mut run.cargo(&["build", "--quiet", "--package=xtask", "--example=flip"]))?;
    let environment = [
        (
            "SIGHTLINE_RENDER_BENCH",
            render_bench::build_module(run.workspace)?,
        ),
        ("FLIP", run.workspace.binary("debug/examples", "flip")),
    ];
    run.node_tests(stage, "web/tests/browser", &environment)
}

fn engines(run: &Run, stage: &mut Stage) -> Result<()> {
    run.node_tests(stage, "web/tests/engines", &[])
}

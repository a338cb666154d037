//! The commands of this repository: `cargo xtask web`, `demo`, `test`, `bench`, `dist`, and what they are made of.
//!
//! One file a command; [`stage`] times what `test` runs and counts what its runners report, [`workspace`] knows
//! where things are and starts other programs. Nothing depends on this crate.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command speaks through its terminal"
)]

mod architecture;
mod bench;
mod bindgen;
mod conformance;
mod demo;
mod dist;
mod foreign;
mod licences;
mod pictures;
mod python;
mod render_bench;
mod sequence;
mod stage;
mod system_packages;
mod tally;
mod test;
mod toolchain;
mod web;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// The commands of the Sightline repository.
#[derive(Parser)]
#[command(name = "cargo xtask", disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything and run the demo: one process that serves page, rooms and certificates.
    Demo(demo::Options),
    /// Run every test of the repository and end with one line of counts.
    Test(test::Options),
    /// Build the module and the page into web/dist.
    Web,
    /// Build what ships into target/dist: the relay with the page in it, the npm package, container file, unit, sums.
    Dist(dist::Options),
    /// Measure, print a table, and write target/bench/NAME.json.
    Bench(bench::Options),
    /// Check the licences of all crates and of the npm packages that ship.
    Licences,
    /// Write the generated camera sequence and print its folder.
    Sequence,
    /// Copy the pictures that the browser tests made into docs/pictures.
    Pictures,
}

fn main() -> ExitCode {
    let command = Cli::parse().command;
    match run(command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    let workspace = Workspace::find()?;
    match command {
        Command::Demo(options) => return demo::run(&workspace, &options),
        Command::Test(options) => return test::run(&workspace, &options),
        Command::Bench(options) => return bench::run(&workspace, &options),
        Command::Dist(options) => dist::run(&workspace, &options)?,
        Command::Web => web::build(&workspace)?,
        Command::Licences => licences::run(&workspace)?,
        Command::Sequence => println!(
            "{}",
            sequence::ensure(&workspace, &sequence::Build::alone())?.display()
        ),
        Command::Pictures => pictures::run(&workspace)?,
    }
    Ok(ExitCode::SUCCESS)
}

//! The program `slam`: Sightline's tracking on the command line, a file per subcommand.

mod evaluate;
mod progress;
mod replay;
mod simulate;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(version, about = "Visual tracking and mapping on the command line")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Track a recorded or generated sequence: poses as they were returned, and what it was like
    Replay(Box<replay::Replay>),
    /// Measure how far a trajectory is from a reference, as the tool evo does
    Evaluate(evaluate::Evaluate),
    /// Write a generated sequence of a hand-held camera in a furnished room, with its exact truth
    Simulate(Box<simulate::Simulate>),
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::Simulate(arguments) => simulate::run(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where it cannot be shown, the status still tells.
            let _ = writeln!(std::io::stderr(), "error: {}", sentence(&error));
            ExitCode::FAILURE
        }
    }
}

/// What went wrong and why, in one line. Many errors tell their cause themselves; it is not told again.
fn sentence(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for cause in error.chain() {
        let text = cause.to_string();
        let words: Vec<&str> = text.split_whitespace().collect();
        let text = words.join(" ");
        if said.contains(&text) {
            continue;
        }
        if !said.is_empty() {
            said.push_str(": ");
        }
        said.push_str(&text);
    }
    said
}

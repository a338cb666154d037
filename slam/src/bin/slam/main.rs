//! The program `slam`: Sightline's tracking on the command line, a file per subcommand.

mod simulate;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(version, about = "Visual tracking and mapping on the command line")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write a generated sequence of a hand-held camera in a furnished room, with its exact truth
    Simulate(simulate::Simulate),
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Simulate(arguments) => simulate::run(&arguments),
    }
}

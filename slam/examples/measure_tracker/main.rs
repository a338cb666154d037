//! Measures the tracker on one sequence, for every seed, and prints one JSON array of runs
//! `{"name", "seed", "figures": {name: [values]}}`; a figure that could not be computed is null. `cargo xtask bench slam`
//! runs it for every row, gathers the seeds, and judges.
//!
//! ```sh
//! cargo run --release -p slam --features cli --example measure_tracker -- --cache DIR kitchen --data FOLDER
//! ```
//!
//! Every run is of [`slam::TrackerConfig::default`] with the camera of the row and the seed, and nothing else. All work
//! on the map that a frame asks for is done before the next frame, so that a run is the same on every machine. The
//! motion sensors are left out. Frames are kept as raw luma in the cache, which the WASM module is measured on as well.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the runs are the program's output"
)]

mod allocation;
mod clip;
mod figures;
mod gpu;
mod kitchen;
mod play;
mod room;
mod still;
mod surfaces;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Arguments {
    /// Where frames are kept as raw luma
    #[arg(long, value_name = "DIR")]
    cache: PathBuf,
    /// The seeds are 0 to this number, without it
    #[arg(long, value_name = "N", default_value_t = 1)]
    seeds: u64,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The kitchen sequence of 7-Scenes
    Kitchen {
        /// The folder with its frames and its reference
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// What is done to it
        #[arg(long, value_enum, default_value_t = kitchen::Variant::Known)]
        variant: kitchen::Variant,
        /// Follow points on the graphics adapter; needs the feature `gpu`
        #[arg(long)]
        gpu: bool,
    },
    /// A simulated sequence of `slam::simulator::benchmark`
    Room {
        /// Its name
        name: String,
    },
    /// The names of the simulated sequences, as a JSON array
    Rooms,
    /// Standing still after a start with parallax
    Still {
        /// How long, in seconds
        #[arg(long, default_value_t = 30.0)]
        secs: f64,
    },
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let seeds = 0..arguments.seeds;
    let cache = &arguments.cache;
    let runs = match &arguments.what {
        What::Kitchen { data, variant, gpu } => {
            kitchen::measure(data, *variant, *gpu, seeds, cache)?
        }
        What::Room { name } => room::measure(name, seeds, cache)?,
        What::Still { secs } => still::measure(*secs, seeds, cache)?,
        What::Rooms => {
            let names = slam::simulator::benchmark::sequences().map(|sequence| sequence.name);
            println!("{}", serde_json::to_string(&names)?);
            return Ok(());
        }
    };
    println!("{}", serde_json::to_string_pretty(&runs)?);
    Ok(())
}

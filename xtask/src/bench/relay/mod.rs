//! `cargo xtask bench relay`: our relay beside four other servers, in one run, on one machine, under one load client
//! that knows none of them.
//!
//! | measure | what | module of its numbers |
//! |---|---|---|
//! | `steady` | memory of 10,000 idle connections; then 1,000 messages a second | `load` |
//! | `rooms-10`, `rooms-100` | as many deliveries as the server can do | `load` |
//! | `many` | 30,000 connections over several processes | `load` |
//!
//! The servers take turns, so that a machine that slows down slows all of them; figures are medians over the rounds.
//! Load client and peers lie outside the repository: [`tools`] finds and builds them, [`server`] says how each is
//! started and spoken to, [`run`] runs one, [`figures`] reads what the load client prints, [`rows`] holds it against
//! the bars. `docs/bench-relay.md` says what the figures mean and what they do not.

mod built;
mod commit;
mod figures;
mod load;
mod process;
mod profile;
mod rows;
mod run;
mod seed;
mod server;
mod tools;

use std::fs;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::workspace::Workspace;
use figures::Figures;
use load::{Extent, Measure, Plan};
use rows::{Run, Table};
use run::Runner;
use server::Server;

/// What to measure.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// Only these servers
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    only: Vec<Server>,
    /// Only these measures
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    measures: Vec<Measure>,
    /// How often the servers take turns
    #[arg(long, default_value_t = 3, value_name = "N", conflicts_with = "quick")]
    rounds: usize,
    /// One round with a fifth of the connections and short phases: shows that everything works, measures little
    #[arg(long)]
    quick: bool,
    /// Where the time goes instead of figures: samples our relay, or those of --only, in rooms of 10, or in those of
    /// --measures
    #[arg(long)]
    profile: bool,
}

/// Something that the bench needs is missing.
const MISSING: u8 = 2;

/// Measures, prints the table, writes `target/bench/relay.json` and, run by run, `relay-runs.json`.
pub(super) fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    ensure!(options.rounds > 0, "no rounds, no figures");
    let extent = if options.quick {
        Extent::Quick
    } else {
        Extent::Full
    };
    // Where it cannot be read, that is named as missing.
    let open_files = process::open_files().unwrap_or(0).max(1);
    let (all_servers, all_measures) = if options.profile {
        (&[Server::Relay][..], &[Measure::Rooms10][..])
    } else {
        (&Server::ALL[..], &Measure::ALL[..])
    };
    let servers = chosen(&options.only, &Server::ALL, all_servers);
    let plans: Vec<Plan> = chosen(&options.measures, &Measure::ALL, all_measures)
        .into_iter()
        .map(|measure| Plan::new(measure, extent, open_files))
        .collect();
    let sources = match tools::find(workspace, &servers, &plans) {
        Ok(sources) => sources,
        Err(missing) => {
            for what in missing {
                eprintln!("missing: {what}");
            }
            return Ok(ExitCode::from(MISSING));
        }
    };
    let built = sources.build(workspace, &servers)?;
    let mut runner = Runner::new(workspace, &built)?;
    if options.profile {
        profile::run(workspace, &mut runner, &servers, &plans)?;
        return Ok(ExitCode::SUCCESS);
    }
    let rounds = if options.quick { 1 } else { options.rounds };
    let (runs, failures) = measure(&mut runner, &servers, &plans, rounds);
    let table = Table {
        servers: &servers,
        plans: &plans,
        runs: &runs,
    };
    super::report(workspace, "relay", &table.rows())?;
    if options.quick {
        println!("a quick run: the bars are meant for the full one");
    }
    let disturbed = runs.iter().filter(|run| run.is_disturbed()).count();
    if disturbed > 0 {
        println!(
            "{disturbed} of {} runs were disturbed by other programs: compare no figures of these",
            runs.len()
        );
    }
    let file = workspace.target("bench/relay-runs.json");
    let content: Vec<Value> = runs.iter().map(to_json).collect();
    fs::write(&file, serde_json::to_string_pretty(&content)? + "\n")?;
    println!("run by run in {}", file.display());
    for failure in &failures {
        eprintln!("\x1b[31mfailed: {failure}\x1b[0m");
    }
    Ok(if failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What was asked for in the order of `all`, or what is taken unasked.
fn chosen<T: Copy + PartialEq>(asked: &[T], all: &[T], unasked: &[T]) -> Vec<T> {
    let taken = if asked.is_empty() { unasked } else { asked };
    all.iter()
        .copied()
        .filter(|one| taken.contains(one))
        .collect()
}

/// All runs; one that fails is told at the end and spoils no other.
fn measure(
    runner: &mut Runner<'_>,
    servers: &[Server],
    plans: &[Plan],
    rounds: usize,
) -> (Vec<Run>, Vec<String>) {
    let mut runs = Vec::new();
    let mut failures = Vec::new();
    for round in 0..rounds {
        for plan in plans {
            for &server in servers {
                let measure = plan.measure;
                let label = format!("{}-{}-{}", measure.word(), server.word(), round + 1);
                match runner.run(server, plan, &label, &mut |_| Ok(())) {
                    Ok(figures) => {
                        println!("{label}: {}", told(&figures));
                        runs.push(Run {
                            server,
                            measure,
                            round,
                            figures,
                        });
                    }
                    Err(error) => {
                        eprintln!("{label}: failed: {error:#}");
                        failures.push(format!("{label}: {error:#}"));
                    }
                }
            }
        }
    }
    (runs, failures)
}

/// A run in a line.
fn told(figures: &Figures) -> String {
    let load = &figures.load;
    format!(
        "{:.0} held, {:.2} KiB each; {:.0} deliveries/s, p99 {:.2} ms, {:.2} CPU s per million; of a core: server {:.0} %, \
         client {:.0} %, others {:.0} %",
        figures.held,
        figures.kib_per_connection,
        load.deliveries_per_sec,
        load.p99_millis,
        load.cpu_secs_per_million,
        load.server_percent,
        load.client_percent,
        load.others_percent
    )
}

fn to_json(run: &Run) -> Value {
    let Figures {
        connected,
        held,
        kib_per_connection,
        load,
        commit,
    } = &run.figures;
    json!({
        "server": run.server.word(), "measure": run.measure.word(), "round": run.round + 1,
        "connected": connected, "held": held, "kib_per_connection": kib_per_connection,
        "deliveries_per_sec": load.deliveries_per_sec, "delivered_percent": load.delivered_percent,
        "p99_millis": load.p99_millis, "cpu_secs_per_million": load.cpu_secs_per_million,
        "server_percent": load.server_percent, "client_percent": load.client_percent,
        "others_percent": load.others_percent,
        "commit_mean_millis": commit.map(|commit| commit.mean_millis),
        "commit_p99_millis": commit.map(|commit| commit.p99_millis),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_keeps_its_order() {
        let all = Server::ALL;
        assert_eq!(chosen(&[], &all, &all), all);
        let asked = [Server::Relay, Server::Bare];
        assert_eq!(chosen(&asked, &all, &all), [Server::Bare, Server::Relay]);
        assert_eq!(chosen(&[], &all, &[Server::Relay]), [Server::Relay]);
    }
}

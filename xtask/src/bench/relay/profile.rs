//! `--profile`: where a server spends its time, by sampling it under load with Linux's `perf`.
//!
//! Sampling costs time, so a profile gives no rows. The samples and the whole report stay in
//! `target/relay-bench/profiles`.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::figures::Phase;
use super::load::Plan;
use super::process::{Launch, Process};
use super::run::Runner;
use super::server::Server;
use crate::workspace::{Workspace, answer};

/// How many functions are printed.
const SHOWN: usize = 30;

/// Samples a second: not a divisor of anything periodic.
const FREQUENCY: &str = "997";

/// Runs each server once under each plan and prints its hottest functions.
pub(super) fn run(
    workspace: &Workspace,
    runner: &mut Runner<'_>,
    servers: &[Server],
    plans: &[Plan],
) -> Result<()> {
    if answer(workspace.command("perf").arg("--version")).is_none() {
        println!("no profile: perf is not installed (Debian: linux-perf)");
        return Ok(());
    }
    for plan in plans {
        for &server in servers {
            one(workspace, runner, server, plan)?;
        }
    }
    Ok(())
}

fn one(workspace: &Workspace, runner: &mut Runner<'_>, server: Server, plan: &Plan) -> Result<()> {
    let label = format!("profile-{}-{}", plan.measure.word(), server.word());
    let folder = workspace.target("relay-bench/profiles");
    fs::create_dir_all(&folder)?;
    let samples = folder.join(format!("{label}.data"));
    // From the end of idling: both loads warm up for two seconds before they count.
    let secs = plan.warm_secs + plan.rate_secs + plan.saturated_secs;
    let mut begun = None;
    let log = folder.join(format!("{label}.log"));
    let figures = runner.run(server, plan, &label, &mut |progress| {
        if progress.phase == Phase::Idle && begun.is_none() {
            let ids: Vec<String> = progress.servers.iter().map(u32::to_string).collect();
            let mut launch = Launch::new(
                "perf",
                [
                    "record",
                    "-e",
                    "cpu-clock",
                    "-F",
                    FREQUENCY,
                    "-p",
                    &ids.join(","),
                ],
            );
            launch.arguments.push("-o".into());
            launch.arguments.push(samples.clone().into());
            let words = ["--".to_owned(), "sleep".to_owned(), secs.to_string()];
            launch.arguments.extend(words.map(Into::into));
            begun = Some(Process::logging("perf", None, &launch, log.clone())?);
        }
        Ok(())
    })?;
    let mut perf: Process = begun.context("the load client never came to its load")?;
    perf.wait_until(Instant::now() + Duration::from_secs(u64::from(secs) + 60))
        .context("perf could not sample (see kernel.perf_event_paranoid)")?;
    println!(
        "\n{}, {}: {:.0} deliveries/s, {:.2} CPU s per million while sampled",
        server.title(),
        plan.measure.word(),
        figures.load.deliveries_per_sec,
        figures.load.cpu_secs_per_million
    );
    let output = workspace
        .command("perf")
        .args([
            "report",
            "--stdio",
            "--no-children",
            "--percent-limit",
            "0.3",
            "-i",
        ])
        .arg(&samples)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .context("cannot start perf")?;
    ensure!(
        output.status.success(),
        "perf report failed ({})",
        output.status
    );
    let report = folder.join(format!("{label}.txt"));
    fs::write(&report, &output.stdout)?;
    let text = String::from_utf8_lossy(&output.stdout);
    hottest(&text).for_each(|line| println!("{line}"));
    println!("all of it: {}", report.display());
    Ok(())
}

/// The first functions of a report, which is sorted.
fn hottest(report: &str) -> impl Iterator<Item = &str> {
    report
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .take(SHOWN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_shown_without_its_remarks() {
        let report = "# Overhead  Command\n#\n\n  9.10%  relay  [k] tcp_sendmsg   \n  3.00%  relay  [.] mask\n";
        let shown: Vec<&str> = hottest(report).collect();
        assert_eq!(
            shown,
            [
                "  9.10%  relay  [k] tcp_sendmsg",
                "  3.00%  relay  [.] mask"
            ]
        );
    }
}

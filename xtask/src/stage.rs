//! The stages of `cargo xtask test`: each streams what its programs print, is timed, and adds to one count.
//!
//! A stage whose programs report tests counts those; any other counts as one test. The last line of a run is
//! `N passed, N failed, N skipped` and nothing else.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::tally::{Reader, Tally};
use crate::workspace::words;

/// What stands between the programs of a stage and the count.
#[derive(Default)]
pub(crate) struct Stage {
    reader: Reader,
    own: Tally,
}

impl Stage {
    /// Runs a program, shows its output, and counts the tests that it reports.
    ///
    /// # Errors
    ///
    /// When the program cannot be started or ends with a failing status.
    pub(crate) fn run(&mut self, command: &mut Command) -> Result<()> {
        println!("$ {}", words(command));
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", words(command)))?;
        let (lines, received) = mpsc::channel();
        let readers: Vec<_> = [
            child.stdout.take().map(boxed),
            child.stderr.take().map(boxed),
        ]
        .into_iter()
        .flatten()
        .map(|pipe| {
            let lines = lines.clone();
            std::thread::spawn(move || send_lines(pipe, &lines))
        })
        .collect();
        drop(lines);
        for line in received {
            self.reader.line(&line);
            let mut out = std::io::stdout().lock();
            // A closed terminal is no reason to stop a run half-way.
            let _ = writeln!(out, "{line}");
        }
        for reader in readers {
            let _ = reader.join();
        }
        let status = child.wait()?;
        if !status.success() {
            bail!("{} failed ({status})", words(command));
        }
        Ok(())
    }

    /// Says that this stage, or a part of it, cannot run here.
    pub(crate) fn skip(&mut self, reason: &str) {
        println!("SKIPPED: {reason}");
        self.own.skipped += 1;
    }

    /// Adds what was counted by other means than a runner's output.
    pub(crate) fn count(&mut self, tally: Tally) {
        self.own += tally;
    }

    fn tally(&self, result: &Result<()>) -> Tally {
        let mut tally = self.reader.tally();
        tally += self.own;
        match result {
            Ok(()) if tally.is_empty() => tally.passed = 1,
            // A program that fails without a failed test (a build error, a crash) is a failure all the same.
            Err(_) if tally.failed == 0 => tally.failed = 1,
            _ => {}
        }
        tally
    }
}

fn boxed(pipe: impl Read + Send + 'static) -> Box<dyn Read + Send> {
    Box::new(pipe)
}

fn send_lines(pipe: Box<dyn Read + Send>, lines: &mpsc::Sender<String>) {
    let mut pipe = BufReader::new(pipe);
    let mut bytes = Vec::new();
    while matches!(pipe.read_until(b'\n', &mut bytes), Ok(count) if count > 0) {
        if lines
            .send(String::from_utf8_lossy(&bytes).trim_end().to_owned())
            .is_err()
        {
            return;
        }
        bytes.clear();
    }
}

/// Runs stages in order and remembers how they ended.
pub(crate) struct Runner {
    keep_going: bool,
    total: Tally,
    done: Vec<(&'static str, Duration, Tally)>,
    left_out: VecDeque<&'static str>,
}

impl Runner {
    /// A runner that stops at the first stage that fails, unless it is to keep going.
    pub(crate) fn new(keep_going: bool) -> Self {
        Self {
            keep_going,
            total: Tally::default(),
            done: Vec::new(),
            left_out: VecDeque::new(),
        }
    }

    /// Runs one stage, or notes that it is left out after a failure.
    pub(crate) fn stage(
        &mut self,
        name: &'static str,
        body: impl FnOnce(&mut Stage) -> Result<()>,
    ) {
        if self.total.failed > 0 && !self.keep_going {
            self.left_out.push_back(name);
            return;
        }
        println!("\n=== {name}");
        let start = Instant::now();
        let mut stage = Stage::default();
        let result = body(&mut stage);
        let tally = stage.tally(&result);
        let taken = start.elapsed();
        match &result {
            Ok(()) => println!("=== {name}: ok in {:.1} s", taken.as_secs_f32()),
            Err(error) => println!(
                "=== {name}: FAILED after {:.1} s: {error:#}",
                taken.as_secs_f32()
            ),
        }
        self.total += tally;
        self.done.push((name, taken, tally));
    }

    /// Prints every stage with its time and, last, the count. A skip is a failure when `require_all`.
    pub(crate) fn finish(self, require_all: bool) -> ExitCode {
        println!(
            "\n{:<22}{:>9}{:>9}{:>9}{:>9}",
            "stage", "seconds", "passed", "failed", "skipped"
        );
        for (name, taken, tally) in &self.done {
            let seconds = taken.as_secs_f32();
            println!(
                "{name:<22}{seconds:>9.1}{:>9}{:>9}{:>9}",
                tally.passed, tally.failed, tally.skipped
            );
        }
        let all: Duration = self.done.iter().map(|(_, taken, _)| *taken).sum();
        println!("{:<22}{:>9.1}", "all", all.as_secs_f32());
        for name in &self.left_out {
            println!("not run after a failure: {name}");
        }
        let skips_count = require_all && self.total.skipped > 0;
        if skips_count {
            println!("REQUIRE_ALL=1: a skipped test is a failure");
        }
        println!(
            "{} passed, {} failed, {} skipped",
            self.total.passed, self.total.failed, self.total.skipped
        );
        if self.total.failed > 0 || skips_count {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_without_tests_counts_as_one() {
        let mut runner = Runner::new(true);
        runner.stage("good", |_| Ok(()));
        runner.stage("bad", |_| bail!("broken"));
        runner.stage("absent", |stage| {
            stage.skip("nothing to run it with");
            Ok(())
        });
        assert_eq!(
            runner.total,
            Tally {
                passed: 1,
                failed: 1,
                skipped: 1
            }
        );
    }

    #[test]
    fn stages_after_a_failure_are_left_out() {
        let mut runner = Runner::new(false);
        runner.stage("bad", |_| bail!("broken"));
        runner.stage("later", |_| panic!("must not run"));
        assert_eq!(runner.left_out, ["later"]);
        assert_eq!(runner.finish(false), ExitCode::FAILURE);
    }

    #[test]
    fn a_skip_fails_a_run_that_requires_all() {
        let absent = || {
            let mut runner = Runner::new(false);
            runner.stage("absent", |stage| {
                stage.skip("nothing to run it with");
                Ok(())
            });
            runner
        };
        assert_eq!(absent().finish(true), ExitCode::FAILURE);
        assert_eq!(absent().finish(false), ExitCode::SUCCESS);
    }

    #[cfg(unix)]
    #[test]
    fn output_of_programs_is_counted() {
        let mut stage = Stage::default();
        let result = stage.run(Command::new("sh").args([
            "-c",
            "echo 'test result: ok. 4 passed; 0 failed; 0 ignored'",
        ]));
        assert_eq!(
            stage.tally(&result),
            Tally {
                passed: 4,
                failed: 0,
                skipped: 0
            }
        );
        let result = stage.run(Command::new("sh").args(["-c", "exit 3"]));
        assert_eq!(
            stage.tally(&result),
            Tally {
                passed: 4,
                failed: 1,
                skipped: 0
            }
        );
    }
}

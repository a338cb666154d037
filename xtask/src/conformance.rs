//! Autobahn's cases for WebSocket servers against `chat-relay echo`, which answers by the relay's own connection code.
//!
//! In: the built program. Out: a case counted as passed or failed each. The cases are run by `kosoku` of PyPI, in a
//! virtual environment of its own under `target/`. Not here: the cases of permessage-deflate (12 and 13), which the
//! relay does not speak; its codecs compress.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::python;
use crate::stage::Stage;
use crate::tally::Tally;
use crate::workspace::Workspace;

/// So many cases apply: fewer would mean that some were passed over.
const CASES: usize = 301;
/// What a case may end with.
const GOOD: [&str; 3] = ["OK", "NON-STRICT", "INFORMATIONAL"];

/// Runs all cases against `relay`, or skips and names what is missing.
///
/// # Errors
///
/// When a case fails, or the runner or the program do.
pub(crate) fn run(workspace: &Workspace, relay: &std::path::Path, stage: &mut Stage) -> Result<()> {
    let runner = match install(workspace) {
        Ok(runner) => runner,
        Err(missing) => {
            stage.skip(&missing);
            return Ok(());
        }
    };
    let reports = workspace.target("conformance");
    if reports.exists() {
        std::fs::remove_dir_all(&reports)?;
    }
    let echo = Echo::start(workspace, relay)?;
    stage.run(
        workspace
            .command(runner)
            .args(["-p", "8", "-x", "12.*", "-x", "13.*", "-o"])
            .arg(&reports)
            .arg(&echo.address),
    )?;
    let index = std::fs::read_to_string(reports.join("index.json"))?;
    let (tally, failed) = read(&serde_json::from_str(&index)?);
    stage.count(tally);
    if !failed.is_empty() {
        bail!(
            "{} do not hold; the reports are in {}",
            failed.join(", "),
            reports.display()
        );
    }
    if tally.passed < CASES {
        bail!(
            "{} cases ran, {CASES} apply: the runner passed some over",
            tally.passed
        );
    }
    println!("{} of Autobahn's cases hold", tally.passed);
    Ok(())
}

/// The runner's program, installed when it is not there; the error is a reason to skip.
fn install(workspace: &Workspace) -> Result<PathBuf, String> {
    let requirements = workspace.path("chat-relay/tests/conformance/requirements.txt");
    python::environment(workspace, "conformance-python", &requirements)
        .map(|programs| python::program(&programs, "kosoku"))
        .map_err(|reason| format!("Autobahn's cases did not run: {reason}"))
}

/// How many cases ended well and badly, and the names of the latter.
fn read(index: &Value) -> (Tally, Vec<String>) {
    let mut tally = Tally::default();
    let mut failed = Vec::new();
    let agents = index
        .as_object()
        .into_iter()
        .flat_map(|agents| agents.values());
    for (case, ended) in agents.filter_map(Value::as_object).flatten() {
        let is_good = |key: &str| {
            ended[key]
                .as_str()
                .is_some_and(|behavior| GOOD.contains(&behavior))
        };
        if is_good("behavior") && is_good("behaviorClose") {
            tally.passed += 1;
        } else {
            tally.failed += 1;
            failed.push(case.clone());
        }
    }
    (tally, failed)
}

/// `chat-relay echo`, until this is dropped.
struct Echo {
    child: Child,
    address: String,
}

impl Echo {
    fn start(workspace: &Workspace, relay: &std::path::Path) -> Result<Self> {
        let mut child = workspace
            .command(relay)
            .args(["echo", "--port", "0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", relay.display()))?;
        let stdout = child.stdout.take();
        let mut echo = Self {
            child,
            address: String::new(),
        };
        let mut line = String::new();
        if let Some(stdout) = stdout {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        line.trim()
            .trim_start_matches("ws://")
            .trim_end_matches('/')
            .clone_into(&mut echo.address);
        if echo.address.is_empty() {
            bail!("chat-relay echo does not say where it listens");
        }
        Ok(echo)
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_count_by_how_they_and_their_closes_ended() {
        let index = serde_json::json!({"127.0.0.1:1": {
            "1.1.1": {"behavior": "OK", "behaviorClose": "OK"},
            "1.1.2": {"behavior": "FAILED", "behaviorClose": "OK"},
            "1.1.3": {"behavior": "OK", "behaviorClose": "UNCLEAN"},
            "6.4.1": {"behavior": "NON-STRICT", "behaviorClose": "OK"},
            "7.1.6": {"behavior": "INFORMATIONAL", "behaviorClose": "INFORMATIONAL"},
            "9.9.9": {},
        }});
        let (tally, failed) = read(&index);
        assert_eq!((tally.passed, tally.failed), (3, 3));
        assert_eq!(failed, ["1.1.2", "1.1.3", "9.9.9"]);
    }
}

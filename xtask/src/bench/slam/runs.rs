//! Runs of `slam`'s example `measure_tracker`, two side by side: they compute errors, which time has no part in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::workspace::{Workspace, words};

/// How many at once.
const SIDE_BY_SIDE: usize = 2;

/// The figures of one run.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Run {
    pub(super) name: String,
    pub(super) seed: u64,
    pub(super) figures: BTreeMap<String, Vec<f64>>,
    /// Planes that could be found and were not.
    pub(super) missed: Vec<String>,
}

impl Run {
    /// A figure that is one number; not a number where it could not be computed.
    pub(super) fn one(&self, figure: &str) -> f64 {
        match self.all(figure) {
            [value] => *value,
            _ => f64::NAN,
        }
    }

    /// A figure that is a row of numbers.
    pub(super) fn all(&self, figure: &str) -> &[f64] {
        self.figures.get(figure).map_or(&[], Vec::as_slice)
    }

    fn read(value: &Value) -> Result<Self> {
        let numbers = |values: &Value| -> Vec<f64> {
            let values = values.as_array().into_iter().flatten();
            values.map(|v| v.as_f64().unwrap_or(f64::NAN)).collect()
        };
        let words = value["missed"].as_array().into_iter().flatten();
        Ok(Self {
            name: value["name"]
                .as_str()
                .context("a run without a name")?
                .to_owned(),
            seed: value["seed"].as_u64().context("a run without a seed")?,
            figures: value["figures"]
                .as_object()
                .context("a run without figures")?
                .iter()
                .map(|(name, values)| (name.clone(), numbers(values)))
                .collect(),
            missed: words
                .filter_map(|w| w.as_str().map(str::to_owned))
                .collect(),
        })
    }
}

/// Reads the array that the program prints.
pub(super) fn read(printed: &[u8]) -> Result<Vec<Run>> {
    let printed: Value = serde_json::from_slice(printed).context("no JSON")?;
    let runs = printed.as_array().context("no array of runs")?;
    runs.iter().map(Run::read).collect()
}

/// The measuring program, built, with where its frames are kept.
pub(super) struct Program<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) path: PathBuf,
    pub(super) cache: PathBuf,
    pub(super) seeds: u64,
}

impl Program<'_> {
    /// The program with these arguments.
    fn command(&self, arguments: &[String]) -> Command {
        let mut command = self.workspace.command(&self.path);
        command.arg("--cache").arg(&self.cache);
        command.args(["--seeds", &self.seeds.to_string()]);
        command.args(arguments);
        command
    }

    /// What it prints.
    pub(super) fn output(&self, arguments: &[String]) -> Result<Vec<u8>> {
        output(&mut self.command(arguments))
    }

    /// The runs of all these arguments, in their order.
    pub(super) fn runs(&self, jobs: &[Vec<String>]) -> Result<Vec<Vec<Run>>> {
        let next = Mutex::new(0);
        let done = Mutex::new(BTreeMap::new());
        std::thread::scope(|scope| {
            for _ in 0..SIDE_BY_SIDE {
                scope.spawn(|| {
                    loop {
                        let job = {
                            let mut next = lock(&next);
                            *next += 1;
                            *next - 1
                        };
                        let Some(arguments) = jobs.get(job) else {
                            break;
                        };
                        println!("measuring {} ...", arguments.join(" "));
                        let runs = self.output(arguments).and_then(|printed| read(&printed));
                        lock(&done).insert(job, runs);
                    }
                });
            }
        });
        let done = done
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        done.into_values().collect()
    }
}

/// A thread that panicked has left a whole value behind: nothing panics while it is locked.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// What a program prints; its errors go to the terminal.
pub(super) fn output(command: &mut Command) -> Result<Vec<u8>> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", words(command)))?;
    if !output.status.success() {
        bail!("{} failed ({})", words(command), output.status);
    }
    Ok(output.stdout)
}

/// Whether a folder with the kitchen sequence is there.
pub(super) fn kitchen() -> Option<PathBuf> {
    let folder = Path::new(&std::env::var_os("SIGHTLINE_DATA")?).join("sevenscenes_kitchen");
    // Relative names are meant from where the command was given, the programs start elsewhere.
    folder.canonicalize().ok().filter(|folder| folder.is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_computed_is_not_a_number() {
        let printed = br#"[{ "name": "known", "seed": 3, "figures": { "a": [1.5], "b": [null], "c": [1, 2] }, "missed": ["floor"] }]"#;
        let runs = read(printed).unwrap();
        assert_eq!((runs[0].name.as_str(), runs[0].seed), ("known", 3));
        assert_eq!(runs[0].one("a"), 1.5);
        assert!(
            runs[0].one("b").is_nan() && runs[0].one("c").is_nan() && runs[0].one("d").is_nan()
        );
        assert_eq!(runs[0].all("c"), [1.0, 2.0]);
        assert_eq!(runs[0].missed, ["floor"]);
        assert!(read(b"{}").is_err());
    }
}

//! `slam evaluate`: how far a trajectory is from a reference.
//!
//! In: two files in TUM order. Out: a table, and the same as JSON.

use std::io::Write;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context, bail, ensure};
use clap::{Args, ValueEnum};
use serde::Serialize;
use slam::dataset::read_tum;
use slam::evaluation::{AbsoluteError, Alignment, Delta, RelativeError, Statistics, associate};

/// The errors are those of `evo_ape tum REF EST` and `evo_rpe tum REF EST` with `-as` (similarity), `-a` (rigid) or
/// nothing, to the digits shown.
#[derive(Args)]
pub(crate) struct Evaluate {
    /// The estimate: a line `t x y z qx qy qz qw` for every pose, seconds, the camera in the world
    #[arg(value_name = "EST")]
    estimate: PathBuf,
    /// The reference, alike
    #[arg(value_name = "REF")]
    reference: PathBuf,
    /// What may be moved to bring the estimate onto the reference
    #[arg(long, value_enum, default_value_t = AlignArgument::Similarity)]
    align: AlignArgument,
    /// The most that the times of two poses that belong together may differ
    #[arg(long, value_name = "SECS", default_value_t = 0.01)]
    max_difference: f64,
    /// The length of the stretches of the relative error: `30f` are 30 poses, `0.5m` half a metre
    #[arg(long, value_name = "LENGTH", default_value = "1f")]
    relative: DeltaArgument,
    /// Write the figures as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum AlignArgument {
    /// Rotation, translation and scale
    Similarity,
    /// Rotation and translation
    Rigid,
    /// Nothing
    None,
}

impl From<AlignArgument> for Alignment {
    fn from(argument: AlignArgument) -> Self {
        match argument {
            AlignArgument::Similarity => Self::Similarity,
            AlignArgument::Rigid => Self::Rigid,
            AlignArgument::None => Self::None,
        }
    }
}

#[derive(Clone, Copy)]
struct DeltaArgument(Delta);

impl FromStr for DeltaArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let frames = text.strip_suffix('f').and_then(|n| n.parse().ok());
        let metres = text.strip_suffix('m').and_then(|n| n.parse().ok());
        match (frames, metres) {
            (Some(frames), _) if frames > 0 => Ok(Self(Delta::Frames(frames))),
            (_, Some(metres)) if metres > 0.0 => Ok(Self(Delta::Metres(metres))),
            _ => Err("a length is a number of poses like 30f or of metres like 0.5m".to_owned()),
        }
    }
}

#[derive(Serialize)]
struct EvaluationJson {
    estimate_poses: usize,
    reference_poses: usize,
    pairs: usize,
    scale: f64,
    absolute_translation_m: Statistics,
    absolute_rotation_deg: Statistics,
    relative_translation_m: Option<Statistics>,
    relative_rotation_deg: Option<Statistics>,
}

/// Measures and prints.
pub(crate) fn run(arguments: &Evaluate) -> anyhow::Result<()> {
    ensure!(
        arguments.max_difference >= 0.0 && arguments.max_difference < 1e9,
        "--max-difference is {}; it must be seconds, 0 or more",
        arguments.max_difference
    );
    let estimate = read_tum(&arguments.estimate)?;
    let reference = read_tum(&arguments.reference)?;
    let most_difference_nanos = (arguments.max_difference * 1e9).round() as i64;
    let pairs = associate(&estimate, &reference, most_difference_nanos);
    if pairs.is_empty() {
        bail!(
            "no pose of {} ({} poses) is within {} s of one of {} ({} poses); are both on one clock?",
            arguments.estimate.display(),
            estimate.len(),
            arguments.max_difference,
            arguments.reference.display(),
            reference.len()
        );
    }
    let absolute = AbsoluteError::of(&pairs, arguments.align.into()).with_context(|| {
        format!(
            "{} pairs of poses cannot be aligned: it takes three that are not on a line",
            pairs.len()
        )
    })?;
    let relative = RelativeError::of(
        &pairs,
        &absolute.reference_from_estimate,
        arguments.relative.0,
    );

    let json = EvaluationJson {
        estimate_poses: estimate.len(),
        reference_poses: reference.len(),
        pairs: pairs.len(),
        scale: absolute.reference_from_estimate.scale,
        absolute_translation_m: absolute.translation_m,
        absolute_rotation_deg: absolute.rotation_deg,
        relative_translation_m: relative.map(|r| r.translation_m),
        relative_rotation_deg: relative.map(|r| r.rotation_deg),
    };
    if let Some(path) = &arguments.json {
        let text = serde_json::to_string_pretty(&json)?;
        std::fs::write(path, text + "\n").with_context(|| format!("{}", path.display()))?;
    }
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{} pairs of {} and {} poses, scale {:.6}",
        json.pairs, json.estimate_poses, json.reference_poses, json.scale
    )?;
    writeln!(
        out,
        "{:<24}{:>12}{:>12}{:>12}{:>12}{:>12}{:>12}",
        "", "rmse", "mean", "median", "std", "min", "max"
    )?;
    for (name, row) in [
        ("absolute, m", Some(json.absolute_translation_m)),
        ("absolute, degrees", Some(json.absolute_rotation_deg)),
        ("relative, m", json.relative_translation_m),
        ("relative, degrees", json.relative_rotation_deg),
    ] {
        match row {
            Some(s) => writeln!(
                out,
                "{name:<24}{:>12.6}{:>12.6}{:>12.6}{:>12.6}{:>12.6}{:>12.6}",
                s.rmse, s.mean, s.median, s.std, s.min, s.max
            )?,
            None => writeln!(out, "{name:<24}   no whole stretch")?,
        }
    }
    Ok(())
}

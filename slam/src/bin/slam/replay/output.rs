//! What a replay leaves: trajectories, figures as JSON and as a table, the page.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use nalgebra::Isometry3;
use serde::Serialize;
use slam::dataset::{Dataset, TimedPose, write_tum_line};
use slam::evaluation::AbsoluteError;
use slam::report::{FrameRecord, Picture, Report, Summary};
use slam::tracker::{Position, State};

use super::Replay;

/// What came of it.
pub(super) struct Outcome {
    pub(super) summary: Summary,
    pub(super) as_returned: Option<AbsoluteError>,
    pub(super) at_the_end: Option<AbsoluteError>,
    pub(super) camera: Option<String>,
}

/// For the progress bar.
pub(super) fn word(state: State) -> &'static str {
    match state {
        State::NotStarted => "not started",
        State::Initializing => "initializing",
        State::Tracking => "tracking",
        State::Lost => "lost",
    }
}

/// A trajectory that is written pose by pose: what was written stays when the run is broken off.
pub(super) struct TrajectoryFile {
    path: PathBuf,
    file: BufWriter<File>,
}

impl TrajectoryFile {
    pub(super) fn create(path: &Path) -> anyhow::Result<Self> {
        let file = File::create(path).with_context(|| format!("{}", path.display()))?;
        Ok(Self {
            path: path.to_owned(),
            file: BufWriter::new(file),
        })
    }

    pub(super) fn write(&mut self, time_nanos: i64, pose: &Isometry3<f64>) -> anyhow::Result<()> {
        write_tum_line(&mut self.file, time_nanos, pose)
            .and_then(|()| self.file.flush())
            .with_context(|| format!("{}", self.path.display()))
    }

    pub(super) fn finish(mut self) -> anyhow::Result<()> {
        self.file
            .flush()
            .with_context(|| format!("{}", self.path.display()))
    }
}

pub(super) fn write_trajectory(
    path: &Path,
    poses: impl Iterator<Item = (i64, Isometry3<f64>)>,
) -> anyhow::Result<()> {
    let mut file = TrajectoryFile::create(path)?;
    for (time, pose) in poses {
        file.write(time, &pose)?;
    }
    file.finish()
}

#[derive(Serialize)]
struct ReplayJson<'a> {
    dataset: String,
    seed: u64,
    realtime: bool,
    posed: bool,
    #[serde(flatten)]
    summary: &'a Summary,
    /// The camera at the end, in COLMAP's notation.
    camera: Option<&'a str>,
    error_as_returned: Option<ErrorJson>,
    error_at_the_end: Option<ErrorJson>,
    per_frame: Vec<FrameJson>,
}

#[derive(Serialize)]
struct ErrorJson {
    pairs: usize,
    scale: f64,
    rmse_m: f64,
    median_m: f64,
    max_m: f64,
    rotation_rmse_deg: f64,
}

impl ErrorJson {
    fn of(error: &AbsoluteError) -> Self {
        Self {
            pairs: error.errors.len(),
            scale: error.reference_from_estimate.scale,
            rmse_m: error.translation_m.rmse,
            median_m: error.translation_m.median,
            max_m: error.translation_m.max,
            rotation_rmse_deg: error.rotation_deg.rmse,
        }
    }
}

#[derive(Serialize)]
struct FrameJson {
    index: usize,
    time_nanos: i64,
    state: &'static str,
    position: &'static str,
    quality: f32,
    reason: String,
    landmarks_seen: u32,
    points: usize,
    track_ms: f64,
    map_ms: f64,
    work_units: u32,
    keyframes: usize,
    landmarks: usize,
    dropped_before: usize,
}

impl FrameJson {
    fn of(record: &FrameRecord) -> Self {
        Self {
            index: record.index,
            time_nanos: record.time_nanos,
            state: match record.state {
                State::NotStarted => "not_started",
                State::Initializing => "initializing",
                State::Tracking => "tracking",
                State::Lost => "lost",
            },
            position: match record.position {
                Position::Unknown => "unknown",
                Position::Predicted => "predicted",
                Position::UpToScale => "up_to_scale",
                Position::Metric => "metric",
            },
            quality: record.quality.score,
            reason: format!("{:?}", record.quality.reason),
            landmarks_seen: record.landmarks_seen,
            points: record.points,
            track_ms: record.track_millis,
            map_ms: record.map_millis,
            work_units: record.work_units,
            keyframes: record.map.keyframes,
            landmarks: record.map.landmarks,
            dropped_before: record.dropped_before,
        }
    }
}

pub(super) fn write_json(
    path: &Path,
    arguments: &Replay,
    outcome: &Outcome,
    records: &[FrameRecord],
) -> anyhow::Result<()> {
    let json = ReplayJson {
        dataset: arguments.dataset.display().to_string(),
        seed: arguments.seed,
        realtime: arguments.realtime,
        posed: arguments.posed,
        summary: &outcome.summary,
        camera: outcome.camera.as_deref(),
        error_as_returned: outcome.as_returned.as_ref().map(ErrorJson::of),
        error_at_the_end: outcome.at_the_end.as_ref().map(ErrorJson::of),
        per_frame: records.iter().map(FrameJson::of).collect(),
    };
    let text = serde_json::to_string_pretty(&json)?;
    std::fs::write(path, text + "\n").with_context(|| format!("{}", path.display()))
}

/// Names and values, for the table on the terminal and for the page.
pub(super) fn facts(dataset: &Dataset, outcome: &Outcome) -> Vec<(String, String)> {
    let s = &outcome.summary;
    let percent = 100.0 * s.tracked_share;
    let mut rows = vec![
        (
            "sequence",
            format!("{} ({})", dataset.path().display(), dataset.format()),
        ),
        (
            "frames",
            format!("{}, {} dropped", s.frames, s.dropped_frames),
        ),
        (
            "start",
            s.start_frame
                .map_or("none".to_owned(), |k| format!("frame {k}")),
        ),
        ("tracked after the start", format!("{percent:.1}%")),
        (
            "lost",
            match s.times_lost {
                0 => "never".to_owned(),
                n => format!("{n} times, at most {} frames", s.longest_loss_frames),
            },
        ),
        (
            "map",
            format!(
                "{} keyframes, {} landmarks",
                s.map.keyframes, s.map.landmarks
            ),
        ),
    ];
    if let Some(camera) = &outcome.camera {
        rows.push(("camera at the end", camera.clone()));
    }
    for (name, millis) in [
        ("tracking, ms a frame", s.track),
        ("mapping, ms a frame", s.mapping),
        ("together, ms a frame", s.together),
    ] {
        rows.push((
            name,
            format!(
                "median {:.2}, p95 {:.2}, mean {:.2}, max {:.2}",
                millis.median, millis.p95, millis.mean, millis.max
            ),
        ));
    }
    for (name, error) in [
        ("error as returned", &outcome.as_returned),
        ("error at the end", &outcome.at_the_end),
    ] {
        if let Some(error) = error {
            rows.push((
                name,
                format!(
                    "rmse {:.4} m, median {:.4}, max {:.4}, {:.2} degrees over {} poses (similarity)",
                    error.translation_m.rmse,
                    error.translation_m.median,
                    error.translation_m.max,
                    error.rotation_deg.rmse,
                    error.errors.len()
                ),
            ));
        }
    }
    let own = |(name, text): (&str, String)| (name.to_owned(), text);
    rows.into_iter().map(own).collect()
}

pub(super) fn print_table(facts: &[(String, String)]) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    for (name, text) in facts {
        writeln!(out, "{name:<26}{text}")?;
    }
    Ok(())
}

/// Writes `index.html` into the folder, which is made where it is missing.
pub(super) fn write_report(
    folder: &Path,
    arguments: &Replay,
    dataset: &Dataset,
    outcome: &Outcome,
    records: &[FrameRecord],
    truth: &[TimedPose],
    pictures: &[Picture],
) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
    let whole = dataset.path().canonicalize();
    let whole = whole.as_deref().unwrap_or(dataset.path());
    let name = whole.file_name().unwrap_or(whole.as_os_str());
    let (first, last) = (records.first(), records.last());
    let secs = match (first, last) {
        (Some(first), Some(last)) => last.time_nanos.abs_diff(first.time_nanos) as f64 * 1e-9,
        _ => 0.0,
    };
    let mut how = vec![
        format!("{} frames, {secs:.1} s", records.len()),
        dataset.format().to_string(),
        format!("seed {}", arguments.seed),
    ];
    for (is_so, what) in [
        (arguments.realtime, "real time"),
        (arguments.posed, "poses given"),
        (arguments.reverse, "backwards"),
        (!arguments.black.is_empty(), "some frames black"),
    ] {
        if is_so {
            how.push(what.to_owned());
        }
    }
    // The table of the page has the times and errors of its own.
    let facts: Vec<(String, String)> = facts(dataset, outcome)
        .into_iter()
        .filter(|(name, _)| !name.contains("ms a frame") && !name.starts_with("error"))
        .collect();
    let page = Report {
        title: &name.to_string_lossy(),
        subtitle: &how.join(" \u{b7} "),
        facts: &facts,
        frames: records,
        truth,
        as_returned: outcome.as_returned.as_ref(),
        at_the_end: outcome.at_the_end.as_ref(),
        pictures,
    }
    .page()?;
    let path = folder.join("index.html");
    std::fs::write(&path, page).with_context(|| format!("{}", path.display()))
}

//! `slam replay`: plays a sequence to the tracker and writes what it returned.
//!
//! In: a sequence as `slam::dataset` reads it. Out: trajectories in TUM order, figures as a table and as JSON.
//!
//! Without `--realtime` all work on the map that a frame asks for is done before the next frame: the result is the same
//! on every machine. With it a clock runs along: it stands at a frame's time when the frame comes and advances by what
//! tracking and mapping really took (decoding is not counted). Mapping goes on until the next frame is due; of the frames
//! that came meanwhile the newest is taken, the others are dropped. Nothing sleeps: idle time is skipped.

mod clock;
mod output;

use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use clap::Args;
use slam::camera::Camera;
use slam::dataset::{CameraModel, Dataset, Playback, TimedPose, read_tum};
use slam::evaluation::{AbsoluteError, Alignment, associate, pose_at};
use slam::report::{FrameRecord, MapSize, Picture, Summary};
use slam::tracker::{CameraConfig, MapBudget};
use slam::{Frame, GrayImage, ImuSample, Tracker, TrackerConfig};

use clock::RealTime;
use output::{Outcome, TrajectoryFile};

use crate::progress::Progress;

/// A step of mapping when everything is done anyway: large, so that the steps cost nothing.
const WORK_UNITS: u32 = 1_000;
/// A step of mapping against the clock: short, so that a frame does not wait long.
const REALTIME_WORK_UNITS: u32 = 5;
/// A tracker that always asks for more would keep the replay for ever.
const MOST_STEPS: usize = 10_000;
/// References give a pose every few frames; further apart nothing is interpolated.
const LONGEST_GAP_NANOS: i64 = 500_000_000;
/// Poses and truth belong together within this time.
const MOST_DIFFERENCE_NANOS: i64 = 5_000_000;

/// Frames shown on the page, at most.
const PICTURES: usize = 6;

#[derive(Args)]
pub(crate) struct Replay {
    /// A folder with list.txt, a TUM RGB-D, EuRoC or 7-Scenes folder, or (built with OpenCV) a video file
    #[arg(value_name = "DATASET")]
    dataset: PathBuf,
    /// The camera: a file with one line in COLMAP's notation, or the line itself. Without it, the sequence's own
    #[arg(long, value_name = "FILE", conflicts_with = "fov")]
    camera: Option<String>,
    #[arg(long, value_name = "DEG", help = fov_help())]
    fov: Option<f64>,
    /// Multiplies the camera's focal lengths: a camera told wrong on purpose
    #[arg(long, value_name = "X", default_value_t = 1.0, conflicts_with = "fov")]
    focal_factor: f64,
    /// Of the tracker's random choices
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Let a clock run along and drop the frames that come while the tracker is busy
    #[arg(long)]
    realtime: bool,
    /// Give the sequence's true poses to the tracker, as a platform would: it only maps
    #[arg(long)]
    posed: bool,
    /// True poses in TUM order, instead of the sequence's own
    #[arg(long, value_name = "FILE")]
    truth: Option<PathBuf>,
    /// Leave the motion sensors out
    #[arg(long)]
    no_imu: bool,
    /// Play at most so many frames
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Play every such frame only
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = positive)]
    every: usize,
    /// Leave out every such frame: 3 leaves out the third, the sixth ...
    #[arg(long, value_name = "N", value_parser = positive)]
    drop_every: Option<usize>,
    /// Play from the end to the start
    #[arg(long)]
    reverse: bool,
    /// Make these frames black, by their place in the sequence; the end is not among them
    #[arg(long, value_name = "FROM..TO", value_parser = range)]
    black: Vec<Range<usize>>,
    /// Write each pose as it was returned, where its position stands in the map
    #[arg(long, value_name = "TRAJECTORY.tum")]
    out: Option<PathBuf>,
    /// Write the poses as they are after all optimisation
    #[arg(long, value_name = "FILE")]
    out_final: Option<PathBuf>,
    /// Write a page with the path, the errors, the times and some frames to DIR/index.html
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    /// Write the figures and every frame's state as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Names the guess that the tracker's own configuration makes.
fn fov_help() -> String {
    let usual = match TrackerConfig::default().camera {
        CameraConfig::Guess { horizontal_fov_rad } => {
            format!("{:.0} degrees", horizontal_fov_rad.to_degrees())
        }
        _ => "its own".to_owned(),
    };
    format!(
        "The camera is unknown but for this guess of its horizontal field of view. Without it and --camera, where the \
         sequence knows no camera either, the tracker's usual guess: {usual}"
    )
}

fn positive(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err("a whole number from 1 on".to_owned()),
    }
}

fn range(text: &str) -> Result<Range<usize>, String> {
    let ends = text
        .split_once("..")
        .map(|(from, to)| (from.parse(), to.parse()));
    match ends {
        Some((Ok(from), Ok(to))) if from < to => Ok(from..to),
        _ => Err("a range of frames is like 300..330".to_owned()),
    }
}

/// Plays, writes and prints.
pub(crate) fn run(arguments: &Replay) -> anyhow::Result<()> {
    let dataset = Dataset::open(&arguments.dataset)?;
    let mut truth = match &arguments.truth {
        Some(path) => read_tum(path)?,
        None => dataset.truth().to_vec(),
    };
    truth.sort_by_key(|pose| pose.time_nanos);
    ensure!(
        !arguments.posed || !truth.is_empty(),
        "{} has no true poses to give to the tracker; name a file by --truth",
        arguments.dataset.display()
    );
    if dataset.missing_frames() > 0 {
        writeln!(
            std::io::stderr(),
            "{} frames are listed, but not there; they are left out",
            dataset.missing_frames()
        )?;
    }
    let camera = camera(arguments, &dataset)?;
    let config = TrackerConfig {
        camera,
        seed: arguments.seed,
        keep_trajectory: arguments.out_final.is_some(),
        ..TrackerConfig::default()
    };
    let mut tracker = Tracker::new(config).context("the tracker does not take this camera")?;

    let frames = play(arguments, &dataset, &truth, &mut tracker)?;
    let final_trajectory = tracker.final_trajectory();
    if let Some(path) = &arguments.out_final {
        let clock = |time| sequence_time(&frames, time);
        output::write_trajectory(
            path,
            final_trajectory.iter().map(|(t, pose)| (clock(*t), *pose)),
        )?;
    }
    let outcome = Outcome {
        summary: Summary::of(frames.records.as_slice()),
        as_returned: error_of(&frames.returned(), &truth),
        at_the_end: error_of(
            &final_trajectory
                .iter()
                .map(|&(time, world_from_camera)| TimedPose {
                    time_nanos: sequence_time(&frames, time),
                    world_from_camera,
                })
                .collect::<Vec<_>>(),
            &truth,
        ),
        camera: tracker
            .camera()
            .map(|camera| CameraModel::from(camera).to_string()),
    };
    if let Some(path) = &arguments.json {
        output::write_json(path, arguments, &outcome, &frames.records)?;
    }
    if let Some(folder) = &arguments.report {
        output::write_report(
            folder,
            arguments,
            &dataset,
            &outcome,
            &frames.records,
            &truth,
            &frames.pictures,
        )?;
    }
    output::print_table(&output::facts(&dataset, &outcome))
}

/// What was played.
struct Played {
    records: Vec<FrameRecord>,
    /// Playback's time and the sequence's, of every record.
    clocks: Vec<(i64, i64)>,
    /// Some frames, for the page.
    pictures: Vec<Picture>,
}

impl Played {
    fn returned(&self) -> Vec<TimedPose> {
        let tracked = self.records.iter().filter(|record| record.is_tracked());
        tracked
            .map(|record| TimedPose {
                time_nanos: record.time_nanos,
                world_from_camera: record.world_from_camera,
            })
            .collect()
    }
}

/// The sequence's time of a frame's time in the playback.
fn sequence_time(played: &Played, time_nanos: i64) -> i64 {
    let found = played
        .clocks
        .binary_search_by_key(&time_nanos, |(play, _)| *play);
    found.map_or(time_nanos, |k| played.clocks[k].1)
}

fn error_of(poses: &[TimedPose], truth: &[TimedPose]) -> Option<AbsoluteError> {
    let pairs = associate(poses, truth, MOST_DIFFERENCE_NANOS);
    AbsoluteError::of(&pairs, Alignment::Similarity)
}

fn camera(arguments: &Replay, dataset: &Dataset) -> anyhow::Result<CameraConfig> {
    if let Some(degrees) = arguments.fov {
        ensure!(
            (1.0..179.0).contains(&degrees),
            "--fov is {degrees}; it must be 1 to 179 degrees"
        );
        return Ok(CameraConfig::Guess {
            horizontal_fov_rad: degrees.to_radians(),
        });
    }
    let model = match &arguments.camera {
        Some(text) if text.trim().contains(' ') && !Path::new(text).exists() => {
            Some(CameraModel::from_line(text)?)
        }
        Some(path) => Some(CameraModel::read(Path::new(path))?),
        None => dataset.camera(),
    };
    let Some(model) = model else {
        ensure!(
            arguments.focal_factor == 1.0,
            "--focal-factor needs a camera, and the sequence tells none: name one by --camera"
        );
        return Ok(TrackerConfig::default().camera);
    };
    let mut camera = Camera::from(model);
    camera.focal_px = camera.focal_px.map(|focal| focal * arguments.focal_factor);
    Ok(CameraConfig::Known(camera))
}

/// Gives the frames to the tracker, one after the other.
fn play(
    arguments: &Replay,
    dataset: &Dataset,
    truth: &[TimedPose],
    tracker: &mut Tracker,
) -> anyhow::Result<Played> {
    let playback = Playback {
        every: arguments.every,
        drop_every: arguments.drop_every.unwrap_or(0),
        limit: arguments.limit,
        reverse: arguments.reverse,
    };
    let imu = if arguments.no_imu {
        Vec::new()
    } else {
        dataset.play_imu(&playback)
    };
    let mut imu = imu.as_slice();
    let mut out = arguments
        .out
        .as_ref()
        .map(|path| TrajectoryFile::create(path))
        .transpose()?;
    let mut frames = dataset.play(&playback)?;
    let mut progress = Progress::new(frames.left());
    let total = frames.left();
    let mut played = Played {
        records: Vec::with_capacity(total),
        clocks: Vec::with_capacity(total),
        pictures: Vec::new(),
    };
    let mut clock = arguments.realtime.then(RealTime::default);
    loop {
        let dropped_before = clock
            .as_ref()
            .map_or(0, |clock| clock.drop_frames(&mut frames));
        let Some(frame) = frames.next() else { break };
        let mut frame = frame?;
        if arguments
            .black
            .iter()
            .any(|range| range.contains(&frame.index))
        {
            frame.image = black(&frame.image)?;
        }
        imu = feed(tracker, imu, frame.capture_time_nanos);
        let view = Frame {
            world_from_camera: if arguments.posed {
                pose_at(truth, frame.sequence_time_nanos, LONGEST_GAP_NANOS)
            } else {
                None
            },
            ..Frame::new(frame.image.view(), frame.capture_time_nanos)
        };
        let started = Instant::now();
        let tracking = tracker
            .track(&view)
            .with_context(|| format!("frame {} of the sequence", frame.index))?;
        let track_secs = started.elapsed().as_secs_f64();
        if let Some(clock) = &mut clock {
            clock.take(frame.capture_time_nanos, track_secs);
        }
        let mut record = FrameRecord::of(frame.index, frame.sequence_time_nanos, &tracking);
        record.track_millis = track_secs * 1e3;
        record.dropped_before = dropped_before;
        record.points = tracker.points().len();
        if let Some(file) = out.as_mut().filter(|_| record.is_tracked()) {
            file.write(record.time_nanos, &record.world_from_camera)?;
        }
        if arguments.report.is_some() && is_pictured(total, total - frames.left() - 1) {
            played.pictures.push(Picture {
                index: record.index,
                points: tracker.points().to_vec(),
                image: frame.image,
            });
        }
        map(
            tracker,
            clock.as_mut(),
            frames.next_time_nanos(),
            &mut record,
        );
        played
            .clocks
            .push((frame.capture_time_nanos, frame.sequence_time_nanos));
        played.records.push(record);
        progress.show(total - frames.left(), output::word(tracking.state));
    }
    progress.clear();
    if let Some(file) = out {
        file.finish()?;
    }
    if played.records.is_empty() {
        bail!("{}: no frame was played", dataset.path().display());
    }
    Ok(played)
}

/// Whether the frame at this place is shown on the page: some, evenly over the sequence.
fn is_pictured(total: usize, place: usize) -> bool {
    let every = total.div_ceil(PICTURES).max(1);
    place % every == every / 2
}

/// Gives the readings up to a time; what is left is returned.
fn feed<'a>(tracker: &mut Tracker, imu: &'a [ImuSample], until_nanos: i64) -> &'a [ImuSample] {
    let count = imu.partition_point(|sample| sample.capture_time_nanos <= until_nanos);
    for sample in &imu[..count] {
        tracker.imu(sample);
    }
    &imu[count..]
}

fn black(image: &GrayImage) -> anyhow::Result<GrayImage> {
    let (width, height) = (image.view().width(), image.view().height());
    Ok(GrayImage::from_vec(width, height, vec![0; width * height])?)
}

/// Works on the map until there is nothing left to do, or the next frame is due.
fn map(
    tracker: &mut Tracker,
    mut clock: Option<&mut RealTime>,
    next_nanos: Option<i64>,
    record: &mut FrameRecord,
) {
    let work_units = if clock.is_some() {
        REALTIME_WORK_UNITS
    } else {
        WORK_UNITS
    };
    for _ in 0..MOST_STEPS {
        if clock
            .as_deref()
            .is_some_and(|clock| clock.is_due(next_nanos))
        {
            break;
        }
        let started = Instant::now();
        let progress = tracker.map_step(MapBudget { work_units });
        let secs = started.elapsed().as_secs_f64();
        record.map_millis += secs * 1e3;
        record.work_units = record.work_units.saturating_add(progress.work_units);
        if let Some(clock) = clock.as_deref_mut() {
            clock.advance(secs);
        }
        if !progress.pending {
            break;
        }
    }
    record.map = MapSize {
        keyframes: tracker.map().keyframes().len(),
        landmarks: tracker.map().landmarks().len(),
    };
}

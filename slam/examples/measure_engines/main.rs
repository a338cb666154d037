//! Measures the front end on a folder of frames with each of its ways to do the work, pixel by pixel, on vectors, and
//! on whatever graphics adapter is here, for several numbers of points; and the whole tracker from a frame to its pose.
//! Prints one JSON array of rows `{"measure", "value", "unit", "note"}`.
//!
//! ```sh
//! cargo run --release -p slam --features cli,gpu --example measure_engines -- FOLDER [--frames N] [--rounds N] \
//!     [--write DIR] [--long]
//! ```
//!
//! `--write` leaves the frames as raw luma with `frames.json`, so that the WASM module can be measured on the same;
//! `--long` follows 10,000 frames on the adapter as well and tells how memory grew.
//! FOLDER holds a `list.txt` (`time_secs path` a line) or .jpg files. The ways take turns, frame sequence by frame
//! sequence, so that a machine that slows down slows all of them. Times are from a frame's submission to its tracks:
//! upload and read-back are in them.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the rows are the program's output"
)]

mod adapter;
mod frames;
mod memory;

use std::error::Error;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Instant;

use adapter::Adapter;
use serde_json::{Value, json};
use slam::gpu::GpuEngine;
use slam::tracker::{CameraConfig, MapBudget, State};
use slam::{Frame, FrontEnd, FrontEndConfig, GrayImage, Tracker, TrackerConfig};

/// The numbers of points that are asked for.
const POINTS: [usize; 3] = [300, 1200, 4000];

type Outcome<T> = Result<T, Box<dyn Error>>;

/// How the front end's work is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Plain,
    Vectors,
    Gpu,
}

impl Way {
    const ALL: [Self; 3] = [Self::Plain, Self::Vectors, Self::Gpu];

    fn name(self) -> &'static str {
        match self {
            Self::Plain => "cpu plain",
            Self::Vectors => "cpu simd",
            Self::Gpu => "gpu",
        }
    }
}

fn main() -> Outcome<()> {
    let arguments = arguments()?;
    let adapter = Adapter::open()?;
    // A software adapter takes long, and what it takes matters little.
    let (frames, rounds) = if adapter.is_software() {
        (20, 1)
    } else {
        (60, 3)
    };
    let rounds = arguments.rounds.unwrap_or(rounds);
    let images = frames::read(&arguments.folder, arguments.frames.unwrap_or(frames))?;
    if let Some(folder) = &arguments.write {
        frames::write(
            folder,
            &images,
            rounds,
            &POINTS.map(|points| (points, config(points))),
        )?;
    }
    let mut rows = vec![json!({
        "measure": "adapter", "value": 1, "unit": "", "note": adapter.describe(),
    })];
    for points in POINTS {
        measure_front_end(&images, points, rounds, &adapter, &mut rows)?;
    }
    measure_tracker(&images, &adapter, rounds, &mut rows)?;
    if arguments.is_long {
        memory::measure(&images, &adapter, &mut rows)?;
    }
    println!("{}", serde_json::to_string_pretty(&rows)?);
    Ok(())
}

/// Settings with so many points: more of them stand closer together, and on weaker corners.
fn config(points: usize) -> FrontEndConfig {
    let default = FrontEndConfig {
        max_points: points,
        ..FrontEndConfig::default()
    };
    match points {
        0..=600 => default,
        601..=2000 => FrontEndConfig {
            min_distance_px: 6.0,
            grid_cell_px: 12,
            fast_threshold: 6,
            min_corner_score: 2.0,
            ..default
        },
        _ => FrontEndConfig {
            min_distance_px: 4.0,
            grid_cell_px: 8,
            fast_threshold: 5,
            min_corner_score: 1.0,
            ..default
        },
    }
}

fn measure_front_end(
    images: &[GrayImage],
    points: usize,
    rounds: usize,
    adapter: &Adapter,
    rows: &mut Vec<Value>,
) -> Outcome<()> {
    let mut measured = Way::ALL.map(|_| Measured::default());
    for _ in 0..rounds {
        for (way, measured) in Way::ALL.into_iter().zip(&mut measured) {
            follow(images, config(points), way, adapter, measured)?;
        }
    }
    for (way, measured) in Way::ALL.into_iter().zip(&mut measured) {
        let name = format!("{points} points, {}", way.name());
        let note = format!(
            "{} frames of {} rounds, 1 thread; points a frame: median {:.0}",
            images.len(),
            rounds,
            quantile(&mut measured.points, 0.5)
        );
        for (stage, times) in &mut measured.stages {
            let value = quantile(times, 0.5);
            rows.push(row(&format!("{name}: {stage}"), value, note.clone()));
        }
        let median = quantile(&mut measured.millis, 0.5);
        rows.push(row(&name, median, note.clone()));
        let late = quantile(&mut measured.millis, 0.95);
        rows.push(row(&format!("{name} p95"), late, note));
    }
    Ok(())
}

#[derive(Default)]
struct Measured {
    millis: Vec<f64>,
    points: Vec<f64>,
    stages: Vec<(String, Vec<f64>)>,
}

impl Measured {
    fn stage(&mut self, name: &str, millis: f64) {
        match self.stages.iter_mut().find(|(stage, _)| stage == name) {
            Some((_, times)) => times.push(millis),
            None => self.stages.push((name.to_owned(), vec![millis])),
        }
    }
}

/// The front end over all frames, once.
fn follow(
    images: &[GrayImage],
    config: FrontEndConfig,
    way: Way,
    adapter: &Adapter,
    measured: &mut Measured,
) -> Outcome<()> {
    let mut front_end = FrontEnd::new(FrontEndConfig {
        is_plain: way == Way::Plain,
        ..config.clone()
    })?;
    front_end.set_clock(now_millis);
    if way == Way::Gpu {
        let engine = GpuEngine::new(adapter.device.clone(), adapter.queue.clone(), &config)?;
        front_end.use_engine(Some(Box::new(engine)));
    }
    for (k, image) in images.iter().enumerate() {
        let frame = Frame::new(image.view(), k as i64);
        let start = Instant::now();
        let ticket = front_end.submit(&frame)?;
        let submitted = start.elapsed();
        if way == Way::Gpu {
            adapter.wait()?;
        }
        let tracks = front_end.poll(ticket).ok_or("no answer")?;
        let millis = start.elapsed().as_secs_f64() * 1e3;
        let count = tracks.points.len() as f64;
        // The first two frames make buffers.
        if k < 2 {
            continue;
        }
        measured.millis.push(millis);
        measured.points.push(count);
        let mut in_stages = 0.0;
        for time in front_end.stage_times() {
            measured.stage(time.stage, time.millis);
            in_stages += time.millis;
        }
        if way == Way::Gpu {
            let submitted = submitted.as_secs_f64() * 1e3;
            measured.stage("upload and submission", submitted);
            measured.stage("read-back", (millis - submitted - in_stages).max(0.0));
        }
    }
    if front_end.engine_failed() {
        return Err("the engine failed".into());
    }
    Ok(())
}

/// The clock of the stages on the CPU.
fn now_millis() -> f64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64() * 1e3
}

/// From a frame to its pose at 1,200 points, while the place is known.
fn measure_tracker(
    images: &[GrayImage],
    adapter: &Adapter,
    rounds: usize,
    rows: &mut Vec<Value>,
) -> Outcome<()> {
    let mut millis = Way::ALL.map(|_| Vec::new());
    for _ in 0..rounds {
        for (way, millis) in Way::ALL.into_iter().zip(&mut millis) {
            pose(images, way, adapter, millis)?;
        }
    }
    let mut medians = [0.0; 3];
    for ((way, millis), median) in Way::ALL.into_iter().zip(&mut millis).zip(&mut medians) {
        *median = quantile(millis, 0.5);
        let note = format!("{} frames in which the place is known", millis.len());
        rows.push(row(
            &format!("frame to pose, 1200 points, {}", way.name()),
            *median,
            note,
        ));
    }
    for (name, ratio) in [
        ("cpu plain to gpu", medians[0] / medians[2]),
        ("cpu simd to gpu", medians[1] / medians[2]),
    ] {
        rows.push(json!({
            "measure": format!("frame to pose, {name}"), "value": round(ratio), "unit": "x", "note": adapter.describe(),
        }));
    }
    Ok(())
}

fn pose(images: &[GrayImage], way: Way, adapter: &Adapter, millis: &mut Vec<f64>) -> Outcome<()> {
    let front_end = FrontEndConfig {
        is_plain: way == Way::Plain,
        min_missing_points: 50,
        ..config(1200)
    };
    let mut tracker = Tracker::new(TrackerConfig {
        front_end: front_end.clone(),
        camera: CameraConfig::Guess {
            horizontal_fov_rad: 1.1,
        },
        ..TrackerConfig::default()
    })?;
    if way == Way::Gpu {
        let engine = GpuEngine::new(adapter.device.clone(), adapter.queue.clone(), &front_end)?;
        tracker.use_engine(Some(Box::new(engine)));
    }
    for (k, image) in images.iter().enumerate() {
        let frame = Frame::new(image.view(), k as i64 * 33_333_333);
        let start = Instant::now();
        tracker.submit(&frame)?;
        if way == Way::Gpu {
            adapter.wait()?;
        }
        let tracking = tracker.poll().ok_or("no answer")?;
        if tracking.state == State::Tracking {
            millis.push(start.elapsed().as_secs_f64() * 1e3);
        }
        while tracker.map_step(MapBudget { work_units: 100 }).pending {}
    }
    Ok(())
}

fn row(measure: &str, millis: f64, note: String) -> Value {
    json!({ "measure": measure, "value": round(millis), "unit": "ms", "note": note })
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// NaN where there is no value.
fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let index = (values.len() as f64 * share) as usize;
    values
        .get(index)
        .or(values.last())
        .copied()
        .unwrap_or(f64::NAN)
}

struct Arguments {
    folder: PathBuf,
    frames: Option<usize>,
    rounds: Option<usize>,
    write: Option<PathBuf>,
    is_long: bool,
}

fn arguments() -> Outcome<Arguments> {
    const USAGE: &str = "measure_engines FOLDER [--frames N] [--rounds N] [--write DIR] [--long]";
    let mut given = std::env::args().skip(1);
    let mut arguments = Arguments {
        folder: PathBuf::from(given.next().ok_or(USAGE)?),
        frames: None,
        rounds: None,
        write: None,
        is_long: false,
    };
    while let Some(name) = given.next() {
        if name == "--long" {
            arguments.is_long = true;
            continue;
        }
        let value = given.next().ok_or(USAGE)?;
        match name.as_str() {
            "--frames" => arguments.frames = Some(value.parse::<usize>()?.max(8)),
            "--write" => arguments.write = Some(value.into()),
            "--rounds" => arguments.rounds = Some(value.parse::<usize>()?.max(1)),
            _ => return Err(USAGE.into()),
        }
    }
    Ok(arguments)
}

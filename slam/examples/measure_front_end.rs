//! Measures the front end's parts on a folder of frames, on one thread, and prints one JSON array of rows
//! `{"measure", "value", "unit", "note"}`. With the feature `opencv`, OpenCV's parts are measured in turn with ours.
//!
//! ```sh
//! cargo run --release -p slam --features opencv --example measure_front_end -- FOLDER [--pairs 12] [--repeats 15] [--write DIR]
//! ```
//!
//! FOLDER holds a `list.txt` (`time_secs path` a line) or .jpg files, which are taken in the order of their names.
//! Lucas-Kanade runs on pairs of successive frames, evenly spread: 1,200 points, window 15, four levels, forward
//! only, pyramids made beforehand. `--write` leaves each pair as raw luma (`earlier-K.luma`, `later-K.luma`), its
//! points (`points-K.f32`, x and y, little endian) and `pairs.json`, so that the WASM module can be measured on the
//! same input.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the rows are the program's output"
)]

use std::error::Error;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::{Value, json};
use slam::corners::{CornerConfig, CornerDetector, count_fast_pixels};
use slam::lucas_kanade::{FlowStatus, LucasKanadeConfig};
use slam::pyramid::Pyramid;
use slam::workload::{Workload, points_to_measure};
use slam::{Frame, FrontEnd, FrontEndConfig, GrayImage};

const POINTS: usize = 1200;
const LEVELS: usize = 4;

type Outcome<T> = Result<T, Box<dyn Error>>;

struct Arguments {
    folder: PathBuf,
    pairs: usize,
    repeats: usize,
    write: Option<PathBuf>,
}

fn main() -> Outcome<()> {
    let arguments = arguments()?;
    let paths = frame_paths(&arguments.folder)?;
    let spacing = (paths.len() - 1).div_ceil(arguments.pairs).max(1);
    let mut pairs = Vec::new();
    for pair in paths.windows(2).step_by(spacing) {
        let (earlier, later) = (decode(&pair[0])?, decode(&pair[1])?);
        let points = points_to_measure(&earlier.view(), POINTS)?;
        // A frame without corners, or the cut between two cameras, measures nothing.
        if points.len() == POINTS
            && (earlier.width(), earlier.height()) == (later.width(), later.height())
        {
            pairs.push(Pair {
                earlier,
                later,
                points,
            });
        }
    }
    if pairs.is_empty() {
        return Err("no pair of frames has corners to track".into());
    }
    if let Some(folder) = &arguments.write {
        write_pairs(folder, &pairs)?;
    }
    let mut rows = Rows::default();
    measure_pairs(&pairs, arguments.repeats, &mut rows)?;
    let following: Vec<GrayImage> = paths
        .iter()
        .take(60)
        .map(|path| decode(path))
        .collect::<Outcome<_>>()?;
    measure_front_end(&following, &mut rows)?;
    println!("{}", serde_json::to_string_pretty(&rows.0)?);
    Ok(())
}

struct Pair {
    earlier: GrayImage,
    later: GrayImage,
    points: Vec<[f32; 2]>,
}

#[derive(Default)]
struct Rows(Vec<Value>);

impl Rows {
    fn add(&mut self, measure: &str, value: f64, unit: &str, note: String) {
        let value = (value * 1000.0).round() / 1000.0;
        self.0
            .push(json!({ "measure": measure, "value": value, "unit": unit, "note": note }));
    }
}

/// Runs everything in turn on each pair; a row is the mean over the pairs of the median time of a pair.
fn measure_pairs(pairs: &[Pair], repeats: usize, rows: &mut Rows) -> Outcome<()> {
    let mut measures = Measures::default();
    let mut tracked = 0;
    for pair in pairs {
        let (earlier, later) = (pair.earlier.view(), pair.later.view());
        let config = LucasKanadeConfig::default();
        let mut workload = Workload::new(&earlier, &later, &pair.points, LEVELS, config)?;
        let mut pyramid = Pyramid::new(LEVELS)?;
        let mut detector = CornerDetector::new(CornerConfig::default())?;
        let mut corners = Vec::new();
        #[cfg(feature = "opencv")]
        let (mut theirs, picture) = (
            slam::opencv::Workload::new(
                &earlier,
                &later,
                &pair.points,
                LEVELS,
                LucasKanadeConfig::default(),
            )?,
            slam::opencv::Picture::new(&earlier)?,
        );
        // Once to warm up, which is not counted.
        for repeat in 0..=repeats {
            let mut times = Times::default();
            times.take("pyramid", || pyramid.build(&earlier));
            times.take("fast", || black_box(count_fast_pixels(&pyramid, 10)));
            times.take("corners", || {
                corners.clear();
                detector.detect(&pyramid, [], POINTS, &mut corners);
            });
            times.take("lucas-kanade", || black_box(workload.track().is_ok()));
            times.take("lucas-kanade plain", || {
                black_box(workload.track_plain().is_ok())
            });
            #[cfg(feature = "opencv")]
            {
                times.take("opencv lucas-kanade", || black_box(theirs.track().is_ok()));
                times.take("opencv pyramid", || {
                    black_box(picture.pyramid(LEVELS, 15, false).is_ok())
                });
                times.take("opencv pyramid with gradients", || {
                    black_box(picture.pyramid(LEVELS, 15, true).is_ok())
                });
                times.take("opencv fast", || black_box(picture.fast(10, false).is_ok()));
            }
            if repeat > 0 {
                measures.add(times);
            }
        }
        measures.end_of_pair();
        let flows = workload.track()?;
        tracked += flows
            .iter()
            .filter(|f| f.status == FlowStatus::Tracked)
            .count();
    }
    let note = format!(
        "mean over {} pairs of the median of {repeats}; 1 thread, {POINTS} points, window 15, {LEVELS} levels",
        pairs.len()
    );
    for (measure, mean) in measures.means() {
        rows.add(&format!("{measure} host"), mean, "ms", note.clone());
    }
    #[cfg(feature = "opencv")]
    {
        let mean = |name: &str| {
            measures
                .means()
                .find(|(n, _)| *n == name)
                .map(|(_, mean)| mean)
        };
        if let (Some(ours), Some(theirs)) = (mean("lucas-kanade"), mean("opencv lucas-kanade")) {
            let note = format!(
                "ours by that of OpenCV {}, both on the host",
                slam::opencv::version()?
            );
            rows.add("lucas-kanade host to opencv", ours / theirs, "ratio", note);
        }
    }
    let share = tracked as f64 / (pairs.len() * POINTS) as f64;
    rows.add(
        "lucas-kanade tracked",
        share,
        "share",
        "points that a pair's second frame has".into(),
    );
    Ok(())
}

/// The whole front end on successive frames.
fn measure_front_end(frames: &[GrayImage], rows: &mut Rows) -> Outcome<()> {
    let mut front_end = FrontEnd::new(FrontEndConfig::default())?;
    let (mut times, mut points) = (Vec::new(), Vec::new());
    for (k, image) in frames.iter().enumerate() {
        let frame = Frame::new(image.view(), k as i64);
        let start = Instant::now();
        let ticket = front_end.submit(&frame)?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
        let tracks = front_end.poll(ticket).ok_or("the CPU answers at once")?;
        points.push(tracks.points.len() as f64);
    }
    let note = format!(
        "{} frames, 1 thread; points a frame: median {:.0}",
        frames.len(),
        quantile(&mut points, 0.5)
    );
    rows.add(
        "front end host",
        quantile(&mut times, 0.5),
        "ms",
        note.clone(),
    );
    rows.add("front end host p95", quantile(&mut times, 0.95), "ms", note);
    Ok(())
}

/// Milliseconds of each measure, once.
#[derive(Default)]
struct Times(Vec<(&'static str, f64)>);

impl Times {
    fn take<T>(&mut self, measure: &'static str, work: impl FnOnce() -> T) {
        let start = Instant::now();
        black_box(work());
        self.0.push((measure, start.elapsed().as_secs_f64() * 1e3));
    }
}

/// For each measure the times of the pair at hand, and the medians of the pairs before.
#[derive(Default)]
struct Measures(Vec<(&'static str, Vec<f64>, Vec<f64>)>);

impl Measures {
    fn add(&mut self, times: Times) {
        for (measure, time) in times.0 {
            match self.0.iter_mut().find(|(name, ..)| *name == measure) {
                Some((_, times, _)) => times.push(time),
                None => self.0.push((measure, vec![time], Vec::new())),
            }
        }
    }

    fn end_of_pair(&mut self) {
        for (_, times, medians) in &mut self.0 {
            medians.push(quantile(times, 0.5));
            times.clear();
        }
    }

    fn means(&self) -> impl Iterator<Item = (&'static str, f64)> {
        self.0
            .iter()
            .map(|(name, _, medians)| (*name, medians.iter().sum::<f64>() / medians.len() as f64))
    }
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

fn write_pairs(folder: &Path, pairs: &[Pair]) -> Outcome<()> {
    std::fs::create_dir_all(folder)?;
    for (k, pair) in pairs.iter().enumerate() {
        std::fs::write(
            folder.join(format!("earlier-{k}.luma")),
            pair.earlier.data(),
        )?;
        std::fs::write(folder.join(format!("later-{k}.luma")), pair.later.data())?;
        let points: Vec<u8> = pair
            .points
            .iter()
            .flatten()
            .flat_map(|c| c.to_le_bytes())
            .collect();
        std::fs::write(folder.join(format!("points-{k}.f32")), points)?;
    }
    let image = &pairs[0].earlier;
    let description = json!({
        "pairs": pairs.len(), "points": POINTS, "levels": LEVELS, "window_px": 15,
        "width": image.width(), "height": image.height(),
    });
    std::fs::write(folder.join("pairs.json"), description.to_string())?;
    Ok(())
}

fn frame_paths(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let list = folder.join("list.txt");
    let paths = if list.exists() {
        std::fs::read_to_string(list)?
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_whitespace().nth(1))
            .map(|path| folder.join(path))
            .collect()
    } else {
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|e| e.eq_ignore_ascii_case("jpg"))
            {
                paths.push(path);
            }
        }
        paths.sort();
        paths
    };
    if paths.len() < 2 {
        return Err(format!("{} holds fewer than two frames", folder.display()).into());
    }
    Ok(paths)
}

fn decode(path: &Path) -> Outcome<GrayImage> {
    let luma = image::open(path)?.to_luma8();
    let (width, height) = (luma.width() as usize, luma.height() as usize);
    Ok(GrayImage::from_vec(width, height, luma.into_raw())?)
}

fn arguments() -> Outcome<Arguments> {
    const USAGE: &str = "measure_front_end FOLDER [--pairs N] [--repeats N] [--write DIR]";
    let mut given = std::env::args().skip(1);
    let mut arguments = Arguments {
        folder: PathBuf::from(given.next().ok_or(USAGE)?),
        pairs: 12,
        repeats: 15,
        write: None,
    };
    while let Some(name) = given.next() {
        let value = given.next().ok_or(USAGE)?;
        match name.as_str() {
            "--pairs" => arguments.pairs = value.parse::<usize>()?.max(1),
            "--repeats" => arguments.repeats = value.parse::<usize>()?.max(1),
            "--write" => arguments.write = Some(value.into()),
            _ => return Err(USAGE.into()),
        }
    }
    Ok(arguments)
}

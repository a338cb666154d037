//! `slam replay` and `slam evaluate` over a generated sequence.

use std::path::Path;

use slam::dataset::read_tum;

use crate::run::{Printed, succeed};
use crate::sequence::{FRAMES, Sequence};

/// Hundreds of landmarks, each found within a pixel or so of 0.4 hundredths of a radian in a room three metres deep, make
/// a pose that is good to a centimetre; twice that.
const MOST_ERROR_M: f64 = 0.02;
/// The benchmark asks for 97% over sequences of 15 s; of the 50 frames here one may be lost more.
const LEAST_TRACKED_PERCENT: f64 = 95.0;
/// The tracker's own test on this motion.
const LATEST_START: f64 = 45.0;

fn replay(more: &[&str]) -> Printed {
    let mut arguments = vec!["replay", Sequence::shared().path().to_str().unwrap()];
    arguments.extend(more);
    succeed(&arguments)
}

/// What stands beside a name in the table.
fn row<'a>(printed: &'a Printed, name: &str) -> &'a str {
    let mut lines = printed.out.lines();
    let line = lines.find(|line| line.starts_with(name));
    line.unwrap_or_else(|| panic!("no {name} in\n{}", printed.out))[name.len()..].trim()
}

/// The number after a word of a row.
fn number(row: &str, word: &str) -> f64 {
    let rest = row.split_once(word).map_or("", |(_, rest)| rest).trim();
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'));
    let digits = &rest[..end.unwrap_or(rest.len())];
    digits
        .trim_end_matches('.')
        .parse()
        .unwrap_or_else(|_| panic!("no number after {word:?} in {row:?}"))
}

/// The rmse in metres that `slam evaluate` prints.
fn evaluated(estimate: &Path) -> f64 {
    let truth = Sequence::shared().file("truth.tum");
    let printed = succeed(&[Path::new("evaluate"), estimate, &truth]);
    let numbers = row(&printed, "absolute, m");
    numbers.split_whitespace().next().unwrap().parse().unwrap()
}

fn assert_tracked(printed: &Printed) {
    assert!(
        number(row(printed, "start"), "frame") <= LATEST_START,
        "{}",
        printed.out
    );
    let share = number(row(printed, "tracked after the start"), "");
    assert!(share >= LEAST_TRACKED_PERCENT, "{}", printed.out);
}

#[test]
fn a_replay_leaves_what_it_was_asked_for() {
    let out = tempfile::tempdir().unwrap();
    let file = |name: &str| out.path().join(name).to_str().unwrap().to_owned();
    let camera = Sequence::shared().file("camera.txt");
    let (poses, at_the_end) = (file("poses.tum"), file("final.tum"));
    let (report, json) = (file("report"), file("figures.json"));
    let mut asked = vec!["--camera", camera.to_str().unwrap(), "--seed", "5"];
    asked.extend(["--out", &poses, "--out-final", &at_the_end]);
    asked.extend(["--report", &report, "--json", &json]);
    let printed = replay(&asked);

    assert_tracked(&printed);
    assert_eq!(number(row(&printed, "frames"), ""), FRAMES as f64);
    for name in ["tracking, ms a frame", "mapping, ms a frame"] {
        let row = row(&printed, name);
        let (median, most) = (number(row, "median"), number(row, "p95"));
        assert!(median <= most && most > 0.0, "{row}");
    }
    let start = number(row(&printed, "start"), "frame") as usize;
    for path in [&poses, &at_the_end] {
        let read = read_tum(Path::new(path)).unwrap();
        // Before the start there is no position; after it, up to those that were lost.
        assert!(read.len() <= FRAMES - start, "{path}: {}", read.len());
        assert!(
            read.len() * 100 >= (FRAMES - start) * 95,
            "{path}: {}",
            read.len()
        );
        assert!(
            read.windows(2)
                .all(|two| two[0].time_nanos < two[1].time_nanos),
            "{path}"
        );
        let error_m = evaluated(Path::new(path));
        assert!(error_m <= MOST_ERROR_M, "{path}: {error_m} m");
    }
    // The replay's own figure is that of `evaluate`.
    let own = number(row(&printed, "error as returned"), "rmse");
    let error_m = evaluated(Path::new(&poses));
    assert!((own - error_m).abs() < 1e-4, "{own} {error_m}");
    let figures: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    assert_eq!(figures["seed"], 5);
    assert_eq!(figures["per_frame"].as_array().unwrap().len(), FRAMES);
    assert_self_contained(Path::new(&report));
}

/// Asserts that a folder holds one page, which needs nothing from elsewhere.
fn assert_self_contained(report: &Path) {
    let files: Vec<_> = std::fs::read_dir(report)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(files, ["index.html"]);
    let page = std::fs::read_to_string(report.join("index.html")).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") || page.starts_with("<!doctype html>"));
    assert!(page.trim_end().ends_with("</html>"));
    // A name space is no reference.
    let references = page.replace("http://www.w3.org/2000/svg", "");
    for outside in ["http:", "https:", "src=\"/", "<link", "@import", "<iframe"] {
        assert!(!references.contains(outside), "{outside} in the page");
    }
    for opening in ["src=\"", "href=\"", "url("] {
        for (place, _) in references.match_indices(opening) {
            let target = &references[place + opening.len()..];
            let shown: String = target.chars().take(40).collect();
            assert!(
                target.trim_start_matches('"').starts_with("data:") || target.starts_with('#'),
                "{opening}{shown}"
            );
        }
    }
    assert!(references.contains("data:image/"), "frames are shown");
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let out = tempfile::tempdir().unwrap();
    let run = |name: &str, seed: &str| {
        let [poses, at_the_end] = ["returned", "final"].map(|kind| {
            let path = out.path().join(format!("{name}-{kind}.tum"));
            path.to_str().unwrap().to_owned()
        });
        let limited = ["--limit", "60", "--seed", seed];
        replay(&[&limited[..], &["--out", &poses, "--out-final", &at_the_end]].concat());
        [poses, at_the_end].map(|path| std::fs::read(path).unwrap())
    };
    let first = run("first", "7");
    assert!(!first[0].is_empty() && !first[1].is_empty());
    assert!(first == run("again", "7"), "two runs differ");
}

#[test]
fn a_guessed_field_of_view_is_enough() {
    let out = tempfile::tempdir().unwrap();
    let poses = out.path().join("poses.tum");
    // The camera's is 64 degrees: the focal length is off by 8%.
    let printed = replay(&["--fov", "60", "--out", poses.to_str().unwrap()]);
    assert_tracked(&printed);
    // The kitchen is allowed half as much again with a wrong camera.
    let error_m = evaluated(&poses);
    assert!(error_m <= 1.5 * MOST_ERROR_M, "{error_m} m");
}

#[test]
fn against_the_clock_frames_are_dropped_and_counted() {
    let printed = replay(&["--realtime", "--limit", "20"]);
    let frames = row(&printed, "frames");
    let (played, dropped) = (number(frames, ""), number(frames, ","));
    assert_eq!(played + dropped, 20.0, "{frames}");
}

#[test]
fn help_tells_the_guess_that_the_tracker_makes() {
    let printed = succeed(&["replay", "--help"]);
    let slam::tracker::CameraConfig::Guess { horizontal_fov_rad } =
        slam::TrackerConfig::default().camera
    else {
        panic!("a guess is the default");
    };
    let degrees = format!(
        "usual guess: {:.0} degrees",
        horizontal_fov_rad.to_degrees()
    );
    let help: Vec<&str> = printed.out.split_whitespace().collect();
    assert!(help.join(" ").contains(&degrees), "{}", printed.out);
}

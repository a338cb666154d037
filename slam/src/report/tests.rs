//! The figures of a replay, and that its page is whole.

use nalgebra::{Isometry3, Vector3};

use super::*;
use crate::GrayImage;
use crate::evaluation::{AbsoluteError, Alignment, TimedPose, associate};
use crate::tracker::{Position, Quality, Reason, State, Tracking};

const FRAME_NANOS: i64 = 33_333_333;

/// A camera that goes round a table, looking at it; world Z up.
fn truth(k: usize) -> Isometry3<f64> {
    let angle = 0.02 * k as f64;
    let eye = Vector3::new(
        2.0 * angle.cos(),
        1.2 * angle.sin(),
        1.4 + 0.1 * (5.0 * angle).sin(),
    );
    Isometry3::face_towards(
        &eye.into(),
        &nalgebra::Point3::new(0.0, 0.0, 1.2),
        &-Vector3::z(),
    )
}

/// One frame of a word: `i`nitializing, `t`racking, `l`ost, `p`redicted.
fn record(k: usize, letter: char) -> FrameRecord {
    let (state, position) = match letter {
        'i' => (State::Initializing, Position::Unknown),
        't' => (State::Tracking, Position::UpToScale),
        'p' => (State::Tracking, Position::Predicted),
        _ => (State::Lost, Position::Predicted),
    };
    let noise = 0.003 * (1.3 * k as f64).sin();
    let mut pose = truth(k);
    pose.translation.vector += Vector3::new(noise, -noise, noise);
    let tracking = Tracking {
        capture_time_nanos: 0,
        state,
        world_from_camera: pose,
        position,
        quality: Quality {
            score: 1.0,
            reason: Reason::Good,
        },
        landmarks_seen: 100,
        on_engine: false,
        frames_behind: 0,
    };
    FrameRecord {
        track_millis: 1.0 + (k % 7) as f64,
        map_millis: if k.is_multiple_of(10) { 30.0 } else { 0.5 },
        points: 300 + k % 40,
        map: MapSize {
            keyframes: 1 + k / 10,
            landmarks: 3 * k,
        },
        ..FrameRecord::of(k, k as i64 * FRAME_NANOS, &tracking)
    }
}

fn records(word: &str) -> Vec<FrameRecord> {
    word.chars()
        .enumerate()
        .map(|(k, c)| record(k, c))
        .collect()
}

#[test]
fn the_figures_count_from_the_start() {
    let mut frames = records("iiittttplllltttlt");
    frames[5].dropped_before = 2;
    let summary = Summary::of(&frames);
    assert_eq!(summary.frames, 17);
    assert_eq!(summary.dropped_frames, 2);
    assert_eq!(summary.start_frame, Some(3));
    assert_eq!(summary.tracked_frames, 8);
    assert!((summary.tracked_share - 8.0 / 14.0).abs() < 1e-12);
    assert_eq!(summary.times_lost, 2);
    assert_eq!(summary.longest_loss_frames, 5);
    assert_eq!(summary.map.keyframes, 2);
    assert_eq!(summary.track.median, 3.0);
    assert_eq!((summary.track.p95, summary.track.max), (7.0, 7.0));
    assert_eq!(summary.mapping.max, 30.0);

    let never = Summary::of(&records("iii"));
    assert_eq!((never.start_frame, never.tracked_share), (None, 0.0));
    assert_eq!(Summary::of(&[]), Summary::default());
}

#[test]
fn the_page_needs_nothing_else_and_says_what_it_shows() {
    let frames = records(&("i".repeat(12) + &"t".repeat(100) + "lllll" + &"t".repeat(83)));
    let truth: Vec<TimedPose> = (0..200)
        .step_by(4)
        .map(|k| TimedPose {
            time_nanos: k as i64 * FRAME_NANOS,
            world_from_camera: truth(k),
        })
        .collect();
    let returned: Vec<TimedPose> = frames
        .iter()
        .filter(|frame| frame.is_tracked())
        .map(|frame| TimedPose {
            time_nanos: frame.time_nanos,
            world_from_camera: frame.world_from_camera,
        })
        .collect();
    let error = AbsoluteError::of(&associate(&returned, &truth, 1_000), Alignment::Similarity);
    let picture = Picture {
        index: 100,
        image: GrayImage::from_vec(64, 48, vec![90; 64 * 48]).expect("an image"),
        points: vec![crate::tracker::SeenPoint {
            track: 1,
            landmark: None,
            position_px: [10.0, 20.0],
            age_frames: 3,
            depth: None,
        }],
    };
    let facts = [("path".to_owned(), "</script> & more".to_owned())];
    let report = Report {
        title: "a <b>room</b>",
        subtitle: "200 frames",
        facts: &facts,
        frames: &frames,
        truth: &truth,
        as_returned: error.as_ref(),
        at_the_end: None,
        pictures: &[picture],
    };
    let page = report.page().expect("a page");
    for part in [
        "<title>Replay of a &lt;b&gt;room&lt;/b&gt;</title>",
        "started at frame 12, followed 97.3% of the frames after that and got lost once, for 5 frames",
        "&lt;/script&gt; &amp; more",
        "data:image/jpeg;base64,",
        "1 points, 0 of them landmarks",
        "id=\"error\"",
    ] {
        assert!(page.contains(part), "{part}");
    }
    // The only address is the name space of SVG.
    let addresses: Vec<&str> = page.split("http").skip(1).collect();
    assert!(
        addresses
            .iter()
            .all(|rest| rest.starts_with("://www.w3.org/2000/svg"))
    );
    assert!(!page.contains("<link") && !page.contains("@import") && !page.contains("url("));

    let (_, data) = page.split_once("id=\"data\">").expect("data");
    let (data, _) = data.split_once("</script>").expect("its end");
    let data: serde_json::Value = serde_json::from_str(data).expect("JSON");
    assert_eq!(data["index"].as_array().map(Vec::len), Some(200));
    assert_eq!(data["state"][114], 3);
    assert_eq!(data["error"][11], serde_json::Value::Null);
    assert!(
        data["error"][16]
            .as_f64()
            .is_some_and(|e| e > 0.0 && e < 0.01)
    );
    // From above the path is as long as it is, from the side as high as it is.
    let span = |view: &str, axis: usize| {
        let points = data["views"][view]["truth"].as_array().expect("points");
        let values: Vec<f64> = points.iter().filter_map(|p| p[axis].as_f64()).collect();
        values.iter().fold(f64::MIN, |a, b| a.max(*b))
            - values.iter().fold(f64::MAX, |a, b| a.min(*b))
    };
    assert!(
        (3.5..4.2).contains(&span("above", 0)),
        "{}",
        span("above", 0)
    );
    assert!((0.1..0.4).contains(&span("side", 1)), "{}", span("side", 1));
}

#[test]
fn a_replay_that_never_started_has_a_page_too() {
    let frames = records("iiii");
    let report = Report {
        title: "dark",
        subtitle: "",
        facts: &[],
        frames: &frames,
        truth: &[],
        as_returned: None,
        at_the_end: None,
        pictures: &[],
    };
    let page = report.page().expect("a page");
    assert!(page.contains("The tracker did not start"));
    assert!(!page.contains("id=\"error\"") && !page.contains("truth</span>"));
}

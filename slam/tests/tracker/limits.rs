//! The map keeps within its limits, and the tracker says why a pose is not good.

use crate::walk::{Walk, stands, start, step, tracked_share};
use slam::tracker::{CameraConfig, Reason, State, Tracking};
use slam::{Frame, GrayImage, Tracker, TrackerConfig};

/// Tracks the shared walk; the answers, and the most keyframes and landmarks there ever were.
fn with_limits(max_keyframes: usize, max_landmarks: usize) -> (Vec<Tracking>, usize, usize) {
    let walk = Walk::shared();
    let mut tracker = Tracker::new(TrackerConfig {
        camera: CameraConfig::Known(walk.camera()),
        max_keyframes,
        max_landmarks,
        ..TrackerConfig::default()
    })
    .unwrap();
    let (mut keyframes, mut landmarks) = (0, 0);
    let answers = (0..walk.frames.len())
        .map(|k| {
            let answer = step(&mut tracker, &walk.frame(k));
            keyframes = keyframes.max(tracker.map().keyframes().len());
            landmarks = landmarks.max(tracker.map().landmarks().len());
            answer
        })
        .collect();
    println!(
        "at most {keyframes} of {max_keyframes} keyframes, {landmarks} of {max_landmarks} landmarks"
    );
    (answers, keyframes, landmarks)
}

fn assert_follows(answers: &[Tracking], most_percent: f64) {
    let share = tracked_share(&answers[start(answers)..]);
    let error = Walk::shared().error_percent(answers);
    println!("{share:.3} tracked, {error:.3}% of the way");
    assert!(share >= 0.95, "{share}");
    assert!(error <= most_percent, "{error}%");
}

#[test]
fn no_more_is_kept_than_allowed() {
    let (_, usual_keyframes, usual_landmarks) = with_limits(90, 10_000);
    let (answers, keyframes, _) = with_limits(10, 10_000);
    assert!(
        usual_keyframes > 12,
        "the walk makes {usual_keyframes} keyframes only"
    );
    assert!(keyframes <= 10, "{keyframes} keyframes");
    // The map is that of ten keyframes around, as an odometer's: twice what a whole map is allowed.
    assert_follows(&answers, 2.0);

    let (answers, _, landmarks) = with_limits(90, 500);
    assert!(
        usual_landmarks > 700,
        "the walk makes {usual_landmarks} landmarks only"
    );
    assert!(landmarks <= 500, "{landmarks} landmarks");
    // Old landmarks are kept until they are not found again, and new places wait for them: the camera may be lost at the
    // far side, but what is tracked is right.
    let error = Walk::shared().error_percent(&answers);
    assert!(error <= 2.0, "{error}%");
}

#[test]
fn a_start_keeps_to_the_limit_too() {
    let (_, _, landmarks) = with_limits(90, 100);
    assert!(landmarks <= 100, "{landmarks} landmarks");
}

/// The answer to a picture of one level at the walk's frame `index`.
fn plain(tracker: &mut Tracker, level: u8, index: usize) -> Tracking {
    let walk = Walk::shared();
    let image = GrayImage::from_vec(320, 240, vec![level; 320 * 240]).unwrap();
    let nanos = walk.simulator.capture_time_nanos(index);
    step(tracker, &Frame::new(image.view(), nanos))
}

#[test]
fn a_dark_picture_and_a_blank_wall_are_told_apart() {
    let walk = Walk::shared();
    for (level, reason) in [
        (0, Reason::TooDark),
        (12, Reason::TooDark),
        (128, Reason::TooFewPoints),
        (255, Reason::TooFewPoints),
    ] {
        // Before there is a map...
        let mut tracker = walk.tracker();
        for k in 0..3 {
            let answer = plain(&mut tracker, level, k);
            assert_eq!(answer.state, State::Initializing);
            assert_eq!(answer.quality.reason, reason, "level {level}, frame {k}");
        }
        // ...and while one is tracked.
        let mut tracker = walk.tracker();
        let answers = walk.track(&mut tracker, 0..60);
        assert!(answers.last().is_some_and(stands));
        for k in 60..63 {
            let answer = plain(&mut tracker, level, k);
            assert_eq!(answer.state, State::Lost);
            assert_eq!(answer.quality.score, 0.0);
            assert_eq!(answer.quality.reason, reason, "level {level}, frame {k}");
        }
        let after = walk.track(&mut tracker, 63..75);
        let good = after.last().unwrap();
        assert_eq!(good.quality.reason, Reason::Good, "{good:?}");
    }
}

#[test]
fn without_a_step_to_the_side_parallax_is_missing() {
    let walk = Walk::shared();
    let mut tracker = walk.tracker();
    for k in 0..30 {
        let nanos = walk.simulator.capture_time_nanos(k);
        let answer = step(&mut tracker, &Frame::new(walk.frames[0].view(), nanos));
        assert_eq!(answer.state, State::Initializing);
        assert_eq!(answer.quality.reason, Reason::NoParallax, "frame {k}");
    }
}

#[test]
fn a_long_pause_is_an_interruption_where_the_place_is_another() {
    let walk = Walk::shared();
    let mut tracker = walk.tracker();
    walk.track(&mut tracker, 0..60);
    // Ten seconds later the phone shows what the room has nowhere: its mirror image.
    let mut elsewhere = walk.frames[150].clone();
    for row in elsewhere.data_mut().chunks_exact_mut(320) {
        row.reverse();
    }
    let mut reasons = Vec::new();
    for k in 0..3_i64 {
        let nanos = walk.simulator.capture_time_nanos(60) + 10_000_000_000 + k * 33_333_333;
        let answer = step(&mut tracker, &Frame::new(elsewhere.view(), nanos));
        assert_eq!(answer.state, State::Lost);
        reasons.push(answer.quality.reason);
    }
    // The pause itself is told with the frame after it; from then on the place is looked for.
    assert_eq!(
        reasons,
        [
            Reason::Interrupted,
            Reason::Relocalizing,
            Reason::Relocalizing
        ]
    );
}

//! What callers may tell of the camera: intrinsics with each frame, a camera of another size.

use crate::walk::{Walk, step, tracker};
use slam::camera::Camera;
use slam::tracker::{CameraConfig, Tracking};
use slam::{Frame, Tracker};

/// Tracks all frames, each with these intrinsics.
fn track_with(walk: &Walk, tracker: &mut Tracker, camera: Camera) -> Vec<Tracking> {
    (0..walk.frames.len())
        .map(|k| {
            let frame = Frame {
                intrinsics: Some(camera),
                ..walk.frame(k)
            };
            step(tracker, &frame)
        })
        .collect()
}

#[test]
fn intrinsics_that_come_with_frames_are_taken_as_they_are() {
    let walk = Walk::shared();
    let guess = CameraConfig::Guess {
        horizontal_fov_rad: 1.0,
    };
    // A little wrong, so that a refinement would change them.
    for (config, told) in [
        (guess, walk.camera().with_focal_factor(1.01)),
        (CameraConfig::Known(walk.camera()), walk.camera()),
    ] {
        let mut tracker = tracker(config);
        let answers = track_with(walk, &mut tracker, told);
        let shared = tracker.camera().unwrap();
        let error = walk.error_percent(&answers);
        println!("{error:.3}% of the way");
        assert!(error <= 1.0, "{error}%");
        for keyframe in tracker.map().keyframes() {
            assert_eq!(keyframe.camera, told);
        }
        let untouched = match config {
            CameraConfig::Known(camera) => camera,
            _ => Camera::from_horizontal_fov(told.size_px, 1.0),
        };
        assert_eq!(shared, untouched, "nothing was learnt of the shared camera");
    }
}

#[test]
fn a_known_camera_of_larger_pictures_is_scaled_and_mended() {
    let walk = Walk::shared();
    let known = walk.camera();
    let told = known.with_focal_factor(1.05).scaled([640, 480]);
    let mut tracker = tracker(CameraConfig::Known(told));
    let answers = walk.track(&mut tracker, 0..walk.frames.len());
    let error = walk.error_percent(&answers);
    let shared = tracker.camera().unwrap();
    let focal = shared.focal_px[0] / known.focal_px[0] - 1.0;
    println!(
        "{error:.3}% of the way, focal length off by {:.2}%",
        100.0 * focal
    );
    assert!(error <= 1.5, "{error}%");
    assert!(focal.abs() < 0.03, "{focal}");
    assert_eq!(shared.size_px, known.size_px);
    for keyframe in tracker.map().keyframes() {
        assert_eq!(keyframe.camera, shared);
    }
}

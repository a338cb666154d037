//! What callers may tell of the camera: intrinsics with each frame, a camera of another size, a phone that is turned.

use crate::robustness::{assert_back, assert_same_map, keyframe_times};
use crate::walk::{Walk, stands, start, step, tracker};
use nalgebra::{UnitQuaternion, Vector3};
use slam::camera::Camera;
use slam::tracker::{CameraConfig, Tracking};
use slam::{Frame, GrayImage, Tracker};

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
    let told = known.with_focal_factor(1.05).at_size([640, 480]);
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

/// A picture turned by a quarter, as a phone does that is held the other way.
fn quarter_turned(image: &GrayImage, clockwise: bool) -> GrayImage {
    let (width, height) = (image.width(), image.height());
    let luma = image.data();
    let pixel = |i: usize| {
        let (x, y) = (i % height, i / height);
        if clockwise {
            luma[(height - 1 - x) * width + y]
        } else {
            luma[x * width + width - 1 - y]
        }
    };
    let turned = (0..width * height).map(pixel).collect();
    GrayImage::from_vec(height, width, turned).unwrap()
}

#[test]
fn a_turned_phone_is_in_the_same_map() {
    let walk = Walk::shared();
    for clockwise in [true, false] {
        let mut tracker = walk.tracker();
        let mut answers = walk.track(&mut tracker, 0..110);
        let before = keyframe_times(&tracker);
        for k in 110..170 {
            let image = quarter_turned(&walk.frames[k], clockwise);
            let nanos = walk.simulator.capture_time_nanos(k);
            answers.push(step(&mut tracker, &Frame::new(image.view(), nanos)));
        }
        assert_back(&answers[110..]);
        answers.extend(walk.track(&mut tracker, 170..walk.frames.len()));
        assert_back(&answers[170..]);
        assert_same_map(&before, &tracker);
        // Positions are the same whichever way the picture lies.
        let error = walk.error_percent(&answers);
        println!("{error:.3}% of the way");
        assert!(error <= 1.0, "{error}%");

        let quarter = if clockwise { 1.0 } else { -1.0 } * std::f64::consts::FRAC_PI_2;
        let turned_from_upright = UnitQuaternion::from_scaled_axis(Vector3::z() * quarter);
        let truth = walk.truth();
        let first = start(&answers);
        for k in (first..answers.len()).filter(|k| stands(&answers[*k])) {
            let mut is = truth[k].world_from_camera.rotation;
            if (110..170).contains(&k) {
                is *= turned_from_upright.inverse();
            }
            let is = truth[first].world_from_camera.rotation.inverse() * is;
            let said = answers[first].world_from_camera.rotation.inverse()
                * answers[k].world_from_camera.rotation;
            let error = said.angle_to(&is).to_degrees();
            assert!(error < 2.0, "{error} degrees at frame {k}");
        }
    }
}

//! The tracker against exact simulated truth, and where `SIGHTLINE_DATA` is set on the kitchen sequence.
//!
//! The limits are about twice the bars of `cargo xtask bench slam`, which measures whole sequences over seeds: a test of
//! seven seconds and one seed scatters more, and is to fail for what is broken, not for what is unlucky.

use crate::support;
use crate::walk::{Walk, small, stands, start, step, tracked_share, tracker};
use nalgebra::Vector3;
use slam::camera::Camera;
use slam::dataset::CameraModel;
use slam::evaluation::{AbsoluteError, Alignment, TimedPose, associate};
use slam::simulator::benchmark;
use slam::tracker::{CameraConfig, State};
use slam::{Frame, TrackerConfig};

#[test]
fn a_walk_is_tracked_within_a_percent_of_its_way() {
    let walk = Walk::shared();
    let mut tracker = walk.tracker();
    let answers = walk.track(&mut tracker, 0..walk.frames.len());
    let (start, error) = (start(&answers), walk.error_percent(&answers));
    let share = tracked_share(&answers[start..]);
    println!(
        "start {start}, {share:.3} tracked, {error:.3}% of {:.2} m",
        walk.path_m()
    );
    // The issue asks for 0.5% as the median of twelve sequences, and for 97% of the frames after the start.
    assert!(error <= 1.0, "{error}%");
    assert!(share >= 0.97, "{share}");
    // The kitchen is to start by frame 26, at about the same speed.
    assert!(start <= 45, "{start}");
}

#[test]
fn orientation_is_known_from_the_first_frame_on() {
    let walk = Walk::shared();
    let mut tracker = walk.tracker();
    let answers = walk.track(&mut tracker, 0..40);
    let truth = walk.truth();
    let turned = |a: &nalgebra::Isometry3<f64>, b: &nalgebra::Isometry3<f64>| {
        a.rotation.inverse() * b.rotation
    };
    for (answer, pose) in answers.iter().zip(&truth) {
        let said = turned(&answers[0].world_from_camera, &answer.world_from_camera);
        let is = turned(&truth[0].world_from_camera, &pose.world_from_camera);
        let error = said.angle_to(&is).to_degrees();
        // Before there is parallax a turn and a shift look alike: a degree for each 2.5 cm at 1.5 m.
        assert!(error < 5.0, "{error} degrees");
    }
}

#[test]
fn a_focal_length_that_is_five_percent_wrong_is_mended() {
    let walk = Walk::shared();
    let known = walk.camera();
    let told = Camera {
        focal_px: known.focal_px.map(|focal| 1.05 * focal),
        ..known
    };
    let mut tracker = tracker(CameraConfig::Known(told));
    let answers = walk.track(&mut tracker, 0..walk.frames.len());
    let error = walk.error_percent(&answers);
    let focal = tracker.camera().unwrap().focal_px[0] / known.focal_px[0] - 1.0;
    println!(
        "{error:.3}% of the way, focal length off by {:.2}%",
        100.0 * focal
    );
    // Of the kitchen's way of 12 m the issue allows 3 cm with a wrong camera: half as much again as with a known one.
    assert!(error <= 1.5, "{error}%");
    assert!(focal.abs() < 0.03, "{focal}");
}

#[test]
fn standing_still_is_still() {
    let walk = Walk::render(small(benchmark::standing_still(4.0)), 210);
    let mut tracker = walk.tracker();
    let answers = walk.track(&mut tracker, 0..walk.frames.len());
    let mut ratios: Vec<f64> = Vec::new();
    let mut depths: Vec<f64> = Vec::new();
    for point in tracker.points() {
        let truth = walk
            .simulator
            .depth_at(209, point.position_px.map(f64::from));
        if let (Some(depth), Some(truth)) = (point.depth, truth) {
            ratios.push(truth / f64::from(depth));
            depths.push(truth);
        }
    }
    let metres = support::quantile(&mut ratios, 0.5);
    let at_depth = 1.5 / support::quantile(&mut depths, 0.5);
    let still = &answers[120..];
    assert!(still.iter().all(stands));
    let positions = still
        .iter()
        .map(|answer| answer.world_from_camera.translation.vector);
    let mean = positions.clone().sum::<Vector3<f64>>() / still.len() as f64;
    let squares: f64 = positions.map(|p| (p - mean).norm_squared()).sum();
    let noise_mm = 1e3 * (squares / still.len() as f64).sqrt() * metres * at_depth;
    println!("{noise_mm:.3} mm rmse at 1.5 m");
    assert!(noise_mm <= 1.0, "{noise_mm} mm");
}

#[test]
fn the_same_seed_and_frames_give_the_same_poses() {
    let walk = Walk::shared();
    let run = || walk.track(&mut walk.tracker(), 0..75);
    assert!(run() == run(), "two runs differ");
}

#[test]
fn on_real_data_half_the_kitchen_is_tracked() {
    let Some(frames) = support::kitchen_frames(300) else {
        return;
    };
    let folder = std::path::PathBuf::from(std::env::var_os("SIGHTLINE_DATA").unwrap());
    let reference = folder.join("sevenscenes_kitchen/reference_colmap_tum.txt");
    let reference = slam::dataset::read_tum(&reference).unwrap();
    let model = CameraModel::from_line("SIMPLE_RADIAL 640 480 527.70 320 240 -0.0244").unwrap();
    let mut tracker = slam::Tracker::new(TrackerConfig {
        camera: CameraConfig::Known(Camera::from(model)),
        ..TrackerConfig::default()
    })
    .unwrap();
    let mut poses = Vec::new();
    let (mut started, mut tracked) = (None, 0);
    for (k, image) in frames.iter().enumerate() {
        let time_nanos = (k as f64 / 30.0 * 1e9).round() as i64;
        let answer = step(&mut tracker, &Frame::new(image.view(), time_nanos));
        if stands(&answer) {
            assert_eq!(answer.state, State::Tracking);
            started.get_or_insert(k);
            tracked += 1;
            poses.push(TimedPose {
                time_nanos,
                world_from_camera: answer.world_from_camera,
            });
        }
    }
    let start = started.expect("it starts");
    let share = f64::from(tracked) / (frames.len() - start) as f64;
    let pairs = associate(&poses, &reference, 5_000_000);
    let error = AbsoluteError::of(&pairs, Alignment::Similarity).unwrap();
    let centimetres = 100.0 * error.translation_m.rmse;
    println!(
        "start {start}, {share:.3} tracked, {centimetres:.2} cm over {} poses",
        pairs.len()
    );
    // The bars of the whole sequence: 2 cm as the median of the seeds, 4 cm for the worst; 97%; frame 26.
    assert!(centimetres <= 4.0, "{centimetres} cm");
    assert!(share >= 0.95, "{share}");
    assert!(start <= 40, "{start}");
}

//! Recorded hands in the simulator's rooms, where `SIGHTLINE_DATA` is set: each recording can be followed, and what is
//! rendered, told as truth and felt by the sensors is one motion.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and prints what it measured"
)]

use std::path::PathBuf;

use nalgebra::{Isometry3, Vector3};
use slam::GrayImage;
use slam::dataset::read_tum;
use slam::simulator::{
    GRAVITY_M_S2, Motion, Quality, Room, Simulator, SimulatorConfig, fit_into_room, level_mount,
};

const CLEARANCE_M: f64 = 0.2;
const RATE_HZ: f64 = 30.0;
/// The quickest of the recordings, shaken on purpose, turns by up to 7.9 degrees in a thirtieth of a second (see
/// `docs/simulator.md`), 4.1 rad/s on average over it.
const MOST_TURN_RAD_S: f64 = 6.0;
/// An arm shakes a phone with up to about twice gravity; a spline through a jump of the recording would take far more.
const MOST_ACCELERATION_M_S2: f64 = 2.0 * GRAVITY_M_S2;

/// A name, and `(seconds, world_from_camera)`.
type Recording = (String, Vec<(f64, Isometry3<f64>)>);

/// The recordings, the camera mounted level; none where there is no real data.
fn recordings() -> Option<Vec<Recording>> {
    let Some(data) = std::env::var_os("SIGHTLINE_DATA") else {
        println!("SKIPPED: SIGHTLINE_DATA names no folder of real data");
        return None;
    };
    let folder = PathBuf::from(data).join("handheld_trajectories");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "tum"))
        .collect();
    paths.sort();
    let read = |path: &PathBuf| {
        let poses = read_tum(path).unwrap();
        let first_nanos = poses[0].time_nanos;
        let mut poses: Vec<_> = poses
            .iter()
            .map(|pose| {
                let secs = (pose.time_nanos - first_nanos) as f64 * 1e-9;
                (secs, pose.world_from_camera)
            })
            .collect();
        let mount = level_mount(&poses).expect("it was held upright");
        for (_, pose) in &mut poses {
            pose.rotation *= mount;
        }
        (
            path.file_stem().unwrap().to_string_lossy().into_owned(),
            poses,
        )
    };
    Some(paths.iter().map(read).collect())
}

#[test]
fn on_real_data_recorded_hands_are_followed() {
    let Some(recordings) = recordings() else {
        return;
    };
    assert!(
        recordings.len() >= 4,
        "only {} recordings",
        recordings.len()
    );
    for (name, poses) in &recordings {
        let fitted = fit_into_room(poses, Room::LivingRoom, CLEARANCE_M)
            .unwrap()
            .expect("it fits");
        let (scale, motion) = (fitted.scale, fitted.trajectory);
        let recorded_secs = poses.last().unwrap().0;
        assert!(
            (motion.duration_secs() - recorded_secs).abs() < 0.2,
            "{name}"
        );
        let simulator = Simulator::new(SimulatorConfig {
            width: 160,
            height: 120,
            frame_rate_hz: RATE_HZ,
            frame_count: (recorded_secs * RATE_HZ) as usize,
            quality: Quality::Quick,
            motion: Motion::Given(motion.clone()),
            ..SimulatorConfig::default()
        });
        assert!(
            simulator.clearance_m() > CLEARANCE_M - 0.03,
            "{name}: {} m",
            simulator.clearance_m()
        );

        // Turns are the recording's, lengths are shrunk: between any two moments the spline went as far as the hand.
        let mut off: Vec<f64> = Vec::new();
        for two in poses.windows(31).skip(100).step_by(97) {
            let (a, b) = (&two[0], &two[30]);
            let is = motion.at(a.0).world_from_camera.inverse() * motion.at(b.0).world_from_camera;
            let was = a.1.inverse() * b.1;
            off.push((is.translation.vector - was.translation.vector * scale).norm());
            off.push(is.rotation.angle_to(&was.rotation));
        }
        off.sort_by(f64::total_cmp);
        // Metres and radians: what the spline smooths is 3 mm and 3 mrad of a tremor at 6 Hz; gaps are bridged.
        assert!(
            off[off.len() * 9 / 10] < 0.02,
            "{name}: {}",
            off[off.len() * 9 / 10]
        );

        let mut turns = Vec::new();
        let mut accelerations = Vec::new();
        for sample in simulator.imu() {
            let secs = sample.capture_time_nanos as f64 * 1e-9;
            let state = motion.at(secs);
            let up = Vector3::z() * GRAVITY_M_S2;
            let felt = state.world_from_camera.rotation * sample.specific_force_m_s2 - up;
            assert!(
                (felt - state.acceleration_in_world).norm() < 1e-9,
                "{name} at {secs} s"
            );
            assert!(sample.angular_velocity_rad_s == state.angular_velocity_in_camera);
            turns.push(sample.angular_velocity_rad_s.norm());
            accelerations.push(felt.norm());
        }
        for values in [&mut turns, &mut accelerations] {
            values.sort_by(f64::total_cmp);
            assert!(values.iter().all(|value| value.is_finite()), "{name}");
        }
        let middle = turns.len() / 2;
        let (turn, acceleration) = (*turns.last().unwrap(), *accelerations.last().unwrap());
        println!(
            "{name}: {recorded_secs:.1} s at {scale} of its size; median {:.2} and at most {turn:.2} rad/s, median {:.2} \
             and at most {acceleration:.2} m/s^2",
            turns[middle], accelerations[middle]
        );
        assert!(turn < MOST_TURN_RAD_S, "{name}: {turn} rad/s");
        assert!(
            acceleration < MOST_ACCELERATION_M_S2,
            "{name}: {acceleration} m/s^2"
        );
        // A hand is never still for half of a recording.
        assert!(
            turns[middle] > 0.05 && accelerations[middle] > 0.05,
            "{name}"
        );
        for share in [0.25, 0.5, 0.75] {
            assert_pictures_agree(
                &simulator,
                (simulator.frame_count() as f64 * share) as usize,
            );
        }
    }
}

/// Asserts that two frames show the room from where the truth says: what is seen at a pixel of the one looks alike where
/// the truth transfers it to.
fn assert_pictures_agree(simulator: &Simulator, index: usize) {
    for frame in [index, index + 2] {
        let motion = simulator.trajectory();
        let secs = simulator.capture_time_nanos(frame) as f64 * 1e-9;
        assert_eq!(
            simulator.world_from_camera(frame),
            motion.at(secs).world_from_camera
        );
    }
    let render = |index: usize| {
        let mut image = GrayImage::new(160, 120).unwrap();
        simulator.render(index, &mut image);
        image
    };
    let (before, after) = (render(index), render(index + 2));
    let (mut differences, mut spread) = (Vec::new(), Vec::new());
    for y in (10..110).step_by(4) {
        for x in (10..150).step_by(4) {
            let here = before.data()[y * 160 + x];
            spread.push(f64::from(here));
            let Some(there) = simulator.transfer(index, index + 2, [x as f64, y as f64]) else {
                continue;
            };
            let [u, v] = there.map(|side| side.round() as usize);
            let there = after.data()[v.min(119) * 160 + u.min(159)];
            differences.push(f64::from(here.abs_diff(there)));
        }
    }
    assert!(
        differences.len() > 300,
        "frame {index}: {} points stay in view",
        differences.len()
    );
    for values in [&mut differences, &mut spread] {
        values.sort_by(f64::total_cmp);
    }
    let spread = spread[spread.len() * 9 / 10] - spread[spread.len() / 10];
    let difference = differences[differences.len() / 2];
    // Half a pixel of rounding in a picture of a room: a few levels, where unrelated places differ by a third of the
    // spread.
    assert!(
        spread > 20.0,
        "frame {index} shows nothing: a spread of {spread}"
    );
    assert!(
        difference < 0.1 * spread,
        "frame {index}: {difference} of a spread of {spread}"
    );
}

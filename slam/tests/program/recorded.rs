//! `slam simulate --trajectory`.

use std::fmt::Write;
use std::path::Path;

use nalgebra::{Isometry3, Matrix3, Rotation3, Translation3, UnitQuaternion, Vector3};
use slam::dataset::{Sequence, TimedPose, read_tum};

use crate::run::{fail, succeed};

/// A second and a half around an ellipse of `radius_m`, looking inwards and level, at 100 Hz from some zero of time.
fn circling(radius_m: f64) -> Vec<(f64, Isometry3<f64>)> {
    (0..200)
        .map(|k| {
            let secs = 0.01 * f64::from(k);
            let (sin, cos) = (0.8 * secs).sin_cos();
            let place = Vector3::new(radius_m * cos, 0.5 * radius_m * sin, 1.0);
            let forward = Vector3::new(-cos, -sin, 0.0);
            let axes =
                Matrix3::from_columns(&[forward.cross(&Vector3::z()), -Vector3::z(), forward]);
            let rotation = Rotation3::from_matrix_unchecked(axes);
            let pose = Isometry3::from_parts(
                Translation3::from(place),
                UnitQuaternion::from_rotation_matrix(&rotation),
            );
            (1_000.0 + secs, pose)
        })
        .collect()
}

fn write(path: &Path, poses: &[(f64, Isometry3<f64>)]) {
    let mut text = "# timestamp tx ty tz qx qy qz qw\n".to_owned();
    for (secs, pose) in poses {
        let (p, q) = (pose.translation.vector, pose.rotation.coords);
        writeln!(
            text,
            "{secs:.3} {} {} {} {} {} {} {}",
            p.x, p.y, p.z, q.x, q.y, q.z, q.w
        )
        .unwrap();
    }
    std::fs::write(path, text).unwrap();
}

/// Where the camera was at a frame, from where it was at the first.
fn from_first(poses: &[TimedPose]) -> Vec<Isometry3<f64>> {
    let first_from_world = poses[0].world_from_camera.inverse();
    let poses = poses.iter();
    poses
        .map(|pose| first_from_world * pose.world_from_camera)
        .collect()
}

fn simulate(recording: &Path, out: &Path, more: &[&str]) -> String {
    let mut arguments: Vec<&str> = "simulate --quick --width 64 --height 48 --frames 30 --fps 20"
        .split(' ')
        .collect();
    arguments.extend(["--trajectory", recording.to_str().unwrap()]);
    arguments.extend(["--out", out.to_str().unwrap()]);
    arguments.extend(more);
    succeed(&arguments).err
}

#[test]
fn a_recorded_motion_is_followed_from_where_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("hand.tum");
    let poses = circling(0.4);
    write(&recording, &poses);
    let out = folder.path().join("out");
    let said = simulate(&recording, &out, &["--trajectory-start", "0.2"]);
    assert!(said.contains("is followed at 1 of its size"), "{said}");
    let sequence = Sequence::open(&out).unwrap();
    assert_eq!(sequence.frames.len(), 30);
    assert_eq!(sequence.truth.len(), 30);
    let asked: Vec<TimedPose> = (0..30)
        .map(|k| TimedPose {
            time_nanos: 50_000_000 * k as i64,
            world_from_camera: poses[20 + 5 * k].1,
        })
        .collect();
    for (k, (is, asked)) in from_first(&sequence.truth)
        .iter()
        .zip(from_first(&asked))
        .enumerate()
    {
        // The spline cuts the corners between controls 40 ms apart: the motion's acceleration over 6 times their square,
        // 0.3 m/s^2 and less than 0.1 mm. At its ends it stands still for half a control, 0.02 s of 0.32 m/s.
        let off = is.inverse() * asked;
        let allowed_m = 0.008;
        assert!(
            off.translation.vector.norm() < allowed_m,
            "frame {k}: {off}"
        );
        assert!(off.rotation.angle() < 0.02, "frame {k}: {off}");
    }
    // Gravity stays where it was: a level camera's Y axis points down.
    for pose in &sequence.truth {
        let down = pose.world_from_camera.rotation * Vector3::y();
        assert!((down + Vector3::z()).norm() < 1e-3, "{down}");
    }
}

#[test]
fn a_large_way_of_a_sensor_with_other_axes_is_shrunk_and_levelled() {
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("sensor.tum");
    let mut poses = circling(8.0);
    // Its X axis is the camera's view, its Z axis up.
    let camera_from_sensor =
        UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(Matrix3::new(
            0.0, -1.0, 0.0, 0.0, 0.0, -1.0, 1.0, 0.0, 0.0,
        )));
    for (_, pose) in &mut poses {
        pose.rotation *= camera_from_sensor;
    }
    write(&recording, &poses);
    let out = folder.path().join("out");
    let said = simulate(&recording, &out, &["--level"]);
    let scale: f64 = said
        .split(" is followed at ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next())
        .and_then(|word| word.parse().ok())
        .expect("a scale");
    assert!((0.2..1.0).contains(&scale), "{scale}");
    let truth = read_tum(&out.join("truth.tum")).unwrap();
    let place = |pose: &TimedPose| pose.world_from_camera.translation.vector;
    let path_m: f64 = truth
        .windows(2)
        .map(|two| (place(&two[1]) - place(&two[0])).norm())
        .sum();
    let recorded = circling(8.0);
    let asked_m: f64 = recorded[..146]
        .windows(2)
        .map(|two| (two[1].1.translation.vector - two[0].1.translation.vector).norm())
        .sum();
    // 30 frames at 20 Hz span 1.45 s; chords are a little shorter than the arc.
    assert!(
        (path_m / (scale * asked_m) - 1.0).abs() < 0.02,
        "{path_m} m of {asked_m} m at {scale}"
    );
    for pose in &truth {
        let down = pose.world_from_camera.rotation * Vector3::y();
        assert!((down + Vector3::z()).norm() < 1e-3, "{down}");
    }
}

#[test]
fn what_is_wrong_with_a_recording_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("hand.tum");
    let name = recording.to_str().unwrap();
    let out = folder.path().join("out");
    let said = |more: &[&str]| {
        let mut arguments = vec!["simulate", "--quick", "--width", "64", "--height", "48"];
        arguments.extend(["--trajectory", name, "--out", out.to_str().unwrap()]);
        arguments.extend(more);
        fail(&arguments)
    };
    assert!(
        said(&[]).contains("hand.tum: No such file"),
        "{}",
        said(&[])
    );
    let mut poses = circling(0.4);
    write(&recording, &poses[..1]);
    assert!(said(&[]).contains("at least two poses, found 1"));
    write(&recording, &poses);
    let short = said(&["--frames", "100", "--fps", "30"]);
    assert!(
        short.contains("lasts 1.99 s; frames from 0 s to 3.33 s"),
        "{short}"
    );
    let before = said(&["--frames", "10", "--trajectory-start=-1"]);
    assert!(before.contains("frames from -1 s"), "{before}");
    poses.swap(50, 51);
    write(&recording, &poses);
    let disordered = said(&["--frames", "10"]);
    assert!(
        disordered.contains("the time of pose 52 is not later"),
        "{disordered}"
    );
    write(&recording, &circling(100.0));
    let large = said(&["--frames", "30"]);
    assert!(large.contains("does not fit into the room"), "{large}");
    assert!(!out.exists(), "nothing was to be written");
}

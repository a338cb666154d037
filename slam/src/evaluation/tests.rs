//! Against the numbers of the tool `evo`, and what cannot be aligned.
//!
//! `fixtures/reference.tum` is a motion from a formula (in the file); `fixtures/estimate.tum` is the same at another scale,
//! in another frame, with noise in time, position and orientation, and with poses missing. The numbers expected were
//! printed by evo 1.38.1; the command stands at each.

use nalgebra::{Isometry3, Vector3};

use super::*;

const MOST_DIFFERENCE_NANOS: i64 = 5_000_000;

fn poses(text: &str) -> Vec<TimedPose> {
    use nalgebra::{Quaternion, Translation3, UnitQuaternion};
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let n: Vec<f64> = line
                .split_whitespace()
                .map(|word| word.parse().expect("a number"))
                .collect();
            TimedPose {
                time_nanos: (n[0] * 1e9).round() as i64,
                world_from_camera: Isometry3::from_parts(
                    Translation3::new(n[1], n[2], n[3]),
                    UnitQuaternion::new_normalize(Quaternion::new(n[7], n[4], n[5], n[6])),
                ),
            }
        })
        .collect()
}

fn reference() -> Vec<TimedPose> {
    poses(include_str!("fixtures/reference.tum"))
}

fn estimate() -> Vec<TimedPose> {
    poses(include_str!("fixtures/estimate.tum"))
}

/// Compares all that evo prints, in the order max, mean, median, min, rmse, std.
fn assert_printed(what: &str, found: &Statistics, printed: [f64; 6]) {
    let found = [
        found.max,
        found.mean,
        found.median,
        found.min,
        found.rmse,
        found.std,
    ];
    for (found, printed) in found.into_iter().zip(printed) {
        // Half of the last digit printed.
        assert!(
            (found - printed).abs() <= 0.6e-6,
            "{what}: {found}, evo prints {printed}"
        );
    }
}

#[test]
fn absolute_errors_are_those_of_evo() {
    let pairs = associate(&estimate(), &reference(), MOST_DIFFERENCE_NANOS);
    assert_eq!(pairs.len(), 57);
    let angles = [1.959382, 1.043704, 1.058116, 0.214999, 1.136641, 0.450150];
    for (alignment, translation, rotation) in [
        // evo_ape tum reference.tum estimate.tum -as --t_max_diff 0.005 (and -r angle_deg)
        (
            Alignment::Similarity,
            [0.031065, 0.015524, 0.015346, 0.004179, 0.016914, 0.006715],
            angles,
        ),
        // ... -a
        (
            Alignment::Rigid,
            [0.444698, 0.345876, 0.326268, 0.286260, 0.349020, 0.046741],
            angles,
        ),
        // ... without either
        (
            Alignment::None,
            [3.058349, 2.380106, 2.338153, 1.775812, 2.413137, 0.397900],
            [
                79.334996, 78.169339, 78.302799, 76.672332, 78.172187, 0.667292,
            ],
        ),
    ] {
        let error = AbsoluteError::of(&pairs, alignment).expect("aligned");
        let what = format!("{alignment:?}");
        assert_printed(&what, &error.translation_m, translation);
        assert_printed(&what, &error.rotation_deg, rotation);
    }
    // evo_ape tum estimate.tum reference.tum -as --t_max_diff 0.005: the longer one is aligned to the shorter.
    let pairs = associate(&reference(), &estimate(), MOST_DIFFERENCE_NANOS);
    let error = AbsoluteError::of(&pairs, Alignment::Similarity).expect("aligned");
    assert_printed(
        "swapped",
        &error.translation_m,
        [0.012275, 0.006184, 0.006181, 0.001680, 0.006739, 0.002677],
    );
}

#[test]
fn relative_errors_are_those_of_evo() {
    let pairs = associate(&estimate(), &reference(), MOST_DIFFERENCE_NANOS);
    let aligned = Similarity::between(&pairs, Alignment::Similarity).expect("aligned");
    for (delta, translation, rotation) in [
        // evo_rpe tum reference.tum estimate.tum -as --t_max_diff 0.005 -d 1 -u f (and -r angle_deg)
        (
            Delta::Frames(1),
            [0.046542, 0.022458, 0.020987, 0.003311, 0.024283, 0.009238],
            [2.636060, 1.424445, 1.541362, 0.247394, 1.536328, 0.575553],
        ),
        // ... -d 10 -u f
        (
            Delta::Frames(10),
            [0.050398, 0.030186, 0.026035, 0.016691, 0.032223, 0.011277],
            [1.446743, 1.150437, 1.214141, 0.837579, 1.179602, 0.260682],
        ),
        // ... -d 0.5 -u m
        (
            Delta::Metres(0.5),
            [0.039820, 0.021948, 0.021567, 0.006795, 0.024383, 0.010622],
            [1.795782, 1.234013, 1.182912, 0.773608, 1.268250, 0.292695],
        ),
    ] {
        let error = RelativeError::of(&pairs, &aligned, delta).expect("a whole stretch");
        assert_printed(&format!("{delta:?}"), &error.translation_m, translation);
        assert_printed(&format!("{delta:?}"), &error.rotation_deg, rotation);
    }
    // evo_rpe tum reference.tum estimate.tum --t_max_diff 0.005 -d 0.2 -u m
    let error = RelativeError::of(&pairs, &Similarity::identity(), Delta::Metres(0.2));
    assert_printed(
        "not aligned",
        &error.expect("a whole stretch").translation_m,
        [0.316454, 0.286117, 0.294153, 0.251402, 0.287116, 0.023937],
    );
    let beyond = RelativeError::of(&pairs, &aligned, Delta::Metres(1e3));
    assert_eq!(beyond, None);
}

#[test]
fn a_moved_and_scaled_copy_is_found_and_a_mirrored_one_is_not() {
    let moved = Similarity {
        scale: 2.5,
        isometry: Isometry3::new(Vector3::new(1.0, -2.0, 0.5), Vector3::new(0.3, 2.0, -0.7)),
    };
    let copy: Vec<TimedPose> = reference()
        .iter()
        .map(|pose| TimedPose {
            world_from_camera: moved.transform(&pose.world_from_camera),
            ..*pose
        })
        .collect();
    let pairs = associate(&reference(), &copy, 0);
    let found = Similarity::between(&pairs, Alignment::Similarity).expect("aligned");
    assert!((found.scale - 2.5).abs() < 1e-12);
    assert!((found.isometry.inverse() * moved.isometry).rotation.angle() < 1e-7);
    assert!((found.isometry.translation.vector - moved.isometry.translation.vector).norm() < 1e-12);

    let mut mirrored = reference();
    for pose in &mut mirrored {
        pose.world_from_camera.translation.vector.x *= -1.0;
    }
    let pairs = associate(&reference(), &mirrored, 0);
    let error = AbsoluteError::of(&pairs, Alignment::Similarity).expect("aligned");
    assert!(error.translation_m.rmse > 0.05, "{:?}", error.translation_m);
    assert!((error.reference_from_estimate.isometry.rotation.norm() - 1.0).abs() < 1e-12);
}

#[test]
fn what_leaves_the_rotation_open_is_not_aligned() {
    let line = |count: i32| -> Vec<TimedPose> {
        (0..count)
            .map(|k| TimedPose {
                time_nanos: i64::from(k),
                world_from_camera: Isometry3::translation(f64::from(k), 2.0 * f64::from(k), 0.0),
            })
            .collect()
    };
    for trajectory in [Vec::new(), line(2), line(10), vec![line(1)[0]; 5]] {
        let pairs = associate(&trajectory, &trajectory, 0);
        assert_eq!(Similarity::between(&pairs, Alignment::Similarity), None);
        assert_eq!(Similarity::between(&pairs, Alignment::Rigid), None);
    }
    let unaligned = AbsoluteError::of(&associate(&line(2), &line(2), 0), Alignment::None);
    assert_eq!(unaligned.map(|e| e.translation_m.rmse), Some(0.0));
    assert_eq!(AbsoluteError::of(&[], Alignment::None), None);
}

#[test]
fn poses_belong_together_up_to_the_difference_allowed() {
    let at = |times: &[i64]| -> Vec<TimedPose> {
        times
            .iter()
            .map(|&time_nanos| TimedPose {
                time_nanos,
                world_from_camera: Isometry3::translation(time_nanos as f64, 0.0, 0.0),
            })
            .collect()
    };
    let found = |a: &[i64], b: &[i64], most: i64| -> Vec<(i64, f64)> {
        associate(&at(a), &at(b), most)
            .iter()
            .map(|pair| (pair.time_nanos, pair.reference.translation.x))
            .collect()
    };
    assert_eq!(found(&[10, 0], &[4, 9, 30], 4), [(0, 4.0), (10, 9.0)]);
    assert_eq!(found(&[10, 0], &[4, 9, 30], 3), [(10, 9.0)]);
    // Equally near: the earlier one. Longer estimate: every reference takes its nearest.
    assert_eq!(found(&[5], &[0, 10], 5), [(5, 0.0)]);
    assert_eq!(found(&[0, 1, 2, 3], &[2, 40], 5), [(2, 2.0)]);
    assert!(found(&[], &[1], 5).is_empty() && found(&[1], &[], 5).is_empty());
}

#[test]
fn poses_between_are_interpolated_but_not_over_gaps() {
    let trajectory = [(0, 0.0), (100_000, 1.0), (900_000, 2.0)].map(|(time_nanos, x)| TimedPose {
        time_nanos,
        world_from_camera: Isometry3::new(Vector3::new(x, 0.0, 0.0), Vector3::new(0.0, x, 0.0)),
    });
    let middle = pose_at(&trajectory, 50_000, 200_000).expect("between");
    assert!((middle.translation.x - 0.5).abs() < 1e-12);
    assert!((middle.rotation.angle() - 0.5).abs() < 1e-9);
    assert_eq!(pose_at(&trajectory, 500_000, 200_000), None);
    assert_eq!(pose_at(&trajectory, -50_000, 200_000), None);
    assert_eq!(pose_at(&trajectory, 950_000, 200_000), None);
    let last = pose_at(&trajectory, 900_400, 200_000).expect("at the end");
    assert_eq!(last.translation.x, 2.0);
    assert_eq!(pose_at(&[], 0, 1), None);
}

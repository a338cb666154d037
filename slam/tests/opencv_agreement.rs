//! Our Lucas-Kanade and OpenCV's on the same points: the real frames where `SIGHTLINE_DATA` is set, and always a
//! texture that moves.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and prints what it measured"
)]

mod support;

use slam::corners::count_fast_pixels;
use slam::lucas_kanade::{FlowStatus, LucasKanadeConfig};
use slam::pyramid::Pyramid;
use slam::workload::{Workload, points_to_measure};
use slam::{GrayImage, opencv};

/// Distances in pixels between the two answers for the points that both follow; and how many each follows alone.
fn differences(earlier: &GrayImage, later: &GrayImage) -> (Vec<f64>, [usize; 2]) {
    let (earlier, later) = (earlier.view(), later.view());
    let points = points_to_measure(&earlier, 1200).unwrap();
    let config = LucasKanadeConfig::default();
    let mut ours = Workload::new(&earlier, &later, &points, 4, config.clone()).unwrap();
    let mut theirs = opencv::Workload::new(&earlier, &later, &points, 4, config).unwrap();
    theirs.track().unwrap();
    let mut alone = [0; 2];
    let mut distances = Vec::new();
    for (flow, position) in ours.track().unwrap().iter().zip(theirs.positions()) {
        match (flow.status == FlowStatus::Tracked, position) {
            (true, Some([x, y])) => {
                let [u, v] = flow.position_px;
                distances.push(f64::from(u - x).hypot(f64::from(v - y)));
            }
            (true, None) => alone[0] += 1,
            (false, Some(_)) => alone[1] += 1,
            (false, None) => {}
        }
    }
    (distances, alone)
}

#[test]
fn on_real_data_tracks_agree_with_opencv() {
    let Some(frames) = support::kitchen_frames(600) else {
        return;
    };
    let mut all = Vec::new();
    let mut only = [0; 2];
    // Every tenth pair: sixty over the sequence.
    for pair in frames.windows(2).step_by(10) {
        let (distances, alone) = differences(&pair[0], &pair[1]);
        all.extend(distances);
        only = [only[0] + alone[0], only[1] + alone[1]];
    }
    println!(
        "followed by ours alone {}, by OpenCV alone {}",
        only[0], only[1]
    );
    support::assert_within_limits("ours to OpenCV's", &mut all);
    assert!(only[1] * 20 < all.len(), "OpenCV alone follows {}", only[1]);
}

#[test]
fn fast_finds_what_opencv_finds() {
    let pixel = |i: usize| {
        ((i % 320 / 6).wrapping_mul(2_654_435_761) ^ (i / 320 / 5).wrapping_mul(40_503)) >> 7
    };
    let data = (0..320 * 240).map(|i| pixel(i) as u8).collect();
    let image = GrayImage::from_vec(320, 240, data).unwrap();
    let pyramid = Pyramid::of(&image.view(), 1).unwrap();
    for threshold in [10, 40, 90] {
        let ours = count_fast_pixels(&pyramid, threshold);
        let theirs = opencv::Picture::new(&image.view()).unwrap();
        assert!(ours > 50, "{ours} at {threshold}");
        assert_eq!(ours, theirs.fast(i32::from(threshold), false).unwrap());
    }
}

#[test]
fn tracks_agree_on_a_moving_texture() {
    let texture = |dx: f32, dy: f32| {
        let pixel = |i: usize| {
            let (x, y) = ((i % 640) as f32 - dx, (i / 640) as f32 - dy);
            let blob = |cx: f32, cy: f32| (-((x - cx).powi(2) + (y - cy).powi(2)) / 12.0).exp();
            // The nearest lattice points' blobs, each with its own brightness.
            let (column, row) = ((x / 14.0).floor(), (y / 14.0).floor());
            let mut sum = 90.0;
            for j in -1..=2 {
                for i in -1..=2 {
                    let (c, r) = (column + i as f32, row + j as f32);
                    let strength = ((c * 12.9898 + r * 78.233).sin() * 43_758.547).fract() * 120.0;
                    sum += strength * blob(c * 14.0, r * 14.0);
                }
            }
            sum.clamp(0.0, 255.0) as u8
        };
        GrayImage::from_vec(640, 480, (0..640 * 480).map(pixel).collect()).unwrap()
    };
    let (mut distances, alone) = differences(&texture(0.0, 0.0), &texture(3.7, -1.6));
    support::assert_within_limits("ours to OpenCV's", &mut distances);
    assert!(alone[1] < 60, "OpenCV alone follows {}", alone[1]);
}

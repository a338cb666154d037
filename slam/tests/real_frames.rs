//! The front end on a real camera's frames. Runs where `SIGHTLINE_DATA` is set.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and prints what it measured"
)]

mod support;

use std::collections::HashMap;

use slam::{Frame, FrontEnd, FrontEndConfig};

/// Frames that a point is seen in, from the first on.
const LONG: usize = 10;

#[test]
fn on_real_data_most_points_live_ten_frames_or_more() {
    let Some(frames) = support::kitchen_frames(600) else {
        return;
    };
    let mut front_end = FrontEnd::new(FrontEndConfig::default()).unwrap();
    let mut lives: HashMap<u32, (usize, usize)> = HashMap::new();
    let mut counts = Vec::new();
    for (k, image) in frames.iter().enumerate() {
        let frame = Frame::new(image.view(), k as i64 * 33_333_333);
        let ticket = front_end.submit(&frame).unwrap();
        let tracks = front_end.poll(ticket).unwrap();
        counts.push(tracks.points.len() as f64);
        for point in &tracks.points {
            let life = lives.entry(point.id).or_insert((k, 0));
            life.1 += 1;
            assert_eq!(life.1, point.age_frames as usize + 1);
        }
    }
    // Points that start too late to show whether they would live are not counted. All others are, those as well that
    // leave the image.
    let counted: Vec<usize> = lives
        .values()
        .filter(|(born, _)| born + LONG <= frames.len())
        .map(|(_, life)| *life)
        .collect();
    let long = counted.iter().filter(|life| **life >= LONG).count();
    let share = long as f64 / counted.len() as f64;
    println!(
        "{share:.3} of {} points live {LONG} frames; points a frame: median {}, least {}",
        counted.len(),
        support::quantile(&mut counts, 0.5),
        counts[0],
    );
    assert!(share >= 0.6, "{share}");
    assert!(counts[0] >= 100.0, "as few as {} points", counts[0]);
}

//! The front end on the generated sequence, against its exact tracks.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and prints what it measured"
)]

mod support;

use std::collections::HashMap;

use slam::simulator::{Simulator, SimulatorConfig};
use slam::{Frame, FrontEnd, FrontEndConfig, GrayImage};

#[test]
fn tracks_follow_the_exact_ones() {
    let simulator = Simulator::new(SimulatorConfig {
        frame_count: 60,
        ..SimulatorConfig::default()
    });
    let mut front_end = FrontEnd::new(FrontEndConfig::default()).unwrap();
    let mut image = GrayImage::new(640, 480).unwrap();
    let mut births: HashMap<u32, (usize, [f64; 2])> = HashMap::new();
    let mut before: HashMap<u32, [f64; 2]> = HashMap::new();
    let (mut since_birth, mut a_frame) = (Vec::new(), Vec::new());
    let mut counts = Vec::new();
    for k in 0..simulator.frame_count() {
        simulator.render(k, &mut image);
        let frame = Frame::new(image.view(), simulator.capture_time_nanos(k));
        let ticket = front_end.submit(&frame).unwrap();
        let tracks = front_end.poll(ticket).unwrap();
        counts.push(tracks.points.len() as f64);
        let mut now = HashMap::new();
        for point in &tracks.points {
            let here = point.position_px.map(f64::from);
            let error = |truth: [f64; 2]| (truth[0] - here[0]).hypot(truth[1] - here[1]);
            let (born, start) = *births.entry(point.id).or_insert((k, here));
            if born < k {
                // Where the truth is hidden or outside there is nothing to compare with.
                since_birth.extend(simulator.transfer(born, k, start).map(error));
                a_frame.extend(simulator.transfer(k - 1, k, before[&point.id]).map(error));
            }
            now.insert(point.id, here);
        }
        before = now;
    }
    println!(
        "points a frame: median {}",
        support::quantile(&mut counts, 0.5)
    );
    println!(
        "since each point's first frame: median {:.3} px",
        support::quantile(&mut since_birth, 0.5)
    );
    support::assert_within_limits("from frame to frame", &mut a_frame);
}

//! Whatever is handed to the tracker, it answers with an error or a state and never panics: a bounded run with a fixed
//! seed. `slam/fuzz` goes on from here without bounds.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    unreachable_pub,
    reason = "a test fails by panicking and prints what it measured; the abuse is shared with the fuzz target"
)]

mod abuse;

use abuse::{Choices, abuse};
use slam::GrayImage;
use slam::simulator::{Quality, Simulator, SimulatorConfig};

/// SplitMix64 (Steele, Lea and Flood 2014).
fn bytes(seed: u64, count: usize) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) as u8
    };
    (0..count).map(|_| next()).collect()
}

/// Pictures with parallax, small enough for hundreds of runs.
fn sequence() -> Vec<GrayImage> {
    let simulator = Simulator::new(SimulatorConfig {
        width: 192,
        height: 144,
        frame_count: 45,
        quality: Quality::Quick,
        ..SimulatorConfig::default()
    });
    let mut image = GrayImage::new(192, 144).unwrap();
    (0..simulator.frame_count())
        .map(|index| {
            simulator.render(index, &mut image);
            image.clone()
        })
        .collect()
}

#[test]
fn hundreds_of_bad_callers_get_an_error_or_a_state() {
    for seed in 0..400 {
        abuse(&mut Choices::new(&bytes(seed, 160)), &[]);
    }
}

#[test]
fn garbage_between_frames_that_track_gets_an_error_or_a_state() {
    let sequence = sequence();
    for seed in 0..25 {
        abuse(&mut Choices::new(&bytes(seed ^ 0x5eed, 2_000)), &sequence);
    }
}

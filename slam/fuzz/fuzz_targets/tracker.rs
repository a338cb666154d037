//! Any bytes choose a configuration, pictures, times, sensors and calls: an error or a state, never a panic.

#![no_main]

#[path = "../../tests/abuse/mod.rs"]
mod abuse;

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use slam::GrayImage;
use slam::simulator::{Quality, Simulator, SimulatorConfig};

/// Pictures that can really be tracked, so that the calls reach a tracker with a map.
fn sequence() -> &'static [GrayImage] {
    static SEQUENCE: OnceLock<Vec<GrayImage>> = OnceLock::new();
    SEQUENCE.get_or_init(|| {
        let simulator = Simulator::new(SimulatorConfig {
            width: 192,
            height: 144,
            frame_count: 45,
            quality: Quality::Quick,
            ..SimulatorConfig::default()
        });
        (0..simulator.frame_count())
            .map(|index| {
                let mut image = GrayImage::new(192, 144).expect("a size in range");
                simulator.render(index, &mut image);
                image
            })
            .collect()
    })
}

fuzz_target!(|bytes: &[u8]| abuse::abuse(&mut abuse::Choices::new(bytes), sequence()));

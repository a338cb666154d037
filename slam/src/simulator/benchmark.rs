//! The twelve sequences that the tracker is measured on: four rooms, three ways through each.
//!
//! In: nothing. Out: configurations. 640x480 at 30 Hz, 450 frames (15 s) of 5 to 14 m; a phone's noise, vignetting and
//! automatic exposure; a global shutter and no motion blur, so that the truth of a frame is one pose.

use super::config::{CameraEffects, Motion, Quality, Room, SensorNoise, SimulatorConfig};

/// A sequence with its name.
#[derive(Debug, Clone, PartialEq)]
pub struct BenchmarkSequence {
    /// `room-motion`, as `classroom-orbit`.
    pub name: &'static str,
    /// What to simulate.
    pub config: SimulatorConfig,
}

/// All twelve.
#[must_use]
pub fn sequences() -> [BenchmarkSequence; 12] {
    use Motion::{Orbit, Scan, Walk};
    use Room::{Classroom, Desk, Hall, LivingRoom};
    [
        sequence("living-room-orbit", LivingRoom, Orbit, 101),
        sequence("living-room-scan", LivingRoom, Scan, 102),
        sequence("living-room-walk", LivingRoom, Walk, 103),
        sequence("classroom-orbit", Classroom, Orbit, 104),
        sequence("classroom-scan", Classroom, Scan, 105),
        sequence("classroom-walk", Classroom, Walk, 106),
        sequence("hall-orbit", Hall, Orbit, 107),
        sequence("hall-scan", Hall, Scan, 108),
        sequence("hall-walk", Hall, Walk, 109),
        sequence("desk-orbit", Desk, Orbit, 110),
        sequence("desk-scan", Desk, Scan, 111),
        sequence("desk-walk", Desk, Walk, 112),
    ]
}

fn sequence(name: &'static str, room: Room, motion: Motion, seed: u64) -> BenchmarkSequence {
    let config = SimulatorConfig {
        frame_count: 450,
        imu_rate_hz: 60.0,
        seed,
        room,
        motion,
        quality: Quality::Quick,
        effects: phone(),
        ..SimulatorConfig::default()
    };
    BenchmarkSequence { name, config }
}

/// What an ordinary phone does indoors, without blur and with a global shutter.
fn phone() -> CameraEffects {
    CameraEffects {
        auto_exposure_lag_secs: Some(0.3),
        noise: Some(SensorNoise::PHONE_INDOORS),
        vignetting: 0.15,
        ..CameraEffects::default()
    }
}

/// The stillness test: `still_secs` without any motion after 3 s of a start with parallax, image noise only.
#[must_use]
pub fn standing_still(still_secs: f64) -> SimulatorConfig {
    SimulatorConfig {
        frame_count: ((3.0 + still_secs.max(0.0)) * 30.0) as usize,
        seed: 113,
        motion: Motion::StandStill,
        quality: Quality::Quick,
        effects: CameraEffects {
            noise: Some(SensorNoise::PHONE_INDOORS),
            ..CameraEffects::default()
        },
        ..SimulatorConfig::default()
    }
}

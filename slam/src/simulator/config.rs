//! What to simulate: the room, the motion, the camera and its faults.
//!
//! Everything beyond a sharp, noiseless pinhole in the living room is off by default.

use super::trajectory::Trajectory;
use crate::camera::Distortion;

/// What to simulate.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatorConfig {
    /// Width of the frames, px.
    pub width: usize,
    /// Height of the frames, px.
    pub height: usize,
    /// Frames a second.
    pub frame_rate_hz: f64,
    /// Number of frames.
    pub frame_count: usize,
    /// IMU samples a second.
    pub imu_rate_hz: f64,
    /// Chooses the motion, the noise and the people's ways; the room is the same for all seeds.
    pub seed: u64,
    /// Where the camera is.
    pub room: Room,
    /// How it moves.
    pub motion: Motion,
    /// How the frames are computed.
    pub quality: Quality,
    /// The lens.
    pub lens: Lens,
    /// What the sensor does to the light.
    pub effects: CameraEffects,
    /// Whether the walls lose their pictures and patterns.
    pub blank_walls: bool,
    /// Number of people who walk through the room.
    pub people: usize,
}

impl Default for SimulatorConfig {
    /// Five seconds of a phone's camera as browsers give it.
    fn default() -> Self {
        Self {
            width: 640,
            height: 480,
            frame_rate_hz: 30.0,
            frame_count: 150,
            imu_rate_hz: 60.0,
            seed: 1,
            room: Room::LivingRoom,
            motion: Motion::HandHeld,
            quality: Quality::Fine,
            lens: Lens::default(),
            effects: CameraEffects::default(),
            blank_walls: false,
            people: 0,
        }
    }
}

/// The rooms there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Room {
    /// A furnished living room, 5.2 by 4.4 m.
    LivingRoom,
    /// A class room with nine desks, 7 by 6 m.
    Classroom,
    /// A corridor with mostly blank walls, 2.6 by 10 m.
    Hall,
    /// A desk seen from close by.
    Desk,
}

impl Room {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::LivingRoom, Self::Classroom, Self::Hall, Self::Desk];
}

/// How the camera moves. Each begins with a step to the side, as a person does who follows the coach.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Motion {
    /// Slow arcs through the living room; in other rooms, [`Motion::Walk`].
    HandHeld,
    /// A walk on an arc around something that stays in view.
    Orbit,
    /// A slow look along the room's sides from nearby.
    Scan,
    /// A walk through the room's free space that looks about.
    Walk,
    /// Quick turns of the head with little motion.
    LookAround,
    /// A step to the side and back within 3 s, then no motion at all.
    StandStill,
    /// Turns about the camera's centre, exactly.
    PureRotation,
    /// The walk, its time reversed.
    Backwards,
    /// A motion from elsewhere, see [`Trajectory::through`].
    Given(Trajectory),
}

/// How frames are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quality {
    /// Five rays where surfaces meet, fine light maps: for pictures to look at.
    Fine,
    /// Surfaces filled row by row, four samples where they meet, coarse light maps: many times quicker, for tests
    /// and benches. Its pictures are as exact in their geometry as the fine ones.
    Quick,
}

/// The lens, and what the tracker is told of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lens {
    /// How it bends light.
    pub distortion: Distortion,
    /// The told focal length over the true one.
    pub told_focal_factor: f64,
    /// Whether the distortion is told; otherwise the told camera has none.
    pub told_distortion: bool,
}

impl Default for Lens {
    /// A pinhole, told as it is.
    fn default() -> Self {
        Self {
            distortion: Distortion::None,
            told_focal_factor: 1.0,
            told_distortion: true,
        }
    }
}

/// What a phone's sensor does to the light. Times are of the frame's clock; the frame's capture time is the middle
/// of the exposure of the image's middle row.
#[derive(Debug, Clone, PartialEq)]
pub struct CameraEffects {
    /// Time from the capture of the first row to that of the last, s. 0: all at once.
    pub rolling_shutter_secs: f64,
    /// How long light is gathered, s. 0: no motion blur.
    pub exposure_secs: f64,
    /// Number of moments over the exposure that are averaged.
    pub exposure_samples: usize,
    /// Automatic exposure; its time constant, s.
    pub auto_exposure_lag_secs: Option<f64>,
    /// At each time, s, the brightness changes by this factor and stays so.
    pub exposure_steps: Vec<(f64, f64)>,
    /// Noise of the sensor.
    pub noise: Option<SensorNoise>,
    /// Light lost in the corners, as a fraction.
    pub vignetting: f64,
    /// Frames that are not what they should be.
    pub faults: Vec<Fault>,
}

impl Default for CameraEffects {
    /// None.
    fn default() -> Self {
        Self {
            rolling_shutter_secs: 0.0,
            exposure_secs: 0.0,
            exposure_samples: 5,
            auto_exposure_lag_secs: None,
            exposure_steps: Vec::new(),
            noise: None,
            vignetting: 0.0,
            faults: Vec::new(),
        }
    }
}

/// Photon (shot) noise and read noise, independent in each pixel and channel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SensorNoise {
    /// Electrons of a pixel at full white; the photons' standard deviation is the root of their number.
    pub full_well_electrons: f64,
    /// Standard deviation of the read-out, electrons.
    pub read_electrons: f64,
}

impl SensorNoise {
    /// A phone indoors: about 2.5 grey levels in the middle of the scale.
    pub const PHONE_INDOORS: Self = Self {
        full_well_electrons: 2000.0,
        read_electrons: 6.0,
    };
}

/// A run of frames `first..end` that are not what they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A covered lens.
    Black {
        /// First frame of the run.
        first: usize,
        /// The frame after its last.
        end: usize,
    },
    /// The frame before the run is given again.
    Frozen {
        /// First frame of the run.
        first: usize,
        /// The frame after its last.
        end: usize,
    },
}

//! Generated motions: a person's way through a room, and the tremor of the hand.
//!
//! In: a kind of motion, a room, a seed, a duration. Out: a [`Trajectory`]. The way is a smooth curve through
//! places and what is looked at from each; on it lies a tremor with the spectrum of recorded hands: the rms per
//! axis of velocity and angular velocity in the octaves from 0.5 to 8 Hz, means of the two recordings of a person
//! with a hand-held camera around a table (see `docs/simulator.md`, where the figures and their source stand).

use std::f64::consts::TAU;

use nalgebra::{Isometry3, Translation3, Vector3};

use super::config::{Motion, Room};
use super::noise::Random;
use super::spline::rotation_exp;
use super::stations::{Station, orbit, scan, walk};
use super::trajectory::{CONTROL_STEP_SECS, Trajectory, looking_along};

/// One octave of the hand's spectrum: middle frequency, rms velocity across and up, rms angular velocity.
struct Octave {
    frequency_hz: f64,
    velocity_m_s: f64,
    lift_m_s: f64,
    turn_rad_s: f64,
}

/// The lowest octave is the gait: 0.5 to 1 Hz.
const HAND: [Octave; 4] = [
    Octave {
        frequency_hz: 0.75,
        velocity_m_s: 0.070,
        lift_m_s: 0.220,
        turn_rad_s: 0.160,
    },
    Octave {
        frequency_hz: 1.5,
        velocity_m_s: 0.026,
        lift_m_s: 0.043,
        turn_rad_s: 0.093,
    },
    Octave {
        frequency_hz: 3.0,
        velocity_m_s: 0.016,
        lift_m_s: 0.020,
        turn_rad_s: 0.064,
    },
    Octave {
        frequency_hz: 6.0,
        velocity_m_s: 0.010,
        lift_m_s: 0.007,
        turn_rad_s: 0.049,
    },
];
const WAVES_PER_OCTAVE: usize = 3;

/// How much of each part of the spectrum a motion has.
struct Vigour {
    gait: f64,
    tremor: f64,
}

/// The motion of a kind in a room, at least `duration_secs` long.
pub(crate) fn generate(kind: &Motion, room: Room, seed: u64, duration_secs: f64) -> Trajectory {
    match kind {
        Motion::Given(trajectory) => trajectory.clone(),
        Motion::HandHeld if room == Room::LivingRoom => Trajectory::hand_held(seed, duration_secs),
        Motion::Orbit => along(
            orbit(room),
            seed,
            duration_secs,
            &Vigour {
                gait: 0.5,
                tremor: 0.8,
            },
        ),
        Motion::Scan => along(
            scan(room),
            seed,
            duration_secs,
            &Vigour {
                gait: 0.4,
                tremor: 0.9,
            },
        ),
        Motion::LookAround => look_around(room, seed, duration_secs),
        Motion::StandStill => stand_still(room, duration_secs),
        Motion::PureRotation => pure_rotation(room, seed, duration_secs),
        Motion::Backwards => {
            let forwards = walk_along(room, seed, duration_secs);
            laid(duration_secs, |t| {
                forwards.at((duration_secs - t).max(0.0)).world_from_camera
            })
        }
        Motion::Walk | Motion::HandHeld => walk_along(room, seed, duration_secs),
    }
}

fn walk_along(room: Room, seed: u64, duration_secs: f64) -> Trajectory {
    along(
        walk(room),
        seed,
        duration_secs,
        &Vigour {
            gait: 0.7,
            tremor: 1.0,
        },
    )
}

/// Time for the whole way, whatever its length; then back, and so on.
const WAY_SECS: f64 = 15.0;

/// Walks the way at an even pace.
fn along(way: &[Station], seed: u64, duration_secs: f64, vigour: &Vigour) -> Trajectory {
    let tremor = Tremor::new(seed, vigour);
    let pace = Pace::new(way);
    laid(duration_secs, |t| {
        let walked = (t.max(0.0) / WAY_SECS).rem_euclid(2.0);
        tremor.shake(t, &pace.pose(walked.min(2.0 - walked)))
    })
}

/// Quick turns to both sides and up and down, the feet in place.
fn look_around(room: Room, seed: u64, duration_secs: f64) -> Trajectory {
    let tremor = Tremor::new(
        seed,
        &Vigour {
            gait: 0.3,
            tremor: 1.0,
        },
    );
    let start = Way::new(walk(room)).pose(0.0);
    let side = start.rotation * Vector3::x();
    laid(duration_secs, |t| {
        let begun = smooth((t - 1.5) / 1.5);
        let yaw = begun * 0.75 * libm::sin(TAU * (t - 1.5) / 2.6);
        let pitch = begun * 0.22 * libm::sin(TAU * (t - 1.5) / 4.1);
        let step = side * (0.16 * (1.0 - libm::cos(TAU * t / 4.0)));
        let turned = rotation_exp(&(Vector3::z() * yaw)) * start.rotation;
        let rotation = turned * rotation_exp(&(Vector3::x() * pitch));
        let position = start.translation.vector + step;
        tremor.shake(
            t,
            &Isometry3::from_parts(Translation3::from(position), rotation),
        )
    })
}

/// Half a metre to the side and most of the way back in 3 s; then nothing moves.
fn stand_still(room: Room, duration_secs: f64) -> Trajectory {
    let start = Way::new(orbit(room)).pose(0.0);
    let side = start.rotation * Vector3::x();
    laid(duration_secs, |t| {
        let out = smooth(t / 1.6);
        let back = smooth((t - 1.6) / 1.4);
        let step = side * (0.45 * out - 0.2 * back);
        let position = start.translation.vector + step;
        Isometry3::from_parts(Translation3::from(position), start.rotation)
    })
}

fn pure_rotation(room: Room, seed: u64, duration_secs: f64) -> Trajectory {
    let tremor = Tremor::new(
        seed,
        &Vigour {
            gait: 0.3,
            tremor: 1.0,
        },
    );
    let start = Way::new(walk(room)).pose(0.0);
    laid(duration_secs, |t| {
        let yaw = 0.8 * libm::sin(TAU * t / 7.0);
        let pitch = 0.15 * libm::sin(TAU * t / 4.6);
        let turned = rotation_exp(&(Vector3::z() * yaw)) * start.rotation;
        let rotation = turned * rotation_exp(&(Vector3::x() * pitch));
        let mut pose = tremor.shake(t, &Isometry3::from_parts(start.translation, rotation));
        pose.translation = start.translation;
        pose
    })
}

/// The spline whose control poses a formula lays.
fn laid(duration_secs: f64, pose: impl Fn(f64) -> Isometry3<f64>) -> Trajectory {
    let count = (duration_secs / CONTROL_STEP_SECS) as usize + 6;
    let controls = (0..count)
        .map(|k| pose((k as f64 - 1.0) * CONTROL_STEP_SECS))
        .collect();
    Trajectory::from_controls(CONTROL_STEP_SECS, controls)
}

/// 0 up to 0, 1 from 1 on, twice differentiable between.
fn smooth(x: f64) -> f64 {
    let x = x.clamp(0.0, 1.0);
    x * x * x * (10.0 + x * (-15.0 + 6.0 * x))
}

/// A smooth curve through places, and what is looked at from each.
pub(crate) struct Way {
    stations: Vec<[Vector3<f64>; 2]>,
}

impl Way {
    pub(crate) fn new(way: &[Station]) -> Self {
        let stations = way
            .iter()
            .map(|station| {
                [
                    Vector3::from(station.position),
                    Vector3::from(station.target),
                ]
            })
            .collect();
        Self { stations }
    }

    /// Place and target at `s` in `0.0..=1.0` of the stations: Catmull-Rom.
    pub(crate) fn at(&self, s: f64) -> [Vector3<f64>; 2] {
        let last = self.stations.len() - 1;
        let position = s.clamp(0.0, 1.0) * last as f64;
        let k = (position as usize).min(last.saturating_sub(1));
        let u = position - k as f64;
        let station = |offset: usize| {
            // One before the first mirrors the second.
            let index = k + offset;
            if index == 0 {
                let [p, t] =
                    [0, 1].map(|part| self.stations[0][part] * 2.0 - self.stations[1][part]);
                [p, t]
            } else if index > last + 1 {
                [0, 1].map(|part| self.stations[last][part] * 2.0 - self.stations[last - 1][part])
            } else {
                self.stations[index - 1]
            }
        };
        let [a, b, c, d] = [0, 1, 2, 3].map(station);
        [0, 1].map(|part| {
            let (a, b, c, d) = (a[part], b[part], c[part], d[part]);
            (b * 2.0
                + (c - a) * u
                + (a * 2.0 - b * 5.0 + c * 4.0 - d) * (u * u)
                + (b * 3.0 - a - c * 3.0 + d) * (u * u * u))
                * 0.5
        })
    }

    fn pose(&self, s: f64) -> Isometry3<f64> {
        let [position, target] = self.at(s);
        let look = target - position;
        let yaw = libm::atan2(look.y, look.x);
        let pitch = libm::atan2(look.z, (look.x * look.x + look.y * look.y).sqrt());
        Isometry3::from_parts(Translation3::from(position), looking_along(yaw, pitch))
    }
}

/// A way walked at an even pace: equal shares of time for equal lengths, a turn of a radian counting as some length.
struct Pace {
    way: Way,
    /// Share of the effort done at equal steps of the stations' parameter.
    done: Vec<f64>,
}

/// How far a person walks in the time of a turn of one radian, metres.
const TURN_COST_M: f64 = 0.6;

impl Pace {
    fn new(stations: &[Station]) -> Self {
        const STEPS: usize = 2000;
        let way = Way::new(stations);
        let poses: Vec<_> = (0..=STEPS)
            .map(|k| way.pose(k as f64 / STEPS as f64))
            .collect();
        let mut done = vec![0.0];
        for pair in poses.windows(2) {
            let step = (pair[1].translation.vector - pair[0].translation.vector).norm();
            let turn = pair[0].rotation.angle_to(&pair[1].rotation);
            let before = done[done.len() - 1];
            done.push(before + (step * step + TURN_COST_M * TURN_COST_M * turn * turn).sqrt());
        }
        let total = done[STEPS].max(1e-9);
        done.iter_mut().for_each(|effort| *effort /= total);
        Self { way, done }
    }

    fn pose(&self, share: f64) -> Isometry3<f64> {
        let after = self
            .done
            .partition_point(|&done| done < share)
            .clamp(1, self.done.len() - 1);
        let (low, high) = (self.done[after - 1], self.done[after]);
        let part = ((share - low) / (high - low).max(1e-12)).clamp(0.0, 1.0);
        self.way
            .pose((after as f64 - 1.0 + part) / (self.done.len() - 1) as f64)
    }
}

/// A sum of sinusoids in six degrees of freedom, with a hand's spectrum.
struct Tremor {
    waves: Vec<Wave>,
}

struct Wave {
    frequency_hz: f64,
    phase: [f64; 6],
    /// Metres along the world's axes, then radians about the camera's.
    amplitude: [f64; 6],
}

impl Tremor {
    fn new(seed: u64, vigour: &Vigour) -> Self {
        let mut random = Random::new(seed ^ 0x7472_656d_6f72);
        let mut waves = Vec::new();
        for (number, octave) in HAND.iter().enumerate() {
            let strength = if number == 0 {
                vigour.gait
            } else {
                vigour.tremor
            };
            for _ in 0..WAVES_PER_OCTAVE {
                let frequency_hz = octave.frequency_hz * random.range(0.72, 1.35);
                // From rms velocity of an octave to the amplitude of one of its sinusoids.
                let scale =
                    strength * (2.0 / WAVES_PER_OCTAVE as f64).sqrt() / (TAU * frequency_hz);
                let (v, w) = (octave.velocity_m_s * scale, octave.turn_rad_s * scale);
                waves.push(Wave {
                    frequency_hz,
                    phase: std::array::from_fn(|_| random.range(0.0, TAU)),
                    amplitude: [v, v, octave.lift_m_s * scale, w, w, w * 0.7]
                        .map(|amplitude| amplitude * random.range(0.7, 1.3)),
                });
            }
        }
        Self { waves }
    }

    fn shake(&self, t: f64, pose: &Isometry3<f64>) -> Isometry3<f64> {
        let mut moved = Vector3::zeros();
        let mut turn = Vector3::zeros();
        for wave in &self.waves {
            let value = |axis: usize| {
                let angle = TAU * wave.frequency_hz * t + wave.phase[axis];
                wave.amplitude[axis] * libm::sin(angle)
            };
            moved += Vector3::new(value(0), value(1), value(2));
            turn += Vector3::new(value(3), value(4), value(5));
        }
        Isometry3::from_parts(
            Translation3::from(pose.translation.vector + moved),
            pose.rotation * rotation_exp(&turn),
        )
    }
}

//! The hand that holds the camera: slow arcs through the room and a small tremor, and the sensors it would feel.
//!
//! In: a seed, a duration and the room's free space. Out: exact motion at any time, and exact IMU samples (no
//! noise, no bias). The spectrum follows what hands do: most of the turning below 0.5 Hz, a tremor of 1 to 8 Hz
//! whose amplitude falls with its frequency. Control poses are laid 40 ms apart, which carries that band; the
//! spline through them, not the formula that laid them, is the truth.

use std::f64::consts::TAU;

use nalgebra::{Isometry3, Matrix3, Rotation3, Translation3, UnitQuaternion, Vector3};

use super::between::pose_between;
use super::noise::Random;
use super::spline::{MotionState, PoseSpline, rotation_exp};
use crate::Error;
use crate::imu::ImuSample;

/// Strength of gravity in the simulated world, m/s^2, along -Z.
pub const GRAVITY_M_S2: f64 = 9.81;

pub(crate) const CONTROL_STEP_SECS: f64 = 0.04;

/// A hand-held camera's motion.
#[derive(Debug, Clone, PartialEq)]
pub struct Trajectory {
    spline: PoseSpline,
}

impl Trajectory {
    /// A motion of at least `duration_secs`, other for every seed.
    #[must_use]
    pub fn hand_held(seed: u64, duration_secs: f64) -> Self {
        let hand = Hand::new(seed);
        let count = (duration_secs / CONTROL_STEP_SECS) as usize + 6;
        let controls = (0..count)
            .map(|k| hand.pose((k as f64 - 1.0) * CONTROL_STEP_SECS))
            .collect();
        Self {
            spline: PoseSpline::new(CONTROL_STEP_SECS, controls),
        }
    }

    /// The smooth motion that follows timed poses: `(seconds, world_from_camera)` in ascending order, from any
    /// zero of time; the motion's time starts at the first.
    ///
    /// The poses are read every 40 ms (on a line between neighbours, on a curve that keeps the speed where a hole of the
    /// recording is bridged) and become the controls of the spline. It smooths what is quicker than about 8 Hz, and is
    /// itself the truth from then on.
    ///
    /// # Errors
    /// [`Error::Config`] where there are fewer than two poses, a time that does not ascend, or a number that is not
    /// finite.
    pub fn through(poses: &[(f64, Isometry3<f64>)]) -> Result<Self, Error> {
        let wrong = |name: &'static str, value: f64, range: &'static str| Error::Config {
            name,
            value,
            range,
        };
        let [first, .., last] = poses else {
            return Err(wrong("poses", poses.len() as f64, "at least two"));
        };
        for pair in poses.windows(2) {
            let ascends = pair[1].0 > pair[0].0;
            if !ascends {
                return Err(wrong(
                    "time of a pose",
                    pair[1].0,
                    "later than the one before",
                ));
            }
        }
        for (time, pose) in poses {
            let numbers = pose
                .translation
                .vector
                .iter()
                .chain(pose.rotation.coords.iter());
            if let Some(&value) = numbers.chain([time]).find(|value| !value.is_finite()) {
                return Err(wrong("pose", value, "finite numbers"));
            }
        }
        let duration_secs = last.0 - first.0;
        let count = (duration_secs / CONTROL_STEP_SECS) as usize + 6;
        let mut next = 1;
        let controls = (0..count)
            .map(|k| {
                let time = first.0 + (k as f64 - 1.0) * CONTROL_STEP_SECS;
                while next + 1 < poses.len() && poses[next].0 < time {
                    next += 1;
                }
                pose_between(poses, next, time)
            })
            .collect();
        Ok(Self::from_controls(CONTROL_STEP_SECS, controls))
    }

    /// The spline with these control poses; the second is near time 0.
    pub(crate) fn from_controls(step_secs: f64, controls: Vec<Isometry3<f64>>) -> Self {
        Self {
            spline: PoseSpline::new(step_secs, controls),
        }
    }

    /// How long the motion lasts, s; it stays at its end afterwards.
    #[must_use]
    pub fn duration_secs(&self) -> f64 {
        self.spline.duration_secs()
    }

    /// The motion at a time since the start, exact.
    #[must_use]
    pub fn at(&self, time_secs: f64) -> MotionState {
        self.spline.at(time_secs)
    }

    /// What an ideal IMU measures at a time since the start.
    #[must_use]
    pub fn imu_at(&self, capture_time_nanos: i64) -> ImuSample {
        let state = self.at(capture_time_nanos as f64 * 1e-9);
        let gravity_in_world = Vector3::new(0.0, 0.0, -GRAVITY_M_S2);
        let force_in_world = state.acceleration_in_world - gravity_in_world;
        ImuSample {
            capture_time_nanos,
            angular_velocity_rad_s: state.angular_velocity_in_camera,
            specific_force_m_s2: state.world_from_camera.rotation.inverse() * force_in_world,
        }
    }
}

/// One sinusoid of the tremor in all six degrees of freedom.
#[derive(Debug, Clone, Copy)]
struct TremorWave {
    frequency_hz: f64,
    phase: [f64; 6],
    amplitude: [f64; 6],
}

/// The formula that lays the control poses.
#[derive(Debug, Clone)]
struct Hand {
    phases: [f64; 4],
    waves: Vec<TremorWave>,
}

impl Hand {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed ^ 0x6861_6e64);
        let phases = std::array::from_fn(|_| random.range(-0.35, 0.35));
        let waves = [1.1, 1.9, 2.9, 4.3, 6.1, 7.7]
            .iter()
            .map(|&centre| {
                let frequency_hz = centre * random.range(0.93, 1.07);
                let fall = 1.0 / (frequency_hz * frequency_hz);
                TremorWave {
                    frequency_hz,
                    phase: std::array::from_fn(|_| random.range(0.0, TAU)),
                    // 6 mm and 6 mrad at 1 Hz.
                    amplitude: std::array::from_fn(|_| 0.006 * fall * random.range(0.5, 1.0)),
                }
            })
            .collect();
        Self { phases, waves }
    }

    fn pose(&self, t: f64) -> Isometry3<f64> {
        let [p0, p1, p2, p3] = self.phases;
        // A cosine starts without turning, so that the first second is mostly sideways motion.
        let sweep = 0.5 * (1.0 - libm::cos(TAU * t / 13.0));
        let yaw = 2.05 - 1.65 * sweep - 0.17 * t * (1.0 - 1.0 / (1.0 + t * t / 30.0))
            + 0.09 * (libm::sin(TAU * t / 3.7 + p0) - libm::sin(p0));
        let pitch =
            -0.21 + 0.12 * libm::sin(TAU * t / 5.3 + p1) + 0.05 * libm::sin(TAU * t / 2.3 + p2);
        let roll = 0.045 * libm::sin(TAU * t / 4.1 + p3);
        let mut position = Vector3::new(
            -0.62 + 0.52 * libm::sin(TAU * t / 7.9 + 0.25),
            -0.78 + 0.30 * libm::sin(TAU * t / 9.7 + p1),
            1.38 + 0.10 * libm::sin(TAU * t / 6.1 + p2),
        );

        let mut turn = Vector3::zeros();
        for wave in &self.waves {
            for axis in 0..3 {
                let angle = TAU * wave.frequency_hz * t;
                position[axis] += wave.amplitude[axis] * libm::sin(angle + wave.phase[axis]);
                turn[axis] += wave.amplitude[axis + 3] * libm::sin(angle + wave.phase[axis + 3]);
            }
        }
        let rotation = looking_along(yaw, pitch)
            * rotation_exp(&Vector3::new(0.0, 0.0, roll))
            * rotation_exp(&turn);
        Isometry3::from_parts(Translation3::from(position), rotation)
    }
}

/// A level camera that looks along a heading (from world X towards Y) and a pitch (positive up), in radians.
pub(crate) fn looking_along(yaw_rad: f64, pitch_rad: f64) -> UnitQuaternion<f64> {
    let (sin_yaw, cos_yaw) = libm::sincos(yaw_rad);
    let (sin_pitch, cos_pitch) = libm::sincos(pitch_rad);
    let forward = Vector3::new(cos_yaw * cos_pitch, sin_yaw * cos_pitch, sin_pitch);
    let right = Vector3::new(sin_yaw, -cos_yaw, 0.0);
    let down = forward.cross(&right);
    let matrix = Matrix3::from_columns(&[right, down, forward]);
    UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(matrix))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DURATION_SECS: f64 = 6.0;

    fn motion() -> Trajectory {
        Trajectory::hand_held(1, DURATION_SECS)
    }

    #[test]
    fn gyroscope_agrees_with_the_difference_of_poses() {
        let motion = motion();
        let h = 1e-5;
        for k in 1..300 {
            let t = f64::from(k) * 0.0193;
            let before = motion.at(t - h).world_from_camera.rotation;
            let after = motion.at(t + h).world_from_camera.rotation;
            let numeric =
                super::super::spline::rotation_log(&(before.inverse() * after)) / (2.0 * h);
            let error = (numeric - motion.at(t).angular_velocity_in_camera).norm();
            assert!(error < 1e-6, "{error} rad/s at {t} s");
        }
    }

    #[test]
    fn accelerometer_agrees_with_the_difference_of_positions() {
        let motion = motion();
        let h = 1e-4;
        for k in 1..300 {
            let t = f64::from(k) * 0.0193;
            let p = |t: f64| motion.at(t).world_from_camera.translation.vector;
            let numeric = (p(t + h) - p(t) * 2.0 + p(t - h)) / (h * h);
            let sample = motion.imu_at((t * 1e9).round() as i64);
            let in_world = motion.at(t).world_from_camera.rotation * sample.specific_force_m_s2
                - Vector3::new(0.0, 0.0, GRAVITY_M_S2);
            // The jerk of a cubic spline jumps at its knots, where the second difference is off by h times it.
            let error = (numeric - in_world).norm();
            assert!(error < 0.02, "{error} m/s^2 at {t} s");
        }
    }

    #[test]
    fn integrating_the_imu_reproduces_the_motion() {
        let motion = motion();
        let step_nanos = 1_000_000_i64;
        let step = step_nanos as f64 * 1e-9;
        let start = motion.at(0.0);
        let mut rotation = start.world_from_camera.rotation;
        let mut velocity = start.velocity_in_world;
        let mut position = start.world_from_camera.translation.vector;
        let gravity = Vector3::new(0.0, 0.0, -GRAVITY_M_S2);
        for k in 0..5_000 {
            let middle = motion.imu_at(k * step_nanos + step_nanos / 2);
            let half = rotation * rotation_exp(&(middle.angular_velocity_rad_s * (step / 2.0)));
            let acceleration = half * middle.specific_force_m_s2 + gravity;
            position += velocity * step + acceleration * (step * step / 2.0);
            velocity += acceleration * step;
            rotation *= rotation_exp(&(middle.angular_velocity_rad_s * step));
        }
        let end = motion.at(5.0).world_from_camera;
        // The midpoint rule at 1 kHz over 5 s: well below a millimetre and a hundredth of a degree.
        assert!((position - end.translation.vector).norm() < 1e-3);
        assert!(rotation.angle_to(&end.rotation) < 1e-4);
    }

    #[test]
    fn the_hand_turns_as_fast_as_hands_do() {
        for seed in 1..6 {
            let motion = Trajectory::hand_held(seed, 20.0);
            let mut degrees: Vec<f64> = (0..599)
                .map(|k| {
                    let a = motion.at(f64::from(k) / 30.0).world_from_camera.rotation;
                    let b = motion
                        .at(f64::from(k + 1) / 30.0)
                        .world_from_camera
                        .rotation;
                    a.angle_to(&b).to_degrees()
                })
                .collect();
            degrees.sort_by(f64::total_cmp);
            let median = degrees[degrees.len() / 2];
            assert!(
                (0.4..1.6).contains(&median),
                "median {median} degrees a frame"
            );
            assert!(
                degrees[598] < 4.0,
                "at most {} degrees a frame",
                degrees[598]
            );
        }
    }

    #[test]
    fn the_first_second_is_mostly_sideways() {
        let motion = motion();
        let (a, b) = (motion.at(0.0), motion.at(1.0));
        let moved = b.world_from_camera.translation.vector - a.world_from_camera.translation.vector;
        let in_camera = a.world_from_camera.rotation.inverse() * moved;
        assert!(in_camera.x.abs() > 0.2, "moved {in_camera}");
        assert!(in_camera.x.abs() > in_camera.z.abs());
    }
}

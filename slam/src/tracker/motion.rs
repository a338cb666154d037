//! Where the camera probably is now: the rotation from the gyroscope where there is one, the rest by constant velocity.

use std::collections::VecDeque;

use nalgebra::{Isometry3, Translation3, UnitQuaternion, Vector3};

use crate::imu::ImuSample;

/// Past what any sensor measures, in rad/s and m/s^2: a turn by more would be no number.
const MOST_READING: f64 = 1e4;

/// Gyroscope readings kept: at 1 kHz, more than the longest gap that is bridged.
const MAX_SAMPLES: usize = 2048;

/// A motion is carried on for at most this many times the interval it was seen in.
const LONGEST_STRETCH: f64 = 4.0;

/// The last two poses and the gyroscope since.
#[derive(Debug, Clone, Default)]
pub(super) struct Motion {
    samples: VecDeque<ImuSample>,
    last: Option<(i64, Isometry3<f64>)>,
    /// `last_camera_from_camera_before` and the time between, in seconds.
    step: Option<(Isometry3<f64>, f64)>,
}

impl Motion {
    pub(super) fn new() -> Self {
        Self {
            samples: VecDeque::with_capacity(MAX_SAMPLES),
            ..Self::default()
        }
    }

    /// A reading of the sensors; one that is not newer than the last, or that no sensor gives, is left out.
    pub(super) fn imu(&mut self, sample: &ImuSample) {
        let vectors = [sample.angular_velocity_rad_s, sample.specific_force_m_s2];
        let possible = vectors
            .iter()
            .all(|v| v.iter().all(|c| c.abs() < MOST_READING));
        let newer = self
            .samples
            .back()
            .is_none_or(|last| sample.capture_time_nanos > last.capture_time_nanos);
        if possible && newer {
            if self.samples.len() == MAX_SAMPLES {
                self.samples.pop_front();
            }
            self.samples.push_back(*sample);
        }
    }

    /// The direction of "up" in the camera's frame by the accelerometer, if it was near rest lately.
    pub(super) fn up_in_camera(&self) -> Option<Vector3<f64>> {
        let recent = self.samples.iter().rev().take(20);
        let (sum, count) = recent.fold((Vector3::zeros(), 0), |(sum, count), sample| {
            (sum + sample.specific_force_m_s2, count + 1)
        });
        let mean = sum / f64::from(count.max(1));
        (8.0..12.0).contains(&mean.norm()).then(|| mean.normalize())
    }

    /// How the camera turned between two times by the gyroscope: `earlier_from_later`. None unless its readings
    /// cover the interval.
    pub(super) fn turn(&self, from_nanos: i64, to_nanos: i64) -> Option<UnitQuaternion<f64>> {
        const SLACK_NANOS: i64 = 40_000_000;
        let first = self.samples.front()?.capture_time_nanos;
        let last = self.samples.back()?.capture_time_nanos;
        if first > from_nanos.saturating_add(SLACK_NANOS)
            || last < to_nanos.saturating_sub(SLACK_NANOS)
        {
            return None;
        }
        let mut turn = UnitQuaternion::identity();
        let mut now = from_nanos;
        let start = self
            .samples
            .partition_point(|sample| sample.capture_time_nanos <= from_nanos);
        let mut rate = self.samples[start.saturating_sub(1).min(self.samples.len() - 1)]
            .angular_velocity_rad_s;
        for sample in self.samples.range(start..) {
            let until = sample.capture_time_nanos.min(to_nanos);
            // Between two readings the mean of both.
            let mean = (rate + sample.angular_velocity_rad_s) * 0.5;
            turn *= UnitQuaternion::from_scaled_axis(mean * seconds(until.saturating_sub(now)));
            now = until;
            rate = sample.angular_velocity_rad_s;
            if now == to_nanos {
                break;
            }
        }
        turn *= UnitQuaternion::from_scaled_axis(rate * seconds(to_nanos.saturating_sub(now)));
        Some(turn)
    }

    /// Where the camera probably is at a time: `world_from_camera`.
    pub(super) fn predict(&self, time_nanos: i64) -> Option<Isometry3<f64>> {
        let (last_nanos, last) = self.last?;
        let elapsed = seconds(time_nanos.saturating_sub(last_nanos));
        let (translation, turn) = match self.step {
            Some((step, interval)) if interval > 0.0 => {
                let stretch = (elapsed / interval).clamp(0.0, LONGEST_STRETCH);
                let turn = UnitQuaternion::from_scaled_axis(step.rotation.scaled_axis() * stretch);
                (step.translation.vector * stretch, turn)
            }
            _ => (Vector3::zeros(), UnitQuaternion::identity()),
        };
        let turn = self.turn(last_nanos, time_nanos).unwrap_or(turn);
        Some(last * Isometry3::from_parts(Translation3::from(translation), turn))
    }

    /// The pose that a frame was found to have.
    pub(super) fn found(&mut self, time_nanos: i64, world_from_camera: Isometry3<f64>) {
        self.step = self.last.map(|(last_nanos, last)| {
            let interval = seconds(time_nanos.saturating_sub(last_nanos));
            (last.inverse() * world_from_camera, interval)
        });
        self.last = Some((time_nanos, world_from_camera));
    }

    /// The map moved under the last pose.
    pub(super) fn corrected(&mut self, world_from_camera: Isometry3<f64>, scale: f64) {
        if let Some((_, last)) = &mut self.last {
            *last = world_from_camera;
        }
        if let Some((step, _)) = &mut self.step {
            step.translation.vector *= scale;
        }
    }

    /// What was known of the motion is void; the sensors' readings stay.
    pub(super) fn forget(&mut self) {
        self.last = None;
        self.step = None;
    }

    /// As after a gap: the pose stands, the velocity is unknown.
    pub(super) fn rest(&mut self) {
        self.step = None;
    }
}

pub(super) fn seconds(nanos: i64) -> f64 {
    nanos as f64 * 1e-9
}

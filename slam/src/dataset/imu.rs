//! Readings of motion sensors from files of numbers.

use std::path::Path;

use nalgebra::{UnitQuaternion, Vector3};

use super::DatasetError;
use super::text::lines;
use crate::ImuSample;

/// Reads lines `t_nanos, gyroscope x y z (rad/s), specific force x y z (m/s^2)` in the camera's axes.
pub(super) fn read(path: &Path) -> Result<Vec<ImuSample>, DatasetError> {
    read_rotated(path, &UnitQuaternion::identity())
}

/// The same in axes that `camera_from_imu` turns into the camera's.
pub(super) fn read_rotated(
    path: &Path,
    camera_from_imu: &UnitQuaternion<f64>,
) -> Result<Vec<ImuSample>, DatasetError> {
    let content = std::fs::read_to_string(path).map_err(DatasetError::file(path))?;
    let mut samples: Vec<ImuSample> = Vec::new();
    for line in lines(path, &content) {
        let Some((time, _)) = line.text.split_once(',') else {
            return Err(line.wrong("a reading is T_NANOS and six numbers, apart by commas"));
        };
        let capture_time_nanos: i64 = line.parse(time.trim(), "the time")?;
        let [_, gx, gy, gz, ax, ay, az] = line.numbers("a reading")?;
        if samples
            .last()
            .is_some_and(|last| last.capture_time_nanos >= capture_time_nanos)
        {
            return Err(line.wrong("the time is not later than that of the reading before"));
        }
        samples.push(ImuSample {
            capture_time_nanos,
            angular_velocity_rad_s: camera_from_imu * Vector3::new(gx, gy, gz),
            specific_force_m_s2: camera_from_imu * Vector3::new(ax, ay, az),
        });
    }
    Ok(samples)
}

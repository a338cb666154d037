//! Readings of a gyroscope and an accelerometer.

use nalgebra::Vector3;

/// One reading of a gyroscope and an accelerometer, in the camera's axes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ImuSample {
    /// When it was measured, in nanoseconds of the frames' clock.
    pub capture_time_nanos: i64,
    /// Angular velocity in the camera's axes (X right, Y down, Z forward), rad/s.
    pub angular_velocity_rad_s: Vector3<f64>,
    /// Specific force in the camera's axes, m/s^2: at rest it points up with the length of gravity.
    pub specific_force_m_s2: Vector3<f64>,
}

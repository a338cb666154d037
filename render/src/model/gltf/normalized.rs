//! Numbers of a small range as the integers that the GPU takes for them.

/// A number of -1 to 1 as a signed normalised one.
pub(super) fn snorm16(value: f32) -> i16 {
    // A cast saturates and turns NaN into 0.
    (value.clamp(-1.0, 1.0) * 32767.0).round() as i16
}

/// A number of 0 to 1 as an unsigned normalised one.
pub(super) fn unorm16(value: f32) -> u16 {
    (value.clamp(0.0, 1.0) * 65535.0).round() as u16
}

//! What a frame drew, and what it could not.

/// What a frame drew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DrawReport {
    /// Draw calls, the last full-screen pass included.
    pub draw_calls: u32,
    /// Instances over all draw calls, without [`crate::DevicePoints`], whose number the device alone knows.
    pub instances: u32,
    /// Views drawn.
    pub views: u32,
    /// Views skipped: no size, or out of the target.
    pub skipped_views: u32,
    /// Whether [`crate::DevicePoints`] were left out: the device has no indirect draws, or a buffer lacks
    /// its usage, ends too early, or has an offset that is no multiple of 4.
    pub skipped_device_points: bool,
    /// Model instances left out: the model is not known, or its place is no number.
    pub skipped_models: u32,
    /// Particles left out: effects asked for more than [`crate::MOST_PARTICLES`], or there are more than
    /// 128 effects.
    pub skipped_particles: u32,
    /// Whether a shadow map was drawn anew; they are kept while neither pins, models nor light change.
    pub shadow_map_drawn: bool,
}

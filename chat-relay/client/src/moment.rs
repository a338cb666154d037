//! Time, as the edge tells it.

/// A point in time, twice: for waits, and to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Never goes back; from any origin.
    pub monotonic_millis: u64,
    /// Since the Unix epoch, as the device's clock has it.
    pub unix_millis: i64,
}

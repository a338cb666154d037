//! How many bytes of ops a connection, or a room, may bring into the log: numbers of messages alone let a few small
//! ones grow into much, when they are compressed, and written for everybody.

use std::time::Duration;

use tokio::time::Instant;

/// A budget that may be overdrawn by one op, and then has to be whole again before the next: what an op weighs is known
/// once it is written.
#[derive(Debug, Clone)]
pub(super) struct ByteBudget {
    per_sec: f64,
    burst: f64,
    left: f64,
    at: Instant,
}

impl ByteBudget {
    /// A full budget.
    pub(super) fn new(per_sec: u32, burst: u32, now: Instant) -> Self {
        Self {
            per_sec: f64::from(per_sec),
            burst: f64::from(burst),
            left: f64::from(burst),
            at: now,
        }
    }

    /// Whether anything is left, or how long to wait until something is.
    ///
    /// # Errors
    /// The wait.
    pub(super) fn check(&mut self, now: Instant) -> Result<(), Duration> {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.left = passed.mul_add(self.per_sec, self.left).min(self.burst);
        self.at = now;
        if self.left > 0.0 {
            return Ok(());
        }
        let wait = (1.0 - self.left) / self.per_sec.max(1.0);
        Err(Duration::from_secs_f64(wait.min(3600.0)))
    }

    /// Takes off what an op weighed.
    pub(super) fn charge(&mut self, bytes: usize) {
        // A message is far below 2^53 bytes.
        #[allow(clippy::cast_precision_loss, reason = "see above")]
        let bytes = bytes as f64;
        self.left -= bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_overdrawn_has_to_be_waited_for() {
        let now = Instant::now();
        let mut budget = ByteBudget::new(1000, 3000, now);
        budget.charge(2999);
        assert_eq!(budget.check(now), Ok(()));
        budget.charge(2000);
        assert_eq!(budget.check(now), Err(Duration::from_secs(2)));
        assert!(budget.check(now + Duration::from_millis(1900)).is_err());
        assert_eq!(budget.check(now + Duration::from_millis(2100)), Ok(()));
        // It never holds more than at first.
        assert_eq!(budget.check(now + Duration::from_secs(3600)), Ok(()));
        budget.charge(3001);
        assert!(budget.check(now + Duration::from_secs(3600)).is_err());
    }
}

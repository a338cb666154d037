//! How long to wait before the next attempt to connect: exponential, with jitter so that a class of phones does
//! not come back in one wave after a restart of the relay.

/// Waits that grow, see [`BackoffConfig`].
#[derive(Debug, Clone)]
pub(crate) struct Backoff {
    config: BackoffConfig,
    attempts: u32,
    random: u64,
}

/// How waits grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackoffConfig {
    /// The first wait, in milliseconds, before jitter.
    pub first_millis: u64,
    /// The longest wait, in milliseconds, before jitter.
    pub longest_millis: u64,
}

impl Default for BackoffConfig {
    fn default() -> Self {
        BackoffConfig {
            first_millis: 400,
            longest_millis: 15_000,
        }
    }
}

impl Backoff {
    pub(crate) fn new(config: BackoffConfig, seed: u64) -> Backoff {
        Backoff {
            config,
            attempts: 0,
            random: seed,
        }
    }

    /// The next wait: between half of the grown wait and all of it ("equal jitter"), in milliseconds.
    pub(crate) fn next_millis(&mut self) -> u64 {
        let grown = self
            .config
            .first_millis
            .saturating_mul(1 << self.attempts.min(20))
            .min(self.config.longest_millis);
        self.attempts = self.attempts.saturating_add(1);
        let half = grown / 2;
        half + self.random_bits() % (grown - half + 1)
    }

    /// SplitMix64 (Steele, Lea and Flood, 2014, "Fast splittable pseudorandom number generators").
    fn random_bits(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A connection held: the next wait is short again.
    pub(crate) fn reset(&mut self) {
        self.attempts = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_limit_and_start_over() {
        let mut backoff = Backoff::new(BackoffConfig::default(), 3);
        let waits: Vec<u64> = (0..40).map(|_| backoff.next_millis()).collect();
        assert!((200..=400).contains(&waits[0]), "{waits:?}");
        assert!((400..=800).contains(&waits[1]), "{waits:?}");
        assert!(
            waits[10..].iter().all(|w| (7_500..=15_000).contains(w)),
            "{waits:?}"
        );
        backoff.reset();
        assert!(backoff.next_millis() <= 400);
    }

    #[test]
    fn two_devices_do_not_wait_alike() {
        let waits = |seed| {
            let mut backoff = Backoff::new(BackoffConfig::default(), seed);
            (0..6).map(|_| backoff.next_millis()).collect::<Vec<_>>()
        };
        assert_ne!(waits(1), waits(2));
        assert_eq!(waits(1), waits(1));
    }
}

//! Token buckets: one for each connection and each room, one for each address that joins rooms, and one for each device
//! that says hello. Everybody in a class-room behind one address can join at once, nobody can try codes in a row. An
//! IPv6 address counts by its /64, which is what a home or a phone is given: see [`network`].

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// A budget that fills up again while it is not spent. Waits are tokio's, so that a test can pause them.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    per_sec: f64,
    burst: f64,
    left: f64,
    at: Instant,
}

impl Bucket {
    /// A full bucket.
    pub(crate) fn new(per_sec: u32, burst: u32, now: Instant) -> Self {
        let (per_sec, burst) = (f64::from(per_sec), f64::from(burst));
        Self {
            per_sec,
            burst,
            left: burst,
            at: now,
        }
    }

    /// Spends one, or tells how long to wait until that can be done.
    ///
    /// # Errors
    /// The wait.
    pub(crate) fn spend(&mut self, now: Instant) -> Result<(), Duration> {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.left = passed.mul_add(self.per_sec, self.left).min(self.burst);
        self.at = now;
        if self.left < 1.0 {
            let wait = (1.0 - self.left) / self.per_sec.max(1e-3);
            return Err(Duration::from_secs_f64(wait.min(3600.0)));
        }
        self.left -= 1.0;
        Ok(())
    }
}

/// Up to this many budgets are kept, whole again or not.
const FORGET_ABOVE: usize = 4096;

/// A budget for each key: an address' [`network`], or a device.
#[derive(Debug)]
pub(crate) struct RateLimit<K> {
    burst: f64,
    refill_per_sec: f64,
    budgets: Mutex<Budgets<K>>,
}

#[derive(Debug)]
struct Budgets<K> {
    of: HashMap<K, Budget>,
    /// Above so many, those that are whole again are forgotten: twice as many as were left the last time, so that a
    /// look at all of them is paid for by as many that came.
    forget_above: usize,
}

#[derive(Debug, Clone, Copy)]
struct Budget {
    left: f64,
    at: Instant,
}

impl<K: Eq + Hash> RateLimit<K> {
    /// Each may spend `burst` at once and regains `refill_per_sec` a second.
    pub(crate) fn new(burst: u32, refill_per_sec: f64) -> Self {
        Self {
            burst: f64::from(burst),
            refill_per_sec,
            budgets: Mutex::new(Budgets {
                of: HashMap::new(),
                forget_above: FORGET_ABOVE,
            }),
        }
    }

    /// Spends `cost`, or tells how long to wait until it can be spent.
    ///
    /// # Errors
    /// The wait.
    pub(crate) fn spend(&self, key: K, cost: u32, now: Instant) -> Result<(), Duration> {
        let cost = f64::from(cost);
        let mut budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        if budgets.of.len() > budgets.forget_above {
            budgets
                .of
                .retain(|_, budget| self.refilled(*budget, now) < self.burst);
            budgets.forget_above = (budgets.of.len() * 2).max(FORGET_ABOVE);
        }
        let budget = budgets.of.entry(key).or_insert(Budget {
            left: self.burst,
            at: now,
        });
        let left = self.refilled(*budget, now);
        *budget = Budget { left, at: now };
        if left < cost {
            let wait = (cost - left) / self.refill_per_sec.max(1e-3);
            return Err(Duration::from_secs_f64(wait.min(3600.0)));
        }
        budget.left -= cost;
        Ok(())
    }

    fn refilled(&self, budget: Budget, now: Instant) -> f64 {
        let gained = now.saturating_duration_since(budget.at).as_secs_f64() * self.refill_per_sec;
        (budget.left + gained).min(self.burst)
    }
}

/// What an address counts as: an IPv6 address by its /64.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_run_out_per_key_and_come_back() {
        let limit = RateLimit::new(10, 2.0);
        let now = Instant::now();
        assert_eq!(limit.spend("one", 10, now), Ok(()));
        assert_eq!(limit.spend("one", 1, now), Err(Duration::from_millis(500)));
        assert_eq!(limit.spend("two", 1, now), Ok(()));
        let later = now + Duration::from_millis(500);
        assert_eq!(limit.spend("one", 1, later), Ok(()));
    }

    #[test]
    fn whole_budgets_are_forgotten_when_their_number_has_doubled() {
        let limit = RateLimit::new(1, 1.0);
        let kept = || limit.budgets.lock().unwrap().of.len();
        let start = Instant::now();
        // All are spent when they are looked at first: none goes.
        let first = FORGET_ABOVE + 2;
        for key in 0..first {
            limit.spend(key, 1, start).unwrap();
        }
        assert_eq!(kept(), first);
        // Whole again they stay, until twice as many as were left have come.
        let later = start + Duration::from_secs(2);
        for key in first..2 * (first - 1) + 1 {
            limit.spend(key, 1, later).unwrap();
            assert_eq!(kept(), key + 1);
        }
        limit.spend(usize::MAX, 1, later).unwrap();
        assert_eq!(kept(), first);
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8::1"), network("2001:db8::2"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("::ffff:10.0.0.1"), network("10.0.0.1"));
    }
}

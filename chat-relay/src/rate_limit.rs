//! Token buckets: one for each connection and each room, and one for each address that joins rooms. Everybody in a
//! class-room behind one address can join at once, nobody can try codes in a row. An IPv6 address counts by its /64,
//! which is what a home or a phone is given.

use std::{
    collections::HashMap,
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

/// Above this many addresses, those whose budget is whole again are forgotten.
const FORGET_ABOVE: usize = 4096;

/// A budget per address.
#[derive(Debug)]
pub(crate) struct RateLimit {
    burst: f64,
    refill_per_sec: f64,
    buckets: Mutex<HashMap<IpAddr, Budget>>,
}

#[derive(Debug, Clone, Copy)]
struct Budget {
    left: f64,
    at: Instant,
}

impl RateLimit {
    /// An address may spend `burst` at once and regains `refill_per_sec` a second.
    pub(crate) fn new(burst: u32, refill_per_sec: f64) -> Self {
        Self {
            burst: f64::from(burst),
            refill_per_sec,
            buckets: Mutex::default(),
        }
    }

    /// Spends `cost`, or tells how long to wait until it can be spent.
    pub(crate) fn spend(&self, address: IpAddr, cost: u32, now: Instant) -> Result<(), Duration> {
        let cost = f64::from(cost);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() > FORGET_ABOVE {
            buckets.retain(|_, bucket| self.refilled(*bucket, now) < self.burst);
        }
        let bucket = buckets.entry(network(address)).or_insert(Budget {
            left: self.burst,
            at: now,
        });
        let left = self.refilled(*bucket, now);
        *bucket = Budget { left, at: now };
        if left < cost {
            let wait = (cost - left) / self.refill_per_sec.max(1e-3);
            return Err(Duration::from_secs_f64(wait.min(3600.0)));
        }
        bucket.left -= cost;
        Ok(())
    }

    fn refilled(&self, bucket: Budget, now: Instant) -> f64 {
        let gained = now.saturating_duration_since(bucket.at).as_secs_f64() * self.refill_per_sec;
        (bucket.left + gained).min(self.burst)
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
    fn budgets_run_out_per_address_and_come_back() {
        let limit = RateLimit::new(10, 2.0);
        let now = Instant::now();
        let one: IpAddr = "10.0.0.1".parse().unwrap();
        let two: IpAddr = "10.0.0.2".parse().unwrap();
        assert_eq!(limit.spend(one, 10, now), Ok(()));
        assert_eq!(limit.spend(one, 1, now), Err(Duration::from_millis(500)));
        assert_eq!(limit.spend(two, 1, now), Ok(()));
        let later = now + Duration::from_millis(500);
        assert_eq!(limit.spend(one, 1, later), Ok(()));
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        let limit = RateLimit::new(1, 1.0);
        let now = Instant::now();
        assert!(limit.spend("2001:db8::1".parse().unwrap(), 1, now).is_ok());
        assert!(limit.spend("2001:db8::2".parse().unwrap(), 1, now).is_err());
        assert!(
            limit
                .spend("2001:db8:0:1::2".parse().unwrap(), 1, now)
                .is_ok()
        );
    }
}

//! How many connections an address has open. Everybody counts by address, an IPv6 address by its /64, which is what a
//! home or a phone is given. A network may have an allowance of its own, as that of a school that is one address to the
//! outside: each address in it may then have so many. The narrowest network that holds an address decides.
//!
//! This bounds what is open; how often an address may try to join is `rate_limit`'s.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use ipnet::IpNet;

use crate::rate_limit::network;

/// The open connections of every address.
#[derive(Debug)]
pub(crate) struct AddressLimits {
    per_address: usize,
    /// The narrowest first.
    allowances: Vec<(IpNet, usize)>,
    open: Mutex<HashMap<IpAddr, usize>>,
}

/// A connection that counts for its address for as long as this is kept.
#[derive(Debug)]
pub(crate) struct AddressGuard {
    limits: Arc<AddressLimits>,
    counted: IpAddr,
}

/// An address has all the connections that it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AddressFull {
    /// How many those are.
    pub(crate) limit: usize,
}

impl AddressLimits {
    pub(crate) fn new(per_address: usize, allowances: &[(IpNet, usize)]) -> Arc<Self> {
        let mut allowances = allowances.to_vec();
        allowances.sort_by_key(|(network, _)| std::cmp::Reverse(network.prefix_len()));
        Arc::new(Self {
            per_address,
            allowances,
            open: Mutex::default(),
        })
    }

    /// The same limits, each higher by `spare`, with a count of its own.
    pub(crate) fn with_spare(&self, spare: usize) -> Arc<Self> {
        let allowances = self.allowances.iter();
        Arc::new(Self {
            per_address: self.per_address.saturating_add(spare),
            allowances: allowances
                .map(|(network, limit)| (*network, limit.saturating_add(spare)))
                .collect(),
            open: Mutex::default(),
        })
    }

    /// Counts a connection of `address`, which is what `client_address` made of it.
    pub(crate) fn admit(self: &Arc<Self>, address: IpAddr) -> Result<AddressGuard, AddressFull> {
        let limit = self.limit(address.to_canonical());
        let counted = network(address);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(counted).or_default();
        if *count >= limit {
            // A limit is at least 1, so that the entry is not an empty one.
            return Err(AddressFull { limit });
        }
        *count += 1;
        Ok(AddressGuard {
            limits: Arc::clone(self),
            counted,
        })
    }

    fn limit(&self, address: IpAddr) -> usize {
        let mut allowances = self.allowances.iter();
        let found = allowances.find(|(network, _)| network.contains(&address));
        found.map_or(self.per_address, |(_, limit)| *limit)
    }
}

impl Drop for AddressGuard {
    fn drop(&mut self) {
        let mut open = self
            .limits
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.counted) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.counted);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Arc<AddressLimits> {
        let allowances = ["198.51.0.0/16", "198.51.100.0/24", "2001:db8::/32"];
        let numbers = [3, 5, 4];
        let allowances: Vec<_> = allowances
            .iter()
            .map(|network| network.parse().unwrap())
            .zip(numbers)
            .collect();
        AddressLimits::new(2, &allowances)
    }

    /// As many connections of an address as it gets.
    fn fill(limits: &Arc<AddressLimits>, address: &str) -> (Vec<AddressGuard>, AddressFull) {
        let address = address.parse().unwrap();
        let mut guards = Vec::new();
        loop {
            match limits.admit(address) {
                Ok(guard) => guards.push(guard),
                Err(full) => return (guards, full),
            }
        }
    }

    #[test]
    fn the_narrowest_network_decides() {
        let limits = limits();
        for (address, expected) in [
            ("10.0.0.1", 2),
            ("10.0.0.2", 2),
            ("198.51.7.1", 3),
            ("198.51.100.7", 5),
            ("198.51.100.8", 5),
            ("::ffff:198.51.100.9", 5),
            ("2001:db8::1", 4),
            ("2001:db9::1", 2),
        ] {
            let (guards, full) = fill(&limits, address);
            assert_eq!(
                (guards.len(), full.limit),
                (expected, expected),
                "{address}"
            );
        }
    }

    #[test]
    fn limits_with_spare_are_higher_by_it_and_count_for_themselves() {
        let limits = limits();
        let (_guards, _) = fill(&limits, "10.0.0.1");
        let sockets = limits.with_spare(64);
        for (address, expected) in [("10.0.0.1", 66), ("198.51.100.7", 69), ("2001:db8::1", 68)] {
            let (guards, full) = fill(&sockets, address);
            assert_eq!((guards.len(), full.limit), (expected, expected));
        }
    }

    #[test]
    fn a_connection_that_ends_makes_room() {
        let limits = limits();
        let (mut guards, _) = fill(&limits, "10.0.0.1");
        guards.pop();
        let again = limits.admit("10.0.0.1".parse().unwrap());
        assert!(again.is_ok());
        assert!(limits.admit("10.0.0.1".parse().unwrap()).is_err());
        drop((again, guards));
        assert_eq!(limits.open.lock().unwrap().len(), 0);
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        let limits = limits();
        let (_guards, _) = fill(&limits, "2001:db9::1");
        assert!(limits.admit("2001:db9::2".parse().unwrap()).is_err());
        assert!(limits.admit("2001:db9:0:1::2".parse().unwrap()).is_ok());
    }

    #[test]
    fn many_threads_never_exceed_it() {
        let limits = AddressLimits::new(8, &[]);
        let most = std::sync::atomic::AtomicUsize::new(0);
        let now = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..2000 {
                        let guards: Vec<_> = (0..4)
                            .filter_map(|_| limits.admit([10, 0, 0, 1].into()).ok())
                            .collect();
                        let held = now.fetch_add(guards.len(), std::sync::atomic::Ordering::SeqCst)
                            + guards.len();
                        most.fetch_max(held, std::sync::atomic::Ordering::SeqCst);
                        now.fetch_sub(guards.len(), std::sync::atomic::Ordering::SeqCst);
                    }
                });
            }
        });
        let most = most.into_inner();
        assert!((4..=8).contains(&most), "{most}");
        assert_eq!(limits.open.lock().unwrap().len(), 0);
    }
}

//! Whose presence has changed since the last batch, for each interval at which others hear of it.

use std::{collections::BTreeSet, time::Duration};

use chat_relay_protocol::DeviceId;
use tokio::time::Instant;

use crate::config::Limits;

/// The intervals that there are, in milliseconds: a wish is rounded up to one of them, so that batches are shared.
pub(super) const INTERVALS_MILLIS: [u32; 7] = [33, 50, 100, 200, 500, 1000, 2000];

/// Whose presence goes out next, for each interval.
#[derive(Debug, Default)]
pub(super) struct Changed {
    pub(super) by_interval: [Pending; INTERVALS_MILLIS.len()],
}

#[derive(Debug, Default)]
pub(super) struct Pending {
    pub(super) devices: BTreeSet<DeviceId>,
    pub(super) last_sent: Option<Instant>,
}

/// How often a device hears of presence, in milliseconds: as it wished, within what the relay allows.
pub(crate) fn interval_millis(wish: Option<u32>, limits: &Limits) -> u32 {
    let millis = |duration: Duration| u32::try_from(duration.as_millis()).unwrap_or(u32::MAX);
    let wish = wish.unwrap_or_else(|| millis(limits.presence_interval));
    if wish == 0 {
        return 0;
    }
    let wish = wish.max(millis(limits.presence_interval_min));
    INTERVALS_MILLIS
        .into_iter()
        .find(|interval| *interval >= wish)
        .unwrap_or(INTERVALS_MILLIS[INTERVALS_MILLIS.len() - 1])
}

impl Changed {
    pub(super) fn note(&mut self, device: &DeviceId) {
        for pending in &mut self.by_interval {
            pending.devices.insert(device.clone());
        }
    }

    pub(super) fn forget(&mut self, device: &DeviceId) {
        for pending in &mut self.by_interval {
            pending.devices.remove(device);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_rounded_up_and_kept_within_limits() {
        let limits = Limits::default();
        assert_eq!(interval_millis(None, &limits), 100);
        assert_eq!(interval_millis(Some(0), &limits), 0);
        assert_eq!(interval_millis(Some(1), &limits), 33);
        assert_eq!(interval_millis(Some(120), &limits), 200);
        assert_eq!(interval_millis(Some(60_000), &limits), 2000);
    }
}

//! Heartbeats of a shard's connections: who says nothing for an interval is asked, who says nothing for two is gone.
//!
//! One task goes round all connections, in place of a timer in each. An interval is negotiated: a client may wish for
//! a shorter one, as after a change of its network, and gets a longer one once it has been quiet and there for a while.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use chat_relay_protocol::ServerMessage;
use prometheus_client::metrics::counter::Counter;
use tokio::time::{Instant, sleep};

use crate::{
    config::Limits,
    outbox::{Closing, Outbox},
};

/// After so many answered pings without anything else between, a connection counts as quiet and stable.
const CALM_PINGS: u32 = 4;
/// How much longer the interval of such a one gets.
const STRETCH: u32 = 2;

/// The connections of a shard, and the round that is made over them.
pub(crate) struct Pulse {
    /// In the order in which they came, so that a simulated run can be repeated.
    beats: Mutex<BTreeMap<u64, Arc<Beat>>>,
    next: AtomicU64,
    /// How often the round is made.
    period: Duration,
    start: Instant,
    default: Duration,
    min: Duration,
    max: Duration,
    /// Counts what is read, over all connections.
    received_bytes: Counter,
}

/// One connection's heartbeat.
pub(crate) struct Beat {
    outbox: Outbox,
    start: Instant,
    /// In milliseconds since `start`.
    heard: AtomicU64,
    pinged: AtomicU64,
    /// When something had been written, as far as the rounds saw.
    written: AtomicU64,
    interval_secs: AtomicU32,
    /// Pings since the last message.
    calm: AtomicU32,
    /// The client takes part in choosing the interval.
    negotiates: std::sync::atomic::AtomicBool,
}

/// A connection's place in the round. Dropping it leaves.
pub(crate) struct BeatGuard {
    pulse: Arc<Pulse>,
    number: u64,
    beat: Arc<Beat>,
}

impl Pulse {
    pub(crate) fn new(limits: &Limits, received_bytes: Counter) -> Self {
        Self {
            beats: Mutex::default(),
            next: AtomicU64::new(0),
            period: (limits.heartbeat_min / 4)
                .clamp(Duration::from_millis(10), Duration::from_secs(1)),
            start: Instant::now(),
            default: limits.heartbeat_interval,
            min: limits.heartbeat_min,
            max: limits.heartbeat_max,
            received_bytes,
        }
    }

    /// Takes a connection into the round.
    pub(crate) fn admit(self: &Arc<Self>, outbox: Outbox) -> BeatGuard {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let beat = Arc::new(Beat {
            outbox,
            start: self.start,
            heard: AtomicU64::new(self.millis(Instant::now())),
            pinged: AtomicU64::new(0),
            written: AtomicU64::new(self.millis(Instant::now())),
            interval_secs: AtomicU32::new(secs(self.default)),
            calm: AtomicU32::new(0),
            negotiates: false.into(),
        });
        self.lock().insert(number, Arc::clone(&beat));
        BeatGuard {
            pulse: Arc::clone(self),
            number,
            beat,
        }
    }

    /// Makes the rounds for as long as the shard runs.
    pub(crate) async fn run(self: Arc<Self>) {
        loop {
            sleep(self.period).await;
            let beats: Vec<_> = self.lock().values().cloned().collect();
            let now = Instant::now();
            for beat in beats {
                self.look_at(&beat, now);
            }
        }
    }

    /// The outboxes of all connections.
    pub(crate) fn outboxes(&self) -> Vec<Outbox> {
        self.lock()
            .values()
            .map(|beat| beat.outbox.clone())
            .collect()
    }

    /// How many connections there are.
    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    /// How many bytes wait in all outboxes.
    pub(crate) fn queued_bytes(&self) -> usize {
        self.lock()
            .values()
            .map(|beat| beat.outbox.queued_bytes())
            .sum()
    }

    fn look_at(&self, beat: &Beat, now: Instant) {
        let interval = Duration::from_secs(beat.interval_secs.load(Ordering::Relaxed).into());
        let since =
            |millis: u64| now.saturating_duration_since(self.start + Duration::from_millis(millis));
        // Looked at once a period: what would be due before the next round is due now.
        let silent = since(beat.heard.load(Ordering::Relaxed)) + self.period;
        if beat.outbox.take_written() {
            beat.written.store(self.millis(now), Ordering::Relaxed);
        }
        let unwritten = since(beat.written.load(Ordering::Relaxed)) + self.period;
        if silent > interval * 2 {
            beat.outbox.close(Closing::Silent);
        } else if unwritten > interval * 2 && !beat.outbox.is_idle() {
            beat.outbox.close(Closing::lagged());
        } else if (silent > interval || unwritten > interval)
            && since(beat.pinged.load(Ordering::Relaxed)) + self.period > interval
        {
            beat.pinged.store(self.millis(now), Ordering::Relaxed);
            beat.outbox.push_if_idle(beat.outbox.dialect().ping());
            if beat.calm.fetch_add(1, Ordering::Relaxed) + 1 >= CALM_PINGS {
                self.stretch(beat, interval);
            }
        }
    }

    /// A quiet and stable connection is asked less often, where its client is told so.
    fn stretch(&self, beat: &Beat, interval: Duration) {
        let longer = (interval * STRETCH).min(self.max);
        if longer > interval && beat.negotiates.load(Ordering::Relaxed) {
            beat.calm.store(0, Ordering::Relaxed);
            beat.interval_secs.store(secs(longer), Ordering::Relaxed);
            let secs = secs(longer);
            beat.outbox.answer(&ServerMessage::Heartbeat { secs });
        }
    }

    fn millis(&self, at: Instant) -> u64 {
        // Rounded up: what comes right after a ping must not count as before it.
        let millis = at.saturating_duration_since(self.start).as_millis() + 1;
        u64::try_from(millis).unwrap_or(u64::MAX)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Beat>>> {
        self.beats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BeatGuard {
    /// So many bytes, or another sign of life, came from the other side.
    pub(crate) fn heard(&self, bytes: usize) {
        let beat = &self.beat;
        self.pulse.received_bytes.inc_by(bytes as u64);
        let millis = beat.start.elapsed().as_millis() + 1;
        beat.heard
            .store(u64::try_from(millis).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// A message came.
    pub(crate) fn is_lively(&self) {
        self.beat.calm.store(0, Ordering::Relaxed);
    }

    /// Takes a wish, within what the relay allows, and tells what holds from now on, in seconds.
    pub(crate) fn negotiate(&self, wish_secs: Option<u32>) -> u32 {
        let pulse = &self.pulse;
        if let Some(wish) = wish_secs {
            let wish = Duration::from_secs(wish.into()).clamp(pulse.min, pulse.max);
            self.beat.interval_secs.store(secs(wish), Ordering::Relaxed);
            self.beat.calm.store(0, Ordering::Relaxed);
            self.beat.negotiates.store(true, Ordering::Relaxed);
        }
        self.beat.interval_secs.load(Ordering::Relaxed)
    }
}

impl Drop for BeatGuard {
    fn drop(&mut self) {
        self.pulse.lock().remove(&self.number);
    }
}

/// Whole seconds, at least one.
fn secs(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests;

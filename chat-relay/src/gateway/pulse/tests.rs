//! Heartbeats under a paused clock.

use chat_relay_protocol::Codec;

use super::*;
use crate::outbox::Dialect;

/// How late a test may look.
const LOOK: Duration = Duration::from_millis(10);
const JSON: Dialect = Dialect::WebSocket(Codec::Json);

fn limits(min: u64, default: u64, max: u64) -> Limits {
    Limits {
        heartbeat_min: Duration::from_secs(min),
        heartbeat_interval: Duration::from_secs(default),
        heartbeat_max: Duration::from_secs(max),
        ..Limits::default()
    }
}

/// A round that is being made, and a connection in it.
fn begin(limits: &Limits) -> (Outbox, BeatGuard) {
    let pulse = Arc::new(Pulse::new(limits, Default::default()));
    tokio::spawn(Arc::clone(&pulse).run());
    let outbox = Outbox::new(JSON, 1024, None, Default::default());
    let guard = pulse.admit(outbox.clone());
    (outbox, guard)
}

/// What the round does to a connection whose task writes at once.
struct Other {
    outbox: Outbox,
    start: Instant,
    pings_secs: Vec<u64>,
    /// What it was told, with the seconds since the start.
    told: Vec<(u64, u32)>,
}

impl Other {
    fn of(outbox: &Outbox) -> Self {
        Self {
            outbox: outbox.clone(),
            start: Instant::now(),
            pings_secs: Vec::new(),
            told: Vec::new(),
        }
    }

    /// Lets time pass until the connection ends, or `limit` is over; calls `pinged` at each ping. Tells when it
    /// ended and why.
    async fn live(
        &mut self,
        limit: Duration,
        mut pinged: impl FnMut(),
    ) -> Option<(Duration, Closing)> {
        while self.start.elapsed() < limit {
            sleep(LOOK).await;
            let now = self.start.elapsed();
            if let Some(reason) = self.outbox.closing() {
                return Some((now, reason));
            }
            for frame in self.outbox.take_frames() {
                if frame == JSON.ping() {
                    self.pings_secs.push(now.as_secs());
                    pinged();
                } else {
                    // Two bytes of a short frame, then the message.
                    let told = Codec::Json.decode_server(&frame[2..]);
                    let Ok(ServerMessage::Heartbeat { secs }) = told else {
                        panic!("not {told:?}");
                    };
                    self.told.push((now.as_secs(), secs));
                }
            }
        }
        None
    }
}

#[tokio::test(start_paused = true)]
async fn who_says_nothing_is_asked_once_and_gone_within_two_intervals() {
    for secs in [1, 5, 30, 120] {
        let (outbox, _guard) = begin(&limits(1, secs, 120));
        let interval = Duration::from_secs(secs);
        let mut other = Other::of(&outbox);
        let (at, reason) = other.live(interval * 5, || {}).await.unwrap();
        assert_eq!(reason, Closing::Silent, "{secs}");
        assert!(at > interval && at <= interval * 2 + LOOK, "{secs}: {at:?}");
        assert_eq!(other.pings_secs.len(), 1, "{secs}: {:?}", other.pings_secs);
    }
}

#[tokio::test(start_paused = true)]
async fn who_answers_stays_and_is_asked_once_an_interval() {
    let (outbox, guard) = begin(&limits(1, 30, 120));
    let mut other = Other::of(&outbox);
    let ended = other
        .live(Duration::from_secs(600), || guard.heard(0))
        .await;
    assert_eq!(ended, None);
    let pings = other.pings_secs.len();
    assert!((19..=20).contains(&pings), "{:?}", other.pings_secs);
    // It has no say in the interval, so it is not told of another one.
    assert_eq!(other.told, []);
}

#[tokio::test(start_paused = true)]
async fn who_talks_is_not_asked_while_it_is_talked_to() {
    let (outbox, guard) = begin(&limits(1, 4, 120));
    for _ in 0..100 {
        sleep(Duration::from_secs(1)).await;
        guard.heard(0);
        guard.is_lively();
        outbox.push("x".into()).unwrap();
        assert_eq!(outbox.take_frames().len(), 1);
    }
    assert_eq!(outbox.closing(), None);
}

#[tokio::test(start_paused = true)]
async fn who_takes_nothing_is_gone_within_two_intervals_though_it_talks() {
    let (outbox, guard) = begin(&limits(1, 4, 120));
    outbox.push("never taken".into()).unwrap();
    let start = Instant::now();
    while outbox.closing().is_none() {
        sleep(LOOK).await;
        guard.heard(0);
    }
    assert_eq!(outbox.closing(), Some(Closing::lagged()));
    let interval = Duration::from_secs(4);
    assert!(start.elapsed() > interval && start.elapsed() <= interval * 2 + LOOK);
}

#[tokio::test(start_paused = true)]
async fn a_wish_is_kept_within_what_the_relay_allows() {
    let (outbox, guard) = begin(&limits(5, 30, 120));
    assert_eq!(guard.negotiate(None), 30);
    assert_eq!(guard.negotiate(Some(0)), 5);
    assert_eq!(guard.negotiate(Some(u32::MAX)), 120);
    assert_eq!(guard.negotiate(Some(45)), 45);
    assert_eq!(guard.negotiate(None), 45, "what holds is told, not changed");
    // After a change of its network: what it wishes holds from then on.
    assert_eq!(guard.negotiate(Some(6)), 6);
    let (at, _) = Other::of(&outbox)
        .live(Duration::from_secs(60), || {})
        .await
        .unwrap();
    assert!(at <= Duration::from_secs(12) + LOOK, "{at:?}");
}

#[tokio::test(start_paused = true)]
async fn who_is_quiet_and_stable_is_asked_less_often_and_told_so() {
    let (outbox, guard) = begin(&limits(5, 30, 120));
    guard.negotiate(Some(20));
    let mut other = Other::of(&outbox);
    let hour = Duration::from_secs(3600);
    assert_eq!(other.live(hour, || guard.heard(0)).await, None);
    let secs: Vec<u32> = other.told.iter().map(|(_, secs)| *secs).collect();
    assert_eq!(secs, [40, 80, 120], "{:?}", other.told);
    // Four answered pings each time, and each nearly an interval after the last.
    assert!(other.told[0].0 >= 4 * 19, "{:?}", other.told);
    assert!(
        other.told[1].0 >= other.told[0].0 + 4 * 39,
        "{:?}",
        other.told
    );
    let late = other.pings_secs.iter().rev().take(3);
    let late: Vec<u64> = late.copied().collect();
    assert!(late[0] - late[1] >= 119, "{late:?}");

    // A message brings it no shorter one; a wish does.
    guard.is_lively();
    assert_eq!(guard.negotiate(None), 120);
    assert_eq!(guard.negotiate(Some(10)), 10);
}

#[tokio::test(start_paused = true)]
async fn who_talks_now_and_then_is_not_taken_for_quiet() {
    let (outbox, guard) = begin(&limits(5, 30, 120));
    guard.negotiate(Some(10));
    let mut pings = 0;
    let mut other = Other::of(&outbox);
    let ended = other
        .live(Duration::from_secs(1000), || {
            guard.heard(0);
            pings += 1;
            if pings % 3 == 0 {
                guard.is_lively();
            }
        })
        .await;
    assert_eq!((ended, other.told), (None, vec![]));
}

#[tokio::test(start_paused = true)]
async fn who_leaves_is_not_counted_any_more() {
    let pulse = Arc::new(Pulse::new(&Limits::default(), Default::default()));
    let outbox = Outbox::new(JSON, 1024, None, Default::default());
    let one = pulse.admit(outbox.clone());
    let two = pulse.admit(outbox.clone());
    outbox.push("12345".into()).unwrap();
    assert_eq!((pulse.len(), pulse.queued_bytes()), (2, 10));
    drop(one);
    assert_eq!((pulse.len(), pulse.outboxes().len()), (1, 1));
    drop(two);
    assert_eq!(pulse.len(), 0);
}

//! The end of the connections: a few at a time, each with a time of its own to come back, so that a restarted relay, or
//! the one beside it, is not asked by all of them at once.

use std::time::Duration;

use crate::{
    app::App,
    outbox::{Closing, Outbox},
    secrets,
    shutdown::spread_millis,
};

/// In so many portions the connections are closed at a shutdown.
const DRAIN_ROUNDS: usize = 50;

/// Closes all connections, spread over the time that the operator chose.
pub(crate) async fn drain(app: &App) {
    let outboxes = app
        .shards
        .iter()
        .flat_map(|shard| shard.pulse.outboxes())
        .collect();
    close_spread(outboxes, app.config.limits.drain).await;
}

/// Closes connections a few at a time, over `time`, each with a time of its own to come back.
async fn close_spread(mut outboxes: Vec<Outbox>, time: Duration) {
    // Neighbours in a room do not go together.
    outboxes.sort_by_cached_key(|_| random_rank());
    let portion = outboxes.len().div_ceil(DRAIN_ROUNDS).max(1);
    let rounds = outboxes.len().div_ceil(portion).max(1);
    let pause = time / u32::try_from(rounds).unwrap_or(1);
    let mut portions = outboxes.chunks(portion).peekable();
    while let Some(portion) = portions.next() {
        for outbox in portion {
            outbox.close(Closing::shutting_down(spread_millis()));
        }
        if portions.peek().is_some() {
            tokio::time::sleep(pause).await;
        }
    }
}

fn random_rank() -> u64 {
    u64::from_le_bytes(secrets::random::<8>().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chat_relay_protocol::{Codec, Retry};
    use tokio::time::Instant;

    use super::*;
    use crate::outbox::Dialect;

    /// When each of so many connections was closed, and when it is to come back, in milliseconds.
    async fn drained(connections: usize, time: Duration) -> (Vec<u128>, BTreeSet<u64>) {
        let outboxes: Vec<_> = (0..connections)
            .map(|_| {
                Outbox::new(
                    Dialect::WebSocket(Codec::Json),
                    1024,
                    None,
                    Default::default(),
                )
            })
            .collect();
        let start = Instant::now();
        let drain = tokio::spawn(close_spread(outboxes.clone(), time));
        let mut closed = vec![None; connections];
        while closed.contains(&None) {
            for (outbox, closed) in outboxes.iter().zip(&mut closed) {
                if closed.is_none() && outbox.closing().is_some() {
                    *closed = Some(start.elapsed().as_millis());
                }
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        drain.await.unwrap();
        assert!(start.elapsed() <= time + Duration::from_millis(100));
        let hints = outboxes.iter().map(|outbox| match outbox.closing() {
            Some(Closing::Told { error, code: 1012 }) => match error.retry {
                Retry::Later { after_millis } => after_millis,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        });
        (closed.into_iter().flatten().collect(), hints.collect())
    }

    #[tokio::test(start_paused = true)]
    async fn closes_are_spread_and_so_are_the_returns() {
        let time = Duration::from_secs(5);
        let (mut closed, hints) = drained(1000, time).await;
        // Each second has its part of them.
        for second in 0..5 {
            let within = |at: &&u128| (second * 1000..(second + 1) * 1000).contains(*at);
            let count = closed.iter().filter(within).count();
            assert!((100..=300).contains(&count), "{second}: {count}");
        }
        assert!(hints.len() > 500, "{}", hints.len());
        assert!(hints.iter().all(|hint| (500..2500).contains(hint)));
        // Whoever connected side by side does not go side by side.
        let in_order = closed.clone();
        closed.sort_unstable();
        assert_ne!(in_order, closed);
    }

    #[tokio::test(start_paused = true)]
    async fn few_connections_are_spread_as_well_and_none_take_no_time() {
        let (mut closed, _) = drained(4, Duration::from_secs(4)).await;
        closed.sort_unstable();
        for (at, expected) in closed.iter().zip([0, 1000, 2000, 3000]) {
            assert!((expected..expected + 50).contains(at), "{closed:?}");
        }
        let start = Instant::now();
        assert_eq!(drained(0, Duration::from_secs(5)).await.0, []);
        assert_eq!(drained(9, Duration::ZERO).await.0.len(), 9);
        assert!(start.elapsed() < Duration::from_millis(100));
    }
}

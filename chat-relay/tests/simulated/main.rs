//! The relay and its clients in a simulated network: messages are late, lost and held back, hosts are cut off, pages are
//! loaded again, the relay is killed and started again. At the end the weather clears, and then everybody has to have
//! the same room, with everything that was acknowledged in it, once.
//!
//! Hosts, network and time are turmoil's, one thread for each run; the relay is the real one over the history in memory,
//! the devices are the native driver's. A run follows one seed. A seed that fails is named, and runs alone by
//! `SIMULATED_SEEDS=17 cargo test -p chat-relay --test simulated`; `100-199` runs many.
//!
//! | file | what |
//! |---|---|
//! | `world` | the hosts, the network, the clock |
//! | `phone` | one device: its host, its storage, what it was asked for and what it heard |
//! | `deeds` | what people do |
//! | `weather` | what happens to the network and the hosts |
//! | `truth` | what the history holds at the end |
//! | `verdict` | what has to hold at the end |
//! | `dice` | chance |

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it unwraps"
)]

mod deeds;
mod dice;
mod phone;
mod truth;
mod verdict;
mod weather;
mod world;

use std::{
    ops::RangeInclusive,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Mutex,
};

use verdict::{Run, Tally};

const SEEDS: RangeInclusive<u64> = 0..=19;
const SEEDS_OF_LONG_ROUNDS: RangeInclusive<u64> = 1000..=1399;

#[test]
fn everybody_agrees_after_any_weather() {
    let tally = run_all(chosen().unwrap_or(SEEDS));
    if chosen().is_none() {
        tally.check_that_all_was_tried();
    }
}

#[test]
#[ignore = "long: some minutes"]
fn everybody_agrees_after_much_weather() {
    run_all(SEEDS_OF_LONG_ROUNDS).check_that_all_was_tried();
}

#[test]
fn a_seed_gives_the_same_run_each_time() {
    let seed = chosen().unwrap_or(SEEDS).into_inner().0;
    let (once, again) = (run(seed), run(seed));
    assert!(
        once.fingerprint == again.fingerprint,
        "seed {seed} ran in two ways: {} and {} events, the same up to {:?}",
        once.fingerprint.len(),
        again.fingerprint.len(),
        once.fingerprint
            .iter()
            .zip(&again.fingerprint)
            .position(|(one, other)| one != other),
    );
}

/// One seed or two with a hyphen between, from the environment.
fn chosen() -> Option<RangeInclusive<u64>> {
    let text = std::env::var("SIMULATED_SEEDS").ok()?;
    let (first, last) = text.split_once('-').unwrap_or((&text, &text));
    let seed = |text: &str| text.parse().expect("SIMULATED_SEEDS is like 17 or 100-199");
    Some(seed(first)..=seed(last))
}

/// Runs all seeds, as many at a time as there are cores.
fn run_all(seeds: RangeInclusive<u64>) -> Tally {
    let seeds = Mutex::new(seeds);
    let (tally, failed) = (Mutex::new(Tally::default()), Mutex::new(Vec::new()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(seed) = { seeds.lock().unwrap().next() } {
                    match catch_unwind(AssertUnwindSafe(|| run(seed))) {
                        Ok(run) => tally.lock().unwrap().add(&run.tally),
                        Err(_) => failed.lock().unwrap().push(seed),
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(
        failed.is_empty(),
        "the seeds {failed:?} fail; run one of them alone by SIMULATED_SEEDS={} cargo test -p chat-relay --test \
         simulated",
        failed[0]
    );
    tally.into_inner().unwrap()
}

fn run(seed: u64) -> Run {
    let mut world = world::World::begin(seed);
    world.live_through_weather();
    world.settle();
    verdict::judge(world)
}

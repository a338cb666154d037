//! Who does what when. The load is an open loop: what is due does not wait for what came before it. Chat, scene and
//! reconnects come at random, like people; poses come evenly, like frames.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::options::Options;

/// What a member does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Act {
    Chat,
    Scene,
    Pose,
    Reconnect,
}

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Due {
    /// Since the load began.
    pub(super) at_micros: u64,
    pub(super) member: u32,
    pub(super) act: Act,
}

/// All that is due until the load ends, in order.
#[derive(Debug)]
pub(super) struct Schedule {
    waiting: BinaryHeap<Reverse<Due>>,
    random: Random,
    chat_per_sec: f64,
    scene_per_sec: f64,
    poses_per_sec: f64,
    reconnects_per_sec: f64,
    end_micros: u64,
}

impl Schedule {
    pub(super) fn new(options: &Options) -> Schedule {
        let mut schedule = Schedule {
            waiting: BinaryHeap::new(),
            random: Random(options.seed),
            chat_per_sec: options.chat_per_sec,
            scene_per_sec: options.scene_per_sec,
            poses_per_sec: options.presence_per_sec,
            reconnects_per_sec: options.reconnects_per_min / 60.0,
            end_micros: u64::from(options.duration_secs) * 1_000_000,
        };
        for member in 0..options.members {
            for act in [Act::Chat, Act::Scene, Act::Pose, Act::Reconnect] {
                // Not all at once: a first pose anywhere within its interval.
                let phase = match act {
                    Act::Pose => self::micros(schedule.random.unit() / schedule.poses_per_sec),
                    _ => schedule.pause_micros(act),
                };
                schedule.wait(phase, member, act);
            }
        }
        schedule
    }

    /// The pause until a member does the same again; endless when it never does.
    fn pause_micros(&mut self, act: Act) -> u64 {
        let rate = match act {
            Act::Pose => return micros(1.0 / self.poses_per_sec),
            Act::Chat => self.chat_per_sec,
            Act::Scene => self.scene_per_sec,
            Act::Reconnect => self.reconnects_per_sec,
        };
        micros(-(1.0 - self.random.unit()).ln() / rate)
    }

    fn wait(&mut self, at_micros: u64, member: u32, act: Act) {
        if at_micros < self.end_micros {
            self.waiting.push(Reverse(Due {
                at_micros,
                member,
                act,
            }));
        }
    }
}

impl Iterator for Schedule {
    type Item = Due;

    fn next(&mut self) -> Option<Due> {
        let Reverse(due) = self.waiting.pop()?;
        let again = due.at_micros.saturating_add(self.pause_micros(due.act));
        self.wait(again, due.member, due.act);
        Some(due)
    }
}

/// Seconds as whole microseconds, at least one; what is endless or no number is as long as can be.
#[allow(
    clippy::cast_sign_loss,
    clippy::cast_possible_truncation,
    reason = "the cast saturates, and there are no negative pauses"
)]
fn micros(secs: f64) -> u64 {
    if secs.is_finite() {
        ((secs * 1e6) as u64).max(1)
    } else {
        u64::MAX
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014, "Fast splittable pseudorandom number generators").
#[derive(Debug)]
struct Random(u64);

impl Random {
    /// From 0 up to, and without, 1.
    #[allow(clippy::cast_precision_loss, reason = "53 bits are kept")]
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    fn schedule(line: &[&str]) -> Vec<Due> {
        let line = ["loadtest"].iter().chain(line);
        Schedule::new(&Line::parse_from(line).options).collect()
    }

    #[test]
    fn everything_comes_in_order_as_often_as_asked_for() {
        let line = [
            "--members=20",
            "--duration-secs=100",
            "--chat-per-sec=0.5",
            "--scene-per-sec=2",
            "--presence-per-sec=10",
            "--reconnects-per-min=0",
        ];
        let due = schedule(&line);
        assert!(due.is_sorted());
        assert!(
            due.iter()
                .all(|due| due.at_micros < 100_000_000 && due.member < 20)
        );
        for (act, expected) in [
            (Act::Chat, 1000),
            (Act::Scene, 4000),
            (Act::Pose, 20_000),
            (Act::Reconnect, 0),
        ] {
            let count = due.iter().filter(|due| due.act == act).count();
            assert!(
                count.abs_diff(expected) * 10 <= expected,
                "{act:?}: {count}"
            );
        }
        assert_eq!(due, schedule(&line), "one seed, one schedule");
        let other = line.into_iter().chain(["--seed=2"]).collect::<Vec<_>>();
        assert_ne!(due, schedule(&other));
    }
}

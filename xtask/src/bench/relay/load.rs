//! What the load client does to a server: how many connections, in which rooms, and what they send.
//!
//! A [`Measure`] is one part of the bench; [`Plan`] gives its numbers, for a full or a quick run.

use std::time::Duration;

/// The parts of the bench.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(super) enum Measure {
    /// Idle memory, then a fixed rate of messages: latency from the moment each was due
    Steady,
    /// Rooms of 10, each sends its next message as soon as all have the last one
    #[value(name = "rooms-10")]
    Rooms10,
    /// The same in rooms of 100
    #[value(name = "rooms-100")]
    Rooms100,
    /// More connections than one process may hold, over several servers and clients
    Many,
}

impl Measure {
    /// All, in the order they are run and shown.
    pub(super) const ALL: [Self; 4] = [Self::Steady, Self::Rooms10, Self::Rooms100, Self::Many];

    /// A word for file names and progress.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Steady => "steady",
            Self::Rooms10 => "rooms-10",
            Self::Rooms100 => "rooms-100",
            Self::Many => "many",
        }
    }
}

/// How large a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// The numbers of the issue.
    Full,
    /// A fifth of the connections and shorter phases: shows that everything works.
    Quick,
}

/// One measure in numbers. With several pairs of processes, these are the numbers of each pair.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    pub(super) measure: Measure,
    /// How many servers, each with a load client of its own.
    pub(super) pairs: usize,
    pub(super) connections: usize,
    pub(super) room_size: usize,
    /// The size of a message's text.
    pub(super) message_bytes: usize,
    pub(super) idle_secs: u32,
    /// Messages a second in the open loop; 0 leaves it out.
    pub(super) rate_per_sec: u32,
    pub(super) warm_secs: u32,
    pub(super) rate_secs: u32,
    /// The length of the closed loop; 0 leaves it out.
    pub(super) saturated_secs: u32,
}

/// How many connections of a process's limit of open files are left for everything that is no connection.
const SPARE_FILES: usize = 1_000;

impl Plan {
    /// The numbers of a measure where a process may have `open_files` open.
    pub(super) fn new(measure: Measure, extent: Extent, open_files: usize) -> Self {
        let full = extent == Extent::Full;
        let pick = |full_value: u32, quick| if full { full_value } else { quick };
        let connections = if full { 10_000 } else { 2_000 };
        let plain = Self {
            measure,
            pairs: 1,
            connections,
            room_size: 10,
            message_bytes: 128,
            idle_secs: pick(3, 1),
            rate_per_sec: 0,
            warm_secs: 0,
            rate_secs: 0,
            saturated_secs: 0,
        };
        match measure {
            Measure::Steady => Self {
                rate_per_sec: 1_000,
                warm_secs: pick(2, 1),
                rate_secs: pick(8, 2),
                ..plain
            },
            Measure::Rooms10 => Self {
                saturated_secs: pick(8, 2),
                ..plain
            },
            Measure::Rooms100 => Self {
                room_size: 100,
                message_bytes: 256,
                saturated_secs: pick(8, 2),
                ..plain
            },
            Measure::Many => {
                let all = connections * 3;
                // A quick run has two pairs as well, or it would not try what it is there to try.
                let most = Self::most_connections(open_files);
                let pairs = all.div_ceil(most).max(if full { 1 } else { 2 });
                let rooms = (all / plain.room_size).div_ceil(pairs);
                Self {
                    pairs,
                    connections: rooms * plain.room_size,
                    // Long enough that the first client to be through still holds when the last one is.
                    idle_secs: pick(15, 3),
                    // What answers is held: a few messages tell.
                    rate_per_sec: 100,
                    warm_secs: 1,
                    rate_secs: pick(3, 1),
                    ..plain
                }
            }
        }
    }

    /// How many connections a process may be given.
    pub(super) fn most_connections(open_files: usize) -> usize {
        let spare = SPARE_FILES.min(open_files / 10);
        (open_files - spare).max(1)
    }

    /// Connections over all pairs.
    pub(super) fn all_connections(&self) -> usize {
        self.connections * self.pairs
    }

    /// Rooms of one server.
    pub(super) fn rooms(&self) -> usize {
        self.connections / self.room_size
    }

    /// The load client's options for this plan.
    pub(super) fn client_arguments(&self) -> Vec<String> {
        let mut words = Vec::new();
        let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
        option("--conns", self.connections.to_string());
        option("--room", self.room_size.to_string());
        option("--size", self.message_bytes.to_string());
        option("--idle", self.idle_secs.to_string());
        if self.rate_per_sec > 0 {
            option("--rate", self.rate_per_sec.to_string());
            option("--warm", self.warm_secs.to_string());
            option("--dur", self.rate_secs.to_string());
        }
        if self.saturated_secs > 0 {
            option("--max-dur", self.saturated_secs.to_string());
        }
        words
    }

    /// After this time a load client is stuck. Its phases take as long as they are told to; it connects and waits for
    /// stragglers besides.
    pub(super) fn time_limit(&self) -> Duration {
        let phases = self.idle_secs + self.warm_secs + self.rate_secs + self.saturated_secs;
        Duration::from_secs(u64::from(phases) + 180)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_thousand_go_into_as_many_processes_as_the_limit_asks_for() {
        let plan = |open_files| Plan::new(Measure::Many, Extent::Full, open_files);
        assert_eq!((plan(20_000).pairs, plan(20_000).connections), (2, 15_000));
        assert_eq!((plan(8_000).pairs, plan(8_000).connections), (5, 6_000));
        assert_eq!(
            (plan(1_000_000).pairs, plan(1_000_000).connections),
            (1, 30_000)
        );
        for open_files in [1_024, 4_096, 20_000, 31_000] {
            let plan = plan(open_files);
            assert!(plan.all_connections() >= 30_000);
            assert_eq!(plan.connections % plan.room_size, 0);
        }
    }

    #[test]
    fn a_phase_of_no_length_is_left_out() {
        let words = |measure| Plan::new(measure, Extent::Full, 20_000).client_arguments();
        let has = |measure, option: &str| words(measure).iter().any(|word| word == option);
        assert!(has(Measure::Steady, "--rate") && !has(Measure::Steady, "--max-dur"));
        assert!(!has(Measure::Rooms10, "--rate") && has(Measure::Rooms10, "--max-dur"));
    }
}

//! From runs to the table: medians over the rounds, and the bars of the issue, most of which are other servers of the
//! same bench.

use super::figures::Figures;
use super::load::{Measure, Plan};
use super::server::Server;
use crate::bench::Row;

/// What our relay may take for a connection, in KiB, and what we aim at.
const MEMORY_TARGET_KIB: f64 = 12.0;
const MEMORY_GOAL_KIB: f64 = 8.0;
/// What a saturated relay may take for a delivery.
const SATURATED_P99_MILLIS: f64 = 250.0;
/// Our CPU time by the Go hub's, at most.
const CPU_OF_GO: f64 = 0.75;
/// Our deliveries by the Go hub's in rooms of 100: the goal.
const DELIVERIES_OF_GO: f64 = 1.6;
/// What our relay may add to the bare hub's latency, beside the commit.
const ADDED_MILLIS: f64 = 3.0;

/// From here on, in percent of a core, other programs have disturbed a run that wants two cores for itself.
const DISTURBED_PERCENT: f64 = 20.0;

/// A run that came to its end.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) server: Server,
    pub(super) measure: Measure,
    pub(super) round: usize,
    pub(super) figures: Figures,
}

impl Run {
    /// Whether the machine had other things to do meanwhile.
    pub(super) fn is_disturbed(&self) -> bool {
        self.figures.load.others_percent > DISTURBED_PERCENT
    }
}

/// A figure over the rounds.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Spread {
    median: f64,
    min: f64,
    max: f64,
    count: usize,
}

impl Spread {
    fn of(mut values: Vec<f64>) -> Option<Self> {
        values.retain(|value| !value.is_nan());
        values.sort_by(f64::total_cmp);
        let count = values.len();
        let (&min, &max) = (values.first()?, values.last()?);
        let median = f64::midpoint(values[(count - 1) / 2], values[count / 2]);
        Some(Self {
            median,
            min,
            max,
            count,
        })
    }
}

/// Reads one figure of a run.
type Pick = fn(&Figures) -> f64;

const DELIVERIES: Pick = |figures| figures.load.deliveries_per_sec;
const P99: Pick = |figures| figures.load.p99_millis;
const CPU: Pick = |figures| figures.load.cpu_secs_per_million;
const MEMORY: Pick = |figures| figures.kib_per_connection;
const DELIVERED: Pick = |figures| figures.load.delivered_percent;
const HELD: Pick = |figures| figures.held;
const COMMIT_MEAN: Pick = |figures| figures.commit.map_or(f64::NAN, |commit| commit.mean_millis);
const COMMIT_P99: Pick = |figures| figures.commit.map_or(f64::NAN, |commit| commit.p99_millis);

/// Everything that was measured.
pub(super) struct Table<'a> {
    pub(super) servers: &'a [Server],
    pub(super) plans: &'a [Plan],
    pub(super) runs: &'a [Run],
}

impl Table<'_> {
    /// All rows, a measure after the other, the servers beside each other.
    pub(super) fn rows(&self) -> Vec<Row> {
        let rows = self.plans.iter().flat_map(|plan| match plan.measure {
            Measure::Steady => self.steady(plan),
            Measure::Rooms10 | Measure::Rooms100 => self.saturated(plan),
            Measure::Many => self.many(plan),
        });
        rows.collect()
    }

    fn steady(&self, plan: &Plan) -> Vec<Row> {
        let of = plan.measure;
        let idle = format!("{} idle: memory a connection", plan.connections);
        let rate = format!("{} msg/s", plan.rate_per_sec);
        let mut rows = self.each(of, &idle, "KiB", MEMORY, &|row| {
            row.at_most(MEMORY_TARGET_KIB).aiming_at(MEMORY_GOAL_KIB)
        });
        let commit = self.median(Server::Relay, of, COMMIT_P99);
        let bar = self
            .median(Server::Bare, of, P99)
            .map(|bare| bare + commit.unwrap_or(0.0) + ADDED_MILLIS);
        rows.extend(
            self.each(of, &format!("{rate}: p99"), "ms", P99, &|row| match bar {
                Some(bar) => row.at_most(bar),
                None => row,
            }),
        );
        // What is lost has no latency.
        rows.extend(
            self.each(of, &format!("{rate}: delivered"), "%", DELIVERED, &|row| {
                row.at_least(100.0)
            }),
        );
        if self.servers.contains(&Server::Relay) {
            for (what, pick) in [("mean", COMMIT_MEAN), ("p99", COMMIT_P99)] {
                rows.push(self.row(
                    Server::Relay,
                    of,
                    &format!("{rate}: commit, {what}"),
                    "ms",
                    pick,
                ));
            }
        }
        rows
    }

    fn saturated(&self, plan: &Plan) -> Vec<Row> {
        let of = plan.measure;
        let what = |figure: &str| format!("rooms of {}: {figure}", plan.room_size);
        let floor = self.median(Server::Bare, of, DELIVERIES);
        let goal = match of {
            Measure::Rooms100 => self
                .median(Server::Go, of, DELIVERIES)
                .map(|go| go * DELIVERIES_OF_GO),
            _ => self.median(Server::Uws, of, DELIVERIES),
        };
        let mut rows = self.each(of, &what("deliveries"), "/s", DELIVERIES, &|row| {
            let row = match floor {
                Some(floor) => row.at_least(rounded(floor)),
                None => row,
            };
            match goal {
                Some(goal) => row.aiming_at(rounded(goal)),
                None => row,
            }
        });
        for (row, &server) in rows.iter_mut().zip(self.servers) {
            *row = row.clone().larger_is_better();
            row.note += &self.busy(server, of);
        }
        rows.extend(self.each(of, &what("p99"), "ms", P99, &|row| {
            row.at_most(SATURATED_P99_MILLIS)
        }));
        let bare = self.median(Server::Bare, of, CPU);
        let go = self.median(Server::Go, of, CPU).map(|go| go * CPU_OF_GO);
        let ceiling = bare.into_iter().chain(go).reduce(f64::min);
        rows.extend(
            self.each(
                of,
                &what("CPU per million deliveries"),
                "s",
                CPU,
                &|row| match ceiling {
                    Some(ceiling) => row.at_most(ceiling),
                    None => row,
                },
            ),
        );
        rows
    }

    fn many(&self, plan: &Plan) -> Vec<Row> {
        let of = plan.measure;
        #[allow(clippy::cast_precision_loss, reason = "tens of thousands")]
        let all = plan.all_connections() as f64;
        let what = |figure: &str| {
            format!(
                "{} in {} processes: {figure}",
                plan.all_connections(),
                plan.pairs
            )
        };
        let mut rows = self.each(of, &what("held"), "", HELD, &|row| row.at_least(all));
        rows.extend(self.each(of, &what("KiB each"), "KiB", MEMORY, &|row| {
            row.at_most(MEMORY_TARGET_KIB).aiming_at(MEMORY_GOAL_KIB)
        }));
        rows
    }

    /// A row for each server; ours is held against the bars.
    fn each(
        &self,
        measure: Measure,
        what: &str,
        unit: &str,
        pick: Pick,
        bars: &dyn Fn(Row) -> Row,
    ) -> Vec<Row> {
        let row = |&server: &Server| {
            let row = self.row(server, measure, what, unit, pick);
            if server == Server::Relay {
                let ratios = self.ratios(measure, pick);
                let note = row.note.clone() + &ratios;
                bars(row).note(note)
            } else {
                row
            }
        };
        self.servers.iter().map(row).collect()
    }

    fn row(&self, server: Server, measure: Measure, what: &str, unit: &str, pick: Pick) -> Row {
        let what = format!("{what}, {}", server.title());
        match Spread::of(self.values(server, measure, pick)) {
            Some(Spread {
                median,
                min,
                max,
                count,
            }) => {
                let note = if count == 1 {
                    "one run".to_owned()
                } else {
                    format!("{} to {} in {count} runs", rounded(min), rounded(max))
                };
                Row::plain(what, rounded(median), unit).note(note)
            }
            None => Row::plain(what, f64::NAN, unit).note("not measured"),
        }
    }

    fn median(&self, server: Server, measure: Measure, pick: Pick) -> Option<f64> {
        Spread::of(self.values(server, measure, pick)).map(|spread| spread.median)
    }

    fn values(&self, server: Server, measure: Measure, pick: Pick) -> Vec<f64> {
        self.of(server, measure)
            .map(|run| pick(&run.figures))
            .collect()
    }

    fn of(&self, server: Server, measure: Measure) -> impl Iterator<Item = &Run> {
        self.runs
            .iter()
            .filter(move |run| run.server == server && run.measure == measure)
    }

    /// Ours by the bare hub's in each round: a machine that slows down slows both.
    fn ratios(&self, measure: Measure, pick: Pick) -> String {
        let by_round: Vec<String> = self
            .of(Server::Relay, measure)
            .filter_map(|ours| {
                let bare = self
                    .of(Server::Bare, measure)
                    .find(|bare| bare.round == ours.round)?;
                Some(format!("{:.2}", pick(&ours.figures) / pick(&bare.figures)))
            })
            .collect();
        if by_round.is_empty() {
            return String::new();
        }
        format!("; of the bare hub by round {}", by_round.join(" "))
    }

    /// How busy both sides were: a client at its limit measures itself.
    fn busy(&self, server: Server, measure: Measure) -> String {
        let percent = |pick: Pick| self.median(server, measure, pick);
        let (Some(own), Some(client), Some(others)) = (
            percent(|figures| figures.load.server_percent),
            percent(|figures| figures.load.client_percent),
            percent(|figures| figures.load.others_percent),
        ) else {
            return String::new();
        };
        let lost = |run: &Run| run.figures.connected - run.figures.held;
        let lost = self.of(server, measure).map(lost).fold(0.0, f64::max);
        let lost = if lost > 0.0 {
            format!("; {lost:.0} connections lost")
        } else {
            String::new()
        };
        format!("; of a core: server {own:.0} %, client {client:.0} %, others {others:.0} %{lost}")
    }
}

/// To four digits or more, three of them behind the point at most: the rest is noise.
fn rounded(value: f64) -> f64 {
    let digits = if value >= 1e3 { 1.0 } else { 1e3 };
    (value * digits).round() / digits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::relay::figures::{Commit, Load};
    use crate::bench::relay::load::Extent;

    fn run(server: Server, measure: Measure, round: usize, speed: f64) -> Run {
        let load = Load {
            deliveries_per_sec: 10_000.0 * speed,
            delivered_percent: 100.0,
            p99_millis: 100.0 / speed,
            cpu_secs_per_million: 100.0 / speed,
            server_percent: 99.0,
            client_percent: 50.0,
            others_percent: 2.0,
        };
        let commit = (server == Server::Relay).then_some(Commit {
            mean_millis: 1.0,
            p99_millis: 2.0,
        });
        let figures = Figures {
            connected: 30_000.0,
            held: 30_000.0,
            kib_per_connection: 9.0,
            load,
            commit,
        };
        Run {
            server,
            measure,
            round,
            figures,
        }
    }

    fn rows(measure: Measure, runs: &[Run]) -> Vec<Row> {
        let plans = [Plan::new(measure, Extent::Full, 20_000)];
        let mut servers: Vec<Server> = runs.iter().map(|run| run.server).collect();
        servers.dedup();
        let servers = &servers;
        Table {
            servers,
            plans: &plans,
            runs,
        }
        .rows()
    }

    fn ours<'a>(rows: &'a [Row], what: &str) -> &'a Row {
        rows.iter()
            .find(|row| row.measure.contains(what) && row.measure.ends_with("chat-relay"))
            .unwrap()
    }

    #[test]
    fn medians_leave_out_what_is_not_a_number() {
        let spread = Spread::of(vec![3.0, f64::NAN, 1.0, 2.0, 10.0]).unwrap();
        assert_eq!(
            (spread.median, spread.min, spread.max, spread.count),
            (2.5, 1.0, 10.0, 4)
        );
        assert_eq!(Spread::of(vec![f64::NAN]), None);
    }

    #[test]
    fn the_bars_of_saturation_are_other_servers() {
        let measure = Measure::Rooms10;
        let runs = [
            run(Server::Bare, measure, 0, 9.0),
            run(Server::Uws, measure, 0, 12.0),
            run(Server::Go, measure, 0, 5.0),
            run(Server::Relay, measure, 0, 10.0),
        ];
        let rows = rows(measure, &runs);
        let deliveries = ours(&rows, "deliveries,");
        assert_eq!(
            (deliveries.target, deliveries.goal),
            (Some(90_000.0), Some(120_000.0))
        );
        assert_eq!(deliveries.met(), Some(true));
        assert!(
            deliveries.note.contains("by round 1.11"),
            "{}",
            deliveries.note
        );
        // 100 / 9 of the bare hub is stricter than 0.75 times 100 / 5 of the Go hub.
        let cpu = ours(&rows, "CPU");
        assert_eq!((cpu.target, cpu.met()), (Some(100.0 / 9.0), Some(true)));
        assert_eq!(ours(&rows, "p99").target, Some(250.0));
        let peers = rows
            .iter()
            .filter(|row| !row.measure.ends_with("chat-relay"));
        assert!(peers.into_iter().all(|row| row.target.is_none()));
    }

    #[test]
    fn the_goal_in_rooms_of_100_is_the_go_hub() {
        let measure = Measure::Rooms100;
        let runs = [
            run(Server::Go, measure, 0, 5.0),
            run(Server::Relay, measure, 0, 10.0),
        ];
        let rows = rows(measure, &runs);
        let deliveries = ours(&rows, "deliveries,");
        assert_eq!((deliveries.target, deliveries.goal), (None, Some(80_000.0)));
        assert_eq!(deliveries.to_json()["better"], "larger");
    }

    #[test]
    fn the_bar_of_latency_is_the_bare_hub_and_the_commit_and_three() {
        let measure = Measure::Steady;
        let runs = [
            run(Server::Bare, measure, 0, 100.0),
            run(Server::Relay, measure, 0, 10.0),
        ];
        let rows = rows(measure, &runs);
        let p99 = ours(&rows, "msg/s: p99");
        assert_eq!(
            (p99.target, p99.met()),
            (Some(1.0 + 2.0 + 3.0), Some(false))
        );
        assert_eq!(ours(&rows, "commit, mean").value, 1.0);
        assert_eq!(ours(&rows, "delivered").met(), Some(true));
        assert_eq!(ours(&rows, "memory").met(), Some(true));
    }

    #[test]
    fn a_relay_that_could_not_be_measured_misses_its_bars() {
        let plans = [Plan::new(Measure::Many, Extent::Full, 20_000)];
        let servers = [Server::Relay];
        let rows = Table {
            servers: &servers,
            plans: &plans,
            runs: &[],
        }
        .rows();
        assert!(rows.iter().all(|row| row.met() == Some(false)));
        assert!(rows.iter().any(|row| row.target == Some(30_000.0)));
    }
}

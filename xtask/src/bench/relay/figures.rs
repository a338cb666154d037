//! What the load client prints, as numbers.
//!
//! It prints a line a phase: connected, idle, offered (open loop), closed loop. A number that it could not compute is
//! not a number here.

use anyhow::{Context, Result};

/// What one run of one server gave.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Figures {
    /// Connections that came to be.
    pub(super) connected: f64,
    /// Those of them that were there to the end.
    pub(super) held: f64,
    /// Memory of the server that came with the connections, by their number.
    pub(super) kib_per_connection: f64,
    pub(super) load: Load,
    /// How long our relay's commits took; none for servers that keep nothing.
    pub(super) commit: Option<Commit>,
}

/// What came of the messages.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Load {
    pub(super) deliveries_per_sec: f64,
    /// Of what the sent messages had to become; not a number in the closed loop, which counts otherwise.
    pub(super) delivered_percent: f64,
    pub(super) p99_millis: f64,
    pub(super) cpu_secs_per_million: f64,
    /// Of one core.
    pub(super) server_percent: f64,
    /// Of one core.
    pub(super) client_percent: f64,
    /// What everything else on the machine took of one core, stolen time included.
    pub(super) others_percent: f64,
}

/// Times of the relay's transactions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Commit {
    pub(super) mean_millis: f64,
    pub(super) p99_millis: f64,
}

/// Reads the lines of one load client.
#[derive(Debug, Default)]
pub(super) struct Reader {
    connected: Option<(f64, f64)>,
    kib_per_connection: Option<f64>,
    load: Option<(Load, f64)>,
}

/// A phase that a line closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Connected,
    Idle,
    Load,
}

impl Reader {
    /// Takes a line in; says which phase it reports.
    pub(super) fn line(&mut self, line: &str) -> Option<Phase> {
        if let Some(ready) = after(line, "] connected ") {
            self.connected = Some((ready, after(line, " dead ")?));
            return Some(Phase::Connected);
        }
        if let Some(kib) = after(line, ", per conn ") {
            self.kib_per_connection = Some(kib);
            return Some(Phase::Idle);
        }
        if line.contains("] offered ") || line.contains("] closed loop ") {
            self.load = Some((Load::read(line), after(line, "; dead ")?));
            return Some(Phase::Load);
        }
        None
    }

    /// The figures, once all lines are in.
    ///
    /// # Errors
    ///
    /// When a line is lacking.
    pub(super) fn finish(self) -> Result<Figures> {
        let (ready, dead_at_first) = self
            .connected
            .context("the load client did not say how many connections it has")?;
        let (load, dead) = self
            .load
            .context("the load client did not say what came of its messages")?;
        Ok(Figures {
            connected: ready,
            held: ready - (dead - dead_at_first),
            kib_per_connection: self
                .kib_per_connection
                .context("the load client did not say how much memory the server takes")?,
            load,
            commit: None,
        })
    }
}

impl Load {
    fn read(line: &str) -> Self {
        let number = |marker| after(line, marker).unwrap_or(f64::NAN);
        // The share of a core follows in brackets.
        let share = |whose: &str| {
            let rest = line.split_once(whose).map_or("", |(_, rest)| rest);
            after(rest, "s/Mdel (").unwrap_or(f64::NAN)
        };
        let deliveries = [" del/s;", " delivered/s"]
            .into_iter()
            .find_map(|unit| before(line, unit));
        Self {
            deliveries_per_sec: deliveries.unwrap_or(f64::NAN),
            delivered_percent: before(line, "%), ")
                .filter(|_| line.contains("] offered "))
                .unwrap_or(f64::NAN),
            p99_millis: number(" p99="),
            cpu_secs_per_million: number("server CPU "),
            server_percent: share("server CPU "),
            client_percent: share("client CPU "),
            // Clocks of another grain: the rest may come out below nothing.
            others_percent: (number("other procs ") + number(" steal ")).max(0.0),
        }
    }
}

impl Figures {
    /// Several servers that shared a load, as one.
    pub(super) fn together(parts: &[Self]) -> Self {
        let sum = |pick: fn(&Self) -> f64| parts.iter().map(pick).sum::<f64>();
        #[allow(clippy::cast_precision_loss, reason = "a handful of processes")]
        let mean = |pick| sum(pick) / parts.len() as f64;
        let worst = |pick: fn(&Self) -> f64| parts.iter().map(pick).fold(f64::NAN, f64::max);
        Self {
            connected: sum(|part| part.connected),
            held: sum(|part| part.held),
            kib_per_connection: mean(|part| part.kib_per_connection),
            load: Load {
                deliveries_per_sec: sum(|part| part.load.deliveries_per_sec),
                delivered_percent: mean(|part| part.load.delivered_percent),
                p99_millis: worst(|part| part.load.p99_millis),
                cpu_secs_per_million: mean(|part| part.load.cpu_secs_per_million),
                server_percent: sum(|part| part.load.server_percent),
                client_percent: sum(|part| part.load.client_percent),
                others_percent: worst(|part| part.load.others_percent),
            },
            commit: match parts {
                [one] => one.commit,
                _ => None,
            },
        }
    }
}

/// The number that stands right behind a marker.
fn after(text: &str, marker: &str) -> Option<f64> {
    let (_, rest) = text.split_once(marker)?;
    let end = rest.find(|c: char| !is_of_number(c)).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

/// The number that stands right before a marker.
fn before(text: &str, marker: &str) -> Option<f64> {
    let (rest, _) = text.split_once(marker)?;
    let start = rest
        .rfind(|c: char| !is_of_number(c))
        .map_or(0, |place| place + 1);
    rest.get(start..)?.parse().ok()
}

fn is_of_number(c: char) -> bool {
    c.is_ascii_digit() || c == '.' || c == '-'
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    const CONNECTED: &str = "[go] connected 9998 dead 2 in 1.52s (6578/s)";
    const IDLE: &str = "[go] idle 3s: server RSS 152.3 MiB (before 8.1), per conn 14.77 KiB; threads 6; idle CPU 0.33%; \
        kernel TCP mem pages 1->1";
    const OFFERED: &str = "[go] offered 1000 msg/s x 10 fan-out for 8.0s: sent 8000 delivered 79990 of 80000 (99.988%), \
        9998 del/s; p50=0.61ms p90=1.50ms p99=3.25ms p99.9=7.10ms max=9.00ms; server CPU 20.10 s/Mdel (20% of a core), \
        client CPU 8.30 s/Mdel (8%); RSS 160.0 MiB; dead 5; sched lag max 12 msgs; other procs 3% steal 1%";
    const CLOSED: &str = "[go] closed loop (window 1 per room of 10, 1000 rooms) 8.0s: 55012 delivered/s (1.00 \
        marks/frame); p50=180.10ms p90=300.00ms p99=640.26ms p99.9=700.00ms max=900.00ms; server CPU 17.50 s/Mdel (96%), \
        client CPU 7.10 s/Mdel (39%); RSS 170.1 MiB; dead 2; other procs -1% steal 0%";

    fn read(lines: &[&str]) -> Result<Figures> {
        let mut reader = Reader::default();
        for line in lines {
            reader.line(line);
        }
        reader.finish()
    }

    #[test]
    fn the_open_loop_is_read() {
        let figures = read(&[CONNECTED, IDLE, OFFERED]).unwrap();
        assert_eq!((figures.connected, figures.held), (9_998.0, 9_995.0));
        assert_eq!(figures.kib_per_connection, 14.77);
        let load = Load {
            deliveries_per_sec: 9_998.0,
            delivered_percent: 99.988,
            p99_millis: 3.25,
            cpu_secs_per_million: 20.1,
            server_percent: 20.0,
            client_percent: 8.0,
            others_percent: 4.0,
        };
        assert_eq!(figures.load, load);
    }

    #[test]
    fn the_closed_loop_is_read() {
        let figures = read(&[CONNECTED, IDLE, CLOSED]).unwrap();
        assert_eq!(figures.held, 9_998.0);
        assert!(figures.load.delivered_percent.is_nan());
        assert_eq!(figures.load.deliveries_per_sec, 55_012.0);
        assert_eq!(figures.load.p99_millis, 640.26);
        assert_eq!(figures.load.cpu_secs_per_million, 17.5);
        assert_eq!(figures.load.server_percent, 96.0);
        assert_eq!(figures.load.client_percent, 39.0);
        assert_eq!(figures.load.others_percent, 0.0);
    }

    #[test]
    fn a_line_that_is_lacking_is_an_error() {
        assert!(read(&[CONNECTED, OFFERED]).is_err());
        assert!(read(&[CONNECTED, IDLE]).is_err());
        assert!(read(&[IDLE, CLOSED]).is_err());
        assert_eq!(Reader::default().line("bad handshake: HTTP/1.1 429"), None);
    }

    #[test]
    fn what_was_not_delivered_at_all_is_not_a_number() {
        let nothing = CLOSED
            .replace("55012 delivered", "0 delivered")
            .replace("17.50 s", "NaN s");
        let figures = read(&[CONNECTED, IDLE, &nothing]).unwrap();
        assert_eq!(figures.load.deliveries_per_sec, 0.0);
        assert!(figures.load.cpu_secs_per_million.is_nan());
    }

    #[test]
    fn servers_that_share_a_load_count_as_one() {
        let one = read(&[CONNECTED, IDLE, OFFERED]).unwrap();
        let mut other = one.clone();
        other.kib_per_connection = 15.77;
        other.load.p99_millis = 5.0;
        let both = Figures::together(&[one, other]);
        assert_eq!(both.held, 2.0 * 9_995.0);
        assert!((both.kib_per_connection - 15.27).abs() < 1e-9);
        assert_eq!(both.load.p99_millis, 5.0);
    }
}

//! The figures of a load test, for a table, a page and JSON.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    error::setting_of_load, histogram::Histogram, log_check::Faults, options::Options,
    record::Measured,
};

/// Parts of the whole for which a curve is drawn: evenly on a scale of nines.
const CURVE_STEPS: u32 = 64;
/// How many nines a curve goes to.
const CURVE_NINES: f64 = 4.0;

/// What came out.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// The relay.
    pub url: String,
    /// Who came.
    pub members: u32,
    /// In so many rooms.
    pub rooms: u32,
    /// Of so many members, but for the last.
    pub room_members: u32,
    /// The codecs, by subprotocol.
    pub codecs: Vec<&'static str>,
    /// What was asked for, in words.
    pub load: String,
    /// How long the load lasted.
    pub duration_secs: u32,
    /// Ops that were sent.
    pub ops: u64,
    /// Events that came of them.
    pub events: u64,
    /// Events that members got.
    pub deliveries: u64,
    /// Events that members have to get.
    pub deliveries_expected: u64,
    /// Poses that were set.
    pub poses: u64,
    /// Poses of others that members heard of; the latest only, so fewer than all.
    pub poses_heard: u64,
    /// From when an op was due to its event at who sent it.
    pub own: Distribution,
    /// The same at everybody else.
    pub others: Distribution,
    /// From when a pose was due to when another member heard of it.
    pub presence: Distribution,
    /// From when something was due to when this process began it: what is above a few milliseconds is no fault of the
    /// relay's.
    pub lateness: Distribution,
    /// Welcomes after a member's first.
    pub reconnects: u64,
    /// How often a member was told that it reads too slowly.
    pub missed: u64,
    /// Refusals by code.
    pub errors: BTreeMap<String, u64>,
    /// What to do about each.
    pub advice: BTreeMap<String, String>,
    /// What was wrong with the log.
    pub faults: Faults,
    /// Second by second.
    pub seconds: Vec<Second>,
}

/// How times are spread, in milliseconds.
#[derive(Debug, Clone, Serialize)]
pub struct Distribution {
    /// How many there are.
    pub count: u64,
    /// Half of them are at most this.
    pub p50_millis: f64,
    /// Nine in ten.
    pub p90_millis: f64,
    /// Ninety-nine in a hundred.
    pub p99_millis: f64,
    /// All.
    pub max_millis: f64,
    /// A curve through more parts.
    pub curve: Vec<Percentile>,
}

/// A part of all times is at most this.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Percentile {
    /// From 0 to 1.
    pub part: f64,
    /// In milliseconds.
    pub millis: f64,
}

/// What one second of the load brought.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Second {
    /// Ops sent.
    pub ops: u64,
    /// Events that members got.
    pub deliveries: u64,
    /// Poses that members heard of.
    pub poses_heard: u64,
    /// From when an op was due to its event at others, in milliseconds; none where none came.
    pub p50_millis: Option<f64>,
    /// The same for 99 in 100.
    pub p99_millis: Option<f64>,
}

impl Summary {
    pub(super) fn of(options: &Options, measured: &Measured) -> Summary {
        let (events, deliveries_expected) = measured.log.totals();
        let advice = |code: &String| {
            let message = measured.messages.get(code)?;
            let advice = setting_of_load(code).map_or_else(
                || message.clone(),
                |setting| format!("{message} ({setting})"),
            );
            Some((code.clone(), advice))
        };
        // What came while the last of it was waited for is no second of the load.
        let seconds = measured.seconds.iter().take(options.duration_secs as usize);
        Summary {
            url: options.url.clone(),
            members: options.members,
            rooms: options.rooms(),
            room_members: options.room.min(options.members),
            codecs: options
                .codecs
                .iter()
                .map(|codec| codec.subprotocol())
                .collect(),
            load: in_words(options),
            duration_secs: options.duration_secs,
            ops: measured.ops,
            events,
            deliveries: measured.deliveries,
            deliveries_expected,
            poses: measured.poses,
            poses_heard: measured.poses_heard,
            own: Distribution::of(&measured.own),
            others: Distribution::of(&measured.others),
            presence: Distribution::of(&measured.presence),
            lateness: Distribution::of(&measured.lateness),
            reconnects: measured.reconnects,
            missed: measured.missed,
            errors: measured.errors.clone(),
            advice: measured.errors.keys().filter_map(advice).collect(),
            faults: measured.log.faults(),
            seconds: seconds
                .map(|second| Second {
                    ops: second.ops,
                    deliveries: second.deliveries,
                    poses_heard: second.poses_heard,
                    p50_millis: some_quantile(&second.others, 0.5),
                    p99_millis: some_quantile(&second.others, 0.99),
                })
                .collect(),
        }
    }

    /// Whether everybody got the whole log, and everything that was sent is in it.
    pub fn is_whole(&self) -> bool {
        self.faults.none()
    }

    /// All of it as JSON.
    pub fn to_json(&self) -> String {
        // Plain numbers and texts: there is nothing that JSON cannot hold.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// A count as a rate over the load.
    #[allow(
        clippy::cast_precision_loss,
        reason = "a rate is shown with a few digits"
    )]
    pub(super) fn per_sec(&self, count: u64) -> f64 {
        count as f64 / f64::from(self.duration_secs)
    }
}

impl Distribution {
    fn of(histogram: &Histogram) -> Distribution {
        let percentile = |part: f64| Percentile {
            part,
            millis: millis(histogram.quantile(part)),
        };
        let curve = (0..=CURVE_STEPS)
            .map(|step| {
                let nines = CURVE_NINES * f64::from(step) / f64::from(CURVE_STEPS);
                percentile(1.0 - 10.0_f64.powf(-nines))
            })
            .filter(|_| histogram.len() > 0);
        Distribution {
            count: histogram.len(),
            p50_millis: percentile(0.5).millis,
            p90_millis: percentile(0.9).millis,
            p99_millis: percentile(0.99).millis,
            max_millis: millis(histogram.max()),
            curve: curve.collect(),
        }
    }
}

fn some_quantile(histogram: &Histogram, part: f64) -> Option<f64> {
    (histogram.len() > 0).then(|| millis(histogram.quantile(part)))
}

#[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
fn millis(micros: u64) -> f64 {
    micros as f64 / 1000.0
}

fn in_words(options: &Options) -> String {
    let mut words = format!(
        "each {} messages of {} characters, {} changes of the scene and {} poses a second",
        options.chat_per_sec, options.chat_bytes, options.scene_per_sec, options.presence_per_sec
    );
    if options.reconnects_per_min > 0.0 {
        words.push_str(&format!(
            ", {} reconnects a minute",
            options.reconnects_per_min
        ));
    }
    words
}

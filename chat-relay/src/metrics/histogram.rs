//! A histogram of atomics: an observation is two additions and a search among a dozen bounds.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use prometheus_client::{
    encoding::{EncodeMetric, MetricEncoder, NoLabelSet},
    metrics::{MetricType, TypedMetric},
};

/// A histogram; clones are the same one.
#[derive(Debug, Clone)]
pub struct Histogram(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// The upper bounds, each included.
    bounds: &'static [u64],
    /// How many values fell below each bound and above the one before; the last has no bound.
    counts: Box<[AtomicU64]>,
    sum: AtomicU64,
    /// How many observed ones make one of the text.
    per_one: f64,
}

impl Histogram {
    /// Of times, observed in nanoseconds and told in seconds. The sum overflows after 584 years.
    pub(super) fn of_nanos(bounds: &'static [u64]) -> Self {
        Self::new(bounds, 1e9)
    }

    /// Of numbers of things.
    pub(super) fn of_counts(bounds: &'static [u64]) -> Self {
        Self::new(bounds, 1.0)
    }

    fn new(bounds: &'static [u64], per_one: f64) -> Self {
        Self(Arc::new(Inner {
            bounds,
            counts: (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect(),
            sum: AtomicU64::new(0),
            per_one,
        }))
    }

    /// Takes a value: nanoseconds or a number of things.
    pub fn observe(&self, value: u64) {
        let Inner {
            bounds,
            counts,
            sum,
            ..
        } = &*self.0;
        let bucket = bounds.partition_point(|bound| *bound < value);
        // A scrape in between may see one without the other; the next one sees both.
        counts[bucket].fetch_add(1, Ordering::Relaxed);
        sum.fetch_add(value, Ordering::Relaxed);
    }

    /// Takes a time.
    pub fn observe_duration(&self, time: Duration) {
        self.observe(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
    }
}

impl EncodeMetric for Histogram {
    #[allow(
        clippy::cast_precision_loss,
        reason = "sixteen digits are enough for a plot"
    )]
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        let Inner {
            bounds,
            counts,
            sum,
            per_one,
        } = &*self.0;
        let bounds = bounds
            .iter()
            .map(|bound| *bound as f64 / per_one)
            .chain([f64::INFINITY]);
        let counts = counts.iter().map(|count| count.load(Ordering::Relaxed));
        let buckets: Vec<(f64, u64)> = bounds.zip(counts).collect();
        let count = buckets.iter().map(|(_, count)| count).sum();
        let sum = sum.load(Ordering::Relaxed) as f64 / per_one;
        encoder.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        Self::TYPE
    }
}

impl TypedMetric for Histogram {
    const TYPE: MetricType = MetricType::Histogram;
}

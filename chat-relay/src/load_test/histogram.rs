//! How often which time was seen: a histogram whose buckets are at most 1/64 of their value wide, so that quantiles of
//! microseconds and of minutes are equally exact, in a few kilobytes.

/// Each power of two is cut into 2 to this many buckets.
const CUT_BITS: u32 = 6;
const CUTS: u64 = 1 << CUT_BITS;

/// Whole numbers, and how often each was seen.
#[derive(Debug, Clone, Default)]
pub(super) struct Histogram {
    counts: Vec<u64>,
    total: u64,
    max: u64,
}

impl Histogram {
    /// Counts a value.
    pub(super) fn add(&mut self, value: u64) {
        let bucket = bucket_of(value);
        if self.counts.len() <= bucket {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] += 1;
        self.total += 1;
        self.max = self.max.max(value);
    }

    /// How many values there are.
    pub(super) fn len(&self) -> u64 {
        self.total
    }

    /// The largest value.
    pub(super) fn max(&self) -> u64 {
        self.max
    }

    /// The value that the share `part` (0 to 1) of all values does not exceed; 0 when there are none.
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        clippy::cast_possible_truncation,
        reason = "a rank is between 1 and a count that stays far below 2^53"
    )]
    pub(super) fn quantile(&self, part: f64) -> u64 {
        let rank = ((self.total as f64 * part).ceil() as u64).max(1);
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return largest_in(bucket).min(self.max);
            }
        }
        self.max
    }
}

/// Small values have a bucket each; after that, `CUTS` of them stand for a power of two.
fn bucket_of(value: u64) -> usize {
    let shift = (u64::BITS - value.leading_zeros()).saturating_sub(CUT_BITS + 1);
    let bucket = u64::from(shift) * CUTS + (value >> shift);
    usize::try_from(bucket).unwrap_or(usize::MAX)
}

fn largest_in(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    let shift = (bucket / CUTS).saturating_sub(1);
    let first = bucket - shift * CUTS;
    ((first + 1) << shift) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_its_value_and_is_narrow() {
        for value in (0..5000).chain((5000..90_000_000).step_by(77_777)) {
            let largest = largest_in(bucket_of(value));
            assert!(largest >= value, "{value}");
            assert!((largest - value) * CUTS <= value, "{value} to {largest}");
            assert_ne!(bucket_of(largest), bucket_of(largest + 1));
        }
    }

    #[test]
    fn quantiles_are_those_of_the_values() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.quantile(0.5), 0);
        (1..=1000).for_each(|value| histogram.add(value * 100));
        for (part, expected) in [
            (0.0, 100_u64),
            (0.5, 50_000),
            (0.99, 99_000),
            (1.0, 100_000),
        ] {
            let value = histogram.quantile(part);
            assert!(
                value >= expected && value - expected <= expected / 64,
                "{part}: {value}"
            );
        }
        assert_eq!((histogram.len(), histogram.max()), (1000, 100_000));
    }
}

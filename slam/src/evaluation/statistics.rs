//! The figures of a row of errors.

/// What is said of a row of errors, in their unit.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(feature = "dataset", derive(serde::Serialize))]
pub struct Statistics {
    /// Root of the mean of the squares.
    pub rmse: f64,
    /// Mean.
    pub mean: f64,
    /// Median; of an even number the mean of the two in the middle.
    pub median: f64,
    /// Standard deviation of the whole population.
    pub std: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// How many there are.
    pub count: usize,
}

impl Statistics {
    /// None for no values.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (&min, &max) = (sorted.first()?, sorted.last()?);
        let count = sorted.len();
        let n = count as f64;
        let mean = sorted.iter().sum::<f64>() / n;
        let square = |value: &f64| value * value;
        Some(Self {
            rmse: (sorted.iter().map(square).sum::<f64>() / n).sqrt(),
            mean,
            median: 0.5 * (sorted[(count - 1) / 2] + sorted[count / 2]),
            std: (sorted.iter().map(|v| square(&(v - mean))).sum::<f64>() / n).sqrt(),
            min,
            max,
            count,
        })
    }
}

//! What a run says: named rows of numbers.

use std::collections::BTreeMap;

use serde::Serialize;
use slam::evaluation::{AbsoluteError, Alignment, Similarity, TimedPose, associate};

/// Poses and reference belong together within this time.
pub(crate) const MOST_DIFFERENCE_NANOS: i64 = 5_000_000;

/// An error over fewer of the reference's poses than this share is none: who tracks ten frames has a small one.
const LEAST_SHARE: f64 = 0.6;

/// One run of the tracker.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Run {
    pub(crate) name: String,
    pub(crate) seed: u64,
    pub(crate) figures: BTreeMap<&'static str, Vec<Option<f64>>>,
    /// Planes that could be found and were not.
    pub(crate) missed: Vec<&'static str>,
}

impl Run {
    pub(crate) fn new(name: impl Into<String>, seed: u64) -> Self {
        Self {
            name: name.into(),
            seed,
            figures: BTreeMap::new(),
            missed: Vec::new(),
        }
    }

    /// Notes a figure; not a number is none.
    pub(crate) fn add(&mut self, name: &'static str, value: Option<f64>) {
        self.figures
            .entry(name)
            .or_default()
            .push(value.filter(|value| value.is_finite()));
    }

    /// Notes a row of figures, which may be empty.
    pub(crate) fn extend(&mut self, name: &'static str, values: impl IntoIterator<Item = f64>) {
        self.figures.entry(name).or_default();
        values
            .into_iter()
            .for_each(|value| self.add(name, Some(value)));
    }
}

/// How far poses are from their reference after similarity alignment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Error {
    pub(crate) reference_from_estimate: Similarity,
    pub(crate) rmse_m: f64,
}

/// The error of poses; none where fewer than 60% of the `expected` pairs with the reference are there, or they cannot
/// be aligned.
pub(crate) fn error_of(
    poses: &[TimedPose],
    reference: &[TimedPose],
    expected: usize,
) -> Option<Error> {
    let pairs = associate(poses, reference, MOST_DIFFERENCE_NANOS);
    if (pairs.len() as f64) < LEAST_SHARE * expected as f64 {
        return None;
    }
    let error = AbsoluteError::of(&pairs, Alignment::Similarity)?;
    Some(Error {
        reference_from_estimate: error.reference_from_estimate,
        rmse_m: error.translation_m.rmse,
    })
}

/// The value below which a share of the values lies; none for no values. Sorts them.
pub(crate) fn quantile(values: &mut [f64], share: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let index = (values.len() as f64 * share) as usize;
    values.get(index.min(values.len().max(1) - 1)).copied()
}

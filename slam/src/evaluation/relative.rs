//! The relative pose error: how wrong the motion over a stretch is.

use super::{PosePair, Similarity, Statistics};

/// How long a stretch is. Stretches follow one another, the next begins where one ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Delta {
    /// So many pairs of poses.
    Frames(usize),
    /// Until the aligned estimate has gone so far, metres.
    Metres(f64),
}

/// The relative error of a trajectory.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RelativeError {
    /// Of the differences of the motions' translations, in the reference's unit.
    pub translation_m: Statistics,
    /// Of the angles between the motions' rotations, degrees.
    pub rotation_deg: Statistics,
}

impl RelativeError {
    /// Measures all stretches of a trajectory that `reference_from_estimate` aligns; none where there is no whole one.
    #[must_use]
    pub fn of(
        pairs: &[PosePair],
        reference_from_estimate: &Similarity,
        delta: Delta,
    ) -> Option<Self> {
        let estimates: Vec<_> = pairs
            .iter()
            .map(|pair| reference_from_estimate.transform(&pair.estimate))
            .collect();
        let distance = |k: usize| {
            (estimates[k].translation.vector - estimates[k - 1].translation.vector).norm()
        };
        let mut ends = vec![0];
        let mut gone_m = 0.0;
        for k in 1..pairs.len() {
            gone_m += distance(k);
            let is_end = match delta {
                Delta::Frames(count) => k - ends[ends.len() - 1] >= count.max(1),
                Delta::Metres(length) => gone_m >= length,
            };
            if is_end {
                ends.push(k);
                gone_m = 0.0;
            }
        }
        let (translations, angles): (Vec<f64>, Vec<f64>) = ends
            .windows(2)
            .map(|stretch| {
                let (i, j) = (stretch[0], stretch[1]);
                let estimate = estimates[i].inv_mul(&estimates[j]);
                let reference = pairs[i].reference.inv_mul(&pairs[j].reference);
                let error = reference.inv_mul(&estimate);
                (
                    error.translation.vector.norm(),
                    error.rotation.angle().to_degrees(),
                )
            })
            .unzip();
        Some(Self {
            translation_m: Statistics::of(&translations)?,
            rotation_deg: Statistics::of(&angles)?,
        })
    }
}

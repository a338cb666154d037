//! The absolute trajectory error: how far every pose is from its reference.

use super::{Alignment, PosePair, Similarity, Statistics};

/// How far one pose is from its reference after alignment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PoseError {
    /// The pose's time, nanoseconds.
    pub time_nanos: i64,
    /// Distance of the positions in the reference's unit, metres for a metric one.
    pub translation_m: f64,
    /// Angle between the orientations.
    pub rotation_rad: f64,
}

/// The absolute error of a trajectory.
#[derive(Debug, Clone, PartialEq)]
pub struct AbsoluteError {
    /// What was done to the estimate.
    pub reference_from_estimate: Similarity,
    /// Of the distances of the positions, in the reference's unit.
    pub translation_m: Statistics,
    /// Of the angles between the orientations, degrees.
    pub rotation_deg: Statistics,
    /// Every pair's, in their order.
    pub errors: Vec<PoseError>,
}

impl AbsoluteError {
    /// Aligns the pairs and measures them; none where they cannot be aligned (see [`Similarity::between`]) or there are
    /// none.
    #[must_use]
    pub fn of(pairs: &[PosePair], alignment: Alignment) -> Option<Self> {
        let reference_from_estimate = Similarity::between(pairs, alignment)?;
        let errors: Vec<PoseError> = pairs
            .iter()
            .map(|pair| {
                let pose = reference_from_estimate.transform(&pair.estimate);
                let away = pair.reference.translation.vector - pose.translation.vector;
                PoseError {
                    time_nanos: pair.time_nanos,
                    translation_m: away.norm(),
                    rotation_rad: pair.reference.rotation.angle_to(&pose.rotation),
                }
            })
            .collect();
        let column = |of: fn(&PoseError) -> f64| errors.iter().map(of).collect::<Vec<f64>>();
        Some(Self {
            reference_from_estimate,
            translation_m: Statistics::of(&column(|e| e.translation_m))?,
            rotation_deg: Statistics::of(&column(|e| e.rotation_rad.to_degrees()))?,
            errors,
        })
    }
}

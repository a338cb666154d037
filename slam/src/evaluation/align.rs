//! Moves an estimate onto its reference.

use nalgebra::{Isometry3, Matrix3, Rotation3, Translation3, UnitQuaternion, Vector3};

use super::PosePair;

/// What may be moved to bring an estimate onto its reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Alignment {
    /// Rotation, translation and scale.
    #[default]
    Similarity,
    /// Rotation and translation.
    Rigid,
    /// Nothing.
    None,
}

/// A similarity: scaled, then turned, then shifted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Similarity {
    /// Factor on lengths.
    pub scale: f64,
    /// Rotation and translation after the scale.
    pub isometry: Isometry3<f64>,
}

impl Similarity {
    /// Leaves everything where it is.
    #[must_use]
    pub fn identity() -> Self {
        Self {
            scale: 1.0,
            isometry: Isometry3::identity(),
        }
    }

    /// Where a pose comes to be; its orientation stays a rotation.
    #[must_use]
    pub fn transform(&self, pose: &Isometry3<f64>) -> Isometry3<f64> {
        let scaled = Translation3::from(pose.translation.vector * self.scale);
        self.isometry * Isometry3::from_parts(scaled, pose.rotation)
    }

    /// `reference_from_estimate` with the least sum of squared distances of the positions (Umeyama 1991, equations 40 to
    /// 42). None for fewer than three pairs, or where the positions lie on a line and leave the rotation open.
    #[must_use]
    pub fn between(pairs: &[PosePair], alignment: Alignment) -> Option<Self> {
        if alignment == Alignment::None {
            return Some(Self::identity());
        }
        if pairs.len() < 3 {
            return None;
        }
        let n = pairs.len() as f64;
        let sum = |of: fn(&PosePair) -> Vector3<f64>| pairs.iter().map(of).sum::<Vector3<f64>>();
        let from_mean = sum(|p| p.estimate.translation.vector) / n;
        let to_mean = sum(|p| p.reference.translation.vector) / n;
        let mut covariance = Matrix3::zeros();
        let mut variance = 0.0;
        for pair in pairs {
            let from = pair.estimate.translation.vector - from_mean;
            let to = pair.reference.translation.vector - to_mean;
            covariance += to * from.transpose() / n;
            variance += from.norm_squared() / n;
        }
        let svd = covariance.svd(true, true);
        let (u, v_t) = (svd.u?, svd.v_t?);
        let values = svd.singular_values;
        // Positions on a line (or in one point) do not tell how to turn about it.
        if !(values[0].is_finite() && values[1] > 1e-12 * values[0].max(f64::MIN_POSITIVE)) {
            return None;
        }
        let mut mirror = Vector3::repeat(1.0);
        if u.determinant() * v_t.determinant() < 0.0 {
            mirror.z = -1.0;
        }
        let rotation = u * Matrix3::from_diagonal(&mirror) * v_t;
        let scale = match alignment {
            Alignment::Similarity => values.dot(&mirror) / variance,
            _ => 1.0,
        };
        let rotation =
            UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(rotation));
        let translation = to_mean - scale * (rotation * from_mean);
        Some(Self {
            scale,
            isometry: Isometry3::from_parts(translation.into(), rotation),
        })
    }
}

//! The path seen from above and from the side.
//!
//! Sequences do not tell which way is up. People hold cameras upright: the mean of the cameras' own Y axes (down in the
//! picture) is taken for down, and the longest horizontal extent of the path goes to the right.

use nalgebra::{Isometry3, Matrix2, SymmetricEigen, Vector2, Vector3};

/// Where the path is looked at from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Views {
    right: Vector3<f64>,
    forward: Vector3<f64>,
    up: Vector3<f64>,
}

impl Views {
    /// Of the poses that are shown.
    pub(super) fn of(poses: &[Isometry3<f64>]) -> Self {
        let down: Vector3<f64> = poses.iter().map(|pose| pose.rotation * Vector3::y()).sum();
        let up = -down.try_normalize(1e-6).unwrap_or(Vector3::y());
        // Any direction across will do where the path tells none.
        let across = [Vector3::x(), Vector3::z()].map(|axis| axis - up * up.dot(&axis));
        let first = across
            .into_iter()
            .max_by(|a, b| a.norm().total_cmp(&b.norm()));
        let first = first
            .and_then(|axis| axis.try_normalize(1e-6))
            .unwrap_or(Vector3::x());
        let second = up.cross(&first);
        let flat = |pose: &Isometry3<f64>| {
            let p = pose.translation.vector;
            Vector2::new(p.dot(&first), p.dot(&second))
        };
        let count = poses.len().max(1) as f64;
        let mean = poses.iter().map(flat).sum::<Vector2<f64>>() / count;
        let spread: Matrix2<f64> = poses
            .iter()
            .map(|pose| (flat(pose) - mean) * (flat(pose) - mean).transpose())
            .sum();
        let eigen = SymmetricEigen::new(spread);
        let longest = eigen.eigenvectors.column(eigen.eigenvalues.imax());
        let right = first * longest[0] + second * longest[1];
        Self {
            right,
            forward: up.cross(&right),
            up,
        }
    }

    /// To the right and away, metres.
    pub(super) fn above(&self, point: &Vector3<f64>) -> [f64; 2] {
        [point.dot(&self.right), point.dot(&self.forward)]
    }

    /// To the right and up, metres.
    pub(super) fn side(&self, point: &Vector3<f64>) -> [f64; 2] {
        [point.dot(&self.right), point.dot(&self.up)]
    }
}

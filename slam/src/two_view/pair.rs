//! A pair of pixels as the solvers want it: directions, and how directions and pixels change with each other.
//!
//! Errors of every model are so told in pixels of the real picture, whatever the lens.

use nalgebra::{Matrix2x3, Matrix3, Matrix3x2, Vector2, Vector3};

use crate::camera::Camera;

#[derive(Debug, Clone)]
pub(super) struct Pair {
    /// Which of the caller's pairs it is.
    pub(super) index: usize,
    pub(super) first: Vector3<f64>,
    pub(super) second: Vector3<f64>,
    /// Directions by pixels.
    pub(super) first_by_px: Matrix3x2<f64>,
    pub(super) second_by_px: Matrix3x2<f64>,
    /// Pixels by directions.
    pub(super) px_by_first: Matrix2x3<f64>,
    pub(super) px_by_second: Matrix2x3<f64>,
}

impl Pair {
    /// None where the camera's model does not reach.
    pub(super) fn new(
        camera: &Camera,
        index: usize,
        &(first, second): &(Vector2<f64>, Vector2<f64>),
    ) -> Option<Self> {
        let (first, px_by_first, first_by_px) = both_ways(camera, first)?;
        let (second, px_by_second, second_by_px) = both_ways(camera, second)?;
        Some(Self {
            index,
            first,
            second,
            first_by_px,
            second_by_px,
            px_by_first,
            px_by_second,
        })
    }

    /// The squared distance to the epipolar constraint in pixels, to first order (Sampson 1982; Hartley and Zisserman,
    /// "Multiple View Geometry", equation 11.9, with the lens's derivatives in place of a pinhole's).
    #[inline]
    pub(super) fn sampson_squared(&self, essential: &Matrix3<f64>) -> f64 {
        let (value, first, second) = self.epipolar(essential);
        value * value / (first.norm_squared() + second.norm_squared())
    }

    /// The squared distances in pixels to the epipolar curves in the first and in the second picture.
    #[inline]
    pub(super) fn epipolar_squared(&self, essential: &Matrix3<f64>) -> [f64; 2] {
        let (value, first, second) = self.epipolar(essential);
        let squared = value * value;
        [
            squared / first.norm_squared(),
            squared / second.norm_squared(),
        ]
    }

    /// The constraint's value and its derivatives by the first and the second pixel.
    #[inline]
    pub(super) fn epipolar(&self, essential: &Matrix3<f64>) -> (f64, Vector2<f64>, Vector2<f64>) {
        let across_second = essential * self.first;
        let across_first = essential.tr_mul(&self.second);
        (
            self.second.dot(&across_second),
            self.first_by_px.tr_mul(&across_first),
            self.second_by_px.tr_mul(&across_second),
        )
    }

    /// How far in pixels of the second picture a direction, of any length, is from the one seen, to first order; far
    /// for one that looks the other way.
    #[inline]
    pub(super) fn off_second(&self, direction: &Vector3<f64>) -> Vector2<f64> {
        off(&self.px_by_second, &self.second, direction)
    }

    /// The same in the first picture.
    #[inline]
    pub(super) fn off_first(&self, direction: &Vector3<f64>) -> Vector2<f64> {
        off(&self.px_by_first, &self.first, direction)
    }
}

fn off(px_by: &Matrix2x3<f64>, seen: &Vector3<f64>, direction: &Vector3<f64>) -> Vector2<f64> {
    let along = seen.dot(direction);
    if along > 0.0 {
        px_by * direction / along
    } else {
        Vector2::repeat(1e6)
    }
}

type BothWays = (Vector3<f64>, Matrix2x3<f64>, Matrix3x2<f64>);

fn both_ways(camera: &Camera, pixel: Vector2<f64>) -> Option<BothWays> {
    let direction = camera.unproject(pixel)?;
    let px_by = camera.project_with_jacobian(&direction)?.by_point;
    // The rows are at right angles to the direction, so the pseudo-inverse stays in the sphere's tangent.
    let by_px = px_by.transpose() * (px_by * px_by.transpose()).try_inverse()?;
    Some((direction, px_by, by_px))
}

//! How the surroundings of a landmark are deformed from one view to another, to first order.

use nalgebra::{Isometry3, Matrix2, Matrix3x2, Point3, Vector3};

use super::pixels_of_level;
use crate::camera::Camera;

/// A camera at its place.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The camera.
    pub camera: &'a Camera,
    /// Its pose: X right, Y down, Z forward.
    pub world_from_camera: &'a Isometry3<f64>,
}

/// How a landmark's surroundings in a reference image look in the current one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Warp {
    /// Small offsets in pixels of the current image by such of the reference, both of the full images.
    pub current_from_reference: Matrix2<f32>,
    /// Where the landmark is predicted in the current image, in pixels of the full image. It may be outside.
    pub predicted_px: [f32; 2],
    /// The finest level of the current pyramid in which the reference has enough detail.
    pub level: usize,
    /// The level of the reference pyramid with about the same detail.
    pub reference_level: usize,
}

/// Views that stretch a patch more than this in one direction against the other are not predicted well by a plane.
const MAX_STRETCH: f64 = 4.0;

impl Warp {
    /// The warp of a landmark between two views whose pyramids have `levels` levels. The surface is a plane with the
    /// given normal, of any length and sign; with none, it faces the reference camera.
    ///
    /// None where a camera does not see the landmark, where the views are on different sides of the surface or one
    /// looks along it, and where the scales differ more than the pyramids' levels reach.
    #[must_use]
    pub fn new(
        reference: &View<'_>,
        current: &View<'_>,
        point_in_world: &Vector3<f64>,
        normal_in_world: Option<&Vector3<f64>>,
        levels: usize,
    ) -> Option<Self> {
        let point = Point3::from(*point_in_world);
        let toward = point_in_world - reference.world_from_camera.translation.vector;
        let tangents = tangents(normal_in_world.unwrap_or(&toward))?;
        // Pixels by coordinates in the surface, in both views; the warp is one after the other's inverse.
        let by_surface = |view: &View<'_>| {
            let pose = view.world_from_camera;
            let point_in_camera = pose.inverse_transform_point(&point).coords;
            let seen = view.camera.project_with_jacobian(&point_in_camera)?;
            let rotation = pose.rotation.inverse().to_rotation_matrix();
            Some((seen.by_point * (rotation * tangents), seen.position_px))
        };
        let (reference_by_surface, _) = by_surface(reference)?;
        let (current_by_surface, predicted_px) = by_surface(current)?;
        let matrix = current_by_surface * reference_by_surface.try_inverse()?;
        Self::of_matrix(matrix, [predicted_px.x, predicted_px.y], levels)
    }

    /// The warp with a known matrix, for a predicted position in pixels of the full image.
    #[must_use]
    pub fn of_matrix(
        current_from_reference: Matrix2<f64>,
        predicted_px: [f64; 2],
        levels: usize,
    ) -> Option<Self> {
        let determinant = current_from_reference.determinant();
        // Of singular values a >= b: a^2 + b^2 and a b, so that their ratio is bounded by MAX_STRETCH.
        let squares = current_from_reference.norm_squared();
        let stretched = squares > (MAX_STRETCH + 1.0 / MAX_STRETCH) * determinant;
        // Written so that what is not a number is refused as well.
        if !(determinant > 0.0 && determinant.is_finite()) || stretched {
            return None;
        }
        let reachable = levels.checked_sub(1)?;
        let level = nearest_level(determinant, reachable)?;
        let reference_level = nearest_level(1.0 / determinant, reachable)?;
        Some(Self {
            current_from_reference: current_from_reference.map(|c| c as f32),
            predicted_px: predicted_px.map(|c| c as f32),
            level,
            reference_level,
        })
    }

    /// Offsets in pixels of the reference level by such of the current one, `coarser` levels above the finest.
    pub(super) fn reference_from_current(&self) -> Option<Matrix2<f64>> {
        let scale = pixels_of_level(self.level) / pixels_of_level(self.reference_level);
        let inverse = self.current_from_reference.cast::<f64>().try_inverse()?;
        Some(inverse * scale)
    }
}

/// The level whose pixels are about that many times as large in area as the image's: the finest one for smaller areas,
/// none beyond `reachable`.
fn nearest_level(mut area: f64, reachable: usize) -> Option<usize> {
    let mut level = 0;
    // A level's pixels are of four times the area of those of the one below; half of an octave more is nearer to the
    // next one.
    while area >= 2.0 {
        area *= 0.25;
        level += 1;
        if level > reachable {
            return None;
        }
    }
    Some(level)
}

/// Two directions of length 1 in the plane of a normal, at right angles. None without a normal.
fn tangents(normal: &Vector3<f64>) -> Option<Matrix3x2<f64>> {
    let normal = normal.try_normalize(1e-12)?;
    let other = if normal.x.abs() < 0.7 {
        Vector3::x()
    } else {
        Vector3::y()
    };
    let first = normal.cross(&other).normalize();
    Some(Matrix3x2::from_columns(&[first, normal.cross(&first)]))
}

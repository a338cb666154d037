//! Pixels to directions in the camera's frame.

use nalgebra::{Vector2, Vector3};

use super::profile::Profile;
use super::{Camera, Distortion};

impl Camera {
    /// The direction in which a pixel looks, of length 1, in the camera's frame; none where the model does not reach.
    #[must_use]
    pub fn unproject(&self, pixel: Vector2<f64>) -> Option<Vector3<f64>> {
        let bent = Vector2::new(
            (pixel.x - self.center_px[0]) / self.focal_px[0],
            (pixel.y - self.center_px[1]) / self.focal_px[1],
        );
        let squared = bent.norm_squared();
        if !squared.is_finite() {
            return None;
        }
        let on_plane = match self.distortion {
            Distortion::None => bent,
            Distortion::Radial([k1, k2]) => straighten(k1, k2, bent)?,
            Distortion::RadialTangential(coefficients) => {
                self.straighten_tangential(coefficients, pixel, bent)?
            }
            Distortion::Fisheye(coefficients) => {
                let radius = squared.sqrt();
                let angle = Profile(coefficients).inverse(radius, core::f64::consts::PI - 1e-6)?;
                let (sin, cos) = angle.sin_cos();
                let over_radius = if radius > 1e-9 { sin / radius } else { 1.0 };
                return Some(Vector3::new(
                    bent.x * over_radius,
                    bent.y * over_radius,
                    cos,
                ));
            }
        };
        Some(on_plane.push(1.0).normalize())
    }

    /// Newton's method on the projection itself, from where the radial part alone leads.
    fn straighten_tangential(
        &self,
        [k1, k2, p1, p2]: [f64; 4],
        pixel: Vector2<f64>,
        bent: Vector2<f64>,
    ) -> Option<Vector2<f64>> {
        let mut at = straighten(k1, k2, bent).unwrap_or(bent * 0.5);
        // Once against the tangential part as it is there: near the edge of the model this is a nearer start.
        let squared = at.norm_squared();
        let shift = Vector2::new(
            2.0 * p1 * at.x * at.y + p2 * (squared + 2.0 * at.x * at.x),
            p1 * (squared + 2.0 * at.y * at.y) + 2.0 * p2 * at.x * at.y,
        );
        at = straighten(k1, k2, bent - shift).unwrap_or(at);
        for _ in 0..20 {
            let here = self.project_with_jacobian(&at.push(1.0))?;
            let by_plane = here.by_point.fixed_columns::<2>(0).into_owned();
            let off = pixel - here.position_px;
            let step = by_plane.try_inverse()? * off;
            at += step;
            if step.norm_squared() <= 1e-28 * (1.0 + at.norm_squared()) {
                // Two points may share a pixel where the model folds; the projection refuses the far one.
                self.project(&at.push(1.0))?;
                return Some(at);
            }
        }
        None
    }
}

/// The point on the plane `z = 1` that the radial polynomial takes to `bent`.
fn straighten(k1: f64, k2: f64, bent: Vector2<f64>) -> Option<Vector2<f64>> {
    let bent_radius = bent.norm();
    if bent_radius < 1e-12 {
        return Some(bent);
    }
    let radius = Profile([k1, k2, 0.0, 0.0]).inverse(bent_radius, f64::INFINITY)?;
    Some(bent * (radius / bent_radius))
}

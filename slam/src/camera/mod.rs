//! Camera models: from directions to pixels and back, with derivatives.
//!
//! Axes: X right, Y down, Z forward; pixel centres at integers.

use nalgebra::{Matrix2, Matrix2x3, Vector2, Vector3};

use crate::Error;

/// How a lens bends what a pinhole would see.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Distortion {
    /// Not at all.
    None,
    /// `r (1 + k1 r^2 + k2 r^4)` at `z = 1`.
    Radial([f64; 2]),
    /// `[k1, k2, p1, p2]`, as OpenCV's standard model.
    RadialTangential([f64; 4]),
    /// Equidistant fisheye, `[k1, k2, k3, k4]` of the angle, as OpenCV's fisheye model (Kannala and Brandt).
    Fisheye([f64; 4]),
}

/// A camera: size of its pictures, focal lengths, principal point, distortion. Lengths in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Camera {
    /// Width and height of the pictures.
    pub size_px: [usize; 2],
    /// Focal lengths `[fx, fy]`.
    pub focal_px: [f64; 2],
    /// Principal point `[cx, cy]`, pixel centres at integers.
    pub center_px: [f64; 2],
    /// The lens.
    pub distortion: Distortion,
}

/// A projected point with its derivatives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Projection {
    /// Where the point is seen.
    pub position_px: Vector2<f64>,
    /// By the point in the camera's frame.
    pub by_point: Matrix2x3<f64>,
    /// By (the logarithm of a factor common to both focal lengths, the first distortion coefficient). The second
    /// column is by a `k1` that would be added where the camera has [`Distortion::None`].
    pub by_intrinsics: Matrix2<f64>,
}

impl Camera {
    /// A pinhole with square pixels and the principal point in the middle of the picture.
    #[must_use]
    pub fn from_horizontal_fov(size_px: [usize; 2], horizontal_fov_rad: f64) -> Self {
        let focal = size_px[0] as f64 * 0.5 / (horizontal_fov_rad * 0.5).tan();
        Self {
            size_px,
            focal_px: [focal; 2],
            center_px: size_px.map(|side| (side as f64 - 1.0) * 0.5),
            distortion: Distortion::None,
        }
    }

    /// Whether every number is usable.
    ///
    /// # Errors
    /// [`Error::Config`] naming the first one that is not.
    pub fn check(&self) -> Result<(), Error> {
        for value in self.focal_px {
            if !(value.is_finite() && value > 1.0 && value < 1e6) {
                return Err(Error::Config {
                    name: "focal_px",
                    value,
                    range: "1 to 1e6",
                });
            }
        }
        Ok(())
    }

    /// Where a point in the camera's frame is seen; none behind the camera or where the model does not reach.
    #[must_use]
    pub fn project(&self, point: &Vector3<f64>) -> Option<Vector2<f64>> {
        self.project_with_jacobian(point).map(|p| p.position_px)
    }

    /// [`Camera::project`] with its derivatives.
    #[must_use]
    pub fn project_with_jacobian(&self, point: &Vector3<f64>) -> Option<Projection> {
        if point.z <= 1e-9 {
            return None;
        }
        let k1 = match self.distortion {
            Distortion::Radial([k1, _]) | Distortion::RadialTangential([k1, ..]) => k1,
            _ => 0.0,
        };
        let iz = 1.0 / point.z;
        let (x, y) = (point.x * iz, point.y * iz);
        let r2 = x * x + y * y;
        let d = 1.0 + k1 * r2;
        let [fx, fy] = self.focal_px;
        let (u, v) = (fx * x * d, fy * y * d);
        let (dxx, dxy, dyy) = (d + 2.0 * k1 * x * x, 2.0 * k1 * x * y, d + 2.0 * k1 * y * y);
        let by_point = Matrix2x3::new(
            fx * dxx * iz,
            fx * dxy * iz,
            -fx * iz * (dxx * x + dxy * y),
            fy * dxy * iz,
            fy * dyy * iz,
            -fy * iz * (dxy * x + dyy * y),
        );
        Some(Projection {
            position_px: Vector2::new(u + self.center_px[0], v + self.center_px[1]),
            by_point,
            by_intrinsics: Matrix2::new(u, fx * x * r2, v, fy * y * r2),
        })
    }

    /// The direction in which a pixel looks, of length 1, in the camera's frame; none where the model does not reach.
    #[must_use]
    pub fn unproject(&self, pixel: Vector2<f64>) -> Option<Vector3<f64>> {
        let x = (pixel.x - self.center_px[0]) / self.focal_px[0];
        let y = (pixel.y - self.center_px[1]) / self.focal_px[1];
        let k1 = match self.distortion {
            Distortion::Radial([k1, _]) | Distortion::RadialTangential([k1, ..]) => k1,
            _ => 0.0,
        };
        let (mut a, mut b) = (x, y);
        for _ in 0..10 {
            let d = 1.0 + k1 * (a * a + b * b);
            (a, b) = (x / d, y / d);
        }
        let ray = Vector3::new(a, b, 1.0);
        ray.iter().all(|c| c.is_finite()).then(|| ray.normalize())
    }
}

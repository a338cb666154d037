//! The simulated camera: a pinhole without distortion.
//!
//! In: pixels (x right, y down, pixel centres at integers) or points of the camera's frame (X right, Y down,
//! Z forward, metres). Out: the other. Rolling shutter, blur and exposure are no part of it.

use nalgebra::Vector3;

/// A pinhole camera.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pinhole {
    /// Width of the image, px.
    pub width: usize,
    /// Height of the image, px.
    pub height: usize,
    /// Focal length in both directions, px.
    pub focal_px: f64,
    /// Principal point `[x, y]`, px, pixel centres at integers.
    pub center_px: [f64; 2],
}

impl Pinhole {
    /// A camera with the field of view of a phone's main camera (64 degrees wide at 4:3) and a centred
    /// principal point.
    #[must_use]
    pub fn phone(width: usize, height: usize) -> Self {
        let longer = width.max(height) as f64;
        Self {
            width,
            height,
            focal_px: 0.8 * longer,
            center_px: [(width as f64 - 1.0) / 2.0, (height as f64 - 1.0) / 2.0],
        }
    }

    /// The ray through a pixel, scaled to `z = 1`, in the camera's frame.
    #[must_use]
    pub fn ray(&self, pixel: [f64; 2]) -> Vector3<f64> {
        Vector3::new(
            (pixel[0] - self.center_px[0]) / self.focal_px,
            (pixel[1] - self.center_px[1]) / self.focal_px,
            1.0,
        )
    }

    /// The pixel of a point of the camera's frame; `None` behind the camera or outside the image.
    #[must_use]
    pub fn project(&self, point_in_camera: &Vector3<f64>) -> Option<[f64; 2]> {
        if point_in_camera.z <= 1e-6 {
            return None;
        }
        let x = self.center_px[0] + self.focal_px * point_in_camera.x / point_in_camera.z;
        let y = self.center_px[1] + self.focal_px * point_in_camera.y / point_in_camera.z;
        let inside = (-0.5..self.width as f64 - 0.5).contains(&x)
            && (-0.5..self.height as f64 - 0.5).contains(&y);
        inside.then_some([x, y])
    }
}

//! Camera models: from directions to pixels and back, with derivatives.
//!
//! Axes: X right, Y down, Z forward; pixel centres at integers. A model is used only where it is one-to-one: where a
//! lens polynomial stops rising with the distance from the axis, the camera sees nothing.

#![allow(
    clippy::neg_cmp_op_on_partial_ord,
    reason = "a NaN has to fail each of these comparisons"
)]
#![allow(
    clippy::needless_range_loop,
    reason = "an index runs through several arrays and matrices at once"
)]

mod profile;
mod project;
mod unproject;

#[cfg(test)]
mod tests;

use nalgebra::{Matrix2, Matrix2x3, Vector2};

use crate::Error;
use crate::image::MAX_SIDE_PX;

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
    /// Equidistant fisheye, `[k1, k2, k3, k4]` of the angle, as OpenCV's fisheye model (Kannala and Brandt). It alone
    /// sees directions with `z <= 0`.
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

/// Height by width of the sensors of phones and webcams; wider pictures are cut from them.
const SENSOR_SHAPE: f64 = 0.75;

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

    /// Whether every number is usable: sizes of 1 to 16384, focal lengths over 1 and under a million, a principal
    /// point within three pictures of the picture, distortion coefficients of at most 100.
    ///
    /// # Errors
    /// [`Error::ImageSize`], or [`Error::Config`] naming the first number that is not.
    pub fn check(&self) -> Result<(), Error> {
        let [width, height] = self.size_px;
        if [width, height]
            .iter()
            .any(|s| !(1..=MAX_SIDE_PX).contains(s))
        {
            return Err(Error::ImageSize { width, height });
        }
        for value in self.focal_px {
            if !(value > 1.0 && value < 1e6) {
                return Err(Error::Config {
                    name: "focal_px",
                    value,
                    range: "over 1 and under 1e6",
                });
            }
        }
        for (value, side) in self.center_px.into_iter().zip(self.size_px) {
            let side = side as f64;
            if !(value >= -3.0 * side && value <= 4.0 * side) {
                return Err(Error::Config {
                    name: "center_px",
                    value,
                    range: "within three pictures of the picture",
                });
            }
        }
        for value in self.distortion.coefficients() {
            if !(value.abs() <= 100.0) {
                return Err(Error::Config {
                    name: "distortion",
                    value,
                    range: "-100 to 100",
                });
            }
        }
        Ok(())
    }

    /// Whether a position lies in the picture, at least `margin_px` from its outermost pixel centres.
    #[must_use]
    pub fn sees(&self, position_px: &Vector2<f64>, margin_px: f64) -> bool {
        let [width, height] = self.size_px.map(|side| side as f64 - 1.0);
        position_px.x >= margin_px
            && position_px.y >= margin_px
            && position_px.x <= width - margin_px
            && position_px.y <= height - margin_px
    }

    /// The first distortion coefficient; 0 for [`Distortion::None`].
    #[must_use]
    pub fn first_distortion(&self) -> f64 {
        self.distortion.coefficients()[0]
    }

    /// The same with both focal lengths times a factor.
    #[must_use]
    pub fn with_focal_factor(mut self, factor: f64) -> Self {
        self.focal_px = self.focal_px.map(|focal| focal * factor);
        self
    }

    /// The same with another first distortion coefficient; [`Distortion::None`] becomes [`Distortion::Radial`].
    #[must_use]
    pub fn with_first_distortion(mut self, coefficient: f64) -> Self {
        match &mut self.distortion {
            none @ Distortion::None => *none = Distortion::Radial([coefficient, 0.0]),
            Distortion::Radial([k1, _])
            | Distortion::RadialTangential([k1, ..])
            | Distortion::Fisheye([k1, ..]) => *k1 = coefficient,
        }
        self
    }

    /// The same lens and sensor behind pictures of another size.
    ///
    /// Of the same shape, the picture is resized. A tall picture of a camera of wide ones, or the other way round, is
    /// turned by a quarter first. Of another shape, it is the largest central part of the sensor that has the shape;
    /// the sensor is 4:3, of which a longer picture is the whole length.
    ///
    /// Which way a picture was turned is not known: the principal point is put in the middle between where it is after
    /// either, which is the middle of the picture, and tangential distortion is left out.
    #[must_use]
    pub fn at_size(mut self, size_px: [usize; 2]) -> Self {
        if size_px == self.size_px {
            return self;
        }
        let is_tall = |[width, height]: [usize; 2]| height > width;
        let is_wide = |[width, height]: [usize; 2]| width > height;
        let [old, new] = [self.size_px, size_px];
        if (is_tall(old) && is_wide(new)) || (is_wide(old) && is_tall(new)) {
            self = self.quarter_turned();
        }
        let [old, new] = [self.size_px, size_px].map(|size| size.map(|side| side as f64));
        let mut factors = [0, 1].map(|axis| new[axis] / old[axis]);
        // Sides are whole pixels: the same shape to within one of them.
        let across = (factors[0] * old[1] - new[1])
            .abs()
            .max((factors[1] * old[0] - new[0]).abs());
        if across > 1.0 {
            let [long, short] = [old[0].max(old[1]), old[0].min(old[1])];
            let sensor_short = short.max(SENSOR_SHAPE * long);
            let [new_long, new_short] = [new[0].max(new[1]), new[0].min(new[1])];
            factors = [(new_long / long).max(new_short / sensor_short); 2];
        }
        for axis in 0..2 {
            self.focal_px[axis] *= factors[axis];
            // Edges stay edges: the picture starts half a pixel before the first centre.
            let from_middle = self.center_px[axis] + 0.5 - 0.5 * old[axis];
            self.center_px[axis] = from_middle * factors[axis] + 0.5 * new[axis] - 0.5;
        }
        self.size_px = size_px;
        self
    }

    /// The same with its pictures turned by a quarter, one way or the other.
    fn quarter_turned(mut self) -> Self {
        self.size_px.reverse();
        self.focal_px.reverse();
        self.center_px = self.size_px.map(|side| (side as f64 - 1.0) * 0.5);
        if let Distortion::RadialTangential([_, _, p1, p2]) = &mut self.distortion {
            [*p1, *p2] = [0.0; 2];
        }
        self
    }
}

impl Distortion {
    /// The coefficients in the order of the variant, zeros where it has none.
    #[must_use]
    pub fn coefficients(&self) -> [f64; 4] {
        match *self {
            Self::None => [0.0; 4],
            Self::Radial([k1, k2]) => [k1, k2, 0.0, 0.0],
            Self::RadialTangential(all) | Self::Fisheye(all) => all,
        }
    }
}

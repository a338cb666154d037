//! The solids of the room: rectangles, cone frustums and ellipsoids, and how a ray meets them.
//!
//! In: a ray in the world. Out: the distance along it, and at a hit the normal, the metric texture coordinates
//! and the two directions along which they grow. Appearance is no part of it.

use nalgebra::{Matrix3, Vector3};

/// A half line `origin + t * direction`; `t` is metres only where the direction is a unit vector.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ray {
    pub(crate) origin: Vector3<f64>,
    pub(crate) direction: Vector3<f64>,
}

impl Ray {
    pub(crate) fn at(&self, t: f64) -> Vector3<f64> {
        self.origin + self.direction * t
    }
}

/// Axes of a solid in the world; unit, at right angles.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Axes {
    pub(crate) x: Vector3<f64>,
    pub(crate) y: Vector3<f64>,
    pub(crate) z: Vector3<f64>,
}

#[derive(Debug, Clone)]
pub(crate) enum Shape {
    /// A flat piece seen from outside: `right` and `down` are unit vectors, `down x right` its normal.
    Rect {
        top_left: Vector3<f64>,
        right: Vector3<f64>,
        down: Vector3<f64>,
        normal: Vector3<f64>,
        size: [f64; 2],
        /// Only the ellipse inscribed in the rectangle is there.
        round: bool,
    },
    /// The side of a cone frustum along `axes.z` from `base`; a cylinder where the radii are equal.
    Frustum {
        base: Vector3<f64>,
        axes: Axes,
        bottom_radius: f64,
        top_radius: f64,
        height: f64,
    },
    Ellipsoid {
        center: Vector3<f64>,
        axes: Axes,
        radii: [f64; 3],
    },
}

/// A point of a shape and the frame of its texture there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SurfacePoint {
    pub(crate) normal: Vector3<f64>,
    /// Texture coordinates along the surface, metres, `v` downwards.
    pub(crate) uv_m: [f64; 2],
    /// How `uv_m` changes with the position: `du = dp . tangent_u`.
    pub(crate) tangent_u: Vector3<f64>,
    pub(crate) tangent_v: Vector3<f64>,
    /// Position in the unit square of the shape, for its light map.
    pub(crate) square: [f64; 2],
}

impl Shape {
    /// The nearest meeting with a ray after `near`, up to `far`.
    pub(crate) fn intersect(&self, ray: &Ray, near: f64, far: f64) -> Option<f64> {
        match self {
            Self::Rect {
                top_left,
                right,
                down,
                normal,
                size,
                round,
            } => {
                let t = (top_left - ray.origin).dot(normal) / ray.direction.dot(normal);
                // Written so that a NaN (a ray in the plane) is a miss.
                if !(t > near && t <= far) {
                    return None;
                }
                let from_corner = ray.at(t) - top_left;
                let (u, v) = (from_corner.dot(right), from_corner.dot(down));
                if u < 0.0 || v < 0.0 || u > size[0] || v > size[1] {
                    return None;
                }
                if *round {
                    let (a, b) = (u / size[0] - 0.5, v / size[1] - 0.5);
                    if a * a + b * b > 0.25 {
                        return None;
                    }
                }
                Some(t)
            }
            Self::Frustum {
                base,
                axes,
                bottom_radius,
                top_radius,
                height,
            } => {
                let o = axes.into_local(&(ray.origin - base));
                let d = axes.into_local(&ray.direction);
                let slope = (top_radius - bottom_radius) / height;
                let (r0, dr) = (bottom_radius + slope * o.z, slope * d.z);
                let a = d.x * d.x + d.y * d.y - dr * dr;
                let b = o.x * d.x + o.y * d.y - r0 * dr;
                let c = o.x * o.x + o.y * o.y - r0 * r0;
                roots(a, b, c).into_iter().find(|&t| {
                    let z = o.z + t * d.z;
                    t > near && t <= far && z >= 0.0 && z <= *height
                })
            }
            Self::Ellipsoid {
                center,
                axes,
                radii,
            } => {
                let scale = Vector3::new(1.0 / radii[0], 1.0 / radii[1], 1.0 / radii[2]);
                let o = axes
                    .into_local(&(ray.origin - center))
                    .component_mul(&scale);
                let d = axes.into_local(&ray.direction).component_mul(&scale);
                roots(d.dot(&d), o.dot(&d), o.dot(&o) - 1.0)
                    .into_iter()
                    .find(|&t| t > near && t <= far)
            }
        }
    }

    /// The normal and texture frame at a point that lies on the shape.
    pub(crate) fn describe(&self, point: &Vector3<f64>) -> SurfacePoint {
        match self {
            Self::Rect {
                top_left,
                right,
                down,
                normal,
                size,
                ..
            } => {
                let from_corner = point - top_left;
                let uv_m = [from_corner.dot(right), from_corner.dot(down)];
                SurfacePoint {
                    normal: *normal,
                    uv_m,
                    tangent_u: *right,
                    tangent_v: *down,
                    square: [uv_m[0] / size[0], uv_m[1] / size[1]],
                }
            }
            Self::Frustum {
                base,
                axes,
                bottom_radius,
                top_radius,
                height,
            } => {
                let local = axes.into_local(&(point - base));
                let angle = turn_fraction(local.y, local.x);
                let radius = bottom_radius.max(*top_radius);
                let slope = (top_radius - bottom_radius) / height;
                let across = Vector3::new(local.x, local.y, 0.0);
                let length = across.norm().max(1e-12);
                let outward = across / length;
                let local_normal = Vector3::new(outward.x, outward.y, -slope).normalize();
                let around = Vector3::new(-outward.y, outward.x, 0.0) * (radius / length);
                SurfacePoint {
                    normal: axes.into_world(&local_normal),
                    uv_m: [angle * std::f64::consts::TAU * radius, height - local.z],
                    tangent_u: axes.into_world(&around),
                    tangent_v: -axes.z,
                    square: [angle, 1.0 - local.z / height],
                }
            }
            Self::Ellipsoid {
                center,
                axes,
                radii,
            } => {
                let local = axes.into_local(&(point - center));
                let unit = Vector3::new(local.x / radii[0], local.y / radii[1], local.z / radii[2]);
                let gradient =
                    Vector3::new(unit.x / radii[0], unit.y / radii[1], unit.z / radii[2]);
                let normal = gradient.normalize();
                let radius = (radii[0] + radii[1]) / 2.0;
                let polar = libm::acos(unit.z.clamp(-1.0, 1.0)) / std::f64::consts::PI;
                let angle = turn_fraction(unit.y, unit.x);
                let across = (unit.x * unit.x + unit.y * unit.y).sqrt().max(1e-3);
                let east = Vector3::new(-unit.y, unit.x, 0.0) / across;
                let south = normal.cross(&east).normalize() * -1.0;
                let half_turn = std::f64::consts::PI * (radius + radii[2]) / 2.0;
                SurfacePoint {
                    normal: axes.into_world(&normal),
                    uv_m: [angle * std::f64::consts::TAU * radius, polar * half_turn],
                    tangent_u: axes.into_world(&(east / across)),
                    tangent_v: axes.into_world(&south),
                    square: [angle, polar],
                }
            }
        }
    }

    /// The point of the shape at a place of its unit square (see [`SurfacePoint::square`]).
    pub(crate) fn point_at(&self, square: [f64; 2]) -> Vector3<f64> {
        match self {
            Self::Rect {
                top_left,
                right,
                down,
                size,
                ..
            } => top_left + right * (size[0] * square[0]) + down * (size[1] * square[1]),
            Self::Frustum {
                base,
                axes,
                bottom_radius,
                top_radius,
                height,
            } => {
                let (sin, cos) = libm::sincos(square[0] * std::f64::consts::TAU);
                let up = 1.0 - square[1];
                let radius = bottom_radius + (top_radius - bottom_radius) * up;
                base + axes.into_world(&Vector3::new(radius * cos, radius * sin, up * height))
            }
            Self::Ellipsoid {
                center,
                axes,
                radii,
            } => {
                let (sin, cos) = libm::sincos(square[0] * std::f64::consts::TAU);
                let (sin_polar, cos_polar) = libm::sincos(square[1] * std::f64::consts::PI);
                let local = Vector3::new(
                    radii[0] * sin_polar * cos,
                    radii[1] * sin_polar * sin,
                    radii[2] * cos_polar,
                );
                center + axes.into_world(&local)
            }
        }
    }

    /// Width and height of the unwrapped surface, metres.
    pub(crate) fn extent_m(&self) -> [f64; 2] {
        match self {
            Self::Rect { size, .. } => *size,
            Self::Frustum {
                bottom_radius,
                top_radius,
                height,
                ..
            } => [
                std::f64::consts::TAU * bottom_radius.max(*top_radius),
                *height,
            ],
            Self::Ellipsoid { radii, .. } => {
                let radius = (radii[0] + radii[1]) / 2.0;
                [
                    std::f64::consts::TAU * radius,
                    std::f64::consts::PI * (radius + radii[2]) / 2.0,
                ]
            }
        }
    }

    /// The distance from a point to a flat shape, or to the box around a curved one along its axes: never more than
    /// to the shape itself.
    pub(crate) fn distance_at_least_m(&self, point: &Vector3<f64>) -> f64 {
        let outside = |value: f64, low: f64, high: f64| (low - value).max(value - high).max(0.0);
        match self {
            Self::Rect {
                top_left,
                right,
                down,
                normal,
                size,
                ..
            } => {
                let from_corner = point - top_left;
                Vector3::new(
                    outside(from_corner.dot(right), 0.0, size[0]),
                    outside(from_corner.dot(down), 0.0, size[1]),
                    from_corner.dot(normal),
                )
                .norm()
            }
            Self::Frustum {
                base,
                axes,
                bottom_radius,
                top_radius,
                height,
            } => {
                let local = axes.into_local(&(point - base));
                let radius = bottom_radius.max(*top_radius);
                Vector3::new(
                    outside(local.x, -radius, radius),
                    outside(local.y, -radius, radius),
                    outside(local.z, 0.0, *height),
                )
                .norm()
            }
            Self::Ellipsoid {
                center,
                axes,
                radii,
            } => {
                let local = axes.into_local(&(point - center));
                Vector3::from_fn(|axis, _| outside(local[axis], -radii[axis], radii[axis])).norm()
            }
        }
    }

    /// Whether the left edge of the unit square meets its right edge.
    pub(crate) fn closes(&self) -> bool {
        !matches!(self, Self::Rect { .. })
    }

    /// Corners `[low, high]` of a box around the shape.
    pub(crate) fn bounds(&self) -> [Vector3<f64>; 2] {
        let (center, half) = match self {
            Self::Rect {
                top_left,
                right,
                down,
                size,
                ..
            } => {
                let (a, b) = (right * (size[0] / 2.0), down * (size[1] / 2.0));
                (top_left + a + b, a.abs() + b.abs())
            }
            Self::Frustum {
                base,
                axes,
                bottom_radius,
                top_radius,
                height,
            } => {
                let radius = bottom_radius.max(*top_radius);
                let half = (axes.x * radius).abs()
                    + (axes.y * radius).abs()
                    + (axes.z * (height / 2.0)).abs();
                (base + axes.z * (height / 2.0), half)
            }
            Self::Ellipsoid {
                center,
                axes,
                radii,
            } => {
                let half = (axes.x * radii[0]).abs()
                    + (axes.y * radii[1]).abs()
                    + (axes.z * radii[2]).abs();
                (*center, half)
            }
        };
        let pad = Vector3::repeat(1e-9);
        [center - half - pad, center + half + pad]
    }
}

impl Axes {
    pub(crate) fn into_local(self, v: &Vector3<f64>) -> Vector3<f64> {
        Vector3::new(self.x.dot(v), self.y.dot(v), self.z.dot(v))
    }

    pub(crate) fn into_world(self, v: &Vector3<f64>) -> Vector3<f64> {
        self.x * v.x + self.y * v.y + self.z * v.z
    }

    pub(crate) fn from_matrix(matrix: &Matrix3<f64>) -> Self {
        Self {
            x: matrix.column(0).into_owned(),
            y: matrix.column(1).into_owned(),
            z: matrix.column(2).into_owned(),
        }
    }
}

/// Both real roots of `a t^2 + 2 b t + c`, the smaller first; NaN where there are none.
fn roots(a: f64, b: f64, c: f64) -> [f64; 2] {
    let discriminant = b * b - a * c;
    if discriminant < 0.0 {
        return [f64::NAN; 2];
    }
    // The numerically stable pair of the quadratic formula.
    let q = -(b + discriminant.sqrt().copysign(b));
    let (t0, t1) = (q / a, c / q);
    if t0 < t1 { [t0, t1] } else { [t1, t0] }
}

/// The angle of `(x, y)` as a fraction of a full turn in `0.0..1.0`.
fn turn_fraction(y: f64, x: f64) -> f64 {
    let turns = libm::atan2(y, x) / std::f64::consts::TAU;
    if turns < 0.0 { turns + 1.0 } else { turns }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::noise::Random;

    fn shapes() -> Vec<Shape> {
        let turned = Axes {
            x: Vector3::new(0.6, 0.8, 0.0),
            y: Vector3::new(-0.8, 0.6, 0.0),
            z: Vector3::new(0.0, 0.0, 1.0),
        };
        vec![
            Shape::Rect {
                top_left: Vector3::new(-1.0, 0.5, 1.0),
                right: Vector3::new(1.0, 0.0, 0.0),
                down: Vector3::new(0.0, 0.0, -1.0),
                normal: Vector3::new(0.0, -1.0, 0.0),
                size: [2.0, 1.5],
                round: false,
            },
            Shape::Frustum {
                base: Vector3::new(0.1, 0.2, -0.5),
                axes: turned,
                bottom_radius: 0.5,
                top_radius: 0.3,
                height: 0.9,
            },
            Shape::Ellipsoid {
                center: Vector3::new(0.0, 0.1, 0.2),
                axes: turned,
                radii: [0.5, 0.7, 0.3],
            },
        ]
    }

    #[test]
    fn a_ray_to_a_point_of_the_surface_meets_it_there() {
        let mut random = Random::new(3);
        for shape in shapes() {
            for _ in 0..500 {
                let target = shape.point_at([random.range(0.02, 0.98), random.range(0.02, 0.98)]);
                let normal = shape.describe(&target).normal;
                let origin = target + normal * 0.3;
                let ray = Ray {
                    origin,
                    direction: target - origin,
                };
                let t = shape.intersect(&ray, 1e-9, 10.0).expect("a hit");
                assert!((ray.at(t) - target).norm() < 1e-9);
            }
        }
    }

    #[test]
    fn texture_coordinates_grow_along_their_tangents() {
        for shape in shapes() {
            for square in [[0.3, 0.4], [0.7, 0.55]] {
                let here = shape.point_at(square);
                let frame = shape.describe(&here);
                for (step, tangent, axis) in [
                    ([1e-5, 0.0], frame.tangent_u, 0),
                    ([0.0, 1e-5], frame.tangent_v, 1),
                ] {
                    let there = shape.point_at([square[0] + step[0], square[1] + step[1]]);
                    let measured = shape.describe(&there).uv_m[axis] - frame.uv_m[axis];
                    let predicted = (there - here).dot(&tangent);
                    // Exact on flat and conical shapes; on an ellipsoid the metric is approximate.
                    assert!(
                        (measured / predicted - 1.0).abs() < 0.5,
                        "axis {axis}: {measured} against {predicted}"
                    );
                }
            }
        }
    }
}

//! A box along the axes around points. It knows no frame: whoever holds it says which.

use glam::{Mat4, Vec3};

/// The smallest box along the axes that holds some points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The least coordinates; positive infinity when empty.
    pub min: Vec3,
    /// The greatest coordinates; negative infinity when empty.
    pub max: Vec3,
}

impl Bounds {
    /// Holds no point; merged with anything, it gives the other.
    pub const EMPTY: Bounds = Bounds {
        min: Vec3::INFINITY,
        max: Vec3::NEG_INFINITY,
    };

    /// Whether it holds no point.
    pub fn is_empty(&self) -> bool {
        !self.min.cmple(self.max).all()
    }

    /// The middle; zero when empty.
    pub fn center(&self) -> Vec3 {
        if self.is_empty() {
            return Vec3::ZERO;
        }
        // Halved first: the sum of two large coordinates may overflow.
        self.min * 0.5 + self.max * 0.5
    }

    /// Edge lengths; zero when empty.
    pub fn size(&self) -> Vec3 {
        if self.is_empty() {
            return Vec3::ZERO;
        }
        self.max - self.min
    }

    /// Makes room for a point.
    pub fn extend(&mut self, point: Vec3) {
        self.min = self.min.min(point);
        self.max = self.max.max(point);
    }

    /// The smallest box around both.
    pub fn merge(self, other: Bounds) -> Bounds {
        Bounds {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
        }
    }

    /// The smallest box along the axes of the other frame around this box's image, for an affine
    /// `other_from_this` (Arvo 1990, "Transforming axis-aligned bounding boxes").
    pub fn transform(&self, other_from_this: &Mat4) -> Bounds {
        if self.is_empty() {
            return Bounds::EMPTY;
        }
        let center = other_from_this.transform_point3(self.center());
        let half = self.size() * 0.5;
        let reach = other_from_this.x_axis.truncate().abs() * half.x
            + other_from_this.y_axis.truncate().abs() * half.y
            + other_from_this.z_axis.truncate().abs() * half.z;
        Bounds {
            min: center - reach,
            max: center + reach,
        }
    }
}

impl FromIterator<Vec3> for Bounds {
    fn from_iter<T: IntoIterator<Item = Vec3>>(points: T) -> Self {
        let mut bounds = Bounds::EMPTY;
        for point in points {
            bounds.extend(point);
        }
        bounds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_box_is_neutral() {
        let one = Bounds::from_iter([Vec3::ONE]);
        assert!(Bounds::EMPTY.is_empty() && !one.is_empty());
        assert_eq!(Bounds::EMPTY.merge(one), one);
        assert!(Bounds::EMPTY.transform(&Mat4::IDENTITY).is_empty());
        assert_eq!(Bounds::EMPTY.size(), Vec3::ZERO);
        let nowhere = Bounds::from_iter([Vec3::NAN]);
        assert!(nowhere.is_empty(), "a point that is nowhere: {nowhere:?}");
    }

    #[test]
    fn a_moved_box_holds_all_its_moved_corners_and_no_more() {
        let bounds = Bounds::from_iter([Vec3::new(-1.0, 0.0, 2.0), Vec3::new(3.0, 5.0, 2.5)]);
        let other_from_this = Mat4::from_scale_rotation_translation(
            Vec3::new(-2.0, 0.5, 1.0),
            glam::Quat::from_rotation_z(0.7) * glam::Quat::from_rotation_x(-1.1),
            Vec3::new(4.0, -1.0, 0.25),
        );
        let corners = (0..8).map(|corner| {
            let pick = |axis: usize, bit: u32| {
                [bounds.min[axis], bounds.max[axis]][(corner >> bit & 1) as usize]
            };
            other_from_this.transform_point3(Vec3::new(pick(0, 0), pick(1, 1), pick(2, 2)))
        });
        let expected = Bounds::from_iter(corners);
        let actual = bounds.transform(&other_from_this);
        assert!(
            actual.min.abs_diff_eq(expected.min, 1e-5),
            "{actual:?} {expected:?}"
        );
        assert!(
            actual.max.abs_diff_eq(expected.max, 1e-5),
            "{actual:?} {expected:?}"
        );
    }
}

//! The triangles of real surfaces: planes that are known, and, under what stands where none is known, a
//! piece of the plane it stands on, large enough for its shadow. Pure.

use glam::{Vec2, Vec3, Vec4};

use crate::{Surface, model::Bounds};

/// Around the foot of content at least, for what it keeps off in its nearness.
const MARGIN_M: f32 = 0.25;
/// A shadow is followed to this many times the height of what throws it.
const LONGEST_SHADOW: f32 = 4.0;

/// Triangles of a surface's polygon as a fan, in the world.
pub(crate) fn surface_triangles(surface: &Surface) -> impl Iterator<Item = Vec4> {
    let corner = |at: Vec2| {
        surface
            .world_from_surface
            .transform_point3(Vec3::new(at.x, 0.0, at.y))
            .extend(1.0)
    };
    let polygon = surface.polygon;
    let usable = polygon.iter().all(|at| at.is_finite()) && surface.world_from_surface.is_finite();
    let triangles = if usable {
        polygon.len().saturating_sub(2)
    } else {
        0
    };
    (0..triangles)
        .flat_map(move |index| [0, index + 1, index + 2].map(|place| corner(polygon[place])))
}

/// Whether a surface lies under a place in the world, near enough to take the shadow of what is there.
pub(crate) fn lies_under(surface: &Surface, place: Vec3) -> bool {
    let at = surface.world_from_surface.inverse().transform_point3(place);
    let polygon = surface.polygon;
    let turns = |index: usize| {
        let (from, to) = (polygon[index], polygon[(index + 1) % polygon.len()]);
        (to - from).perp_dot(Vec2::new(at.x, at.z) - from)
    };
    (-0.1..3.0).contains(&at.y)
        && polygon.len() >= 3
        && ((0..polygon.len()).all(|index| turns(index) >= 0.0)
            || (0..polygon.len()).all(|index| turns(index) <= 0.0))
}

/// Two triangles of the plane through `foot` across `normal` (length 1), under content with these
/// bounds in the world.
pub(crate) fn pad_triangles(
    content: &Bounds,
    foot: Vec3,
    normal: Vec3,
    direction_to_light: Vec3,
) -> [Vec4; 6] {
    let (along, across) = normal.any_orthonormal_pair();
    let center = content.center() - foot;
    let half = content.size() * 0.5;
    let reach = |axis: Vec3| axis.abs().dot(half);
    let height = (center.dot(normal) + reach(normal)).max(0.0);
    // Where the light puts the shadow of the top, along the plane.
    let cosine = direction_to_light.dot(normal);
    let slope = (normal * cosine - direction_to_light) / cosine.max(1e-3);
    let slope = if cosine > 0.05 {
        slope.clamp_length_max(LONGEST_SHADOW)
    } else {
        Vec3::ZERO
    };
    let span = |axis: Vec3| {
        let middle = center.dot(axis);
        let shift = slope.dot(axis) * height;
        let margin = MARGIN_M + 0.1 * height + reach(axis);
        [
            middle + shift.min(0.0) - margin,
            middle + shift.max(0.0) + margin,
        ]
    };
    let [left, right] = span(along);
    let [near, far] = span(across);
    let corner = |u: f32, v: f32| (foot + along * u + across * v).extend(1.0);
    let (a, b, c, d) = (
        corner(left, near),
        corner(right, near),
        corner(right, far),
        corner(left, far),
    );
    [a, b, c, a, c, d]
}

#[cfg(test)]
mod tests {
    use glam::Mat4;

    use super::*;

    #[test]
    fn a_polygon_becomes_a_fan_and_nonsense_nothing() {
        let polygon = [
            Vec2::new(0.0, 0.0),
            Vec2::new(2.0, 0.0),
            Vec2::new(2.0, 1.0),
            Vec2::new(0.0, 1.0),
        ];
        let surface = |polygon| Surface {
            world_from_surface: Mat4::from_translation(Vec3::new(0.0, 0.7, 0.0)),
            polygon,
        };
        let triangles: Vec<_> = surface_triangles(&surface(&polygon)).collect();
        assert_eq!(triangles.len(), 6);
        let area: f32 = triangles
            .chunks(3)
            .map(|t| {
                (t[1] - t[0])
                    .truncate()
                    .cross((t[2] - t[0]).truncate())
                    .length()
                    * 0.5
            })
            .sum();
        assert!((area - 2.0).abs() < 1e-5);
        assert!(
            triangles
                .iter()
                .all(|corner| corner.y == 0.7 && corner.w == 1.0)
        );
        assert_eq!(surface_triangles(&surface(&polygon[..2])).count(), 0);
        let broken = [Vec2::ZERO, Vec2::X, Vec2::NAN];
        assert_eq!(surface_triangles(&surface(&broken)).count(), 0);
    }

    #[test]
    fn a_table_lies_under_what_is_over_it() {
        let mut polygon =
            [[-1.0, -0.5], [1.0, -0.5], [1.0, 0.5], [-1.0, 0.5]].map(Vec2::from_array);
        for _ in 0..2 {
            let table = Surface {
                world_from_surface: Mat4::from_translation(Vec3::new(0.0, 0.7, -2.0)),
                polygon: &polygon,
            };
            assert!(lies_under(&table, Vec3::new(0.9, 0.7, -2.4)));
            assert!(lies_under(&table, Vec3::new(0.0, 1.5, -2.0)));
            for beside in [
                [1.1, 0.7, -2.0],
                [0.0, 0.7, -2.6],
                [0.0, 0.0, -2.0],
                [0.0, 9.0, -2.0],
            ] {
                assert!(!lies_under(&table, Vec3::from_array(beside)), "{beside:?}");
            }
            // The other way round.
            polygon.reverse();
        }
    }

    #[test]
    fn a_pad_holds_the_shadow_of_every_corner() {
        let content = Bounds {
            min: Vec3::new(-0.2, 0.5, -1.1),
            max: Vec3::new(0.3, 1.3, -0.9),
        };
        let foot = Vec3::new(0.0, 0.5, -1.0);
        for light in [
            Vec3::new(0.45, 1.0, 0.4),
            Vec3::new(-1.0, 0.4, 0.1),
            Vec3::Y,
        ] {
            let light = light.normalize();
            let pad = pad_triangles(&content, foot, Vec3::Y, light);
            let around: Bounds = pad.iter().map(|corner| corner.truncate()).collect();
            for index in 0..8 {
                let pick = |bit: usize, axis: usize| {
                    if index >> bit & 1 == 0 {
                        content.min[axis]
                    } else {
                        content.max[axis]
                    }
                };
                let corner = Vec3::new(pick(0, 0), pick(1, 1), pick(2, 2));
                let shadow = corner - light * ((corner.y - foot.y) / light.y);
                assert!(
                    shadow.x > around.min.x && shadow.x < around.max.x,
                    "{light}"
                );
                assert!(
                    shadow.z > around.min.z && shadow.z < around.max.z,
                    "{light}"
                );
            }
            assert!(pad.iter().all(|corner| (corner.y - 0.5).abs() < 1e-5));
        }
    }
}
